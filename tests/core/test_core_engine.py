"""Given where a table stands and what was heard, what happens?"""

import pytest
from supervisor.core.cursor import Cursor
from supervisor.core.engine import awaits_a_count, begin, due, step
from supervisor.core.guards import held, in_a_row, lately, silent
from supervisor.core.paths import opens_when, way
from supervisor.core.table import Arrow, State, Table, TableError
from supervisor.core.words import ALL, CLOSING, KEEP, OK, OPENING, TIME, WARNING, Permit

from core.core_books import MISSED, toy

TABLE = toy("toy").table


def after(table: Table, *heard: tuple[str, float], state: str = "") -> Cursor:
    cursor = begin(table, 0.0)
    cursor.state = state or table.initial
    for signal, now in heard:
        step(table, cursor, signal, now)
    return cursor


def run(state: str, *signals: str) -> Cursor:
    return after(TABLE, *((signal, float(i)) for i, signal in enumerate(signals, 1)), state=state)


def test_a_run_counts_its_family_across_states() -> None:
    cursor = run("good", "failed", "garbled")
    assert (cursor.state, cursor.family, cursor.run) == ("unsteady", "missed", 2)


def test_a_run_counts_also_where_no_arrow_waits() -> None:
    assert run("unknown", "failed", "failed").run == 2
    assert run("unknown", "failed", "failed").state == "unknown"


def test_another_family_starts_the_run_anew() -> None:
    cursor = run("good", "failed", "failed", "answered", "failed")
    assert (cursor.state, cursor.run) == ("unsteady", 1)


def test_a_signal_without_a_family_is_a_family_of_its_own() -> None:
    cursor = run("good", "read_poor", "read_poor", "answered")
    assert (cursor.family, cursor.run) == ("answered", 1)


def test_a_neutral_signal_neither_counts_nor_resets_but_is_heard() -> None:
    cursor = run("good", "failed", "failed", "throttled")
    assert (cursor.family, cursor.run, cursor.heard) == ("missed", 2, 3.0)


def test_time_neither_counts_nor_resets_nor_is_heard() -> None:
    cursor = after(TABLE, ("answered", 1.0), (TIME, 151.0))
    assert (cursor.state, cursor.family, cursor.run, cursor.heard) == ("unknown", "answered", 1, 1.0)


def test_a_miss_is_no_good_reading() -> None:
    assert run("good", "answered", "failed", "garbled").heard == 1.0


def test_an_unknown_signal_moves_nothing() -> None:
    cursor = run("good", "never_declared")
    assert (cursor.state, cursor.since) == ("good", 0.0)


SLOW = Table(
    "slow",
    (State("fine", OK, ALL, means="Fine."), State("slow", WARNING, ALL, issue="slow", means="Slow.")),
    (
        Arrow("fine", "dragged", "slow", only_if=lately(2, 3, "dragged")),
        Arrow("slow", "hurried", "fine", only_if=lately(2, 2, "hurried")),
    ),
)


def test_the_trail_holds_as_many_signals_as_a_guard_needs() -> None:
    cursor = after(SLOW, *[("hurried", float(i)) for i in range(9)])
    assert SLOW.trail == 3
    assert cursor.trail == ("hurried",) * 3
    assert after(TABLE, ("answered", 1.0)).trail == ()


@pytest.mark.parametrize(
    ("heard", "state"),
    [
        ("d", "fine"),
        ("dd", "slow"),
        ("dhd", "slow"),
        ("dhhd", "fine"),
        ("ddhdh", "slow"),
        ("ddhh", "fine"),
    ],
)
def test_lately_looks_at_the_last_rounds_this_one_included(heard: str, state: str) -> None:
    words = {"d": "dragged", "h": "hurried"}
    assert after(SLOW, *[(words[letter], float(i)) for i, letter in enumerate(heard)]).state == state


def test_held_is_counted_from_entering_and_a_re_entry_starts_it_anew() -> None:
    table = Table(
        "t",
        (State("in", OK, ALL, means="In."), State("out", OK, ALL, means="Out.")),
        (Arrow("in", "again", "in"), Arrow("in", TIME, "out", only_if=held(10)), Arrow("out", "back", "in")),
    )
    cursor = begin(table, 0.0)
    assert due(table, cursor) == 10.0
    assert step(table, cursor, "again", 7.0)
    assert due(table, cursor) == 17.0
    assert not step(table, cursor, TIME, 16.999)
    assert step(table, cursor, TIME, 17.0)
    assert due(table, cursor) is None


