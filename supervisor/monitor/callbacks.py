"""Who is told, and what if they raise or hang?

Each callback has a bounded queue and a daemon thread of its own, so that one that raises or hangs stops neither the
others nor the monitoring; it is itself reported. Inline, under `tick()`, they run in the caller's thread.
"""

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic
from typing import Any

from supervisor.monitor.recorder import Delivery

WAITING = 1000
"""Calls that may wait for one callback; beyond that the oldest is dropped, and that is reported."""
HANGING = 30.0
"""Seconds after which a callback under way counts as hanging."""

Call = tuple[Callable[..., Any], tuple[Any, ...], int, str]
"""What is called, with what; the number of the entry it is about, and what is told of it."""
UNHEARD = 5000
"""Deliveries that may wait for the record; without one the oldest are let go."""


class Listener:
    """One callback: what it is called, what it waits for, and how it fares.

    `failing` is None, or one sentence. What became of each call is added to `deliveries`.
    """

    def __init__(self, name: str, deliveries: "deque[Delivery]") -> None:
        self.name = name
        self._deliveries = deliveries
        self.failing: str | None = None
        self.told = 0
        self._waiting: deque[Call] = deque()
        self._ready = Condition()
        self._thread: Thread | None = None
        self._began: float | None = None
        self._under_way: Call | None = None
        self._stopping = False

    def put(self, call: Call) -> None:
        """Queues a call for this listener's own thread."""
        with self._ready:
            if len(self._waiting) >= WAITING:
                self._note(self._waiting.popleft(), "was dropped: too many were waiting")
                self.failing = f"callback {self.name} is too slow: a call was dropped with {WAITING} waiting"
            self._waiting.append(call)
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name=f"supervisor-callback-{self.name}", daemon=True)
                self._thread.start()
            self._ready.notify()

    def call(self, call: Call) -> None:
        """Calls now, in this thread; what it raises is kept in `failing`."""
        fn, arguments, _, _ = call
        try:
            fn(*arguments)
        except Exception as error:  # the boundary to the agent's own code; reported by `failing`  # noqa: BLE001
            raised = f"raised {type(error).__name__}: {error}"
            self.failing = f"callback {self.name} {raised}"
            self._note(call, raised)
        else:
            self.failing = None
            self.told += 1
            self._note(call, None)

    def _note(self, call: Call, problem: str | None) -> None:
        self._deliveries.append(Delivery(call[2], call[3], self.name, problem))

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

    def left(self, seconds: float) -> list[Delivery]:
        """What has not arrived, after waiting that long at most for the thread to end."""
        if self._thread is not None:
            self._thread.join(seconds)
        with self._ready:
            calls = [call for call in (self._under_way, *self._waiting) if call is not None]
        return [Delivery(call[2], call[3], self.name, "had not arrived when the supervisor stopped") for call in calls]

    def _run(self) -> None:
        while True:
            with self._ready:
                while not self._waiting:
                    if self._stopping:
                        return
                    self._ready.wait()
                call = self._under_way = self._waiting.popleft()
            self._began = monotonic()
            self.call(call)
            self._began = self._under_way = None
