"""The picture of the live screen in the README: an outage, as `supervisor run` shows it. `make diagrams` writes it.

The frames are drawn as lines and the text is pinned to its cells, so that it looks the same with any font.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
from freezegun import freeze_time
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from supervisor.cli.view import Screen
from supervisor.draw.svg import num, tag
from supervisor.simulator import preset

from monitor.test_monitor_days import MONDAY, run
from monitor.watching import watch

COLUMNS, ROWS = 100, 40
CELL, LINE, SIZE = 8.4, 20.0, 14.0
SIDE, BAR, FOOT = 18.0, 40.0, 14.0
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace"
PAPER, INK, FRAME, EDGE = "#0f141b", "#dfe6ee", "#55626f", "#2d3846"
COLOURS = {
    "red": "#ff7b8b",
    "green": "#7fdca6",
    "yellow": "#f2c55c",
    "cyan": "#7fd6e8",
    "bright_blue": "#93c4ff",
    "dark_orange": "#ff9f70",
}
"""What a terminal's colours look like here; each at least 4.5 : 1 on the paper."""
DIM = "#9aa7b8"
LINES = {"─": "M0 10H8.4", "│": "M4.2 0V20", "╭": "M4.2 20V14Q4.2 10 8.4 10", "╮": "M0 10Q4.2 10 4.2 14V20",
         "╰": "M4.2 0V6Q4.2 10 8.4 10", "╯": "M0 10Q4.2 10 4.2 6V0"}  # fmt: skip
SHAPES = {"●": "M4.2 6.2A3.8 3.8 0 1 0 4.3 6.2Z", "▼": "M.6 6.5H7.8L4.2 13.5Z", "▲": "M.6 13.5H7.8L4.2 6.5Z",
          "█": "M0 3.5H8.5V16.5H0Z"}  # fmt: skip
OUTLINES = {"○": "M4.2 6.2A3.8 3.8 0 1 0 4.3 6.2Z", "░": "M0 4H8.4M0 16H8.4"}


@attrs.frozen
class Run:
    """Characters of one look, from one column on."""

    column: int
    words: str
    style: Style


def picture() -> str:
    """The live screen some minutes into an outage, as SVG; always the same bytes."""
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(simulator)
        screen = Screen("supervisor")
        supervisor.subscribe(screen.note, name="watch")
        run(frozen, supervisor, 3600)
        simulator.inject("html", seconds=240)
        run(frozen, supervisor, 3 * 3600)
        simulator.inject("hang", seconds=600)
        run(frozen, supervisor, 180)
        terminal = Console(file=io.StringIO(), width=COLUMNS, height=ROWS, color_system="truecolor")
        return drawn(terminal.render_lines(screen.render(supervisor.health(), terminal)))


def drawn(lines: list[list[Segment]]) -> str:
    """These lines of a terminal, in a window of their own."""
    wide, high = COLUMNS * CELL + 2 * SIDE, len(lines) * LINE + BAR + FOOT
    dots = [tag("circle", cx=SIDE + 8 + 18 * i, cy=BAR / 2, r=5.5, fill=EDGE) for i in range(3)]
    title = tag("text", "supervisor run", x=wide / 2, y=BAR / 2 + 5, text_anchor="middle", fill=DIM)
    rows = [
        tag(
            "g",
            *(part for piece in runs(line) for part in marks(piece)),
            transform=f"translate({num(SIDE)} {num(BAR + i * LINE)})",
        )
        for i, line in enumerate(lines)
    ]
    size: dict[str, str | float] = {"width": wide, "height": high, "viewBox": f"0 0 {num(wide)} {num(high)}"}
    inside = [
        tag("title", "The live view during an outage", id="live-title"),
        tag("style", f"text{{font:{num(SIZE)}px {FONT};white-space:pre}}"),
        tag("rect", x=0.5, y=0.5, width=wide - 1, height=high - 1, rx=10.0, fill=PAPER, stroke=EDGE),
        *dots,
        title,
        *rows,
    ]
    whole = "\n".join(["", *inside, ""])
    return (
        tag("svg", whole, xmlns="http://www.w3.org/2000/svg", **size, role="img", aria_labelledby="live-title") + "\n"
    )


def runs(line: list[Segment]) -> Iterator[Run]:
    """The line's characters by look, what is drawn apart from what is written."""
    column = 0
    for segment in line:
        words = ""
        for char in segment.text:
            if words and (_is_drawn(char) != _is_drawn(words[-1]) or (_is_drawn(char) and char != words[-1])):
                yield Run(column, words, segment.style or Style())
                column, words = column + len(words), ""
            words += char
        if words:
            yield Run(column, words, segment.style or Style())
            column += len(words)


def _is_drawn(char: str) -> bool:
    return char in LINES or char in SHAPES or char in OUTLINES


def marks(piece: Run) -> Iterator[str]:
    """One run as SVG."""
    style, char = piece.style, piece.words[0]
    colour = COLOURS.get(style.color.name, INK) if style.color else DIM if style.dim else INK
    x, wide = piece.column * CELL, len(piece.words) * CELL
    if char in LINES:
        path = f"M0 10H{num(wide)}" if char == "─" else LINES[char]
        yield tag("path", d=path, fill="none", stroke=FRAME, stroke_width=1.3, transform=f"translate({num(x)} 0)")
    elif char in SHAPES:
        path = f"M0 3.5H{num(wide)}V16.5H0Z" if char == "█" else SHAPES[char]
        yield tag("path", d=path, fill=colour, transform=f"translate({num(x)} 0)")
    elif char in OUTLINES:
        path = f"M0 4H{num(wide)}V16H0" if char == "░" else OUTLINES[char]
        yield tag(
            "path",
            d=path,
            fill="none",
            stroke=EDGE if char == "░" else colour,
            stroke_width=1.4,
            transform=f"translate({num(x)} 0)",
        )
    elif piece.words.strip():
        if style.reverse:
            yield tag("rect", x=x, y=1.0, width=wide, height=LINE - 2, rx=4.0, fill=colour)
        words = piece.words.strip()
        left = x + (len(piece.words) - len(piece.words.lstrip())) * CELL
        yield tag(
            "text",
            words.replace("&", "&amp;").replace("<", "&lt;"),
            x=left,
            y=15.0,
            fill=PAPER if style.reverse else colour,
            font_weight="bold" if style.bold else "",
            font_style="italic" if style.italic else "",
            textLength=len(words) * CELL,
            lengthAdjust="spacingAndGlyphs",
        )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(), encoding="utf-8")
