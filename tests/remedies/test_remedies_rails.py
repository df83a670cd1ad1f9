"""How often may a concern be repaired, and what outlives a restart?"""

import itertools
import sqlite3
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from supervisor.concerns.repair import DAY, ENDED, lives, repair_table, repeated_table
from supervisor.config import Settings
from supervisor.remedies.form import Plan
from supervisor.remedies.ledger import Repair
from supervisor.remedies.rails import cools_until, refusal
from supervisor.simulator import become
from supervisor.testing.story import given as story

from remedies.test_remedies_healer import CODE, Cure, poor, rich
from remedies.ward import ward

NUMBERS = itertools.count()
SETTINGS = Settings()


def repair(
    began: float | None, ended: float | None = None, *, detected: float = 0.0, concern: str = "connection"
) -> Repair:
    return Repair(
        f"repair-{next(NUMBERS)}", "cure", concern, "x-1", "x", detected, began or 0.0, Plan("x"),
        state="undone" if ended else "applying", began=began, ended=ended,
    )  # fmt: skip


def why(past: list[Repair], now: float, *, detected: float = 0.0, storm: bool = False, root: bool = False) -> str:
    found = refusal(past, "connection", detected, now, SETTINGS, storm=storm, root=root)
    return "" if found is None else found.words


def test_one_at_a_time_whatever_the_concern() -> None:
    assert "under way" in why([repair(1.0, concern="account")], 2.0)
    assert why([repair(1.0, 2.0, concern="account")], 3.0) == ""


def test_the_cool_down_doubles_up_to_half_an_hour() -> None:
    past: list[Repair] = []
    now, waits = 0.0, []
    for _ in range(6):
        past.append(repair(now, now + 10))
        until = cools_until(past, "connection", 0.0, SETTINGS)
        waits.append(until - now - 10)
        now = until
    assert waits == [120, 240, 480, 960, 1800, 1800]


def test_it_begins_anew_after_time_spent_healthy_and_not_after_a_repair() -> None:
    past = [repair(0.0, 10.0), repair(200.0, 210.0)]
    assert cools_until(past, "connection", 0.0, SETTINGS) == 210 + 240
    assert cools_until(past, "connection", 210.0 + 599, SETTINGS) == 210 + 240
    assert cools_until(past, "connection", 210.0 + 600, SETTINGS) == float("-inf")


def test_three_in_fifteen_minutes_and_six_a_day() -> None:
    past = [repair(t, t + 1, detected=t) for t in (0.0, 100.0, 200.0)]
    assert "3 times within 900 s" in why(past, 880.0, detected=880.0)
    assert why(past, 901.0, detected=901.0) == ""
    past = [repair(t, t + 1, detected=t) for t in (float(i * 7200) for i in range(6))]
    assert "6 times within a day" in why(past, DAY - 1, detected=DAY - 1)
    assert why(past, DAY + 1, detected=DAY + 1) == ""


def test_in_a_storm_only_a_root_is_repaired() -> None:
    assert "not their root" in why([], 1.0, storm=True)
    assert why([], 1.0, storm=True, root=True) == ""


def test_what_never_began_costs_nothing() -> None:
    assert why([repair(None) for _ in range(9)], 1.0) in ("", "another repair is under way")
    dropped = [attrs.evolve(repair(None), state="dropped", ended=1.0) for _ in range(9)]
    assert why(dropped, 1.0) == ""


@given(st.lists(st.floats(0.1, 2000), min_size=1, max_size=40), st.lists(st.floats(1, 200), min_size=40, max_size=40))
def test_no_pattern_of_trouble_gets_more_repairs_than_the_limits(gaps: list[float], lengths: list[float]) -> None:
    past: list[Repair] = []
    now = 0.0
    for gap, length in zip(gaps, lengths, strict=False):
        now += gap
        if refusal(past, "connection", now, now, SETTINGS, storm=False, root=False) is None:
            past.append(repair(now, now + length, detected=now))
            now += length
    began = [r.began or 0.0 for r in past]
    for i, first in enumerate(began):
        assert sum(first <= t < first + 900 for t in began[i:]) <= 3
        assert sum(first <= t < first + DAY for t in began[i:]) <= 6
    assert all(later.began >= earlier.ended for earlier, later in itertools.pairwise(past))  # type: ignore[operator]  # both are there


