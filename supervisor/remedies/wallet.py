"""Which token is in use, where else is one, and what was there before?

Tokens come in here and go to the client that sends them; whoever repairs sees names and marks only. A token that was
rejected is remembered by its mark and never offered again.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from threading import RLock

from supervisor.clock import iso
from supervisor.errors import SupervisorError
from supervisor.remedies.oauth import Refresher
from supervisor.remedies.tokens import Pair, Stored, TokenStore

Source = Callable[[], str | None]
"""Gives a token, or None where it has none."""


def mark(token: str) -> str:
    """An opaque mark of a token: it changes when the token does, and tells nothing of it."""
    return blake2b(token.encode(), digest_size=8, key=b"supervisor").hexdigest()


class Wallet:
    """The token in use and its sources. Thread-safe.

    `first` is where it comes from unless something was taken or refreshed since; when what it gives changes, that is in
    use at once. `sources` are others by name. With a `refresher` a pair can be refreshed; `store` keeps pairs.
    """

    def __init__(
        self,
        first: Callable[[], str],
        *,
        sources: Mapping[str, Source] | None = None,
        store: TokenStore | None = None,
        refresher: Refresher | None = None,
        pair: Pair | None = None,
    ) -> None:
        self._first = first
        self._sources = dict(sources or {})
        self._store = store
        self._refresher = refresher
        self._lock = RLock()
        self._bad: set[str] = set()
        self._seen: set[str] = set()
        kept = store.load() if store is not None else None
        self._pair = kept.pair if kept is not None else pair
        self._pair_before = kept.before if kept is not None else None
        self._taken = self._pair.access if self._pair is not None else None
        self._before: str | None = self._pair_before.access if self._pair_before is not None else None
        self._when = mark(self._ask_first()) if self._taken is not None else ""

    def __repr__(self) -> str:
        return f"<Wallet with {len(self._sources)} other sources>"

    def current(self) -> str:
        """The token in use. Raises what its source raises."""
        with self._lock:
            first = self._first()
            if self._taken is not None and mark(first) != self._when:
                self._taken = self._pair = None  # the owner put another one where it first came from
            token = first if self._taken is None else self._taken
            self._seen.add(token)
            return token

    def secrets(self) -> tuple[str, ...]:
        """Every secret that went through here: to be masked wherever it turns up."""
        with self._lock:
            pairs = [pair for pair in (self._pair, self._pair_before) if pair is not None]
            own = self._refresher.secrets() if self._refresher is not None else ()
            self._seen.add(self._ask_current())
            found = {*self._seen, *own, *(p.access for p in pairs), *(p.refresh for p in pairs)}
            return tuple(sorted((secret for secret in found if secret), key=len, reverse=True))

    def others(self) -> tuple[str, ...]:
        """The names of sources whose token is neither in use nor rejected."""
        with self._lock:
            used = mark(self._ask_current())
            return tuple(name for name in self._sources if self._fresh(name, used))

    def take(self, source: str) -> None:
        """The token in use is that source's from now on."""
        with self._lock:
            token = self._ask(source)
            if not token:
                raise SupervisorError(f"{source} has no token any more")
            self._before = self._ask_current()
            self._taken, self._when = token, mark(self._ask_first())
            self._seen.add(token)

    def put_back(self) -> bool:
        """Uses the token from before again; the one given up is not offered again."""
        with self._lock:
            if self._before is None:
                return False
            if self._taken is not None:
                self._bad.add(mark(self._taken))
            self._taken = None if mark(self._before) == mark(self._ask_first()) else self._before
            self._before = None
            if self._pair_before is not None:
                self._pair, self._pair_before = self._pair_before, None
                self._keep_pair()
            return True

    def keep(self) -> None:
        """What is in use is proved."""
        with self._lock:
            self._before = None
            if self._pair_before is not None:
                self._pair_before = None
                self._keep_pair()

    def rejected(self) -> None:
        """The token in use is not offered again."""
        with self._lock:
            self._bad.add(mark(self._ask_current()))

    def can_refresh(self) -> bool:
        """Whether there are a client's credentials and a refresh token."""
        return self._refresher is not None and self._pair is not None and bool(self._pair.refresh)

    def refresh(self, deadline: float) -> str:
        """Asks once for a new pair; both are kept until the new one is proved."""
        with self._lock:
            refresher, pair = self._refresher, self._pair
        if refresher is None or pair is None or not pair.refresh:
            raise SupervisorError("there are no refresh credentials")
        new = refresher.refresh(pair, deadline)
        with self._lock:
            self._seen.update((new.access, new.refresh))
            before = self._ask_current()
            self._pair, self._pair_before = new, pair
            self._keep_pair()
            self._before, self._taken, self._when = before, new.access, mark(self._ask_first())
            return f"a new token is in use until {iso(new.expires_at)}" if new.expires_at else "a new token is in use"

    def expires_at(self) -> float | None:
        """When the token in use expires."""
        return self._pair.expires_at if self._pair is not None else None

    def _keep_pair(self) -> None:
        if self._store is not None and self._pair is not None:
            self._store.save(Stored(self._pair, self._pair_before))

    def _fresh(self, name: str, used: str) -> bool:
        token = self._ask(name)
        return bool(token) and mark(token or "") != used and mark(token or "") not in self._bad

    def _ask(self, source: str) -> str | None:
        try:
            token = self._sources[source]()
        except Exception:  # noqa: BLE001 - a source of the agent's own; one that fails has none
            return None
        return token.strip() if isinstance(token, str) and token.strip() else None

    def _ask_first(self) -> str:
        try:
            return self._first()
        except Exception:  # noqa: BLE001 - as above
            return ""

    def _ask_current(self) -> str:
        try:
            return self.current()
        except Exception:  # noqa: BLE001 - as above
            return ""
