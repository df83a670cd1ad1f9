"""What would an order risk: money at worst, a short left bare, a position turned round?

Pure. Cover is judged at worst: longs less every pending sale, shorts with every pending one added, so that nothing still
to be filled counts as cover.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from supervisor.core.intent import bare_shorts
from supervisor.core.occ import parse_option
from supervisor.orders.claims import ADDS_SHORT, BUYS, CLOSES, ZERO, Claim, at_least_long, at_worst, brought
from supervisor.orders.order import CONTRACT, PACKAGES, TRIGGERED, Kind, Leg, Order
from supervisor.orders.symbols import plain

OPENS = frozenset({"buy", "sell_short", "buy_to_open", "sell_to_open"})


def opening_legs(order: Order) -> tuple[Leg, ...]:
    """The legs that open by their side; exits of OTO and OTOCO count against their entry when they close."""
    return tuple(leg for leg in order.priced() if leg.side in OPENS)


def opens(order: Order) -> bool:
    """Whether the order opens anything by its sides."""
    return bool(opening_legs(order))


def needs_preview(order: Order) -> bool:
    """Whether only the broker can say what it costs at worst: shorts, packages, and orders without a limit on their price."""
    if not opens(order):
        return False
    if order.kind in PACKAGES:
        return True
    return any(leg.side in ADDS_SHORT or leg.type in ("market", "stop") for leg in opening_legs(order))


def cost_at_worst(order: Order) -> Decimal | None:
    """US dollars that its opening legs may cost, by their limits; None where only a preview can tell, 0 for a close."""
    if needs_preview(order):
        return None
    costs = [(leg.price or ZERO) * leg.quantity * leg.multiplier for leg in opening_legs(order)]
    if not costs:
        return ZERO
    return max(costs) if order.kind is Kind.OCO else sum(costs, ZERO)


def cost_by_preview(order_cost: Decimal | None, margin_change: Decimal | None) -> Decimal | None:
    """US dollars by the broker's preview: the larger of what it costs and what margin it takes; None where it says neither."""
    said = [value for value in (order_cost, margin_change) if value is not None]
    return max(ZERO, *said) if said else None


def stages(order: Order) -> list[tuple[Leg, ...]]:
    """What may be filled together, one after the other or instead of each other, as far as positions are concerned.

    A package fills as a whole; each leg of an OCO fills alone; an entry fills before its exits.
    """
    if order.kind in PACKAGES:
        return [order.legs]
    if order.kind is Kind.OCO:
        return [(leg,) for leg in order.legs]
    if order.kind in TRIGGERED:
        entry, exits = order.legs[0], order.legs[1:]
        return [(entry,), *[(entry, leg) for leg in exits]]
    return [order.legs]


def bared(order: Order, positions: Mapping[str, Decimal], claims: Sequence[Claim], cash: Decimal | None) -> list[str]:
    """Each short option that the order would leave or make uncovered, in words.

    Calls need shares or longer-lived calls; puts need puts, or cash for all short puts (`cash`: what is there, None if
    not known).
    """
    worst = at_worst(positions, claims)
    found = []
    best: dict[tuple[str, str], Decimal] = {}  # the exits of an entry may not undo the cover that the entry brought
    for legs in stages(order):
        after = dict(worst)
        for leg in legs:
            change = Decimal(leg.quantity if leg.side in BUYS else -leg.quantity)
            after[leg.name] = after.get(leg.name, ZERO) + change
        for root in dict.fromkeys(leg.option.root if leg.option else plain(leg.symbol) for leg in legs):
            for right, name in (("C", "call"), ("P", "put")):
                bare, before = _bare(after, root, right), _bare(worst, root, right)
                before = min(before, best.get((root, right), before))
                if order.kind in TRIGGERED and len(legs) == 1:
                    best[root, right] = bare
                if bare <= before or (right == "P" and _secured(after, cash)):
                    continue
                found.append(f"{bare} short {name} contract(s) on {root} would be uncovered")
    return list(dict.fromkeys(found))


def _bare(held: Mapping[str, Decimal], root: str, right: str) -> Decimal:
    """Uncovered short contracts of that right on that root."""
    seen = {}
    for symbol, quantity in held.items():
        option = parse_option(symbol)
        if option is None or option.right == right:
            seen[symbol] = quantity
    return bare_shorts(seen, root)


def _secured(held: Mapping[str, Decimal], cash: Decimal | None) -> bool:
    """Whether cash covers the exercise of every short put held."""
    if cash is None:
        return False
    need = ZERO
    for symbol, quantity in held.items():
        option = parse_option(symbol)
        if option is not None and option.right == "P" and quantity < 0:
            need += -quantity * option.strike * CONTRACT
    return need <= cash


def turned(order: Order, positions: Mapping[str, Decimal], claims: Sequence[Claim]) -> list[str]:
    """Each leg whose side does not fit what is held, so that it would turn a position round, in words.

    Tradier refuses these too (UnexpectedBuyOrder, UnexpectedSellShortOrder and their option forms); pending orders
    count (MEAS M2).
    """
    found = []
    known = claims
    for i, leg in enumerate(order.legs):
        if order.kind in TRIGGERED and i > 0:
            claims = (*known, Claim(order.legs[0].name, order.legs[0].side, Decimal(order.legs[0].quantity)))
        if leg.side in ("buy", "buy_to_open"):
            short = at_worst({leg.name: positions.get(leg.name, ZERO)}, _adding(claims, leg.name)).get(leg.name, ZERO)
            if short < 0:
                cover = "buy_to_cover" if leg.side == "buy" else "buy_to_close"
                found.append(
                    f"{leg.name} is held or being sold short ({short}): {leg.side} would mix with it; say {cover}"
                )
        elif leg.side in ADDS_SHORT:
            long = at_least_long(positions, claims, leg.name)
            if long > 0:
                close = "sell" if leg.side == "sell_short" else "sell_to_close"
                found.append(f"{leg.name} is held or being bought ({long}): {leg.side} would mix with it; say {close}")
    return found


def _adding(claims: Sequence[Claim], name: str) -> list[Claim]:
    return [claim for claim in claims if claim.symbol == name and claim.side in ADDS_SHORT]


def closing_needs(order: Order) -> dict[tuple[str, str], int]:
    """How many of each symbol and closing side must be there for it: OCO legs once, exits less what their entry brings."""
    needs: dict[tuple[str, str], int] = {}
    if order.kind in TRIGGERED:
        entry, exits = order.legs[0], order.legs[1:]
        if entry.side in CLOSES:
            needs[entry.name, entry.side] = entry.quantity
        outside = [(leg, leg.quantity - brought(entry, leg)) for leg in exits if leg.side in CLOSES]
        for leg, count in outside:
            key = (leg.name, leg.side)
            known = needs.get(key, 0)
            both = max(known, count) if order.kind is Kind.OTOCO and key != (entry.name, entry.side) else known + count
            if count > 0:
                needs[key] = both
        return needs
    for leg in order.legs:
        if leg.side in CLOSES:
            key = (leg.name, leg.side)
            needs[key] = (
                max(needs.get(key, 0), leg.quantity) if order.kind is Kind.OCO else needs.get(key, 0) + leg.quantity
            )
    return needs
