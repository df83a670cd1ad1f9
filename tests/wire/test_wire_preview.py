"""What if a broker books what it should only preview? Nothing opens, and nothing is previewed, until a person looked."""

import attrs
import pytest
from supervisor.simulator import Reply, Request, Simulator

from wire.wiring import broker

ORDER = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "limit", "price": 100, "duration": "day"}


class Careless(Simulator):
    """A broker that does not heed `preview`."""

    def respond(self, request: Request, now: float) -> Reply:
        form = tuple(pair for pair in request.form if pair[0] != "preview")
        return super().respond(attrs.evolve(request, form=form), now)


@pytest.mark.parametrize("orders", [False, True])
def test_a_diagnosis_whose_preview_was_booked_closes_opening_until_a_person_looked(*, orders: bool) -> None:
    careless = Careless()
    with broker(careless, orders=orders) as (_, supervisor):
        supervisor.tick()
        assert supervisor.can_trade()
        supervisor.diagnose_order_failure(ORDER, "words that nobody knows")
        assert len(careless.bookings) == 1
        assert not supervisor.can_trade()
        assert supervisor.can_trade(ORDER | {"side": "sell_to_close"})
        supervisor.diagnose_order_failure(ORDER, "words that nobody knows")
        assert len(careless.bookings) == 1
        issue = next(issue for issue in supervisor.health().issues if issue.code == "orders_tripped")
        assert "booked a preview" in issue.description
        supervisor.acknowledge(issue.issue_id, why="I canceled it", who="ann")
        supervisor.tick()
        assert supervisor.can_trade()
        assert "orders_tripped" not in [issue.code for issue in supervisor.health().issues]
