"""In which order do the lines of a gutter run, and where do their labels find room?

Rows are swapped while that saves a crossing, and share a height where nothing in them would meet. A label stands above
its own line where no other line passes through it; where there is no such place the columns move apart.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise

import attrs

from supervisor.draw.ladder_buses import LABEL_LEADING, LABEL_SIZE, STUBS, TOP_WAYS, Bus, Kind, Way
from supervisor.draw.ladder_grid import EDGE, GAP, LANE_PAD, LINE_GAP, Grid, Plan, Port, Rows, grid
from supervisor.draw.ladder_model import Rect
from supervisor.draw.text import width

CLEAR = 7.0
"""How far labels keep from lines, in pixels."""

APART = 9.0
"""How much further labels keep from each other: two side by side must not read as one."""

GROW = 8.0
"""How far columns move apart at a time, in pixels."""

WIDEST = 20000.0
"""A picture wider than this is a fault of the layout, in pixels."""

PASSES = 6
"""How often the rows are looked over for a better order."""


class LayoutError(Exception):
    """A table that this layout cannot draw."""


@attrs.frozen
class Upright:
    """A vertical line: one bus's way out of or into a box."""

    x: float
    y1: float
    y2: float
    bus: int


@attrs.frozen
class Span:
    """A bus's line along its row."""

    y: float
    x1: float
    x2: float


@attrs.frozen
class Placed:
    """Rows, gaps and all that follows from them."""

    rows: Rows
    grid: Grid
    labels: Mapping[int, Rect]


def placed(planned: Plan) -> Placed:
    """The places of everything: few crossings first, then as narrow and as low as that allows."""
    rows = _fewest_crossings(planned, _first_rows(planned))
    best = _spread(planned, rows)
    if best is None:
        raise LayoutError(f"no room for the labels within {WIDEST:g} pixels")
    for gutter in sorted(rows):
        i = 0
        while i < len(best.rows.get(gutter, ())):
            joined = _join_next(planned, best, gutter, i)
            best, i = (best, i + 1) if joined is None else (joined, i)
    return best


def _first_rows(planned: Plan) -> dict[int, list[list[int]]]:
    """One row for each bus: first what enters the lane above, last what enters the one below, short ones next to it."""
    rows: dict[int, list[tuple[tuple[int, int, int], int]]] = {}
    for bus in planned.buses:
        columns = [planned.column[name] for name in (*bus.sources, bus.target)]
        reach = (bus.way not in STUBS, max(columns) - min(columns))
        below = bus.way in TOP_WAYS
        order = (below, -reach[0], -reach[1]) if below else (below, *reach)
        rows.setdefault(bus.gutter, []).append((order, bus.number))
    return {gutter: [[number] for _, number in sorted(items)] for gutter, items in rows.items()}


def spans(planned: Plan, at: Grid) -> dict[int, Span]:
    """Each bus's line along its row."""
    found = {}
    for bus in planned.buses:
        xs = [at.port_x[port] for port in planned.ports[bus.number]]
        found[bus.number] = Span(at.row_y[bus.number], min(xs), max(xs))
    return found


def uprights(planned: Plan, at: Grid) -> list[Upright]:
    """Every vertical line, upper end first."""
    found = []
    for bus in planned.buses:
        for port in planned.ports[bus.number]:
            edge = box_edge(planned, at, port)
            y1, y2 = sorted((edge, at.row_y[bus.number]))
            found.append(Upright(at.port_x[port], y1, y2, bus.number))
    return found


def box_edge(planned: Plan, at: Grid, port: Port) -> float:
    """The y of the side of the box that the port is on."""
    top = at.band_y[planned.lane[port.state]] + LANE_PAD
    return top if port.top else top + planned.box_height[planned.lane[port.state]]


def crossings(planned: Plan, rows: Rows) -> int:
    """How many lines cross in this order."""
    return _crossed(planned, grid(planned, rows, _gaps(planned)))


def _crossed(planned: Plan, at: Grid) -> int:
    lines = sorted((line.y, line.x1, line.x2, number) for number, line in spans(planned, at).items())
    heights = [line[0] for line in lines]
    count = 0
    for up in uprights(planned, at):
        between = lines[bisect_right(heights, up.y1) : bisect_left(heights, up.y2)]
        count += sum(x1 < up.x < x2 and number != up.bus for _, x1, x2, number in between)
    return count


def _gaps(planned: Plan) -> list[float]:
    """The least width of each gap, with those outside of the first and the last column."""
    return [0.0, *([GAP] * (len(planned.column) - 1)), 0.0]


