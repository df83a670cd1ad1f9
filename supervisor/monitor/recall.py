"""Where does the record leave the book? The newest snapshot, and every input since, fed again."""

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from supervisor.core.book import Book
from supervisor.core.issue import Issue
from supervisor.core.reading import Round
from supervisor.core.slot import Sweep
from supervisor.core.snapshot import load, load_issue
from supervisor.errors import JournalBroken
from supervisor.journal.chain import LARGEST, Entry, EntryKind
from supervisor.journal.codec import decode_round, decode_round_text
from supervisor.journal.query import Row, Where, entries, newest
from supervisor.journal.store import Journal
from supervisor.monitor.attendance import Attendance

Feeder = Callable[[Book, Entry], Sweep]

ROUNDS = frozenset({"round", "command", "notice"})
"""Entries that hold a round; only the first is a look at the broker, and counts as a check."""
NOTES = {"stop", "gap", "snapshot", "note", "told", "ledger", "intent", "expected"}
"""Kinds that move nothing. Later parts add theirs: a kind that is neither here nor an input is not passed over."""
LOOKED_BACK = 4000
"""Moves read to find the ended issues again."""


def _round(book: Book, entry: Entry) -> Sweep:
    return book.feed(decode_round(entry.body, entry.number), entry.at, counts=entry.kind == "round")


def unknown_life(book: Book, entry: Entry) -> str | None:
    """The life that entry tells something to, where the book has none of that name."""
    life = entry.body.get("life") if entry.kind == "signal" else None
    return life if isinstance(life, str) and life not in book.lives else None


def _signal(book: Book, entry: Entry) -> Sweep:
    body = entry.body
    return book.tell(body["life"], body["key"], body["signal"], entry.at, body["evidence"])


def _ack(book: Book, entry: Entry) -> Sweep:
    return book.acknowledge(entry.body["target"], entry.body["words"], entry.at)


def _mend(book: Book, entry: Entry) -> Sweep:
    return book.mend(entry.body["issue"], entry.body["step"], entry.at, entry.body["words"])


def _start(book: Book, entry: Entry) -> Sweep:
    return book.resume(entry.body["last"], entry.at, entry.body["window"])


_INPUTS: dict[str, Feeder] = {
    **dict.fromkeys(ROUNDS, _round),
    "signal": _signal,
    "ack": _ack,
    "mend": _mend,
    EntryKind.START: _start,
}


def register_input(kind: str, feeder: Feeder) -> None:
    """Entries of that kind are inputs: `feeder` gives them to the book again. Old journals keep their meaning, so once only."""
    if _INPUTS.get(kind, feeder) is not feeder or kind in NOTES or kind == EntryKind.MOVE:
        raise ValueError(f"entries of kind {kind!r} have a meaning already")
    _INPUTS[kind] = feeder


def known(kind: str) -> bool:
    """Whether this version knows what an entry of that kind means."""
    return kind in _INPUTS or kind in NOTES or kind == EntryKind.MOVE


def feed_entry(book: Book, entry: Entry) -> Sweep | None:
    """Feeds one entry's input to the book; None where the entry is no input (then only its number counts).

    A move that the inputs so far did not lead to was made by time: it passes up to that move. Of a move of what is not
    known here only the number counts. KeyError, TypeError or
    ValueError where the body is not what was ever written.
    """
    feeder = _INPUTS.get(entry.kind)
    if feeder is not None and unknown_life(book, entry) is None:
        return feeder(book, entry)
    if entry.kind == EntryKind.MOVE and (entry.concern in book.place or entry.concern in book.lives):
        return book.tick(entry.at) if entry.number > book.entry else None
    book.entry = max(book.entry, entry.number)
    return None


def understood(book: Book, entry: Entry, *, after_gap: bool = False) -> Sweep | None:
    """As `feed_entry`; after a gap the book is put where the snapshot says, for what led there is not on record.

    JournalBroken, naming the entry, where it can't be understood.
    """
    try:
        if after_gap and entry.kind == EntryKind.SNAPSHOT:
            book.living.clear()  # what rested and was forgotten during the gap
            load(book, dict(entry.body))
        return feed_entry(book, entry)
    except (KeyError, TypeError, ValueError) as error:
        raise JournalBroken(f"entry {entry.number} ({entry.kind}) can't be understood: {error!r}") from error


def round_of(row: Row) -> Round:
    """The round in the row of a `round` entry, whose body is at hand as text: nearly all of a year is these."""
    number, text = row[0], row[4]
    return decode_round_text(text, number)


def fed_again(book: Book, number: int, at: float, round_: Round) -> Sweep:
    """As `understood`, for a `round` entry that is decoded already."""
    try:
        return book.feed(round_, at)
    except (KeyError, TypeError, ValueError) as error:
        raise JournalBroken(f"entry {number} (round) can't be understood: {error!r}") from error


def begun(book: Book, journal: Journal, *, last: int = LARGEST) -> int:
    """Puts the book where the newest snapshot up to entry `last` left it; that entry's number, 0 where there is none."""
    snapshots = newest(journal, 1, Where(kind=EntryKind.SNAPSHOT), last=last)
    if not snapshots:
        return 0
    load(book, dict(snapshots[0].body))
    book.entry = snapshots[0].number
    return snapshots[0].number


def replayed(
    book: Book, journal: Journal, *, last: int = LARGEST, whole: bool = False
) -> Iterator[tuple[Entry, Sweep | None]]:
    """Feeds what is on record to the book, up to entry `last`: from the newest snapshot before it, or the whole.

    A concern hears nothing of a time when it was not there.
    """
    after = 0 if whole else begun(book, journal, last=last)
    attendance = Attendance(book)
    for start in newest(journal, 1, Where(kind=EntryKind.START), last=after):
        attendance.started(start.body.get("concerns", ()), book.now)
    gap = strange = False
    for entry in entries(journal, after=after, last=last):
        if entry.kind == EntryKind.START:
            attendance.started(entry.body.get("concerns", ()), entry.at)
        strange = strange or not (entry.concern is None or entry.concern in book.place or entry.concern in book.lives)
        yield entry, understood(book, entry, after_gap=gap)
        gap = entry.kind == EntryKind.GAP
    attendance.complete()
    if strange:
        _named_as_recorded(book, journal, last)


def _named_as_recorded(book: Book, journal: Journal, last: int) -> None:
    """Gives open issues the ids that they have on record: without the moves of what is not known here, the count is less."""
    book.history.clear()
    for cursor in book.cursors():
        if cursor.issue is not None:
            moves = newest(journal, LOOKED_BACK, Where(kind=EntryKind.MOVE, concern=cursor.name), last=last)
            found = next((m.body["issue"] for m in moves if m.body["key"] == cursor.key), None)
            cursor.issue = attrs.evolve(cursor.issue, issue_id=found or cursor.issue.issue_id)
    book.settle()


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


def _ended(journal: Journal, known_: set[str]) -> list[Issue]:
    """The ended issues on record that the book does not know of, oldest first."""
    found: dict[str, Any] = {}
    for entry in newest(journal, LOOKED_BACK, Where(kind=EntryKind.MOVE)):
        for event in entry.body["events"]:
            if event["kind"] == "resolved" and event["issue"]["issue_id"] not in known_:
                issue = load_issue(event["issue"])
                found[issue.issue_id] = issue
    return list(found.values())
