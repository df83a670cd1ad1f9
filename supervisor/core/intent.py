"""Does this order open risk or reduce it?

Side names alone are not intent: a bare `buy` or `sell` on an option opens until positions say otherwise, a close that
uncovers a short option opens, a multi-leg order opens if any leg does, and a side we do not know opens.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from supervisor.core.occ import Option, parse_option
from supervisor.core.verdict import Reason, Verdict
from supervisor.core.words import OPENING, Permit, permit_names

OPENS = frozenset({"buy", "sell_short", "buy_to_open", "sell_to_open"})
CLOSES = frozenset({"sell", "buy_to_cover", "sell_to_close", "buy_to_close"})
TRIGGERED = frozenset({"oto", "otoco"})
"""Classes whose first order is the entry; the others are its exits."""

_INDEXED = re.compile(r"(\w+)\[(\d+)\]")

Held = Mapping[str, Decimal]
"""Signed quantities by symbol (compact OCC for options), fresh, with pending orders taken off."""


@attrs.frozen
class Leg:
    """One order, or one leg of an order, as far as intent needs it."""

    symbol: str
    side: str
    quantity: Decimal
    option: Option | None
    is_option: bool

    @property
    def underlying(self) -> str:
        """The option's root, or the symbol itself."""
        return self.option.root if self.option else self.symbol


@attrs.frozen
class Intent:
    """What an order needs: the permits, the symbols it touches, and why it is taken so."""

    permits: Permit
    symbols: frozenset[str]
    why: str

    @property
    def opens(self) -> bool:
        """Whether it needs any opening permit."""
        return bool(self.permits & OPENING)


@attrs.frozen
class Decision:
    """May this order be sent? With its intent and, where it may not, every reason."""

    allowed: bool
    intent: Intent
    reasons: tuple[Reason, ...]

    def __bool__(self) -> bool:
        """Whether it is allowed."""
        return self.allowed

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "allowed": self.allowed,
            "opens": self.intent.opens,
            "needs": permit_names(self.intent.permits),
            "why": self.intent.why,
            "reasons": [reason.as_dict() for reason in self.reasons],
        }


def text(value: object) -> str:
    """A field as lower-case text without blanks around it; "" for what is no text."""
    return value.strip().lower() if isinstance(value, str) else ""


