"""Which process is the one writer of this account and environment?

An OS lock on a file: it dies with its process, however that dies, so it is never stale. The text in the file is for
people; only the lock counts.
"""

import json
import os
import socket
import sys
from operator import not_
from pathlib import Path
from typing import Any, Self

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_fixed

from supervisor import clock
from supervisor.errors import JournalError, WriterBusy
from supervisor.journal.chain import canonical

_TRIES = 25
_BETWEEN = 0.01
"""Seconds between tries: somebody who only asks who writes holds a shared lock for some microseconds."""
_FAR = 1 << 30
"""Windows locks bytes, and locked ones cannot be read: so one far behind the text."""
_UNKNOWN: dict[str, Any] = {"pid": None, "started": None, "hostname": None}

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int, *, shared: bool) -> bool:
        del shared  # Windows has exclusive locks only
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(handle: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


_held: set[int] = set()


def _forget() -> None:
    """A forked child shares its parent's lock and would keep it after the parent's death: so it lets go of the file."""
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


class WriterLock:
    """Being the one writer, from `take` to `release` or the end of the process."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle: int | None = handle

    @classmethod
    def take(cls, path: Path) -> Self:
        """This process is the writer now. WriterBusy, naming the one that is; JournalError when the file can't be used."""
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalError(f"The lock {path} cannot be used: {error.strerror or error}; allow writing it") from None
        try:
            _take(handle, path)
            me = {"pid": os.getpid(), "started": clock.iso(clock.wall()), "hostname": socket.gethostname()}
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, (canonical(me) + "\n").encode())
        except OSError as error:
            os.close(handle)
            raise JournalError(
                f"The lock {path} cannot be taken: {error.strerror or error}; use a local disk"
            ) from None
        except BaseException:
            os.close(handle)
            raise
        _held.add(handle)
        return cls(path, handle)

    def release(self) -> None:
        """Somebody else may write now. Again is fine."""
        if self._handle is not None and self._handle in _held:  # not in _held: a forked child, whose copy is closed
            _held.discard(self._handle)
            _unlock(self._handle)
            os.close(self._handle)
        self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def writer(path: Path) -> dict[str, Any] | None:
    """Who writes now: pid, started (ISO, UTC) and hostname, each None where not yet told; None when nobody does."""
    try:
        handle = os.open(path, os.O_RDONLY if sys.platform != "win32" else os.O_RDWR)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JournalError(f"The lock {path} cannot be read: {error.strerror or error}") from None
    try:
        if _lock(handle, shared=True):
            _unlock(handle)
            return None
        return _told(handle)
    finally:
        os.close(handle)


def _take(handle: int, path: Path) -> None:
    """The lock is ours, or WriterBusy."""
    ask = Retrying(
        retry=retry_if_result(not_),
        stop=stop_after_attempt(_TRIES),
        wait=wait_fixed(_BETWEEN),
        sleep=clock.sleep,
        retry_error_callback=lambda _: False,
    )
    if ask(_lock, handle, shared=False):
        return
    who = _told(handle)
    raise WriterBusy(
        f"Process {who['pid'] or 'unknown'} on {who['hostname'] or 'this machine'} is the writer of {path.parent} since "
        f"{who['started'] or 'just now'}: stop it first, or leave it a command (hold, release, ack)"
    )


def _told(handle: int) -> dict[str, Any]:
    """What the writer says about itself; unknown in the instant between its lock and its words."""
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        said = json.loads(os.read(handle, 4096))
    except (ValueError, RecursionError):
        return dict(_UNKNOWN)
    return {name: said.get(name) for name in _UNKNOWN} if isinstance(said, dict) else dict(_UNKNOWN)
