"""Given where a table stands and what was heard, what happens?"""

from supervisor.core.cursor import Cursor
from supervisor.core.guards import Lately
from supervisor.core.table import Table
from supervisor.core.words import TIME


def begin(table: Table, now: float, key: str = "") -> Cursor:
    """A cursor at the table's first state."""
    return Cursor(table.name, key, table.initial, now, now=now)


def hear(table: Table, cursor: Cursor, signal: str, now: float) -> None:
    """Counts a signal: its family's run, the trail, and when good news last came. Counts also where no arrow waits."""
    if signal not in table.misses:
        cursor.heard = now
    if signal in table.neutral:
        return
    if table.trail:
        cursor.trail = (*cursor.trail, signal)[-table.trail :]
    family = table.family_of.get(signal, signal)
    if family == cursor.family:
        cursor.run += 1
    else:
        cursor.family = family
        cursor.run = 1


def step(table: Table, cursor: Cursor, signal: str, now: float) -> bool:
    """Whether the signal moved the cursor (to another state, or anew into the same)."""
    cursor.now = now
    if signal != TIME:
        hear(table, cursor, signal, now)
    event = table.react.get((cursor.state, signal))
    if event is None or not event.trigger(cursor):
        return False
    cursor.since = now
    return True


def due(table: Table, cursor: Cursor) -> float | None:
    """The next instant at which time alone may move the cursor; None if it never will."""
    earliest = None
    for guard, _ in table.waits[cursor.state]:
        instant = guard.due(cursor)
        if earliest is None or instant < earliest:
            earliest = instant
    return earliest


def awaits_a_count(table: Table, cursor: Cursor) -> bool:
    """Whether one more round like the last could move it: a guard is counting and has not counted enough."""
    if cursor.masked:
        return False
    for guard, family in table.counts[cursor.state]:
        if isinstance(guard, Lately):
            if guard.signal in cursor.trail[1 - guard.of :]:
                return True  # it is still there when the next round has come
        elif 0 < cursor.run < guard.n and family == cursor.family:
            return True
    return False
