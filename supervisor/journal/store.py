"""Is what happened on the disk, in order, before anybody acts on it?

One SQLite file in WAL mode, synced at every commit. One transaction a sweep; each entry bound to the one before.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from supervisor.errors import JournalBroken, JournalError
from supervisor.journal import schema
from supervisor.journal.anchor import anchor_path, read_anchor, write_anchor
from supervisor.journal.chain import SCHEMA, Entry, EntryKind, Head, body_text, digest, genesis, start_of
from supervisor.journal.trouble import BUSY_SECONDS, clearly
from supervisor.log import mask_account

CHECKED_WHOLE = 64 * 1024 * 1024
"""A writer has every page checked at opening when the file is at most this many bytes (about 0.1 s)."""

_HEAD = "SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1"
_LAST = "SELECT number, at, kind, concern, body, account, prev_hash, hash FROM entries ORDER BY number DESC LIMIT 1"
INSERT = (
    "INSERT INTO entries (number, at, kind, concern, account, body, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_Row = tuple[int, float, str, str | None, str, str, str, str]


class Journal:
    """One account's record in one environment. Made by `Journal.open`; safe to use from any thread.

    `account` is masked. `trouble` is None, or one sentence about the anchor file, which is written again at each commit.
    `lost` is None, or one sentence: a journal stood here before, its anchor still told, and this is a new one.
    """

    def __init__(
        self, path: Path, database: sqlite3.Connection, meta: Mapping[str, str], keep_out: tuple[tuple[str, ...], ...]
    ) -> None:
        self.path = path
        self.meta = dict(meta)
        self.account = self.meta["account"]
        self.environment = self.meta["environment"]
        self.trouble: str | None = None
        self.lost: str | None = None
        self._database = database
        self._secrets, self._accounts = keep_out
        self._lock = threading.RLock()
        self._durable = True
        self._witness: Callable[[Head], None] | None = None
        self._known: Head | None = None  # what a writer last saw or wrote; None for a reader
        self._alone: tuple[int, int] | None = None  # the file as a reader found it whom SQLite lets make no files

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        account: str | None = None,
        environment: str | None = None,
        read_only: bool = False,
        settings: Mapping[str, Any] | None = None,
        secrets: Iterable[str] = (),
        durable: bool = True,
        witness: Callable[[Head], None] | None = None,
    ) -> Self:
        """The journal at `path`; a writer makes it where there is none, and then must say account and environment.

        Where given, account and environment must be those of the file. `settings` are kept in a new file's meta table
        and bound into the chain. `secrets` and the account never get in. A writer refuses a journal that is damaged at
        its head or shorter than its anchor says (JournalBroken); a reader opens it, so that `verify` can name the fault.
        Without `durable` nothing is synced, for tests and scenarios: what is appended survives the process, not a loss
        of power. `witness` hears of the new head after each commit, and must not wait (see `journal.witness`).
        JournalError, one sentence, for everything that stands in the way; the file is then as it was.
        """
        path = Path(path).absolute()
        if sqlite3.sqlite_version_info < schema.OLDEST_SQLITE:
            raise JournalError(f"SQLite {sqlite3.sqlite_version} is too old for a journal: 3.31 or newer is needed")
        with clearly(path, "opened"):
            lost = None
            if not _there(path):
                lost = _make(path, account, environment, read_only, settings or {})
            schema.inspect(path)
            alone = _resting(path) if read_only else None
            database = _connect(path, read_only, durable, resting=alone is not None)
            try:
                meta = schema.read_meta(database, path)
                _compare(path, meta, account, environment)
                journal = cls(path, database, meta, (tuple(secrets), (account,) if account else ()))
                journal._alone = alone
                journal.lost = lost
                journal._durable, journal._witness = durable, witness
                if not read_only:
                    journal._begin()
            except BaseException:
                database.close()
                raise
        return journal

    @property
    def head(self) -> Head:
        """The newest entry as it is in the file now."""
        with self._lock, clearly(self.path, "read"):
            if self._known is None:
                self._disturbed()
            return self._read_head()

    def append(self, entries: Sequence[Entry]) -> Head:
        """All of these entries are on the disk, in one transaction, or none is. The new head.

        Their numbers continue the head one by one; only a `gap` entry may skip some. JournalError otherwise, and for
        every failure of the file; the same entries can be appended again once its cause is gone.
        """
        with self._lock, clearly(self.path, "written"):
            if self._known is None:
                raise JournalError(f"The journal at {self.path} was opened for reading only")
            if not entries:
                return self._known
            texts = [body_text(entry, self._secrets, self._accounts) for entry in entries]
            self._database.execute("BEGIN IMMEDIATE")
            try:
                rows = self._chained(self._unmoved(self._known), entries, texts)
                self._database.executemany(INSERT, rows)
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
            self._known = Head(rows[-1][0], rows[-1][-1])
            self.trouble = write_anchor(self.path, self._known, durable=self._durable)
            if self._witness is not None:
                try:
                    self._witness(self._known)
                except Exception as error:  # noqa: BLE001 - somebody else's witness: the entries are on the disk all the same
                    self.trouble = f"The witness of the head failed: {type(error).__name__}: {error}"
            return self._known

    def fetch(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one reading statement. JournalError when the file can't be read."""
        with self._lock, clearly(self.path, "read"):
            try:
                found = self._database.execute(query, parameters).fetchall()
            except sqlite3.Error:
                if not self._disturbed():
                    raise
            else:
                if not self._disturbed():
                    return found
            return self._database.execute(query, parameters).fetchall()

    def close(self) -> None:
        """Lets the file go. Nothing more can be read or written."""
        with self._lock, clearly(self.path, "closed"):
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _disturbed(self) -> bool:
        """Whether a writer came while we read the file as one that rests; from then on we read along with it."""
        if self._alone is None or self._alone == _resting(self.path):
            return False
        self._alone = None
        self._database.close()
        self._database = _connect(self.path, read_only=True, durable=False, resting=False)
        return True

    def _begin(self) -> None:
        """Proves that this writer may write and continues an undamaged record; repeats the head in the anchor."""
        self._database.execute(
            "BEGIN IMMEDIATE"
        )  # a read-only file or another's lock shows here, not at the first entry
        self._database.execute("ROLLBACK")
        if self.path.stat().st_size <= CHECKED_WHOLE:
            fault = self._database.execute("PRAGMA quick_check(1)").fetchone()[0]
            if fault != "ok":
                raise JournalError(
                    f"The journal at {self.path} is damaged ({' '.join(str(fault).split())}): keep it as evidence, "
                    "move it aside, start anew or restore a copy"
                )
        self._known = self._read_head()
        last = self._database.execute(_LAST).fetchone()
        if last and digest(SCHEMA, self.environment, last[5], last[:5], last[6]) != last[7]:
            raise self._broken(f"its newest entry, {last[0]}, was changed after it was written")
        anchor = read_anchor(self.path)
        if isinstance(anchor, str):
            self.trouble = anchor
            write_anchor(self.path, self._known)
            return
        if anchor.number > self._known.number:
            raise self._broken(
                f"it ends at entry {self._known.number} and its anchor says {anchor.number}: a tail was cut"
            )
        query = "SELECT hash FROM entries WHERE number = ?"
        there = self._database.execute(query, (anchor.number,)).fetchone() if anchor.number else (genesis(self.meta),)
        if there != (anchor.hash,):
            raise self._broken(f"entry {anchor.number} is not the one its anchor saw")
        if anchor != self._known:
            self.trouble = write_anchor(self.path, self._known)

    def _broken(self, what: str) -> JournalBroken:
        return JournalBroken(
            f"The journal at {self.path} cannot be continued: {what}; run `supervisor log verify`, "
            f"then move it and {anchor_path(self.path).name} aside to start anew, or restore both"
        )

    def _moved_on(self, head: Head, expected: str) -> JournalError:
        return JournalError(f"The journal has moved on: {self.path} is at entry {head.number}, {expected}")

    def _unmoved(self, known: Head) -> Head:
        """The head, which is where this writer left it; JournalError when somebody else wrote."""
        head = self._read_head()
        if head != known:
            raise self._moved_on(head, f"this writer left it at {known.number}")
        return head

    def _read_head(self) -> Head:
        row = self._database.execute(_HEAD).fetchone()
        return Head(*row) if row else start_of(self.meta)

    def _chained(self, head: Head, entries: Sequence[Entry], texts: Sequence[str]) -> list[_Row]:
        """The rows to insert, each bound to the one before."""
        rows: list[_Row] = []
        number, prev = head.number, head.hash
        for entry, text in zip(entries, texts, strict=True):
            skips = entry.kind == EntryKind.GAP and entry.number > number
            if entry.number != number + 1 and not skips:
                raise self._moved_on(head, f"so entry {entry.number} ({entry.kind}) cannot follow {number}")
            number, at = entry.number, float(entry.at)
            bare = (number, at, str(entry.kind), entry.concern, text)
            mine = digest(SCHEMA, self.environment, self.account, bare, prev)
            rows.append((*bare[:4], self.account, text, prev, mine))
            prev = mine
        return rows


