"""Whatever order replies, losses, restarts and midnights come in: never two bookings for one intent."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from supervisor.errors import SupervisorError
from supervisor.orders import Outcome

from orders.orders_room import KilledError, Room, room
from orders.orders_shapes import SHAPES, stocked

LOSSES = (
    "lost_502",
    "lost_reset",
    "lost_hang",
    "lost_empty",
    "order_500",
    "fake_400",
    "fake_400_booked",
    "hang",
    "reset",
    "refuse",
    "reset_in_headers",
    "truncated_json",
    "html",
)
READS = ("http_500_backend", "hang", "html", "empty", "http_429", "token_expired", "nonsense", "truncated_json")

steps = st.lists(
    st.one_of(
        st.just(("submit",)),
        st.tuples(st.just("die in the record"), st.integers(0, 9)),
        st.tuples(st.just("die on the wire"), st.integers(0, 12)),
        st.just(("restart",)),
        st.tuples(st.just("wait"), st.sampled_from([0.5, 3.0, 20.0, 61.0, 200.0, 3600.0, 6 * 3600.0])),
        st.tuples(st.just("lose"), st.sampled_from(LOSSES)),
        st.tuples(st.just("blind"), st.sampled_from(READS)),
        st.just(("late",)),
        st.just(("journal fails",)),
        st.just(("journal is back",)),
    ),
    min_size=2,
    max_size=9,
)
STARTS = ("2026-11-23 15:00:00", "2026-11-24 04:57:00", "2026-11-24 04:59:58", "2026-11-24 05:00:05")
"""In session, and around an Eastern midnight."""


def take(here: Room, step: tuple[Any, ...], order: dict[str, Any]) -> None:
    match step:
        case ("submit",):
            here.desk.submit(order)
        case ("die in the record", int(n)):
            here.record.die_at = n
        case ("die on the wire", int(n)):
            here.adapter.die_at = n
        case ("restart",):
            here.restart()
        case ("wait", float(seconds)):
            here.wait(seconds, max(5.0, seconds / 10))
        case ("lose", str(name)):
            here.simulator.inject(name, "order", count=1)
        case ("blind", str(name)):
            here.simulator.inject(name, "orders", count=3)
        case ("late",):
            here.simulator.inject("late_listing", "orders,order_status", seconds=120.0, by=25.0)
        case ("journal fails",):
            here.record.writable = False
        case ("journal is back",):
            here.record.writable = True


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shape=st.sampled_from(list(SHAPES)), story=steps, start=st.sampled_from(STARTS))
def test_an_intent_is_never_booked_twice(shape: str, story: list[tuple[Any, ...]], start: str) -> None:
    order = SHAPES[shape] | {"intent_id": "the-only-one"}
    with room(start) as here:
        stocked(here)
        for step in (*story, ("submit",), ("restart",), ("wait", 200.0), ("submit",)):
            try:
                take(here, step, order)
            except KilledError:
                here.restart()
            assert here.bookings() <= 1, story
        booked = {booking.tag for booking in here.simulator.bookings}
        for tracked in here.desk.working():
            assert tracked["outcome"] != Outcome.ABSENT or tracked["tag"] not in booked


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=steps, start=st.sampled_from(STARTS))
def test_what_is_called_absent_was_never_booked(story: list[tuple[Any, ...]], start: str) -> None:
    with room(start) as here:
        stocked(here)
        tags = {}
        for number, step in enumerate((*story, ("submit",), ("wait", 200.0))):
            try:
                if step == ("submit",):
                    result = here.desk.submit(SHAPES["equity close"] | {"intent_id": str(number)})
                    tags[result.tag] = result
                else:
                    take(here, step, {})
            except KilledError:
                here.restart()
        booked = {booking.tag for booking in here.simulator.bookings}
        for tag in filter(None, tags):
            try:
                word = here.desk.status(tag).outcome
            except SupervisorError:  # over, and long ago
                continue
            assert word is not Outcome.ABSENT or tag not in booked
            assert word is not Outcome.LANDED or tag in booked
