"""The lives of orders, failures and trips, and the two concerns, by their tables."""

from decimal import Decimal

import pytest
from supervisor.concerns.order_facts import Flow, Holding, Holdings, OrderFlow
from supervisor.concerns.orders import orders
from supervisor.concerns.positions import positions
from supervisor.config import DEFAULTS
from supervisor.core.book import Book
from supervisor.core.concern import Concern
from supervisor.core.engine import begin, step
from supervisor.core.reading import Kind, Reading, Round
from supervisor.core.words import CLOSING, OPENING
from supervisor.orders import life, lives

from concerns.rounds import failed, reading


def book() -> Book:
    return Book((), lives(), now=0.0, broker="Tradier")


def walk(*signals: str) -> str:
    table = life.order_table()
    cursor = begin(table, 0.0)
    for signal in signals:
        step(table, cursor, signal, 0.0)
    return cursor.state


@pytest.mark.parametrize(
    ("signals", "state"),
    [
        ((life.DECLINED,), "refused"),
        ((life.PREVIEWED, life.DECLINED), "refused"),
        ((life.PREVIEWED, life.SENT, life.ACKNOWLEDGED, life.WORKS, life.PARTLY, life.FILLED), "filled"),
        ((life.SENT, life.REJECTED), "rejected"),
        ((life.SENT, life.ACKNOWLEDGED, life.REJECTED), "rejected"),
        ((life.SENT, life.LOST), "ambiguous"),
        ((life.SENT, life.LOST, life.FILLED), "filled"),
        ((life.SENT, life.LOST, life.ABSENT), "absent"),
        ((life.SENT, life.LOST, life.ABSENT, life.WORKS), "working"),
        ((life.SENT, life.LOST, life.LANDED, life.EXPIRED), "expired"),
        ((life.SENT, life.ACKNOWLEDGED, life.LOST), "ambiguous"),
        ((life.SENT, life.ACKNOWLEDGED, life.WORKS, life.LOST), "working"),
        ((life.SENT, life.FILLED, life.CANCELED), "filled"),
        ((life.SENT, life.WORKS, life.CANCELED, life.FILLED), "canceled"),
        ((life.PARTLY, life.WORKS), "partly_filled"),
    ],
)
def test_an_order_lives_like_this(signals: tuple[str, ...], state: str) -> None:
    assert walk(*signals) == state


def test_an_order_in_doubt_closes_opening_on_its_underlying_and_says_so() -> None:
    made = book()
    key = life.order_key("k1", ("AAPL",))
    made.tell("order", key, life.SENT, 1.0)
    made.tell("order", key, life.LOST, 2.0)
    verdict = made.fold()
    assert [(block.scope, block.permits) for block in verdict.blocks] == [("symbol:AAPL", OPENING)]
    assert [issue.code for issue in verdict.issues] == ["order_ambiguous"]
    assert verdict.permits & OPENING == OPENING
    made.tell("order", key, life.FILLED, 3.0)
    assert made.fold().blocks == ()


def test_an_order_in_doubt_on_several_underlyings_closes_all_opening() -> None:
    made = book()
    key = life.order_key("k1", ("AAPL", "MSFT"))
    made.tell("order", key, life.SENT, 1.0)
    made.tell("order", key, life.LOST, 2.0)
    assert not made.fold().permits & OPENING


def test_a_failure_is_a_warning_that_ends_with_its_cause_or_after_half_an_hour() -> None:
    made = book()
    made.tell("failure", "funds", life.FAILED, 0.0, "InitialMargin")
    (issue,) = made.issues()
    assert (issue.code, issue.severity.name, issue.error_message) == ("order_failure_funds", "WARNING", "InitialMargin")
    made.tell("failure", "funds", life.FAILED, 1000.0)
    made.tick(2799.0)
    assert made.issues() == [issue]
    made.tick(2800.0)
    assert made.issues() == []
    assert str(made.history[-1].outcome) == "expired"
    made.tell("failure", "price", life.FAILED, 3000.0)
    made.tell("failure", "price", life.CLEARED, 3001.0)
    assert str(made.history[-1].outcome) == "recovered"


@pytest.mark.parametrize(
    ("scope", "signal", "severity", "opens"),
    [
        ("", life.TRIPPED_ALL, "ERROR", False),
        ("symbol:AAPL", life.TRIPPED, "WARNING", True),
        ("options", life.TRIPPED, "WARNING", True),
    ],
)
def test_a_trip_closes_its_scope_rests_and_is_probed(scope: str, signal: str, severity: str, opens: bool) -> None:
    made = book()
    key = life.breaker_key("funds", scope)
    made.tell("breaker", key, signal, 0.0)
    (issue,) = made.issues()
    assert (issue.code, issue.severity.name) == ("orders_tripped", severity)
    assert bool(made.fold().permits & OPENING) is opens
    assert [block.scope for block in made.fold().blocks] == ([scope] if scope else [])
    made.tick(60.0)
    assert made.cursor("breaker", key).state == "probing"
    assert made.fold().permits & OPENING == OPENING
    assert made.fold().blocks == ()
    assert [open_.code for open_ in made.issues()] == ["orders_tripped"]
    made.tell("breaker", key, signal, 61.0)
    assert made.cursor("breaker", key).state.startswith("tripped")
    made.tick(121.0)
    made.tell("breaker", key, life.PASSED, 122.0)
    assert made.issues() == []


