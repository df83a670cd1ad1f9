"""What does an order form ask for? Family A: what is wrong with its parameters is a 400 of one bare sentence.

Sentences known from measurements are word for word (section 7.4); the others keep their form, `is required.` and
`is not valid.`.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import NoReturn

import attrs

from supervisor.simulator import bodies
from supervisor.simulator.call import Refused
from supervisor.simulator.hours import Session, accepts_pre, session
from supervisor.simulator.occ import parse
from supervisor.simulator.orders import CONDITIONAL, SPREADS, Ticket
from supervisor.simulator.wire import Request

EQUITY_SIDES = frozenset({"buy", "buy_to_cover", "sell", "sell_short"})
OPTION_SIDES = frozenset({"buy_to_open", "buy_to_close", "sell_to_open", "sell_to_close"})
TYPES = frozenset({"market", "limit", "stop", "stop_limit"})
NET_TYPES = frozenset({"market", "debit", "credit", "even"})
EXTENDED = frozenset({"pre", "post"})
DURATIONS = frozenset({"day", "gtc"}) | EXTENDED
CLASSES = frozenset({"equity", "option"}) | SPREADS | CONDITIONAL
LEG_COUNTS: Mapping[str, tuple[int, int]] = {
    "multileg": (2, 4),
    "combo": (2, 3),
    "oto": (2, 2),
    "oco": (2, 2),
    "otoco": (3, 3),
}
PRICED = frozenset({"limit", "stop_limit", "debit", "credit"})
STOPPED = frozenset({"stop", "stop_limit"})
LONGEST_TAG = 255
MOST = 10_000_000
_TAG = re.compile(r"[A-Za-z0-9-]*")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9./]{0,9}")
BACKOFFICE = "Backoffice rejected override of the order."


@attrs.frozen
class Asked:
    """A form that reads well. `whole` carries what the parent row shows; `legs` are there for all but single orders."""

    order_class: str
    whole: Ticket
    legs: tuple[Ticket, ...]
    tag: str

    @property
    def tickets(self) -> tuple[Ticket, ...]:
        """Everything it would buy or sell."""
        return self.legs or (self.whole,)


def coded(code: str) -> Refused:
    """Family B with a code, as the back office says it."""
    return Refused(bodies.errors([BACKOFFICE, code]))


def worded(sentence: str) -> Refused:
    """Family B with a sentence alone."""
    return Refused(bodies.errors(sentence))


def read(form: Request, now: float) -> Asked:
    """What the form asks for; Refused where a parameter is missing or wrong."""
    order_class = _one_of(form, "class", CLASSES)
    tag = _tag(form)
    if order_class in CONDITIONAL:
        return _conditional(form, order_class, tag, now)
    duration = _duration(form, "duration", now)
    if order_class in SPREADS:
        return _spread(form, order_class, duration, tag)
    whole = _ticket(form, "", duration, option=order_class == "option")
    if duration in EXTENDED and (whole.type != "limit" or whole.option):
        _no("type")
    return Asked(order_class, whole, (), tag)


def new_terms(form: Request, order_class: str, old: Ticket, now: float) -> Ticket:
    """The ticket as a PUT changes it: only what is sent, never the quantity nor the session of a pre or post order."""
    kind = _one_of(form, "type", NET_TYPES if order_class in SPREADS else TYPES) if form.param("type") else old.type
    duration = _duration(form, "duration", now) if form.param("duration") else old.duration
    if duration != old.duration and not EXTENDED.isdisjoint({duration, old.duration}):
        _no("duration")
    price = _money(form, "price") if form.param("price") else old.price
    stop = _money(form, "stop") if form.param("stop") else old.stop
    if kind in PRICED and price is None:
        _missing("price")
    if kind in STOPPED and stop is None:
        _missing("stop")
    return attrs.evolve(
        old,
        type=kind,
        duration=duration,
        price=price if kind in PRICED else None,
        stop=stop if kind in STOPPED else None,
    )


def _spread(form: Request, order_class: str, duration: str, tag: str) -> Asked:
    symbol = _symbol(form, "symbol")
    kind = _one_of(form, "type", NET_TYPES)
    price = _needed_money(form, "price") if kind in PRICED else None
    legs = []
    for index in range(_leg_count(form, order_class)):
        stock = order_class == "combo" and index == 0
        side = _one_of(form, f"side[{index}]", EQUITY_SIDES if stock else OPTION_SIDES)
        option = "" if stock else _option(form, f"option_symbol[{index}]", symbol)
        legs.append(Ticket(symbol, side, _quantity(form, f"quantity[{index}]"), option, kind, duration, price))
    units = min(leg.quantity for leg in legs)
    return Asked(order_class, Ticket(symbol, "buy", units, "", kind, duration, price), tuple(legs), tag)


def _conditional(form: Request, order_class: str, tag: str, now: float) -> Asked:
    if order_class == "otoco" and form.param("symbol"):  # MEAS M5: the symbols belong to the legs
        _no("symbol")
    legs = []
    for index in range(_leg_count(form, order_class)):
        own = f"duration[{index}]"
        duration = _duration(form, own if form.param(own) else "duration", now)
        side = _one_of(form, f"side[{index}]", EQUITY_SIDES | OPTION_SIDES)
        if side in EQUITY_SIDES and form.param(f"option_symbol[{index}]"):
            _no("symbol")
        legs.append(_ticket(form, f"[{index}]", duration, option=side in OPTION_SIDES))
    if order_class in {"oto", "otoco"} and legs[0].type == "market":
        raise coded("OtoFirstLesIsMarketNotAllowed")
    if order_class in {"oco", "otoco"}:
        _alternatives(legs[-2], legs[-1])
    first = legs[0]
    whole = Ticket(first.symbol, first.side, first.quantity, type=first.type, duration=first.duration)
    return Asked(order_class, whole, tuple(legs), tag)


def _alternatives(one: Ticket, other: Ticket) -> None:
    """Two orders of which one cancels the other: one symbol, one duration, other types, none at the market."""
    if "market" in {one.type, other.type}:
        raise coded("OtoOcoMarketNotAllowed")
    if one.instrument != other.instrument:
        _no("symbol")
    if one.buys is not other.buys:
        raise coded("OcoOrderWithOppositeLegs")
    if one.type == other.type:
        _no("type")
    if one.duration != other.duration:
        raise coded("OcoExpirationTypeNotTheSame")


def _ticket(form: Request, at: str, duration: str, *, option: bool) -> Ticket:
    occ = ""
    if option:
        contract = parse(form.param(f"option_symbol{at}").upper())
        named = form.param(f"symbol{at}")
        symbol = _symbol(form, f"symbol{at}") if named or not at else contract.underlying if contract else ""
        occ = _option(form, f"option_symbol{at}", symbol)
    else:
        symbol = _symbol(form, f"symbol{at}")
    side = _one_of(form, f"side{at}", OPTION_SIDES if option else EQUITY_SIDES)
    quantity = _quantity(form, f"quantity{at}")
    kind = _one_of(form, f"type{at}", TYPES)
    price = _needed_money(form, f"price{at}") if kind in PRICED else None
    stop = _needed_money(form, f"stop{at}") if kind in STOPPED else None
    return Ticket(symbol, side, quantity, occ, kind, duration, price, stop)


def _leg_count(form: Request, order_class: str) -> int:
    least, most = LEG_COUNTS[order_class]
    count = 0
    while form.param(f"side[{count}]") or form.param(f"quantity[{count}]"):
        count += 1
    if count < least:
        _missing(f"side[{count}]")
    if count > most:
        _no(f"side[{most}]")
    return count


def _duration(form: Request, name: str, now: float) -> str:
    duration = _one_of(form, name, DURATIONS)
    if duration == "pre" and not accepts_pre(now):
        raise Refused(bodies.invalid("duration", "pre market no longer available."))
    if duration == "post" and session(now) is not Session.POSTMARKET:
        raise Refused(bodies.invalid("duration", "post market no longer available."))
    return duration


def _symbol(form: Request, name: str) -> str:
    text = form.param(name).upper()
    if not text:
        _missing(name)
    if not _SYMBOL.fullmatch(text):
        _no(name)
    return text


def _option(form: Request, name: str, underlying: str) -> str:
    text = form.param(name).upper()
    if not text:
        _missing(name)
    contract = parse(text)
    if contract is None or underlying not in {contract.underlying, contract.root}:
        _no(name)
    return text


def _quantity(form: Request, name: str) -> Decimal:
    quantity = _number(form, name)
    if quantity != quantity.to_integral_value():
        raise Refused(bodies.invalid("quantity", "decimal places are not allowed."))
    if not 1 <= quantity <= MOST:
        raise coded("IncorrectOrderQuantity")
    return quantity


def _needed_money(form: Request, name: str) -> Decimal:
    if not form.param(name):
        _missing(name)
    return _money(form, name)


def _money(form: Request, name: str) -> Decimal:
    amount = _number(form, name)
    bare = name.partition("[")[0]
    if amount <= 0:
        raise Refused(bodies.invalid(bare, "must be greater than 0"))
    if amount != amount.quantize(Decimal("0.01")):
        raise Refused(bodies.invalid(bare, "must use up to 2 decimal place(s)"))
    return amount


def _number(form: Request, name: str) -> Decimal:
    text = form.param(name)
    if not text:
        _missing(name)
    try:
        amount = Decimal(text)
    except InvalidOperation:
        _no(name)
    if not amount.is_finite() or abs(amount) >= 10**12:
        _no(name)
    return amount


def _tag(form: Request) -> str:
    tag = next((value for name, value in form.params if name == "tag"), "")
    if len(tag) > LONGEST_TAG:
        raise Refused(bodies.invalid("tag", "contains more than 255 characters."))
    if not _TAG.fullmatch(tag):
        raise Refused(bodies.invalid("tag", "contains invalid characters."))
    return tag


def _one_of(form: Request, name: str, known: frozenset[str]) -> str:
    text = form.param(name)
    if not text:
        _missing(name)
    if text not in known:
        _no(name)
    return text


def _missing(name: str) -> NoReturn:
    raise Refused(bodies.invalid(name, "is required."))


def _no(name: str) -> NoReturn:
    raise Refused(bodies.invalid(name, "is not valid."))
