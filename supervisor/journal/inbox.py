"""What do other processes want the writer to do?

Each command is one small file, put there whole by a rename and named by time, process and counter, so that names sort as
they came. The writer collects, journals, then takes it away and answers with a receipt that names itself.
"""

import itertools
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from supervisor import clock
from supervisor.errors import ConfigError, JournalError
from supervisor.journal.chain import canonical, masked
from supervisor.journal.files import sync_folder, write_atomically

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "hold": ("mode",),
    "release": (),
    "ack": ("target",),
    "approve": ("target",),
    "settle": ("target", "outcome"),
    "cancel": ("target",),
}
"""What may be commanded, and what each must say besides `who` and `why`. `target` is an issue, repair or order."""
LARGEST_LETTER = 64 * 1024
"""Bytes. A command is a few hundred."""
POLL_SECONDS = 0.05
KEPT_SECONDS = 3600.0
"""How long a receipt waits for a sender that went away."""

_counter = itertools.count()


@attrs.frozen
class Letter:
    """One command as it was left. Its file's name is its own for ever: journal it, and never act on one name twice."""

    path: Path
    body: Mapping[str, Any]


@attrs.frozen
class Rejected:
    """A file that is no command: where it is now and what is wrong with it."""

    path: Path
    why: str


@attrs.frozen
class Collected:
    """What was in the inbox, oldest first."""

    letters: tuple[Letter, ...]
    rejected: tuple[Rejected, ...]


def leave(inbox: Path, command: Mapping[str, Any]) -> Path:
    """The command lies in the inbox, durably and masked: `{"command": ..., "who": ..., "why": ..., ...}`.

    ConfigError when it is none that `COMMANDS` knows; JournalError when the inbox can't be written.
    """
    body = masked(command)
    fault = _fault(body)
    if fault:
        raise ConfigError(f"This command cannot be left: {fault}")
    path = inbox / f"{int(clock.wall() * 1e6):020d}-{os.getpid():010d}-{next(_counter):06d}.json"
    try:
        write_atomically(path, canonical(body) + "\n")
    except OSError as error:
        raise JournalError(f"The inbox {inbox} cannot be written: {error.strerror or error}") from None
    except (TypeError, ValueError) as error:
        raise ConfigError(f"This command cannot be left: it is not JSON-able ({error})") from None
    return path


def collect(inbox: Path) -> Collected:
    """Every command in the inbox, oldest first; they stay until `take`.

    What is no command is moved to `rejected/` and answered. JournalError when the inbox can't be listed.
    """
    try:
        found = sorted(inbox / name for name in os.listdir(inbox) if not name.startswith("."))  # noqa: PTH208 - asked twice a second, and mostly empty
    except OSError as error:
        raise JournalError(f"The inbox {inbox} cannot be read: {error.strerror or error}") from None
    letters: list[Letter] = []
    rejected: list[Rejected] = []
    for path in found:
        if path.suffix == ".done":
            _forget_old(path)
        elif path.suffix == ".json":
            read = _read(path)
            if isinstance(read, str):
                rejected.append(_set_aside(path, read))
            else:
                letters.append(Letter(path, read))
    return Collected(tuple(letters), tuple(rejected))


def take(path: Path) -> None:
    """The command is gone from the inbox, for it is in the journal now. Again is fine."""
    try:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise JournalError(f"The command {path} cannot be taken away: {error.strerror or error}") from None


def answer(path: Path, receipt: Mapping[str, Any]) -> None:
    """The sender of that command finds this receipt, with the pid of this process. JournalError when it can't be left."""
    try:
        write_atomically(_receipt(path), canonical({**masked(receipt), "pid": os.getpid()}) + "\n", folder_too=False)
    except OSError as error:
        raise JournalError(f"The receipt for {path} cannot be written: {error.strerror or error}") from None


def wait_receipt(path: Path, seconds: float) -> dict[str, Any] | None:
    """The receipt for that command, taken away; None when none came in about that many seconds.

    Counts its looks instead of asking a clock, which a test may have frozen: so the wait always ends.
    """
    look = Retrying(
        retry=retry_if_exception_type(FileNotFoundError),
        stop=stop_after_attempt(math.ceil(seconds / POLL_SECONDS) + 1),
        wait=wait_fixed(POLL_SECONDS),
        sleep=clock.sleep,
        retry_error_callback=lambda _: None,
    )
    receipt = _receipt(path)
    try:
        said = look(_taken_away, receipt)
    except (OSError, ValueError) as error:
        raise JournalError(f"The receipt {receipt} cannot be read: {error}") from None
    return None if said is None else dict(said)


def _taken_away(receipt: Path) -> Any:
    """What a receipt says; it is gone then. FileNotFoundError while there is none."""
    said = json.loads(receipt.read_text("ascii"))
    receipt.unlink(missing_ok=True)
    return said


def _receipt(path: Path) -> Path:
    return path.with_name(path.name + ".done")


def _fault(body: Any) -> str | None:
    """What is wrong with a command, or None."""
    if not isinstance(body, dict):
        return "it is not an object"
    name = body.get("command")
    if not isinstance(name, str) or name not in COMMANDS:
        return f"{name!r} is none of {', '.join(COMMANDS)}"
    if not isinstance(body.get("why"), str):
        return f"{name} needs a `why`, in words"
    for field in ("who", *COMMANDS[name]):
        if not isinstance(body.get(field), str) or not body[field]:
            return f"{name} needs `{field}`"
    if name == "hold" and body["mode"] not in {"reduce", "halt"}:
        return f"hold has mode reduce or halt, not {body['mode']!r}"
    return None


def _read(path: Path) -> dict[str, Any] | str:
    """The command in that file, or what is wrong with it."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_LETTER:
            return f"it is not a file of at most {LARGEST_LETTER} bytes"
        body = json.loads(path.read_text("utf-8"))
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    except (ValueError, RecursionError) as error:
        return f"it is not JSON: {error}"
    return _fault(body) or dict(body)


def _set_aside(path: Path, why: str) -> Rejected:
    """Moved out of the way and answered. Where even that fails it is reported from where it lies."""
    aside = path.parent / "rejected" / path.name
    try:
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        path.replace(aside)
        answer(path, {"ok": False, "why": why})
    except OSError as error:
        return Rejected(path, f"{why}; and it cannot be moved aside: {error.strerror or error}")
    except JournalError as error:
        return Rejected(aside, f"{why}; {error}")
    return Rejected(aside, why)


def _forget_old(receipt: Path) -> None:
    """Removes a receipt whose command was left more than KEPT_SECONDS ago; its name tells when."""
    left = receipt.name.split("-", 1)[0]
    if left.isdigit() and int(left) / 1e6 < clock.wall() - KEPT_SECONDS:
        receipt.unlink(missing_ok=True)
