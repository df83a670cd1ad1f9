"""Where do the client that reads and the adapter that submits stand, and how are they pointed at the sandbox or renewed?

The agent's adapter is reached by two attributes only: `sandbox` and `rest_client.api_base`. Nothing here leads towards
live: there is no method for it, and the wire refuses it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from requests.adapters import BaseAdapter

from supervisor.concerns.facts import Endpoint, Place
from supervisor.core.reading import Reading
from supervisor.errors import ConfigError
from supervisor.remedies.ports import Standing
from supervisor.tradier.client import Reader
from supervisor.tradier.endpoints import base_url_for, may_send, parse_base
from supervisor.tradier.quota import Quota
from supervisor.tradier.wire import Wire

PAPER, REAL = "VA", "6YA"
"""How account numbers begin: paper ones VA, live ones 6YA (tradier-api §1)."""


def account_place(number: str | None) -> Place | None:
    """The environment that an account's number tells; None where it tells none."""
    if number is None:
        return None
    return Place.SANDBOX if number.startswith(PAPER) else Place.LIVE if number.startswith(REAL) else None


def said(thing: Any, *names: str) -> Any:
    """An attribute of an attribute of the agent's own object; None where it has none, or raises when asked."""
    try:
        for name in names:
            thing = getattr(thing, name)
    except Exception:  # noqa: BLE001 - the agent's own object: whatever it raises, it does not say
        return None
    return thing


def submitter_endpoint(submitter: Any, intended: Place) -> Endpoint | None:
    """Where the agent's adapter sends: by its URL, else by its flag; None where there is none, or it tells neither."""
    url = said(submitter, "rest_client", "api_base")
    if isinstance(url, str) and url:
        try:
            base = parse_base(url)
        except ConfigError:
            return Endpoint(intended, Place.UNLISTED, "the adapter's host, which can't be read")
        return Endpoint(intended, base.place, base.host)
    flag = said(submitter, "sandbox")
    if not isinstance(flag, bool):
        return None
    place = Place.SANDBOX if flag else Place.LIVE
    return Endpoint(intended, place, parse_base(base_url_for(place)).host)


class Wiring:
    """The clients of one account. `fresh` gives the connections of a fresh session; None means real ones."""

    def __init__(
        self, reader: Reader, others: Sequence[Wire] = (), *, fresh: Callable[[], BaseAdapter] | None = None
    ) -> None:
        self._reader = reader
        self._others = tuple(others)
        self._fresh = fresh
        self._spare: Reader | None = None
        self.submitter: Any = None
        """The agent's own adapter, where it has one."""

    def endpoint(self) -> Endpoint:
        """What is intended and used: by the client, or by the adapter where only that is astray."""
        own = self._reader.endpoint
        other = submitter_endpoint(self.submitter, own.intended)
        return other if other is not None and may_send(own) and not may_send(other) else own

    def standing(self) -> Standing:
        """Where both stand, and whose the account is by its number."""
        own = self._reader.endpoint
        other = submitter_endpoint(self.submitter, own.intended)
        place = None if other is None else other.used
        return Standing(own.intended, own.used, place, account_place(self._reader.account_id))

    def to_sandbox(self) -> None:
        """Points both at the sandbox."""
        self.repoint(base_url_for(Place.SANDBOX))

    def repoint(self, base_url: str) -> None:
        """Points both there. ConfigError for any place but the sandbox or loopback: nothing leads towards live.

        Our own clients go first; ConfigError too where the adapter can't be changed, after all that could be was.
        """
        base = parse_base(base_url)
        quota = Quota.for_place(base.place)
        for wire in (self._reader, *self._others):
            wire.repoint(base_url, quota)
        client: Any = getattr(self.submitter, "rest_client", None)
        left = []
        if isinstance(getattr(client, "api_base", None), str):
            versioned = str(client.api_base).rstrip("/").endswith("/v1")
            left.append(_put(client, "api_base", base.url if versioned else base.url.removesuffix("/v1")))
        if hasattr(self.submitter, "sandbox"):
            left.append(_put(self.submitter, "sandbox", True))
        if any(left):
            raise ConfigError(f"the adapter that submits can't be changed ({'; '.join(filter(None, left))})")

    def ask(self, deadline: float) -> Reading:
        """The profile, on the session in use."""
        return self._reader.profile(deadline)

    def ask_afresh(self, deadline: float) -> Reading:
        """The profile, on a session of its own."""
        if self._spare is not None:
            self._spare.close()
        self._spare = self._reader.afresh(self._fresh() if self._fresh is not None else None)
        return self._spare.profile(deadline)

    def renew(self) -> None:
        """The fresh session is the one in use."""
        spare, self._spare = self._spare, None
        self._reader.renew(spare or self._reader.afresh(self._fresh() if self._fresh is not None else None))


def _put(owner: Any, name: str, value: Any) -> str | None:
    """The attribute is that from now on; else why it can't be, in words."""
    try:
        setattr(owner, name, value)
    except Exception as error:  # noqa: BLE001 - an adapter of anyone's making may refuse in its own way
        return f"its {name}: {type(error).__name__}: {error}"
    return None
