"""What can never happen? The proof over the real tables, and that it can fail."""

import random

import pytest
from supervisor.config import Settings
from supervisor.core.engine import begin, due, step
from supervisor.core.event import Bearing, derive
from supervisor.core.explore import Exploration, Proof, Property, explore
from supervisor.core.explore_fold import Joint, fold_all
from supervisor.core.explore_rules import ages, never_read, open_severity
from supervisor.core.explore_walk import walk
from supervisor.core.guards import held, in_a_row, silent
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, CLOSING, ERROR, KEEP, OK, OPENING, TIME, Permit
from supervisor.testing.proving import NEVER_AGES, proof_of, tables

TABLES = tables()


@pytest.fixture(scope="module")
def proof() -> Proof:
    return proof_of()


# ---------------------------------------------------------------- the real tables


def test_every_rule_holds_of_everything_that_is_watched(proof: Proof) -> None:
    assert [str(finding) for finding in proof.findings] == []


def test_everything_was_covered(proof: Proof) -> None:
    assert {one.table.name for one in proof.covered} == set(TABLES)
    for one in proof.covered:
        assert one.states == set(one.table.states)
        assert one.arrows_taken == set(one.table.edges)
        guards = {(edge, guard) for edge in one.table.edges for guard in edge.only_if}
        assert one.guard_outcomes == {(edge, guard, outcome) for edge, guard in guards for outcome in (True, False)}
    assert proof.folded.combinations > 1000
    assert proof.folded.pairs > 1000
    assert proof.masked > 500


def test_what_was_covered_can_be_told(proof: Proof) -> None:
    told = proof.as_dict()
    connection = next(one for one in proof.covered if one.table.name == "connection").as_dict()
    assert connection["states"] == [8, 8]
    assert told["masked"] == proof.masked
    assert len(str(told["tables"])) > 500


@pytest.mark.parametrize(
    "settings",
    [
        Settings(fall=2, rise=1, reopen_rounds=1, dwell=0.0, slow_rounds=1, slow_window=1),
        Settings(fall=4, rise=3, reopen_rounds=2, dwell=137.5, stale=75.25, slow_rounds=2, slow_window=2),
    ],
)
def test_all_of_it_holds_whatever_the_settings(settings: Settings) -> None:
    found = proof_of(settings)
    assert [str(finding) for finding in found.findings] == []
    assert found.ok
    # with such numbers some guard has no room not to hold: that is told, and is no fault
    assert all(finding.broken is Property.COVERS for finding in found.unreached)
    if settings.rise == 1:
        words = [str(finding) for finding in found.unreached]
        assert "connection: on 'answered' from 'down', '1 in a row' is never false" in words


def test_a_table_is_proved_by_itself_too() -> None:
    explored = explore(TABLES["credentials"])
    assert isinstance(explored, Exploration)
    assert explored.findings == ()
    assert explored.states == set(TABLES["credentials"].states)


# ---------------------------------------------------------------- nothing is missed


@pytest.mark.parametrize("name", ["connection", "approval", "account", "clock", "flapping", "breaker"])
def test_a_random_life_sees_nothing_that_the_walk_has_not_seen(name: str) -> None:
    table = TABLES[name]
    walked = walk(table)
    known = {
        (s.cursor.state, s.cursor.issue.code if s.cursor.issue else None, open_severity(s.cursor), s.cursor.run)
        for s in walked.situations
    }
    most = max(run for *_, run in known)
    taken = {(edge.source, edge.on, edge.to) for edge in walked.taken}
    chance = random.Random(7)
    bearing = Bearing(name, "", frozenset(), {"broker": "", "key": "key"})
    cursor, now = begin(table, 0.0, "key"), 0.0
    for entry in range(8000):
        now += chance.choice([0.0, 1.0, 15.0, 60.0, 120.0, 150.0, 600.0, chance.uniform(0, 400)])
        heard = chance.choice(table.signals)
        while (instant := due(table, cursor)) is not None and instant <= now:
            before = cursor.state
            assert step(table, cursor, TIME, instant)
            assert (before, TIME, cursor.state) in taken
            derive(table.states[cursor.state], cursor, bearing, entry=entry, now=now, evidence="", expired=False)
        before = cursor.state
        if step(table, cursor, heard, now):
            assert (before, heard, cursor.state) in taken
            derive(table.states[cursor.state], cursor, bearing, entry=entry, now=now, evidence="", expired=False)
        code = cursor.issue.code if cursor.issue else None
        assert (cursor.state, code, open_severity(cursor), min(cursor.run, most)) in known


