"""Is what is published whole, restrictive at once, permissive only on record, and believed only while it is fresh?"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from supervisor.core.book import Book
from supervisor.core.slot import Sweep
from supervisor.core.verdict import fold
from supervisor.core.words import ALL, CANCELLING, CLOSING, OPENING, Mode, Permit, Status
from supervisor.monitor.gate import Gate
from supervisor.monitor.memory import NoMemory
from supervisor.monitor.recorder import Recorder
from supervisor.monitor.supervisor import Supervisor
from supervisor.simulator import become, preset

from monitor.test_monitor_days import MONDAY, run
from monitor.watching import EXACT, Watched


class Looking(NoMemory):
    """Keeps nothing, but looks at what is published while it would be writing."""

    def __init__(self, writes: bool = True) -> None:
        self.writes = writes
        self.look: Callable[[], None] = lambda: None

    def recorder(self, book: Book) -> Recorder:
        return _Looking(book, self)


class _Looking(Recorder):
    def __init__(self, book: Book, memory: Looking) -> None:
        super().__init__(book, None)
        self._memory = memory

    def write(self, sweep: Sweep, kind: str, body: Mapping[str, Any], at: float) -> bool:
        self._memory.look()
        self.why = None if self._memory.writes else "the disk is full"
        return self._memory.writes


def whole(supervisor: Supervisor) -> None:
    """Gate, issues, score and concerns tell of the same instant."""
    health = supervisor.health()
    assert not health.gate.permits_now() & ~health.gate.verdict.permits
    assert health.issues == health.gate.verdict.issues
    assert (health.score, health.status) == (health.gate.verdict.score, health.gate.verdict.status)
    open_ids = {issue.issue_id for issue in health.issues}
    assert {view.issue_id for view in health.concerns.values() if view.issue_id} <= open_ids
    by_concern = {issue.concern for issue in health.issues}
    assert {name for name, view in health.concerns.items() if view.issue_id} == by_concern & set(health.concerns)
    for view in supervisor.explain().permits:
        assert not view.open or view.permit & health.gate.verdict.permits


def test_while_the_first_round_is_being_written_nothing_is_called_silent() -> None:
    memory = Looking()
    with freeze_time(MONDAY):
        supervisor = Supervisor(Watched(preset("healthy_margin")), settings=EXACT, memory=memory, inline=True)
        seen: list[tuple[bool, bool]] = []
        memory.look = lambda: seen.append((supervisor.stale, supervisor.can_trade()))
        supervisor.tick()
        assert seen == [(False, False)]
        assert supervisor.can_trade()


@pytest.mark.parametrize("name", ["refuse", "account_closed", "no_buying_power", "level_low", "healthy_margin"])
def test_what_is_published_while_writing_tells_of_one_instant(name: str) -> None:
    memory = Looking()
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = Supervisor(Watched(simulator), settings=EXACT, memory=memory, inline=True)
        supervisor.tick()
        memory.look = lambda: whole(supervisor)
        become(simulator, name)
        run(frozen, supervisor, 400)
        become(simulator, "healthy_margin")
        run(frozen, supervisor, 900)
        assert supervisor.can_trade()


def test_what_takes_away_is_published_before_it_is_written_and_what_gives_only_after() -> None:
    memory = Looking()
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = Supervisor(Watched(simulator), settings=EXACT, memory=memory, inline=True)
        supervisor.tick()
        during: list[Permit] = []
        memory.look = lambda: during.append(supervisor.gate.permits)
        become(simulator, "no_buying_power")
        frozen.tick(timedelta(seconds=60))
        supervisor.tick()
        become(simulator, "healthy_margin")
        frozen.tick(timedelta(seconds=60))
        supervisor.tick()
        assert during == [CLOSING, CLOSING]
        assert supervisor.gate.permits == ALL


def test_while_nothing_can_be_written_opening_is_closed_and_it_says_so() -> None:
    memory = Looking()
    with freeze_time(MONDAY) as frozen:
        supervisor = Supervisor(Watched(preset("healthy_margin")), settings=EXACT, memory=memory, inline=True)
        supervisor.tick()
        assert supervisor.can_trade()
        memory.writes = False
        frozen.tick(timedelta(seconds=60))
        supervisor.tick()
        assert not supervisor.can_trade()
        assert [issue.code for issue in supervisor.health().issues] == ["journal_unwritable"]
        assert "the disk is full" in supervisor.explain().text()
        assert supervisor.can_trade({"symbol": "AAPL", "side": "sell", "quantity": 1})


# ---------------------------------------------------------------- the record


def gate(permits: int = ALL, until: float = 4e9, until_wall: float = 4e9, *, allowed: int = ALL) -> Gate:
    verdict = fold(permits, (), (), (), never_read="")
    return Gate.of(verdict, permits=allowed, as_of=0.0, until=until, until_wall=until_wall)


@pytest.mark.parametrize("permits", range(32))
@pytest.mark.parametrize("allowed", [0, CANCELLING, CLOSING, OPENING, ALL])
def test_a_gate_gives_no_more_than_its_verdict_and_no_more_than_allowed(permits: int, allowed: int) -> None:
    made = gate(permits, allowed=allowed)
    assert made.permits == permits & allowed
    assert made.opens == bool(made.permits & OPENING)


@pytest.mark.parametrize("late", [(0.0, 4e9), (4e9, 0.0), (0.0, 0.0)])
def test_past_either_clock_opening_is_closed_and_closing_stays_as_it_was(late: tuple[float, float]) -> None:
    assert gate(ALL, *late).permits_now() == CLOSING
    assert gate(CANCELLING, *late).permits_now() == CANCELLING
    assert not gate(ALL, *late).as_dict()["fresh"]


# fmt: off
MODES = {
    Mode.OPEN:        ALL,
    Mode.RESTRICTED:  ALL & ~Permit.OPEN_OPTION,
    Mode.REDUCE_ONLY: CLOSING,
    Mode.HALTED:      ALL & ~Permit.CLOSE_OPTION,
}
# fmt: on


@pytest.mark.parametrize("mode", MODES)
def test_the_mode_says_it_in_one_word(mode: Mode) -> None:
    assert gate(MODES[mode]).mode is mode
    assert gate(MODES[mode]).as_dict()["mode"] == mode.value


def test_before_the_first_round_nothing_may_open_and_nothing_is_wrong() -> None:
    with freeze_time(MONDAY):
        supervisor = Supervisor(Watched(preset("healthy_margin")), settings=EXACT, inline=True)
        health = supervisor.health()
    assert not supervisor.can_trade()
    assert (health.score, health.status, health.issues, health.state) == (0.0, Status.UNHEALTHY, (), None)


def test_after_stop_nothing_may_open() -> None:
    with freeze_time(MONDAY):
        supervisor = Supervisor(Watched(preset("healthy_margin")), settings=EXACT, inline=True)
        supervisor.tick()
        supervisor.stop()
        assert not supervisor.can_trade()
        assert not supervisor.can_trade({"symbol": "AAPL", "side": "buy", "quantity": 1})
        assert supervisor.can_trade({"symbol": "AAPL", "side": "sell", "quantity": 1})
        supervisor.stop()
