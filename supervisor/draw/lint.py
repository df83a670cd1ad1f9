"""Can a ladder be read? Its geometry is looked over as a strict reader would."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise

from supervisor.draw.ladder_layout import BADGE_HEIGHT, badge_width
from supervisor.draw.ladder_model import Box, Ladder, Leg, Rect, Route

TOUCH = 0.5
"""Pixels by which two things may come closer than they seem to: what rounding may cost."""


def lint(ladder: Ladder) -> list[str]:
    """Everything that makes the picture hard to read, or wrong, each as a sentence; empty for a good one."""
    return [*_arrows(ladder), *_texts(ladder), *_boxes(ladder), *_lines(ladder), *_labels(ladder), *_badges(ladder)]


def _arrows(ladder: Ladder) -> Iterator[str]:
    shown = Counter(edge for route in ladder.routes for leg in route.legs for edge in leg.edges)
    table = Counter(ladder.table.edges)
    for edge in sorted({*shown, *table}, key=str):
        if shown[edge] != table[edge]:
            yield f"{edge.source} to {edge.to} on {edge.words()} is there {shown[edge]} times, not {table[edge]}"
    for route in ladder.routes:
        for leg in route.legs:
            end = _box(ladder, route.bus.target).rect
            if not _on_side(end, leg.points[-1]):
                yield f"{_leg_name(route, leg)} does not end at its target"
            if leg.source and not _on_side(_box(ladder, leg.source).rect, leg.points[0]):
                yield f"{_leg_name(route, leg)} does not begin at its source"


def _texts(ladder: Ladder) -> Iterator[str]:
    for box in ladder.boxes:
        for line in box.lines:
            if not _within(line.rect, box.rect):
                yield f"the text {line.words!r} is wider or higher than its box"
    for route in ladder.routes:
        for line, _ in route.label.lines:
            if not _within(line.rect, route.label.rect):
                yield f"the text {line.words!r} is wider or higher than its label"
    yield from _outside(ladder)


def _outside(ladder: Ladder) -> Iterator[str]:
    loose = [line.rect for line in (*ladder.head, *ladder.notes)]
    whole = Rect(0, 0, ladder.width, ladder.height)
    bands = [lane.rect for lane in ladder.lanes]
    labels = [route.label.rect for route in ladder.routes]
    for rect in (*loose, *bands, *labels):
        if not _within(rect, whole):
            yield f"something reaches out of the picture at {rect.x:.0f}, {rect.y:.0f}"
    for text in loose:
        for other in (*bands, *labels):
            if text.meets(other):
                yield f"a title or note meets a lane or label at {other.x:.0f}, {other.y:.0f}"
    for one, other in combinations(loose, 2):
        if one.meets(other, -2):
            yield f"titles or notes meet at {one.x:.0f}, {one.y:.0f}"


def _boxes(ladder: Ladder) -> Iterator[str]:
    for one, other in combinations(ladder.boxes, 2):
        if one.rect.meets(other.rect):
            yield f"the boxes {one.state.name} and {other.state.name} meet"
    for box in ladder.boxes:
        lane = next(lane for lane in ladder.lanes if lane.look == box.look)
        if not _within(box.rect, lane.rect):
            yield f"the box {box.state.name} is not in its lane"
        if box.rect.meets(lane.name.rect):
            yield f"the box {box.state.name} meets the name of its lane"
    columns = [box.rect.x for box in ladder.boxes]
    if columns != sorted(columns):
        yield "the columns are not in the order of the table"
    heights = [(lane.rect.y, lane.rect.bottom) for lane in ladder.lanes]
    if any(bottom > top for (_, bottom), (top, _) in pairwise(heights)):
        yield "the lanes meet"


def _lines(ladder: Ladder) -> Iterator[str]:
    for route in ladder.routes:
        for leg in route.legs:
            for rect in _strokes(leg):
                for box in ladder.boxes:
                    foreign = box.state.name not in (leg.source, route.bus.target)
                    if rect.meets(box.rect, 0 if foreign else -2):
                        yield f"{_leg_name(route, leg)} touches the box {box.state.name}"
    for one, other in combinations(ladder.routes, 2):
        for mine in (rect for leg in one.legs for rect in _strokes(leg)):
            for theirs in (rect for leg in other.legs for rect in _strokes(leg)):
                if (mine.w > 2) == (theirs.w > 2) and mine.meets(theirs, 3):
                    yield f"two lines run along each other at {mine.x:.0f}, {mine.y:.0f}"


def _labels(ladder: Ladder) -> Iterator[str]:
    for route in ladder.routes:
        rect = route.label.rect
        for box in ladder.boxes:
            if rect.meets(box.rect):
                yield f"the label of {_name(route)} meets the box {box.state.name}"
        for other in ladder.routes:
            if other is not route and rect.meets(other.label.rect):
                yield f"the labels of {_name(route)} and {_name(other)} meet"
            for leg in other.legs:
                if any(rect.meets(stroke) for stroke in _strokes(leg)):
                    yield f"{_leg_name(other, leg)} strikes through the label of {_name(route)}"


def _badges(ladder: Ladder) -> Iterator[str]:
    badges = [(route, leg, _badge(leg)) for route in ladder.routes for leg in route.legs if leg.words]
    for (route, leg, rect), (_, _, other) in combinations(badges, 2):
        if rect.meets(other):
            yield f"the number on {_leg_name(route, leg)} meets another"
    for route, leg, rect in badges:
        for other_route in ladder.routes:
            if rect.meets(other_route.label.rect):
                yield f"the number on {_leg_name(route, leg)} meets the label of {_name(other_route)}"
            for other_leg in other_route.legs:
                if other_route is not route and any(rect.meets(stroke) for stroke in _strokes(other_leg)):
                    yield f"the number on {_leg_name(route, leg)} lies on {_leg_name(other_route, other_leg)}"
        for box in ladder.boxes:
            if rect.meets(box.rect):
                yield f"the number on {_leg_name(route, leg)} meets the box {box.state.name}"


def _badge(leg: Leg) -> Rect:
    wide = badge_width(leg.words)
    return Rect(leg.badge[0] - wide / 2, leg.badge[1] - BADGE_HEIGHT / 2, wide, BADGE_HEIGHT)


def _strokes(leg: Leg) -> list[Rect]:
    """The straight pieces of a leg, a pixel wide; its rounded corners lie within their angle."""
    found = []
    for (x1, y1), (x2, y2) in pairwise(leg.points):
        found.append(Rect(min(x1, x2) - TOUCH, min(y1, y2) - TOUCH, abs(x1 - x2) + 2 * TOUCH, abs(y1 - y2) + 2 * TOUCH))
    return found


def _box(ladder: Ladder, name: str) -> Box:
    return next(box for box in ladder.boxes if box.state.name == name)


def _on_side(rect: Rect, point: tuple[float, float]) -> bool:
    return rect.x < point[0] < rect.right and min(abs(point[1] - rect.y), abs(point[1] - rect.bottom)) < TOUCH


def _within(inner: Rect, outer: Rect) -> bool:
    return (
        inner.x >= outer.x - TOUCH
        and inner.y >= outer.y - TOUCH
        and inner.right <= outer.right + TOUCH
        and inner.bottom <= outer.bottom + TOUCH
    )


def _name(route: Route) -> str:
    return f"{route.bus.target} on {' '.join(words for words, _ in route.bus.lines)}"


def _leg_name(route: Route, leg: Leg) -> str:
    return f"the line from {leg.source or 'any other'} to {_name(route)}"
