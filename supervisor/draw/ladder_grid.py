"""Given the order of everything, where does it stand?

Each state has a column of its own, so a vertical line in its column meets no other state: every leg goes up or down its
own column, along a row of the gutter next to its target, and in.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate

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
GAP = 30.0
RIGHT = 26.0

Rows = Mapping[int, Sequence[Sequence[int]]]
"""For each gutter its rows, top to bottom; each row the numbers of the buses in it."""


@attrs.frozen
class Sizes:
    """What the boxes need: columns' order, each state's lane and the width of its texts, one height for all.

    `room` is the width of the pill on a leg, by bus and source, where there is one.
    """

    states: tuple[str, ...]
    lane: Mapping[str, int]
    lanes: int
    text_width: Mapping[str, float]
    box_height: float
    room: Mapping[tuple[int, str], float]

    def column(self, state: str) -> int:
        """The state's column, by its order in the table."""
        return self.states.index(state)

    def port_room(self, every: Sequence[Bus], port: "Port") -> float:
        """The width that a port needs: a pill's where the bus has one there."""
        stub = every[port.bus].way in STUBS
        return self.room.get((port.bus, "" if stub else port.state), PITCH) if stub or not port.enters else PITCH


@attrs.frozen
class Port:
    """Where a bus leaves or enters a box: the state, which side, whose, and whether it enters."""

    state: str
    top: bool
    bus: int
    enters: bool


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


def ports_of(bus: Bus) -> list[Port]:
    """The ports of a bus, sources first."""
    leaves = [Port(source, _leaves_top(bus, source), bus.number, enters=False) for source in bus.sources]
    return [*leaves, Port(bus.target, bus.way in TOP_WAYS, bus.number, enters=True)]


def _leaves_top(bus: Bus, source: str) -> bool:
    return bus.way is Way.BELOW or source in bus.level


def grid(sizes: Sizes, every: Sequence[Bus], rows: Rows, gaps: Sequence[float]) -> Grid:
    """The places of boxes, rows and ports. `gaps` are the least widths left of each column."""
    sides = _sides(sizes, every, rows)
    x, widths, port_x = {}, {}, {}
    at = LEFT + START_ROOM
    for column, state in enumerate(sizes.states):
        at += gaps[column]
        wide = {top: [sizes.port_room(every, port) for port in sides.get((state, top), ())] for top in (True, False)}
        widths[state] = max(sizes.text_width[state], *(sum(rooms) + PITCH * 0.6 for rooms in wide.values()))
        x[state] = at
        for top, rooms in wide.items():
            ends = accumulate(rooms, initial=at + (widths[state] - sum(rooms)) / 2)
            for port, room, end in zip(sides.get((state, top), ()), rooms, ends, strict=False):
                port_x[port] = end + room / 2
        at += widths[state]
    band_y: dict[int, float] = {}
    row_y: dict[int, float] = {}
    down = TOP
    for gutter in range(sizes.lanes + 1):
        upper = down
        down += GUTTER_PAD if rows.get(gutter) else 0.0
        for row in rows.get(gutter, ()):
            over = down
            down += max(len(every[number].lines) for number in row) * LABEL_LEADING + LINE_GAP
            # a stub from below has its ring on top, next to its state, and its label under that
            row_y.update((n, over + RING if every[n].way is Way.STUB_BELOW else down) for n in row)
            down += ROW_GAP
        down = max(down, upper + (GUTTER_LEAST if 0 < gutter < sizes.lanes else 0.0))
        if gutter < sizes.lanes:
            band_y[gutter] = down
            down += sizes.box_height + 2 * LANE_PAD
    return Grid(x, widths, band_y, row_y, port_x, at + gaps[-1] + RIGHT, down)


def _sides(sizes: Sizes, every: Sequence[Bus], rows: Rows) -> dict[tuple[str, bool], list[Port]]:
    """The ports on each side of each box, left to right, so that what leaves to the left stands left."""
    rank = {number: i for lines in rows.values() for i, row in enumerate(lines) for number in row}
    found: dict[tuple[str, bool], list[Port]] = {}
    for bus in every:
        for port in ports_of(bus):
            found.setdefault((port.state, port.top), []).append(port)
    return {side: _left_to_right(sizes, every, rank, ports) for side, ports in found.items()}


def _left_to_right(sizes: Sizes, every: Sequence[Bus], rank: Mapping[int, int], ports: list[Port]) -> list[Port]:
    groups: dict[str, list[tuple[tuple[int, int], Port]]] = {"left": [], "both": [], "right": [], "stub": []}
    for port in ports:
        bus = every[port.bus]
        lane = sizes.lane[port.state]
        far = (lane - bus.gutter, -rank[bus.number]) if port.top else (bus.gutter - lane - 1, rank[bus.number])
        groups[_heading(sizes, bus, port)].append((far, port))
    left = sorted(groups["left"], key=lambda item: item[0])
    right = sorted(groups["right"], key=lambda item: (-item[0][0], -item[0][1], item[1].enters))
    both = sorted(groups["both"], key=lambda item: item[0])
    for stub in sorted(groups["stub"], key=lambda item: item[0], reverse=True):
        if len(left) <= len(right):
            left.insert(0, stub)
        else:
            right.append(stub)
    return [port for _, port in [*left, *both, *right]]


def _heading(sizes: Sizes, bus: Bus, port: Port) -> str:
    if bus.way in STUBS:
        return "stub"
    if bus.way is Way.LOOP:
        return "right"
    here = sizes.column(port.state)
    if not port.enters:
        return "left" if sizes.column(bus.target) < here else "right"
    sides = {sizes.column(source) < here for source in bus.sources}
    if len(sides) == 2:
        return "both"
    return "left" if sides == {True} else "right"