def _quantity(value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return abs(number) if number.is_finite() else Decimal(0)


def _rows(order: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The order's legs in any of the shapes agents use: a list, one object, or indexed form fields."""
    listed = order.get("legs") or order.get("leg") or order.get("orders")
    if isinstance(listed, Mapping):
        yield listed
    elif isinstance(listed, Sequence) and not isinstance(listed, str):
        yield from (row for row in listed if isinstance(row, Mapping))
    indexed: dict[int, dict[str, Any]] = {}
    for name, value in order.items():
        found = _INDEXED.fullmatch(name) if isinstance(name, str) else None
        if found:
            indexed.setdefault(int(found[2]), {})[found[1]] = value
    yield from (indexed[number] for number in sorted(indexed))


def _leg(row: Mapping[str, Any], order: Mapping[str, Any]) -> Leg:
    named = row.get("option_symbol") or row.get("symbol") or order.get("symbol") or ""
    option = parse_option(named)
    side = text(row.get("side") or row.get("action"))
    is_option = option is not None or "_to_open" in side or "_to_close" in side or bool(row.get("option_symbol"))
    if row is order:
        is_option = is_option or text(order.get("class")) == "option"
    symbol = option.symbol if option else str(named).strip().upper()
    return Leg(symbol, side, _quantity(row.get("quantity", row.get("qty", 0))), option, is_option)


def legs_of(order: Mapping[str, Any]) -> tuple[Leg, ...]:
    """Every leg of an order; a plain order is its own only leg."""
    rows = list(_rows(order))
    return tuple(_leg(row, order) for row in rows) if rows else (_leg(order, order),)


def intent_of(order: Mapping[str, Any], held: Held | None = None) -> Intent:
    """What the order needs. `held` are fresh positions with pending orders taken off; None where they are not known."""
    legs = legs_of(order)
    if text(order.get("class")) in TRIGGERED and len(legs) > 1:
        closing_exits = all(leg.side in CLOSES for leg in legs[1:])
        judged = legs[:1] if closing_exits else legs
    else:
        judged = legs
    found = [_opens(leg, held) for leg in judged]
    if held is not None and not any(opens for opens, _ in found) and uncovers(judged, held):
        found = [(True, "it would uncover a short option")] * len(judged)
    permits = Permit(0)
    for leg, (opens, _) in zip(judged, found, strict=True):
        if opens:
            permits |= Permit.OPEN_OPTION if leg.is_option else Permit.OPEN_EQUITY
        else:
            permits |= Permit.CLOSE_OPTION if leg.is_option else Permit.CLOSE_EQUITY
    names = (name for leg in legs for name in (leg.symbol, leg.underlying, leg.underlying.replace("/", "")))
    return Intent(permits, frozenset(filter(None, names)), "; ".join(dict.fromkeys(why for _, why in found)))


def _opens(leg: Leg, held: Held | None) -> tuple[bool, str]:
    side = leg.side
    if leg.is_option and side in {"buy", "sell"}:
        have = None if held is None else held.get(leg.symbol, Decimal(0))
        if have is None:
            return True, f"a bare {side!r} on an option opens until positions are known"
        closes = have <= -leg.quantity < 0 if side == "buy" else have >= leg.quantity > 0
        if not closes:
            return True, f"a bare {side!r} on an option opens: nothing is held that it could close"
    elif side in OPENS:
        return True, f"{side!r} opens"
    elif side not in CLOSES:
        return True, f"the side {side!r} is not known, so it opens" if side else "no side is given, so it opens"
    return False, f"{side!r} closes"


def uncovers(legs: Sequence[Leg], held: Held) -> bool:
    """Whether closing all of these together leaves a short option bare that was covered.

    Short calls are covered by 100 shares each or by long calls, short puts by long puts of the same root, which expire
    no sooner.
    """
    after = dict(held)
    for leg in legs:
        sells = leg.side in {"sell", "sell_to_close"}
        after[leg.symbol] = after.get(leg.symbol, Decimal(0)) + (-leg.quantity if sells else leg.quantity)
    roots = {leg.underlying.replace("/", "") for leg in legs}
    return any(bare_shorts(after, root) > bare_shorts(held, root) for root in roots)


def bare_shorts(held: Held, root: str) -> Decimal:
    """How many short contracts on the root nothing held covers."""
    shares = sum((q for symbol, q in held.items() if symbol.replace("/", "") == root and q > 0), Decimal(0))
    options = [(option, q) for symbol, q in held.items() if (option := parse_option(symbol)) and option.root == root]
    bare = Decimal(0)
    for right in "CP":
        longs = [(option.expires, q) for option, q in options if option.right == right and q > 0]
        free_shares = shares if right == "C" else Decimal(0)
        shorts = sorted(((o.expires, -q) for o, q in options if o.right == right and q < 0), reverse=True)
        for expires, short in shorts:
            need = short
            for i, (lasts, long) in enumerate(longs):
                used = min(need, long) if lasts >= expires else Decimal(0)
                longs[i] = (lasts, long - used)
                need -= used
            by_shares = min(need, free_shares // 100)
            free_shares -= by_shares * 100
            bare += need - by_shares
    return bare


def decide(verdict: Verdict, intent: Intent, fresh_permits: int) -> Decision:
    """Whether an order of this intent may be sent, given the permits as they stand now and the scoped blocks."""
    missing = intent.permits & ~fresh_permits
    reasons = [reason for reason in verdict.reasons if reason.permits & missing]
    blocked = [block for block in verdict.blocks if block.permits & intent.permits and _in_scope(block.scope, intent)]
    return Decision(not missing and not blocked, intent, (*reasons, *blocked))


def _in_scope(scope: str, intent: Intent) -> bool:
    kind, _, name = scope.partition(":")
    if kind == "symbol":
        return name in intent.symbols
    if kind == "options":
        return bool(intent.permits & (Permit.OPEN_OPTION | Permit.CLOSE_OPTION))
    if kind == "equities":
        return bool(intent.permits & (Permit.OPEN_EQUITY | Permit.CLOSE_EQUITY))
    return True
