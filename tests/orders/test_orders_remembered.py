"""An order that is over can still be asked about, for a day; of very many the newest."""

import pytest
from supervisor.errors import SupervisorError
from supervisor.orders import Outcome, memory

from orders.orders_room import buy, room


def test_an_order_that_is_over_can_be_asked_about_for_a_day() -> None:
    with room() as here:
        result = here.until_settled(here.desk.submit(buy()))
        here.wait(4000, step=50)
        here.desk._follower.read("orders", 5.0)
        assert here.desk.status(str(result.tag)).outcome is Outcome.LANDED
        here.wait(86400, step=3600)
        here.desk._follower.read("orders", 5.0)
        with pytest.raises(SupervisorError, match="No order"):
            here.desk.status(str(result.tag))


def test_of_very_many_orders_that_are_over_the_newest_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_OVER", 2)
    with room() as here:
        placed = []
        for quantity in (1, 2, 3):
            placed.append(here.until_settled(here.desk.submit(buy(quantity=quantity))))
            here.wait(20)
        here.desk._follower.read("orders", 5.0)
        assert [here.desk._memory.find(str(order.tag)) is not None for order in placed] == [False, True, True]
