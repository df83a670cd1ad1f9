"""What becomes of a table that hears this? `given(TABLE, "up").when(FAILED, FAILED, FAILED).then("down")`."""

from collections.abc import Callable
from typing import Self

from supervisor.core.concern import Concern, Life
from supervisor.core.cursor import Cursor
from supervisor.core.engine import begin, due, step
from supervisor.core.event import Bearing, Event, derive
from supervisor.core.table import Table
from supervisor.core.words import TIME

Heard = str | float
"""A signal, or seconds that pass."""


class Story:
    """One cursor's life, told in signals and seconds. Between signals a second passes unless told otherwise."""

    def __init__(self, table: Table, state: str, *, step_seconds: float = 1.0) -> None:
        self.table = table
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
                self.now += self._step
                self._pass(self.now)
                self._take(item, self.now)
            else:
                self.now += item
                self._pass(self.now)
        return self

    def then(self, state: str, *, issue: str | None = "", events: tuple[str, ...] | None = None) -> Self:
        """Asserts where it stands; `issue` also its open code (None: none), `events` also what was told."""
        where = f"{self.table.name}: {' -> '.join(self.trace)}"
        assert self.cursor.state == state, f"{where}, expected {state!r}"
        if issue != "":
            found = self.cursor.issue.code if self.cursor.issue else None
            assert found == issue, f"{where} bears {found!r}, expected {issue!r}"
        if events is not None:
            told = tuple(f"{event.kind} {event.issue.code}" for event in self.events)
            assert told == events, f"{where} told {told}, expected {events}"
        return self

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


def given(what: Table | Concern | Life | Callable[[], Concern], state: str, *, step_seconds: float = 1.0) -> Story:
    """A story that begins in that state."""
    if isinstance(what, Table):
        return Story(what, state, step_seconds=step_seconds)
    owner = what if isinstance(what, Concern | Life) else what()
    return Story(owner.table, state, step_seconds=step_seconds)
