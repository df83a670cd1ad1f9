"""What becomes of a table that hears this? `given(TABLE, "up").when(FAILED, FAILED, FAILED).then("down")`."""

from collections.abc import Callable, Iterable
from typing import Self

from supervisor.core.concern import Concern, Life
from supervisor.core.cursor import Cursor
from supervisor.core.engine import begin, due, step
from supervisor.core.event import Bearing, Event, derive
from supervisor.core.table import Table
from supervisor.core.words import TIME
from supervisor.errors import ConfigError
from supervisor.testing.text import nearest

Heard = str | float
"""A signal, or seconds that pass."""


class Story:
    """One cursor's life, told in signals and seconds. Between signals a second passes unless told otherwise."""

    def __init__(self, table: Table, state: str, *, step_seconds: float = 1.0, any_signal: bool = False) -> None:
        self.table = table
        self._any_signal = any_signal
        self._known(state, "state", table.states)
        self.now = 1000.0
        self.events: list[Event] = []
        self.trace: list[str] = [state]
        self._entry = 0
        self._step = step_seconds
        self.cursor: Cursor = begin(table, self.now, "key" if table.life else "")
        self.cursor.state = state
        self._derive(1000.0, "given", expired=False)
        self.events.clear()

    def when(self, *heard: Heard) -> Self:
        """Hears these, one after the other; a number lets that many seconds pass."""
        for item in heard:
            if isinstance(item, str):
                if not self._any_signal:
                    self._known(item, "signal", self._signals)
                self.now += self._step
                self._pass(self.now)
                self._take(item, self.now)
            else:
                self.now += item
                self._pass(self.now)
        return self

    def then(self, state: str, *, issue: str | None = "", events: tuple[str, ...] | None = None) -> Self:
        """Asserts where it stands; `issue` also its open code (None: none), `events` also what was told."""
        self._known(state, "state", self.table.states)
        where = f"{self.table.name}: {' -> '.join(self.trace)}"
        assert self.cursor.state == state, f"{where}, expected {state!r}"
        if issue != "":
            found = self.cursor.issue.code if self.cursor.issue else None
            assert found == issue, f"{where} bears {found!r}, expected {issue!r}"
        if events is not None:
            told = tuple(f"{event.kind} {event.issue.code}" for event in self.events)
            assert told == events, f"{where} told {told}, expected {events}"
        return self

    @property
    def _signals(self) -> list[str]:
        """What the table can hear: its arrows' signals, and those that only count."""
        table = self.table
        return sorted({edge.on for edge in table.edges if edge.on != TIME} | table.family_of.keys() | table.neutral)

    def _known(self, name: str, what: str, known: Iterable[str]) -> None:
        """ConfigError where the table has none of that name: a story with a slip in it would show nothing."""
        if name not in known:
            raise ConfigError(f"the table {self.table.name!r} has no {what} {name!r}; {nearest(name, known)}")

    def _pass(self, now: float) -> None:
        while (instant := due(self.table, self.cursor)) is not None and instant <= now:
            self._take(TIME, instant)

    def _take(self, signal: str, now: float) -> None:
        if step(self.table, self.cursor, signal, now):
            self.trace.append(f"[{signal}] {self.cursor.state}")
            self._derive(now, signal, expired=self.table.life and signal == TIME)

    def _derive(self, now: float, evidence: str, *, expired: bool) -> None:
        self._entry += 1
        bearing = Bearing(self.table.name, "story", frozenset(), {"broker": "the broker", "key": self.cursor.key})
        state = self.table.states[self.cursor.state]
        self.events += derive(
            state, self.cursor, bearing, entry=self._entry, now=now, evidence=evidence, expired=expired
        )


def given(
    what: Table | Concern | Life | Callable[[], Concern],
    state: str,
    *,
    step_seconds: float = 1.0,
    any_signal: bool = False,
) -> Story:
    """A story that begins in that state. `any_signal`: also one that no arrow hears, as where a table lost an arrow."""
    owner = what if isinstance(what, Table | Concern | Life) else what()
    table = owner if isinstance(owner, Table) else owner.table
    return Story(table, state, step_seconds=step_seconds, any_signal=any_signal)
