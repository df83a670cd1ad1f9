"""What is still known once the broker is looked at through another adapter? Nothing that was read through the old one.

Every concern but the operator's and the record's stands where it began, with its open issue kept; opening waits for
fresh readings. It is an input like others: on record, and fed again in a replay.
"""

from supervisor.core.book import Book
from supervisor.core.event import Move
from supervisor.core.slot import Sweep
from supervisor.journal.chain import Entry
from supervisor.monitor.recall import register_input

POINTED = "pointed"
"""The kind of the entry, and the signal of the moves."""
OURS = frozenset({"operator", "journal"})
"""Concerns that nothing is read for through the broker's adapter."""


def unlearned(book: Book, now: float, why: str) -> Sweep:
    """Puts every concern that is read through the adapter to its first state."""
    sweep = book.resume(now, now)
    for slot in book.slots:
        cursor = slot.cursor
        if cursor.name in OURS or cursor.state == slot.table.initial:
            continue
        before, permits = cursor.state, int(book.fold().permits)
        cursor.state, cursor.since, cursor.heard = slot.table.initial, now, None
        cursor.family, cursor.run, cursor.trail = "", 0, ()
        book.entry += 1
        book.settle()
        issue = cursor.issue.issue_id if cursor.issue else None
        after = int(book.fold().permits)
        sweep.moves.append(
            Move(book.entry, now, cursor.name, "", before, POINTED, cursor.state, why, permits, after, issue)
        )
    return sweep


def _again(book: Book, entry: Entry) -> Sweep:
    return unlearned(book, entry.at, entry.body["why"])


register_input(POINTED, _again)
