"""Faults alone, in pairs and in threes break nothing; what would break something is found, shrunk and saved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from supervisor.core.words import ALL, Permit
from supervisor.journal.store import Journal
from supervisor.monitor.gate import Gate
from supervisor.testing import sweeps
from supervisor.testing.clocks import Frozen
from supervisor.testing.recording import recorded
from supervisor.testing.runner import run
from supervisor.testing.scenario import Scenario, load, read
from supervisor.testing.soak import soak
from supervisor.testing.sweeps import FAULTS, OF_BROKER, sample, sequences, shrunk, sweep
from supervisor.testing.text import parse
from supervisor.testing.times import zone_of
from supervisor.testing.world import World
from supervisor.testing.writing import dump

SEED = 20261123


def told(found: list[sweeps.Found]) -> str:
    return "\n".join(f"{one.shortest}\n{one.outcome.text()}" for one in found)


def test_every_fault_alone_is_over_when_it_is_over() -> None:
    count, found = sweep(sequences(1, tuple(FAULTS)))
    assert (count, told(found)) == (len(FAULTS), "")


def test_a_sample_of_pairs_breaks_nothing() -> None:
    count, found = sweep(sample(2, 20, SEED))
    assert (count, told(found)) == (20, "")


def test_a_sample_of_triples_breaks_nothing() -> None:
    heard: list[float] = []
    count, found = sweep(sample(3, 12, SEED), progress=heard.append)
    assert heard == list(range(1, 13))
    assert (count, told(found)) == (12, "")


def test_there_are_as_many_sequences_as_promised() -> None:
    assert len(OF_BROKER) >= 12
    assert [sum(1 for _ in sequences(depth)) for depth in (1, 2, 3)] == [12, 132, 1320]


def test_the_same_seed_gives_the_same_sample() -> None:
    assert sample(3, 5, 1) == sample(3, 5, 1) != sample(3, 5, 2)


def test_a_sequence_that_breaks_something_is_shrunk_to_what_does_it() -> None:
    guilty = {"token", "disk"}
    shortest = shrunk(("hold", "token", "page", "disk"), lambda rest: not guilty <= set(rest))
    assert set(shortest) == guilty


NEVER = 1e10


def _gate_that_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "permits_now", lambda _: ALL)


def _gate_without_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Gate.permits_now
    monkeypatch.setattr(Gate, "permits_now", lambda gate: honest(gate) & ~Permit.CANCEL)


def _gate_that_never_ages(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Gate.of

    def of(verdict: Any, **how: Any) -> Gate:
        return usual(verdict, **{**how, "until": NEVER, "until_wall": NEVER})

    monkeypatch.setattr(Gate, "of", of)


@pytest.mark.parametrize(
    ("seeded", "fault", "rule"),
    [
        (_gate_that_forgets, "refusal", "opening needs every concern to permit it"),
        (_gate_without_cancel, "no_money", "cancelling is permitted"),
    ],
)
def test_a_seeded_fault_of_ours_is_found_and_saved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seeded: Callable[[Any], None], fault: str, rule: str
) -> None:
    seeded(monkeypatch)
    _, found = sweep([(fault, "slow")], save=tmp_path)
    assert [one.outcome.failures[0].expected for one in found] == [f"always: {rule}"]
    (saved,) = tmp_path.iterdir()
    assert not run(load(saved)).passed
    monkeypatch.undo()
    assert run(load(saved)).passed


def test_a_gate_that_never_ages_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = [{"at": "+1s", "monitor": "hangs"}, {"at": "+5m", "callback": "works", "expect": {}}]
    scenario = read({"scenario": "the monitor hangs", "timeline": timeline})
    assert run(scenario).passed
    _gate_that_never_ages(monkeypatch)
    (failure,) = run(scenario).failures
    assert failure.expected == "always: opening rests on a fresh answer"


def test_half_a_day_of_trading_failing_and_restarting_holds() -> None:
    heard: list[float] = []
    report = soak(days=0.5, seed=SEED, start="2026-11-23T13:00:00+00:00", progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] >= 0.5
    assert report.passed, report.text()
    assert report.orders > 5
    assert sum(report.events.values()) > 5


def _kept(scenario: Scenario, folder: Path) -> Path:
    """The journal of a run of it."""
    with Frozen(scenario.start) as frozen:
        world = World(frozen, folder, settings=scenario.settings)
        world.start()
        for step in scenario.steps:
            world.run_to(step.at)
            for doing in step.doing:
                doing.do(world)
        world.close()
        return world.home.journal


def test_what_was_recorded_goes_by_the_settings_on_record(tmp_path: Path) -> None:
    quick = {"interval": 4, "quick": 1, "stale": 12, "dwell": 4}
    timeline = [{"at": "+30s", "fault": "hang for 20s"}, {"at": "+2m", "expect": {}}]
    original = read({"scenario": "a minute", "start": "2026-11-23 09:00", "settings": quick, "timeline": timeline})
    with Journal.open(_kept(original, tmp_path), read_only=True) as journal:
        said = recorded(journal, title="as recorded", zone=zone_of("America/New_York"))
    assert {name: said["settings"][name] for name in quick} == quick
    assert said["timeline"][0]["account"]["stock_power"] == "200000"
    assert "account" not in said["timeline"][1]
    outcome = run(read(parse(dump(said), "recorded")))
    assert outcome.passed, outcome.text()


def test_a_recorded_journal_is_a_scenario_that_moves_the_same_way(tmp_path: Path) -> None:
    timeline = [
        {"at": "+30s", "fault": "hang for 5m"},
        {"at": "+10m", "account": {"status": "suspended"}},
        {"at": "+3m", "hold": "reduce, ann, looking"},
        {"at": "+3m", "account": {"status": "active"}, "release": "ann, looked"},
        {"at": "+2m", "fault": "token_invalid for 2m"},
        {"at": "+15m", "restart": "2m"},
        {"at": "+5m", "expect": {}},
    ]
    original = read({"scenario": "a morning", "start": "2026-11-23 09:00", "timeline": timeline})
    with Journal.open(_kept(original, tmp_path), read_only=True) as journal:
        said = recorded(journal, title="as recorded", zone=zone_of("America/New_York"))
    outcome = run(read(parse(dump(said), "recorded")))
    assert outcome.passed, outcome.text()
    lines = [event for step in said["timeline"] for event in step.get("expect", {}).get("events", ())]
    assert lines == [
        "detected connection_failed", "resolved connection_failed", "detected account_restricted", "detected operator_hold",
        "resolved operator_hold", "resolved account_restricted", "detected credentials_rejected", "resolved credentials_rejected",
    ]  # fmt: skip
