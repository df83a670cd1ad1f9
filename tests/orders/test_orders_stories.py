"""What an agent lives through with its orders, on a broker in process and a frozen clock."""

from decimal import Decimal
from typing import Any

import pytest
from supervisor.core.reading import Reading
from supervisor.errors import SupervisorError
from supervisor.orders import Canceled, Intention, OrderSettings, Outcome, Result, Tell

from orders.orders_room import CALL, CLOSED, HIGHER, OPEN, Room, buy, resting, room

SELL = buy(side="sell", price="200")


def codes(here: Room) -> list[str]:
    return sorted(here.record.codes())


# ------------------------------------------------------------------------------------------------ sent once


def test_the_intent_is_on_record_with_its_tag_before_anything_leaves() -> None:
    with room() as here:
        here.record.die_at = 1
        with pytest.raises(BaseException, match="^$"):
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


# ------------------------------------------------------------------------------------------------ absence


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


# ------------------------------------------------------------------------------------------------ trips


def refuse(here: Room, code: str, times: int, **fields: Any) -> None:
    for number in range(times):
        here.simulator.inject("backoffice", "order", count=1, code=code)
        here.desk.submit(buy(intent_id=f"{code}{number}", **fields))


def test_three_refusals_for_one_cause_trip_its_scope_and_the_next_order_probes_it() -> None:
    with room() as here:
        here.hold(AAPL=50)
        refuse(here, "SecurityUndefined", 2)
        assert "orders_tripped" not in codes(here)
        refuse(here, "SecurityUndefined", 1)
        assert "orders_tripped" in codes(here)
        assert here.desk.submit(buy(intent_id="x")).outcome is Outcome.REFUSED
        assert here.desk.submit(buy(symbol="MSFT")).outcome is Outcome.LANDED
        assert here.desk.submit(SELL).outcome is Outcome.LANDED
        here.wait(60.0, 10.0)
        before = here.posts().count("preview")
        here.simulator.inject("unfilled", "order", count=1)
        assert here.desk.submit(buy(intent_id="y")).outcome is Outcome.LANDED
        assert here.posts().count("preview") == before + 1
        assert "orders_tripped" not in codes(here)


def test_a_trip_for_funds_closes_all_opening_and_a_refused_probe_trips_it_again() -> None:
    with room() as here:
        refuse(here, "InitialMargin", 3)
        assert here.desk.submit(buy(symbol="MSFT")).cause == "gate"
        here.wait(60.0, 10.0)
        here.simulator.inject("backoffice", "preview", count=1, code="InitialMargin")
        refused = here.desk.submit(buy(symbol="MSFT"))
        assert (refused.outcome, refused.by, refused.cause) == (Outcome.REFUSED, "broker", "funds")
        assert here.posts().count("order") == 3
        refuse(here, "InitialMargin", 1, symbol="MSFT")
        assert here.posts().count("order") == 4
        assert here.desk.submit(buy(symbol="F", price="12")).cause == "gate"
        here.wait(60.0, 10.0)
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.LANDED
        assert codes(here) == []


def test_a_probe_passes_alone() -> None:
    with room() as here:
        refuse(here, "InitialMargin", 3)
        here.wait(60.0, 10.0)
        here.simulator.inject("lost_hang", "order", count=1)
        here.simulator.inject("late_listing", "orders,order_status", seconds=60.0, by=4.0)
        assert here.desk.submit(resting(symbol="MSFT")).outcome is Outcome.UNKNOWN
        other = here.desk.submit(buy(symbol="F", price="12"))
        assert other.outcome is Outcome.REFUSED
        assert "is probing it" in other.errors[-1]
        here.wait(10.0)
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.LANDED


def test_refusals_far_apart_or_for_several_causes_trip_nothing() -> None:
    with room() as here:
        refuse(here, "InitialMargin", 2)
        refuse(here, "SecurityUndefined", 2)
        here.wait(601.0, 30.0)
        refuse(here, "InitialMargin", 2, symbol="MSFT")
        assert "orders_tripped" not in codes(here)