def _fewest_crossings(planned: Plan, rows: dict[int, list[list[int]]]) -> Rows:
    least = crossings(planned, rows)
    for _ in range(PASSES):
        before = least
        for gutter in sorted(rows):
            for i, j in pairwise(range(len(rows[gutter]))):
                order = list(rows[gutter])
                order[i], order[j] = order[j], order[i]
                tried = {**rows, gutter: order}
                count = crossings(planned, tried)
                if count < least:
                    least, rows = count, tried
        if least == before:
            break
    return rows


def _join_next(planned: Plan, best: Placed, gutter: int, i: int) -> Placed | None:
    """The rows with row i and a later one at one height; None where lines would meet, cross more or grow wider."""
    order = best.rows[gutter]
    most = crossings(planned, best.rows)
    for j in range(i + 1, len(order)):
        joined = [*order[:i], [*order[i], *order[j]], *order[i + 1 : j], *order[j + 1 :]]
        rows = {**best.rows, gutter: joined}
        at = grid(planned, rows, _gaps(planned))
        if _overlap(planned, at, joined[i]) or _crossed(planned, at) > most:
            continue
        tried = _spread(planned, rows, limit=best.grid.right + 0.01)
        if tried is not None:
            return tried
    return None


def _overlap(planned: Plan, at: Grid, row: Sequence[int]) -> bool:
    lines = spans(planned, at)
    ordered = sorted((lines[number].x1, lines[number].x2) for number in row)
    return any(right + 2 * CLEAR > left for (_, right), (left, _) in pairwise(ordered))


def _spread(planned: Plan, rows: Rows, limit: float = WIDEST) -> Placed | None:
    """The narrowest gaps found in which every label has room; None beyond the limit of the picture's width."""
    gaps = _gaps(planned)
    while True:
        at = grid(planned, rows, gaps)
        if at.right > limit:
            return None
        labels, short = _labels(planned, at)
        if short is None:
            return Placed(rows, at, labels)
        gaps[short] += GROW


def label_size(bus: Bus) -> tuple[float, float]:
    """The width and height of a bus's label."""
    widest = max((width(words, LABEL_SIZE, bold=kind is Kind.SIGNAL) for words, kind in bus.lines), default=0.0)
    return widest, len(bus.lines) * LABEL_LEADING


def _labels(planned: Plan, at: Grid) -> tuple[dict[int, Rect], int | None]:
    """Every label's place, and the gap that must grow for the first that has none."""
    lines = spans(planned, at)
    standing = uprights(planned, at)
    labels: dict[int, Rect] = {}
    # the tightest first: a short line has the fewest places for its label
    for bus in sorted(planned.buses, key=lambda bus: (lines[bus.number].x2 - lines[bus.number].x1, bus.number)):
        wide, high = label_size(bus)
        line = lines[bus.number]
        top = line.y + LINE_GAP if bus.way is Way.STUB_BELOW else line.y - LINE_GAP - high
        end = top + high
        taken = [(up.x, up.x) for up in standing if up.y1 < end and up.y2 > top]
        taken += [
            (rect.x - APART, rect.right + APART) for rect in labels.values() if rect.y < end and rect.bottom > top
        ]
        taken += [(o.x1, o.x2) for n, o in lines.items() if n != bus.number and top < o.y < end + LINE_GAP + 1]
        low, high_x = sorted((line.x1, line.x2 - wide))
        left = _nearest(_wanted(planned, at, bus, wide), max(low, EDGE), high_x, wide, taken)
        if left is None:
            return labels, _gap_to_grow(planned, at, bus)
        labels[bus.number] = Rect(left, top, wide, high)
    return labels, None


def _wanted(planned: Plan, at: Grid, bus: Bus, wide: float) -> float:
    """Where a label would best begin: amid its line, between the target and the source next to it."""
    ports = planned.ports[bus.number]
    end = at.port_x[ports[-1]]
    nearest = min((at.port_x[port] for port in ports[:-1]), key=lambda x: abs(x - end), default=end)
    return (end + nearest - wide) / 2


def _nearest(wanted: float, low: float, high: float, wide: float, taken: list[tuple[float, float]]) -> float | None:
    """The place from low to high nearest to what is wanted where nothing taken is touched."""
    shut = sorted((left - wide - CLEAR, right + CLEAR) for left, right in taken)
    places = [min(max(wanted, low), high)] + [x for edges in shut for x in edges if low <= x <= high]
    free = [x for x in places if low <= x <= high and not any(left < x < right for left, right in shut)]
    return min(free, key=lambda x: (abs(x - wanted), x), default=None)


def _gap_to_grow(planned: Plan, at: Grid, bus: Bus) -> int:
    """The gap next to the target, on the side its line comes from."""
    column = planned.column[bus.target]
    port = planned.ports[bus.number][-1]
    if bus.way in STUBS:
        return column + (at.port_x[port] > at.x[bus.target] + at.width[bus.target] / 2)
    nearest = min((planned.column[source] for source in bus.sources), key=lambda other: (abs(other - column), other))
    return column if nearest < column else column + 1
