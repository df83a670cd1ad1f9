"""Which arrows of a ladder run together, and from which side do they come?

Arrows into one state that share signals and guards join into one line before they enter it: a bus, with a leg for each
state it comes from and one label. What falls or stays level comes in from above, what rises from below. What comes from
ANY state of a large table, or from many states, is a stub with no legs: it starts at a ring beside its state and says
where it comes from.
"""

from collections.abc import Mapping
from enum import StrEnum

import attrs

from supervisor.core.guards import Guard
from supervisor.core.table import Edge, State, Table
from supervisor.core.words import KEEP, TIME, Severity
from supervisor.draw.arrows import UNSURE, Drawn, drawn, guard_words, others_words, spared_by
from supervisor.draw.text import wrapped

FEW = 4
"""An arrow from ANY state that leaves no more states than this is drawn with a leg for each."""

MANY = 6
"""Arrows from more states than this, each of its own, are drawn as a stub too."""

SPARED = 2
"""A stub that spares more states than this counts its sources, and they are named below the picture."""

LABEL_SIZE = 12.0
LABEL_LIMIT = 128.0
LABEL_LEADING = 14.5


class Way(StrEnum):
    """How a bus comes in."""

    ABOVE = "above"
    BELOW = "below"
    LOOP = "loop"
    STUB_ABOVE = "stub above"
    STUB_BELOW = "stub below"


TOP_WAYS = frozenset({Way.ABOVE, Way.LOOP, Way.STUB_ABOVE})
STUBS = frozenset({Way.STUB_ABOVE, Way.STUB_BELOW})


class Kind(StrEnum):
    """What one line of a label says."""

    ORIGIN = "origin"
    SIGNAL = "signal"
    GUARD = "guard"


@attrs.frozen
class Bus:
    """Arrows that run together into one state. `edges` are the table's, each with its own source.

    `level` are the sources in the target's own lane; `gutter` counts from the one above the topmost lane; `lines` are
    the label's, with what each says; `timed` marks what time alone moves; `told` is what must be said below the picture.
    """

    number: int
    way: Way
    sources: tuple[str, ...]
    level: frozenset[str]
    target: str
    gutter: int
    lines: tuple[tuple[str, Kind], ...]
    timed: bool
    edges: tuple[Edge, ...]
    told: str = ""

    def of(self, source: str) -> tuple[Edge, ...]:
        """The edges of one leg."""
        return tuple(edge for edge in self.edges if edge.source == source)


def lane_name(state: State) -> str:
    """The lane a state stands in: its severity, or the hollow one of states that keep what is open."""
    return UNSURE if state.issue == KEEP else state.severity.name.lower()


LANE_ORDER = ("ok", UNSURE, *(severity.name.lower() for severity in list(Severity)[1:]))


def lanes(table: Table) -> list[str]:
    """The lanes the table needs, top to bottom."""
    present = {lane_name(state) for state in table.states.values()}
    return [name for name in LANE_ORDER if name in present]


def buses(table: Table) -> tuple[Bus, ...]:
    """Every arrow of the table, each in one bus, in the table's order."""
    order = lanes(table)
    lane = {name: order.index(lane_name(state)) for name, state in table.states.items()}
    groups: dict[tuple[str, Way, tuple[str, ...], tuple[Guard, ...], bool], list[Edge]] = {}
    for arrow in joined(table):
        stub = len(arrow.sources) > (FEW if arrow.anywhere else MANY)
        below = sum(lane[source] > lane[arrow.to] for source in arrow.sources)
        for source in arrow.sources:
            if stub:
                way = Way.STUB_BELOW if 2 * below > len(arrow.sources) else Way.STUB_ABOVE
            elif source == arrow.to:
                way = Way.LOOP
            else:
                way = Way.BELOW if lane[source] > lane[arrow.to] else Way.ABOVE
            edges = [edge for edge in arrow.edges if edge.source == source]
            groups.setdefault((arrow.to, way, arrow.signals, arrow.only_if, stub), []).extend(edges)
    return tuple(_bus(table, number, lane, *key, tuple(edges)) for number, (key, edges) in enumerate(groups.items()))


def joined(table: Table) -> list[Drawn]:
    """The arrows, those of many states of their own to one state on the same signals and guards as one."""
    found: dict[tuple[str, tuple[str, ...], tuple[Guard, ...], bool], list[Drawn]] = {}
    for arrow in drawn(table):
        found.setdefault((arrow.to, arrow.signals, arrow.only_if, arrow.anywhere), []).append(arrow)
    every = []
    for (to, signals, only_if, anywhere), arrows in found.items():
        sources = tuple(source for arrow in arrows for source in arrow.sources)
        edges = tuple(edge for arrow in arrows for edge in arrow.edges)
        every.append(Drawn(sources, signals, to, only_if, edges, anywhere))
    return every


def _bus(
    table: Table,
    number: int,
    lane: Mapping[str, int],
    to: str,
    way: Way,
    signals: tuple[str, ...],
    only_if: tuple[Guard, ...],
    stub: bool,
    edges: tuple[Edge, ...],
) -> Bus:
    leaves = tuple(dict.fromkeys(edge.source for edge in edges))
    origin = others_words(table, leaves, to) if stub else ""
    told = ""
    if stub and len(spared_by(table, leaves, to)) > SPARED:
        told = f"to {to} on {', '.join(spoken(table, signals))}: from {origin}"
        origin = f"{len(leaves)} others"
    return Bus(
        number,
        way,
        () if stub else tuple(name for name in table.states if name in leaves),
        frozenset(source for source in leaves if lane[source] == lane[to]),
        to,
        lane[to] + (way in (Way.BELOW, Way.STUB_BELOW)),
        _lines(table, origin, signals, only_if),
        signals == (TIME,),
        edges,
        told,
    )


def spoken(table: Table, signals: tuple[str, ...]) -> list[str]:
    """The signals as a picture names them: a family's name where all of it is meant."""
    words = list(signals)
    for family in table.families:
        if len(family.signals) > 1 and set(family.signals) <= set(words):
            words = [family.name if word == family.signals[0] else word for word in words]
            words = [word for word in words if word not in family.signals]
    return words


def _lines(
    table: Table, origin: str, signals: tuple[str, ...], only_if: tuple[Guard, ...]
) -> tuple[tuple[str, Kind], ...]:
    found = [(line, Kind.ORIGIN) for line in wrapped(origin, LABEL_SIZE, LABEL_LIMIT)]
    if signals != (TIME,):
        said = ", ".join(spoken(table, signals))
        found += [(line, Kind.SIGNAL) for line in wrapped(said, LABEL_SIZE, LABEL_LIMIT, bold=True)]
    found += [(line, Kind.GUARD) for line in wrapped(guard_words(only_if), LABEL_SIZE, LABEL_LIMIT)]
    return tuple(found)
