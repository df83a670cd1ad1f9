"""What can a table do, at one look?

Height is severity and the column is the order in the table, so a falling arrow is trouble detected and a rising one is
trouble fixed or resolved, and adding an arrow moves no state to another place. The bytes depend on the table and the
overlay alone.
"""

from enum import Enum
from xml.sax.saxutils import escape

from supervisor.core.table import Table
from supervisor.core.words import KEEP
from supervisor.draw.arrows import UNSURE, guard_words, permit_words, severity_words, signal_words
from supervisor.draw.ladder_buses import STUBS, Kind
from supervisor.draw.ladder_grid import RING
from supervisor.draw.ladder_layout import BADGE_HEIGHT, BADGE_SIZE, CHIP_PAD, badge_width, layout, share_words, taken
from supervisor.draw.ladder_model import Box, Ladder, Lane, Leg, Line, Route
from supervisor.draw.overlay import PLAIN, Overlay
from supervisor.draw.svg import arrowhead, document, num, rounded, tag, text
from supervisor.draw.text import width

RADIUS = 9.0
HEAD, TAKEN_HEAD = 8.0, 11.0
BORDER = {"ok": 1.6, UNSURE: 1.6, "info": 1.6, "warning": 2.0, "error": 2.6, "critical": 3.4}
"""How heavy a box is drawn, in pixels: a greyscale print shows the severity too."""


class _Shared(Enum):
    """What of a leg's way another leg of its bus has drawn already."""

    NOTHING = 0
    END = 1
    TRUNK = 2


def svg(table: Table, overlay: Overlay | None = None, *, title: str | None = None) -> str:
    """The table's ladder as SVG, with the overlay drawn over it."""
    overlay = overlay or PLAIN
    title = table.name.replace("_", " ").capitalize() if title is None else title
    ladder = layout(table, overlay, title)
    # what was gone is drawn last, so that nothing lies over it
    routes = sorted(ladder.routes, key=lambda route: any(_gone(leg, overlay) for leg in route.legs))
    parts = [
        _hatch(table) if overlay.masked else "",
        *(_lane(lane) for lane in ladder.lanes),
        _start(ladder),
        *(_route(route, overlay) for route in routes),
        *(_box(box, overlay, table) for box in ladder.boxes),
        *(_label(route) for route in ladder.routes),
        *(_badge(leg, overlay) for route in ladder.routes for leg in route.legs if leg.words),
        *(_head(line) for line in ladder.head),
        *(text(line, "quiet") for line in ladder.notes),
    ]
    return document(f"ladder-{table.name}", ladder.width, ladder.height, title, describe(table, overlay), parts)


def describe(table: Table, overlay: Overlay = PLAIN) -> str:
    """The whole picture in sentences."""
    said = [table.about] if table.about else []
    for state in table.states.values():
        bears = f", bears {state.issue}" if state.issue not in (None, KEEP) else ""
        said.append(f"{state.name} ({severity_words(state)}, {permit_words(state.permits)}{bears}): {state.means}")
    said.append(f"It begins at {table.initial}.")
    said += [f"{_edge_words(edge.source, (edge.on,), edge.to, guard_words(edge.only_if))}." for edge in table.edges]
    if overlay.now is not None:
        said.append(f"Now it is {overlay.now}.")
    said += [
        f"Step {step.n}: {step.source} to {step.target}{f' at {step.at}' if step.at else ''}." for step in overlay.path
    ]
    said += [f"{name}: {share_words(share)} of the time." for name, share in overlay.heat.items()]
    if overlay.masked:
        said.append("It is masked: a state it depends on cannot see.")
    if overlay.stale:
        said.append("It is stale: nothing good was heard lately.")
    return " ".join(said)


def _head(line: Line) -> str:
    if line.role != "chip":
        return text(line, "ink" if line.role == "title" else "quiet")
    rect = line.rect
    chip = {"x": rect.x - CHIP_PAD, "y": rect.y - 5, "width": rect.w + 2 * CHIP_PAD, "height": rect.h + 10, "rx": 11.0}
    return tag("rect", class_="chip quiet-line", **chip) + text(line, "ink")


def _hatch_id(table: Table) -> str:
    return f"ladder-{table.name}-hatch"


def _hatch(table: Table) -> str:
    """Slanted lines: what a parent keeps from seeing."""
    line = tag("path", class_="hair", d="M0 0V8", stroke_width=3.0)
    turned = "rotate(45)"
    return tag(
        "pattern",
        line,
        id=_hatch_id(table),
        width=8.0,
        height=8.0,
        patternUnits="userSpaceOnUse",
        patternTransform=turned,
    )


def _edge_words(source: str, signals: tuple[str, ...], target: str, only_if: str) -> str:
    return f"{source} to {target} on {signal_words(signals)}{f', only if {only_if}' if only_if else ''}"


def _lane(lane: Lane) -> str:
    rect = lane.rect
    hollow = lane.look == UNSURE
    band = tag(
        "rect",
        class_=f"{lane.look}-tint" + (" hair" if hollow else ""),
        x=rect.x,
        y=rect.y,
        width=rect.w,
        height=rect.h,
        rx=10.0,
        stroke_dasharray="3 4" if hollow else "",
        stroke_width=1.2 if hollow else "",
    )
    return band + text(lane.name, lane.look)


