"""The live screen: it fits the terminal, what is wrong comes before what is well, and it says what it means."""

import io
from collections.abc import Callable, Iterator

import pytest
from freezegun import freeze_time
from rich.console import Console
from supervisor.cli.view import Screen
from supervisor.monitor.status import Health
from supervisor.monitor.supervisor import Supervisor
from supervisor.simulator import preset

from monitor.test_monitor_days import MONDAY, run
from monitor.watching import watch

SIZES = [(80, 24), (100, 30), (140, 40)]
FAULTS = ("", "hang", "html", "margin_call")

Shown = Callable[[int, int], list[str]]


@pytest.fixture(scope="module", params=FAULTS, ids=[fault or "well" for fault in FAULTS])
def watched(request: pytest.FixtureRequest) -> Iterator[tuple[str, Screen, Health]]:
    """A supervisor some minutes into that fault, its screen, and how it is then."""
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor: Supervisor = watch(simulator)
        screen = Screen("supervisor")
        supervisor.subscribe(screen.note, name="watch")
        run(frozen, supervisor, 200)
        if request.param:
            simulator.inject(request.param, seconds=600)
            run(frozen, supervisor, 300)
        yield request.param, screen, supervisor.health()


def shown(screen: Screen, health: Health, width: int, height: int) -> list[str]:
    out = io.StringIO()
    terminal = Console(file=out, width=width, height=height, color_system=None, legacy_windows=False)
    terminal.print(screen.render(health, terminal))
    return out.getvalue().rstrip("\n").split("\n")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_it_fits_the_terminal_and_every_frame_is_closed(
    watched: tuple[str, Screen, Health], size: tuple[int, int]
) -> None:
    _, screen, health = watched
    lines = shown(screen, health, *size)
    assert len(lines) <= size[1]
    assert {len(line) for line in lines} == {size[0]}
    assert {line[0] + line[-1] for line in lines} == {"╭╮", "││", "╰╯"}
    said = "\n".join(lines)
    assert all(f"{name}" in said for name in ("open equity", "open option", "close equity", "close option", "cancel"))
    assert "events (UTC)" in said


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_open_issue_and_every_concern_is_named(
    watched: tuple[str, Screen, Health], size: tuple[int, int]
) -> None:
    fault, screen, health = watched
    said = "\n".join(shown(screen, health, *size))
    assert [issue.code for issue in health.issues if f"{issue.severity.name} {issue.code}: " not in said] == []
    assert [name for name in health.concerns if name.replace("_", " ") not in said] == []
    assert ("╭─ why " in said) == bool(fault)


def test_where_it_is_low_what_is_well_shares_a_line_and_what_is_wrong_keeps_its_own(
    watched: tuple[str, Screen, Health],
) -> None:
    fault, screen, health = watched
    low, high = ("\n".join(shown(screen, health, 80, height)) for height in (24, 60))
    assert "well: " not in high
    if fault == "hang":
        assert "│ well: endpoint, operator, journal " in low
        assert "│ masked: credentials, clock, account, approval, buying power " in low
        assert "│ connection" in low
        assert "credentials  " not in low


def test_what_opens_the_gate_again_is_told_in_full_where_there_is_room(watched: tuple[str, Screen, Health]) -> None:
    fault, screen, health = watched
    said = " ".join(" ".join(shown(screen, health, 140, 40)).replace("│", " ").split())
    if fault == "hang":
        assert "opens when the broker answers 2 times in a row, then 3 times in a row and for at least 120 s" in said


def test_a_screen_far_too_low_still_says_what_the_gate_is(watched: tuple[str, Screen, Health]) -> None:
    _, screen, health = watched
    lines = shown(screen, health, 60, 6)
    assert "gate" in lines[1]
    assert "open equity" in lines[2]
