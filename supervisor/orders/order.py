"""What is one order, once it is understood?

Typed and whole: built by `build.py`, or refused with every fault named at once. `to_form` writes Tradier's order form,
the one place where its field names for orders stand (tradier-api §7.1).
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from supervisor.core.occ import Option
from supervisor.errors import SupervisorError
from supervisor.orders.symbols import plain

LONGEST_TAG = 255
"""MEAS M1: longer tags are refused, never cut."""
CONTRACT = 100
"""Shares an option contract stands for. Adjusted contracts may differ; the preview knows."""
_UNLAWFUL = re.compile(r"[^A-Za-z0-9-]")


class Kind(StrEnum):
    """Tradier's `class` of an order."""

    EQUITY = "equity"
    OPTION = "option"
    MULTILEG = "multileg"
    COMBO = "combo"
    OTO = "oto"
    OCO = "oco"
    OTOCO = "otoco"


SINGLE = frozenset({Kind.EQUITY, Kind.OPTION})
PACKAGES = frozenset({Kind.MULTILEG, Kind.COMBO})
"""Filled together or not at all, at one net price."""
TRIGGERED = frozenset({Kind.OTO, Kind.OTOCO})
"""The first leg is the entry; the others wait for its fill."""
ADVANCED = frozenset({Kind.OTO, Kind.OCO, Kind.OTOCO})
"""Each leg is an order of its own, with its own type and price."""

EQUITY_SIDES = frozenset({"buy", "buy_to_cover", "sell", "sell_short"})
OPTION_SIDES = frozenset({"buy_to_open", "buy_to_close", "sell_to_open", "sell_to_close"})
SIMPLE_TYPES = frozenset({"market", "limit", "stop", "stop_limit"})
NET_TYPES = frozenset({"market", "debit", "credit", "even"})
DURATIONS = frozenset({"day", "gtc", "pre", "post"})
EXTENDED = frozenset({"pre", "post"})


@attrs.frozen
class Refusal:
    """Why an order is not sent, in our words. `cause` is a word of `causes.Cause`, or "gate" or "journal"."""

    cause: str
    words: str
    field: str = ""


class OrderRefused(SupervisorError):  # not a fault of the program: the answer to an order that can't be understood
    """An order that can't be right; `refusals` name every fault at once."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        self.refusals = refusals
        super().__init__("The order is refused: " + "; ".join(refusal.words for refusal in refusals))


@attrs.frozen
class Leg:
    """One instrument, side and quantity. `type`, `price`, `stop` and `duration` are set in OTO, OCO and OTOCO only."""

    symbol: str
    side: str
    quantity: int
    option: Option | None = None
    type: str | None = None
    price: Decimal | None = None
    stop: Decimal | None = None
    duration: str | None = None

    @property
    def name(self) -> str:
        """What a position in it is listed under: the OCC code, or the share's symbol."""
        return self.option.symbol if self.option else self.symbol

    @property
    def multiplier(self) -> int:
        """Shares per unit of quantity."""
        return CONTRACT if self.option else 1

    def as_dict(self) -> dict[str, Any]:
        """In the dict shape agents use, ready for JSON."""
        row: dict[str, Any] = {"symbol": self.symbol, "side": self.side, "quantity": self.quantity}
        if self.option:
            row["option_symbol"] = self.option.symbol
        return row | _priced(self.type, self.price, self.stop, self.duration)


