"""What outlives a stop, what trips how far, and what is said when something of ours is at fault."""

from decimal import Decimal
from time import time
from typing import Any

import pytest
from supervisor.core.intent import Decision
from supervisor.orders import Canceled, Intention, OrderSettings, Outcome, Tell, life, memory

from orders.orders_room import CALL, PUT, KilledError, Room, buy, resting, room
from orders.test_orders_trips import Confused, refuse

SELL = buy(side="sell", price="200")
OPTION = {"option_symbol": PUT, "side": "buy_to_open", "quantity": 1, "type": "limit", "price": "20"}


def codes(here: Room) -> list[str]:
    return sorted(here.record.codes())


# ---------------------------------------------------------------- after a stop


def test_a_failure_that_was_cleared_and_a_change_leave_nothing_behind_after_a_stop() -> None:
    with room() as here:
        refuse(here, "SecurityUndefined", 1)
        placed = here.desk.submit(resting(intent_id="again"))
        here.wait(3.0)
        here.desk.modify(str(placed.order_id), {"price": "101"})
        told = [entry.signal for entry in here.record.entries if isinstance(entry, Tell) and entry.life == "failure"]
        assert told == [life.FAILED, life.CLEARED]
        here.restart()
        here.desk._follower.read("orders")
        assert [reading.value.flow.value for reading in here.desk.readings()] == ["flowing"]
        assert [row["order_id"] for row in here.desk.working()] == [placed.order_id]
        assert here.desk.submit(resting(intent_id="another", symbol="MSFT")).tag != placed.tag


def test_an_order_of_others_is_followed_on_after_a_stop() -> None:
    with room() as here:
        here.hold(F=1)
        here.desk.tick()
        other = here.new_desk()
        other.restore([])
        placed = other.submit(resting(symbol="MSFT"))
        here.wait(130.0, 10.0)
        here.record.entries = [e for e in here.record.entries if e.key.startswith("x-")]
        here.restart()
        here.desk.tick()
        assert [row["order_id"] for row in here.desk.working()] == [placed.order_id]
        assert here.desk.cancel(str(placed.order_id)).outcome is Canceled.CANCELED
        assert here.desk.working() == []


def test_an_order_that_a_later_version_would_not_build_is_followed_all_the_same() -> None:
    with room() as here:
        here.hold(F=1)
        placed = here.desk.submit(resting())
        strange = [
            Intention(**(e.as_dict() | {"order": {"class": "of tomorrow"}})) if isinstance(e, Intention) else e
            for e in here.record.entries
        ]
        here.record.entries = strange
        here.restart()
        here.wait(5.0)
        assert here.desk.status(str(placed.tag)).status == "open"
        assert here.desk.cancel(str(placed.tag)).outcome is Canceled.CANCELED


def test_a_preview_cut_off_by_a_stop_is_no_order_whatever_letter_our_ids_begin_with() -> None:
    with room() as here:
        here.record.salt = "x7"
        here.record.die_at = 2  # the preview is on record, the order is not
        with pytest.raises(KilledError):
            here.desk.submit(buy(type="market", price=None))
        assert [entry.signal for entry in here.record.entries if isinstance(entry, Tell)] == [life.PREVIEWED]
        here.restart()
        assert codes(here) == []
        assert here.desk.submit(buy(type="market", price=None)).outcome is Outcome.LANDED


def test_ids_of_another_journal_do_not_move_our_count() -> None:
    with room() as here:
        here.desk.submit(resting())
        here.record.salt = "q9"
        here.restart()
        assert str(here.desk.submit(resting(symbol="MSFT")).tag).startswith("q9")
        assert len({booking.tag for booking in here.simulator.bookings}) == 2


def test_of_many_intents_the_oldest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_REMEMBERED", 2)
    monkeypatch.setattr(memory, "OVER_KNOWN", 600.0)
    with room() as here:
        here.hold(AAPL=50)
        for name in ("one", "two", "three"):
            here.desk.submit(SELL | {"intent_id": name, "quantity": 1})
        here.wait(900.0, 30.0)
        assert here.desk.submit(SELL | {"intent_id": "three", "quantity": 1}).cause == "duplicate"
        assert here.desk.submit(SELL | {"intent_id": "one", "quantity": 1}).outcome is Outcome.LANDED


# ---------------------------------------------------------------- trips


