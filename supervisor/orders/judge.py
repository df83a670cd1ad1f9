"""Which orders need not be sent, because we know already that they must not be?

Pure: takes an order and what is known, gives every refusal at once. A failed read is not an empty answer: an opening
order is refused where what it depends on can't be read; a closing one is not held up by that.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from supervisor.concerns.facts import Balances
from supervisor.core.intent import Decision
from supervisor.orders.claims import ZERO, Claim, closable
from supervisor.orders.match import mean
from supervisor.orders.order import EXTENDED, Order, Refusal
from supervisor.orders.ports import PreviewSent
from supervisor.orders.settings import DEFAULTS, OrderSettings
from supervisor.orders.stake import (
    bared,
    closing_needs,
    cost_at_worst,
    cost_by_preview,
    needs_preview,
    opening_legs,
    opens,
    turned,
)
from supervisor.orders.symbols import plain

GATE = "gate"
"""Cause of a refusal by the gate: not a cause of order failures."""
JOURNAL = "journal"
"""Cause of a refusal because the journal can't be written."""

SESSIONS = {"pre": "premarket", "post": "postmarket"}


@attrs.frozen
class Earlier:
    """An order sent before that landed or whose outcome is unknown."""

    our_id: str
    at: float
    order: Order
    intent_id: str = ""


@attrs.frozen
class Estimate:
    """What a preview said: clean or refused (with the broker's words and their cause), or neither: it brought no answer."""

    clean: bool
    refused: bool = False
    words: str = ""
    cause: str = "broker"
    order_cost: Decimal | None = None
    margin_change: Decimal | None = None

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON but for its Decimals."""
        return attrs.asdict(self) | {"cause": str(self.cause) if self.refused else None}

    def sentence(self) -> str:
        """For a person."""
        if not self.clean:
            said = "the broker refuses it" if self.refused else "no preview came"
            return f"{said}: {self.words}"
        costs = {"costs": self.order_cost, "takes margin": self.margin_change}
        told = [f"{name} {value:.2f}" for name, value in costs.items() if value is not None]
        return "the broker would take it: " + (", ".join(told) or "it does not say what it costs")


def estimate_of(sent: PreviewSent) -> Estimate:
    """What came of a preview, as an estimate."""
    words = sent.words or (sent.failure.words if sent.failure else "")
    if sent.kind == "acknowledged" and sent.preview is not None:
        return Estimate(clean=True, order_cost=sent.preview.order_cost, margin_change=sent.preview.margin_change)
    refused = sent.kind == "refused"
    return Estimate(clean=False, refused=refused, words=words, cause=mean((words, *sent.codes)).cause)


@attrs.frozen
class Scene:
    """Everything the judge goes by, at `now` (epoch seconds). None means not known.

    `decision` is the gate's on the order's intent; `claims` are of all live orders, those in doubt included;
    `in_doubt` are the underlyings of orders whose outcome is unknown; `reserved` is what those cost in dollars;
    `earlier` are landed and unknown orders; `market` is the broker's clock: open, premarket, postmarket or closed.
    """

    now: float
    decision: Decision
    positions: Mapping[str, Decimal] | None = None
    claims: tuple[Claim, ...] | None = None
    balances: Balances | None = None
    market: str | None = None
    option_level: int | None = None
    in_doubt: frozenset[str] = frozenset()
    reserved: Decimal = ZERO
    earlier: Sequence[Earlier] = ()
    estimate: Estimate | None = None
    probes: bool = False
    """Whether this order would have to probe a trip, and so needs a clean preview."""
    settings: OrderSettings = DEFAULTS


def judge(order: Order, scene: Scene) -> list[Refusal]:
    """Every reason not to send the order; empty when there is none."""
    found: list[Refusal] = []
    for check in (_gate, _doubt, _again, _level, _hours, _closes, _turns, _money):
        found += check(order, scene)
    return found


def _gate(_: Order, scene: Scene) -> list[Refusal]:
    if scene.decision.allowed:
        return []
    reasons = scene.decision.reasons
    if not reasons:
        return [Refusal(GATE, "the gate is closed for it")]
    return [
        Refusal(GATE, f"{reason.concern} is {reason.state}: {reason.why} Opens {reason.opens_when}.")
        for reason in reasons
    ]


def _doubt(order: Order, scene: Scene) -> list[Refusal]:
    touched = [name for name in order.underlyings if name in scene.in_doubt]
    if not touched or not opens(order):
        return []
    return [
        Refusal("duplicate", f"an order on {name} has an unknown outcome; until it is settled nothing opens there")
        for name in touched
    ]


def _again(order: Order, scene: Scene) -> list[Refusal]:
    for earlier in scene.earlier:
        named = bool(order.intent_id) and order.intent_id == earlier.intent_id
        if named:
            return [Refusal("duplicate", f"intent {order.intent_id!r} was sent already as {earlier.our_id}")]
        distinct = bool(order.intent_id)
        ago = scene.now - earlier.at
        if not distinct and ago < scene.settings.duplicate and earlier.order.shape() == order.shape():
            words = f"the same order was sent {ago:.0f} s ago as {earlier.our_id}; say an intent_id of its own if it is meant"
            return [Refusal("duplicate", words)]
    return []


def _level(order: Order, scene: Scene) -> list[Refusal]:
    level, floor = scene.option_level, scene.settings.option_level
    if level is None or level >= floor or not any(leg.option for leg in opening_legs(order)):
        return []
    return [Refusal("permissions", f"the account's option level is {level}, opening options needs {floor}")]


def _hours(order: Order, scene: Scene) -> list[Refusal]:
    found = []
    legs = order.priced()
    for duration in dict.fromkeys(leg.duration for leg in legs if leg.duration in EXTENDED):
        session = SESSIONS[str(duration)]
        if scene.market is not None and scene.market != session:
            found.append(
                Refusal("market_hours", f"duration {duration} needs the {session}; the market is {scene.market}")
            )
    at_market = any(leg.type == "market" for leg in opening_legs(order))
    if at_market and not scene.settings.market_when_closed and scene.market != "open":
        seen = f"is {scene.market}" if scene.market else "clock can't be read"
        found.append(Refusal("market_hours", f"the market {seen}: an opening market order waits until it is open"))
    return found


def _closes(order: Order, scene: Scene) -> list[Refusal]:
    """Closing more than is held less pending less ambiguous. Skipped where positions or orders can't be read."""
    if scene.positions is None or scene.claims is None:
        return []
    found = []
    for (symbol, side), need in closing_needs(order).items():
        free = closable(symbol, side, scene.positions, scene.claims)
        if need > free:
            have = scene.positions.get(symbol, ZERO)
            words = f"{side} {need} {symbol}: {have} held, {free} left to close after live and unsettled orders"
            found.append(Refusal("position", words))
    return found


