"""A search for ways to harm through tidy and judge: a short left bare, a naked write, a position turned round.

Orders come at random and are judged on what is held and pending; those that pass are filled in any order, or never.
The money is there and the gate is open, so nothing but the judge stands in the way.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from supervisor.concerns.facts import Balances
from supervisor.core.intent import Decision, Intent, bare_shorts
from supervisor.core.occ import parse_option
from supervisor.core.words import Permit
from supervisor.orders import Order, OrderRefused
from supervisor.orders.build import understand
from supervisor.orders.claims import BUYS, Claim, of_order
from supervisor.orders.judge import Estimate, Scene, judge
from supervisor.orders.order import Kind, Leg
from supervisor.orders.tidy import Held

TODAY = date(2026, 11, 23)
CALLS = ("AAPL261218C00210000", "AAPL261218C00220000", "AAPL270115C00220000")
PUTS = ("AAPL261218P00190000", "AAPL270115P00190000")
CASH = Decimal(40_000)
ALLOWED = Decision(allowed=True, intent=Intent(Permit.OPEN_EQUITY, frozenset(), ""), reasons=())

sides = st.sampled_from(
    [
        "buy",
        "sell",
        "sell_short",
        "buy_to_cover",
        "buy_to_open",
        "buy_to_close",
        "sell_to_open",
        "sell_to_close",
        "SELL ",
    ]
)
share = st.fixed_dictionaries(
    {"symbol": st.just("AAPL"), "side": sides, "quantity": st.sampled_from([1, 50, 100, 150, 200])}
)
option = st.fixed_dictionaries({"symbol": st.sampled_from(CALLS + PUTS), "side": sides, "quantity": st.integers(1, 3)})
pricing = st.sampled_from([{"type": "market"}, {"price": 5}, {"stop": 4}, {"price": 5, "stop": 4}])
leg = st.one_of(share, option)
priced_leg = st.builds(lambda one, two: {**one, **two}, leg, pricing)
single = priced_leg
package = st.builds(
    lambda kind, legs: {"class": kind, "symbol": "AAPL", "type": "market", "legs": legs},
    st.sampled_from(["multileg", "combo"]),
    st.lists(leg, min_size=2, max_size=3),
)
advanced = st.builds(
    lambda kind, legs: {"class": kind, "legs": legs},
    st.sampled_from(["oto", "oco", "otoco"]),
    st.lists(priced_leg, min_size=2, max_size=3),
)
start = st.fixed_dictionaries(
    {"AAPL": st.sampled_from([-100, 0, 100, 200])}, optional={name: st.integers(-2, 2) for name in CALLS + PUTS}
)
moves = st.lists(
    st.tuples(st.one_of(single, package, advanced), st.booleans(), st.integers(0, 9)), min_size=1, max_size=7
)


@attrs.define
class World:
    """What is held, and the orders that passed the judge and may still fill."""

    positions: dict[str, Decimal]
    live: list[Order] = attrs.field(factory=list)

    def bare(self) -> Decimal:
        """Calls without cover, and puts where neither puts nor cash cover them."""
        calls = {name: q for name, q in self.positions.items() if (o := parse_option(name)) is None or o.right == "C"}
        puts = {name: q for name, q in self.positions.items() if (o := parse_option(name)) and o.right == "P"}
        need = sum((-q * 190 * 100 for q in puts.values() if q < 0), Decimal(0))
        return bare_shorts(calls, "AAPL") + (bare_shorts(puts, "AAPL") if need > CASH else 0)

    def claims(self) -> tuple[Claim, ...]:
        return tuple(claim for order in self.live for claim in of_order(order))

    def fill(self, order: Order, chance: int) -> None:
        """The order fills, as its class does."""
        self.live = [other for other in self.live if other is not order]
        if order.kind is Kind.OCO:
            self._fill(order.legs[chance % 2])
            return
        self._fill(*order.legs[: 1 if order.kind in (Kind.OTO, Kind.OTOCO) else None])
        if order.kind is Kind.OTO:
            self._fill(order.legs[1])
        elif order.kind is Kind.OTOCO:
            self._fill(order.legs[1 + chance % 2])

    def _fill(self, *legs: Leg) -> None:
        before = dict(self.positions)
        bare = self.bare()
        for one in legs:
            change = Decimal(one.quantity if one.side in BUYS else -one.quantity)
            self.positions[one.name] = self.positions.get(one.name, Decimal(0)) + change
        for one in legs:
            had, has = before.get(one.name, Decimal(0)), self.positions[one.name]
            assert had * has >= 0, f"{one.side} turned {one.name} round: {had} to {has}"
        assert self.bare() <= bare, f"{[(one.side, one.name) for one in legs]} left a short bare"


def passes(raw: dict[str, Any], world: World) -> Order | None:
    try:
        order, _ = understand(raw, Held(world.positions, world.claims()), TODAY)
    except OrderRefused:
        return None
    scene = Scene(
        now=0.0,
        decision=ALLOWED,
        positions=world.positions,
        claims=world.claims(),
        balances=Balances("margin", Decimal(10**9), Decimal(10**9), Decimal(0), total_cash=CASH),
        market="open",
        option_level=9,
        estimate=Estimate(clean=True, order_cost=Decimal(1), margin_change=Decimal(1)),
    )
    return None if judge(order, scene) else order


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(held=start, story=moves)
def test_no_path_leads_to_a_bare_short_or_a_position_turned_round(
    held: dict[str, int], story: list[tuple[dict[str, Any], bool, int]]
) -> None:
    world = World({name: Decimal(quantity) for name, quantity in held.items() if quantity})
    for raw, at_once, chance in story:
        order = passes(raw, world)
        if order is not None:
            assert all(one.type != "market" for one in order.priced()) or "market" in str(raw)
            world.live.append(order)
            if at_once:
                world.fill(order, chance)
        if world.live and chance > 5:
            world.fill(world.live[chance % len(world.live)], chance)
    while world.live:
        world.fill(world.live[-1], 0)
