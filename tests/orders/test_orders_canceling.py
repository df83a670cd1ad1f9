"""Cancellations that don't go straight: the broker is at it already, two at once, a fault of ours in between."""

from enum import StrEnum
from typing import Any

import pytest
from supervisor.orders import Canceled, Outcome, Result, Tell
from supervisor.orders.handle import Cancellation
from supervisor.simulator.orders import Status

from orders.orders_room import Room, buy, resting, room


class Odd(StrEnum):
    """A state of an order that the simulator does not give by itself."""

    PENDING_CANCEL = "pending_cancel"


def first_order(here: Room) -> Any:
    return here.simulator.state.orders[here.simulator.account.number][0]


def test_while_the_broker_is_at_it_nothing_more_is_asked_and_no_try_is_counted() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        first_order(here).status = Odd.PENDING_CANCEL
        handle = here.desk.cancel_async(str(result.order_id))
        here.wait(2.0, 0.5)
        assert not handle.done
        first_order(here).status = Status.CANCELED
        here.wait(2.0, 0.5)
        assert (handle.result.outcome, handle.result.tries) == (Canceled.CANCELED, 0)
        assert "cancel" not in here.posts()


def test_a_broker_that_stays_at_it_leaves_the_order_working() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        first_order(here).status = Odd.PENDING_CANCEL
        handle = here.desk.cancel_async(str(result.order_id))
        here.wait(20.0, 0.5)
        word = handle.result.as_dict()
        assert (word["outcome"], word["status"], word["tries"]) == ("working", "pending_cancel", 0)


def test_two_orders_are_canceled_side_by_side_and_each_has_its_own_word() -> None:
    with room() as here:
        one = here.desk.submit(resting())
        other = here.desk.submit(resting(symbol="MSFT"))
        here.simulator.inject("zombie", count=2)
        first, second = here.desk.cancel_async(str(one.order_id)), here.desk.cancel_async(str(other.order_id))
        assert here.desk.cancel_async(str(other.tag)) is second
        here.wait(5.0, 0.5)
        words = [(handle.result.order_id, handle.result.outcome, handle.result.tries) for handle in (first, second)]
        assert words == [(one.order_id, Canceled.CANCELED, 2), (other.order_id, Canceled.CANCELED, 2)]


def test_a_fault_of_ours_in_the_middle_does_not_end_a_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    with room() as here:
        result = here.desk.submit(resting())
        with monkeypatch.context() as broken:

            def tell(_: Tell) -> None:
                raise RuntimeError("ours")

            broken.setattr(here.record, "tell", tell)
            handle = here.desk.cancel_async(str(result.order_id))
        assert not handle.done
        here.wait(10.0, 1.0)
        assert (handle.result.outcome, handle.result.tries) == (Canceled.CANCELED, 1)


def test_whoever_listens_hears_the_end_of_a_cancellation_a_change_and_a_replacement_once_each() -> None:
    with room() as here:
        heard: list[Result | Cancellation] = []
        old = here.desk.submit(resting())
        here.desk.modify_async(str(old.order_id), {"price": "101"}, heard.append)
        new = here.desk.replace_async(str(old.order_id), resting(price="102"), heard.append)
        here.desk.cancel_async(str(new.result.order_id), heard.append)
        assert [word.outcome for word in heard if isinstance(word, Cancellation)] == [Canceled.CANCELED]
        assert (heard[0].outcome, new.result.status) == (Outcome.LANDED, "canceled")
        assert new.result in heard
        assert here.posts() == ["order", "modify", "cancel", "order", "cancel"]


def test_an_order_is_not_canceled_for_a_new_one_that_could_never_be_sent() -> None:
    with room() as here:
        old = here.desk.submit(resting())
        word = here.desk.replace(str(old.order_id), buy(quantity=-1))
        assert (word.outcome, word.by, word.errors[-1]) == (Outcome.REFUSED, "us", "nothing was canceled")
        assert "cancel" not in here.posts()
        assert here.desk.status(str(old.order_id)).status == "open"


def test_a_bare_side_in_place_of_another_is_settled_by_what_is_held() -> None:
    call = "AAPL261218C00210000"
    with room() as here:
        here.hold(**{call: 2})
        close = {"option_symbol": call, "side": "sell_to_close", "quantity": 2, "type": "limit", "price": "90"}
        old = here.desk.submit(close)
        word = here.desk.replace(str(old.order_id), close | {"side": "sell", "price": "91"})
        assert word.outcome is Outcome.LANDED
        assert [booking.form["side"] for booking in here.simulator.bookings] == ["sell_to_close"] * 2
