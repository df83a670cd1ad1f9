"""Which colour says which severity?

Colour says severity and only that. `line` is text and lines: at least 4.5 : 1 on `paper`, on `tint` and on `full`.
`tint` is the lane behind; `full` is what a box is filled with when all the time was spent in it.
"""

import attrs

from supervisor.core.words import Severity


@attrs.frozen
class Colour:
    """One severity's colours, as #rrggbb."""

    line: str
    tint: str
    full: str


@attrs.frozen
class Both:
    """A thing's colours by day and by night."""

    light: Colour
    dark: Colour


@attrs.frozen
class Page:
    """What is no severity: the paper, the ink, quiet words, hairlines, the ground of a chip."""

    paper: str
    ink: str
    quiet: str
    hair: str
    chip: str


# fmt: off
LIGHT = {
    Severity.OK:       Colour("#14623a", "#edf8f1", "#a9dfbf"),
    Severity.INFO:     Colour("#1d4f91", "#edf4fc", "#b4d2f5"),
    Severity.WARNING:  Colour("#7a4a00", "#fdf6e0", "#f0cf7f"),
    Severity.ERROR:    Colour("#98340a", "#fdefe6", "#f6c1a0"),
    Severity.CRITICAL: Colour("#9c1239", "#fcebf0", "#f4b5c6"),
}
DARK = {
    Severity.OK:       Colour("#7fdca6", "#10251b", "#1d4a33"),
    Severity.INFO:     Colour("#93c4ff", "#11233a", "#1d3f68"),
    Severity.WARNING:  Colour("#f2c55c", "#2a220f", "#54421a"),
    Severity.ERROR:    Colour("#ff9f70", "#301b10", "#5e3015"),
    Severity.CRITICAL: Colour("#ff8fab", "#331320", "#641f38"),
}
# fmt: on
UNSURE_COLOURS = Both(Colour("#475569", "#ffffff", "#cdd5e0"), Colour("#b3bfcf", "#0f141b", "#364152"))
LIGHT_PAGE = Page(paper="#ffffff", ink="#111827", quiet="#566072", hair="#d5dbe4", chip="#f2f4f8")
DARK_PAGE = Page(paper="#0f141b", ink="#eef2f7", quiet="#9aa7b8", hair="#2d3846", chip="#1b232e")


def contrast(one: str, other: str) -> float:
    """The contrast of two #rrggbb colours, 1 to 21, by the formula of WCAG 2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


def mixed(one: str, other: str, share: float) -> str:
    """The colour that is `share` of the way from one to the other."""
    parts = [round(int(one[i : i + 2], 16) * (1 - share) + int(other[i : i + 2], 16) * share) for i in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in parts)