def test_a_preview_answered_with_an_order_id_is_taken_for_booked_and_nothing_opens() -> None:
    with room() as here:
        inner, booked = here.adapter.inner, []

        class Confused(type(inner)):  # type: ignore[misc]  # the wire of a broker that books what it should preview
            def send(self, request: Any, **options: Any) -> Any:
                if b"preview=true" in (request.body.encode() if isinstance(request.body, str) else request.body or b""):
                    booked.append(request)
                    request.body = request.body.replace("preview=true", "tag=k71")
                return super().send(request, **options)

        here.adapter.inner = Confused(here.simulator)
        result = here.desk.submit(buy(type="market", price=None))
        assert len(booked) == here.bookings() == 1
        assert (result.outcome, result.order_id) == (Outcome.LANDED, str(here.simulator.bookings[0].order_id))
        assert codes(here) == ["orders_tripped"]
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.REFUSED


# ------------------------------------------------------------------------------------------------ cancel, change, replace


def test_a_working_order_is_canceled_and_read_back() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        word = here.desk.cancel(str(result.tag))
        assert (word.outcome, word.tries, word.filled) == (Canceled.CANCELED, 1, 0)
        assert here.desk.status(str(result.tag)).status == "canceled"


def test_already_filled_is_a_fill_and_not_a_cancellation() -> None:
    with room() as here:
        result = here.desk.submit(buy())
        here.clock.tick(1.0)
        word = here.desk.cancel(str(result.order_id))
        assert (word.outcome, word.filled, word.tries) == (Canceled.FILLED, 10, 0)
        assert "cancel" not in here.posts()


def test_a_zombie_is_asked_three_times_each_after_reading_that_it_works() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        here.simulator.inject("zombie", seconds=60.0)
        handle = here.desk.cancel_async(str(result.order_id))
        here.wait(12.0, 0.5)
        assert handle.done
        assert (handle.result.outcome, handle.result.tries) == (Canceled.WORKING, 3)
        asked = [
            request.endpoint for request in here.simulator.requests if request.endpoint in ("cancel", "order_status")
        ]
        assert asked.count("cancel") == 3
        assert all(asked[i - 1] == "order_status" for i, name in enumerate(asked) if name == "cancel")


def test_a_cancel_whose_reply_is_lost_is_read_back() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        here.simulator.inject("reset_in_headers", "cancel", count=1)
        assert here.desk.cancel(str(result.order_id)).outcome is Canceled.CANCELED
        assert here.posts().count("cancel") == 1


def test_the_gate_never_blocks_a_cancel() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        for number in range(3):
            here.simulator.inject("backoffice", "order", count=1)
            here.desk.submit(buy(intent_id=str(number)))
        assert here.desk.cancel(str(result.order_id)).outcome is Canceled.CANCELED


def test_a_change_is_one_request_and_read_back() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        word = here.desk.modify(str(result.order_id), {"price": "101"})
        assert (word.outcome, word.warnings) == (Outcome.LANDED, ())
        assert here.posts().count("modify") == 1
        assert here.desk.working()[0]["order"]["price"] == "101.00"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quantity": 5}, "quantity can't be changed"),
        ({"type": "market", "price": None}, "a change never makes a market order"),
        ({"price": "1.234"}, "more than two decimals"),
        ({}, "nothing is to be changed"),
        ({"price": 100}, "it is so already"),
        ({"price": 99_999}, "buying power is"),
    ],
)
def test_what_may_not_be_changed_is_not(changes: dict[str, Any], words: str) -> None:
    with room() as here:
        result = here.desk.submit(resting())
        word = here.desk.modify(str(result.order_id), changes)
        assert word.outcome is Outcome.REFUSED
        assert words in " ".join(word.errors)
        assert "modify" not in here.posts()


def test_a_lost_change_is_settled_by_reading_back() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        here.simulator.inject("reset_in_headers", "modify", count=1)
        assert here.desk.modify(str(result.order_id), {"price": 101}).outcome is Outcome.LANDED
        here.simulator.inject("http_500_backend", "modify", count=1)
        word = here.desk.modify(str(result.order_id), {"price": 102})
        assert (word.outcome, word.final) == (Outcome.UNKNOWN, False)
        assert here.posts().count("modify") == 2


def test_a_replacement_sends_what_remains() -> None:
    with room() as here:
        here.hold(AAPL=50)
        here.simulator.inject("partial_fill", "order", count=1, quantity=4)
        old = here.desk.submit(buy(side="sell", quantity=10, price="200"))
        here.wait(5.0)
        word = here.desk.replace(str(old.order_id), buy(side="sell", quantity=10, price="201"))
        assert word.outcome is Outcome.LANDED
        assert [booking.form["quantity"] for booking in here.simulator.bookings] == ["10", "6"]


