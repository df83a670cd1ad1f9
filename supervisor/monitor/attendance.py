"""Which concerns were there, when? One that came later, with a new version or as the user's own, begins when it came.

What was heard before is on record without it: had it heard that too, it would stand where no move on record leads, and
every number after its unrecorded moves would be another.
"""

from collections.abc import Collection, Iterable
from functools import lru_cache

import attrs

from supervisor.core.book import Book
from supervisor.core.concern import Concern
from supervisor.core.engine import begin
from supervisor.core.reading import Round
from supervisor.core.table import State, Table
from supervisor.core.words import ALL, OK


@lru_cache(maxsize=64)
def _away(name: str) -> Table:
    return Table(name, (State("away", OK, ALL, means="It was not there then."),), ())


def _deaf(_: Round) -> None:
    """Hears nothing."""


@attrs.define
class Attendance:
    """In a book that takes up a record: a silent stand-in for each concern that was not there at that time."""

    book: Book
    _waiting: dict[str, Concern] = attrs.field(factory=dict)

    def attend(self, named: Collection[str], now: float) -> None:
        """From now on those named are there, and no others; who comes begins now."""
        changed = False
        for slot in self.book.slots:
            name = slot.concern.name
            if name in named and name in self._waiting:
                slot.concern = self._waiting.pop(name)
                slot.table = slot.concern.table
            elif name not in named and name not in self._waiting:
                self._waiting[name] = slot.concern
                slot.concern = attrs.evolve(slot.concern, table=_away(name), judge=_deaf)
                slot.table = slot.concern.table
            else:
                continue
            slot.cursor, slot.watch, changed = begin(slot.table, now), None, True
        if changed:
            self.book.settle()

    def started(self, told: Iterable[str], now: float) -> None:
        """A process began with those concerns; an older record does not name them."""
        named = frozenset(told)
        if named:
            self.attend(named, now)

    def complete(self) -> None:
        """The record ends: all are there from now on."""
        if self._waiting:
            self.attend(frozenset(slot.concern.name for slot in self.book.slots), self.book.now)
