"""Which situations can a table get into, and what leads from each to which?

Every table is walked whole, breadth first, through the real engine. What makes that finite: counters are capped at the
largest number any guard asks for, of the trail only what a guard may still count is kept, and time goes from threshold
to threshold: just before, and at it. So every guard is asked at its boundary, and the first path found is a shortest.
"""

from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache

import attrs

from supervisor.core.cursor import Cursor
from supervisor.core.engine import begin, due, step
from supervisor.core.event import Bearing, Event, derive
from supervisor.core.guards import Guard, Held, InARow, Lately, Silent
from supervisor.core.table import Edge, Table
from supervisor.core.words import TIME

JUST_BEFORE = 2.0**-10
"""Seconds by which "just before" is before."""
STOP = "(stop)"
"""As a step's signal: the program stopped for long, and its counters begin anew."""
PASSING = "(passing)"
"""As a step's signal: time passed and moved nothing."""
MOST = 100_000
"""Situations of one table from which on exploring it gives up and says so."""

Outcome = tuple[Edge, Guard, bool]
Tell = Callable[..., list[Event]]


@attrs.frozen(eq=False)
class Situation:
    """Where a table may stand: a cursor, how it came there (the step before), and its number."""

    number: int
    cursor: Cursor
    came: "Step | None" = None

    def path(self) -> tuple[str, ...]:
        """The shortest way here, in words."""
        steps = []
        here = self
        while here.came is not None:
            steps.append(here.came.words)
            here = here.came.source
        return (f"begins {here.cursor.state}", *reversed(steps))


@attrs.frozen(eq=False)
class Step:
    """One step: from a situation, on a signal, along an arrow (None: nothing moved), with what was told."""

    source: Situation
    signal: str
    edge: Edge | None
    words: str
    before: Cursor
    after: Cursor
    events: tuple[Event, ...] = ()


@attrs.define
class Walk:
    """A table walked whole."""

    table: Table
    tell: Tell = derive
    situations: list[Situation] = attrs.field(factory=list)
    steps: list[Step] = attrs.field(factory=list)
    onward: list[list[int]] = attrs.field(factory=list)
    outcomes: set[Outcome] = attrs.field(factory=set)
    troubles: list[tuple[str, Situation]] = attrs.field(factory=list)
    """What went wrong in walking itself, with where."""
    known: dict[tuple[object, ...], Situation] = attrs.field(factory=dict)
    todo: deque[Situation] = attrs.field(factory=deque)
    entry: int = 0

    @property
    def taken(self) -> set[Edge]:
        """The arrows that were taken."""
        return {step.edge for step in self.steps if step.edge is not None}


@attrs.define
class _Asked:
    """What a guard is called with."""

    model: Cursor


def clone(cursor: Cursor) -> Cursor:
    """The same, anew."""
    c = cursor
    return Cursor(c.name, c.key, c.state, c.since, c.heard, c.family, c.run, c.trail, c.issue, c.now, c.masked)


def walk(table: Table, *, most: int = MOST, tell: Tell = derive) -> Walk:
    """Everything that can become of a cursor of this table; given up, and said, from `most` situations on.

    `tell` gives what is told of a move.
    """
    found = Walk(table, tell)
    first = begin(table, 0.0, "key" if table.life else "")
    _derive(found, first, TIME, 0.0)
    _arrive(found, first, None)
    while found.todo:
        here = found.todo.popleft()
        for step_, cursor in _onward(found, here):
            found.steps.append(step_)
            there = _arrive(found, cursor, step_)
            found.onward[here.number].append(there.number)
        if len(found.situations) > most:
            found.troubles.append((f"there are more than {most} situations, so not all were seen", here))
            break
    return found


def _arrive(found: Walk, cursor: Cursor, came: Step | None) -> Situation:
    key = _normal(found.table, cursor)
    known = found.known.get(key)
    if known is None:
        known = found.known[key] = Situation(len(found.situations), cursor, came)
        found.situations.append(known)
        found.onward.append([])
        found.todo.append(known)
    return known


def _onward(found: Walk, here: Situation) -> Iterator[tuple[Step, Cursor]]:
    table, cursor = found.table, here.cursor
    waiting = due(table, cursor)
    if waiting is not None and waiting <= cursor.now:  # the book fires it before anything else is heard
        yield from _time(found, here, cursor.now, "time moves on at once")
        return
    for signal in table.signals:
        yield _take(found, here, signal, cursor.now, signal)
    boundary = min((b for b in boundaries(table, cursor) if b > cursor.now), default=None)
    if boundary is not None:
        yield from _wait(found, here, boundary)
    else:
        stopped = clone(cursor)
        stopped.family, stopped.run, stopped.trail = "", 0, ()
        words = "a long stop"
        yield Step(here, STOP, None, words, cursor, stopped), stopped