def test_an_order_that_filled_meanwhile_is_not_replaced() -> None:
    with room() as here:
        here.hold(AAPL=50)
        old = here.desk.submit(SELL)
        here.clock.tick(1.0)
        word = here.desk.replace(str(old.order_id), buy(side="sell", price="201"))
        assert (word.outcome, word.order_id, word.filled) == (Outcome.LANDED, old.order_id, 10)
        assert here.bookings() == 1


def test_an_order_that_will_not_go_is_not_replaced() -> None:
    with room() as here:
        old = here.desk.submit(resting())
        here.simulator.inject("zombie", seconds=60.0)
        handle = here.desk.replace_async(str(old.order_id), resting(price="101"))
        here.wait(20.0, 0.5)
        assert (handle.result.outcome, handle.result.by) == (Outcome.REFUSED, "us")
        assert here.bookings() == 1


# ------------------------------------------------------------------------------------------------ the record


def test_without_a_journal_nothing_opens_and_a_close_goes_by_the_side_file() -> None:
    with room() as here:
        here.hold(AAPL=50)
        here.record.writable = False
        refused = here.desk.submit(buy())
        assert (refused.outcome, refused.cause) == (Outcome.REFUSED, "journal")
        assert here.posts() == []
        assert here.desk.submit(SELL).outcome is Outcome.LANDED
        assert [spooled.kept for spooled in here.record.spooled] == ["spool"]


def test_without_any_record_a_close_is_sent_once_with_its_tag_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with room() as here:
        here.hold(AAPL=50)
        here.record.writable = here.record.spoolable = False
        result = here.desk.submit(SELL)
        assert (result.outcome, result.warnings) == (Outcome.LANDED, ("unjournalled",))
        assert str(result.tag) in capsys.readouterr().err
        assert here.simulator.bookings[0].tag == result.tag


@pytest.mark.parametrize("step", range(8))
def test_a_stop_at_any_step_leaves_an_order_that_the_next_process_settles(step: int) -> None:
    with room() as here:
        here.hold(AAPL=50)
        here.record.die_at = step
        with pytest.raises(BaseException, match="^$"):
            here.desk.submit(SELL | {"intent_id": "one"})
        here.restart()
        here.wait(150.0, 5.0)
        again = here.desk.submit(SELL | {"intent_id": "one"})
        assert here.bookings() == 1
        assert (again.outcome is Outcome.LANDED) is not bool(again.cause == "duplicate")


def test_working_orders_and_trips_outlive_a_restart_of_any_age() -> None:
    with room() as here:
        for number in range(3):
            here.simulator.inject("backoffice", "order", count=1)
            here.desk.submit(buy(intent_id=str(number)))
        here.wait(61.0, 20.0)
        here.simulator.inject("backoffice", "order", count=1)
        here.desk.submit(buy(symbol="F", price="12"))
        here.restart()
        assert here.desk.submit(buy(symbol="AMD", price="160")).outcome is Outcome.REFUSED
    with room() as here:
        result = here.desk.submit(resting(duration="gtc"))
        here.restart()
        here.clock.tick(3 * 86_400)
        here.restart()
        here.desk.tick()
        assert [order["order_id"] for order in here.desk.working()] == [result.order_id]
        assert here.desk.cancel(str(result.tag)).outcome is Canceled.CANCELED


def test_ids_are_never_used_twice_not_even_after_a_restart() -> None:
    with room() as here:
        tags = set()
        for number in range(6):
            tags.add(here.desk.submit(resting(intent_id=str(number), tag="a b")).tag)
            here.restart()
        assert len(tags) == 6


# ------------------------------------------------------------------------------------------------ what is held


def shown(here: Room, source: str) -> Any:
    reading: Reading = next(reading for reading in here.desk.readings() if reading.source == source)
    return reading.value


def test_our_own_fills_explain_positions_and_what_nothing_explains_is_said_until_acknowledged() -> None:
    with room() as here:
        here.hold(MSFT=5)
        here.desk.tick()
        here.desk.submit(buy())
        here.wait(10.0)
        assert here.held("AAPL") == 10
        assert shown(here, "positions").unexplained == ()
        here.hold(NVDA=7)
        here.wait(130.0, 2.0)
        assert shown(here, "positions").unexplained == ("+7 NVDA",)
        here.wait(130.0, 2.0)
        assert shown(here, "positions").unexplained == ("+7 NVDA",)
        here.desk.acknowledge_positions()
        here.wait(10.0, 2.0)
        assert shown(here, "positions").unexplained == ()