@attrs.frozen
class Order:
    """One order. An equity or option order has one leg; money is US dollars per share.

    `tag` and `intent_id` are the agent's own; `symbol` is empty for OTO, OCO and OTOCO, whose legs have their own.
    """

    kind: Kind
    symbol: str
    legs: tuple[Leg, ...]
    duration: str
    type: str | None = None
    price: Decimal | None = None
    stop: Decimal | None = None
    tag: str = ""
    intent_id: str = ""

    @property
    def underlyings(self) -> tuple[str, ...]:
        """The underlyings it touches, each once, in order, spelled as option roots are (`BRKB`)."""
        return tuple(dict.fromkeys(plain(leg.symbol) for leg in self.legs))

    @property
    def is_option(self) -> bool:
        """Whether any leg is an option."""
        return any(leg.option for leg in self.legs)

    def priced(self) -> tuple[Leg, ...]:
        """The legs, each with the type and prices that rule it."""
        if self.kind in ADVANCED:
            return tuple(attrs.evolve(leg, duration=leg.duration or self.duration) for leg in self.legs)
        return tuple(
            attrs.evolve(leg, type=self.type, price=self.price, stop=self.stop, duration=self.duration)
            for leg in self.legs
        )

    def as_dict(self) -> dict[str, Any]:
        """In the dict shape agents use, ready for JSON; `build` makes the same order of it."""
        whole: dict[str, Any] = {"class": str(self.kind)}
        if self.kind in SINGLE:
            whole |= self.legs[0].as_dict()
        else:
            if self.symbol:
                whole["symbol"] = self.symbol
            whole["legs"] = [leg.as_dict() for leg in self.legs]
        whole |= _priced(self.type, self.price, self.stop, self.duration)
        if self.tag:
            whole["tag"] = self.tag
        if self.intent_id:
            whole["intent_id"] = self.intent_id
        return whole

    def shape(self) -> tuple[Any, ...]:
        """What makes two orders the same intent: everything that trades, nothing that only names."""
        return (self.kind, self.legs, self.duration, self.type, self.price, self.stop)

    def with_quantity(self, quantity: int) -> "Order":
        """The same order for so many; for orders of one leg only."""
        return attrs.evolve(self, legs=(attrs.evolve(self.legs[0], quantity=quantity),))


def _priced(type_: str | None, price: Decimal | None, stop: Decimal | None, duration: str | None) -> dict[str, Any]:
    found = {"type": type_, "price": price, "stop": stop, "duration": duration}
    return {name: str(value) for name, value in found.items() if value is not None}


def lawful_tag(text: str) -> str:
    """The agent's tag in the letters Tradier takes (MEAS M1): letters, digits and dashes; others become dashes."""
    return _UNLAWFUL.sub("-", text)


def sent_tag(our_id: str, agents: str) -> str:
    """The tag that is sent: our id, a dash, the agent's tag made lawful, cut to 255."""
    return f"{our_id}-{lawful_tag(agents)}"[:LONGEST_TAG] if agents else our_id


def to_form(order: Order, tag: str) -> list[tuple[str, str]]:
    """Tradier's order form (DOC D1 trading pages), field by field in order. There is no `preview` in it."""
    form = [("class", str(order.kind))]
    if order.kind in ADVANCED:
        form.append(("duration", order.duration))
        for i, leg in enumerate(order.legs):
            form += [(f"{name}[{i}]", value) for name, value in _own_fields(leg)]
    elif order.kind in SINGLE:
        leg = order.legs[0]
        form += [("symbol", leg.symbol)]
        form += [("option_symbol", leg.option.symbol)] if leg.option else []
        form += [("side", leg.side), ("quantity", str(leg.quantity))]
        form += _rules(order)
    else:
        form.append(("symbol", order.symbol))
        form += _rules(order)
        for i, leg in enumerate(_stock_first(order.legs)):
            form += [(f"option_symbol[{i}]", leg.option.symbol)] if leg.option else []
            form += [(f"side[{i}]", leg.side), (f"quantity[{i}]", str(leg.quantity))]
    form.append(("tag", tag))
    return form


def _rules(order: Order) -> list[tuple[str, str]]:
    found = [("type", order.type), ("duration", order.duration), ("price", order.price), ("stop", order.stop)]
    return [(name, str(value)) for name, value in found if value is not None]


def _own_fields(leg: Leg) -> Iterator[tuple[str, str]]:
    if leg.option:  # MEAS M5: option legs of OTOCO take both, equity legs no option_symbol
        yield "option_symbol", leg.option.symbol
    yield "symbol", leg.symbol
    yield "side", leg.side
    yield "quantity", str(leg.quantity)
    yield "type", str(leg.type)
    for name, value in (("price", leg.price), ("stop", leg.stop), ("duration", leg.duration)):
        if value is not None:
            yield name, str(value)


def _stock_first(legs: tuple[Leg, ...]) -> list[Leg]:
    """A combo's equity leg comes first (DOC)."""
    return sorted(legs, key=lambda leg: leg.option is not None)
