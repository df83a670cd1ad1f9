"""What does a reading prove about an order?

Pure. A row shows its state; a tag shows that it is there; and absence is proved only by the day list of the Eastern day
the request was made on, read long enough after it and far enough from midnight (tradier-api §6, §11).
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from supervisor.core.reading import Reading
from supervisor.orders import life
from supervisor.orders.gather import number
from supervisor.orders.order import Order
from supervisor.orders.ports import Booked, Listed
from supervisor.orders.settings import OrderSettings
from supervisor.orders.symbols import plain

EASTERN = ZoneInfo("America/New_York")
UNSURE = frozenset({"pending", "submitted", "ok", "calculated", "held"})
"""Order states that a refusal may still follow."""
NOON = 43_200.0
"""Added to a history's instant, which is the midnight (UTC) of its date."""
BEFORE = 5.0
"""Seconds by which the broker's clock may be behind ours when it stamps an order (measured: 53 to 87 ms after)."""

_SIGNALS = {
    "filled": life.FILLED,
    "partially_filled": life.PARTLY,
    "canceled": life.CANCELED,
    "expired": life.EXPIRED,
    "rejected": life.REJECTED,
    "error": life.REJECTED,
}


def eastern_day(instant: float) -> date:
    """The Eastern calendar day of an instant (epoch seconds)."""
    return datetime.fromtimestamp(instant, EASTERN).date()


def signal_of(row: Listed) -> str:
    """What the row shows. A state we don't know is no end: the order works on."""
    return _SIGNALS.get(row.status, life.WORKS)


def reason_of(row: Listed) -> str:
    """The broker's sentence for a refusal, on the order or a leg."""
    return row.reason or next((leg.reason for leg in row.legs if leg.reason), None) or ""


def with_tag(rows: Iterable[Listed], tag: str) -> list[Listed]:
    """The rows that bear that very tag, on themselves or on a leg."""
    return [row for row in rows if row.tag == tag or any(leg.tag == tag for leg in row.legs)]


def with_id(rows: Iterable[Listed], order_id: str) -> Listed | None:
    """The row of that id, or the leg of it."""
    for row in rows:
        if row.order_id == order_id:
            return row
        for leg in row.legs:
            if leg.order_id == order_id:
                return leg
    return None


def leaves(rows: Iterable[Listed]) -> Iterator[Listed]:
    """What moves positions: an order without legs, and every leg of one with them."""
    for row in rows:
        yield from row.legs or (row,)


def filled_quantity(row: Listed | None) -> Decimal:
    """How many have filled; for packages and the like, the most of any leg."""
    if row is None:
        return Decimal(0)
    return max((leaf.exec_quantity or Decimal(0) for leaf in leaves((row,))), default=Decimal(0))


def may_prove_absence(
    posted: float, ended: float, reading: Reading, settings: OrderSettings, ahead: float = 0.0
) -> bool:
    """Whether not being in this list could mean not being there at all.

    `posted` and `ended` are when the request began and was over; the reading must begin `calm` later, and all of it lie
    within one Eastern day with a margin on both sides. `ahead` is how far the clock that tells these is ahead of the
    broker's, whose days count.
    """
    began = reading.at - reading.took
    if reading.failure is not None or began < ended + settings.calm:
        return False
    edges = (posted - settings.midnight, posted, ended, began, reading.at, reading.at + settings.midnight)
    return len({eastern_day(edge - ahead) for edge in edges}) == 1


def traded(events: Iterable[Booked], symbol: str, quantity: Decimal, since: float) -> bool:
    """Whether the history shows that very trade since then (its Eastern day counts whole: the history has dates only)."""
    for event in events:
        size = number(event.details.get("quantity"))
        named = str(event.details.get("symbol", "")).strip() == symbol
        on_time = event.at is None or eastern_day(event.at + NOON) >= eastern_day(since)
        if named and on_time and size is not None and abs(size) == abs(quantity):
            return True
    return False


def alike(row: Listed, order: Order, posted: float) -> bool:
    """Whether an untagged row could be that order after all: made since, on the same things, as many."""
    if row.tag or (row.created_at is not None and row.created_at < posted - BEFORE):
        return False
    parts = list(leaves((row,)))
    wanted = {(leg.name if leg.option else plain(leg.symbol), leg.side, Decimal(leg.quantity)) for leg in order.legs}
    seen = {(part.option_symbol or plain(part.symbol or ""), part.side, part.quantity) for part in parts}
    return wanted == seen
