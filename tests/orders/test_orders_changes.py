"""Canceled, changed, replaced: once, and read back."""

from decimal import Decimal
from typing import Any

import pytest
from supervisor.orders import Canceled, Outcome

from orders.orders_room import Room, buy, resting, room

SELL = buy(side="sell", price="200")


def codes(here: Room) -> list[str]:
    return sorted(here.record.codes())


def test_a_working_order_is_canceled_and_read_back() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        word = here.desk.cancel(str(result.tag))
        assert (word.outcome, word.tries, word.filled) == (Canceled.CANCELED, 1, Decimal(0))
        assert here.desk.status(str(result.tag)).status == "canceled"


def test_already_filled_is_a_fill_and_not_a_cancellation() -> None:
    with room() as here:
        result = here.desk.submit(buy())
        here.clock.tick(1.0)
        word = here.desk.cancel(str(result.order_id))
        assert (word.outcome, word.filled, word.tries) == (Canceled.FILLED, Decimal(10), 0)
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
        word = here.desk.replace(str(old.order_id), buy(side="sell", price="201", quantity=15))
        assert (word.outcome, word.order_id, word.filled) == (Outcome.LANDED, old.order_id, Decimal(10))
        assert here.bookings() == 1


def test_an_order_that_will_not_go_is_not_replaced() -> None:
    with room() as here:
        old = here.desk.submit(resting())
        here.simulator.inject("zombie", seconds=60.0)
        handle = here.desk.replace_async(str(old.order_id), resting(price="101"))
        here.wait(20.0, 0.5)
        assert (handle.result.outcome, handle.result.by) == (Outcome.REFUSED, "us")
        assert here.bookings() == 1
