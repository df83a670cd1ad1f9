"""Who else knows where the journal ended? Somebody elsewhere, who can't be made to forget by whoever has this disk.

A witness hears of each new head, or of the newest where it is slow; it never keeps the journal waiting.
"""

import logging.handlers
import re
import sys
from collections.abc import Callable, Iterable
from threading import Condition, Thread

from supervisor.journal.chain import Head
from supervisor.log import mask_account

_SAID = re.compile(r"supervisor-journal (\S+) entry (\d+) ([0-9a-f]{64})")


class Witness:
    """Tells `hear` of the newest head, in a thread of its own. Give it to `Journal.open(witness=...)`.

    `trouble` is None, or one sentence on why the last telling failed; `told` is the head that last arrived.
    """

    def __init__(self, hear: Callable[[Head], object], close: Callable[[], object] = lambda: None) -> None:
        self.trouble: str | None = None
        self.told: Head | None = None
        self._hear, self._close = hear, close
        self._newest: Head | None = None
        self._ready = Condition()
        self._stopping = False
        self._thread: Thread | None = None

    def __call__(self, head: Head) -> None:
        """The head is to be told; returns at once."""
        with self._ready:
            self._newest, self._stopping = head, False
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="supervisor-witness", daemon=True)
                self._thread.start()
            self._ready.notify()

    def stop(self, seconds: float = 2.0) -> None:
        """What is waiting is told, if that takes no longer than `seconds`; then no more, until another head comes."""
        with self._ready:
            self._stopping = True
            self._ready.notify()
        if self._thread is not None:
            self._thread.join(seconds)
        self._close()

    def _run(self) -> None:
        while True:
            with self._ready:
                while self._newest is None:
                    if self._stopping:
                        return
                    self._ready.wait()
                head, self._newest = self._newest, None
            try:
                self._hear(head)
            except Exception as error:  # the boundary to whoever listens; reported by `trouble`  # noqa: BLE001
                self.trouble = f"the witness did not hear of entry {head.number}: {type(error).__name__}: {error}"
            else:
                self.trouble, self.told = None, head


def named(environment: str, account: str) -> str:
    """What a witness calls the journal of that account, whole or masked, in that environment."""
    return f"{environment}-{mask_account(account).removeprefix('****')}"


def said(name: str, head: Head) -> str:
    """The line that a log elsewhere keeps of a head; `heads_in` finds it again."""
    return f"supervisor-journal {name} entry {head.number} {head.hash}"


def heads_in(lines: Iterable[str], name: str) -> list[Head]:
    """The heads of the journal of that name in the lines of a log."""
    found = (_SAID.search(line) for line in lines)
    return [Head(int(match[2]), match[3]) for match in found if match and match[1] == name]


class _Handler(logging.handlers.SysLogHandler):
    """Lets whoever asked know what went wrong, and prints nothing."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's own name
        """Raises what was being handled."""
        error = sys.exc_info()[1]
        if error is not None:
            raise error


class Syslog:
    """Says each head to syslog: a local socket, or (host, UDP port). OSError where nothing listens there.

    For `Witness(Syslog(name))`. What it said is found by `heads_in` in the log that syslog keeps.
    """

    def __init__(self, name: str, address: str | tuple[str, int] = "/dev/log") -> None:
        self._name = name
        self._handler = _Handler(address)

    def __call__(self, head: Head) -> None:
        """The head is on its way."""
        self._handler.emit(logging.LogRecord("supervisor", logging.INFO, "", 0, said(self._name, head), None, None))

    def close(self) -> None:
        """Lets the socket go."""
        self._handler.close()
