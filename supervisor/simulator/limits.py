"""How much of its quota has a token used?

Counted per token and category; a window starts with the first request in it and ends a minute later (DOC D1).
"""

from collections.abc import Mapping

import attrs

from supervisor.errors import SupervisorError
from supervisor.simulator.wire import Reply, reply

WINDOW = 60.0
LIMITS: Mapping[str, Mapping[str, int]] = {
    "live": {"standard": 120, "market": 120, "trading": 60},
    "sandbox": {"standard": 60, "market": 60, "trading": 60},
}
"""Requests a minute, as documented (section 3)."""
COUNTED = "counted"
"""Counted and told as the live quota, and never refused: before the last request a new window begins."""


@attrs.define
class _Window:
    ends: float
    used: int = 0


class Limits:
    """The quota windows of every token: "sandbox" or "live" as documented, "counted", or None: no count, no headers."""

    def __init__(self, kind: str | None) -> None:
        self._windows: dict[tuple[str, str], _Window] = {}
        self.become(kind)

    def become(self, kind: str | None) -> None:
        """From now on those limits, every window anew; SupervisorError names an unknown kind."""
        if kind not in {None, COUNTED, *LIMITS}:
            raise SupervisorError(
                f"There are no limits {kind!r}; the known ones are none, {COUNTED}, {', '.join(LIMITS)}."
            )
        self.allowed = LIMITS["live" if kind == COUNTED else kind] if kind else None
        self.refuses = kind != COUNTED
        self._windows.clear()

    def spend(self, token: str, category: str, now: float) -> tuple[dict[str, str], Reply | None]:
        """Counts one request: the rate-limit headers of its reply, and the 429 where it is one too many."""
        if self.allowed is None:
            return {}, None
        window = self._windows.get((token, category))
        allowed = self.allowed[category]
        full = window is not None and not self.refuses and window.used + 1 >= allowed
        if window is None or full or now >= window.ends:
            window = self._windows[token, category] = _Window(now + WINDOW)
        over = window.used >= allowed
        window.used += not over
        end = int(window.ends * 1000)
        headers = {
            "X-Ratelimit-Allowed": str(allowed),
            "X-Ratelimit-Used": str(window.used),
            "X-Ratelimit-Available": str(allowed - window.used),
            "X-Ratelimit-Expiry": str(end),
        }
        return headers, reply(429, f"Quota Violation {end}").with_headers(headers) if over else None
