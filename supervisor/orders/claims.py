"""What may live orders still take from what is held, and what is left to close?

Every order that works, is under way or is in doubt claims its quantity. OCO legs claim once, since only one can fill;
exits inside OTO and OTOCO claim nothing while their entry is open, since they are against it.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

import attrs

from supervisor.orders.order import Kind, Leg, Order

ZERO = Decimal(0)
SELLS_LONG = frozenset({"sell", "sell_to_close"})
BUYS_SHORT = frozenset({"buy_to_cover", "buy_to_close"})
CLOSES = SELLS_LONG | BUYS_SHORT
ADDS_SHORT = frozenset({"sell_short", "sell_to_open"})
BUYS = frozenset({"buy", "buy_to_open"}) | BUYS_SHORT
OPENED_BY = {
    "sell": "buy",
    "buy_to_cover": "sell_short",
    "sell_to_close": "buy_to_open",
    "buy_to_close": "sell_to_open",
}
"""Each closing side, and the side that opens what it closes."""


class Row(Protocol):
    """One order, or one leg, as the broker shows it; parents of OCO, OTO and OTOCO have their details in `legs`."""

    @property
    def order_id(self) -> str: ...  # noqa: D102 - a field of the record
    @property
    def status(self) -> str: ...  # noqa: D102 - as above
    @property
    def final(self) -> bool: ...  # noqa: D102 - as above
    @property
    def kind(self) -> str | None: ...  # noqa: D102 - as above
    @property
    def symbol(self) -> str | None: ...  # noqa: D102 - as above
    @property
    def option_symbol(self) -> str | None: ...  # noqa: D102 - as above
    @property
    def side(self) -> str | None: ...  # noqa: D102 - as above
    @property
    def quantity(self) -> Decimal | None: ...  # noqa: D102 - as above
    @property
    def exec_quantity(self) -> Decimal | None: ...  # noqa: D102 - as above
    @property
    def legs(self) -> Sequence["Row"]: ...  # noqa: D102 - as above


@attrs.frozen
class Claim:
    """So many of a symbol on that side, still to be filled."""

    symbol: str
    side: str
    quantity: Decimal


def of_order(order: Order) -> tuple[Claim, ...]:
    """What the whole order claims once it is sent."""
    claims = [Claim(leg.name, leg.side, Decimal(leg.quantity)) for leg in order.legs]
    if order.kind is Kind.OCO:
        return _once(claims)
    if order.kind in (Kind.OTO, Kind.OTOCO):
        return (claims[0], *_beyond(claims[0], claims[1:], once=order.kind is Kind.OTOCO))
    return tuple(claims)


def _beyond(entry: Claim, exits: Sequence[Claim], *, once: bool) -> tuple[Claim, ...]:
    """What exits claim beyond what their entry brings; those that open something claim all of it."""
    left = [Claim(c.symbol, c.side, c.quantity - (entry.quantity if _closes(c, entry) else ZERO)) for c in exits]
    claims = [claim for claim in left if claim.quantity > 0]
    return _once(claims) if once else tuple(claims)


def _closes(claim: Claim, entry: Claim) -> bool:
    return claim.symbol == entry.symbol and OPENED_BY.get(claim.side) == entry.side


def brought(entry: Leg, leg: Leg) -> int:
    """How many of what this exit closes its entry opens."""
    return entry.quantity if entry.name == leg.name and OPENED_BY.get(leg.side) == entry.side else 0


def of_row(row: Row) -> tuple[Claim, ...]:
    """What an order as the broker shows it still claims."""
    if row.final:
        return ()
    if not row.legs:
        return _of_leg(row)
    kind = row.kind
    if kind == Kind.OCO:
        return _once([claim for leg in row.legs for claim in _of_leg(leg)])
    if kind in (Kind.OTO, Kind.OTOCO):
        entry, claims = row.legs[0], [claim for leg in row.legs[1:] for claim in _of_leg(leg)]
        if not entry.final:
            whole = _whole(entry)
            return (*_of_leg(entry), *(_beyond(whole, claims, once=kind == Kind.OTOCO) if whole else ()))
        return _once(claims) if kind == Kind.OTOCO else tuple(claims)
    return tuple(claim for leg in row.legs for claim in _of_leg(leg))


def _of_leg(row: Row) -> tuple[Claim, ...]:
    name = row.option_symbol or row.symbol
    if row.final or name is None or row.side is None or row.quantity is None:
        return ()
    left = row.quantity - (row.exec_quantity or ZERO)
    return (Claim(name, row.side, left),) if left > 0 else ()


def _whole(row: Row) -> Claim | None:
    """The leg as it was asked for, whatever of it has filled."""
    name = row.option_symbol or row.symbol
    return Claim(name, row.side, row.quantity) if name and row.side and row.quantity else None


def _once(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Of claims that exclude each other, the largest per symbol and side."""
    largest: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        known = largest.get((claim.symbol, claim.side))
        if known is None or claim.quantity > known.quantity:
            largest[claim.symbol, claim.side] = claim
    return tuple(largest.values())


def closable(symbol: str, side: str, positions: Mapping[str, Decimal], claims: Iterable[Claim]) -> Decimal:
    """How many of the symbol that closing side may still close: held, less what live orders claim."""
    have = positions.get(symbol, ZERO)
    held = have if side in SELLS_LONG else -have
    sides = SELLS_LONG if side in SELLS_LONG else BUYS_SHORT
    taken = sum((claim.quantity for claim in claims if claim.symbol == symbol and claim.side in sides), ZERO)
    return max(ZERO, max(ZERO, held) - taken)


def at_worst(positions: Mapping[str, Decimal], claims: Iterable[Claim]) -> dict[str, Decimal]:
    """What is surely there to cover shorts: longs less every pending sale, shorts with every pending one added."""
    worst = dict(positions)
    for claim in claims:
        if claim.side in SELLS_LONG or claim.side in ADDS_SHORT:
            worst[claim.symbol] = worst.get(claim.symbol, ZERO) - claim.quantity
    return worst


def at_least_long(positions: Mapping[str, Decimal], claims: Iterable[Claim], symbol: str) -> Decimal:
    """The most that may be held of a symbol once pending purchases are filled."""
    bought = sum((claim.quantity for claim in claims if claim.symbol == symbol and claim.side in BUYS), ZERO)
    return positions.get(symbol, ZERO) + bought
