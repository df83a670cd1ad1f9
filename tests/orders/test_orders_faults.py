"""Against every fault of the broker, every class of order, to open and to close: booked once at most, and told truly."""

import sys
from collections import Counter
from typing import Any

import pytest
from freezegun import freeze_time
from supervisor.orders import OrderSettings, Outcome, Result
from supervisor.simulator import FAULTS

from orders.orders_room import CLOSED, OPEN, Room, room
from orders.orders_shapes import SHAPES, stocked

QUICK = OrderSettings(rest=1.0)
PLACING: dict[str, dict[str, Any]] = {
    "late_listing": {"endpoint": "orders,order_status", "seconds": 30.0, "by": 20.0},
    "zombie": {"endpoint": "cancel,modify", "seconds": 300.0},
    "date_missing": {"endpoint": "*", "seconds": 300.0},
    "date_skewed": {"endpoint": "*", "seconds": 300.0},
    "unauthorized_account": {"endpoint": "order", "count": 1},
    "rejected_later": {"endpoint": "order", "count": 1, "by": 3.0},
}
"""Faults that lie elsewhere than in one placing."""
COUNTS: Counter[str] = Counter()


def inject(here: Room, name: str) -> None:
    spec = FAULTS[name]
    if name in PLACING:
        here.simulator.inject(name, **PLACING[name])
    elif spec.patch is not None:
        here.simulator.inject(name, "order", seconds=300.0)
    else:
        here.simulator.inject(name, "order", count=1)


def truth(here: Room, result: Result) -> str:
    """What really became of it, by the broker's own books."""
    mine = [booking for booking in here.simulator.bookings if result.tag and booking.tag == result.tag]
    if not mine:
        return "not booked"
    orders = here.simulator.state.orders[mine[0].account]
    return next(str(order.status.value) for order in orders if order.id == mine[0].order_id)


def told_truly(word: str, result: Result) -> bool:
    if word == "not booked":
        return result.outcome in (Outcome.REFUSED, Outcome.ABSENT)
    return result.outcome is (Outcome.REFUSED if word == "rejected" else Outcome.LANDED)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_order_of_every_class_lands_on_a_broker_in_health(shape: str) -> None:
    with room() as here:
        stocked(here)
        result = here.desk.submit(SHAPES[shape])
        assert (result.outcome, result.errors) == (Outcome.LANDED, ())
        assert here.bookings() == 1
        assert here.record.codes() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_goes_wrong_an_order_is_booked_once_at_most_and_the_last_word_is_true(fault: str) -> None:
    with freeze_time(OPEN) as clock:
        for shape, order in SHAPES.items():
            here = stocked(Room(clock, QUICK))
            here.desk.tick()
            inject(here, fault)
            first = here.desk.submit(order)
            last = here.until_settled(first)
            here.wait(10.0, 5.0)
            last = here.desk.status(last.tag) if last.tag else last
            word = truth(here, last)
            assert here.posts().count("order") <= 1, (fault, shape)
            assert here.bookings() <= 1, (fault, shape)
            assert last.outcome is not Outcome.UNKNOWN, (fault, shape, last)
            assert told_truly(word, last), (fault, shape, word, last)
            COUNTS[f"{fault:22} {word:>16} -> {last.outcome}"] += 1


@pytest.mark.parametrize(
    "fault", ["lost_502", "order_500", "fake_400", "fake_400_booked", "lost_hang", "rejected_later"]
)
def test_so_it_is_while_the_market_is_closed(fault: str) -> None:
    for shape in ("equity open", "equity close", "option close", "oco close"):
        with room(CLOSED) as here:
            stocked(here)
            inject(here, fault)
            last = here.until_settled(here.desk.submit(SHAPES[shape]))
            here.wait(10.0, 5.0)
            last = here.desk.status(last.tag) if last.tag else last
            assert here.bookings() <= 1
            assert told_truly(truth(here, last), last), (shape, truth(here, last), last)


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{sum(COUNTS.values())} orders against {len(FAULTS)} faults, {len(SHAPES)} shapes each:"]
    lines += [f"  {line:55} {count:3}" for line, count in sorted(COUNTS.items())]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
