"""What becomes of orders under every fault, what does reading one cost, and is a repair claimed that was none?"""

import random
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from freezegun import freeze_time
from supervisor.orders import OrderRefused, Outcome
from supervisor.orders.build import understand
from supervisor.orders.tidy import Held
from supervisor.simulator import FAULTS

from bench_figures import Figure, timed
from orders import test_orders_tidy as tidied
from orders.orders_room import OPEN, Room
from orders.orders_shapes import SHAPES, stocked
from orders.test_orders_faults import QUICK, inject, told_truly, truth
from remedies.test_remedies_tokens import (
    test_a_rotated_token_in_another_source_is_taken_and_proved,
    test_another_token_that_is_no_good_either_is_put_back_and_never_tried_again,
)


def orders(*, quick: bool) -> Iterator[Figure]:
    """Every fault of the simulator against every class of order, to open and to close."""
    twice = untrue = asked = 0
    with timed() as took, freeze_time(OPEN) as clock:
        for fault in islice(FAULTS, None, None, 6 if quick else 1):
            for order in SHAPES.values():
                here = stocked(Room(clock, QUICK))
                here.desk.tick()
                inject(here, fault)
                last = here.until_settled(here.desk.submit(order))
                here.wait(10.0, 5.0)
                last = here.desk.status(last.tag) if last.tag else last
                asked += 1
                twice += here.bookings() > 1 or here.posts().count("order") > 1
                untrue += last.outcome is Outcome.UNKNOWN or not told_truly(truth(here, last), last)
    yield Figure("orders booked or sent twice, every fault x class x side", twice, "", 0)
    yield Figure("orders whose final word is not true", untrue, "", 0)
    yield Figure("  orders in that table", asked, "")
    yield Figure("  each, with what follows it: CPU", took.cpu / asked * 1e3, "ms")


def reading(*, quick: bool) -> Iterator[Figure]:
    """10,000 random orders, understood or refused."""
    many, chance = 1_000 if quick else 10_000, random.Random(4)
    held = Held({tidied.OCC: Decimal(10)})
    raised = refused = 0
    made: list[Any] = [chance.choice([tidied.anything, tidied.nearly])(chance) for _ in range(many)]
    with timed() as took:
        for raw in made:
            try:
                understand(raw, held, tidied.TODAY)
            except OrderRefused:
                refused += 1
            except Exception:  # noqa: BLE001 - counted: the promise is that there is none
                raised += 1
    yield Figure(f"exceptions but ours from {many:,} random orders", raised, "", 0)
    yield Figure("  of which were refused", refused, "")
    yield Figure("  each: CPU", took.cpu / many * 1e6, "us")


def healing(*, quick: bool) -> Iterator[Figure]:
    """A repair that works and its twin that does not, each with its whole story checked."""
    failed = 0
    with timed() as took:
        for story in (
            test_a_rotated_token_in_another_source_is_taken_and_proved,
            test_another_token_that_is_no_good_either_is_put_back_and_never_tried_again,
        ):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    story(Path(folder))
                except AssertionError:
                    failed += 1
    yield Figure("repairs, good and failing, told otherwise than they went", failed, "", 0)
    yield Figure("  both stories: CPU", took.cpu, "s")


def all_of_the_desk(*, quick: bool) -> Iterator[Figure]:
    """Every figure of this file."""
    yield from orders(quick=quick)
    yield from reading(quick=quick)
    yield from healing(quick=quick)
