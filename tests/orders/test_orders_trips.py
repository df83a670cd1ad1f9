"""Refused too often: what trips, how it is probed, and what is not tripped."""

from time import time
from typing import Any

from supervisor.orders import Outcome
from supervisor.simulator import SimulatorAdapter

from orders.orders_room import Room, buy, resting, room

SELL = buy(side="sell", price="200")


class Confused(SimulatorAdapter):
    """The wire of a broker that books what it should preview."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.booked: list[Any] = []

    def send(self, request: Any, *args: Any, **options: Any) -> Any:
        if b"preview=true" in (request.body.encode() if isinstance(request.body, str) else request.body or b""):
            self.booked.append(request)
            request.body = request.body.replace("preview=true", "tag=k71")
        return super().send(request, *args, **options)


def codes(here: Room) -> list[str]:
    return sorted(here.record.codes())


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
        wire = here.adapter.inner = Confused(here.simulator, time)
        result = here.desk.submit(buy(type="market", price=None))
        assert len(wire.booked) == here.bookings() == 1
        assert (result.outcome, result.order_id) == (Outcome.LANDED, str(here.simulator.bookings[0].order_id))
        assert codes(here) == ["orders_tripped"]
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.REFUSED
        here.wait(7200.0, 60.0)  # no time opens it again, since nothing but a preview could probe it
        here.restart()
        assert here.desk.submit(buy(symbol="F", type="market", price=None)).outcome is Outcome.REFUSED
        assert not here.desk.preview(buy())[1].clean
        assert (len(wire.booked), codes(here)) == (1, ["orders_tripped"])
        here.desk.acknowledge_previews()
        assert codes(here) == []
        assert here.desk.submit(buy(symbol="F", price="12")).outcome is Outcome.LANDED