def test_silent_is_counted_from_the_last_good_reading_and_never_before_entering() -> None:
    cursor = begin(TABLE, 5.0)
    cursor.state = "good"
    assert due(TABLE, cursor) == 155.0
    step(TABLE, cursor, "answered", 20.0)
    assert due(TABLE, cursor) == 170.0
    step(TABLE, cursor, "read_poor", 30.0)
    assert due(TABLE, cursor) == 180.0
    cursor.since = 500.0
    assert due(TABLE, cursor) == 500.0


def test_all_guards_of_an_arrow_must_hold() -> None:
    def recovering(*at: float) -> str:
        return after(TABLE, *[("answered", now) for now in at], state="recovering").state

    assert recovering(60.0) == "recovering"
    assert recovering(58.0, 59.0) == "recovering"
    assert recovering(59.0, 60.0) == "good"


def test_guarded_arrows_are_tried_in_order_and_the_unguarded_last() -> None:
    table = Table(
        "t",
        (State("a", OK, ALL, means="A."), State("b", OK, ALL, means="B."), State("c", OK, ALL, means="C.")),
        (
            Arrow("a", "x", "c", only_if=in_a_row(3)),
            Arrow("a", "x", "b", only_if=in_a_row(2)),
            Arrow("a", "x", "a"),
            Arrow(("b"), "y", "a"),
            Arrow(("c"), "y", "a"),
        ),
    )
    assert after(table, ("x", 1.0)).state == "a"
    assert after(table, ("x", 1.0)).since == 1.0
    assert after(table, ("x", 1.0), ("x", 2.0)).state == "b"
    cursor = begin(table, 0.0)
    cursor.family, cursor.run = "x", 2
    step(table, cursor, "x", 1.0)
    assert cursor.state == "c"


def test_a_count_is_awaited_while_one_more_like_the_last_could_move_it() -> None:
    assert not awaits_a_count(TABLE, run("good"))
    assert awaits_a_count(TABLE, run("good", "failed"))
    assert awaits_a_count(TABLE, run("recovering", "answered"))
    assert not awaits_a_count(TABLE, run("unknown", "failed"))
    masked = run("good", "failed")
    masked.masked = True
    assert not awaits_a_count(TABLE, masked)


def test_a_count_of_the_last_rounds_is_awaited_while_one_of_them_is_still_in_sight() -> None:
    def awaited(*signals: str) -> bool:
        return awaits_a_count(SLOW, after(SLOW, *[(s, float(i)) for i, s in enumerate(signals)]))

    assert awaited("dragged")
    assert awaited("dragged", "hurried")
    assert not awaited("dragged", "hurried", "hurried")
    assert not awaited("hurried")


def test_what_would_open_it_again_is_the_shortest_way_and_never_a_miss() -> None:
    opening = int(OPENING)
    assert opens_when(TABLE, "good", opening) == "now"
    assert opens_when(TABLE, "unknown", opening) == "when 'answered' is heard"
    said = opens_when(TABLE, "down", opening)
    assert said == "when 'answered' is heard, then 2 times in a row and for at least 60 s"
    missing = Table(
        "t",
        (
            State("in", OK, ALL, means="In."),
            State("gone", OK, CLOSING, issue=KEEP, means="Gone."),
            State("off", OK, CLOSING, means="Off."),
        ),
        (
            Arrow("in", MISSED, "gone"),
            Arrow("gone", TIME, "off", only_if=silent(5)),
            Arrow("off", "read_poor", "in"),
        ),
        families=(MISSED,),
    )
    assert (
        opens_when(missing, "gone", opening) == "when 5 s have passed without a good reading, then 'read poor' is heard"
    )