def _wait(found: Walk, here: Situation, boundary: float) -> Iterator[tuple[Step, Cursor]]:
    table, cursor = found.table, here.cursor
    passed = boundary - cursor.now
    early = boundary - JUST_BEFORE
    if cursor.now < early:
        waited = clone(cursor)
        waited.now = early
        if (cursor.state, TIME) in table.react:
            tried = clone(waited)
            _note_outcomes(found, tried, TIME)
            if step(table, tried, TIME, early) and (due(table, cursor) or 0.0) > early:
                found.troubles.append(("time moves it before it is due", here))
        yield Step(here, PASSING, None, f"just under {passed:g} s pass", cursor, waited), waited
        return
    words = f"{passed:g} s pass" if passed > 2 * JUST_BEFORE else "a moment passes"
    waiting = due(table, cursor)
    if waiting is not None and waiting <= boundary:
        yield from _time(found, here, boundary, words)
    else:
        waited = clone(cursor)
        waited.now = boundary
        yield Step(here, PASSING, None, words, cursor, waited), waited


def _time(found: Walk, here: Situation, now: float, words: str) -> Iterator[tuple[Step, Cursor]]:
    taken, cursor = _take(found, here, TIME, now, words)
    if taken.edge is None:
        found.troubles.append(("time is due and moves nothing, so a book would try for ever", here))
        return
    yield taken, cursor


def _take(found: Walk, here: Situation, signal: str, now: float, words: str) -> tuple[Step, Cursor]:
    table, before = found.table, here.cursor
    after = clone(before)
    moved = step(table, after, signal, now)
    expected = None
    if (before.state, signal) in table.out:
        asked = clone(after)
        asked.state, asked.since = before.state, before.since
        expected = _note_outcomes(found, asked, signal)
    if moved != (expected is not None) or (expected is not None and after.state != expected.to):
        found.troubles.append((f"the engine went to {after.state!r} on {signal!r}, the table says otherwise", here))
    events = _derive(found, after, signal, now) if moved else ()
    return Step(here, signal, expected if moved else None, words, before, after, events), after


def _note_outcomes(found: Walk, asked: Cursor, signal: str) -> Edge | None:
    """Asks the guards of each arrow in turn; the first arrow whose guards all hold."""
    event = _Asked(asked)
    for edge in found.table.out.get((asked.state, signal), ()):
        holds = True
        for guard in edge.only_if:
            outcome = guard(event)
            found.outcomes.add((edge, guard, outcome))
            holds = holds and outcome
        if holds:
            return edge
    return None


def _derive(found: Walk, cursor: Cursor, signal: str, now: float) -> tuple[Event, ...]:
    found.entry += 1
    table = found.table
    bearing = Bearing(table.name, "", frozenset(), {"broker": "the broker", "key": cursor.key})
    state = table.states[cursor.state]
    expired = table.life and signal == TIME
    return tuple(found.tell(state, cursor, bearing, entry=found.entry, now=now, evidence="", expired=expired))


def boundaries(table: Table, cursor: Cursor) -> list[float]:
    """The instants at which some guard may begin to hold, if nothing else happens."""
    found = [guard.due(cursor) for guard in _timed(table, cursor.state)]
    if cursor.heard is not None:  # silence is counted across states
        found += [cursor.heard + seconds for seconds in silences(table)]
    return found


# the same few tables are asked about again and again: what is read off their arrows is kept


@lru_cache(maxsize=256)
def _timed(table: Table, state: str) -> tuple[Held | Silent, ...]:
    edges = [edge for edge in table.edges if edge.source == state]
    return tuple(guard for edge in edges for guard in edge.only_if if isinstance(guard, Held | Silent))


@lru_cache(maxsize=32)
def silences(table: Table) -> tuple[float, ...]:
    """The seconds of silence that matter to this table."""
    return tuple(sorted({g.seconds for e in table.edges for g in e.only_if if isinstance(g, Silent)}))


@lru_cache(maxsize=32)
def most_in_a_row(table: Table) -> int:
    """The largest number in a row that a guard asks for; at least 1."""
    return max((g.n for e in table.edges for g in e.only_if if isinstance(g, InARow)), default=1)


@lru_cache(maxsize=32)
def _lately(table: Table) -> frozenset[tuple[int, str]]:
    return frozenset((g.of, g.signal) for e in table.edges for g in e.only_if if isinstance(g, Lately))


def _normal(table: Table, cursor: Cursor) -> tuple[object, ...]:
    """Caps counters, drops what no guard can see, and gives what tells this situation from others."""
    cursor.run = min(cursor.run, most_in_a_row(table))
    if table.trail:
        lately = _lately(table)
        length = len(cursor.trail)
        seen = [
            signal if any(signal == wanted and length - i < of for of, wanted in lately) else ""
            for i, signal in enumerate(cursor.trail)
        ]
        while seen and not seen[0]:
            del seen[0]
        cursor.trail = tuple(seen)
    instants = boundaries(table, cursor)
    pending = sorted(set(instants))
    now = cursor.now
    regions = tuple(0 if now < b - JUST_BEFORE else 1 if now < b else 2 for b in instants)
    order = tuple(pending.index(b) for b in instants)
    issue = (cursor.issue.code, cursor.issue.severity) if cursor.issue else None
    return (cursor.state, cursor.family, cursor.run, cursor.trail, issue, cursor.heard is None, regions, order)
