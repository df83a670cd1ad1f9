"""Is this dict a whole order, and what is wrong where it is not?

Takes a tidied dict and makes a typed Order of it, or names every fault at once. The rules are Tradier's by class and
type (DOC D1 trading pages, tradier-api §7.1); nothing is corrected here.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from supervisor.core.occ import parse_option
from supervisor.orders.gather import given, number, shown
from supervisor.orders.order import (
    ADVANCED,
    DURATIONS,
    EQUITY_SIDES,
    EXTENDED,
    NET_TYPES,
    OPTION_SIDES,
    PACKAGES,
    SIMPLE_TYPES,
    SINGLE,
    Kind,
    Leg,
    Order,
    OrderRefused,
    Refusal,
)
from supervisor.orders.settings import OrderSettings
from supervisor.orders.symbols import equity_fault, on_underlying, option_fault, plain
from supervisor.orders.tidy import Fix, Held, tidy, untidy

MOST_QUANTITY = 10_000_000
"""DOC: IncorrectOrderQuantity."""
LEGS_OF = {
    Kind.MULTILEG: (2, 4),
    Kind.COMBO: (2, 3),
    Kind.OTO: (2, 2),
    Kind.OCO: (2, 2),
    Kind.OTOCO: (3, 3),
}
"""Fewest and most legs by class (DOC)."""


class _Faults:
    """The faults found so far."""

    def __init__(self, known: tuple[Refusal, ...]) -> None:
        self.found = list(known)

    def add(self, cause: str, words: str, field: str = "") -> None:
        self.found.append(Refusal(cause, words, field))


def understand(
    raw: Any, held: Held | None = None, today: date | None = None, settings: OrderSettings | None = None
) -> tuple[Order, tuple[Fix, ...]]:
    """The typed order of an agent's dict and the corrections made. Raises OrderRefused naming every fault at once.

    `today` is the Eastern calendar day, by which expired options are known. With `settings` a correction that they do not
    allow is refused, saying what would be right.
    """
    tidied = tidy(raw, held)
    order = build(tidied.order, today, tidied.faults)
    if settings is not None and (refusals := untidy(tidied.fixes, settings)):
        raise OrderRefused(refusals)
    return order, tidied.fixes


def build(fields: Mapping[str, Any], today: date | None = None, known: tuple[Refusal, ...] = ()) -> Order:
    """The typed order of a tidied dict. Raises OrderRefused with `known` and every other fault."""
    faults = _Faults(known)
    kind = _kind(fields, faults)
    if kind is None:
        raise OrderRefused(tuple(faults.found))
    rows = list(fields.get("legs") or ())
    if kind in SINGLE:
        if rows:
            faults.add("order", f"an order of class {kind} has no legs", "legs")
        legs: tuple[Leg, ...] = (_leg(fields, kind, faults, "", today),)
    else:
        fewest, most = LEGS_OF[kind]
        if not fewest <= len(rows) <= most:
            count = f"{fewest} to {most}" if fewest != most else str(fewest)
            faults.add("order", f"an order of class {kind} has {count} legs, not {len(rows)}", "legs")
        legs = tuple(_leg(row, kind, faults, f"leg {i} ", today) for i, row in enumerate(rows))
    duration = _duration(fields, faults, "")
    order = Order(
        kind=kind,
        symbol=_text(fields, "symbol") if kind in PACKAGES else legs[0].symbol if kind in SINGLE else "",
        legs=legs,
        duration=duration,
        tag=_name(fields, "tag", faults),
        intent_id=_name(fields, "intent_id", faults),
        **_ruling(fields, kind, faults),
    )
    for check in (_single, _package, _advanced, _lasting):
        check(order, faults)
    if faults.found:
        raise OrderRefused(tuple(dict.fromkeys(faults.found)))
    return order


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _name(fields: Mapping[str, Any], name: str, faults: _Faults) -> str:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        faults.add("order", f"{name} {shown(value)} is no text", name)
    return _text(fields, name)


def _kind(fields: Mapping[str, Any], faults: _Faults) -> Kind | None:
    value = fields.get("class")
    if value is None:
        faults.add("order", "class is missing, and its legs do not say which it is", "class")
        return None
    try:
        return Kind(value)
    except ValueError:
        faults.add("order", f"class {shown(value)} is none of {', '.join(Kind)}", "class")
        return None


def _leg(row: Mapping[str, Any], kind: Kind, faults: _Faults, where: str, today: date | None) -> Leg:
    coded = row.get("option_symbol")
    symbol = _text(row, "symbol")
    option = parse_option(coded)
    wants_option = kind in (Kind.OPTION, Kind.MULTILEG)
    if coded is not None:
        fault = option_fault(coded, today) if isinstance(coded, str) else f"option_symbol {shown(coded)} is no text"
        if kind is Kind.EQUITY:
            fault = fault or "option_symbol has no place in an equity order"
        if fault:
            faults.add("symbol", where + fault, "option_symbol")
    elif wants_option:
        faults.add("symbol", f"{where}option_symbol is missing", "option_symbol")
    if not symbol:
        missing = f"symbol {shown(row['symbol'])} is no text" if given(row.get("symbol")) else "symbol is missing"
        faults.add("symbol", where + missing, "symbol")
    elif fault := equity_fault(symbol):
        faults.add("symbol", where + fault, "symbol")
    elif option is not None and not on_underlying(option, symbol):
        faults.add("symbol", f"{where}symbol {symbol} is not the underlying of {option.symbol}", "symbol")
    own = kind in ADVANCED
    is_option = coded is not None or wants_option
    return Leg(
        symbol=symbol,
        side=_side(row, faults, where, is_option=is_option),
        quantity=_quantity(row, faults, where),
        option=option,
        type=_type(row, faults, where, SIMPLE_TYPES) if own else None,
        price=_price(row, "price", faults, where) if own else None,
        stop=_price(row, "stop", faults, where) if own else None,
        duration=_duration(row, faults, where) if own and given(row.get("duration")) else None,
    )


def _side(row: Mapping[str, Any], faults: _Faults, where: str, *, is_option: bool) -> str:
    side = row.get("side")
    allowed = OPTION_SIDES if is_option else EQUITY_SIDES
    if not given(side):
        faults.add("order", f"{where}side is missing", "side")
    elif is_option and side in ("buy", "sell"):
        faults.add(
            "order",
            f"{where}side {shown(side)} on an option is not clear: say {side}_to_open or {side}_to_close",
            "side",
        )
    elif not isinstance(side, str) or side not in allowed:
        faults.add("order", f"{where}side {shown(side)} is none of {', '.join(sorted(allowed))}", "side")
    return side if isinstance(side, str) else ""


def _quantity(row: Mapping[str, Any], faults: _Faults, where: str) -> int:
    value = row.get("quantity")
    count = number(value)
    if not given(value):
        faults.add("order", f"{where}quantity is missing", "quantity")
    elif count is None:
        faults.add("order", f"{where}quantity {shown(value)} is no number", "quantity")
    elif count != count.to_integral_value():
        faults.add("order", f"{where}quantity {shown(value)} is not whole", "quantity")
    elif not 1 <= count <= MOST_QUANTITY:
        faults.add("order", f"{where}quantity {shown(value)} is not between 1 and {MOST_QUANTITY:,}", "quantity")
    else:
        return int(count)
    return 0


def _type(row: Mapping[str, Any], faults: _Faults, where: str, allowed: frozenset[str]) -> str:
    value = row.get("type")
    if not given(value):
        faults.add("order", f"{where}type is missing: say one of {', '.join(sorted(allowed))}", "type")
    elif not isinstance(value, str) or value not in allowed:
        faults.add("order", f"{where}type {shown(value)} is none of {', '.join(sorted(allowed))}", "type")
    return value if isinstance(value, str) else ""


def _duration(row: Mapping[str, Any], faults: _Faults, where: str) -> str:
    value = row.get("duration")
    if not isinstance(value, str) or value not in DURATIONS:
        said = f"duration {shown(value)}" if given(value) else "duration is missing: it"
        faults.add("order", f"{where}{said} is none of {', '.join(sorted(DURATIONS))}", "duration")
    return value if isinstance(value, str) else ""


def _price(row: Mapping[str, Any], name: str, faults: _Faults, where: str) -> Decimal | None:
    value = row.get(name)
    if not given(value):
        return None
    read = number(value)
    if read is None:
        faults.add("price", f"{where}{name} {shown(value)} is no number", name)
    elif read <= 0:
        faults.add("price", f"{where}{name} {shown(value)} is not above zero", name)
    elif read != read.quantize(Decimal("0.01")):
        faults.add("price", f"{where}{name} {shown(value)} has more than two decimals", name)
    else:
        return read.quantize(Decimal("0.01"))
    return None


def _ruling(fields: Mapping[str, Any], kind: Kind, faults: _Faults) -> dict[str, Any]:
    """Type and prices of the whole order; those of OTO, OCO and OTOCO stand on the legs."""
    if kind in ADVANCED:
        for name in ("type", "price", "stop", "side", "quantity"):
            if given(fields.get(name)):
                faults.add("order", f"{name} belongs on the legs of an {kind} order", name)
        return {}
    allowed = SIMPLE_TYPES if kind in SINGLE else NET_TYPES
    return {
        "type": _type(fields, faults, "", allowed),
        "price": _price(fields, "price", faults, ""),
        "stop": _price(fields, "stop", faults, ""),
    }


def _fits(type_: str | None, price: Decimal | None, stop: Decimal | None, where: str, faults: _Faults) -> None:
    """Each type has exactly the prices it needs."""
    needs_price = type_ in ("limit", "stop_limit", "debit", "credit")
    needs_stop = type_ in ("stop", "stop_limit")
    for name, value, needed in (("price", price, needs_price), ("stop", stop, needs_stop)):
        if needed and value is None and not any(f.field == name for f in faults.found):
            faults.add("price", f"{where}a {type_} order needs a {name}", name)
        elif value is not None and type_ and not needed:
            faults.add("price", f"{where}a {type_} order has no {name}: leave it out, or say another type", name)


def _single(order: Order, faults: _Faults) -> None:
    if order.kind not in ADVANCED:
        _fits(order.type, order.price, order.stop, "", faults)


def _package(order: Order, faults: _Faults) -> None:
    if order.kind not in PACKAGES:
        return
    if not order.symbol:
        faults.add("symbol", "symbol is missing", "symbol")
    names = Counter(leg.name for leg in order.legs)
    for name in (name for name, n in names.items() if n > 1):
        faults.add("order", f"{name} is in two legs", "legs")
    for i, leg in enumerate(order.legs):
        if leg.symbol and order.symbol and plain(leg.symbol) != plain(order.symbol):
            faults.add("symbol", f"leg {i} is on {leg.symbol}, the order on {order.symbol}", "legs")
    shares = sum(1 for leg in order.legs if leg.option is None)
    if order.kind is Kind.COMBO and shares != 1:
        faults.add("order", f"a combo has one leg of shares, not {shares}", "legs")


def _advanced(order: Order, faults: _Faults) -> None:
    if order.kind not in ADVANCED:
        return
    for i, leg in enumerate(order.legs):
        _fits(leg.type, leg.price, leg.stop, f"leg {i} ", faults)
        if leg.type == "market" and not (order.kind is Kind.OTO and i == 1):
            faults.add("order", f"leg {i} of an {order.kind} order can't be a market order", "type")
    pair = order.legs[-2:] if order.kind in (Kind.OCO, Kind.OTOCO) else ()
    if len(pair) < 2:
        return
    one, other = pair
    if one.name != other.name:
        faults.add("symbol", f"the two exits are on {one.name} and {other.name}; they must be on one", "legs")
    if one.side != other.side:
        faults.add("order", f"the two exits are {one.side} and {other.side}; they must be on one side", "legs")
    if one.type == other.type:
        faults.add("order", f"the two exits are both {one.type}; their types must differ", "legs")
    if (one.duration or order.duration) != (other.duration or order.duration):
        faults.add("order", "the two exits must last equally long", "legs")


def _lasting(order: Order, faults: _Faults) -> None:
    for i, leg in enumerate(order.priced()):
        where = f"leg {i} " if order.kind in ADVANCED else ""
        if leg.duration in EXTENDED and leg.type != "limit":
            faults.add("market_hours", f"{where}duration {leg.duration} needs a limit order", "duration")
        if leg.duration == "gtc" and leg.type == "market":
            faults.add("order", f"{where}a market order can't be gtc, only day", "duration")
        if leg.duration == "gtc" and leg.side == "sell_short":
            faults.add("order", f"{where}a short sale can't be gtc, only day", "duration")
