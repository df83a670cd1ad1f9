"""What may be put right about an order without asking anybody?

Case and blanks, OCC padding, an OCC code in the wrong field, class shares, a bare `buy` or `sell` on an option that
positions settle beyond doubt, the default class and duration, a type that the given prices imply, and prices written
with needless decimals. Each is listed. Price, side, quantity and symbol are never invented, nothing becomes a
`sell_to_open`, and an order without type and price stays without.

Two switches, those of the remedies `symbol` and `formatting`, turn that off: then what would have been put right is
refused, saying what would be right (`untidy`). A number is exempt: however it is spelled, it is the same number, and how
it goes on the wire is ours.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from supervisor.core.occ import parse_option
from supervisor.orders.claims import Claim
from supervisor.orders.gather import WORDS, gather, given, number, shown
from supervisor.orders.order import Refusal
from supervisor.orders.settings import OrderSettings
from supervisor.orders.symbols import clean, equity_symbol, underlying_of

CENT = Decimal("0.01")
PART_OF_ADVANCED = ("oto", "oco", "otoco")


@attrs.frozen
class Fix:
    """One correction: which field, what it was, what it is now, and why that changes nothing that was meant."""

    field: str
    before: str
    after: str
    why: str

    @property
    def switch(self) -> str:
        """The remedy whose switch allows it: `symbol` for another spelling of a symbol, else `formatting`."""
        name = self.field.rpartition(".")[2]
        return "symbol" if self.before and name in ("symbol", "option_symbol") else "formatting"

    @property
    def same_number(self) -> bool:
        """Whether only a number's spelling differs."""
        before, after = number(self.before), number(self.after)
        return before is not None and before == after

    def as_dict(self) -> dict[str, str]:
        """Ready for JSON."""
        return {"field": self.field, "before": self.before, "after": self.after, "why": self.why}


@attrs.frozen
class Held:
    """What is held and what is being traded, both fresh: signed quantities by symbol, and the claims of live orders."""

    positions: Mapping[str, Decimal]
    claims: tuple[Claim, ...] = ()


@attrs.frozen
class Tidied:
    """The order's dict in our names, tidied; each correction made; and the faults that no correction helps."""

    order: dict[str, Any]
    fixes: tuple[Fix, ...]
    faults: tuple[Refusal, ...]


class _Sheet:
    """One order, or one leg, while it is being tidied."""

    def __init__(self, fields: dict[str, Any], where: str, fixes: list[Fix]) -> None:
        self.fields = fields
        self.where = where
        self.fixes = fixes

    def fix(self, name: str, after: Any, why: str) -> None:
        before = self.fields.get(name)
        self.fields[name] = after
        self.fixes.append(Fix(self.where + name, "" if before is None else str(before), str(after), why))

    def text(self, name: str) -> str | None:
        value = self.fields.get(name)
        return value if isinstance(value, str) and given(value) else None


def tidy(raw: Any, held: Held | None = None) -> Tidied:
    """The order with every safe correction made. `held` is None where positions and orders are not freshly known.

    Never raises, and never changes what it was given.
    """
    gathered = gather(raw)
    fixes: list[Fix] = []
    whole = _Sheet(dict(gathered.fields), "", fixes)
    parts = [_Sheet(dict(leg), f"legs[{i}].", fixes) for i, leg in enumerate(gathered.legs)]
    for sheet in (whole, *parts):
        _words(sheet)
        _symbols(sheet)
        _prices(sheet)
    _class(whole, parts)
    _types(whole, parts)
    if "duration" not in whole.fields:
        whole.fix("duration", "day", "day is the default")
    for sheet in (whole, *parts):
        _side(sheet, held)
    order = dict(whole.fields)
    if parts:
        order["legs"] = [sheet.fields for sheet in parts]
    return Tidied(order, tuple(fixes), gathered.faults)


def _words(sheet: _Sheet) -> None:
    for name in WORDS:
        value = sheet.text(name)
        if value is None:
            continue
        lower = "_".join(value.split()).lower()
        if lower != value:
            sheet.fix(name, lower, "case and blanks")
    for name in ("tag", "intent_id"):
        value = sheet.fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool):  # a number names an order as well as text does
            sheet.fields[name] = shown(value)


def _symbols(sheet: _Sheet) -> None:
    named = sheet.text("symbol")
    if named is not None:
        option = parse_option(named)
        if option is not None and not given(sheet.fields.get("option_symbol")):
            sheet.fix("option_symbol", option.symbol, "the symbol given is an option's code")
            sheet.fix("symbol", underlying_of(option), "the underlying of that option")
        elif option is None and equity_symbol(named) != named:
            blank = clean(named) != equity_symbol(named)
            sheet.fix("symbol", equity_symbol(named), "class shares have a slash here" if blank else "case and blanks")
    coded = sheet.text("option_symbol")
    if coded is None:
        return
    option = parse_option(coded)
    if option is None:
        return
    if option.symbol != coded:
        sheet.fix("option_symbol", option.symbol, "option codes are written without padding")
    if not given(sheet.fields.get("symbol")):
        sheet.fix("symbol", underlying_of(option), "the underlying of that option")
    elif parse_option(sheet.fields["symbol"]) == option:
        sheet.fix("symbol", underlying_of(option), "the option's code stands in option_symbol already")


