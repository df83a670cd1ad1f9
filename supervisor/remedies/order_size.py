"""Is the order only too large for the money, or for what is held? A smaller one is offered, if that was opted for.

It only ever reduces, in whole units, at the worst price with a cushion and the contract's multiplier, and never below one.
"""

from decimal import ROUND_DOWN, Decimal

from supervisor.concerns.facts import Balances
from supervisor.orders.claims import CLOSES, closable
from supervisor.orders.order import SINGLE, Leg, Order
from supervisor.remedies.form import Manner, Outcome, Plan, Policy, Scene
from supervisor.remedies.orders import DEADLINE, held, is_offered, offer, offering, quotes_of, understood, withdraw

LONG_ONLY = frozenset({"buy", "buy_to_open"})
"""Openings that cost at most what they are bought for; what a short may cost only the broker can say."""


class OrderSizeRemedy:
    """Order size against buying power, or against the position that it closes."""

    name = "order_size"
    codes = frozenset({"order_failure_funds", "order_failure_position"})
    manner = Manner(policy=Policy.OFF)

    def plan(self, scene: Scene) -> Plan | None:
        """The same order, smaller."""
        order = understood(scene)
        if not isinstance(order, Order) or order.kind not in SINGLE:
            return None
        leg = order.legs[0]
        most = _most(order, leg, scene)
        if most is None or not 1 <= most < leg.quantity:
            return None
        return offering(
            f"reduce it from {leg.quantity} to {most}",
            order.with_quantity(most).as_dict(),
            original=leg.quantity,
            size=most,
        )

    def apply(self, plan: Plan, scene: Scene) -> Outcome:
        """Offers it."""
        return offer(plan, scene)

    def proves(self, plan: Plan, scene: Scene) -> bool:
        """By fresh readings that size still fits."""
        order = understood(scene)
        if not isinstance(order, Order) or not is_offered(plan, scene):
            return False
        most = _most(order, order.legs[0], scene)
        return most is not None and most >= int(plan.data["size"])

    def undo(self, _: Plan, scene: Scene) -> str | None:
        """Withdraws it."""
        withdraw(scene)
        return None


def _most(order: Order, leg: Leg, scene: Scene) -> int | None:
    """How many units fit; None where that is not known."""
    if leg.side in CLOSES:
        have = held(scene)
        return None if have is None else int(closable(leg.name, leg.side, have.positions, have.claims))
    if leg.side not in LONG_ONLY:
        return None
    price, money = _worst_price(order, leg, scene), _money(scene)
    if price is None or money is None or price <= 0:
        return None
    power = money.option_power if leg.option else money.equity_power
    spendable = power * (1 - Decimal(str(scene.settings.size_cushion)))
    return int((spendable / (price * leg.multiplier)).to_integral_value(ROUND_DOWN)) if spendable > 0 else 0


def _worst_price(order: Order, leg: Leg, scene: Scene) -> Decimal | None:
    """What one share may cost at worst: its limit, else the ask with the band."""
    if order.price is not None:
        return order.price
    quote = (quotes_of(scene, [leg.name]) or {}).get(leg.name)
    if quote is None or quote.ask is None:
        return None
    worst = max(quote.ask, order.stop or quote.ask)
    return worst * (1 + Decimal(str(scene.settings.price_band)))


def _money(scene: Scene) -> Balances | None:
    reading = scene.ports.market.balances(DEADLINE) if scene.ports.market is not None else None
    return reading.value if reading is not None and isinstance(reading.value, Balances) else None
