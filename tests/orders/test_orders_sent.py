"""Sent once, and known: what an agent hears of an order, whatever becomes of it."""

from decimal import Decimal

import pytest
from supervisor.errors import SupervisorError
from supervisor.orders import Canceled, Intention, OrderSettings, Outcome, Result

from orders.orders_room import CALL, KilledError, Room, buy, resting, room

SELL = buy(side="sell", price="200")


def codes(here: Room) -> list[str]:
    return sorted(here.record.codes())


def test_the_intent_is_on_record_with_its_tag_before_anything_leaves() -> None:
    with room() as here:
        here.record.die_at = 1
        with pytest.raises(KilledError):
            here.desk.submit(buy(tag="mine: 1"))
        (intention,) = here.record.entries
        assert isinstance(intention, Intention)
        assert intention.tag.endswith("-mine--1")
        assert intention.agents["tag"] == "mine: 1"
        assert here.posts() == []


def test_the_brokers_words_come_back_verbatim_when_it_refuses() -> None:
    with room() as here:
        here.simulator.inject("backoffice", "order", count=1, code="UnexpectedBuyOrder")
        result = here.desk.submit(buy())
        assert (result.outcome, result.by, result.cause) == (Outcome.REFUSED, "broker", "position")
        assert result.errors == ("Backoffice rejected override of the order. UnexpectedBuyOrder",)
        assert codes(here) == ["order_failure_position"]
        assert here.desk.counts == (0, 1)


def test_a_rejection_that_comes_later_is_found_and_changes_the_last_word() -> None:
    with room() as here:
        heard: list[Result] = []
        here.simulator.inject("rejected_later", "order", count=1, by=100.0)
        here.desk.submit_async(resting(), heard.append)
        assert heard[-1].outcome is Outcome.LANDED
        assert here.desk.counts == (1, 0)
        here.wait(130.0, 5.0)
        assert (heard[-1].outcome, heard[-1].cause, heard[-1].by) == (Outcome.REFUSED, "funds", "broker")
        assert here.desk.counts == (0, 1)
        assert codes(here) == ["order_failure_funds"]


def test_a_failure_ends_with_its_cause() -> None:
    with room() as here:
        here.simulator.inject("backoffice", "order", count=1, code="InitialMargin")
        here.desk.submit(buy())
        assert codes(here) == ["order_failure_funds"]
        here.desk.submit(buy(symbol="MSFT"))
        assert codes(here) == []


def test_a_failure_ends_when_the_concern_it_moves_recovers() -> None:
    with room() as here:
        here.simulator.inject("backoffice", "order", count=1, code="InitialMargin")
        here.desk.submit(buy())
        here.desk.recovered("approval")
        assert codes(here) == ["order_failure_funds"]
        here.desk.recovered("buying_power")
        assert codes(here) == []


