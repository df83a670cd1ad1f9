"""What does the account look like just now? The reading client.

A Reader asks and never acts: what it sends through lets GET out and nothing else. Each method brings back a Reading with
a value or a typed failure within its deadline, and never raises. To a host that is not the intended one nothing leaves.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from time import time
from typing import Any

from requests.adapters import BaseAdapter

from supervisor.concerns.facts import Place
from supervisor.core.reading import Failure, Kind, Reading
from supervisor.tradier import markets, shapes
from supervisor.tradier.exchange import Gate, Reply, exchange, only_get
from supervisor.tradier.fields import http_date
from supervisor.tradier.quota import Category, Purpose, Quota, told
from supervisor.tradier.transport import DeadlineAdapter
from supervisor.tradier.wire import DEADLINE, Wire

Shape = Callable[[dict[str, Any]], Any]
"""From an answer's JSON to a value, or to the Failure that it is no such answer."""


def skew(headers: Mapping[str, str], sent_at: float, received_at: float) -> float | None:
    """The broker's clock minus ours in seconds by its `Date` header (whole seconds); None where it has none to read."""
    try:
        return http_date(headers["Date"]) - (sent_at + received_at) / 2
    except (KeyError, ValueError):
        return None


def _quota_left(headers: Mapping[str, str]) -> float | None:
    """The fraction of the window's allowance still there; None where the headers do not say."""
    counted = told(headers)
    return None if counted is None else max(0.0, (counted[0] - counted[1]) / counted[0])


def _reading(source: str, reply: Reply, shape: Shape) -> Reading:
    """The reading a reply makes: its failure, or its JSON shaped."""
    failure, value = reply.failure, None
    if failure is None and reply.said is not None:
        try:
            shaped = shape(reply.said.value)
        except Exception as error:  # noqa: BLE001 - a reply we did not foresee is a garbled one, and says so
            shaped = Failure(Kind.GARBLED, f"{source}: not understood ({type(error).__name__})", reply.status)
        failure, value = (shaped, None) if isinstance(shaped, Failure) else (None, shaped)
    return Reading(
        source=source,
        at=reply.received_at,
        took=reply.took,
        value=value,
        failure=failure,
        skew=skew(reply.headers, reply.sent_at, reply.received_at),
        quota_left=_quota_left(reply.headers),
    )


