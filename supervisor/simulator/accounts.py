"""What does the broker know of one account, and how does it say it?

Money is Decimal dollars. Cash and positions move only when orders fill; what may be spent is derived from them unless
it was set outright.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from supervisor.simulator.encode import plain, rows, tail
from supervisor.simulator.hours import utc_iso
from supervisor.simulator.margin import CONTRACT, ZERO, Tied, tied
from supervisor.simulator.occ import parse


class AccountKind(StrEnum):
    """The broker's account types; the profile says `margin` for the third as well."""

    CASH = "cash"
    MARGIN = "margin"
    PDT = "pdt"


def multiplier(symbol: str) -> int:
    """How many shares one of it stands for."""
    return CONTRACT if parse(symbol) else 1


@attrs.define
class Position:
    """What is held of one symbol: a negative quantity is short. `cost` is the total, negative for shorts."""

    id: int
    symbol: str
    quantity: Decimal
    cost: Decimal
    acquired: float

    def row(self) -> dict[str, Any]:
        """As `/positions` has it (FIX AT)."""
        return {
            "cost_basis": plain(self.cost),
            "date_acquired": utc_iso(self.acquired),
            "id": self.id,
            "quantity": plain(self.quantity),
            "symbol": self.symbol,
        }


@attrs.define
class Account:
    """One account. A None `status` or `option_level` leaves the key out of the profile altogether.

    `stock_power`, `option_power`, `day_trade_power` and `cash_available` override what is derived; while set, orders do
    not move them.
    """

    number: str = "VA90010001"
    kind: AccountKind = attrs.field(default=AccountKind.MARGIN, converter=AccountKind)
    status: str | None = "active"
    option_level: int | None = 6
    classification: str = "individual"
    cash: Decimal = Decimal(100000)
    unsettled: Decimal = ZERO
    stock_power: Decimal | None = None
    option_power: Decimal | None = None
    day_trade_power: Decimal | None = None
    cash_available: Decimal | None = None
    maintenance_call: Decimal = ZERO
    fed_call: Decimal = ZERO
    owned: bool = True
    """False: the token does not own it, so its paths answer 401 `Unauthorized Account`."""
    listed: bool = True
    """False: the profile leaves it out."""
    created: str = "2023-02-14T15:04:05.000Z"
    positions: dict[str, Position] = attrs.field(factory=dict)
    gains: list[dict[str, Any]] = attrs.field(factory=list)
    history: list[dict[str, Any]] = attrs.field(factory=list)
    settling: list[tuple[float, Decimal]] = attrs.field(factory=list)
    """When which part of `unsettled` becomes spendable; only what sales of a cash account brought."""

    @property
    def opened(self) -> float:
        """The instant `created` says."""
        return datetime.fromisoformat(self.created).timestamp()

    def held(self, symbol: str) -> Decimal:
        """The quantity held of that symbol, negative when short, zero when flat."""
        position = self.positions.get(symbol)
        return position.quantity if position else ZERO

    def profile_row(self) -> dict[str, Any]:
        """As `/v1/user/profile` has it (DOC D2 profile)."""
        row: dict[str, Any] = {
            "account_number": self.number,
            "classification": self.classification,
            "date_created": self.created,
            "day_trader": self.kind is AccountKind.PDT,
            "option_level": self.option_level,
            "status": self.status,
            "type": "cash" if self.kind is AccountKind.CASH else "margin",
            "last_update_date": self.created,
        }
        return {key: value for key, value in row.items() if value is not None}

    def positions_body(self) -> dict[str, Any]:
        """As `/positions` has it, with the list quirk."""
        return rows("positions", "position", [position.row() for position in self.positions.values()])


