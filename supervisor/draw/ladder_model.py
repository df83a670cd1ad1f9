"""What is a ladder, once everything in it has its place? The picture is written from this, and the lint reads it."""

import attrs

from supervisor.core.table import Edge, State, Table
from supervisor.draw.ladder_buses import Bus, Kind

Point = tuple[float, float]


@attrs.frozen
class Rect:
    """A rectangle by its upper left corner, in pixels."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.h

    def meets(self, other: "Rect", margin: float = 0.0) -> bool:
        """Whether the two overlap, or come closer than the margin."""
        return (
            self.x < other.right + margin
            and other.x < self.right + margin
            and self.y < other.bottom + margin
            and other.y < self.bottom + margin
        )


@attrs.frozen
class Line:
    """One line of text: what it says, its middle or left edge and baseline, its size and width; `role` names its look."""

    words: str
    x: float
    y: float
    size: float
    width: float
    role: str
    bold: bool = False
    centred: bool = True

    @property
    def rect(self) -> Rect:
        """The room the line takes."""
        left = self.x - self.width / 2 if self.centred else self.x
        return Rect(left, self.y - self.size * 0.8, self.width, self.size)


@attrs.frozen
class Box:
    """One state in its place. `look` is its lane's name; `lines` are its texts, top to bottom."""

    state: State
    look: str
    rect: Rect
    lines: tuple[Line, ...]


@attrs.frozen
class Leg:
    """One state's way into a bus and on to its target, with right angles.

    `edges` are the table's that it stands for; `words` stand in a pill at `badge`, empty for none.
    """

    source: str
    points: tuple[Point, ...]
    edges: tuple[Edge, ...]
    badge: Point
    words: str


@attrs.frozen
class Label:
    """What a bus says, in its place."""

    rect: Rect
    lines: tuple[tuple[Line, Kind], ...]


@attrs.frozen
class Route:
    """One bus in its place. A stub has one leg, whose source is empty and which stands for all its edges."""

    bus: Bus
    look: str
    legs: tuple[Leg, ...]
    label: Label


@attrs.frozen
class Lane:
    """The band behind the states of one severity, and its name."""

    look: str
    rect: Rect
    name: Line


@attrs.frozen
class Ladder:
    """A table's whole picture, in pixels. `head` are title and subtitle, `notes` the lines below."""

    table: Table
    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    lanes: tuple[Lane, ...]
    head: tuple[Line, ...]
    notes: tuple[Line, ...]
    width: float
    height: float
