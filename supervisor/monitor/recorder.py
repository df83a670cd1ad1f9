"""How does what happened get on record, before it is acted on?

Each input and the moves it led to are one sweep, written in one transaction. Where that fails the numbers count on in
memory; the next sweep that can be written begins with a `gap` and a `snapshot`, so that the record says what it lacks
and can still be taken up again.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import attrs

from supervisor.config import Settings
from supervisor.core.book import Book
from supervisor.core.event import Event, Move
from supervisor.core.slot import Sweep
from supervisor.core.snapshot import dump, dump_issue
from supervisor.core.verdict import Verdict
from supervisor.errors import JournalError
from supervisor.journal.chain import Entry, EntryKind
from supervisor.journal.store import Journal

SNAPSHOT_EVERY = 500
"""Inputs between snapshots: what a restart or a look into the past has to feed again at most."""
TOLD = "told"
"""The kind of an entry that says who was told what, and whether it arrived."""
MOST_TOLD = 200
"""Deliveries in one entry; more are counted and not itemised, so that no flood of callbacks swells the record."""


@attrs.frozen
class Delivery:
    """One thing told to one listener: about which entry, what (`detected`… or `verdict`), to whom, and how it went.

    `problem` is None where it arrived, else one sentence: it raised, or was dropped from a full queue.
    """

    entry: int
    what: str
    to: str
    problem: str | None = None


def about(settings: Settings) -> dict[str, Any]:
    """What rules from a start on: the settings, decimals as text (`config.from_mapping` reads them back), our version.

    `notify_command` stays out: it decides nothing, and may hold what is nobody's business.
    """
    plain = {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in attrs.asdict(settings).items()
        if name != "notify_command"
    }
    try:
        ours = version("optimus-supervisor")
    except PackageNotFoundError:  # copied into an agent's own tree, not installed
        ours = "unknown"
    return {"settings": plain, "version": ours}


def verdict_body(verdict: Verdict) -> dict[str, Any]:
    """What was published after a sweep, as the journal holds it."""
    return {
        "permits": int(verdict.permits),
        "blocks": [[block.scope, int(block.permits)] for block in verdict.blocks],
        "score": round(verdict.score, 4),
        "status": verdict.status.value,
    }


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


def entries_of(
    sweep: Sweep, kind: str, body: Mapping[str, Any], at: float, verdict: Verdict | None = None
) -> list[Entry]:
    """The sweep as entries: what time moved first, then the input, then what the input moved.

    The last move also holds the verdict that was published after the sweep.
    """
    by_move: dict[int, list[Event]] = {}
    for event in sweep.events:
        by_move.setdefault(event.entry, []).append(event)
    entries = [
        Entry(move.entry, move.at, EntryKind.MOVE, move.concern, move_body(move, by_move.get(move.entry, [])))
        for move in sweep.moves
    ]
    if entries and verdict is not None:
        entries[-1] = attrs.evolve(entries[-1], body={**entries[-1].body, "verdict": verdict_body(verdict)})
    if sweep.entry is not None:
        entries.append(Entry(sweep.entry, at, kind, None, body))
    return sorted(entries, key=lambda entry: entry.number)


class Recorder:
    """Writes sweeps of one book to one journal; without a journal it keeps nothing and says so.

    `why` is None while the journal can be written, else one sentence. `about` goes on record with every start: the
    settings and the version that rule from there on.
    """

    def __init__(
        self, book: Book, journal: Journal | None, *, why: str | None = None, about: Mapping[str, Any] | None = None
    ) -> None:
        self.book = book
        self.journal = journal
        self.why = why
        self.about: Mapping[str, Any] = about or {}
        self._since_snapshot = 0
        self._missed = why is not None
        """Whether something was not written since the last entry that was."""

    def restart(self, journal: Journal | None, why: str) -> None:
        """From now on into that journal; the next thing it writes is a gap, saying why, and a snapshot."""
        self.journal, self.why, self._missed = journal, why, True

    def write(self, sweep: Sweep, kind: str, body: Mapping[str, Any], at: float) -> bool:
        """Whether the sweep is on record now."""
        if self.journal is None:
            return self.why is None
        if self._missed:
            return self._mend(at)
        if kind == EntryKind.START:
            body = {**body, "concerns": [slot.concern.name for slot in self.book.slots], **self.about}
        if not self._append(entries_of(sweep, kind, body, at, self._verdict(sweep))):
            self._missed = True
            return False
        self._since_snapshot += sweep.entry is not None
        if self._since_snapshot >= SNAPSHOT_EVERY:
            return self.snapshot(at)
        return True

    def _verdict(self, sweep: Sweep) -> Verdict | None:
        """The verdict the sweep led to; None where nothing moved, or where the book has gone on since."""
        last = max((sweep.entry or 0, *(move.entry for move in sweep.moves[-1:])))
        return self.book.fold() if sweep.moves and last == self.book.entry else None

    def snapshot(self, at: float) -> bool:
        """Whether the whole book is on record now."""
        self.book.entry += 1
        self._since_snapshot = 0
        written = self._append([Entry(self.book.entry, at, EntryKind.SNAPSHOT, None, dump(self.book))])
        self._missed = self._missed or not written
        return written

    def must_note(self, kind: str, body: Mapping[str, Any], at: float) -> bool:
        """Whether an entry that moves nothing is as durable as this recorder keeps anything."""
        if self.journal is None:
            return self.why is None
        return self.note(kind, body, at)

    def note(self, kind: str, body: Mapping[str, Any], at: float) -> bool:
        """Whether an entry that moves nothing is on record now."""
        if self.journal is None or self._missed:
            return False
        self.book.entry += 1
        written = self._append([Entry(self.book.entry, at, kind, None, body)])
        self._missed = not written
        return written

    def told(self, deliveries: Sequence[Delivery], at: float) -> bool:
        """Whether it is on record who was told what, and whether it arrived. It moves nothing and tells nobody."""
        if not deliveries:
            return True
        items = [attrs.astuple(delivery) for delivery in deliveries[:MOST_TOLD]]
        return self.note(TOLD, {"deliveries": items, "more": max(0, len(deliveries) - MOST_TOLD)}, at)

    def ruled_by(self, settings: Settings) -> "Recorder":
        """This recorder, which says with every start that these settings rule from there on."""
        self.about = about(settings)
        return self

    def stop(self, deliveries: Sequence[Delivery], at: float) -> None:
        """The last words: who was told what, and that it ends here."""
        self.told(deliveries, at)
        self.note(EntryKind.STOP, {}, at)

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
