"""What time is it in a test? Two clocks that stand until told: the one on the wall, and the monotonic one.

Freezegun holds every clock of the process; on top of that the monotonic clock has a life of its own here, because in
life it has too: a step of the wall clock leaves it alone, and it stands still in a suspended laptop.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, Self

from supervisor.errors import ConfigError

MICRO = 1_000_000
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - freezegun keeps naive UTC
_active: list["Frozen"] = []


class Ticking(Protocol):
    """What can be run under a frozen clock: a Supervisor."""

    def due_at(self) -> float:
        """The instant (epoch seconds, by its own clock) of its next work."""
        ...

    def now(self) -> float:
        """The instant by its own clock."""
        ...

    def tick(self) -> None:
        """Does what is due."""
        ...


def _monotonic() -> float:
    """The frozen monotonic clock; the real one once nothing is frozen, for modules first imported under frost."""
    return _active[-1].monotonic() if _active else time.monotonic()


def _wall() -> float:
    """The frozen wall clock, ten times faster than freezegun's own, and the same in every thread."""
    return _active[-1].wall if _active else time.time()


OURS = {"monotonic": _monotonic, "time": _wall}


class Frozen:
    """Both clocks, standing still from `start` (epoch seconds, or ISO text) until told; use it in a `with`.

    `true` is what really passed, and what the broker's clock shows; the wall shows `true` and every jump; the monotonic
    clock `true` less every suspend. All count in whole microseconds, so that sums are exact.
    """

    def __init__(self, start: float | str = "2026-11-23T14:00:00+00:00") -> None:
        self._true = round(_instant(start) * MICRO)
        self._jumped = 0
        self._slept = 0
        self._freezer: Any = None
        self._factory: Any = None
        self._patched: list[tuple[Any, str, Any]] = []

    # ---------------------------------------------------------------- reading

    @property
    def true(self) -> float:
        """What time it really is (epoch seconds): the broker's clock."""
        return self._true / MICRO

    @property
    def wall(self) -> float:
        """What the wall clock shows (epoch seconds)."""
        return (self._true + self._jumped) / MICRO

    def monotonic(self) -> float:
        """What the monotonic clock shows (seconds)."""
        return (self._true - self._slept) / MICRO

    # ---------------------------------------------------------------- moving

    def advance(self, seconds: float) -> None:
        """Lets that long pass, on every clock."""
        self._true += round(seconds * MICRO)
        self._show()

    def advance_to(self, true: float) -> None:
        """Lets time pass until then; nothing where that is over."""
        self.advance(max(0.0, true - self.true))

    def jump(self, seconds: float) -> None:
        """Sets the wall clock forward, or back: no time passes, and no other clock moves."""
        self._jumped += round(seconds * MICRO)
        self._show()

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: that long passes in the world and on the wall, and the monotonic clock stands still."""
        self._slept += round(seconds * MICRO)
        self.advance(seconds)

    def reset(self, start: float | str) -> None:
        """Everything anew, as at `start`: for one frost over many scenarios."""
        self._true = round(_instant(start) * MICRO)
        self._jumped = self._slept = 0
        self._show()

    def run(self, work: Ticking, seconds: float) -> None:
        """Lets that long pass, running whatever work is due meanwhile, each at its own instant."""
        until = self.true + seconds
        wait = work.due_at() - work.now()
        while self.true + max(0.0, wait) <= until:
            self.advance(max(0.0, wait))
            work.tick()
            wait = work.due_at() - work.now()
            if wait < 1 / MICRO:
                self.past(wait)
                wait = work.due_at() - work.now()
        self.advance_to(until)

    def past(self, wait: float) -> None:
        """Work was done, and the next is due in `wait` seconds: never the same instant again, and so without end.

        What is due within this very microsecond, the finest that these clocks tell, is due in the next one.
        """
        if wait <= 0:
            self.advance(0.001)
        elif wait < 1 / MICRO:
            self.advance(1 / MICRO)

    # ---------------------------------------------------------------- freezing

    def __enter__(self) -> Self:
        try:
            from freezegun import freeze_time  # noqa: PLC0415 - only those who freeze time need it
        except ImportError as error:
            raise ConfigError("frozen time needs the package freezegun: pip install freezegun") from error
        frost = datetime.fromtimestamp(self.wall, UTC).replace(tzinfo=None)
        self._freezer = freeze_time(frost, ignore=["_pytest.timing"])  # how long a test took is no part of its story
        self._factory = self._freezer.start()
        fakes = {name: getattr(time, name) for name in OURS}
        for module in (*sys.modules.values(),):
            held = getattr(module, "__dict__", {})
            self._patched += [(module, name, fake) for name, fake in fakes.items() if held.get(name) is fake]
        for module, name, _ in self._patched:
            setattr(module, name, OURS[name])
        _active.append(self)
        self._show()
        return self

    def __exit__(self, *_: object) -> None:
        _active.remove(self)
        for module, name, fake in self._patched:
            setattr(module, name, fake)
        self._patched = []
        self._freezer.stop()
        self._factory = None

    def _show(self) -> None:
        """Moves freezegun's clock to where the wall's is."""
        if self._factory is None:
            return
        self._factory.time_to_freeze = EPOCH + timedelta(microseconds=self._true + self._jumped)


def _instant(start: float | str) -> float:
    if isinstance(start, str):
        at = datetime.fromisoformat(start)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return float(start)
