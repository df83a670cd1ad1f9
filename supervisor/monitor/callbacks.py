"""Who is told, and what if they raise or hang?

Each callback has a bounded queue and a daemon thread of its own, so that one that raises or hangs stops neither the
others nor the monitoring; it is itself reported. Inline, under `tick()`, they run in the caller's thread.
"""

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic
from typing import Any

WAITING = 1000
"""Calls that may wait for one callback; beyond that the oldest is dropped, and that is reported."""
HANGING = 30.0
"""Seconds after which a callback under way counts as hanging."""

Call = tuple[Callable[..., Any], tuple[Any, ...]]


class Listener:
    """One callback: what it is called, what it waits for, and how it fares.

    `failing` is None, or one sentence.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.failing: str | None = None
        self.told = 0
        self._waiting: deque[Call] = deque()
        self._ready = Condition()
        self._thread: Thread | None = None
        self._began: float | None = None
        self._stopping = False

    def put(self, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """Queues a call for this listener's own thread."""
        with self._ready:
            if len(self._waiting) >= WAITING:
                self._waiting.popleft()
                self.failing = f"callback {self.name} is too slow: a call was dropped with {WAITING} waiting"
            self._waiting.append((call, arguments))
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name=f"supervisor-callback-{self.name}", daemon=True)
                self._thread.start()
            self._ready.notify()

    def call(self, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """Calls now, in this thread; what it raises is kept in `failing`."""
        try:
            call(*arguments)
        except Exception as error:  # the boundary to the agent's own code; reported by `failing`  # noqa: BLE001
            self.failing = f"callback {self.name} raised {type(error).__name__}: {error}"
        else:
            self.failing = None
            self.told += 1

    def check(self) -> None:
        """Marks it as failing while one call has been under way for too long."""
        began = self._began
        if began is not None and monotonic() - began > HANGING:
            self.failing = f"callback {self.name} has been hanging for {monotonic() - began:.0f} s"

    def stop(self) -> None:
        """Lets the thread end after what is queued."""
        with self._ready:
            self._stopping = True
            self._ready.notify()

    def _run(self) -> None:
        while True:
            with self._ready:
                while not self._waiting:
                    if self._stopping:
                        return
                    self._ready.wait()
                call, arguments = self._waiting.popleft()
            self._began = monotonic()
            self.call(call, arguments)
            self._began = None
