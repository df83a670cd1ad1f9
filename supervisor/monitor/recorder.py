"""How does what happened get on record, before it is acted on?

Each input and the moves it led to are one sweep, written in one transaction. Where that fails the numbers count on in
memory; the next sweep that can be written begins with a `gap` and a `snapshot`, so that the record says what it lacks
and can still be taken up again.
"""

from collections.abc import Mapping
from typing import Any

from supervisor.core.book import Book
from supervisor.core.event import Event, Move
from supervisor.core.slot import Sweep
from supervisor.core.snapshot import dump, dump_issue
from supervisor.errors import JournalError
from supervisor.journal.chain import Entry, EntryKind
from supervisor.journal.store import Journal

SNAPSHOT_EVERY = 500
"""Inputs between snapshots: what a restart or a look into the past has to feed again at most."""


def move_body(move: Move, events: list[Event]) -> dict[str, Any]:
    """A move, and the events it gave, as the journal holds them."""
    return {
        "key": move.key,
        "source": move.source,
        "signal": move.signal,
        "target": move.target,
        "evidence": move.evidence,
        "before": move.permits_before,
        "after": move.permits_after,
        "issue": move.issue_id,
        "severity": max(event.issue.severity for event in events).name.lower() if events else None,
        "events": [{"kind": event.kind.value, "issue": dump_issue(event.issue)} for event in events],
    }


def entries_of(sweep: Sweep, kind: str, body: Mapping[str, Any], at: float) -> list[Entry]:
    """The sweep as entries: what time moved first, then the input, then what the input moved."""
    by_move: dict[int, list[Event]] = {}
    for event in sweep.events:
        by_move.setdefault(event.entry, []).append(event)
    entries = [
        Entry(move.entry, move.at, EntryKind.MOVE, move.concern, move_body(move, by_move.get(move.entry, [])))
        for move in sweep.moves
    ]
    if sweep.entry is not None:
        entries.append(Entry(sweep.entry, at, kind, None, body))
    return sorted(entries, key=lambda entry: entry.number)


class Recorder:
    """Writes sweeps of one book to one journal; without a journal it keeps nothing and says so.

    `why` is None while the journal can be written, else one sentence.
    """

    def __init__(self, book: Book, journal: Journal | None, *, why: str | None = None) -> None:
        self.book = book
        self.journal = journal
        self.why = why
        self._since_snapshot = 0
        self._missed = why is not None
        """Whether something was not written since the last entry that was."""

    def write(self, sweep: Sweep, kind: str, body: Mapping[str, Any], at: float) -> bool:
        """Whether the sweep is on record now."""
        if self.journal is None:
            return self.why is None
        if self._missed:
            return self._mend(at)
        if not self._append(entries_of(sweep, kind, body, at)):
            self._missed = True
            return False
        self._since_snapshot += sweep.entry is not None
        if self._since_snapshot >= SNAPSHOT_EVERY:
            return self.snapshot(at)
        return True

    def snapshot(self, at: float) -> bool:
        """Whether the whole book is on record now."""
        self.book.entry += 1
        self._since_snapshot = 0
        written = self._append([Entry(self.book.entry, at, EntryKind.SNAPSHOT, None, dump(self.book))])
        self._missed = self._missed or not written
        return written

    def note(self, kind: str, body: Mapping[str, Any], at: float) -> bool:
        """Whether an entry that moves nothing is on record now."""
        if self.journal is None or self._missed:
            return False
        self.book.entry += 1
        written = self._append([Entry(self.book.entry, at, kind, None, body)])
        self._missed = not written
        return written

    def _mend(self, at: float) -> bool:
        """Writes a gap and a snapshot in place of what was missed."""
        if self.journal is None:
            return False
        try:
            first = self.journal.head.number + 1
        except JournalError as error:
            self.why = str(error)
            return False
        self.book.entry += 2
        gap = Entry(
            self.book.entry - 1,
            at,
            EntryKind.GAP,
            None,
            {"from": first, "to": self.book.entry - 2, "why": self.why or "entries could not be written"},
        )
        snapshot = Entry(self.book.entry, at, EntryKind.SNAPSHOT, None, dump(self.book))
        if not self._append([gap, snapshot]):
            return False
        self._missed = False
        self._since_snapshot = 0
        return True

    def _append(self, entries: list[Entry]) -> bool:
        if self.journal is None:
            return False
        try:
            self.journal.append(entries)
        except JournalError as error:
            self.why = str(error)
            return False
        self.why = None
        return True
