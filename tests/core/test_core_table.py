"""A table names its own faults when built."""

import pytest
from supervisor.core.guards import held, in_a_row, silent
from supervisor.core.table import Arrow, Family, State, Table, TableError
from supervisor.core.words import ALL, CLOSING, CRITICAL, ERROR, KEEP, OK, TIME, WARNING, Permit

MISSED = Family("missed", ("failed",), miss=True)
UP = State("up", OK, ALL, means="Up.")
SHAKY = State("shaky", OK, CLOSING, issue=KEEP, means="Shaky.")
DOWN = State("down", CRITICAL, CLOSING, issue="down", means="Down.")
BACK = Arrow("down", "answered", "up")


def fault_of(states: list[State], arrows: list[Arrow], *, life: bool = False) -> str:
    with pytest.raises(TableError) as caught:
        Table("t", states, arrows, families=(MISSED,), life=life)
    return str(caught.value)


def test_a_sound_table_is_built() -> None:
    table = Table("t", [UP, DOWN], [Arrow("up", "failed", "down"), BACK], families=(MISSED,))
    assert set(table.states) == {"up", "down"}


def test_an_unknown_target_is_named() -> None:
    assert "unknown state 'gone'" in fault_of([UP], [Arrow("up", "failed", "gone")])


def test_an_unknown_source_is_named() -> None:
    assert "leaves the unknown state 'gone'" in fault_of([UP], [Arrow("gone", "failed", "up")])


def test_an_unreachable_state_is_named() -> None:
    assert "'down' can't be reached" in fault_of([UP, DOWN], [BACK])


def test_a_second_unguarded_arrow_for_one_pair_is_named() -> None:
    arrows = [Arrow("up", "failed", "down"), Arrow("up", "failed", "shaky"), BACK]
    assert "can never fire" in fault_of([UP, DOWN, SHAKY], [*arrows, Arrow("down", "x", "shaky")])


def test_a_problem_without_a_way_back_is_named_unless_it_is_final() -> None:
    assert "no way back" in fault_of([UP, DOWN], [Arrow("up", "failed", "down")])
    final = State("down", CRITICAL, CLOSING, issue="down", means="Down.", final=True)
    Table("t", [UP, final], [Arrow("up", "failed", "down")], families=(MISSED,))


def test_a_guard_without_words_is_named() -> None:
    class Mute:
        words = ""

    assert "has no words" in fault_of([UP, DOWN], [Arrow("up", "failed", "down", only_if=Mute()), BACK])  # type: ignore[arg-type]  # a guard of someone's making


def test_a_state_without_a_sentence_is_named() -> None:
    assert "no sentence" in fault_of([State("up", OK, ALL)], [])


def test_a_state_that_blocks_cancelling_is_named() -> None:
    mute = State("up", OK, Permit.CLOSE_EQUITY, means="Up.")
    assert "blocks cancelling" in fault_of([mute], [])


def test_a_severe_state_without_an_issue_is_named() -> None:
    assert "bears no issue" in fault_of([State("up", ERROR, ALL, means="Up.")], [])


def test_a_miss_that_adds_a_permit_is_refused() -> None:
    assert "adds a permit" in fault_of([SHAKY, UP], [Arrow("shaky", "failed", "up")])


def test_time_that_adds_a_permit_is_refused() -> None:
    assert "time adds a permit" in fault_of([SHAKY, UP], [Arrow("shaky", TIME, "up", only_if=held(10))])


def test_a_miss_that_resolves_an_issue_is_refused() -> None:
    quiet = State("quiet", OK, CLOSING, means="Quiet.")
    arrows = [Arrow("up", "heard_bad", "down"), Arrow("down", "failed", "quiet"), Arrow("quiet", "x", "up")]
    assert "resolves an issue" in fault_of([UP, DOWN, quiet], arrows)


def test_a_miss_that_resolves_what_was_kept_two_states_ago_is_refused() -> None:
    quiet = State("quiet", OK, CLOSING, means="Quiet.")
    arrows = [
        Arrow("up", "heard_bad", "down"),
        Arrow("down", "failed", "shaky"),
        Arrow("shaky", "failed", "quiet"),
        Arrow("quiet", "x", "up"),
    ]
    assert "resolves an issue from 'shaky'" in fault_of([UP, DOWN, SHAKY, quiet], arrows)


def test_a_miss_that_lowers_an_issue_is_refused() -> None:
    mild = State("mild", WARNING, CLOSING, issue="mild", means="Mild.")
    arrows = [Arrow("up", "heard_bad", "down"), Arrow("down", "failed", "mild"), Arrow("mild", "x", "up")]
    assert "lowers an issue" in fault_of([UP, DOWN, mild], arrows)


def test_a_life_may_let_an_issue_expire() -> None:
    open_ = State("open", WARNING, ALL, issue="failure", means="Open.")
    Table("t", [UP, open_], [Arrow("up", "x", "open"), Arrow("open", TIME, "up", only_if=held(5))], life=True)


def test_an_arrow_for_time_needs_exactly_one_time() -> None:
    arrows = [Arrow("up", TIME, "shaky", only_if=(held(1), silent(2))), Arrow("shaky", "x", "up")]
    assert "needs one guard" in fault_of([UP, SHAKY], arrows)
    arrows = [Arrow("up", TIME, "shaky", only_if=in_a_row(2)), Arrow("shaky", "x", "up")]
    assert "needs one guard" in fault_of([UP, SHAKY], arrows)


def test_all_faults_are_named_at_once() -> None:
    told = fault_of([State("up", OK, ALL), State("up", ERROR, ALL)], [Arrow("up", "x", "gone")])
    assert told.count(";") >= 3


def test_an_arrow_from_any_state_gives_way_to_a_states_own() -> None:
    arrows = [Arrow("*", "bad", "down"), Arrow("shaky", "bad", "shaky"), Arrow("up", "x", "shaky"), BACK]
    table = Table("t", [UP, SHAKY, DOWN], arrows)
    assert {(e.source, e.to) for e in table.edges if e.on == "bad"} == {("up", "down"), ("shaky", "shaky")}
