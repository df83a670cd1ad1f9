"""What does a world keep of what happens in it? Faults to come, events as told, and requests as they left."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
from requests import PreparedRequest

from supervisor.core.event import Event
from supervisor.journal.home import Home


@attrs.frozen
class Strike:
    """A fault to come: which, where, how often or for how many seconds, and its own parameters."""

    name: str
    endpoint: str | None = None
    seconds: float | None = None
    count: int | None = None
    method: str | None = None
    params: dict[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Told:
    """An event as it was told, and when that really was."""

    at: float
    event: Event

    @property
    def line(self) -> str:
        """As an expectation says it."""
        return f"{self.event.kind} {self.event.issue.code}"


@attrs.frozen
class Departure:
    """A request as it left: where to, and of an order its tag.

    `books` says whether it may book an order; `handed_in` whether an agent was handing one in just then, and whether the
    gate let that order pass (None: nobody was); `on_record` whether the order's tag was durable by then.
    """

    method: str
    host: str
    path: str
    books: bool = False
    tag: str = ""
    handed_in: bool | None = None
    on_record: bool = False


def departure(request: PreparedRequest, home: Callable[[], Home], handed_in: bool | None) -> Departure:
    """That request, looked at as it leaves; and an order's record in the account's folder."""
    to = urlsplit(request.url or "")
    method = request.method or "GET"
    if method != "POST" or not to.path.endswith("/orders"):
        return Departure(method, to.hostname or "", to.path)
    body = request.body or ""
    form = parse_qs(body.decode() if isinstance(body, bytes) else str(body))
    if form.get("preview") == ["true"]:
        return Departure(method, to.hostname or "", to.path, handed_in=handed_in)
    tag = form.get("tag", [""])[0]
    return Departure(method, to.hostname or "", to.path, True, tag, handed_in, _on_record(home(), tag))


def _on_record(home: Home, tag: str) -> bool:
    """Whether another process could read of it by now: in the journal, or in a file beside it."""
    if any(tag in path.read_text("utf-8") for path in home.spool.glob("*.json")):
        return True
    return _in_journal(home.journal, tag)


def _in_journal(path: Path, tag: str) -> bool:
    if not path.exists():
        return False
    reader = sqlite3.connect(path)
    try:
        asked = "SELECT 1 FROM entries WHERE kind = 'intent' AND instr(body, ?) LIMIT 1"
        return reader.execute(asked, (f'"{tag}"',)).fetchone() is not None
    finally:
        reader.close()


def fast_folder() -> str | None:
    """Where a folder for a moment costs no waiting for a disk; None: wherever temporary files go."""
    memory = "/dev/shm"  # noqa: S108 - only TemporaryDirectory makes anything in it
    return memory if os.access(memory, os.W_OK) else None
