"""How is SVG written, so that the same picture always has the same bytes?"""

from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from supervisor.draw.arrows import UNSURE
from supervisor.draw.ladder_model import Line, Point
from supervisor.draw.palette import DARK, DARK_PAGE, LIGHT, LIGHT_PAGE, UNSURE_COLOURS, Colour, Page
from supervisor.draw.text import FONT

Value = str | float

LOOKS = (*(severity.name.lower() for severity in LIGHT), UNSURE)
"""The names of the colours: the severities, and unsure."""


def num(value: float) -> str:
    """A length with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0" if abs(value) < 0.05 else "-0")


def tag(name: str, *children: str, **attributes: Value) -> str:
    """An element; `class_` and `data_from` stand for `class` and `data-from`. An empty attribute is left out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(value if isinstance(value, str) else num(value))}"
        for key, value in attributes.items()
        if value != ""
    )
    inside = "".join(children)
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def document(name: str, width: float, height: float, title: str, desc: str, parts: Iterable[str]) -> str:
    """A whole picture of that size in pixels, with its words for those who cannot see it. `name` makes its ids its own."""
    size: dict[str, Value] = {"width": width, "height": height, "viewBox": f"0 0 {num(width)} {num(height)}"}
    inside = [
        tag("title", escape(title), id=f"{name}-title"),
        tag("desc", escape(desc), id=f"{name}-desc"),
        tag("style", rules()),
        tag("rect", class_="paper", width=width, height=height, rx=12.0),
        *parts,
    ]
    lines = "\n".join(["", *inside, ""])
    return (
        tag(
            "svg",
            lines,
            xmlns="http://www.w3.org/2000/svg",
            **size,
            role="img",
            aria_labelledby=f"{name}-title {name}-desc",
        )
        + "\n"
    )


def text(line: Line, look: str) -> str:
    """A line of text in its place, pinned to its width so that no font can spill it."""
    return tag(
        "text",
        escape(line.words),
        class_=look,
        x=line.x,
        y=line.y,
        font_size=line.size,
        font_weight="bold" if line.bold else "",
        text_anchor="middle" if line.centred else "",
        textLength=line.width if len(line.words) > 1 else "",
        lengthAdjust="spacingAndGlyphs" if len(line.words) > 1 else "",
    )


def rounded(points: Sequence[Point], radius: float) -> str:
    """The path along these points, right angles rounded."""
    found = [f"M{num(points[0][0])} {num(points[0][1])}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        room = min(
            radius,
            _length(before, here) / (1 if before == points[0] else 2),
            _length(here, after) / (1 if after == points[-1] else 2),
        )
        enter, leave = _towards(here, before, room), _towards(here, after, room)
        found.append(f"L{num(enter[0])} {num(enter[1])}")
        found.append(f"Q{num(here[0])} {num(here[1])} {num(leave[0])} {num(leave[1])}")
    found.append(f"L{num(points[-1][0])} {num(points[-1][1])}")
    return "".join(found)


def arrowhead(tip: Point, before: Point, size: float, look: str) -> str:
    """A filled triangle at `tip`, pointing the way that leads there from `before`."""
    length = _length(before, tip) or 1.0
    dx, dy = (tip[0] - before[0]) / length, (tip[1] - before[1]) / length
    back = (tip[0] - dx * size, tip[1] - dy * size)
    half = size * 0.48
    corners = (tip, (back[0] - dy * half, back[1] + dx * half), (back[0] + dy * half, back[1] - dx * half))
    return tag("path", class_=look, d="M" + "L".join(f"{num(x)} {num(y)}" for x, y in corners) + "Z")


def _length(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(here: Point, there: Point, distance: float) -> Point:
    length = _length(here, there) or 1.0
    return (here[0] + (there[0] - here[0]) * distance / length, here[1] + (there[1] - here[1]) * distance / length)


def rules(night: str = "(prefers-color-scheme:dark)") -> str:
    """The style rules that every picture shares; `night` is the media query for the dark ones."""
    by_day = {**{severity.name.lower(): colour for severity, colour in LIGHT.items()}, UNSURE: UNSURE_COLOURS.light}
    by_night = {**{severity.name.lower(): colour for severity, colour in DARK.items()}, UNSURE: UNSURE_COLOURS.dark}
    found = [
        f"text{{font-family:{FONT}}}",
        ".guard,.origin{font-style:italic}",
        ".line{fill:none;stroke-width:1.7}",
        ".timed{stroke-dasharray:5 4}",
        ".taken{stroke-width:3.6}",
        ".dim{opacity:.42}",
        ".halo{paint-order:stroke;stroke-width:4;stroke-linejoin:round}",
        *_rules(LIGHT_PAGE, by_day),
        f"@media {night}{{",
        *_rules(DARK_PAGE, by_night),
        "}",
    ]
    return "\n" + "\n".join(found) + "\n"


def _rules(page: Page, colours: Mapping[str, Colour]) -> list[str]:
    found = [
        f".paper{{fill:{page.paper}}}.ink{{fill:{page.ink}}}.quiet{{fill:{page.quiet}}}.chip{{fill:{page.chip}}}",
        f".on-ink{{fill:{page.paper}}}.halo{{stroke:{page.paper}}}.ink-line{{stroke:{page.ink}}}.hair{{stroke:{page.hair}}}.quiet-line{{stroke:{page.quiet}}}",
    ]
    found += [
        f".{look}{{fill:{c.line}}}.{look}-line{{stroke:{c.line}}}.{look}-tint{{fill:{c.tint}}}.{look}-full{{fill:{c.full}}}"
        for look, c in colours.items()
    ]
    return found