def test_an_order_placed_elsewhere_is_adopted_and_explains_its_fill() -> None:
    with room() as here:
        here.desk.tick()
        other = here.new_desk()
        other.restore([])
        placed = other.submit(resting(symbol="MSFT"))
        here.wait(70.0, 5.0)
        here.hold(F=1)
        here.desk.take(here.desk._follower.read("orders"))
        assert [order["order_id"] for order in here.desk.working()] == [placed.order_id]
        assert here.desk.working()[0]["opens"] is None
        here.simulator.quotes.set("MSFT", last="90")
        here.simulator.account.positions.pop("F")
        here.wait(130.0, 5.0)
        assert here.held("MSFT") == 10
        assert shown(here, "positions").unexplained == ()
        assert here.desk.working() == []


def test_positions_are_read_after_a_fill_and_every_minute_while_anything_is_held() -> None:
    with room() as here:
        here.desk.tick()
        here.wait(600.0, 10.0)
        reads = [request for request in here.simulator.requests if request.endpoint == "positions"]
        assert len(reads) == 1
        here.desk.submit(buy())
        here.wait(300.0, 5.0)
        reads = [request for request in here.simulator.requests if request.endpoint == "positions"]
        assert 7 <= len(reads) <= 10


def test_positions_survive_a_restart_so_that_a_change_meanwhile_is_noticed() -> None:
    with room() as here:
        here.hold(AAPL=5)
        here.desk.tick()
        here.wait(5.0)
        here.hold(AAPL=3)
        here.restart()
        here.wait(20.0)
        assert shown(here, "positions").unexplained == ("-2 AAPL",)


def test_a_bare_side_is_settled_by_a_fresh_reading() -> None:
    with room() as here:
        here.hold(**{CALL: 2})
        result = here.desk.submit({"symbol": CALL, "side": "sell", "quantity": 2, "price": "1.00"})
        assert result.outcome is Outcome.LANDED
        assert here.simulator.bookings[0].form["side"] == "sell_to_close"


def test_an_opening_order_is_refused_where_what_it_depends_on_cannot_be_read() -> None:
    for source in ("positions", "orders", "balances"):
        with room() as here:
            here.hold(AAPL=50)
            here.simulator.inject("http_500_backend", source, seconds=30.0)
            assert here.desk.submit(buy()).cause == "connection"
            assert here.desk.submit(SELL).outcome is Outcome.LANDED


def test_the_owners_hourly_market_order_waits_for_the_open_and_a_limit_order_does_not() -> None:
    with room(CLOSED) as here:
        assert here.desk.submit(buy(type="market", price=None)).cause == "market_hours"
        result = here.desk.submit(buy())
        here.wait(3.0)
        assert here.desk.status(str(result.tag)).status == "pending"
        assert codes(here) == []


def test_every_signal_is_on_record_and_the_book_agrees_with_the_desk() -> None:
    with room() as here:
        here.simulator.inject("lost_502", "order", count=1)
        tag = str(here.desk.submit(buy()).tag)
        here.wait(5.0)
        told = [entry.signal for entry in here.record.entries if isinstance(entry, Tell)]
        assert told == ["was_sent", "lost_sight", "seen_filled"]
        assert here.record.book.cursor("order", f"{tag}|AAPL").state == here.desk.status(tag).status == "filled"


def test_covering_shares_are_not_sold_from_under_a_short_call_even_when_asked_twice() -> None:
    with room() as here:
        here.hold(**{"AAPL": 100, HIGHER: -1})
        assert here.desk.submit(buy(side="sell", quantity=100, price="200")).cause == "position"
        assert here.desk.submit(buy(side="sell", quantity=100, price="200", intent_id="2")).cause == "position"
        assert here.bookings() == 0


def test_settings_rule() -> None:
    with room(OPEN, OrderSettings(preview_always=True)) as here:
        here.hold(AAPL=50)
        here.simulator.inject("backoffice", "preview", count=1)
        result = here.desk.submit(SELL)
        assert result.outcome is Outcome.LANDED
        assert result.warnings[0].startswith("the preview refuses it")
