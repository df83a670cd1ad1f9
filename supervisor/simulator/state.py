"""What does the simulated broker know? Everything that a request may read or change, in one place."""

import random
import uuid
from collections import deque
from collections.abc import Iterable, Sequence
from decimal import Decimal

import attrs

from supervisor.simulator.accounts import Account, Money
from supervisor.simulator.bodies import unauthorized
from supervisor.simulator.call import Call, Refused
from supervisor.simulator.faults import Fault, Faults
from supervisor.simulator.faulttable import FAULTS
from supervisor.simulator.hours import eastern, midnight
from supervisor.simulator.limits import Limits
from supervisor.simulator.margin import ZERO
from supervisor.simulator.oauth import OAuth
from supervisor.simulator.occ import parse
from supervisor.simulator.orders import Booking, Order
from supervisor.simulator.quotes import Quotes
from supervisor.simulator.routes import ENDPOINTS

FIRST_ORDER_ID = 39000101
KEPT_REQUESTS = 10_000


@attrs.frozen
class Logged:
    """One request as it came in, without its headers and with secrets starred out: no token is kept."""

    at: float
    method: str
    path: str
    endpoint: str
    query: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]


@attrs.define
class Watchlist:
    """One list of symbols, in capitals and in order."""

    id: str
    name: str
    public_id: str
    symbols: list[str]


class Broker:
    """The state. Not locked: the simulator's lock covers it."""

    def __init__(self, accounts: Sequence[Account], ours: str, limits: str | None, seed: int) -> None:
        self.accounts = {account.number: account for account in accounts}
        self.ours = ours
        """The account that faults on accounts are about."""
        self.tokens: set[str] | None = None
        """The only good tokens; None: any is good."""
        self.revoked: set[str] = set()
        self.expired: set[str] = set()
        self.oauth = OAuth(seed)
        self.limits = Limits(limits)
        self.quotes = Quotes()
        self.faults = Faults(FAULTS, ENDPOINTS, seed)
        self.orders: dict[str, list[Order]] = {number: [] for number in self.accounts}
        self.bookings: list[Booking] = []
        self.watchlists: dict[str, Watchlist] = {}
        """The user's lists by id, oldest first."""
        self.requests: deque[Logged] = deque(maxlen=KEPT_REQUESTS)
        self._chance = random.Random(seed)
        self._order_id = FIRST_ORDER_ID - 1
        self._position_id = 880_000

    def uuid(self) -> str:
        """The next identifier of the seeded row."""
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def order_id(self) -> int:
        """The next order's id."""
        self._order_id += 1
        return self._order_id

    def position_id(self) -> int:
        """The next position's id."""
        self._position_id += 1
        return self._position_id

    def seen(self, number: str, met: Sequence[Fault]) -> Account:
        """The account as the faults that were met show it, for reading only: nothing is booked on it."""
        account = self.accounts[number]
        for fault in met:
            if fault.spec.patch and number == self.ours:
                account = fault.spec.patch(account, fault.params)
        return account

    def account(self, call: Call, met: Sequence[Fault]) -> Account:
        """The account named in the path, as shown; one that the token does not own is refused (MEAS M1)."""
        if call.account not in self.accounts or not self.accounts[call.account].owned:
            raise Refused(unauthorized(call.account))
        return self.seen(call.account, met)

    def money(self, account: Account, now: float) -> Money:
        """The account's money at the present prices, less what its working orders hold."""
        prices = self.prices(account.positions, now)
        working = [order for order in self.orders[account.number] if order.working]
        reserved = sum((order.reserve for order in working), ZERO)
        today = midnight(eastern(now).date()) if account.gains else ""
        gains = [row["gain_loss"] for row in account.gains if row["close_date"] == today]
        return Money(account, prices, reserved, len(working), sum(gains, ZERO))

    def prices(self, symbols: Iterable[str], now: float) -> dict[str, Decimal]:
        """The last price per share of these symbols and of what underlies them, where there is one."""
        wanted = {contract.underlying for symbol in symbols if (contract := parse(symbol))} | set(symbols)
        found = {symbol: self.quotes.price(symbol, now) for symbol in wanted}
        return {symbol: price.last for symbol, price in found.items() if price}
