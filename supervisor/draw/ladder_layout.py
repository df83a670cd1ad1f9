"""Where does everything in a ladder stand, to the last line of text?"""

from collections.abc import Mapping, Sequence

import attrs

from supervisor.core.table import Edge, State, Table
from supervisor.core.words import KEEP, TIME
from supervisor.draw.arrows import permit_words
from supervisor.draw.ladder_buses import LABEL_LEADING, LABEL_SIZE, STUBS, Bus, Kind, buses, lane_name, lanes
from supervisor.draw.ladder_grid import EDGE, LANE_PAD, PITCH, Plan, Port, plan
from supervisor.draw.ladder_model import Box, Label, Ladder, Lane, Leg, Line, Point, Rect, Route
from supervisor.draw.ladder_route import Placed, box_edge, placed
from supervisor.draw.overlay import Overlay, Step
from supervisor.draw.text import width, wrapped

MARGIN = 22.0
NAME, SMALL, CODE, TITLE, NOTE = 15.0, 12.0, 11.0, 23.0, 12.5
"""Sizes of text, in pixels."""
LEADING = 1.32
"""Height of a line of text in a box, in its size."""
BOX_RISE = 9.0
CODE_LIMIT = 90.0
BOX_PAD = 10.0
BOX_LEAST = 84.0
NOTE_LEADING = 18.0
CHIP_PAD = 9.0
BADGE_SIZE = 9.5
BADGE_HEIGHT = 14.0
BADGE_OUT, STUB_BADGE_OUT = 14.5, 20.5
"""How far a pill stands from its state: beyond the ring of the current one, and for stubs beyond the arrowhead."""
TIMES = "\u00d7"
STEPS_SHOWN = 12
"""How many steps of a path are told below the picture: the last ones."""


def layout(table: Table, overlay: Overlay, title: str) -> Ladder:
    """The whole picture of a table: what the SVG is written from and what the lint reads."""
    every = buses(table)
    order = lanes(table)
    texts = {name: _texts(state, overlay) for name, state in table.states.items()}
    written = badges(every, overlay)
    planned = plan(
        lane={name: order.index(lane_name(state)) for name, state in table.states.items()},
        text_width={name: max(BOX_LEAST, *(t.width + 2 * BOX_PAD for t in lines)) for name, lines in texts.items()},
        box_height=[_box_height(table, name, texts) for name in order],
        every=every,
        room={leg: max(PITCH, badge_width(words) + 4) for leg, words in written.items()},
    )
    place = placed(planned)
    routes = tuple(_route(table, bus, planned, place, written) for bus in every)
    head = _head(table, title, overlay)
    notes = _notes(table, every, overlay)
    texts_right = max(line.rect.right for line in (*head, *notes, *(t for r in routes for t, _ in r.label.lines)))
    wide = max(place.grid.right, texts_right + MARGIN)
    bottom = place.grid.bottom + MARGIN / 2
    return Ladder(
        table,
        tuple(_box(state, texts[name], planned, place) for name, state in table.states.items()),
        routes,
        tuple(_lane(name, i, place, planned, wide) for i, name in enumerate(order)),
        head,
        tuple(attrs.evolve(line, y=bottom + (i + 0.7) * NOTE_LEADING) for i, line in enumerate(notes)),
        round(wide + 0.5),
        round(bottom + len(notes) * NOTE_LEADING + MARGIN / 2),
    )


def _line(words: str, size: float, role: str, *, bold: bool = False, centred: bool = True) -> Line:
    return Line(words, 0.0, 0.0, size, width(words, size, bold=bold), role, bold, centred)


def _texts(state: State, overlay: Overlay) -> list[Line]:
    lines = [_line(state.name, NAME, "name", bold=True), _line(permit_words(state.permits), SMALL, "permits")]
    if state.issue not in (None, KEEP):
        lines += [_line(words, CODE, "code") for words in wrapped(str(state.issue), CODE, CODE_LIMIT, at=" _")]
    if state.name in overlay.heat:
        lines.append(_line(f"{share_words(overlay.heat[state.name])} of the time", CODE, "heat", bold=True))
    return lines


def share_words(share: float) -> str:
    """A share of the time, 0 to 1, as it is written: what is too short to show is not called nothing."""
    return "under 0.1 %" if 0 < share < 0.0005 else f"{share * 100:.1f} %"


def _box_height(table: Table, lane: str, texts: Mapping[str, Sequence[Line]]) -> float:
    """The height of the boxes in one lane: what the one with the most to say needs."""
    here = (texts[state.name] for state in table.states.values() if lane_name(state) == lane)
    return max(sum(line.size * LEADING for line in lines) for lines in here) + 2 * BOX_RISE


def _box(state: State, lines: Sequence[Line], planned: Plan, place: Placed) -> Box:
    at = place.grid
    rect = Rect(
        at.x[state.name],
        at.band_y[planned.lane[state.name]] + LANE_PAD,
        at.width[state.name],
        planned.box_height[planned.lane[state.name]],
    )
    down = rect.y + (rect.h - sum(line.size * LEADING for line in lines)) / 2
    put = []
    for line in lines:
        put.append(attrs.evolve(line, x=rect.x + rect.w / 2, y=down + line.size * 1.02))
        down += line.size * LEADING
    return Box(state, lane_name(state), rect, tuple(put))


def _lane(name: str, i: int, place: Placed, planned: Plan, wide: float) -> Lane:
    y = place.grid.band_y[i]
    rect = Rect(EDGE - 2, y, wide - 2 * (EDGE - 2), planned.box_height[i] + 2 * LANE_PAD)
    line = attrs.evolve(_line(name.upper(), SMALL, "lane", bold=True, centred=False), x=EDGE + 12)
    return Lane(name, rect, attrs.evolve(line, y=y + rect.h / 2 + SMALL * 0.36))


