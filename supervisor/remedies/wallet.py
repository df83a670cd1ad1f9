"""Which token is in use, where else is one, and what was there before?

Tokens come in here and go to the client that sends them; whoever repairs sees names and marks only. A token that was
rejected is remembered by its mark and never offered again.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import blake2b
from threading import RLock

import attrs

from supervisor.clock import iso
from supervisor.errors import SupervisorError
from supervisor.log import hide
from supervisor.remedies.oauth import Refresher
from supervisor.remedies.ports import Refreshed
from supervisor.remedies.tokens import Pair, Stored, TokenStore

Source = Callable[[], str | None]
"""Gives a token, or None where it has none."""


def mark(token: str) -> str:
    """An opaque mark of a token: it changes when the token does, and tells nothing of it."""
    return blake2b(token.encode(), digest_size=8, key=b"supervisor").hexdigest()


class Wallet:
    """The token in use and its sources. Thread-safe.

    `first` is where it comes from unless something was taken or refreshed since; when what it gives changes, that is in
    use at once: the owner's newest word wins, also over what a store kept from an earlier run. `sources` are others by
    name. With a `refresher` a pair can be refreshed; `store` keeps pairs. Whatever secret is seen here is hidden from
    every log and file of ours (`log.hide`).
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
        given = self._ask_first()
        self._given_refresh = pair.refresh if pair is not None else ""
        kept = store.load() if store is not None else None
        if kept is not None:
            _hide(kept.pair, kept.before)
            kept = _still_right(kept, given, self._given_refresh)
        self._pair = kept.pair if kept is not None else pair
        self._pair_before = kept.before if kept is not None else None
        self._taken = self._pair.access if self._pair is not None else None
        self._before: str | None = self._pair_before.access if self._pair_before is not None else None
        self._when = mark(given)
        self.learn()

    def __repr__(self) -> str:
        return f"<Wallet with {len(self._sources)} other sources>"

    def current(self) -> str:
        """The token in use. Raises what its source raises."""
        with self._lock:
            first = self._first()
            if self._taken is not None and mark(first) != self._when:
                self._owner_changed(first)
            token = first if self._taken is None else self._taken
            hide(token)
            return token

    def learn(self) -> None:
        """Looks at every source, so that each secret there is hidden from now on, whether it is in use or not."""
        with self._lock:
            self._ask_current()
            for name in self._sources:
                self._ask(name)
            _hide(self._pair, self._pair_before)
            if self._refresher is not None:
                hide(*self._refresher.secrets())

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

    def put_back(self) -> bool:
        """Uses the token from before again; the one given up is not offered again."""
        with self._lock:
            if self._before is None:
                return False
            self._bad.add(mark(self._ask_current()))
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

    def refresh(self, deadline: float, wanted: Callable[[], bool]) -> Refreshed:
        """Asks once for a new pair; both are kept until the new one is proved. See `ports.Tokens`."""
        with self._lock:
            refresher, pair, when = self._refresher, self._pair, mark(self._ask_first())
        if refresher is None or pair is None or not pair.refresh:
            raise SupervisorError("there are no refresh credentials")
        new = refresher.refresh(pair, deadline)
        _hide(new)
        with self._lock:
            # Whatever becomes of the new token, the refresh token that came with it is the one to use next time.
            self._pair = Pair(pair.access, new.refresh, pair.expires_at)
            if not wanted():
                with suppress(SupervisorError):
                    self._keep_pair()
                raise SupervisorError("a new token came too late and is not used")
            if mark(self._ask_first()) != when:
                self._ask_current()
                words = "the owner put another token in place meanwhile: that one is in use"
                return Refreshed(words, used=False)
            self._before = self._ask_current()
            self._taken, self._when = new.access, when
            self._pair, self._pair_before = new, self._pair
            until = f" until {iso(new.expires_at)}" if new.expires_at else ""
            try:
                self._keep_pair()
            except SupervisorError as error:
                finish = f"it is not kept for the next start: {error}; make room or allow writing there"
                return Refreshed(f"a new token is in use{until}", finish)
            return Refreshed(f"a new token is in use{until}")

    def expires_at(self) -> float | None:
        """When the token in use expires; None where that is not known."""
        with self._lock:
            pair = self._pair
            return pair.expires_at if pair is not None and pair.access == self._ask_current() else None

    def _owner_changed(self, first: str) -> None:
        """The owner put another token where it first came from: that is in use, and nothing leads back from it."""
        self._taken = self._before = self._pair_before = None
        if self._pair is not None:
            self._pair = Pair(first, self._pair.refresh)

    def _keep_pair(self) -> None:
        if self._store is not None and self._pair is not None:
            origin = _origin(self._ask_first(), self._given_refresh)
            self._store.save(Stored(self._pair, self._pair_before, origin))

    def _fresh(self, name: str, used: str) -> bool:
        token = self._ask(name)
        return token is not None and mark(token) != used and mark(token) not in self._bad

    def _ask(self, source: str) -> str | None:
        try:
            token = self._sources[source]()
        except Exception:  # noqa: BLE001 - a source of the agent's own; one that fails has none
            return None
        if not isinstance(token, str) or not token.strip():
            return None
        hide(token.strip())
        return token.strip()

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


def _hide(*pairs: Pair | None) -> None:
    for pair in pairs:
        if pair is not None:
            hide(pair.access, pair.refresh)


def _origin(first: str, refresh: str) -> str:
    """A mark of what the owner has in place: the token, and what refreshes it."""
    return f"{mark(first)} {mark(refresh)}"


def _still_right(kept: Stored, first: str, refresh: str) -> Stored:
    """What was kept, as far as the owner has not put something else in place since."""
    if not kept.origin or kept.origin == _origin(first, refresh):
        return kept
    pair = kept.pair if kept.origin.startswith(mark(first)) else Pair(first, kept.pair.refresh)
    return Stored(pair if kept.origin.endswith(mark(refresh)) else attrs.evolve(pair, refresh=refresh or pair.refresh))
