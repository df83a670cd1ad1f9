"""What does a book keep of each concern, count, and hand back; and when does time matter next?"""

from collections.abc import Iterable, Mapping

import attrs

from supervisor.core.concern import Concern, Life
from supervisor.core.cursor import Cursor
from supervisor.core.engine import due
from supervisor.core.event import Event, EventKind, Move
from supervisor.core.flapping import Rules, Watch
from supervisor.core.issue import Issue
from supervisor.core.table import Table
from supervisor.core.words import KEEP, OPENING


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

    def count(self, event: Event) -> None:
        """One event more."""
        if event.kind is EventKind.DETECTED:
            self.issues_detected += 1
        elif event.kind is EventKind.FIXED:
            self.issues_auto_fixed += 1
        elif event.kind is EventKind.RESOLVED:
            self.issues_resolved += 1


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

    def watched(self, before: str, issue: Issue | None, now: float, rules: Rules, *, moved: bool) -> str | None:
        """What a round that found it in `before`, with that issue open, says of its coming and going.

        Rounds that say nothing certain do not count.
        """
        cursor, states = self.cursor, self.table.states
        if cursor.state == self.table.initial or (moved and before == self.table.initial and issue is None):
            return None
        hard = moved and (issue.code if issue else None) != (cursor.issue.code if cursor.issue else None)
        soft = (
            moved
            and states[before].issue == KEEP
            and before != self.table.initial
            and states[cursor.state].permits & OPENING == OPENING
        )
        if self.watch is None:
            if not (hard or soft):
                return None
            self.watch = Watch()
        return self.watch.note(now, rules, changed=hard or soft, hard=hard)


def earliest(
    slots: Iterable[Slot], living: Mapping[tuple[str, str], Cursor], lives: Mapping[str, Life]
) -> float | None:
    """The next instant at which time alone may move any cursor; None if it never will."""
    found = None
    for slot in slots:
        if slot.table.waits[slot.cursor.state]:
            instant = due(slot.table, slot.cursor)
            if instant is not None and (found is None or instant < found):
                found = instant
    for (name, _), cursor in living.items():
        instant = due(lives[name].table, cursor)
        if instant is not None and (found is None or instant < found):
            found = instant
    return found
