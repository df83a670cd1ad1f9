"""What does a book keep of each concern, count, and hand back?"""

import attrs

from supervisor.core.concern import Concern
from supervisor.core.cursor import Cursor
from supervisor.core.event import Event, Move
from supervisor.core.flapping import Watch
from supervisor.core.table import Table


@attrs.define
class Sweep:
    """What one input, or the passing of time, led to. `entry` is the input's number (None: only time passed)."""

    moves: list[Move] = attrs.field(factory=list)
    events: list[Event] = attrs.field(factory=list)
    entry: int | None = None


@attrs.define
class Stats:
    """The owner's counters."""

    total_checks: int = 0
    issues_detected: int = 0
    issues_auto_fixed: int = 0
    issues_resolved: int = 0
    failed_orders: int = 0
    successful_orders: int = 0


@attrs.define
class Slot:
    """One concern's place in the book."""

    concern: Concern
    table: Table
    cursor: Cursor
    parents: tuple[int, ...]
    watch: Watch | None = None
    """Made when something first changes: most concerns never do."""
    blinded: bool = False
