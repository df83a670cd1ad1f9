"""How much of its quota has a token used?

Counted per token and category; a window starts with the first request in it and ends a minute later (DOC D1).
"""

from collections.abc import Mapping

import attrs

from supervisor.simulator.wire import Reply, reply

WINDOW = 60.0
LIMITS: Mapping[str, Mapping[str, int]] = {
    "live": {"standard": 120, "market": 120, "trading": 60},
    "sandbox": {"standard": 60, "market": 60, "trading": 60},
}
"""Requests a minute, as documented (section 3)."""


@attrs.define
class _Window:
    ends: float
    used: int = 0


class Limits:
    """The quota windows of every token. `allowed` None counts nothing and sends no headers."""

    def __init__(self, allowed: Mapping[str, int] | None) -> None:
        self.allowed = allowed
        self._windows: dict[tuple[str, str], _Window] = {}

    def spend(self, token: str, category: str, now: float) -> tuple[dict[str, str], Reply | None]:
        """Counts one request: the rate-limit headers of its reply, and the 429 where it is one too many."""
        if self.allowed is None:
            return {}, None
        window = self._windows.get((token, category))
        if window is None or now >= window.ends:
            window = self._windows[token, category] = _Window(now + WINDOW)
        allowed = self.allowed[category]
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
