"""On record before it is sent, taken up after any stop; and what is held, explained."""

from decimal import Decimal
from typing import Any

import pytest
from supervisor.core.reading import Reading
from supervisor.orders import Canceled, OrderSettings, Outcome, Tell
from supervisor.orders.handle import Handle
from supervisor.orders.inventory import Inventory
from supervisor.tradier.records import OrderRow

from orders.orders_room import CALL, CLOSED, HIGHER, OPEN, KilledError, Room, buy, resting, room

SELL = buy(side="sell", price="200")


def codes(here: Room) -> list[str]:
    return sorted(here.record.codes())


def test_without_a_journal_nothing_opens_and_a_close_goes_by_the_side_file() -> None:
    with room() as here:
        here.hold(AAPL=50)
        here.record.writable = False
        refused = here.desk.submit(buy())
        assert (refused.outcome, refused.cause) == (Outcome.REFUSED, "journal")
        assert here.posts() == []
        assert here.desk.submit(SELL).outcome is Outcome.LANDED
        assert [spooled.kept for spooled in here.record.spooled] == ["spool"]


def test_who_waits_is_told_even_where_what_was_to_come_next_failed() -> None:
    with room() as here:
        handle, memory = Handle(""), here.desk._memory

        def fails() -> None:
            with memory.changing():
                memory.answer(handle, "landed", done=True)
                raise KilledError

        with pytest.raises(KilledError):
            fails()
        assert (handle.result, handle.done) == ("landed", True)


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
        with pytest.raises(KilledError):
            here.desk.submit(SELL | {"intent_id": "one"})
        here.restart()
        here.wait(150.0, 5.0)
        again = here.desk.submit(SELL | {"intent_id": "one"})
        assert here.bookings() == 1
        assert (again.outcome is Outcome.LANDED) is not bool(again.cause == "duplicate")


def test_an_order_that_may_have_left_is_in_doubt_from_the_restart_on() -> None:
    with room() as here:
        here.record.die_at = 3
        with pytest.raises(KilledError):
            here.desk.submit(resting())
        here.restart()
        assert codes(here) == ["order_ambiguous"]
        assert here.desk.submit(resting(price="101")).outcome is Outcome.REFUSED


def test_an_intent_is_remembered_for_ever() -> None:
    with room() as here:
        here.desk.submit(buy(intent_id="one"))
        here.wait(5.0)
        here.restart()
        here.wait(3600.0, 300.0)
        assert here.desk.submit(buy(intent_id="one")).cause == "duplicate"
        assert here.desk.submit(buy(intent_id="two")).outcome is Outcome.LANDED


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
        here.desk = here.new_desk()
        assert here.desk.submit(resting(intent_id="new", tag="a b")).tag not in tags


def test_an_order_from_the_side_file_is_settled_once_and_for_all_restarts() -> None:
    with room() as here:
        here.hold(AAPL=50)
        here.record.writable = False
        result = here.desk.submit(SELL)
        here.record.writable = True
        here.restart()
        here.wait(5.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.LANDED
        here.clock.tick(3 * 86_400)
        here.restart()
        assert codes(here) == []


def test_an_order_from_an_earlier_day_is_followed_by_its_id() -> None:
    with room() as here:
        result = here.desk.submit(resting(duration="gtc"))
        here.clock.tick(86_400)
        here.simulator.quotes.set("AAPL", last="90")
        here.wait(30.0, 5.0)
        assert here.desk.status(str(result.tag)).status == "filled"


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


def test_what_was_just_sold_is_not_sold_again_from_a_stale_reading() -> None:
    with room() as here:
        here.hold(AAPL=10)
        result = here.desk.submit(SELL)
        here.clock.tick(1.0)
        assert here.desk.cancel(str(result.tag)).outcome is Canceled.FILLED
        assert here.desk.submit(SELL | {"intent_id": "again"}).cause == "position"
        assert here.posts() == ["order"]


def test_a_fill_seen_in_positions_before_it_is_listed_is_no_strange_position() -> None:
    made = Inventory()
    made.positions_seen({}, 0.0)
    made.rows_seen(())
    made.positions_seen({"AAPL": Decimal(10)}, 1.0)
    assert made.words() == ()
    filled = OrderRow("1", "filled", symbol="AAPL", side="buy", quantity=Decimal(10), exec_quantity=Decimal(10))
    made.rows_seen((filled,))
    made.positions_seen({"AAPL": Decimal(10)}, 9.0)
    assert (made.words(), made.suspicious) == ((), False)
    made.positions_seen({"AAPL": Decimal(9)}, 10.0)
    made.positions_seen({"AAPL": Decimal(9)}, 20.0)
    assert made.words() == ()
    made.rows_seen((filled,))
    made.positions_seen({"AAPL": Decimal(9)}, 30.0)
    assert made.words() == ("-1 AAPL",)


def test_a_doubt_that_outlived_its_day_is_settled_by_positions_and_history() -> None:
    with room("2026-11-24 04:58:30") as here:
        here.hold(MSFT=5)
        here.desk.tick()
        here.wait(5.0)
        here.simulator.inject("order_500", "order", count=1)
        result = here.desk.submit(resting(symbol="MSFT"))
        here.wait(300.0, 10.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.UNKNOWN
        here.hold(MSFT=15)
        here.wait(300.0, 10.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.UNKNOWN
        trade = {"symbol": "MSFT", "quantity": 10, "price": 100, "trade_type": "Equity"}
        here.simulator.account.history.append(
            {"amount": -1000, "date": "2026-11-24T00:00:00Z", "type": "trade", "trade": trade}
        )
        here.wait(300.0, 10.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.LANDED
        assert codes(here) == []
        assert shown(here, "positions").unexplained == ()


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