def _turns(order: Order, scene: Scene) -> list[Refusal]:
    """A position turned round, a short left or made uncovered. Opening needs positions and orders to be known."""
    if scene.positions is None or scene.claims is None:
        if not opens(order):
            return []
        return [Refusal("connection", "positions and orders can't be read, so nothing may open")]
    found = [Refusal("position", words) for words in turned(order, scene.positions, scene.claims)]
    cash = scene.balances.total_cash if scene.balances else None
    if cash is not None:
        cash -= scene.reserved
    return found + [Refusal("position", words) for words in bared(order, scene.positions, scene.claims, cash)]


def _money(order: Order, scene: Scene) -> list[Refusal]:
    if not opens(order):
        return []
    estimate = scene.estimate
    if estimate is not None and estimate.refused:
        return [Refusal(estimate.cause, f"the broker's preview refuses it: {estimate.words}")]
    if (scene.probes or needs_preview(order)) and (estimate is None or not estimate.clean):
        why = f" ({estimate.words})" if estimate and estimate.words else ""
        return [Refusal("broker", f"it must be previewed first, and no preview came{why}")]
    cost = cost_at_worst(order)
    if estimate is not None and estimate.clean:
        previewed = cost_by_preview(estimate.order_cost, estimate.margin_change)
        cost = previewed if cost is None else max(cost, previewed or ZERO)
    if cost is None:
        return [Refusal("broker", "its preview does not say what it costs")]
    if scene.balances is None:
        return [Refusal("connection", "balances can't be read, so nothing may open")]
    is_option = any(leg.option for leg in opening_legs(order))
    power = scene.balances.option_power if is_option else scene.balances.equity_power
    free = power - scene.reserved
    if cost > free:
        held_back = f", {scene.reserved:.2f} of it held for orders in doubt" if scene.reserved else ""
        return [Refusal("funds", f"it may cost {cost:.2f}, buying power is {power:.2f}{held_back}")]
    return []


def symbols_in_doubt(orders: Sequence[Order]) -> frozenset[str]:
    """The underlyings that these orders touch, spelled as option roots are."""
    return frozenset(plain(name) for order in orders for name in order.underlyings)
