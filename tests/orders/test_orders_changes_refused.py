"""A cancellation or a change that can't be: told why, and nothing else is sent."""

from supervisor.orders import Canceled, OrderSettings, Outcome

from orders.orders_room import Between, buy, lock_is_free, resting, room, unreachable
from orders.orders_shapes import SHAPES


def test_an_order_that_is_not_ours_is_canceled_by_nobody() -> None:
    with room() as here:
        word = here.desk.cancel("999999")
        assert word.outcome is Canceled.UNKNOWN
        assert word.errors
        assert "cancel" not in here.posts()


def test_a_cancellation_goes_on_while_the_order_can_not_be_read_and_then_says_so() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        here.simulator.inject("http_500_backend", "order_status", seconds=600.0)
        handle = here.desk.cancel_async(str(result.order_id))
        assert here.desk.cancel_async(str(result.order_id)) is handle  # one errand, whoever asks again
        here.wait(400.0, 5.0)
        assert handle.done
        assert handle.result.outcome is Canceled.UNKNOWN
        assert "cancel" not in here.posts()  # nothing is canceled unread


def test_a_cancellation_waits_out_a_short_blindness() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        here.simulator.inject("http_500_backend", "order_status", count=1)
        handle = here.desk.cancel_async(str(result.order_id))
        here.wait(30.0, 1.0)
        assert handle.result.outcome is Canceled.CANCELED
        assert here.posts().count("cancel") == 1


def test_an_order_that_was_never_sent_from_here_or_is_over_is_not_changed() -> None:
    with room() as here:
        strange = here.desk.modify("999999", {"price": "1"})
        assert strange.outcome is Outcome.REFUSED
        assert "none that was sent from here" in strange.errors[0]
        filled = here.desk.submit(buy())
        here.wait(5.0)
        over = here.desk.modify(str(filled.order_id), {"price": "1"})
        assert over.outcome is Outcome.REFUSED
        assert "there is nothing to change" in over.errors[0]
        assert "modify" not in here.posts()


def test_what_may_cost_more_needs_balances_that_can_be_read() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        here.wait(120.0, 30.0)
        here.simulator.inject("http_500_backend", "balances", seconds=600.0)
        here.wait(120.0, 30.0)
        word = here.desk.modify(str(result.order_id), {"price": "120"})
        assert word.outcome is Outcome.REFUSED
        assert "balances can't be read" in word.errors[0]
        assert "modify" not in here.posts()


def test_what_only_a_preview_could_price_is_no_change_of_an_opening_order() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        word = here.desk.modify(str(result.order_id), {"type": "stop", "stop": "210", "price": None})
        assert (word.outcome, word.by, word.cause) == (Outcome.REFUSED, "us", "funds")
        assert "cancel it and send a new one" in word.errors[0]
        assert "modify" not in here.posts()


def test_a_change_of_a_close_that_no_record_took_says_so() -> None:
    with room() as here:
        here.hold(AAPL=50)
        result = here.desk.submit(buy(side="sell", price="250"))
        here.record.writable = here.record.spoolable = False
        word = here.desk.modify(str(result.order_id), {"price": "240"})
        assert (word.outcome, word.warnings) == (Outcome.LANDED, ("unjournalled",))


def test_a_change_that_the_broker_refuses_is_told_in_its_words() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        here.simulator.inject("token_invalid", "modify", count=1)
        word = here.desk.modify(str(result.order_id), {"price": "99"})
        assert word.outcome is Outcome.REFUSED
        assert word.by == "broker"
        assert word.errors


def test_the_gate_has_its_word_on_a_change_that_opens() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        for number in range(3):
            here.simulator.inject("backoffice", "order", count=1)
            here.desk.submit(buy(symbol="MSFT", intent_id=str(number)))
        word = here.desk.modify(str(result.order_id), {"price": "101"})
        assert (word.outcome, word.by, word.cause) == (Outcome.REFUSED, "us", "gate")
        assert "modify" not in here.posts()


def test_a_change_that_opens_is_not_sent_off_the_record_and_who_listens_holds_no_lock() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        here.record.writable = False
        free: list[bool] = []
        handle = here.desk.modify_async(
            str(result.order_id), {"price": "101"}, lambda _: free.append(lock_is_free(here.desk))
        )
        assert (handle.result.outcome, handle.result.cause) == (Outcome.REFUSED, "journal")
        assert free == [True]
        assert "modify" not in here.posts()


def test_the_legs_of_a_bracket_are_not_changed_from_here() -> None:
    with room() as here:
        bracket = SHAPES["otoco open"] | {"intent_id": "one"}
        result = here.desk.submit(bracket)
        word = here.desk.modify(str(result.order_id), {"price": "150"})
        assert word.outcome is Outcome.REFUSED
        assert "one by one" in word.errors[0]
        assert "modify" not in here.posts()


def test_a_change_that_would_be_tidied_is_refused_where_tidying_is_switched_off() -> None:
    with room(settings=OrderSettings(tidy_fields=False)) as here:
        result = here.desk.submit(resting(duration="day", **{"class": "equity"}))
        assert result.outcome is Outcome.LANDED
        word = here.desk.modify(str(result.order_id), {"duration": "GTC"})
        assert (word.outcome, word.by) == (Outcome.REFUSED, "us")
        assert "modify" not in here.posts()


def test_a_change_that_never_left_is_told_so_and_the_order_is_as_it_was() -> None:
    with room() as here:
        result = here.desk.submit(resting())
        here.adapter.inner = Between(here.adapter.inner, unreachable("PUT"))
        word = here.desk.modify(str(result.order_id), {"price": "101"})
        assert (word.outcome, word.status, word.final) == (Outcome.ABSENT, "unsent", True)
        assert here.desk.working()[0]["order"]["price"] == "100.00"
