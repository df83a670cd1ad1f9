"""How is one step of a remedy run, when it may raise, or never come back?

In a daemon thread of its own, waited for by looking; whoever waits gives it up, and what comes later is not heard. With
`inline` (frozen time) it runs in the caller's thread, at once.
"""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any


class Job:
    """One step under way, once told to `go`. `value` is what it returned; `error` what it raised, in words."""

    def __init__(self, name: str, run: Callable[["Job"], Any], now: float) -> None:
        self.name = name
        self.began = now
        self.value: Any = None
        self.error: str | None = None
        self._step = run
        self._interrupted: KeyboardInterrupt | None = None
        self._given_up = Event()
        self._done = Event()

    def go(self, *, inline: bool) -> None:
        """Runs it: here and now, or in a thread of its own."""
        if inline:
            self._run()
            if self._interrupted is not None:  # the user's own Ctrl-C, in the user's own thread
                raise self._interrupted
        else:
            Thread(target=self._run, name=f"supervisor-remedy-{self.name}", daemon=True).start()

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

    def _run(self) -> None:
        """The boundary to a remedy of anyone's making: what it raises is reported, and not even SystemExit ends us."""
        try:
            self.value = self._step(self)
        except BaseException as error:  # noqa: BLE001 - a step that left by any exception has not done what it says
            self.error = _told(error)
            self._interrupted = error if isinstance(error, KeyboardInterrupt) else None
        finally:
            self._done.set()


def _told(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - an exception of anyone's making may not even have words
        return f"{type(error).__name__}, which can't be printed"


class Overdue(Job):
    """Stands in for a step that was given up."""

    def __init__(self, seconds: float) -> None:
        super().__init__("", lambda _: None, 0.0)
        self.error = f"it took longer than {seconds:g} s and was given up"
