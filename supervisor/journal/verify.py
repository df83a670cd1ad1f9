"""Is the record whole: nothing edited, dropped, swapped, inserted, and no tail cut?"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from supervisor.errors import JournalError
from supervisor.journal.anchor import read_anchor
from supervisor.journal.chain import SCHEMA, EntryKind, Head, digest, start_of
from supervisor.journal.store import Journal

_CHUNK = 1000
_ROWS = (
    "SELECT number, at, kind, concern, body, account, prev_hash, hash FROM entries WHERE number > ?"
    " ORDER BY number LIMIT ?"
)


@attrs.frozen
class Verification:
    """What walking the chain found. `entries` were good before `first_bad`, the number of the first that is not.

    `why` is one sentence, also when all is well. `first_bad` is None where no single entry is at fault: all is well, the
    anchor can't be read, or an index disagrees with its table.
    """

    ok: bool
    entries: int
    first_bad: int | None
    why: str


def verify(
    journal: Journal, heads: Iterable[Head] = (), *, progress: Callable[[float], None] | None = None
) -> Verification:
    """Walks the whole chain from the meta table to the anchor, then has SQLite check its own pages and indexes.

    `heads` are what other witnesses saw (a callback, syslog, a signed statement): each must be on the chain. May run
    while a writer appends; `progress` hears how many entries were looked at. What this can't see without heads:
    somebody who rewrites the chain *and* the anchor.
    """
    witnessed = {head.number: head.hash for head in sorted(heads, key=lambda head: head.number)}
    anchor = read_anchor(journal.path)  # before the walk: an anchor never leads, so the walk must reach it
    good = start_of(journal.meta)
    entries = 0
    anchored = good == anchor
    try:
        for row in _walk(journal):
            why = _fault(journal.environment, good, row)
            if why:
                missing = row[0] > good.number + 1 and row[2] != EntryKind.GAP
                return Verification(False, entries, good.number + 1 if missing else row[0], why)
            good = Head(row[0], row[7])
            entries += 1
            if progress is not None and entries % _CHUNK == 0:
                progress(entries)
            anchored = anchored or good == anchor
            if witnessed and witnessed.pop(good.number, good.hash) != good.hash:
                return Verification(False, entries, good.number, f"Entry {good.number} is not the one a witness saw")
        pages = journal.fetch("PRAGMA integrity_check(1)")[0][0]
    except JournalError as error:
        return Verification(False, entries, good.number + 1, f"Nothing can be read after entry {good.number}: {error}")
    if isinstance(anchor, str):
        return Verification(False, entries, None, f"{anchor}: whether a tail was cut cannot be told")
    if anchor.number > good.number:
        why = f"Entry {good.number + 1} is missing: the anchor saw {anchor.number}, the journal ends at {good.number}"
        return Verification(False, entries, good.number + 1, why)
    beyond_end = [number for number in witnessed if number > good.number]
    if beyond_end:
        why = f"Entry {good.number + 1} is missing: a witness saw {beyond_end[0]}, the journal ends at {good.number}"
        return Verification(False, entries, good.number + 1, why)
    if not anchored:
        return Verification(False, entries, anchor.number, f"Entry {anchor.number} is not the one its anchor saw")
    if pages != "ok":
        words = " ".join(str(pages).split())
        return Verification(False, entries, None, f"Every entry follows, but SQLite finds damage: {words}")
    beyond = f"; the anchor stops at {anchor.number}" if anchor.number < good.number else ""
    return Verification(True, entries, None, f"All {entries} entries follow from one another{beyond}")


def _walk(journal: Journal) -> Iterator[tuple[Any, ...]]:
    """The raw rows in number order. After a read fails, row by row: so the entry before the damage is known exactly."""
    number, size = -(2**63), _CHUNK
    while True:
        try:
            rows = journal.fetch(_ROWS, (number, size))
        except JournalError:
            if size == 1:
                raise
            size = 1
            continue
        if not rows:
            return
        yield from rows
        number = rows[-1][0]


def _fault(environment: str, good: Head, row: tuple[Any, ...]) -> str | None:
    """Why this row does not follow from the last good entry, or None where it does."""
    number, _, kind, _, _, account, prev_hash, its_hash = row
    if number != good.number + 1 and not (kind == EntryKind.GAP and number > good.number):
        return f"Entry {good.number + 1} is missing: {number} comes after {good.number}"
    if prev_hash != good.hash:
        return f"Entry {number} does not follow from the one before: dropped, inserted, swapped or edited"
    try:
        fits = digest(SCHEMA, environment, account, row[:5], prev_hash) == its_hash
    except (TypeError, ValueError):  # a field is of a type that was never written
        fits = False
    return None if fits else f"Entry {number} was edited after it was written"
