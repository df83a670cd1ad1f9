"""What becomes of a child while a parent blinds it, and is the root of it always told?

A child depends on its parents by nothing but whether they blind it. So every situation that can be told apart is put
into a real book under every state of every parent that blinds, and then sight returns.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import product

import attrs

from supervisor.core.book import Book
from supervisor.core.concern import Concern, in_order
from supervisor.core.cursor import Cursor
from supervisor.core.engine import step
from supervisor.core.explore_rules import open_severity
from supervisor.core.explore_said import Finding, Property, together
from supervisor.core.explore_walk import Situation, Walk, boundaries, clone
from supervisor.core.reading import Reading, Round
from supervisor.core.words import ALL, OPENING


def said_to(name: str) -> str:
    """The source of a reading that names the signal a scripted concern is to hear."""
    return f"said to {name}"


def scripted(concern: Concern) -> Concern:
    """The concern, judging a round by the signal named in it; the table is the same."""
    source = said_to(concern.name)

    def judge(round_: Round) -> str | None:
        reading = round_.get(source)
        return None if reading is None else str(reading.value)

    return attrs.evolve(concern, judge=judge, flaps=False)


def hears(name: str, signal: str) -> Round:
    """A round that means that signal to that concern, and nothing to any other."""
    return Round.of(Reading(said_to(name), 0.0, 0.0, signal))


def place(book: Book, name: str, cursor: Cursor, now: float) -> Cursor:
    """Puts a copy of a walked cursor into the book, moved in time so that its `now` is `now`."""
    placed = clone(cursor)
    shift = now - cursor.now
    placed.since += shift
    placed.heard = None if placed.heard is None else placed.heard + shift
    placed.now = now
    book.slots[book.place[name]].cursor = placed
    return placed


def _seeing(walk: Walk) -> Situation:
    """A situation of that table that permits, blinds nothing and has no issue; else the first that does not blind."""
    states = walk.table.states
    good = (
        s
        for s in walk.situations
        if s.cursor.heard is not None and states[s.cursor.state].permits == ALL and s.cursor.issue is None
    )
    return next(good, walk.situations[0])


def _blinding(walk: Walk) -> list[Situation]:
    """One situation for each state that blinds."""
    found: dict[str, Situation] = {}
    for situation in walk.situations:
        if walk.table.states[situation.cursor.state].blinds:
            found.setdefault(situation.cursor.state, situation)
    return list(found.values())


def _apart(walk: Walk) -> list[Situation]:
    """Situations of a child that masking could treat differently: by state, issue, run and what time may do."""
    found: dict[tuple[object, ...], Situation] = {}
    for situation in walk.situations:
        cursor = situation.cursor
        waits = tuple(boundary > cursor.now for boundary in boundaries(walk.table, cursor))
        key = (cursor.state, cursor.issue and cursor.issue.code, cursor.family, cursor.run, waits)
        found.setdefault(key, situation)
    return list(found.values())


def masking(
    concerns: Iterable[Concern], walks: dict[str, Walk], make: Callable[..., Book] = Book
) -> tuple[int, list[Finding]]:
    """How many situations were looked at under a blinding parent in a book that `make` makes, and what was wrong."""
    ordered = [scripted(concern) for concern in in_order(tuple(concerns))]
    book = make(ordered, now=0.0)
    found: dict[str, Finding] = {}
    looked = 0
    for concern in ordered:
        for parent in concern.table.depends_on:
            for blind in _blinding(walks[parent]):
                for situation in _apart(walks[concern.name]):
                    looked += 1
                    for finding in _one(book, walks, concern, parent, blind, situation):
                        found.setdefault(f"{finding.table} {finding.words}", finding)
    for finding in _roots(book, walks):
        found.setdefault(f"{finding.table} {finding.words}", finding)
    return looked, list(found.values())


def _one(
    book: Book, walks: dict[str, Walk], concern: Concern, parent: str, blind: Situation, situation: Situation
) -> Iterator[Finding]:
    now = 1e6
    name, table = concern.name, concern.table
    start = situation.cursor

    def finding(words: str) -> Finding:
        words = f"{words} while {parent} is {blind.cursor.state!r}"
        return Finding(name, Property.MASKS, words, situation.path(), together([(parent, blind), (name, situation)]))

    for signal in table.signals:
        _all_seeing(book, walks, now)
        place(book, parent, blind.cursor, now)
        child = place(book, name, start, now)
        book.settle()
        before = (child.family, child.run, child.trail, child.heard)
        told = book.feed(hears(name, signal), now)
        if any(move.concern == name and move.signal == signal for move in told.moves):
            yield finding(f"it hears {signal!r}")
        if not child.masked or (child.family, child.run, child.trail, child.heard) != before:
            yield finding(f"it counts {signal!r}")
        if any(event.issue.concern == name for event in told.events):
            yield finding("it tells something")
        place(book, parent, _seeing(walks[parent]).cursor, now)
        alone = clone(child)
        step(table, alone, signal, now)
        book.feed(hears(name, signal), now)
        if (child.state, child.run, child.family) != (alone.state, alone.run, alone.family):
            yield finding(f"once it is seen again {signal!r} is not judged afresh, after it was masked")
    _all_seeing(book, walks, now)
    place(book, parent, blind.cursor, now)
    child = place(book, name, start, now)
    book.settle()
    permits, severity = table.states[child.state].permits, open_severity(child)
    sweep = book.tick(now + 1e6)
    if sweep is not None and any(event.issue.concern == name for event in sweep.events):
        yield finding("time opens or ends an issue of it")
    if table.states[child.state].permits & ~permits or open_severity(child) < severity:
        yield finding("time gives something back")


def _all_seeing(book: Book, walks: dict[str, Walk], now: float) -> None:
    for slot in book.slots:
        place(book, slot.concern.name, _seeing(walks[slot.concern.name]).cursor, now)


def _roots(book: Book, walks: dict[str, Walk]) -> Iterator[Finding]:
    """Every combination of concerns that blind: each root is seen, its issue lists all below, opening is closed."""
    now = 2e6
    blinders = {name: found for name, walk in walks.items() if (found := _blinding(walk))}
    for choice in product(*([None, *found] for found in blinders.values())):
        _all_seeing(book, walks, now)
        chosen = {name: s for name, s in zip(blinders, choice, strict=True) if s is not None}
        for name, situation in chosen.items():
            place(book, name, situation.cursor, now)
        book.settle()
        book.feed(Round({}), now)
        yield from _told(book, chosen)


def _told(book: Book, chosen: dict[str, Situation]) -> Iterator[Finding]:
    where = tuple(f"{name} is {s.cursor.state}" for name, s in chosen.items())
    way = together([(name, chosen[name]) for name in sorted(chosen, key=book.place.__getitem__)])

    def finding(of: str, words: str, broken: Property = Property.ROOTS) -> Finding:
        return Finding(of, broken, words, where, way)

    verdict = book.fold()
    below = {slot.concern.name: _above(book, slot.concern) for slot in book.slots}
    if chosen and verdict.permits & OPENING:
        yield finding("verdict", "opening is permitted while something blinds")
    for slot in book.slots:
        name = slot.concern.name
        masked = any(above in chosen for above in below[name])
        if slot.cursor.masked and not masked:
            yield finding(name, "is masked and nothing above it blinds", Property.MASKS)
        if masked and not slot.cursor.masked:
            yield finding(name, "is not masked", Property.MASKS)
    for name in chosen:
        hidden = book.cursor(name).masked
        lists = next((i.metadata.get("masks", []) for i in verdict.issues if i.concern == name), None)
        if lists is None:
            yield finding(name, "blinds, and its issue is not told")
        elif not hidden and sorted(lists) != sorted(child for child, above in below.items() if name in above):
            yield finding(name, f"lists {sorted(lists)} as masked")
        elif hidden and lists:
            yield finding(name, "is masked and lists what it masks")
    for reason in verdict.reasons:
        if reason.opens_when.startswith("once ") and reason.opens_when.split()[1] not in chosen:
            yield finding(reason.concern, f"names no root that blinds: {reason.opens_when}")


def _above(book: Book, concern: Concern) -> set[str]:
    found: set[str] = set()
    todo = list(concern.table.depends_on)
    while todo:
        name = todo.pop()
        found.add(name)
        todo += book.slots[book.place[name]].concern.table.depends_on
    return found
