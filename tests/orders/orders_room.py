"""A desk on a simulated broker, in process, with a frozen clock and a record that outlives it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from threading import Thread
from time import time
from typing import Any

from freezegun import freeze_time
from requests.adapters import BaseAdapter
from requests.exceptions import ConnectTimeout
from supervisor.concerns.facts import Place
from supervisor.core.book import Book
from supervisor.core.intent import Decision, Intent, decide
from supervisor.core.slot import Sweep
from supervisor.errors import JournalError
from supervisor.orders import Desk, Intention, OrderSettings, Result, Tell, lives
from supervisor.simulator import DEFAULT_ACCOUNT, Account, Position, Simulator, SimulatorAdapter
from supervisor.tradier.client import Reader
from supervisor.tradier.orders_wire import Previewer, Trader

OPEN = "2026-11-23 15:00:00"
"""A Monday, ten in the morning in New York: the market is open."""
CLOSED = "2026-11-24 02:00:00"
"""Nine in the evening."""
CALL = "AAPL261218C00210000"
PUT = "AAPL261218P00190000"
HIGHER = "AAPL261218C00220000"
URL = "https://sandbox.tradier.com/v1"


def token() -> str:
    return "a-token-for-tests"


class Record:
    """A ledger in memory, with the real book behind it. `writable` and `spoolable` say whether it can be written."""

    salt = "k7"

    def __init__(self) -> None:
        self.book = Book((), lives(), now=0.0, broker="Tradier")
        self.entries: list[Intention | Tell] = []
        self.spooled: list[Intention] = []
        self.writable = True
        self.spoolable = True
        self.level: int | None = 4
        self.die_at: int | None = None
        self.sweeps: list[Sweep] = []

    def number(self) -> int:
        return len(self.entries) + len(self.spooled)

    def _step(self) -> None:
        """The process ends here, if it is to end here."""
        if self.die_at is not None:
            self.die_at -= 1
            if self.die_at < 0:
                raise KilledError

    def intend(self, intention: Intention) -> None:
        self._step()
        if not self.writable:
            raise JournalError("the disk is full")
        self.entries.append(Intention.from_dict(intention.as_dict()))
        self._step()

    def spool(self, intention: Intention) -> None:
        if not self.spoolable:
            raise JournalError("the disk is full")
        self.spooled.append(intention)

    def tell(self, tell: Tell) -> None:
        self._step()
        self.entries.append(Tell.from_dict(tell.as_dict()))
        self.sweeps.append(self.book.tell(tell.life, tell.key, tell.signal, tell.at, tell.evidence))
        self._step()

    def decide(self, intent: Intent) -> Decision:
        self.book.tick(time())
        verdict = self.book.fold()
        return decide(verdict, intent, verdict.permits)

    def option_level(self) -> int | None:
        return self.level

    def codes(self) -> list[str]:
        self.book.tick(time())
        return [issue.code for issue in self.book.issues()]


class Mortal(BaseAdapter):
    """The wire of a process that may end before or after any request: `die_at` counts down on both sides of each."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self.inner = inner
        self.die_at: int | None = None

    def send(self, *args: Any, **kwargs: Any) -> Any:
        self._step()
        answer = self.inner.send(*args, **kwargs)
        self._step()
        return answer

    def _step(self) -> None:
        if self.die_at is not None:
            self.die_at -= 1
            if self.die_at < 0:
                raise KilledError

    def close(self) -> None:
        self.inner.close()


class Between(BaseAdapter):
    """A wire on which something happens: `act` is called with each request before the broker hears it, and may raise."""

    def __init__(self, inner: BaseAdapter, act: Callable[[Any], object]) -> None:
        super().__init__()
        self.inner = inner
        self.act = act

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.act(request)
        return self.inner.send(request, *args, **kwargs)

    def close(self) -> None:
        self.inner.close()


def unreachable(method: str) -> Callable[[Any], object]:
    """No connection comes about for requests of that method: not one byte of them leaves."""

    def act(request: Any) -> None:
        if request.method == method:
            raise ConnectTimeout

    return act


class KilledError(BaseException):
    """kill -9 at this very step."""


class Room:
    """A broker, a record and a desk. `clock` moves time; `restart` makes a new desk of the same record."""

    def __init__(self, clock: Any, settings: OrderSettings, **account: Any) -> None:
        self.clock = clock
        self.settings = settings
        self.simulator = Simulator([Account(**({"cash": Decimal(100_000)} | account))])
        self.record = Record()
        self.adapter = Mortal(SimulatorAdapter(self.simulator, time))
        self.desk = self.new_desk()

    def new_desk(self) -> Desk:
        reader = Reader(URL, token, DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=self.adapter)
        trader = Trader(URL, token, DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=self.adapter)
        previewer = Previewer(URL, token, DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=self.adapter)
        return Desk(
            reads=reader,
            previews=previewer,
            trades=trader,
            ledger=self.record,
            gate=self.record,
            now=time,
            settings=self.settings,
            inline=True,
        )

    def restart(self) -> None:
        expected = self.desk.expected()
        self.record.die_at = self.adapter.die_at = None
        self.desk = self.new_desk()
        spooled: list[Intention | Tell] = [*self.record.spooled]
        self.desk.restore([*self.record.entries, *spooled], expected)

    def hold(self, **quantities: int) -> None:
        """Puts positions into the account."""
        for symbol, quantity in quantities.items():
            position = Position(1, symbol, Decimal(quantity), Decimal(quantity * 100), time() - 86_400)
            self.simulator.account.positions[symbol] = position

    def held(self, symbol: str) -> Decimal:
        return self.simulator.account.held(symbol)

    def wait(self, seconds: float, step: float = 1.0) -> None:
        """Lets time pass, ticking."""
        left = seconds
        while left > 0:
            self.clock.tick(min(step, left))
            left -= step
            self.desk.tick()

    def until_settled(self, result: Result, limit: float = 400.0) -> Result:
        """The last word on that order once there is one that stays, or the last after the limit."""
        until = time() + limit
        while result.tag and time() < until and self.desk.status(result.tag).outcome == "unknown":
            wake = self.desk.wake_at()
            self.wait(max(0.5, min(until, wake or until) - time()), limit)
        return self.desk.status(result.tag) if result.tag else result

    def bookings(self) -> int:
        return len(self.simulator.bookings)

    def posts(self) -> list[str]:
        return [request.endpoint for request in self.simulator.requests if request.method != "GET"]


@contextmanager
def room(at: str = OPEN, settings: OrderSettings | None = None, **account: Any) -> Iterator[Room]:
    """A room at that instant (UTC)."""
    with freeze_time(at) as clock:
        yield Room(clock, settings or OrderSettings(), **account)


def buy(**fields: Any) -> dict[str, Any]:
    """A limit order for ten shares that fills at once."""
    return {"symbol": "AAPL", "side": "buy", "quantity": 10, "type": "limit", "price": "205"} | fields


def resting(**fields: Any) -> dict[str, Any]:
    """A limit order far from the market."""
    return buy(price="100") | fields


def lock_is_free(desk: Desk) -> bool:
    """Whether another thread could take the desk's lock just now."""
    taken: list[bool] = []

    def take() -> None:
        taken.append(desk._memory.lock.acquire(timeout=1.0))
        if taken[0]:
            desk._memory.lock.release()

    thread = Thread(target=take)
    thread.start()
    thread.join()
    return taken[0]


Story = Callable[[Room], None]