def _start(ladder: Ladder) -> str:
    first = next(box.rect for box in ladder.boxes if box.state.name == ladder.table.initial)
    y = first.y + first.h / 2
    dot = tag("circle", class_="ink", cx=first.x - 30, cy=y, r=5.0)
    line = tag("path", class_="line ink-line", d=f"M{num(first.x - 26)} {num(y)}H{num(first.x - HEAD)}")
    return dot + line + arrowhead((first.x - 1, y), (first.x - 26, y), HEAD, "ink")


def _gone(leg: Leg, overlay: Overlay) -> bool:
    return any(taken(edge, step) for step in overlay.path for edge in leg.edges)


def _route(route: Route, overlay: Overlay) -> str:
    legs = sorted(route.legs, key=_reach, reverse=True)
    sides: set[bool] = set()
    drawn = []
    for leg in legs:
        side = leg.points[0][0] < leg.points[-1][0]
        # the furthest leg draws the whole way; the others join it, since a dashed line drawn twice would look solid
        shared = _Shared.NOTHING if not sides else _Shared.END if side not in sides else _Shared.TRUNK
        drawn.append((_gone(leg, overlay), _leg(route, leg, overlay, shared)))
        sides.add(side)
    parts = [part for _, part in sorted(drawn, key=lambda item: item[0])]
    if route.bus.way in STUBS:
        x, y = route.legs[0].points[0]
        parts.append(tag("circle", class_=f"paper {route.look}-line", cx=x, cy=y, r=RING - 0.4, stroke_width=1.7))
    return tag("g", *parts, data_to=route.bus.target)


def _reach(leg: Leg) -> float:
    return abs(leg.points[0][0] - leg.points[-1][0])


def _leg(route: Route, leg: Leg, overlay: Overlay, shared: _Shared) -> str:
    gone = _gone(leg, overlay)
    size = TAKEN_HEAD if gone else HEAD
    (x, y), before = leg.points[-1], leg.points[-2]
    down = 1 if y > before[1] else -1
    tip = (x, y - down * BORDER[route.look] / 2)
    points = (*leg.points[:-1], (x, tip[1] - down * (size - 1)))
    whole = gone or shared is _Shared.NOTHING
    if not whole:
        (start, turn, corner, _) = points
        join = turn[0] + (RADIUS if x > turn[0] else -RADIUS)
        points = (
            (start, turn, (join, turn[1]))
            if shared is _Shared.TRUNK
            else (start, turn, corner, (x, corner[1] + down * RADIUS))
        )
    line = tag(
        "path",
        class_=f"line {route.look}-line" + (" timed" if route.bus.timed else "") + (" taken" if gone else ""),
        d=rounded(points, RADIUS),
    )
    sources = tuple(dict.fromkeys(edge.source for edge in leg.edges))
    signals = tuple(dict.fromkeys(edge.on for edge in leg.edges))
    only_if = guard_words(leg.edges[0].only_if)
    return tag(
        "g",
        tag("title", escape(_edge_words(" or ".join(sources), signals, route.bus.target, only_if))),
        line,
        arrowhead(tip, before, size, route.look) if whole else "",
        class_="leg dim" if overlay.path and not gone else "leg",
        data_from=", ".join(sources),
        data_on=signal_words(signals),
    )


def _box(box: Box, overlay: Overlay, table: Table) -> str:
    rect, look = box.rect, box.look
    place = {"x": rect.x, "y": rect.y, "width": rect.w, "height": rect.h, "rx": 9.0}
    heat = overlay.heat.get(box.state.name, 0.0)
    dashes = "1 4" if overlay.stale else "5 4" if look == UNSURE else ""
    parts = [
        tag("title", escape(f"{box.state.name}: {box.state.means}")),
        tag("rect", class_="paper", **place),
        tag("rect", class_=f"{look}-full", fill_opacity=f"{min(1.0, heat):.2f}", **place) if heat else "",
        tag("rect", fill=f"url(#{_hatch_id(table)})", **place) if overlay.masked else "",
        tag("rect", class_=f"{look}-line", fill="none", stroke_width=BORDER[look], stroke_dasharray=dashes, **place),
        *(text(line, f"{look} halo" if overlay.masked else look) for line in box.lines),
    ]
    if overlay.now == box.state.name:
        ring = {"x": rect.x - 5, "y": rect.y - 5, "width": rect.w + 10, "height": rect.h + 10, "rx": 13.0}
        parts.append(tag("rect", class_="ink-line", fill="none", stroke_width=2.4, **ring))
    return tag("g", *parts, data_state=box.state.name)


def _label(route: Route) -> str:
    looks = {Kind.ORIGIN: "quiet origin", Kind.SIGNAL: route.look, Kind.GUARD: f"{route.look} guard"}
    return "".join(text(line, looks[kind]) for line, kind in route.label.lines)


def _badge(leg: Leg, overlay: Overlay) -> str:
    x, y = leg.badge
    wide = badge_width(leg.words)
    gone = _gone(leg, overlay)
    pill = tag(
        "rect",
        class_="ink" if gone else "paper quiet-line",
        x=x - wide / 2,
        y=y - BADGE_HEIGHT / 2,
        width=wide,
        height=BADGE_HEIGHT,
        rx=BADGE_HEIGHT / 2,
    )
    line = Line(leg.words, x, y + 3.4, BADGE_SIZE, width(leg.words, BADGE_SIZE, bold=True), "badge", bold=True)
    return pill + text(line, "on-ink" if gone else "ink")
