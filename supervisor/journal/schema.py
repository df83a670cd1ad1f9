"""Is this file a journal that this version can use, and what does a new one look like?

A file is looked at before SQLite may touch it: its header says whose it is and of which version. Files of others, newer
ones and damaged ones are refused as they are.
"""

import os
import sqlite3
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from supervisor import clock
from supervisor.errors import JournalError
from supervisor.journal.chain import SCHEMA, canonical
from supervisor.journal.files import sync_folder

APPLICATION_ID = 0x53555056
"""`SUPV`, in bytes 68 to 71 of the file, so that `file` and we know it at a glance."""
OLDEST_SQLITE = (3, 31, 0)
"""The first SQLite with generated columns."""

_MAGIC = b"SQLite format 3\0"
_OF_A_MOVE = "GENERATED ALWAYS AS (CASE WHEN kind = 'move' THEN json_extract(body, '$.{0}') END) VIRTUAL"
_META = "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
# `issue` and `severity` are computed from the body: they can't disagree with what was hashed.
_ENTRIES = (
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, concern TEXT,"
    " account TEXT NOT NULL, body TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL,"
    f" issue TEXT {_OF_A_MOVE.format('issue')}, severity TEXT {_OF_A_MOVE.format('severity')})"
)
_OF_ALL = (
    "CREATE INDEX entries_at ON entries (at)",
    "CREATE INDEX entries_kind_number ON entries (kind, number)",
    "CREATE INDEX entries_kind_at ON entries (kind, at)",
)
# Once by number ("the newest fifty") and once by time ("since Monday"); nearly all entries are rounds and not in these.
_OF_FEW = tuple(
    f"CREATE INDEX entries_{column}_{order} ON entries ({column}, {order}) WHERE {column} IS NOT NULL"
    for column in ("concern", "severity", "issue")
    for order in ("number", "at")
)
DDL = (_META, _ENTRIES, *_OF_ALL, *_OF_FEW)


def create(path: Path, account: str, environment: str, settings: Mapping[str, Any]) -> None:
    """A new, empty journal at `path`, whole or not at all; a file that is there already stays. `account` is masked.

    Raises sqlite3.Error or OSError.
    """
    meta = {
        "account": account,
        "created": clock.iso(clock.wall()),
        "environment": environment,
        "hash": "sha256",
        "schema": str(SCHEMA),
        "settings": canonical(settings),
    }
    create_as(path, meta)


def create_as(path: Path, meta: Mapping[str, str]) -> None:
    """As `create`, with that meta table. Raises sqlite3.Error or OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        database = sqlite3.connect(temporary, isolation_level=None)
        try:
            database.execute("BEGIN IMMEDIATE")
            database.execute(f"PRAGMA application_id={APPLICATION_ID}")
            database.execute(f"PRAGMA user_version={SCHEMA}")
            for statement in DDL:
                database.execute(statement)
            database.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
            database.execute("COMMIT")
            # Last, so that the file itself, not a log beside it, holds all: its header says whose it is. The file
            # remembers the mode, in which readers never block the writer.
            database.execute("PRAGMA journal_mode=WAL").fetchone()
        finally:
            database.close()
        _sync(temporary)
        _name(temporary, path)
    finally:
        for leftover in (name, name + "-wal", name + "-shm"):
            Path(leftover).unlink(missing_ok=True)
    sync_folder(path.parent)


def inspect(path: Path) -> None:
    """Returns when the header says it is a journal of this version or older. JournalError else; the file is untouched."""
    if not path.is_file():
        raise JournalError(f"The journal at {path} is not a file: move it aside, or name another place")
    with path.open("rb") as stream:
        header = stream.read(100)
    if not header:
        raise JournalError(f"The journal at {path} is empty: move it aside to start anew, or restore a copy")
    if header[:16] != _MAGIC or len(header) < 100:
        raise JournalError(
            f"The file at {path} is not a journal (no SQLite header): move it aside, or name another place"
        )
    application, version = int.from_bytes(header[68:72], "big"), int.from_bytes(header[60:64], "big")
    if application != APPLICATION_ID:
        raise JournalError(
            f"The file at {path} is a database of another program (application id {application:#x}, "
            f"a journal has {APPLICATION_ID:#x}): name another place"
        )
    if version > SCHEMA:
        raise JournalError(
            f"The journal at {path} was written by a newer version (schema {version}, this one knows up to {SCHEMA}): "
            "use the newer version"
        )


def read_meta(database: sqlite3.Connection, path: Path) -> dict[str, str]:
    """The meta table of a journal whose tables are exactly ours; JournalError else. May raise sqlite3.Error."""
    found = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    ).fetchall()
    ours = {statement.split()[2]: statement for statement in DDL}
    strange = sorted(set(found) ^ set(ours.items()), key=repr)
    if strange:
        raise JournalError(
            f"The journal at {path} has tables that are not as this version makes them ({strange[0][0]}): "
            "move it aside, or restore a copy"
        )
    meta = dict(database.execute("SELECT key, value FROM meta").fetchall())
    if meta.get("schema") != str(SCHEMA) or not {"account", "environment"} <= meta.keys():
        raise JournalError(f"The journal at {path} does not say what it is (meta table): restore a copy")
    return meta


def _sync(path: Path) -> None:
    """The file's bytes are on the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _name(temporary: Path, path: Path) -> None:
    """Gives the finished file its name, unless that name is taken by then."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        if not path.exists():
            temporary.replace(path)
