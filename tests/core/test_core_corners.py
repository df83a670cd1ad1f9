"""Small truths of core that no longer story tells by the way."""

from decimal import Decimal
from typing import Any

import pytest
from supervisor.core.book import Book
from supervisor.core.concern import Concern
from supervisor.core.engine import awaits_a_count, begin, due, step
from supervisor.core.explore import explore
from supervisor.core.guards import held, in_a_row, silent
from supervisor.core.intent import Decision, Intent, decide, intent_of, legs_of
from supervisor.core.table import Arrow, State, Table
from supervisor.core.verdict import Reason, fold
from supervisor.core.words import ALL, CLOSING, CRITICAL, KEEP, OK, OPENING, TIME, Permit

from core.core_books import says, toy

OPTION = "SPY261218C00500000"


def reason(scope: str, permits: Permit = OPENING) -> Reason:
    return Reason(int(permits), "breaker", "tripped", 0.0, "why", "then", scope)


def checked(intent: Intent, *blocks: Reason) -> Decision:
    return decide(fold(int(ALL), (), blocks, (), never_read=""), intent, int(ALL))


@pytest.mark.parametrize(
    ("scope", "stock", "option"),
    [
        ("symbol:AAPL", False, True),
        ("symbol:SPY", True, False),
        ("options", True, False),
        ("equities", False, True),
        ("", False, False),
    ],
)
def test_a_block_stops_what_is_in_its_scope_and_nothing_else(scope: str, stock: bool, option: bool) -> None:
    blocks = (reason(scope),)
    equity = intent_of({"symbol": "AAPL", "side": "buy", "quantity": 1})
    call = intent_of({"symbol": OPTION, "side": "buy_to_open", "quantity": 1})
    assert bool(checked(equity, *blocks)) is stock
    assert bool(checked(call, *blocks)) is option


def test_a_decision_tells_itself_whole() -> None:
    decision = checked(intent_of({"symbol": "AAPL", "side": "buy", "quantity": 1}), reason("equities"))
    assert isinstance(decision, Decision)
    assert not decision
    told = decision.as_dict()
    assert (told["allowed"], told["opens"], told["needs"]) == (False, True, ["open_equity"])
    assert told["reasons"][0]["scope"] == "equities"


@pytest.mark.parametrize(
    ("said", "quantity"), [("lots", 0), (None, 0), ("NaN", 0), ("Infinity", 0), ("-3", 3), (2.5, "2.5")]
)
def test_a_quantity_that_is_no_number_is_none(said: Any, quantity: Any) -> None:
    (leg,) = legs_of({"symbol": "AAPL", "side": "buy", "quantity": said})
    assert leg.quantity == Decimal(quantity)


@pytest.mark.parametrize("name", ["legs", "leg", "orders"])
def test_one_leg_may_stand_alone_or_in_a_list(name: str) -> None:
    leg = {"symbol": OPTION, "side": "buy_to_open", "quantity": 2}
    assert legs_of({"class": "multileg", name: leg}) == legs_of({"class": "multileg", name: [leg]})


def test_a_table_tells_its_size() -> None:
    assert repr(toy("x").table) == "<Table x: 6 states, 17 arrows>"


def test_time_is_due_at_the_first_of_several_instants() -> None:
    table = Table(
        "t",
        (State("a", OK, ALL, means="A."), State("b", OK, CLOSING, means="B."), State("c", OK, CLOSING, means="C.")),
        (
            Arrow("a", TIME, "b", only_if=held(10)),
            Arrow("a", TIME, "c", only_if=silent(20)),
            Arrow("b", "x", "a"),
            Arrow("c", "x", "a"),
        ),
        life=True,
    )
    cursor = begin(table, 0.0, "k")
    assert due(table, cursor) == 10.0
    step(table, cursor, TIME, 10.0)
    assert due(table, cursor) is None


def test_what_is_due_at_once_moves_before_anything_is_heard() -> None:
    table = Table(
        "t",
        (State("a", OK, ALL, means="A."), State("b", OK, CLOSING, means="B."), State("c", OK, CLOSING, means="C.")),
        (Arrow("a", "x", "b"), Arrow("b", TIME, "c", only_if=held(0)), Arrow("c", "x", "a")),
        life=True,
    )
    explored = explore(table)
    assert ("b", "x") not in {(s.before.state, s.signal) for s in explored.walk.steps}
    assert ("b", TIME) in {(s.before.state, s.signal) for s in explored.walk.steps}


def test_only_a_run_of_the_counted_family_is_awaited() -> None:
    table = Table(
        "t",
        (State("a", OK, CLOSING, means="A."), State("b", OK, ALL, means="B."), State("c", OK, CLOSING, means="C.")),
        (Arrow("a", "good", "b", only_if=in_a_row(3)), Arrow("b", "bad", "a"), Arrow("b", "odd", "c"), Arrow("c", "good", "a", only_if=held(1))),
        life=True,
    )  # fmt: skip
    cursor = begin(table, 0.0, "k")
    assert not awaits_a_count(table, cursor)
    step(table, cursor, "bad", 1.0)
    assert not awaits_a_count(table, cursor)  # one of another family in a row
    step(table, cursor, "good", 2.0)
    assert awaits_a_count(table, cursor)
    cursor.state = "c"
    assert not awaits_a_count(table, cursor)  # nothing is counted there


def test_the_root_is_found_past_a_parent_that_sees() -> None:
    first, second = toy("first"), toy("second")
    child = toy("child", "first", "second")
    book = Book([first, second, child], now=0.0)
    for n, heard in enumerate(["answered", "failed", "failed", "failed"]):
        book.feed(says(first="answered", second=heard, child=heard), float(n))
    book.feed(says(first="answered", second="failed"), 9.0)
    assert book.cursor("second").state == "down"
    told = [r for r in book.fold().reasons if r.concern == "child"]
    assert told
    assert all("once second can be seen" in r.opens_when for r in told)


def test_a_concern_that_is_critical_keeps_closing_open() -> None:
    alone = toy("alone")
    assert isinstance(alone, Concern)
    assert alone.table.states["down"].severity is CRITICAL
    assert alone.table.states["down"].permits == CLOSING
    assert alone.table.states["unknown"].issue == KEEP
