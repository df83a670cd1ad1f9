"""In which thread does the wire hang, if it hangs?

In a short-lived daemon thread of its own, so that no caller ever does; or, inline, in the caller's (frozen time and the
in-process simulator, where nothing hangs).
"""

from collections.abc import Callable
from threading import Lock, Thread

from supervisor import log


class Runner:
    """Runs jobs; `inline` says in whose thread."""

    def __init__(self, *, inline: bool) -> None:
        self.inline = inline
        self._busy: set[str] = set()
        self._lock = Lock()

    def run(self, job: Callable[[], None], failed: Callable[[], None]) -> None:
        """Runs the job; `failed` is called where it raised, which is a fault of ours and is logged."""
        if self.inline:
            self._do(job, failed)
        else:
            Thread(target=self._do, args=(job, failed), name="supervisor-order", daemon=True).start()

    def run_alone(self, name: str, job: Callable[[], None]) -> None:
        """Runs the job unless one of that name is still running."""
        with self._lock:
            if name in self._busy:
                return
            self._busy.add(name)

        def and_free() -> None:
            try:
                job()
            finally:
                with self._lock:
                    self._busy.discard(name)

        self.run(and_free, lambda: None)

    @staticmethod
    def _do(job: Callable[[], None], failed: Callable[[], None]) -> None:
        try:
            job()
        except Exception:  # noqa: BLE001 - the boundary of the thread: said in the log, and the handle is answered
            log.error("order_desk", trace=True)
            failed()
