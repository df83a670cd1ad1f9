"""May this request be spent, or must it be kept for what matters more?

Tradier counts per token, category and minute; a window starts with its first request (§3). We stay under 90 % of the
allowance, and inside that each purpose leaves the unspent shares of the others alone: health keeps 10 %, cancelling and
reconciling 25 %, strategy the rest. What a reply's headers say replaces our own count. A cancel is counted and never
withheld.
"""

import re
import threading
from collections.abc import Mapping
from enum import StrEnum

import attrs
from requests.structures import CaseInsensitiveDict

from supervisor.concerns.facts import Place

WINDOW = 60.0
CEILING_PERCENT = 90
HEALTH_PERCENT = 10
RESERVE_PERCENT = 25

_COUNT = re.compile(r"\d{1,9}", re.ASCII)


class Category(StrEnum):
    """What Tradier counts apart (DOC)."""

    STANDARD = "standard"
    MARKET = "market"
    TRADING = "trading"


class Purpose(StrEnum):
    """What a request is for."""

    HEALTH = "health"
    RECONCILE = "reconcile"
    CANCEL = "cancel"
    STRATEGY = "strategy"


# A minute's allowance (DOC); our own loopback has none until its headers say so.
# fmt: off
ALLOWED: dict[Place, dict[Category, int]] = {
    Place.LIVE:    {Category.STANDARD: 120, Category.MARKET: 120, Category.TRADING: 60},
    Place.SANDBOX: {Category.STANDARD: 60,  Category.MARKET: 60,  Category.TRADING: 60},
}
# fmt: on


@attrs.define
class _Window:
    """One category's minute: when it ends, how many may be and were sent, and by whom of ours."""

    allowed: int | None
    ends: float = 0.0
    used: int = 0
    health: int = 0
    reserve: int = 0
    shut: bool = False

    def turn(self, now: float) -> None:
        """Begins anew where the window has ended, or where the clock was set so far back that it never would."""
        if not now < self.ends <= now + WINDOW:
            self.ends, self.used, self.health, self.reserve, self.shut = 0.0, 0, 0, 0, False

    def open_to(self, purpose: Purpose) -> bool:
        """Whether one more of that purpose leaves the ceiling and the others' shares whole."""
        if purpose is Purpose.CANCEL:
            return True
        if self.shut or self.allowed is None:
            return not self.shut
        ceiling = self.allowed * CEILING_PERCENT // 100
        kept = 0
        if purpose is not Purpose.HEALTH:
            kept += max(0, ceiling * HEALTH_PERCENT // 100 - self.health)
        if purpose is not Purpose.RECONCILE:
            kept += max(0, ceiling * RESERVE_PERCENT // 100 - self.reserve)
        return self.used + 1 <= ceiling - kept


def _count(headers: Mapping[str, str], name: str) -> int | None:
    """A rate-limit header's number, None where it is missing (unknown, not zero) or no number."""
    text = headers.get(f"X-Ratelimit-{name}", "").strip()
    return int(text) if _COUNT.fullmatch(text) else None


def told(headers: Mapping[str, str]) -> tuple[int, int] | None:
    """Allowed and used requests of the window as the headers say, None where they do not say both."""
    anyhow = headers if isinstance(headers, CaseInsensitiveDict) else CaseInsensitiveDict(headers)
    allowed = _count(anyhow, "Allowed")
    if not allowed:
        return None
    used, available = _count(anyhow, "Used"), _count(anyhow, "Available")
    if available is not None:
        used = max(used or 0, allowed - available)
    return None if used is None else (allowed, used)


class Quota:
    """One token's allowance. `now` is epoch seconds, an argument: the same calls give the same answers. Thread-safe."""

    def __init__(self, allowed: Mapping[Category, int] | None = None) -> None:
        given = allowed or {}
        self._windows = {category: _Window(given.get(category)) for category in Category}
        self._lock = threading.Lock()
        self._held_back = False

    @classmethod
    def for_place(cls, place: Place) -> "Quota":
        """The documented allowance there; none on loopback until headers say one."""
        return cls(ALLOWED.get(place))

    def may_send(self, category: Category, purpose: Purpose, now: float) -> bool:
        """Whether one more request may go now. Asks, and counts nothing."""
        with self._lock:
            window = self._windows[category]
            window.turn(now)
            return window.open_to(purpose) and not (self._held_back and purpose is Purpose.STRATEGY)

    def take(self, category: Category, purpose: Purpose, now: float) -> bool:
        """Counts one request and says True, or says False and counts nothing."""
        with self._lock:
            window = self._windows[category]
            window.turn(now)
            if not window.open_to(purpose) or (self._held_back and purpose is Purpose.STRATEGY):
                return False
            window.ends = window.ends or now + WINDOW
            window.used += 1
            window.health += purpose is Purpose.HEALTH
            window.reserve += purpose in (Purpose.RECONCILE, Purpose.CANCEL)
            return True

    def learn(self, category: Category, headers: Mapping[str, str], now: float, ends: float | None = None) -> None:
        """Takes the reply's count for ours; `ends` is when its window ends, where the reply said."""
        counted = told(headers)
        if counted is None:
            return
        with self._lock:
            window = self._windows[category]
            window.turn(now)
            window.allowed, window.used = counted
            until = ends or window.ends or now + WINDOW
            window.ends = min(max(until, now), now + WINDOW)

    def exhaust(self, category: Category, until: float, now: float) -> None:
        """The broker said it is enough until then (epoch seconds): nothing but cancels goes before."""
        with self._lock:
            window = self._windows[category]
            window.turn(now)
            window.shut = True
            window.ends = min(max(until, now), now + WINDOW)

    def hold_back(self, *, on: bool) -> None:
        """While on, strategy requests wait: what is left is for cancels, read-backs and health."""
        self._held_back = on

    def opens_at(self, category: Category, now: float) -> float:
        """When the window in force ends (epoch seconds); now where none is."""
        with self._lock:
            return max(self._windows[category].ends, now)