SELDOM = Settings(live_jitter=False, interval=600.0, stale=1500.0)
"""Rounds far apart: a day is soon over."""


def test_a_concern_that_keeps_needing_repair_is_a_fault_of_its_own_though_each_one_worked(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure], settings=SELDOM) as w:
        cure.steps["apply"] = rich(w)
        for turn in range(3):
            w.run(1)
            become(w.simulator, "no_buying_power")
            w.run(650)
            told = w.take()
            assert told[:3] == [f"detected {CODE}", f"fixed {CODE}", f"resolved {CODE} recovered"]
            assert ("detected repeated_healing" in told) == (turn == 2)
            w.run(700)
        assert w.codes() == ["repeated_healing"]
        assert w.supervisor.can_trade()
        w.run(DAY)
        assert "resolved repeated_healing expired" in w.take()


def test_budgets_outlive_restarts(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure], settings=SELDOM) as w:
        w.run(1)
        become(w.simulator, "no_buying_power")
        w.run(601)
        for _ in range(12):
            w.run(400)
            w.restart()
        w.run(12 * 3600)
        assert len([fix for fix in w.supervisor.fixes() if fix["began"]]) == 6
        assert cure.did.count("apply") == 6
        assert "repeated_healing" in w.codes()
        w.run(13 * 3600)
        assert cure.did.count("apply") > 6


def test_budgets_outlive_a_time_without_a_record(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure], settings=SELDOM) as w:
        w.run(1)
        become(w.simulator, "no_buying_power")
        w.run(601 + 200)
        blocker = sqlite3.connect(w.memory().home.journal, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        w.run(1300)
        blocker.execute("ROLLBACK")
        blocker.close()
        w.run(1300)
        before = [fix["id"] for fix in w.supervisor.fixes()]
        assert w.journal("ledger")
        w.restart()
        w.run(1)
        assert [fix["id"] for fix in w.supervisor.fixes()] == before


def test_while_much_is_bad_nothing_but_the_root_is_repaired() -> None:
    cure = Cure()
    with ward(remedies=[cure]) as w:
        w.run(1)
        become(w.simulator, "no_buying_power")
        w.simulator.inject("account_status", status="suspended")
        w.simulator.inject("level", level=0)
        w.supervisor.hold("reduce", why="storm", who="ann")
        w.run(400)
        assert len(w.codes()) == 4 > 0.4 * len(w.supervisor.book.slots)
        assert cure.did == []
        w.supervisor.release(why="over", who="ann")
        w.run(59)
        assert cure.did == []
        w.run(121)
        assert cure.did != []


def test_the_tables_are_sound_and_every_end_may_begin_anew() -> None:
    assert [life.name for life in lives()] == ["repair", "repeated", "foreseen"]
    table = repair_table()
    for state in ENDED:
        story(table, state).when("was_planned").then("planned", issue=None)
    story(repeated_table(), "seldom").when("repaired_again").then("seldom", issue=None)
    story(repeated_table(), "seldom").when("repaired_too_often", DAY - 1).then("repeated", issue="repeated_healing")
    story(repeated_table(), "seldom").when("repaired_too_often", DAY + 1).then("seldom", issue=None)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_share_that_is_a_storm_is_a_setting(share: float) -> None:
    cure = Cure()
    with ward(remedies=[cure], settings=Settings(live_jitter=False, repair_storm=share)) as w:
        poor(w)
        assert (cure.did == []) == (share == 0.0)
