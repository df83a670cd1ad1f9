"""Only if what? Guards are frozen data that finish that sentence, so they can be drawn, explored and mutated."""

from typing import Protocol

import attrs

from supervisor.core.cursor import Cursor


class Step(Protocol):
    """What a guard is called with: an event of the engine, whose model is the cursor."""

    model: Cursor


def duration(seconds: float) -> str:
    """That many seconds in words: whole hours, and whole minutes from ten on, are named so."""
    if seconds >= 3600 and seconds % 3600 == 0:
        return f"{seconds / 3600:g} h"
    if seconds >= 600 and seconds % 60 == 0:
        return f"{seconds / 60:g} min"
    return f"{seconds:g} s"


@attrs.frozen
class InARow:
    """This many consecutive rounds of the signal's family, this one included, across states."""

    n: int

    @property
    def words(self) -> str:
        """Finishes "only if"."""
        return f"{self.n} in a row"

    def __call__(self, event: Step) -> bool:
        """Whether the run is long enough."""
        return event.model.run >= self.n


@attrs.frozen
class Lately:
    """`n` of the last `of` rounds brought this signal, this one included."""

    n: int
    of: int
    signal: str

    @property
    def words(self) -> str:
        """Finishes "only if"."""
        return f"{self.n} of the last {self.of} rounds"

    def __call__(self, event: Step) -> bool:
        """Whether it was seen often enough."""
        return event.model.trail[-self.of :].count(self.signal) >= self.n


@attrs.frozen
class Held:
    """The state has been held for this many seconds."""

    seconds: float

    @property
    def words(self) -> str:
        """Finishes "only if"."""
        return f"held {duration(self.seconds)}"

    def due(self, cursor: Cursor) -> float:
        """The instant from which this is true, if nothing else happens."""
        return cursor.since + self.seconds

    def __call__(self, event: Step) -> bool:
        """Whether it was held long enough."""
        return event.model.now >= self.due(event.model)


@attrs.frozen
class Silent:
    """Nothing good has been heard for this many seconds."""

    seconds: float

    @property
    def words(self) -> str:
        """Finishes "only if"."""
        return f"silent {duration(self.seconds)}"

    def due(self, cursor: Cursor) -> float:
        """The instant from which this is true, if nothing else happens; never before the state was entered."""
        heard = cursor.since if cursor.heard is None else cursor.heard
        return max(cursor.since, heard + self.seconds)

    def __call__(self, event: Step) -> bool:
        """Whether it was silent long enough."""
        return event.model.now >= self.due(event.model)


Guard = InARow | Lately | Held | Silent

in_a_row = InARow
lately = Lately
held = Held
silent = Silent