@pytest.mark.parametrize(
    ("refused", "passes"),
    [
        (OPTION, buy(symbol="MSFT")),
        (buy(side="sell_short", symbol="F", price="11"), OPTION),
    ],
)
def test_refusals_for_permissions_trip_options_or_equities_and_not_both(refused: Any, passes: Any) -> None:
    with room() as here:
        for number in range(3):
            here.simulator.inject("backoffice", "order", count=1, code="AssetTradingNotConfiguredForAccount")
            here.desk.submit(refused | {"intent_id": str(number)})
        assert "orders_tripped" in codes(here)
        assert here.desk.submit(refused | {"intent_id": "more"}).cause == "gate"
        assert here.desk.submit(passes).outcome is Outcome.LANDED


def test_with_previews_halted_a_close_goes_without_one() -> None:
    with room(settings=OrderSettings(preview_always=True)) as here:
        here.hold(AAPL=50)
        here.desk.booked_by_preview("77")
        assert here.desk.submit(SELL).outcome is Outcome.LANDED
        assert here.posts() == ["order"]


def test_a_preview_asked_for_says_what_it_would_cost_and_one_that_is_booked_halts() -> None:
    with room() as here:
        form, estimate, _ = here.desk.preview(buy())
        assert (form["symbol"], estimate.clean, estimate.order_cost) == ("AAPL", True, Decimal("2050.00"))
        assert estimate.sentence().startswith("the broker would take it: costs 2050.00")
        here.simulator.inject("backoffice", "preview", count=1, code="InitialMargin")
        _, refused, _ = here.desk.preview(buy())
        assert refused.sentence().startswith("the broker refuses it: ")
        assert (refused.as_dict()["refused"], refused.as_dict()["cause"]) == (True, "funds")
        here.adapter.inner = Confused(here.simulator, time)
        here.record.writable = False
        here.desk.preview(buy())
        assert here.bookings() == 1
        assert codes(here) == ["orders_tripped"]
        assert "full" in str(here.desk.working()[0]["warnings"])


# ---------------------------------------------------------------- faults of ours


def test_a_fault_of_ours_before_it_left_refuses_an_order(monkeypatch: pytest.MonkeyPatch) -> None:
    with room() as here:

        def decide(_: Any) -> Any:
            raise RuntimeError("ours")

        monkeypatch.setattr(here.record, "decide", decide)
        result = here.desk.submit(buy())
        assert (result.outcome, result.by, result.final) == (Outcome.REFUSED, "us", True)
        assert "a fault of ours" in result.errors[0]
        assert here.posts() == []


def test_a_gate_that_is_closed_without_a_reason_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    with room() as here:
        monkeypatch.setattr(here.record, "decide", lambda intent: Decision(False, intent, ()))
        result = here.desk.submit(buy())
        assert (result.outcome, result.cause) == (Outcome.REFUSED, "gate")
        assert result.errors[0] == "the gate is closed for it"


class Unprintable:
    """Something of an agent's that raises when it is written out."""

    def __str__(self) -> str:
        raise RuntimeError("not today")

    __repr__ = __str__


def test_what_an_agent_leaves_in_its_order_that_can_not_be_written_hinders_neither_it_nor_the_next() -> None:
    with room() as here:
        here.hold(AAPL=10)
        assert here.desk.submit(SELL | {"note": Unprintable()}).outcome is Outcome.LANDED
        intention = next(entry for entry in here.record.entries if isinstance(entry, Intention))
        assert intention.agents["note"] == "Unprintable"


def test_option_legs_of_a_bracket_say_both_symbols() -> None:
    with room() as here:
        exit_ = {"option_symbol": CALL, "side": "sell_to_close", "quantity": 1}
        here.desk.submit(
            {
                "class": "otoco",
                "legs": [
                    {"option_symbol": CALL, "side": "buy_to_open", "quantity": 1, "type": "limit", "price": "20"},
                    exit_ | {"type": "limit", "price": "40"},
                    exit_ | {"type": "stop", "stop": "5"},
                ],
            }
        )
        form = here.simulator.bookings[0].form
        assert (form["symbol[1]"], form["option_symbol[1]"]) == ("AAPL", CALL)


def test_an_order_sent_without_waiting_is_told_by_its_handle() -> None:
    with room() as here:
        handle = here.desk.submit_async(buy())
        here.wait(3.0)
        assert (handle.done, handle.result.filled) == (True, Decimal(10))


def test_a_failure_from_before_a_stop_is_over_once_an_order_on_its_symbol_lands() -> None:
    with room() as here:
        refuse(here, "SecurityUndefined", 1)
        here.restart()
        assert codes(here) == ["order_failure_symbol"]
        here.desk.submit(buy(symbol="MSFT"))
        here.wait(3.0)
        assert codes(here) == ["order_failure_symbol"]
        here.desk.submit(buy())
        here.wait(3.0)
        assert codes(here) == []