def test_what_is_awaited_is_said_in_the_tables_own_words_and_each_guard_in_plain_ones() -> None:
    def table(**words: str) -> Table:
        return Table(
            "t",
            (
                State("in", OK, ALL, means="In."),
                State("gone", OK, CLOSING, means="Gone."),
                State("off", OK, CLOSING, means="Off."),
                State("back", OK, CLOSING, means="Back."),
            ),
            (
                Arrow("in", "went", "gone"),
                Arrow("gone", TIME, "off", only_if=held(60)),
                Arrow("off", "came_in", "back", only_if=in_a_row(1)),
                Arrow("back", "read_well", "in", only_if=lately(3, 5, "read_well")),
            ),
            words=words,
            life=True,
        )

    own = table(came_in="it comes in", read_well="it reads well")
    assert opens_when(own, "gone", int(OPENING)) == (
        "when 60 s have passed, then it comes in once, then it reads well in 3 of the last 5 rounds"
    )
    with pytest.raises(TableError, match="there are words for the signal 'flew', and no arrow hears it"):
        table(flew="it flies")
    with pytest.raises(TableError, match="the words for the signal 'went' are empty"):
        table(went="")


def test_of_ways_as_short_the_one_with_the_fewest_conditions_is_told() -> None:
    table = Table(
        "t",
        (
            State("up", OK, ALL, means="Up."),
            State("slow", OK, ALL, means="Slow."),
            State("gone", OK, CLOSING, issue=KEEP, means="Gone."),
        ),
        (
            Arrow("gone", "dragged", "slow", only_if=lately(3, 5, "dragged")),
            Arrow("gone", "dragged", "up"),
            Arrow("gone", "answered", "up"),
            Arrow("slow", "answered", "up"),
            Arrow("up", MISSED, "gone"),
        ),
        families=(MISSED,),
    )
    assert opens_when(table, "gone", int(OPENING)) == "when 'dragged' is heard"


def test_a_guard_says_its_time_in_the_largest_whole_unit() -> None:
    words = [held(seconds).words for seconds in (0.5, 90, 120, 600, 1800, 3600, 5400, 86400)]
    assert words == [
        "held 0.5 s",
        "held 90 s",
        "held 120 s",
        "held 10 min",
        "held 30 min",
        "held 1 h",
        "held 90 min",
        "held 24 h",
    ]


def test_where_there_is_no_way_it_says_never_by_itself() -> None:
    table = Table(
        "t",
        (
            State("in", OK, ALL, means="In."),
            State("end", WARNING, CLOSING, issue="end", means="End.", final=True),
        ),
        (Arrow("in", "x", "end"),),
    )
    assert way(table, "end", int(OPENING)) is None
    assert opens_when(table, "end", int(Permit.OPEN_EQUITY)) == "never by itself"
    assert opens_when(table, "end", int(Permit.CLOSE_EQUITY)) == "now"


RESTLESS = (
    (Arrow("a", TIME, "a", only_if=silent(5)),),
    (Arrow("a", TIME, "b", only_if=silent(5)), Arrow("b", TIME, "a", only_if=silent(50))),
    (Arrow("a", TIME, "b", only_if=silent(5)), Arrow("b", TIME, "a", only_if=held(0))),
)


@pytest.mark.parametrize("arrows", RESTLESS)
def test_a_table_in_which_time_would_move_for_ever_at_one_instant_is_refused(arrows: tuple[Arrow, ...]) -> None:
    states = (State("a", OK, CLOSING, issue=KEEP, means="A."), State("b", OK, CLOSING, issue=KEEP, means="B."))
    with pytest.raises(TableError, match="time never comes to rest"):
        Table("t", states, (*arrows, Arrow("a", "x", "b"), Arrow("b", "x", "a")))


def test_a_table_in_which_time_goes_round_with_a_pause_is_built() -> None:
    arrows = (Arrow("a", TIME, "b", only_if=silent(5)), Arrow("b", TIME, "a", only_if=held(1)))
    states = (State("a", OK, CLOSING, issue=KEEP, means="A."), State("b", OK, CLOSING, issue=KEEP, means="B."))
    assert Table("t", states, arrows).waits["a"]


def test_a_table_without_states_is_refused_and_a_table_shows_its_size() -> None:
    with pytest.raises(TableError, match="no states"):
        Table("t", (), ())
    assert repr(SLOW) == "<Table slow: 2 states, 2 arrows>"
