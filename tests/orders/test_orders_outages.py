"""While nothing can be read the desk asks ever more slowly, and what it reads is as old as its own clock says."""

from collections.abc import Sized

import attrs
import pytest
from supervisor.core.reading import Reading
from supervisor.orders.proof import may_prove_absence
from supervisor.orders.settings import OrderSettings

from orders.orders_room import buy, room


def asked(requests: Sized, since: int) -> int:
    return len(requests) - since


def test_an_outage_while_something_is_held_costs_few_requests() -> None:
    with room() as it:
        it.desk.submit(buy())
        it.wait(120)
        before = len(it.simulator.requests)
        it.simulator.inject("http_500_backend")
        it.wait(600)
        assert 10 <= asked(it.simulator.requests, before) <= 40  # it was two hundred and more, as many as are granted


def test_after_the_outage_it_looks_as_often_as_before() -> None:
    with room() as it:
        it.desk.submit(buy())
        it.simulator.inject("http_500_backend")
        it.wait(600)
        it.simulator.clear()
        it.wait(90)
        before = len(it.simulator.requests)
        it.wait(300)
        assert 10 <= asked(it.simulator.requests, before) <= 12  # orders and positions, once a minute


@pytest.mark.parametrize(("ahead", "proves"), [(0.0, True), (3600.0, False)])
def test_the_day_that_proves_absence_is_the_brokers_and_not_that_of_a_clock_ahead_of_it(
    ahead: float, proves: bool
) -> None:
    posted = 1795498200.0  # Tuesday 00:30 in New York by our clock; Monday 23:30 by a clock one hour behind
    reading = Reading("orders", posted + 2400, 1.0, ())
    assert may_prove_absence(posted, posted + 1, reading, OrderSettings(), ahead) is proves
    assert may_prove_absence(posted, posted + 1, attrs.evolve(reading, at=posted + 20), OrderSettings(), ahead) is False
