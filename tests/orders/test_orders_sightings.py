"""What the broker shows against all expectation: lost ids, rows without tags, orders of others, late words."""

from decimal import Decimal
from typing import Any

import pytest
from requests.exceptions import ReadTimeout
from supervisor.core.reading import Reading
from supervisor.errors import SupervisorError
from supervisor.orders import Outcome

from orders.orders_room import Between, Room, buy, resting, room, unreachable

SELL = buy(side="sell", price="220")


def booked(here: Room) -> list[Any]:
    return here.simulator.state.orders[here.simulator.account.number]


def untagged(here: Room, **order: Any) -> str:
    """An order whose reply was lost and which the broker lists without its tag; our tag for it."""
    here.simulator.inject("lost_502", "order", count=1)
    result = here.desk.submit(resting(**order))
    booked(here)[-1].tag = ""
    assert result.outcome is Outcome.UNKNOWN
    return str(result.tag)


def test_an_order_that_the_broker_named_and_then_forgot_is_in_doubt_and_at_last_absent() -> None:
    with room() as here:
        here.simulator.inject("late_listing", "orders,order_status", seconds=9999.0, by=9999.0)
        result = here.desk.submit(resting())
        booked(here).clear()
        assert result.outcome is Outcome.LANDED
        states = []
        for _ in range(60):
            here.wait(10.0, 10.0)
            states.append(here.desk.status(str(result.tag)).status)
        assert list(dict.fromkeys(states)) == ["acknowledged", "ambiguous", "absent"]
        assert here.record.codes() == []


def test_a_row_without_a_tag_that_could_be_the_order_keeps_it_in_doubt() -> None:
    with room() as here:
        tag = untagged(here)
        here.wait(400.0, 10.0)
        assert here.desk.status(tag).outcome is Outcome.UNKNOWN
        assert here.record.codes() == ["order_ambiguous"]


def test_an_order_settled_by_its_id_claims_once_what_it_takes() -> None:
    with room() as here:
        here.hold(AAPL=20)
        tag = untagged(here, side="sell", price="220")
        here.wait(30.0, 5.0)  # by now it is followed as an order placed elsewhere, too
        here.desk.settle(tag, "landed", who="ann", why="seen on the broker's page", order_id=str(booked(here)[0].id))
        here.wait(10.0, 5.0)
        assert [(row["tag"], row["status"]) for row in here.desk.working()] == [(tag, "open")]
        assert here.desk.submit(SELL | {"intent_id": "the other ten"}).outcome is Outcome.LANDED
        assert here.desk.submit(SELL | {"intent_id": "ten too many"}).cause == "position"


def test_an_order_settled_by_hand_without_an_id_is_followed_like_any_other_once_it_shows() -> None:
    with room() as here:
        here.simulator.inject("lost_502", "order", count=1)
        here.simulator.inject("late_listing", "orders,order_status", seconds=100.0, by=100.0)
        result = here.desk.submit(resting())
        here.desk.settle(str(result.tag), "landed", who="ann", why="seen on the broker's page")
        here.hold(F=1)
        here.wait(130.0, 5.0)
        assert [row["order_id"] for row in here.desk.working()] == [str(booked(here)[0].id)]


def test_an_order_of_others_that_is_rejected_is_no_failure_of_ours() -> None:
    with room() as here:
        here.hold(F=1)
        here.desk.tick()
        other = here.new_desk()
        other.restore([])
        here.simulator.inject("rejected_later", "order", count=1, by=100.0)
        other.submit(resting(symbol="MSFT"))
        here.wait(70.0, 5.0)
        assert len(here.desk.working()) == 1
        here.wait(90.0, 5.0)
        assert (here.desk.working(), here.record.codes(), here.desk.counts) == ([], [], (0, 0))


def late(here: Room, then: Any) -> Any:
    """A submit whose request takes forty seconds, in which the desk goes on; then that happens to it."""

    def act(request: Any) -> None:
        if request.method == "POST":
            here.clock.tick(40.0)
            here.desk.tick()
            assert here.record.codes() == ["order_ambiguous"]
            then(request)

    return act


def times_out(_: Any) -> None:
    raise ReadTimeout


