"""What may an account hold, order and see quoted, in words no single broker owns?

Frozen records the shapes turn Tradier's replies into (tradier-api §6 to §8). Money and quantities are Decimal; instants
are epoch seconds; None means that the broker did not say.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

FINAL = frozenset({"filled", "canceled", "expired", "rejected", "error"})
"""Order states that nothing follows (DOC)."""


@attrs.frozen
class ListedAccount:
    """One account the token may see, for choosing among: `label` to show, `number` to use and never to show."""

    label: str
    number: str = attrs.field(repr=False)
    kind: str | None = None
    status: str | None = None


@attrs.frozen
class Position:
    """What is held. `quantity` is negative for a short; `cost_basis` is the total, negative for a short."""

    symbol: str
    quantity: Decimal
    cost_basis: Decimal | None = None
    acquired_at: float | None = None
    position_id: str | None = None


@attrs.frozen
class OrderRow:
    """One order as the broker shows it; parents of OCO, OTO and OTOCO have only id, status, kind and legs.

    `kind` is equity, option, multileg, combo, oto, oco or otoco; `type` market, limit, stop, stop_limit, debit, credit
    or even. Fills are counted by `exec_quantity`: `remaining_quantity` is 0 on cancelled rows. `reason` is the
    broker's own sentence for a refusal, masked.
    """

    order_id: str
    status: str
    kind: str | None = None
    type: str | None = None
    symbol: str | None = None
    option_symbol: str | None = None
    side: str | None = None
    quantity: Decimal | None = None
    duration: str | None = None
    price: Decimal | None = None
    stop: Decimal | None = None
    avg_fill_price: Decimal | None = None
    exec_quantity: Decimal | None = None
    last_fill_price: Decimal | None = None
    last_fill_quantity: Decimal | None = None
    remaining_quantity: Decimal | None = None
    created_at: float | None = None
    changed_at: float | None = None
    strategy: str | None = None
    reason: str | None = None
    tag: str | None = None
    legs: tuple["OrderRow", ...] = ()

    @property
    def final(self) -> bool:
        """Whether nothing more can happen to it: filled, canceled, expired, rejected or error."""
        return self.status in FINAL


@attrs.frozen
class Quote:
    """One symbol's prices. `kind` is stock, option, etf, index or mutual_fund; sizes are as the broker gives them."""

    symbol: str
    kind: str | None = None
    description: str | None = None
    last: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    close: Decimal | None = None
    previous_close: Decimal | None = None
    volume: Decimal | None = None
    traded_at: float | None = None
    bid_at: float | None = None
    ask_at: float | None = None
    underlying: str | None = None
    root: str | None = None
    strike: Decimal | None = None
    right: str | None = None
    expires: date | None = None
    contract_size: Decimal | None = None


@attrs.frozen
class Quotes:
    """What was quoted, and which symbols the broker does not know. An expired option may be in neither."""

    quotes: tuple[Quote, ...]
    unmatched: tuple[str, ...]


@attrs.frozen
class MarketClock:
    """`state` is premarket, open, postmarket or closed; `at` the broker's clock; `next_change` an Eastern HH:MM, no date."""

    state: str
    at: float | None = None
    description: str | None = None
    next_change: str | None = None
    next_state: str | None = None


@attrs.frozen
class Security:
    """One answer to a lookup or a search."""

    symbol: str
    kind: str | None = None
    exchange: str | None = None
    description: str | None = None


@attrs.frozen
class HistoryEvent:
    """One booking in the account's history: its type, instant, amount, and the details the broker gave with it."""

    kind: str
    at: float | None = None
    amount: Decimal | None = None
    details: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Preview:
    """What an order would cost. `cost` is all in all, `order_cost` without commission and fees."""

    cost: Decimal | None = None
    order_cost: Decimal | None = None
    commission: Decimal | None = None
    fees: Decimal | None = None
    margin_change: Decimal | None = None
    day_trades: int | None = None
    kind: str | None = None
    strategy: str | None = None
    extended_hours: bool | None = None


@attrs.frozen
class Acknowledgement:
    """The broker received the request; risk and exchange have not spoken yet (DOC: `ok` means received)."""

    order_id: str
    status: str | None = None
    partner_id: str | None = None