def _route(table: Table, bus: Bus, planned: Plan, place: Placed, written: dict[tuple[int, str], str]) -> Route:
    at = place.grid
    y = at.row_y[bus.number]
    *leaves, enters = planned.ports[bus.number]
    end = (at.port_x[enters], box_edge(planned, at, enters))
    legs = [_leg(bus, port, (at.port_x[port], box_edge(planned, at, port)), y, end) for port in leaves]
    if bus.way in STUBS:
        out = -STUB_BADGE_OUT if enters.top else STUB_BADGE_OUT
        legs = [Leg("", ((end[0], y), end), bus.edges, (end[0], end[1] + out), "")]
    legs = [attrs.evolve(leg, words=written.get((bus.number, leg.source), "")) for leg in legs]
    rect = place.labels[bus.number]
    lines = tuple(
        (
            attrs.evolve(
                _line(words, LABEL_SIZE, kind.value, bold=kind is Kind.SIGNAL),
                x=rect.x + rect.w / 2,
                y=rect.y + i * LABEL_LEADING + LABEL_SIZE * 0.92,
            ),
            kind,
        )
        for i, (words, kind) in enumerate(bus.lines)
    )
    return Route(bus, lane_name(table.states[bus.target]), tuple(legs), Label(rect, lines))


def _leg(bus: Bus, port: Port, start: Point, y: float, end: Point) -> Leg:
    out = -BADGE_OUT if port.top else BADGE_OUT
    points = (start, (start[0], y), (end[0], y), end)
    return Leg(port.state, points, bus.of(port.state), (start[0], start[1] + out), "")


def taken(edge: Edge, step: Step) -> bool:
    """Whether the step went along that edge."""
    return (edge.source, edge.to) == (step.source, step.target) and step.signal in ("", edge.on)


def badges(every: Sequence[Bus], overlay: Overlay) -> dict[tuple[int, str], str]:
    """What is written on each leg, by bus and source: the numbers of the path's steps, and how often it was gone."""
    found: dict[tuple[int, str], str] = {}
    for bus in every:
        for source in bus.sources or ("",):
            edges = bus.of(source) if source else bus.edges
            steps = [str(step.n) for step in overlay.path if any(taken(edge, step) for edge in edges)]
            more = f" +{len(steps) - 3}" if len(steps) > 3 else ""
            count = sum(overlay.counts.get((edge.source, edge.on, edge.to), 0) for edge in edges)
            words = " ".join(
                [*([",".join(steps[:3]) + more] if steps else []), *([f"{TIMES}{count}"] if count else [])]
            )
            if words:
                found[bus.number, source] = words
    return found


def badge_width(words: str) -> float:
    """The width of the pill that a leg's words stand in."""
    return max(BADGE_HEIGHT, width(words, BADGE_SIZE, bold=True) + 9)


def _head(table: Table, title: str, overlay: Overlay) -> tuple[Line, ...]:
    """Title, subtitle, and a chip for each thing that is true of the moment shown."""
    name = attrs.evolve(_line(title, TITLE, "title", bold=True, centred=False), x=EDGE + 2, y=36.0)
    lines = [name]
    if table.about:
        lines.append(attrs.evolve(_line(table.about, NOTE + 1, "quiet", centred=False), x=EDGE + 2, y=57.0))
    chips = [f"now: {overlay.now}"] if overlay.now is not None else []
    chips += ["masked"] if overlay.masked else []
    chips += ["stale"] if overlay.stale else []
    right = name.rect.right + 2 * CHIP_PAD
    for words in chips:
        chip = _line(words, SMALL, "chip", bold=True, centred=False)
        lines.append(attrs.evolve(chip, x=right + CHIP_PAD, y=33.0))
        right += chip.width + 3 * CHIP_PAD
    return tuple(lines)


def _notes(table: Table, every: Sequence[Bus], overlay: Overlay) -> list[Line]:
    """What must be said below the picture for it to be read alone."""
    said = {
        words
        for bus in every
        for line, kind in bus.lines
        if kind is Kind.SIGNAL
        for words in line.replace(",", " ").split()
    }
    words = [
        f"{family.name}: {' or '.join(family.signals)}"
        for family in table.families
        if len(family.signals) > 1 and family.name in said
    ]
    facts = ["; ".join(words)] if words else []
    signs = []
    told = [bus.told for bus in every if bus.told]
    if any(bus.way in STUBS for bus in every):
        signs.append("a ring: from many states" if told else "a ring: from any other state")
    if any(bus.timed for bus in every):
        signs.append("a dashed line: time alone moves it")
    if any(state.issue == KEEP for state in table.states.values()):
        signs.append("an unsure state keeps what is open")
    facts += ["; ".join(signs)] if signs else []
    facts += told
    if overlay.masked:
        facts.append("Masked: a state it depends on cannot see, so it is not judged and keeps what it has.")
    if overlay.stale:
        facts.append("Stale: nothing good was heard lately.")
    hidden = len(overlay.path) - STEPS_SHOWN
    if hidden > 0:
        facts.append(f"{hidden} earlier steps are not listed.")
    facts += [_told(step) for step in overlay.path[-STEPS_SHOWN:]]
    return [attrs.evolve(_line(words, NOTE, "quiet", centred=False), x=EDGE + 2) for words in facts]


def _told(step: Step) -> str:
    when = f"{step.at}  " if step.at else ""
    signal = " as time passed" if step.signal == TIME else f" on {step.signal}" if step.signal else ""
    return f"{step.n}.  {when}{step.source} → {step.target}{signal}"