def test_a_lost_reply_closes_the_symbol_and_only_it_until_it_is_settled() -> None:
    with room() as here:
        here.hold(AAPL=50)
        here.simulator.inject("lost_hang", "order", count=1)
        here.simulator.inject("late_listing", "orders,order_status", seconds=60.0, by=2.0)
        result = here.desk.submit(resting())
        assert result.outcome is Outcome.UNKNOWN
        assert codes(here) == ["order_ambiguous"]
        assert here.desk.submit(buy(price="150")).cause in ("gate", "duplicate")
        assert (
            here.desk.submit({"symbol": CALL, "side": "buy_to_open", "quantity": 1, "price": 2}).outcome
            is Outcome.REFUSED
        )
        assert here.desk.submit(buy(symbol="MSFT")).outcome is Outcome.LANDED
        assert here.desk.submit(SELL).outcome is Outcome.LANDED
        here.wait(3.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.LANDED
        assert codes(here) == []


def test_closing_may_use_what_is_held_less_what_is_in_doubt() -> None:
    with room() as here:
        here.hold(AAPL=10)
        here.simulator.inject("order_500", "order", count=1)
        here.desk.submit(buy(side="sell", quantity=6, price="200"))
        assert here.desk.submit(buy(side="sell", quantity=5, price="200")).cause == "position"
        assert here.desk.submit(buy(side="sell", quantity=4, price="200")).outcome is Outcome.LANDED


def test_the_cost_of_an_order_in_doubt_counts_against_buying_power() -> None:
    with room(cash=Decimal(3_000), kind="cash") as here:
        here.simulator.inject("order_500", "order", count=1)
        here.desk.submit(buy(price="205"))
        refused = here.desk.submit(buy(symbol="F", quantity=100, price="12"))
        assert refused.cause == "funds"
        assert "2050.00 of it held for orders in doubt" in refused.errors[0]
        assert here.desk.submit(buy(symbol="F", quantity=50, price="12")).outcome is Outcome.LANDED


def test_two_orders_in_doubt_within_ten_minutes_halt_openings() -> None:
    with room(settings=OrderSettings(calm=90.0)) as here:
        here.hold(AAPL=50)
        for symbol in ("AMD", "MSFT"):
            here.simulator.inject("order_500", "order", count=1)
            here.desk.submit(buy(symbol=symbol))
        assert codes(here) == ["order_ambiguous", "order_ambiguous", "orders_tripped"]
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.REFUSED
        assert here.desk.submit(SELL).outcome is Outcome.LANDED
        here.wait(70.0, 5.0)
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.REFUSED
        here.wait(150.0, 5.0)
        assert codes(here) == ["orders_tripped"]
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.LANDED
        assert codes(here) == []


def test_the_same_order_again_is_refused_for_a_minute_unless_it_has_an_intent_of_its_own() -> None:
    with room() as here:
        here.desk.submit(resting())
        assert here.desk.submit(resting()).cause == "duplicate"
        assert here.desk.submit(resting(intent_id="second")).outcome is Outcome.LANDED
        assert here.desk.submit(resting(intent_id="second")).cause == "duplicate"
        here.wait(61.0, 10.0)
        assert here.desk.submit(resting()).outcome is Outcome.LANDED
        assert here.desk.submit(resting(intent_id="second")).cause == "duplicate"


def test_an_order_refused_or_absent_may_be_sent_again_at_once() -> None:
    with room() as here:
        here.simulator.inject("backoffice", "order", count=1)
        here.desk.submit(buy(intent_id="a"))
        assert here.desk.submit(buy(intent_id="a")).outcome is Outcome.LANDED
        here.simulator.inject("order_500", "order", count=1)
        first = here.until_settled(here.desk.submit(buy(symbol="F", price="12")))
        assert first.outcome is Outcome.ABSENT
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.LANDED


def test_absence_needs_two_proofs_on_the_requests_own_eastern_day() -> None:
    with room("2026-11-24 04:30:00") as here:
        here.simulator.inject("order_500", "order", count=1)
        result = here.desk.submit(resting())
        here.wait(36.0, 1.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.UNKNOWN
        here.wait(60.0, 1.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.ABSENT


def test_over_midnight_the_day_list_proves_no_absence_and_a_person_settles_it() -> None:
    with room("2026-11-24 04:59:30") as here:
        here.simulator.inject("order_500", "order", count=1)
        result = here.desk.submit(resting())
        here.wait(900.0, 10.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.UNKNOWN
        assert codes(here) == ["order_ambiguous"]
        with pytest.raises(SupervisorError, match="who says so, and why"):
            here.desk.settle(str(result.tag), "absent", who="", why="")
        with pytest.raises(SupervisorError, match="landed or absent"):
            here.desk.settle(str(result.tag), "maybe", who="ann", why="looked")
        settled = here.desk.settle(str(result.tag), "absent", who="ann", why="the broker says so")
        assert settled.outcome is Outcome.ABSENT
        assert codes(here) == []
        with pytest.raises(SupervisorError, match="not in doubt"):
            here.desk.settle(str(result.tag), "landed", who="ann", why="changed my mind")


def test_a_person_may_settle_it_as_landed_with_its_id_and_it_is_followed() -> None:
    with room("2026-11-24 04:59:30") as here:
        here.simulator.inject("lost_502", "order", count=1)
        result = here.desk.submit(resting())
        here.simulator.inject("http_500_backend", "orders", seconds=50.0)
        here.wait(50.0, 10.0)
        booked = str(here.simulator.bookings[0].order_id)
        word = here.desk.settle(str(result.tag), "landed", who="ann", why="seen on the site", order_id=booked)
        assert word.outcome is Outcome.LANDED
        here.desk.tick()
        assert here.desk.cancel(booked).outcome is Canceled.CANCELED


def test_an_order_listed_late_is_not_called_absent() -> None:
    with room() as here:
        here.simulator.inject("lost_502", "order", count=1)
        here.simulator.inject("late_listing", "orders,order_status", seconds=300.0, by=40.0)
        result = here.desk.submit(resting())
        here.wait(100.0, 1.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.LANDED


def test_a_list_that_cannot_be_read_proves_nothing() -> None:
    with room() as here:
        here.simulator.inject("order_500", "order", count=1)
        result = here.desk.submit(resting())
        here.simulator.inject("empty", "orders", seconds=3000.0)
        here.wait(1000.0, 10.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.UNKNOWN