# ------------------------------------------------------------------------------------------------ concerns


def round_of(*readings: Reading) -> Round:
    return Round.of(*readings)


def missed(source: str, kind: Kind) -> Reading:
    return reading(source, failed(kind))


HELD = Holdings((Holding("AAPL", Decimal(1)),))


def alone(concern: Concern) -> Book:
    from attrs import evolve

    table = concern.table
    free = type(table)(
        table.name,
        table.states.values(),
        table.arrows,
        families=table.families,
        neutral=table.neutral,
        about=table.about,
    )
    return Book([evolve(concern, table=free)], now=0.0, broker="Tradier")


def states(made: Book, *rounds: Round) -> list[str]:
    found = []
    for number, one in enumerate(rounds):
        made.feed(one, float(number))
        found.append(next(iter(made.cursors())).state)
    return found


def flow(which: Flow) -> Round:
    return round_of(reading("orders", OrderFlow(which)))


def test_how_orders_fare_is_shown() -> None:
    made = alone(orders(DEFAULTS))
    shown = states(made, *(flow(which) for which in Flow), flow(Flow.FLOWING))
    assert shown == ["flowing", "rejecting", "tripped", "probing", "ambiguous", "flowing"]
    assert made.issues() == []


def test_orders_that_cannot_be_read_close_opening_at_once_and_are_an_issue_at_the_third_miss() -> None:
    made = alone(orders(DEFAULTS))
    miss = round_of(missed("orders", Kind.SERVER))
    assert states(made, flow(Flow.FLOWING), miss) == ["flowing", "unsteady"]
    assert made.fold().permits == CLOSING
    assert states(made, miss, miss) == ["unsteady", "unreadable"]
    assert [issue.code for issue in made.issues()] == ["orders_unreadable"]
    assert states(made, flow(Flow.FLOWING)) == ["flowing"]


def test_only_a_trip_closes_opening_among_the_flows() -> None:
    for which in Flow:
        made = alone(orders(DEFAULTS))
        states(made, flow(which))
        assert bool(made.fold().permits & OPENING) is (which is not Flow.TRIPPED)


def test_positions_are_unknown_until_read_and_again_when_not_read_for_long_while_something_is_held() -> None:
    made = alone(positions(DEFAULTS))
    assert made.fold().permits == CLOSING
    assert states(made, round_of(reading("positions", HELD))) == ["known"]
    made.tick(149.9)
    assert made.cursor("positions").state == "known"
    made.tick(150.0)
    assert made.cursor("positions").state == "unknown"
    assert states(made, round_of(reading("positions", Holdings(())))) == ["idle"]
    made.tick(100_000.0)
    assert made.cursor("positions").state == "idle"


def test_what_no_order_explains_closes_opening_until_a_reading_finds_it_acknowledged() -> None:
    made = alone(positions(DEFAULTS))
    strange = round_of(reading("positions", Holdings(HELD.positions, ("+1 AAPL",))))
    assert states(made, round_of(reading("positions", HELD)), strange) == ["known", "unexpected"]
    assert [(issue.code, issue.severity.name) for issue in made.issues()] == [("position_unexpected", "ERROR")]
    assert made.fold().permits == CLOSING
    assert states(made, round_of(missed("positions", Kind.SERVER)), strange) == ["unexpected", "unexpected"]
    assert states(made, round_of(reading("positions", HELD))) == ["known"]


def test_after_an_outage_opening_waits_for_one_good_reading_of_positions() -> None:
    made = alone(positions(DEFAULTS))
    out = round_of(missed("profile", Kind.UNREACHABLE), missed("balances", Kind.TIMEOUT))
    up = round_of(reading("profile", None), reading("balances", None))
    assert states(made, round_of(reading("positions", HELD)), out, up, up) == [
        "known",
        "unsteady",
        "unsteady",
        "unsteady",
    ]
    assert made.fold().permits == CLOSING
    assert states(made, round_of(reading("positions", HELD))) == ["known"]


def test_a_quota_fault_says_nothing_of_positions() -> None:
    made = alone(positions(DEFAULTS))
    assert states(made, round_of(reading("positions", HELD)), round_of(missed("profile", Kind.QUOTA))) == [
        "known",
        "known",
    ]
