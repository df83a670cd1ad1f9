"""How is a picture of cards and links drawn, and can it be read?

For the pictures that show no table: everything in them is put in its place by hand, and looked over like a ladder.
"""

from collections.abc import Iterator
from itertools import combinations, pairwise

import attrs

from supervisor.draw.ladder_model import Line, Point, Rect
from supervisor.draw.svg import arrowhead, document, num, rounded, tag, text
from supervisor.draw.text import width

ARROW = 8.0
CHIP_SIZE = 11.5
DOT = 6.0


@attrs.frozen
class Card:
    """A box with its lines, and small bars in the colours of severities, all inside `rect`."""

    rect: Rect
    lines: tuple[Line, ...]
    strong: bool = False
    bars: tuple[tuple[Rect, str], ...] = ()


@attrs.frozen
class Chip:
    """A small word in a severity's colour; `solid` marks what blinds, `hollow` what is unsure."""

    rect: Rect
    line: Line
    look: str
    solid: bool = False
    hollow: bool = False


@attrs.frozen
class Link:
    """A line with right angles, with an arrowhead unless `bare`; `quiet` ones are guides."""

    points: tuple[Point, ...]
    quiet: bool = False
    bare: bool = False
    dashed: bool = False


@attrs.frozen
class Mark:
    """A dot: full where something may be taken away, a ring where it never is."""

    at: Point
    full: bool


@attrs.frozen
class Sheet:
    """A whole picture in pixels. `frames` are dashed outlines around what belongs together."""

    width: float
    height: float
    lines: tuple[Line, ...]
    cards: tuple[Card, ...]
    links: tuple[Link, ...] = ()
    chips: tuple[Chip, ...] = ()
    marks: tuple[Mark, ...] = ()
    frames: tuple[Rect, ...] = ()


def put(
    words: str, x: float, y: float, size: float, role: str = "quiet", *, bold: bool = False, centred: bool = True
) -> Line:
    """A line of text whose baseline is at y; x is its middle, or its left edge unless centred."""
    return Line(words, x, y, size, width(words, size, bold=bold), role, bold, centred)


def sheet_svg(name: str, title: str, desc: str, sheet: Sheet) -> str:
    """The picture as SVG."""
    parts = [
        *(_frame(frame) for frame in sheet.frames),
        *(_link(link) for link in sheet.links),
        *(_card(card) for card in sheet.cards),
        *(_chip(chip) for chip in sheet.chips),
        *(_mark(mark) for mark in sheet.marks),
        *(text(line, line.role) for line in sheet.lines),
    ]
    return document(name, sheet.width, sheet.height, title, desc, parts)


def _place(rect: Rect, radius: float) -> dict[str, float]:
    return {"x": rect.x, "y": rect.y, "width": rect.w, "height": rect.h, "rx": radius}


def _frame(rect: Rect) -> str:
    return tag("rect", class_="chip hair", stroke_dasharray="4 4", stroke_width=1.3, **_place(rect, 14.0))


def _card(card: Card) -> str:
    border = tag("rect", class_="paper ink-line", stroke_width=2.4 if card.strong else 1.4, **_place(card.rect, 9.0))
    bars = [
        tag("rect", class_=f"{look}-full {look}-line", stroke_width=1.3, **_place(rect, 3.0))
        for rect, look in card.bars
    ]
    return "".join([border, *bars, *(text(line, line.role) for line in card.lines)])


def _chip(chip: Chip) -> str:
    look = f"{chip.look} {chip.look}-line" if chip.solid else f"{chip.look}-tint {chip.look}-line"
    pill = tag(
        "rect", class_=look, stroke_width=1.3, stroke_dasharray="4 3" if chip.hollow else "", **_place(chip.rect, 7.0)
    )
    return pill + text(chip.line, "on-ink" if chip.solid else chip.look)


def _mark(mark: Mark) -> str:
    x, y = mark.at
    if mark.full:
        return tag("circle", class_="ink", cx=x, cy=y, r=DOT)
    return tag("circle", class_="paper quiet-line", cx=x, cy=y, r=DOT - 2, stroke_width=1.4)


def _link(link: Link) -> str:
    look = "hair" if link.quiet else "ink-line"
    *before, (x, y) = link.points
    if link.bare:
        return _stroke(link, look, link.points)
    from_x, from_y = before[-1]
    length = abs(x - from_x) + abs(y - from_y)
    back = (x - (x - from_x) / length * (ARROW - 1), y - (y - from_y) / length * (ARROW - 1))
    head = arrowhead((x, y), before[-1], ARROW, "quiet" if link.quiet else "ink")
    return _stroke(link, look, (*before, back)) + head


def _stroke(link: Link, look: str, points: tuple[Point, ...]) -> str:
    return tag(
        "path",
        class_=f"line {look}",
        d=rounded(points, 9.0),
        stroke_dasharray="5 4" if link.dashed else "",
        stroke_width=1.5,
    )


def lint_sheet(sheet: Sheet) -> list[str]:
    """Everything that makes the picture hard to read, each as a sentence; empty for a good one."""
    return [*_texts(sheet), *_meetings(sheet), *_crossed(sheet)]


def _texts(sheet: Sheet) -> Iterator[str]:
    whole = Rect(0, 0, sheet.width, sheet.height)
    for card in sheet.cards:
        yield from (f"{line.words!r} spills over its card" for line in card.lines if not _inside(line.rect, card.rect))
        for rect, look in card.bars:
            if not _inside(rect, card.rect) or any(rect.meets(line.rect) for line in card.lines):
                yield f"the bar for {look} spills over its card or meets a text"
    yield from (f"{c.line.words!r} spills over its chip" for c in sheet.chips if not _inside(c.line.rect, c.rect))
    rects = [*(c.rect for c in sheet.cards), *(c.rect for c in sheet.chips), *(line.rect for line in sheet.lines)]
    yield from (
        f"something reaches out of the picture at {num(r.x)}, {num(r.y)}" for r in rects if not _inside(r, whole)
    )


def _meetings(sheet: Sheet) -> Iterator[str]:
    things = [("card", card.rect) for card in sheet.cards]
    things += [("chip", chip.rect) for chip in sheet.chips]
    things += [("mark", Rect(m.at[0] - DOT, m.at[1] - DOT, 2 * DOT, 2 * DOT)) for m in sheet.marks]
    things += [(f"text {line.words!r}", line.rect) for line in sheet.lines]
    for (one, rect), (other, there) in combinations(things, 2):
        card_mark = {one, other} == {"card", "mark"}
        if rect.meets(there, -1) and not card_mark:
            yield f"a {one} meets a {other} at {num(there.x)}, {num(there.y)}"


def _crossed(sheet: Sheet) -> Iterator[str]:
    for link in sheet.links:
        for (x1, y1), (x2, y2) in pairwise(link.points):
            stroke = Rect(min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2))
            for line in sheet.lines:
                if stroke.meets(line.rect):
                    yield f"a link strikes through {line.words!r}"
            for card in sheet.cards:
                if stroke.meets(card.rect, -1):
                    yield f"a link runs into a card at {num(card.rect.x)}, {num(card.rect.y)}"
            for chip in sheet.chips:
                if stroke.meets(chip.rect):
                    yield f"a link strikes through the chip {chip.line.words!r}"


def _inside(inner: Rect, outer: Rect) -> bool:
    return inner.x >= outer.x and inner.y >= outer.y and inner.right <= outer.right and inner.bottom <= outer.bottom