def test_a_request_that_never_comes_back_is_in_doubt_before_it_fails_and_counts_once() -> None:
    with room() as here:
        here.adapter.inner = Between(here.adapter.inner, late(here, times_out))
        result = here.desk.submit(resting())
        assert (result.outcome, here.record.codes()) == (Outcome.UNKNOWN, ["order_ambiguous"])
        assert here.desk.submit(resting(symbol="F", price="5")).cause != "gate"  # one in doubt is no trip of all


def test_what_a_person_settled_meanwhile_stands_when_the_request_comes_back() -> None:
    with room() as here:

        def settled(request: Any) -> None:
            tag = here.desk.working()[0]["tag"]
            here.desk.settle(tag, "landed", who="ann", why="seen on the broker's page")
            unreachable("POST")(request)

        here.adapter.inner = Between(here.adapter.inner, late(here, settled))
        result = here.desk.submit(resting())
        assert (result.outcome, result.final) == (Outcome.LANDED, True)


def test_an_order_of_which_not_one_byte_left_is_absent_at_once() -> None:
    with room() as here:
        here.adapter.inner = Between(here.adapter.inner, unreachable("POST"))
        result = here.desk.submit(resting())
        assert (result.outcome, result.cause, result.final) == (Outcome.ABSENT, "connection", True)
        assert here.record.codes() == []
        assert here.desk.counts == (0, 1)


def test_what_no_record_has_is_asked_of_the_broker() -> None:
    with room() as here:
        other = here.new_desk()
        placed = other.submit(resting())
        assert here.desk.look(str(placed.order_id)).order_id == placed.order_id
        here.restart()
        here.record.entries.clear()
        here.restart()
        assert here.desk.look(str(placed.tag)).status == "open"
        with pytest.raises(SupervisorError, match="on record or at the broker"):
            here.desk.look("999999")
        with pytest.raises(SupervisorError, match="No order '999999' is known"):
            here.desk.status("999999")
        here.simulator.inject("http_500_backend")
        with pytest.raises(SupervisorError, match="could not be asked"):
            here.desk.look("999999")


def test_after_an_outage_every_order_is_looked_at_again_and_money_is_read_anew() -> None:
    with room() as here:
        here.desk.submit(resting())
        here.wait(200.0, 5.0)
        here.desk.reconnected()
        before = len(here.simulator.requests)
        here.clock.tick(3.0)
        here.desk.tick()
        asked = {request.endpoint for request in here.simulator.requests[before:]}
        assert asked == {"orders", "positions", "balances"}


def test_a_round_with_nothing_due_asks_for_nothing() -> None:
    with room() as here:
        here.desk.tick()
        before = len(here.simulator.requests)
        here.desk._follower.round()
        assert len(here.simulator.requests) == before


def test_a_reading_from_before_our_own_order_is_not_taken_for_the_newest() -> None:
    with room() as here:
        here.desk.tick()
        old: Reading = here.desk._follower.read("balances")
        here.clock.tick(1.0)
        here.desk.submit(resting())
        here.desk.take(old)
        before = len(here.simulator.requests)
        here.desk.submit(resting(symbol="MSFT"))
        assert "balances" in [request.endpoint for request in here.simulator.requests[before:]]


def test_a_failure_is_over_after_its_time_even_if_nothing_else_ends_it() -> None:
    with room() as here:
        here.simulator.inject("backoffice", "order", count=1, code="SecurityUndefined")
        here.desk.submit(buy())
        assert here.record.codes() == ["order_failure_symbol"]
        here.wait(1900.0, 60.0)
        assert here.record.codes() == []
        here.desk.readings()
        here.desk._follower.read("orders")
        assert [reading.value.flow.value for reading in here.desk.readings()] == ["flowing"]


def test_what_is_known_for_diagnosis_is_the_brokers_own_clock() -> None:
    with room() as here:
        assert here.desk.known().market() is None
        here.desk.submit(buy(type="market", price=None))
        assert here.desk.known().market() == "open"


def test_a_preview_of_the_diagnosers_that_was_booked_closes_opening_until_a_person_looked() -> None:
    with room() as here:
        here.hold(AAPL=50)
        here.desk.acknowledge_previews()
        assert here.record.entries == []
        here.desk.booked_by_preview("77")
        assert here.record.codes() == ["orders_tripped"]
        assert here.desk.submit(buy()).outcome is Outcome.REFUSED
        here.desk.acknowledge_previews()
        assert here.record.codes() == []
        assert here.desk.submit(buy()).filled == Decimal(0)
