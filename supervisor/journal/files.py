"""How does a small file change so that a crash leaves the old one or the new one, never half of either?"""

import os
import sys
import tempfile
from pathlib import Path


def write_atomically(path: Path, text: str, *, folder_too: bool = True) -> None:
    """`path` holds `text`, or what it held before; readable by its owner only (0600).

    With `folder_too` the change itself survives a loss of power once this returns; without it, the older file may come
    back, whole. OSError when it can't be written.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if folder_too:
        sync_folder(path.parent)


SECTOR = 512
"""Bytes that a disk writes as one, whatever becomes of the power."""
_sync_data = getattr(os, "fdatasync", os.fsync)  # where the length stays as it is, the data is all there is to sync


def replace_file(path: Path, text: str, *, durable: bool = True) -> None:
    """As `write_atomically`, cheaply, for a small file that one writer alone writes. OSError when it can't be written.

    Within a sector and as long as before it is written over, where it is, which costs one sync in place of a new file
    and a rename; whoever reads it meanwhile reads until two readings agree. Without `durable` nothing is synced: after
    a loss of power the file may be an older one, or damaged.
    """
    data = text.encode()
    if len(data) > SECTOR or not _written_over(path, data, durable=durable):
        _renamed_over(path, data, durable=durable)


def _written_over(path: Path, data: bytes, *, durable: bool) -> bool:
    """Whether the file, of that very length and known by no other name, holds the data now."""
    try:
        handle = os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0))
    except OSError:  # none yet, or not ours to write: then a new one may still take its place
        return False
    try:
        seen = os.fstat(handle)
        if seen.st_size != len(data) or seen.st_nlink != 1:
            return False
        if os.write(handle, data) != len(data):
            return False
        if durable:
            _sync_data(handle)
    finally:
        os.close(handle)
    return True


def _renamed_over(path: Path, data: bytes, *, durable: bool) -> None:
    """A new file with the data takes its place."""
    temporary = path.with_name(f".{path.name}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:  # writes all of it, or raises
            stream.write(data)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Names made, changed or removed in this folder survive a loss of power. Windows has no such call."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
