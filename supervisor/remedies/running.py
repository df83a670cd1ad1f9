"""How is one step of a remedy run, when it may raise, or never come back?

In a daemon thread of its own, waited for by looking; whoever waits gives it up, and what comes later is not heard. With
`inline` (frozen time) it runs in the caller's thread, at once.
"""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any


class Job:
    """One step under way. `value` is what it returned; `error` what it raised, in words; neither before it is `done`."""

    def __init__(self, name: str, run: Callable[["Job"], Any], now: float, *, inline: bool) -> None:
        self.began = now
        self.value: Any = None
        self.error: str | None = None
        self._given_up = Event()
        self._done = Event()
        self._thread: Thread | None = None
        if inline:
            self._run(run)
        else:
            self._thread = Thread(target=self._run, args=(run,), name=f"supervisor-remedy-{name}", daemon=True)
            self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it came back."""
        return self._done.is_set()

    def wanted(self) -> bool:
        """Whether anyone still waits for it."""
        return not self._given_up.is_set()

    def give_up(self) -> None:
        """No one waits for it any longer."""
        self._given_up.set()

    def stuck(self) -> bool:
        """Whether it was given up and has not come back: its remedy is set aside until it does."""
        return not self.wanted() and not self.done

    def _run(self, run: Callable[["Job"], Any]) -> None:
        try:
            self.value = run(self)
        except Exception as error:  # the boundary to a remedy of anyone's making; the healer reports it  # noqa: BLE001
            self.error = f"{type(error).__name__}: {error}"
        finally:
            self._done.set()


class Overdue(Job):
    """Stands in for a step that was given up."""

    def __init__(self, seconds: float) -> None:
        self.began = 0.0
        self.value = None
        self.error = f"it took longer than {seconds:g} s and was given up"
