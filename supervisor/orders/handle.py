"""How does an agent learn what became of its order, now or later?"""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from threading import Event, Lock
from typing import Any, Generic, TypeVar

import attrs

from supervisor import log
from supervisor.orders.tidy import Fix

T = TypeVar("T")


class Outcome(StrEnum):
    """The last word on an order so far."""

    LANDED = "landed"
    """The broker has it, or had it: it works, filled, was canceled or expired."""
    REFUSED = "refused"
    """By us, and then it never left; or by the broker."""
    ABSENT = "absent"
    """It left or tried to, and the broker never had it."""
    UNKNOWN = "unknown"
    """Not settled yet: it may or may not have been booked."""


@attrs.frozen
class Result:
    """What became of one order. `by` says who refused it ("us" or "broker"), `cause` for what.

    `status` is the state of its life, or the broker's own word where there is one. `errors` hold the broker's words
    verbatim. `filled` is how many have filled.
    """

    outcome: Outcome
    order_id: str | None = None
    tag: str | None = None
    status: str = ""
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    fixes_applied: tuple[Fix, ...] = ()
    by: str = ""
    cause: str = ""
    filled: Decimal = Decimal(0)
    final: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "outcome": str(self.outcome),
            "order_id": self.order_id,
            "tag": self.tag,
            "status": self.status,
            "errors": list(self.errors),
            "warnings": list(self.warnings),
            "fixes_applied": [fix.as_dict() for fix in self.fixes_applied],
            "by": self.by,
            "cause": self.cause,
            "filled": str(self.filled),
            "final": self.final,
        }


class Canceled(StrEnum):
    """What became of an order that was to be canceled."""

    CANCELED = "canceled"
    FILLED = "filled"
    """It had filled before: that is a position, not a cancellation."""
    ENDED = "ended"
    """It was over for another reason: expired, rejected."""
    WORKING = "working"
    """It still works after every try."""
    UNKNOWN = "unknown"
    """It could not be read."""


@attrs.frozen
class Cancellation:
    """The last word on cancelling one order. `filled` is how many had filled, `tries` how many requests were sent."""

    outcome: Canceled
    order_id: str
    status: str = ""
    filled: Decimal = Decimal(0)
    tries: int = 0
    errors: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "outcome": str(self.outcome),
            "order_id": self.order_id,
            "status": self.status,
            "filled": str(self.filled),
            "tries": self.tries,
            "errors": list(self.errors),
        }


class Handle(Generic[T]):
    """One request under way. `result` is the last word so far; callbacks hear every new one.

    `done` is true once there is a verdict; a later word (a late rejection, a fill) still changes `result`.
    """

    def __init__(self, first: T) -> None:
        self._lock = Lock()
        self._result = first
        self._done = Event()
        self._callbacks: list[Callable[[T], object]] = []

    @property
    def result(self) -> T:
        """The last word so far."""
        return self._result

    @property
    def done(self) -> bool:
        """Whether there is a verdict."""
        return self._done.is_set()

    def wait(self, seconds: float) -> bool:
        """Waits for a verdict, at most so long; whether there is one."""
        return self._done.wait(max(0.0, seconds))

    def on(self, callback: Callable[[T], object]) -> None:
        """Calls back with every new word from now on, and at once with the present one where there is a verdict."""
        with self._lock:  # one lock for both: a verdict that comes meanwhile is heard once, not twice or never
            self._callbacks.append(callback)
            done, result = self.done, self._result
        if done:
            _call(callback, result)

    def update(self, result: T, *, done: bool) -> None:
        """Takes a new word. Only the desk calls this, outside its lock."""
        with self._lock:
            changed = result != self._result or (done and not self._done.is_set())
            self._result = result
            callbacks = list(self._callbacks) if changed else []
            if done:
                self._done.set()
        for callback in callbacks:
            _call(callback, result)


def _call(callback: Callable[[T], object], result: T) -> None:
    """One that raises harms nobody else, and is reported."""
    try:
        callback(result)
    except Exception as error:  # noqa: BLE001 - an agent's callback may raise anything; it is logged
        log.error("order_callback", problem=f"{type(error).__name__}: {error}")