class Reader(Wire):
    """Reads one account: see `Wire` for what it is built from.

    `adapter` stands in for the socket (the in-process simulator). `purpose` says whose share of the allowance its reads
    are; readers and traders of one token share one `quota`. A Reader without an account number takes it from a profile
    that lists exactly one account.
    """

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str],
        account_id: str | None,
        *,
        intended: Place,
        adapter: BaseAdapter | None = None,
        quota: Quota | None = None,
        purpose: Purpose = Purpose.HEALTH,
    ) -> None:
        super().__init__(base_url, token, account_id, intended=intended, quota=quota)
        self._purpose = purpose
        self._gate = Gate(adapter or DeadlineAdapter(keep=True), self.base.url, only_get)

    def close(self) -> None:
        """Closes the kept-alive connections."""
        self._gate.close()

    def afresh(self, adapter: BaseAdapter | None = None) -> "Reader":
        """Another reader of the same, on connections of its own (through `adapter` where one is given)."""
        return Reader(
            self.base.url,
            self._token,
            self.account_id,
            intended=self.endpoint.intended,
            adapter=adapter,
            quota=self.quota,
            purpose=self._purpose,
        )

    def renew(self, other: "Reader") -> None:
        """Asks through the other one's connections from now on; its own are closed."""
        old, self._gate = self._gate, other._gate.at(self.base.url)  # noqa: SLF001 - its own kind
        old.close()

    def _read(
        self,
        source: str,
        url: Callable[[], str],
        shape: Shape,
        deadline: float,
        params: Mapping[str, str] | None = None,
        category: Category = Category.STANDARD,
    ) -> Reading:
        """One question, asked once; its answer shaped."""
        ready = self.ready("GET", url, category, self._purpose, params=params)
        if isinstance(ready, Failure):
            return Reading(source, at=time(), took=0.0, failure=ready)
        request, token = ready
        reply = exchange(self._gate, request, deadline, secrets=(token,), accounts=self.accounts_to_mask())
        self.hear(category, reply)
        return _reading(source, reply, shape)

    def _market(self, source: str, path: str, shape: Shape, deadline: float, params: Mapping[str, str]) -> Reading:
        """A question about the market."""
        return self._read(source, lambda: f"{self.base.url}/markets/{path}", shape, deadline, params, Category.MARKET)

    def _account(
        self, source: str, path: str, shape: Shape, deadline: float, params: Mapping[str, str] | None = None
    ) -> Reading:
        """A question about our account; WITHHELD while its number is not known."""
        return self._read(source, lambda: self.account_url(path), shape, deadline, params)

    def _profile(self, answer: dict[str, Any]) -> Any:
        """The profile; the only account listed becomes ours where none was named."""
        if self.account_id is None:
            listed = shapes.accounts(answer)
            if not isinstance(listed, Failure) and len(listed) == 1:
                self.account_id = listed[0].number
        return shapes.profile(answer, self.account_id)

    def profile(self, deadline: float = DEADLINE) -> Reading:
        """A `facts.Profile`: every account the token may see, ours marked."""
        return self._read("profile", lambda: f"{self.base.url}/user/profile", self._profile, deadline)

    def accounts(self, deadline: float = DEADLINE) -> Reading:
        """A tuple of `records.ListedAccount`, for a person to choose from by their labels."""
        return self._read("accounts", lambda: f"{self.base.url}/user/profile", shapes.accounts, deadline)

    def balances(self, deadline: float = DEADLINE) -> Reading:
        """A `facts.Balances` in US dollars."""
        return self._account("balances", "balances", shapes.balances, deadline)

    def positions(self, deadline: float = DEADLINE) -> Reading:
        """A tuple of `records.Position`, empty where the broker says that nothing is held."""
        return self._account("positions", "positions", shapes.positions, deadline)

    def orders(self, deadline: float = DEADLINE, *, include_tags: bool = True) -> Reading:
        """A tuple of `records.OrderRow` of the current Eastern calendar day (MEAS M1)."""
        params = {"includeTags": "true" if include_tags else "false"}
        return self._account("orders", "orders", shapes.orders, deadline, params)

    def order(self, order_id: str, deadline: float = DEADLINE) -> Reading:
        """One `records.OrderRow`; FOREIGN_ACCOUNT means that there is no such order of ours (MEAS M1)."""
        return self._read("order", lambda: self.order_url(order_id), shapes.order, deadline, {"includeTags": "true"})

    def quotes(self, symbols: Sequence[str], deadline: float = DEADLINE) -> Reading:
        """A `records.Quotes`. Symbols are Tradier's: `BRK/B`, compact OCC."""
        params = {"symbols": ",".join(symbols), "greeks": "false"}
        return self._market("quotes", "quotes", markets.quotes, deadline, params)

    def market_clock(self, deadline: float = DEADLINE) -> Reading:
        """A `records.MarketClock`."""
        return self._market("market_clock", "clock", markets.market_clock, deadline, {})

    def lookup(self, words: str, deadline: float = DEADLINE) -> Reading:
        """A tuple of `records.Security` whose symbols resemble the words."""
        return self._market("lookup", "lookup", markets.securities, deadline, {"q": words})

    def search(self, words: str, deadline: float = DEADLINE) -> Reading:
        """A tuple of `records.Security` whose names resemble the words."""
        return self._market("search", "search", markets.securities, deadline, {"q": words, "indexes": "false"})

    def history(
        self,
        deadline: float = DEADLINE,
        *,
        start: date | None = None,
        end: date | None = None,
        kind: str | None = None,
        symbol: str | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Reading:
        """A tuple of `records.HistoryEvent`; always empty on the sandbox (M4), so there it proves nothing."""
        asked = {
            "page": str(page),
            "limit": str(limit),
            "start": start.isoformat() if start else "",
            "end": end.isoformat() if end else "",
            "type": kind or "",
            "symbol": symbol or "",
        }
        params = {name: value for name, value in asked.items() if value}
        return self._account("history", "history", markets.history, deadline, params)
