"""Where does the record leave the book? The newest snapshot, and every input since, fed again."""

from collections.abc import Iterator, Mapping
from typing import Any

from supervisor.core.book import Book
from supervisor.core.issue import Issue
from supervisor.core.slot import Sweep
from supervisor.core.snapshot import load, load_issue
from supervisor.errors import JournalBroken
from supervisor.journal.chain import Entry, EntryKind
from supervisor.journal.codec import decode_round
from supervisor.journal.query import Where, entries, newest
from supervisor.journal.store import Journal

ROUNDS = frozenset({"round", "command", "notice"})
"""Entries that hold a round; only the first is a look at the broker, and counts as a check."""
LOOKED_BACK = 4000
"""Moves read to find the ended issues again."""


def feed_entry(book: Book, entry: Entry) -> Sweep | None:
    """Feeds one entry's input to the book; None where the entry is no input (then only its number counts)."""
    body: Mapping[str, Any] = entry.body
    if entry.kind in ROUNDS:
        return book.feed(decode_round(body, entry.number), entry.at, counts=entry.kind == "round")
    if entry.kind == "signal":
        return book.tell(body["life"], body["key"], body["signal"], entry.at, body["evidence"])
    if entry.kind == "ack":
        return book.acknowledge(body["target"], body["words"], entry.at)
    if entry.kind == EntryKind.START:
        return book.resume(body["last"], entry.at, body["window"])
    if entry.kind != EntryKind.MOVE:
        book.entry = max(book.entry, entry.number)
    return None


def replayed(
    book: Book, journal: Journal, *, until: float | None = None, whole: bool = False
) -> Iterator[tuple[Entry, Sweep | None]]:
    """Feeds what is on record to the book, entry by entry: from the newest snapshot up to `until`, or the whole.

    After a gap the book is put where the snapshot says: what led there is not on record.
    """
    snapshots = [] if whole else newest(journal, 1, Where(kind=EntryKind.SNAPSHOT, until=until))
    if snapshots:
        load(book, dict(snapshots[0].body))
        book.entry = snapshots[0].number
    gap = False
    for entry in entries(journal, Where(until=until), after=snapshots[0].number if snapshots else 0):
        if gap and entry.kind == EntryKind.SNAPSHOT:
            load(book, dict(entry.body))
        gap = entry.kind == EntryKind.GAP
        try:
            sweep = feed_entry(book, entry)
        except (KeyError, TypeError, ValueError) as error:
            raise JournalBroken(f"entry {entry.number} ({entry.kind}) can't be understood: {error!r}") from error
        yield entry, sweep


def recall(book: Book, journal: Journal) -> float | None:
    """Puts the book where the record ends; the instant of the last entry, None where there is no record yet."""
    last = None
    for entry, _ in replayed(book, journal):
        last = entry.at
    if last is None:
        tail = newest(journal, 1)
        last = tail[0].at if tail else None
    head = journal.head.number
    book.entry = max(book.entry, head)
    book.history.extend(_ended(journal, {issue.issue_id for issue in book.history}))
    return last


def _ended(journal: Journal, known: set[str]) -> list[Issue]:
    """The ended issues on record that the book does not know of, oldest first."""
    found = {}
    for entry in newest(journal, LOOKED_BACK, Where(kind=EntryKind.MOVE)):
        for event in entry.body["events"]:
            if event["kind"] == "resolved" and event["issue"]["issue_id"] not in known:
                issue = load_issue(event["issue"])
                found[issue.issue_id] = issue
    return list(found.values())