def _make(
    path: Path, account: str | None, environment: str | None, read_only: bool, settings: Mapping[str, Any]
) -> str | None:
    """A new journal, unless there is nothing to make it from. Says so where an anchor tells of a lost one."""
    if read_only:
        raise JournalError(f"There is no journal at {path} yet: the first `supervisor run` makes it")
    if account is None or environment is None:
        raise JournalError(f"A new journal at {path} needs to know its account and its environment")
    anchor = anchor_path(path)
    lost = anchor.exists()
    if lost:
        anchor.replace(anchor.with_name(anchor.name + ".lost"))
    schema.create(path, mask_account(account), environment, settings)
    return (
        f"The journal at {path} was lost (its anchor is kept as {anchor.name}.lost); a new one was started"
        if lost
        else None
    )


def _there(path: Path) -> bool:
    """Whether something has that name. OSError where this user may not know."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _resting(path: Path) -> tuple[int, int] | None:
    """The file's time and size where nobody has it open (SQLite's log is not there); None where somebody may."""
    if path.with_name(path.name + "-wal").exists():
        return None
    seen = path.stat()
    return seen.st_mtime_ns, seen.st_size


def _connect(path: Path, read_only: bool, durable: bool, *, resting: bool) -> sqlite3.Connection:
    """A connection with our settings. May raise sqlite3.Error.

    A file that rests is read as one that can't change: else SQLite would put two files beside it and leave them there,
    beside evidence, or fail on a read-only medium.
    """
    mode = "ro&immutable=1" if resting else "ro" if read_only else "rw"
    database = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    if not read_only:
        try:
            kept = database.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            # NORMAL may lose the last commits with the power
            database.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
            database.execute("PRAGMA fullfsync=ON")  # macOS: a plain fsync stays in the drive's cache
        except BaseException:
            database.close()
            raise
        if kept != "wal":
            database.close()
            raise JournalError(f"The journal at {path} is where WAL does not work: put it on a local disk")
    return database


def _compare(path: Path, meta: Mapping[str, str], account: str | None, environment: str | None) -> None:
    """JournalError when the file is another account's or another environment's."""
    asked = (mask_account(account) if account else meta["account"], environment or meta["environment"])
    found = (meta["account"], meta["environment"])
    if asked != found:
        raise JournalError(
            f"The journal at {path} is of account {found[0]} ({found[1]}), not of {asked[0]} ({asked[1]}): "
            "name the place of that account's own journal"
        )
