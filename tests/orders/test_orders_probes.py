"""The order that probes a trip may end in any way, and the trip must not wait for it for ever."""

import pytest
from supervisor.orders import Outcome, Result

from orders.orders_room import Room, buy, resting, room
from orders.test_orders_trips import refuse


def probing(here: Room) -> Result:
    """All openings were tripped, the trip has rested, and the probe's reply is lost: it is in doubt."""
    refuse(here, "InitialMargin", 3)
    here.wait(60.0, 10.0)
    here.simulator.inject("order_500", "order", count=1)
    probe = here.desk.submit(resting(symbol="MSFT"))
    assert probe.outcome is Outcome.UNKNOWN
    assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.REFUSED
    return probe


@pytest.mark.parametrize("outcome", ["landed", "absent"])
def test_a_probe_that_a_person_settled_makes_way(outcome: str) -> None:
    with room() as here:
        probe = probing(here)
        here.desk.settle(str(probe.tag), outcome, who="ann", why="the broker's desk said so on the phone")
        here.wait(60.0, 10.0)
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.LANDED
        assert here.record.codes() == []


def test_a_probe_that_the_history_shows_makes_way() -> None:
    with room("2026-11-24 04:57:00") as here:
        here.hold(MSFT=5)
        here.desk.tick()
        here.wait(5.0)
        probe = probing(here)
        here.hold(MSFT=15)
        trade = {"symbol": "MSFT", "quantity": 10, "price": 100, "trade_type": "Equity"}
        booked = {"amount": -1000, "date": "2026-11-24T00:00:00Z", "type": "trade", "trade": trade}
        here.simulator.account.history.append(booked | {"trade": trade | {"quantity": 3}})
        here.simulator.inject("http_500_backend", "history", count=1)
        here.wait(300.0, 10.0)
        assert here.desk.status(str(probe.tag)).outcome is Outcome.UNKNOWN  # first unread, then another's trade
        here.simulator.account.history.append(booked)
        here.wait(300.0, 10.0)
        assert here.desk.status(str(probe.tag)).outcome is Outcome.LANDED
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.LANDED
        assert here.record.codes() == []
