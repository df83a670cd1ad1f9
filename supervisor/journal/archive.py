"""How is a part of the record handed on, so that whoever gets it can prove it whole?

One gzipped file of JSON lines: a header (whose record, and which entry it follows from), the entries with their hashes,
and a trailer with the head. Beside it its digest; and where files follow one another, each header holds the digest of
the file before. So any flipped bit is found, and a missing file too.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from supervisor.errors import JournalError
from supervisor.journal import schema
from supervisor.journal.anchor import write_anchor
from supervisor.journal.chain import SCHEMA, EntryKind, Head, canonical, digest, start_of
from supervisor.journal.files import sync_folder, write_atomically
from supervisor.journal.store import INSERT, Journal
from supervisor.journal.trouble import clearly

FORMAT = "supervisor-journal"
SUFFIX = ".journal.gz"
_CHUNK = 1000
Row = tuple[int, float, str, str | None, str, str, str, str]
"""number, at, kind, concern, account, body, prev_hash, hash: a row of the table."""
_ROWS = (
    "SELECT number, at, kind, concern, account, body, prev_hash, hash FROM entries WHERE number > ? AND number <= ?"
    " ORDER BY number LIMIT ?"
)


@attrs.frozen
class Archived:
    """One file that was written or checked. `digest` is SHA-256 over its bytes; it holds what follows `start` to `head`."""

    path: Path
    digest: str
    start: Head
    head: Head
    entries: int
    meta: Mapping[str, str]


def rows(journal: Journal, after: int, last: int) -> Iterator[Row]:
    """The raw rows after `after` up to `last`."""
    while found := journal.fetch(_ROWS, (after, last, _CHUNK)):
        yield from found
        after = found[-1][0]


def write(journal: Journal, path: Path, start: Head, last: int, previous: Archived | None = None) -> Archived:
    """Writes the entries that follow `start`, up to `last`, whole or not at all; and their digest beside it."""
    header = {
        "format": FORMAT,
        "meta": journal.meta,
        "previous": None if previous is None else {"digest": previous.digest, "file": previous.path.name},
        "start": attrs.asdict(start),
        "version": SCHEMA,
    }
    temporary = path.with_name(f".{path.name}.tmp")
    head, count = start, 0
    with clearly(path, "written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as stream:
            stream.write(canonical(header).encode() + b"\n")
            for row in rows(journal, start.number, last):
                stream.write(canonical([*row[:6], row[7]]).encode() + b"\n")
                head, count = Head(row[0], row[7]), count + 1
            stream.write(canonical({"entries": count, "head": attrs.asdict(head)}).encode() + b"\n")
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
        mine = file_digest(path)
        write_atomically(_digest_path(path), f"{mine}  {path.name}\n")
        sync_folder(path.parent)
    return Archived(path, mine, start, head, count, journal.meta)


def read(path: Path, previous: Archived | None = None) -> tuple[Archived, Iterator[Row]]:
    """The file's header as told, and its rows, each checked as it comes; JournalError, naming the first that is wrong.

    The digest is checked before anything is read; with `previous` also that it follows from that file. Only once all
    rows were read without an error is the file proved; `head` and `entries` are those of the trailer.
    """
    with clearly(path, "read"):
        mine = file_digest(path)
        beside = _digest_path(path)
        if not beside.exists():
            raise JournalError(f"The digest beside {path} is missing ({beside.name}): it cannot be proved whole")
        if beside.read_text("ascii", errors="replace").split()[:1] != [mine]:
            raise JournalError(f"The file {path} is not the one that was written: its digest differs")
    lines = _lines(path)
    header, trailer = _header(path, next(lines, None)), _trailer(path)
    if previous is not None:
        follows = header["previous"]
        if follows is None or follows["digest"] != previous.digest or header["start"] != attrs.asdict(previous.head):
            raise JournalError(
                f"The file {path} does not follow from {previous.path.name}: one is missing or was changed"
            )
    start, head = Head(**header["start"]), Head(**trailer["head"])
    told = Archived(path, mine, start, head, trailer["entries"], header["meta"])
    return told, _checked(told, lines)


def _checked(told: Archived, lines: Iterator[Any]) -> Iterator[Row]:
    good, count = told.start, 0
    for line in lines:
        if isinstance(line, dict):
            break
        number, at, kind, concern, account, body, its_hash = line
        if number != good.number + 1 and not (kind == EntryKind.GAP and number > good.number):
            raise JournalError(f"The file {told.path} lacks entry {good.number + 1}")
        bare = (number, at, kind, concern, body)
        if digest(SCHEMA, told.meta["environment"], account, bare, good.hash) != its_hash:
            raise JournalError(f"Entry {number} in {told.path} does not follow from the one before: edited or swapped")
        yield (number, at, kind, concern, account, body, good.hash, its_hash)
        good, count = Head(number, its_hash), count + 1
    if good != told.head or count != told.entries:
        raise JournalError(f"The file {told.path} does not end as its trailer says, at entry {told.head.number}")


def check_files(paths: Sequence[Path]) -> list[Archived]:
    """Proves these files, each following from the one before. JournalError names the first fault."""
    found: list[Archived] = []
    for path in paths:
        told, its_rows = read(path, found[-1] if found else None)
        for _ in its_rows:
            pass
        found.append(told)
    return found


def bring_in(paths: Sequence[Path], out: Path) -> Archived:
    """A journal at `out` (nothing may be there) that holds what these files hold, proved while it is read."""
    if out.exists():
        raise JournalError(f"There is a file at {out} already: name another place")
    first, _ = read(paths[0])
    meta = dict(first.meta)
    if first.start != start_of(meta):
        meta |= {"base_number": str(first.start.number), "base_hash": first.start.hash}
    with clearly(out, "written"):
        schema.create_as(out, meta)
    try:
        with Journal.open(out, read_only=False, durable=False) as journal:
            last = None
            for path in paths:
                last, its_rows = read(path, last)
                _insert(journal, its_rows)
            head = journal.head
        write_anchor(out, head)
    except BaseException:
        for leftover in out.parent.glob(out.name + "*"):
            leftover.unlink()
        raise
    return attrs.evolve(first, head=head, entries=head.number - first.start.number)


def _insert(journal: Journal, found: Iterable[Row]) -> None:
    journal.fetch("BEGIN IMMEDIATE")
    for row in found:
        journal.fetch(INSERT, row)
    journal.fetch("COMMIT")


def file_digest(path: Path) -> str:
    """SHA-256 over the file's bytes, in hex. OSError where it can't be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _digest_path(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _lines(path: Path) -> Iterator[Any]:
    try:
        with gzip.open(path, "rt", encoding="ascii") as stream:
            for line in stream:
                yield json.loads(line)
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        raise JournalError(f"The file {path} cannot be read: {error}") from None


def _header(path: Path, line: Any) -> dict[str, Any]:
    if not isinstance(line, dict) or line.get("format") != FORMAT:
        raise JournalError(f"The file {path} is no exported journal: name another")
    if line["version"] > SCHEMA:
        raise JournalError(
            f"The file {path} was written by a newer version (schema {line['version']}, this one knows up to {SCHEMA})"
        )
    return line


def _trailer(path: Path) -> dict[str, Any]:
    last = None
    for last in _lines(path):  # noqa: B007 - the last line is wanted
        pass
    if not isinstance(last, dict) or "head" not in last:
        raise JournalError(f"The file {path} ends in the middle: copy it again")
    return last
