"""How long was the gate in each mode, and what closed it? Spans of time, from moves alone."""

from collections.abc import Iterable, Mapping

import attrs

from supervisor.core.book import Book
from supervisor.core.verdict import mode_of
from supervisor.core.words import ALL, KEEP, OPENING, Mode
from supervisor.journal.chain import Entry

Key = tuple[str, str]
"""A concern or life, and the key of a life ("" for a concern)."""
MONITOR, SCORE = "monitor", "score"
"""What closes the gate besides concerns and lives: nobody watched; the owner's rule about the score."""


@attrs.frozen
class Span:
    """A stretch of time in which the gate did not change. Instants are epoch seconds.

    `causes` are what closed any opening permit everywhere; empty while both were open.
    """

    start: float
    end: float
    permits: int
    mode: Mode
    causes: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.end - self.start


@attrs.frozen
class Begin:
    """Where a stretch of the record begins: the state of every cursor, and the gate. `book` knows the tables."""

    book: Book
    states: Mapping[Key, str]
    permits: int
    blocked: bool

    @classmethod
    def of(cls, book: Book) -> "Begin":
        """Where that book stands now."""
        verdict = book.fold()
        states = {(cursor.name, cursor.key): cursor.state for cursor in book.cursors()}
        return cls(book, states, int(verdict.permits), bool(verdict.blocks))


class Timeline:
    """Hears moves in order and keeps the spans of the gate, and the seconds spent in each state."""

    def __init__(self, begin: Begin, since: float) -> None:
        self._book = begin.book
        self._states = dict(begin.states)
        self._entered = dict.fromkeys(self._states, since)
        self._since = since
        self._permits, self._blocked = begin.permits, begin.blocked
        self.spans: list[Span] = []
        self.times: dict[str, dict[str, float]] = {}
        """Seconds by concern and state; a life's keys are summed up."""
        self._at = since
        self._takers = {key for key, state in self._states.items() if self._takes(*key, state)}
        """Who takes an opening permit everywhere. Kept move by move: a year knows thousands of orders."""

    def hear(self, move: Entry) -> None:
        """One move."""
        body = move.body
        key = (str(move.concern), str(body["key"]))
        at = max(move.at, self._at)
        self._spend(key, at)
        verdict = body.get("verdict")
        permits = int(verdict["permits"]) if verdict else int(body["after"])
        blocked = bool(verdict["blocks"]) if verdict else self._blocked
        self._cut(at)
        self._states[key] = body["target"]
        self._entered[key] = at
        self._permits, self._blocked = permits, blocked
        if self._takes(*key, body["target"]):
            self._takers.add(key)
        else:
            self._takers.discard(key)

    def end(self, at: float) -> None:
        """The stretch ends here."""
        at = max(at, self._at)
        for key in self._states:
            self._spend(key, at)
        self._cut(at)

    def _spend(self, key: Key, at: float) -> None:
        state = self._states.get(key)
        if state is not None:
            spent = self.times.setdefault(key[0], {})
            spent[state] = spent.get(state, 0.0) + at - self._entered[key]
            self._entered[key] = at

    def _cut(self, at: float) -> None:
        if at > self._at:
            mode = mode_of(self._permits, blocked=self._blocked)
            self.spans.append(Span(self._at, at, self._permits, mode, self._closing()))
        self._at = at

    def _closing(self) -> tuple[str, ...]:
        """What closes an opening permit everywhere right now."""
        if self._permits & OPENING == OPENING:
            return ()
        found = sorted(f"{name}:{key}" if key else name for name, key in self._takers)
        return tuple(found) or (SCORE,)

    def _takes(self, name: str, key: str, state: str) -> bool:
        if name in self._book.lives:
            life = self._book.lives[name]
            table = life.table
            if life.scope(key):
                return False
        elif name in self._book.place:
            table = self._book.table(name)
        else:
            return False
        return state in table.states and table.states[state].permits & OPENING != OPENING


def unwatched_too(spans: Iterable[Span], dark: Iterable[tuple[float, float]]) -> list[Span]:
    """The spans with opening closed wherever nobody watched; `dark` in order of time."""
    holes = list(dark)
    found: list[Span] = []
    first = 0
    for span in spans:
        at = span.start
        while first < len(holes) and holes[first][1] <= at:
            first += 1
        for start, end in holes[first:]:
            if start >= span.end:
                break
            if start > at:
                found.append(attrs.evolve(span, start=at, end=start))
            begins, ends = max(start, at), min(end, span.end)
            permits = span.permits & ~OPENING
            found.append(Span(begins, ends, permits, mode_of(permits), tuple(sorted({*span.causes, MONITOR}))))
            at = ends
        if at < span.end:
            found.append(attrs.evolve(span, start=at))
    return found


def unsure(book: Book, name: str, state: str) -> bool:
    """Whether that state is a first sign of trouble: it keeps what was open, and is not merely "never read"."""
    table = book.lives[name].table if name in book.lives else book.table(name) if name in book.place else None
    return table is not None and state != table.initial and state in table.states and table.states[state].issue == KEEP


def nothing(book: Book) -> Begin:
    """Before anything was read."""
    return Begin(book, {(c.name, c.key): c.state for c in book.cursors()}, int(ALL & ~OPENING), blocked=False)