def _prices(sheet: _Sheet) -> None:
    for name in ("price", "stop"):
        value = sheet.fields.get(name)
        read = number(value)
        if read is None:
            continue
        cents = read.quantize(CENT)
        if cents != read:
            continue  # not without loss: the order is refused for it
        sheet.fields[name] = cents
        if isinstance(value, str | Decimal) and str(value) != str(cents):
            sheet.fixes.append(Fix(sheet.where + name, str(value), str(cents), "prices have two decimals"))
    written = sheet.fields.get("quantity")
    count = number(written)
    if count is not None and count == count.to_integral_value():
        sheet.fields["quantity"] = int(count)
        if isinstance(written, str | Decimal) and str(written) != str(int(count)):
            sheet.fixes.append(Fix(sheet.where + "quantity", str(written), str(int(count)), "units are whole numbers"))


def _class(whole: _Sheet, parts: list[_Sheet]) -> None:
    missing = "class" not in whole.fields
    if parts:
        if missing and not any("type" in p.fields or "price" in p.fields or "stop" in p.fields for p in parts):
            options = ["option_symbol" in part.fields for part in parts]
            if all(options):
                whole.fix("class", "multileg", "its legs are options")
            elif sum(options) == len(options) - 1 and len(options) > 1:
                whole.fix("class", "combo", "its legs are shares and options")
        _shared_symbol(whole, parts)
        return
    is_option = "option_symbol" in whole.fields
    if missing:
        found = "option" if is_option else "equity"
        whole.fix("class", found, f"{found} is the class of what is named")
    elif whole.text("class") == "equity" and any(fix.field == "option_symbol" for fix in whole.fixes):
        whole.fix("class", "option", "the symbol given is an option's code")


def _shared_symbol(whole: _Sheet, parts: list[_Sheet]) -> None:
    """A package names its one underlying; its legs say it."""
    if whole.fields.get("class") not in ("multileg", "combo"):
        return
    named = {name for part in parts if (name := part.text("symbol")) is not None}
    if not given(whole.fields.get("symbol")) and len(named) == 1:
        whole.fix("symbol", named.pop(), "the underlying of its legs")
    elif given(whole.fields.get("symbol")):
        for part in parts:  # a leg is on the order's own symbol unless it says otherwise
            part.fields.setdefault("symbol", whole.fields["symbol"])


def _types(whole: _Sheet, parts: list[_Sheet]) -> None:
    kind = whole.fields.get("class")
    if kind in ("equity", "option"):
        _type(whole)
    elif kind in PART_OF_ADVANCED:
        for part in parts:
            _type(part)


def _type(sheet: _Sheet) -> None:
    if "type" in sheet.fields:
        return
    priced, stopped = "price" in sheet.fields, "stop" in sheet.fields
    if priced and stopped:
        sheet.fix("type", "stop_limit", "a price and a stop are given")
    elif priced:
        sheet.fix("type", "limit", "a price is given")
    elif stopped:
        sheet.fix("type", "stop", "a stop is given")


def _side(sheet: _Sheet, held: Held | None) -> None:
    """A bare `buy` or `sell` on an option, where nothing else can be meant. Never to sell_to_open."""
    side, option, count = sheet.fields.get("side"), sheet.fields.get("option_symbol"), sheet.fields.get("quantity")
    if side not in ("buy", "sell") or not isinstance(option, str) or not isinstance(count, int) or held is None:
        return
    have = held.positions.get(option, Decimal(0))
    live = [claim for claim in held.claims if claim.symbol == option]
    if live or count <= 0:
        return  # what is being traded just now leaves it open what is meant
    if side == "sell" and have >= count:
        sheet.fix("side", "sell_to_close", f"{have} are held long and no order on them is live")
    elif side == "buy" and have <= -count:
        sheet.fix("side", "buy_to_close", f"{-have} are held short and no order on them is live")
    elif side == "buy" and have >= 0:
        sheet.fix("side", "buy_to_open", "none are held short, so there is nothing to close")


def untidy(fixes: Iterable[Fix], settings: OrderSettings) -> tuple[Refusal, ...]:
    """What the switches do not allow to be put right: one sentence for each that is off, saying what would be right."""
    found = []
    for switch, on in (("symbol", settings.tidy_symbols), ("formatting", settings.tidy_fields)):
        wrong = [fix for fix in fixes if fix.switch == switch and not fix.same_number]
        if wrong and not on:
            right = ", ".join(f"{fix.field} {fix.after} ({_was(fix)})" for fix in wrong)
            words = f"{switch} does not put it right by itself (its switch): say {right}"
            found.append(Refusal("symbol" if switch == "symbol" else "order", words, wrong[0].field))
    return tuple(found)


def _was(fix: Fix) -> str:
    return f"not {shown(fix.before)}" if fix.before else "it is missing"
