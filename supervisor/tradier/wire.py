"""May a request leave just now: for this host, with this token, within the allowance?

What the reader, the previewer and the trader have in common. A Wire sends nothing itself.
"""

import re
from collections.abc import Callable, Mapping
from time import time
from urllib.parse import quote

from requests import PreparedRequest

from supervisor.concerns.facts import Place
from supervisor.core.reading import Failure, Kind, Retry
from supervisor.errors import ConfigError
from supervisor.log import hide, mask_account
from supervisor.tradier import endpoints
from supervisor.tradier.exchange import Gate, Reply, prepare
from supervisor.tradier.faults import quota_ends
from supervisor.tradier.quota import Category, Purpose, Quota

_ORDER_ID = re.compile(r"[A-Za-z0-9-]{1,40}")

DEADLINE = 10.0
"""Seconds in all for one request, unless said otherwise (defaults 4.1)."""


def _withheld(why: str, retry: Retry = Retry.AFTER_FIX, retry_at: float | None = None) -> Failure:
    return Failure(Kind.WITHHELD, f"not sent: {why}", retry=retry, retry_at=retry_at)


class Wire:
    """Where requests go, as whom, and whose account they are about.

    `token` is called for each request, so that a rotated one is picked up. `intended` is where the owner means to trade.
    Raises ConfigError on a base URL no host can be read from.
    """

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str],
        account_id: str | None,
        *,
        intended: Place,
        quota: Quota | None = None,
    ) -> None:
        self.base = endpoints.parse_base(base_url)
        self.endpoint = endpoints.endpoint(base_url, intended)
        self.account_id = (account_id or "").strip() or None
        self.quota = quota or Quota.for_place(self.base.place)
        self._token = token

    _gate: Gate
    """What lets its requests out; each client makes its own."""

    def repoint(self, base_url: str, quota: Quota) -> None:
        """Requests go there from now on. Raises ConfigError for any place but the sandbox: nothing leads towards live."""
        fact = endpoints.endpoint(base_url, self.endpoint.intended)
        if fact.used not in (Place.SANDBOX, Place.LOOPBACK):
            raise ConfigError(f"nothing is pointed at {fact.host} by itself: only a person switches to it")
        self.base = endpoints.parse_base(base_url)
        self._gate = self._gate.at(self.base.url)
        self.endpoint, self.quota = fact, quota

    def __repr__(self) -> str:
        """Never the token, and no account number but its end."""
        account = mask_account(self.account_id) if self.account_id else "not known yet"
        return f"<{type(self).__name__} of account {account} at {self.base.host}>"

    def accounts_to_mask(self) -> tuple[str, ...]:
        """The account numbers to be masked in whatever comes back."""
        return (self.account_id,) if self.account_id else ()

    def account_url(self, rest: str) -> str:
        """The URL of something of our account's, its number percent-encoded. Raises ValueError where it cannot be one."""
        if not self.account_id:
            raise ValueError("the account's number is not known; read the profile first or set TRADIER_ACCOUNT_ID")
        if not self.account_id.strip("."):
            raise ValueError("the account's number is no account number")
        return f"{self.base.url}/accounts/{quote(self.account_id, safe='')}/{rest}"

    def order_url(self, order_id: str) -> str:
        """The URL of one order. Raises ValueError where that is no order id."""
        if not _ORDER_ID.fullmatch(order_id):
            raise ValueError("that is no order id")
        return self.account_url(f"orders/{order_id}")

    def ready(
        self,
        method: str,
        url: Callable[[], str],
        category: Category,
        purpose: Purpose,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> tuple[PreparedRequest, str] | Failure:
        """The request, counted and ready to leave, with the token in it; or why none may leave. Never raises."""
        if not endpoints.may_send(self.endpoint):
            return _withheld(f"{self.base.host} is {self.base.place}, but {self.endpoint.intended} is intended")
        try:
            token = self._token().strip()
            hide(token)
        except Exception as error:  # noqa: BLE001 - the token's source is the agent's own; that it fails is the report
            return _withheld(f"the token's source failed ({type(error).__name__})")
        try:
            request = prepare(method, url(), token, params=params, form=form)
        except ValueError as error:
            told = str(error) if type(error) is ValueError else type(error).__name__
            return _withheld(told)
        now = time()
        if not self.quota.take(category, purpose, now):
            why = f"this minute's allowance of {category} requests is spent, or kept for what matters more"
            return _withheld(why, Retry.AFTER_TIME, self.quota.opens_at(category, now))
        return request, token

    def hear(self, category: Category, reply: Reply) -> None:
        """Learns the allowance from a reply's headers and from a quota fault."""
        now = reply.received_at
        expiry = reply.headers.get("X-Ratelimit-Expiry")
        self.quota.learn(category, reply.headers, now, quota_ends("", reply.headers, now) if expiry else None)
        if reply.failure is not None and reply.failure.kind is Kind.QUOTA:
            self.quota.exhaust(category, reply.failure.retry_at or now, now)
