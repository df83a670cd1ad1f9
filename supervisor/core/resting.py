"""Which keyed cursors may be forgotten? Those that have been over for a day, without an issue.

One that is heard of again begins anew. What it went through is on record.
"""

from collections.abc import Mapping

from supervisor.core.concern import Life
from supervisor.core.cursor import Cursor

KEPT = 86400.0
"""Seconds that a cursor at rest is kept."""


def at_rest(living: Mapping[tuple[str, str], Cursor], lives: Mapping[str, Life], now: float) -> list[tuple[str, str]]:
    """The keys of cursors that may be forgotten at that instant."""
    return [
        place
        for place, cursor in living.items()
        if now - cursor.since > KEPT and cursor.issue is None and cursor.state in lives[place[0]].over
    ]