@attrs.frozen
class Money:
    """One account's money at the given prices per share; what `reserved` pending orders hold is taken off."""

    account: Account
    prices: Mapping[str, Decimal]
    reserved: Decimal = ZERO
    pending: int = 0
    closed: Decimal = ZERO
    """What the positions closed today brought."""

    def value(self, symbol: str) -> Decimal:
        """What is held of that symbol is worth, negative when short."""
        return self.account.held(symbol) * self.prices.get(symbol, ZERO) * multiplier(symbol)

    def _sum(self, *, option: bool, short: bool) -> Decimal:
        if not self.account.positions:
            return ZERO
        values = {symbol: self.value(symbol) for symbol in self.account.positions}
        fit = [value for symbol, value in values.items() if (parse(symbol) is not None) is option]
        return sum((value for value in fit if (value < 0) is short), ZERO)

    @property
    def stock_value(self) -> Decimal:
        """All stock, long and short."""
        return self._sum(option=False, short=False) + self._sum(option=False, short=True)

    @property
    def tied(self) -> Tied:
        """What the positions tie up."""
        return tied({symbol: one.quantity for symbol, one in self.account.positions.items()}, self.prices)

    @property
    def equity(self) -> Decimal:
        """Cash and everything held."""
        return self.account.cash + sum((self.value(symbol) for symbol in self.account.positions), ZERO)

    @property
    def free(self) -> Decimal:
        """What nothing ties up yet, pending orders aside: options have no loan value."""
        if self.account.kind is AccountKind.CASH:
            return self.account.cash - self.account.unsettled - self.tied.secured
        needs = self.tied
        return self.account.cash + self.stock_value - needs.stock - needs.options

    @property
    def settled(self) -> Decimal:
        """The cash of a cash account that may be spent."""
        return self.free - self.reserved if self.account.cash_available is None else self.account.cash_available

    @property
    def option_power(self) -> Decimal:
        """What may be spent on options."""
        if self.account.kind is AccountKind.CASH:
            return self.settled
        return self.free - self.reserved if self.account.option_power is None else self.account.option_power

    @property
    def stock_power(self) -> Decimal:
        """What may be spent on stock: twice the option power of a margin account (FIX UV)."""
        if self.account.kind is AccountKind.CASH:
            return self.settled
        return self.option_power * 2 if self.account.stock_power is None else self.account.stock_power

    @property
    def day_trade_power(self) -> Decimal:
        """Four times the option power (D1-era support page)."""
        return self.option_power * 4 if self.account.day_trade_power is None else self.account.day_trade_power

    def body(self) -> dict[str, Any]:
        """As `/balances` has it: one sub-object named after the type, `equity` always 0 (FIX UV)."""
        account = self.account
        long_options, short_options = self._sum(option=True, short=False), self._sum(option=True, short=True)
        long_stock, short_stock = self._sum(option=False, short=False), self._sum(option=False, short=True)
        cost = sum((position.cost for position in account.positions.values()), ZERO)
        market = long_options + short_options + long_stock + short_stock
        needs = self.tied
        return {
            "balances": {
                "option_short_value": short_options,
                "total_equity": tail(self.equity),
                "account_number": account.number,
                "account_type": account.kind.value,
                "close_pl": self.closed,
                "current_requirement": needs.stock + needs.options,
                "equity": 0,
                "long_market_value": long_options + long_stock,
                "market_value": market,
                "open_pl": market - cost,
                "option_long_value": long_options,
                "option_requirement": needs.options,
                "pending_orders_count": self.pending,
                "short_market_value": short_options + short_stock,
                "stock_long_value": long_stock,
                "total_cash": tail(account.cash),
                "uncleared_funds": 0,
                "pending_cash": self.reserved,
                account.kind.value: self._kind_body(short_stock),
            }
        }

    def _kind_body(self, short_stock: Decimal) -> dict[str, Any]:
        account = self.account
        if account.kind is AccountKind.CASH:
            return {"cash_available": self.settled, "sweep": 0, "unsettled_funds": account.unsettled}
        margin = {
            "fed_call": account.fed_call,
            "maintenance_call": account.maintenance_call,
            "option_buying_power": tail(self.option_power),
            "stock_buying_power": tail(self.stock_power),
            "stock_short_value": short_stock,
        }
        if account.kind is AccountKind.PDT:
            return {**margin, "day_trade_buying_power": self.day_trade_power}
        return {**margin, "sweep": 0}
