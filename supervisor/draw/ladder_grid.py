"""Given the order of everything, where does it stand?

Each state has a column of its own, so a vertical line in its column meets no other state: every leg goes up or down its
own column, along a row of the gutter next to its target, and in.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import attrs

from supervisor.draw.ladder_buses import LABEL_LEADING, STUBS, TOP_WAYS, Bus, Way

TOP = 74.0
PITCH = 16.0
LANE_PAD = 20.0
ROW_GAP = 12.0
LINE_GAP = 5.0
RING = 4.0
"""Radius of the ring that a stub begins with."""
GUTTER_LEAST = 14.0
GUTTER_PAD = 8.0
EDGE = 14.0
LEFT = 92.0
START_ROOM = 44.0
GAP = 18.0
RIGHT = 26.0

Rows = Mapping[int, Sequence[Sequence[int]]]
"""For each gutter its rows, top to bottom; each row the numbers of the buses in it."""


class Heading(StrEnum):
    """Where a port's line goes from its box, seen along the row."""

    LEFT = "left"
    BOTH = "both"
    RIGHT = "right"
    STUB = "stub"


@attrs.frozen(eq=False)
class Port:
    """Where a bus leaves or enters a box: the state and its side, whose it is, and whether it enters.

    `away` is how many gutters lie between; `room` the width it needs.
    """

    state: str
    top: bool
    bus: Bus
    enters: bool
    heading: Heading
    away: int
    room: float


@attrs.frozen(eq=False)
class Plan:
    """What is to be placed: the states in columns and lanes, the buses and their ports, the sizes of boxes.

    `box_height` is that of the boxes in each lane. `ports` are each bus's, by its number: its sources' in order, its
    target's last.
    """

    column: Mapping[str, int]
    lane: Mapping[str, int]
    lanes: int
    text_width: Mapping[str, float]
    box_height: Sequence[float]
    buses: Sequence[Bus]
    ports: Sequence[Sequence[Port]]
    sides: Mapping[tuple[str, bool], Sequence[Port]]


def plan(
    lane: Mapping[str, int],
    text_width: Mapping[str, float],
    box_height: Sequence[float],
    every: Sequence[Bus],
    room: Mapping[tuple[int, str], float],
) -> Plan:
    """The plan for these states, in the order of `lane`. `room` is the width of the pill on a leg, by bus and source."""
    column = {state: i for i, state in enumerate(lane)}
    ports = [_ports(bus, column, lane, room) for bus in every]
    sides: dict[tuple[str, bool], list[Port]] = {}
    for port in (port for of_bus in ports for port in of_bus):
        sides.setdefault((port.state, port.top), []).append(port)
    return Plan(column, lane, max(lane.values()) + 1, text_width, box_height, every, ports, sides)


def _ports(
    bus: Bus, column: Mapping[str, int], lane: Mapping[str, int], room: Mapping[tuple[int, str], float]
) -> list[Port]:
    found = []
    for source in bus.sources:
        top = bus.way is Way.BELOW or source in bus.level
        left = column[bus.target] < column[source]
        heading = Heading.LEFT if left else Heading.RIGHT
        wide = room.get((bus.number, source), PITCH)
        found.append(Port(source, top, bus, False, heading, _away(bus, lane[source], top), wide))
    top = bus.way in TOP_WAYS
    wide = room.get((bus.number, ""), PITCH)
    found.append(Port(bus.target, top, bus, True, _arrival(bus, column), _away(bus, lane[bus.target], top), wide))
    return found


def _away(bus: Bus, lane: int, top: bool) -> int:
    return lane - bus.gutter if top else bus.gutter - lane - 1


def _arrival(bus: Bus, column: Mapping[str, int]) -> Heading:
    """On which side of its target a bus has its sources."""
    if bus.way in STUBS:
        return Heading.STUB
    left = {column[source] < column[bus.target] for source in bus.sources}
    if len(left) > 1:
        return Heading.BOTH
    return Heading.LEFT if left == {True} else Heading.RIGHT


@attrs.frozen
class Grid:
    """Where everything stands but the labels.

    `x` and `width` of each state's box, `band_y` of each lane's upper edge, `row_y` of each bus's line.
    """

    x: Mapping[str, float]
    width: Mapping[str, float]
    band_y: Mapping[int, float]
    row_y: Mapping[int, float]
    port_x: Mapping[Port, float]
    right: float
    bottom: float


def grid(planned: Plan, rows: Rows, gaps: Sequence[float]) -> Grid:
    """The places of boxes, rows and ports. `gaps` are the least widths left of each column."""
    rank = {number: i for lines in rows.values() for i, row in enumerate(lines) for number in row}
    x: dict[str, float] = {}
    widths: dict[str, float] = {}
    port_x: dict[Port, float] = {}
    at = LEFT + START_ROOM
    for state, gap in zip(planned.column, gaps, strict=False):
        at += gap
        sides = [_left_to_right(rank, planned.sides.get((state, top), ())) for top in (True, False)]
        most = max(sum(port.room for port in ports) for ports in sides)
        x[state], widths[state] = at, max(planned.text_width[state], most + PITCH * 0.6)
        for ports in sides:
            end = at + (widths[state] - sum(port.room for port in ports)) / 2
            for port in ports:
                port_x[port] = end + port.room / 2
                end += port.room
        at += widths[state]
    band_y, row_y, bottom = _heights(planned, rows)
    return Grid(x, widths, band_y, row_y, port_x, at + gaps[-1] + RIGHT, bottom)


def _heights(planned: Plan, rows: Rows) -> tuple[dict[int, float], dict[int, float], float]:
    """The upper edge of each lane, the y of each bus's line, and where it all ends."""
    band_y: dict[int, float] = {}
    row_y: dict[int, float] = {}
    every = planned.buses
    down = TOP
    for gutter in range(planned.lanes + 1):
        upper = down
        down += GUTTER_PAD if rows.get(gutter) else 0.0
        for row in rows.get(gutter, ()):
            over = down
            down += max(len(every[number].lines) for number in row) * LABEL_LEADING + LINE_GAP
            # a stub from below has its ring on top, next to its state, and its label under that
            row_y.update((n, over + RING if every[n].way is Way.STUB_BELOW else down) for n in row)
            down += ROW_GAP
        down = max(down, upper + (GUTTER_LEAST if 0 < gutter < planned.lanes else 0.0))
        if gutter < planned.lanes:
            band_y[gutter] = down
            down += planned.box_height[gutter] + 2 * LANE_PAD
    return band_y, row_y, down


def _left_to_right(rank: Mapping[int, int], ports: Sequence[Port]) -> list[Port]:
    """The ports on a side of a box in their order: what leaves to the left stands left, and the nearest row outside."""

    def far(port: Port) -> tuple[int, int]:
        row = rank[port.bus.number]
        return (port.away, -row if port.top else row)

    by_distance = sorted(ports, key=far)
    left = [port for port in by_distance if port.heading is Heading.LEFT]
    both = [port for port in by_distance if port.heading is Heading.BOTH]
    right = [port for port in by_distance if port.heading is Heading.RIGHT]
    right.sort(key=lambda port: (*(-distance for distance in far(port)), port.enters))
    for stub in (port for port in reversed(by_distance) if port.heading is Heading.STUB):
        if len(left) <= len(right):
            left.insert(0, stub)
        else:
            right.append(stub)
    return [*left, *both, *right]
