"""What is one order to the broker, from its booking to its end, and how is it listed?"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from supervisor.simulator.encode import plain
from supervisor.simulator.hours import utc_iso
from supervisor.simulator.margin import ZERO

NEVER_FILLED = Decimal("0E-8")
"""How a price that was never made is written on some orders (CV notes: integer parsers crash on it)."""


class Status(StrEnum):
    """The statuses that the simulator gives (DOC D1 has more)."""

    PENDING = "pending"
    OPEN = "open"
    PARTLY = "partially_filled"
    FILLED = "filled"
    EXPIRED = "expired"
    CANCELED = "canceled"
    REJECTED = "rejected"


WORKING = frozenset({Status.PENDING, Status.OPEN, Status.PARTLY})
BUYS = frozenset({"buy", "buy_to_cover", "buy_to_open", "buy_to_close"})
OPENS = frozenset({"buy", "sell_short", "buy_to_open", "sell_to_open"})
CONDITIONAL = frozenset({"oto", "oco", "otoco"})
SPREADS = frozenset({"multileg", "combo"})


@attrs.frozen
class Ticket:
    """One thing to be bought or sold, as asked for. `option` is the OCC symbol, empty for stock."""

    symbol: str
    side: str
    quantity: Decimal
    option: str = ""
    type: str = "market"
    duration: str = "day"
    price: Decimal | None = None
    stop: Decimal | None = None

    @property
    def instrument(self) -> str:
        """The symbol that positions and quotes have."""
        return self.option or self.symbol

    @property
    def buys(self) -> bool:
        """True where it takes, false where it gives."""
        return self.side in BUYS

    @property
    def opens(self) -> bool:
        """True where it opens a position by its side."""
        return self.side in OPENS

    @property
    def signed(self) -> Decimal:
        """The quantity by which a full fill moves the position."""
        return self.quantity if self.buys else -self.quantity


@attrs.frozen
class Booking:
    """One order really booked: its id, when, for which account, its tag and every field of the form as sent."""

    order_id: int
    at: float
    account: str
    order_class: str
    tag: str
    form: Mapping[str, str]


@attrs.define(eq=False)
class Order:
    """One order. A multileg or combo fills as a whole; the legs of an OTO, OCO or OTOCO are orders of their own."""

    id: int
    order_class: str
    ticket: Ticket
    created: float
    tag: str = ""
    status: Status = Status.PENDING
    changed: float = 0.0
    active_from: float | None = None
    """From when it can fill; None while it waits for the order before it."""
    ends: float | None = None
    """When it expires; None for a GTC order."""
    filled: Decimal = ZERO
    fill_price: Decimal = ZERO
    last_quantity: Decimal = ZERO
    last_price: Decimal = ZERO
    reserve_each: Decimal = ZERO
    """What one of it ties up in dollars while it works."""
    strategy: str = ""
    legs: list["Order"] = attrs.field(factory=list)
    triggered: bool = False
    """Was its stop price reached? It works on as a market or limit order."""
    looked: bool = False
    """Was it looked at since it could fill? The first look fills at the first chance, later ones as of then."""
    fill_limit: Decimal | None = None
    """No more than this fills (a fault)."""
    reject_at: float | None = None
    reason: str = ""

    @property
    def working(self) -> bool:
        """True until its end."""
        return self.status in WORKING

    @property
    def remaining(self) -> Decimal:
        """What is left to fill; 0 once it is over (D2 samples)."""
        return self.ticket.quantity - self.filled if self.working else ZERO

    @property
    def reserve(self) -> Decimal:
        """What it ties up now, in dollars."""
        own = self.reserve_each * self.remaining
        if self.order_class == "oco":
            return max((leg.reserve for leg in self.legs), default=ZERO)
        return own + sum((leg.reserve for leg in self.legs), ZERO) if self.order_class in CONDITIONAL else own

    def parts(self) -> list["Order"]:
        """The orders that move positions on their own: the legs of a conditional order, else itself."""
        return self.legs if self.order_class in CONDITIONAL else [self]

    def end(self, status: Status, at: float, reason: str = "") -> None:
        """It is over; its legs with it."""
        for order in (self, *self.legs):
            if order.working:
                order.status, order.changed = status, at
                order.reason = reason or order.reason

    def row(self, *, tags: bool, nested: bool = False) -> dict[str, Any]:
        """As the list and the single-order reply have it (DOC D1 reference/orders, FIX AT, LB)."""
        if self.order_class in CONDITIONAL:
            return self._sparse(tags=tags)
        ticket = self.ticket
        unmade = NEVER_FILLED if not self.filled else plain(self.last_price)
        row: dict[str, Any] = {
            "id": self.id,
            "type": ticket.type,
            "symbol": ticket.symbol,
            "side": ticket.side,
            "quantity": plain(ticket.quantity),
            "status": self.status.value,
            "duration": ticket.duration,
            "price": _shown(ticket.price),
            "avg_fill_price": plain(self.fill_price),
            "exec_quantity": plain(self.filled),
            "last_fill_price": unmade,
            "last_fill_quantity": plain(self.last_quantity),
            "remaining_quantity": plain(self.remaining),
            "create_date": utc_iso(self.created),
            "transaction_date": utc_iso(self.changed),
            "class": self.order_class,
            "option_symbol": None if self.order_class in SPREADS else ticket.option or None,
            "stop_price": _shown(ticket.stop),
            "reason_description": self.reason if self.status is Status.REJECTED else None,
        }
        if self.legs:
            row |= {"num_legs": len(self.legs), "strategy": self.strategy, "leg": self._leg_rows()}
        if tags and self.tag and not nested:
            row["tag"] = self.tag
        return {key: value for key, value in row.items() if value is not None}

    def _leg_rows(self) -> Any:
        rows = [leg.row(tags=False, nested=True) for leg in self.legs]
        return rows[0] if len(rows) == 1 else rows

    def _sparse(self, *, tags: bool) -> dict[str, Any]:
        """A conditional parent has no symbol, side, type, quantity, price or fill of its own (FIX LB)."""
        row: dict[str, Any] = {
            "id": self.id,
            "status": self.status.value,
            "duration": self.ticket.duration,
            "create_date": utc_iso(self.created),
            "transaction_date": utc_iso(self.changed),
            "class": self.order_class,
            "num_legs": len(self.legs),
            "strategy": "unknown",
        }
        if self.status is Status.REJECTED:
            row["reason_description"] = self.reason
        if tags and self.tag:
            row["tag"] = self.tag
        return {**row, "leg": self._leg_rows()}


def _shown(price: Decimal | None) -> Decimal | None:
    return None if price is None else plain(price)
