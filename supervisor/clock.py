"""What time is it? The only file that asks.

Functions are imported by their module names and called afresh each time, so that a frozen clock freezes them too.
"""

import time
from datetime import UTC, datetime


def wall() -> float:
    """The wall clock, in seconds since 1970 UTC."""
    return time.time()


def monotonic() -> float:
    """Seconds that never run backwards; they stand still while a laptop sleeps."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Waits that long."""
    time.sleep(seconds)


def utc(instant: float) -> datetime:
    """An instant as an aware UTC datetime."""
    return datetime.fromtimestamp(instant, UTC)


def iso(instant: float) -> str:
    """An instant as ISO 8601 in UTC with milliseconds, for people and JSON."""
    return utc(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Now:
    """One number for "now": the wall clock when made, plus monotonic seconds since.

    So a step of the wall clock never reorders what happened; a suspend is seen as the two drifting apart.
    """

    __slots__ = ("_anchor",)

    def __init__(self) -> None:
        self._anchor = (time.time(), time.monotonic())
        """Wall and monotonic clock at one instant: one object, so that no other thread sees half of a new one."""

    def __call__(self) -> float:
        """Seconds since 1970 UTC by the anchor plus elapsed monotonic time."""
        wall, mono = self._anchor
        return wall + (time.monotonic() - mono)

    def re_anchor(self) -> None:
        """Takes the wall clock as it is now for the new anchor, never going backwards."""
        self._anchor = (max(time.time(), self()), time.monotonic())