def test_a_path_is_a_shortest_one_and_can_be_walked_again() -> None:
    table = TABLES["connection"]
    walked = walk(table)
    down = next(s for s in walked.situations if s.cursor.state == "down")
    assert down.path() == ("begins unknown", "failed", "failed", "failed")
    for situation in walked.situations[:400]:
        steps, here = [], situation
        while here.came is not None:
            steps.append(here.came)
            here = here.came.source
        cursor = begin(table, 0.0)
        for one in reversed(steps):
            if one.signal in table.signals or one.signal == TIME:
                step(table, cursor, one.signal, one.after.now)
            elif one.edge is None and one.after.family == "":
                cursor.family, cursor.run, cursor.trail = "", 0, ()
        assert cursor.state == situation.cursor.state


def test_time_is_asked_just_before_and_at_each_threshold() -> None:
    words = {step.words for step in walk(TABLES["credentials"]).steps}
    assert {"just under 120 s pass", "just under 150 s pass"} <= words


def test_an_endless_table_is_given_up_and_said() -> None:
    many = Table(
        "t",
        (State("a", OK, ALL, means="A."), State("b", OK, ALL, means="B.")),
        (Arrow("a", "x", "b", only_if=in_a_row(300_000)), Arrow("b", "x", "a")),
    )
    words = [finding.words for finding in explore(many, most=500).findings]
    assert "there are more than 500 situations, so not all were seen" in words


# ---------------------------------------------------------------- the fold


def test_everything_the_verdict_can_see_is_folded(proof: Proof) -> None:
    concerns = [(one.table, one.classes) for one in proof.covered if not one.table.life]
    folded = fold_all(concerns)
    assert folded.findings == ()
    assert 500 < folded.combinations < proof.folded.combinations
    backwards = fold_all(concerns[::-1])
    assert backwards.combinations == folded.combinations
    assert Joint().severities() == []
    both = Joint().with_(int(CLOSING), 1, unread=True, stale=False).with_(int(ALL), None, unread=False, stale=True)
    assert (both.permits, both.severities(), both.unread, both.stale) == (int(CLOSING), [ERROR], True, True)


def test_never_read_is_where_the_verdict_says_so() -> None:
    fresh = begin(TABLES["operator"], 0.0)
    assert not never_read(TABLES["operator"], fresh)
    assert never_read(TABLES["account"], begin(TABLES["account"], 0.0))
    assert TABLES["account"].states["unknown"].permits & OPENING == Permit(0)


def test_a_state_that_permits_and_never_ages_must_be_declared(proof: Proof) -> None:
    undeclared = {one.table.name for one in proof.covered if not one.table.life and list(ages(one.walk))}
    assert undeclared == {name for name, _ in NEVER_AGES}
    assert explore(TABLES["positions"], never_ages=frozenset({"idle"})).findings == ()


def test_held_and_silent_in_one_state_are_told_apart() -> None:
    table = Table(
        "t",
        (State("b", OK, CLOSING, issue=KEEP, means="B."), State("a", OK, ALL, means="A.")),
        (
            Arrow("a", TIME, "b", only_if=silent(150)),
            Arrow("a", "x", "a", only_if=held(60)),
            Arrow("b", "x", "a"),
        ),
    )
    words = {step.words for step in walk(table).steps}
    assert {"60 s pass", "just under 60 s pass", "just under 150 s pass", "90 s pass"} & words
    assert [f.words for f in explore(table).findings] == []
