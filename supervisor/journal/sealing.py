"""Which months are over, and sealed? One file a month, each bound to the one before."""

from pathlib import Path

from supervisor import clock
from supervisor.errors import JournalError
from supervisor.journal.archive import SUFFIX, Archived, check_files, read, write
from supervisor.journal.chain import Head, start_of
from supervisor.journal.store import Journal

_FIRST_OF_LATER = "SELECT min(number) FROM entries WHERE number > ? AND at >= ?"
_HASH = "SELECT at, hash FROM entries WHERE number = ?"


def sealed_files(folder: Path) -> list[Path]:
    """The sealed months in that folder, oldest first."""
    return sorted(folder.glob(f"????-??{SUFFIX}"))


def seal(journal: Journal, folder: Path) -> list[Archived]:
    """Seals every month that is over and not sealed yet; returns the new files. What was sealed before is proved first.

    A month is over once an entry of a later one is there. JournalError where the files and the journal do not fit.
    """
    last = None
    for path in sealed_files(folder):
        last, its_rows = read(path, last)
        for _ in its_rows:
            pass
    if last is not None and _hash(journal, last.head) != last.head.hash:
        raise JournalError(
            f"The journal at {journal.path} does not hold entry {last.head.number} as {last.path.name} has it"
        )
    made = []
    start = last.head if last is not None else start_of(journal.meta)
    while (over := _month_over(journal, start)) is not None:
        month, number = over
        path = folder / f"{month}{SUFFIX}"
        if path.exists():
            raise JournalError(f"The month {month} is sealed in {path} already, and entries of it came later")
        last = write(journal, path, start, number, last)
        made.append(last)
        start = last.head
    return made


def check_sealed(folder: Path) -> list[Archived]:
    """Proves the sealed months in that folder. JournalError names the first fault, or says that there are none."""
    paths = sealed_files(folder)
    if not paths:
        raise JournalError(f"There are no sealed months in {folder}")
    found = check_files(paths)
    if found[0].start != start_of(found[0].meta):
        raise JournalError(
            f"The first sealed month in {folder}, {paths[0].name}, is not the record's first: one is missing"
        )
    return found


def _month_over(journal: Journal, start: Head) -> tuple[str, int] | None:
    """The first month after `start` that is over, and its last entry; by number, so a clock set back moves nothing."""
    first = journal.fetch("SELECT at FROM entries WHERE number > ? ORDER BY number LIMIT 1", (start.number,))
    if not first:
        return None
    begins = clock.utc(first[0][0])
    year, month = divmod(begins.year * 12 + begins.month, 12)
    after = begins.replace(year=year, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
    later = journal.fetch(_FIRST_OF_LATER, (start.number, after.timestamp()))[0][0]
    if later is None:
        return None
    last = journal.fetch("SELECT max(number) FROM entries WHERE number < ?", (later,))[0][0]
    return f"{begins:%Y-%m}", last


def _hash(journal: Journal, head: Head) -> str | None:
    if head == start_of(journal.meta):
        return head.hash
    found = journal.fetch(_HASH, (head.number,))
    return str(found[0][1]) if found else None
