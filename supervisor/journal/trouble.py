"""What went wrong with the file, where, and what can the operator do?

Every error of SQLite and of the operating system leaves this folder as one JournalError sentence.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supervisor.errors import JournalError

BUSY_SECONDS = 1.0
"""How long one statement waits for another process's lock before it is an error."""

_ADVICE = {
    sqlite3.SQLITE_BUSY: f"another process has locked it (waited {BUSY_SECONDS:g} s): see which program holds it open",
    sqlite3.SQLITE_LOCKED: "another connection of this process has locked it: let that finish",
    sqlite3.SQLITE_FULL: "the disk, or what we may use of it, is full: free some space; nothing acknowledged is lost",
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only for this user: allow writing",
    sqlite3.SQLITE_PERM: "this user lacks the permission: allow reading and writing",
    sqlite3.SQLITE_CANTOPEN: "the folder is missing, or this user may not use it: make it, or allow reading and writing",
    sqlite3.SQLITE_CORRUPT: "its pages are damaged: keep it as evidence, move it aside, start anew or restore a copy",
    sqlite3.SQLITE_NOTADB: "it is not a database: keep it, move it aside, start anew or restore a copy",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write: check the disk",
}


@contextmanager
def clearly(path: Path, doing: str) -> Iterator[None]:
    """Turns every error of SQLite or the operating system into a JournalError: what failed, where, what to do."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        advice = _ADVICE.get(code & 0xFF) if code is not None else None  # the low byte is the primary code
        words = f"{advice} ({error})" if advice else str(error)
        raise JournalError(f"The journal at {path} could not be {doing}: {words}") from None
    except OSError as error:
        raise JournalError(f"The journal at {path} could not be {doing}: {error.strerror or error}") from None
