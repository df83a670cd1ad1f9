"""How does a look at the broker become a yes or a no?"""

from itertools import pairwise

import attrs

from supervisor.draw.ladder_model import Line, Point, Rect
from supervisor.draw.sheet import Card, Link, Sheet, put, sheet_svg

TITLE = "From a reading to a yes or a no"
WIDE, HIGH = 164.0, 104.0
LEFT, TOP, ACROSS, DOWN = 34.0, 142.0, 206.0, 184.0
COLUMNS = 6

_SAID = (
    "Probes ask the broker and bring back readings: a value or a typed failure. The readings of one round are one signal "
    "to each concern. Each concern's table moves on signals and time, and the states of all fold into one verdict: what "
    "is permitted, a score, and the reasons. The gate is that verdict as an agent asks it before each order. Moves are "
    "told as events: detected, fixed, resolved. Repairs are proved by fresh readings. Every reading, every move and "
    "every order's intent is in the journal, from which all can be replayed. Orders are sent once and read back."
)


@attrs.frozen
class Place:
    """A card's cell in the grid, and how many columns it spans."""

    column: int
    row: int
    span: int = 1

    @property
    def rect(self) -> Rect:
        """Where that is, in pixels."""
        wide = WIDE + (self.span - 1) * ACROSS
        return Rect(LEFT + self.column * ACROSS, TOP + self.row * DOWN, wide, HIGH)


# fmt: off
CARDS = {
    "probes":   (Place(0, 0),    "Probes",   ("one question each;", "every wait ends")),
    "readings": (Place(1, 0),    "Readings", ("a value or a typed", "failure, never a guess")),
    "signals":  (Place(2, 0),    "Signals",  ("what a round means", "to one concern")),
    "tables":   (Place(3, 0),    "Tables",   ("one for each concern",)),
    "verdict":  (Place(4, 0),    "Verdict",  ("permits, blocks, score,", "status, reasons")),
    "gate":     (Place(5, 0),    "Gate",     ("open, restricted,", "reduce only or halted")),
    "broker":   (Place(0, 1),    "Broker",   ("answers, stalls,", "or says nonsense")),
    "remedies": (Place(2, 1),    "Remedies", ("plan, apply, verify,", "undo")),
    "events":   (Place(3, 1),    "Events",   ("detected, fixed,", "resolved")),
    "people":   (Place(4, 1),    "Watchers", ("callbacks, log,", "views")),
    "agent":    (Place(5, 1),    "Agent",    ("asks before it acts",)),
    "journal":  (Place(1, 2, 3), "Journal",  ("every reading, every move, every intent: hash-chained,", "and from it all can be replayed")),
    "orders":   (Place(5, 2),    "Orders",   ("submit once, read back,", "diagnose")),
}
# fmt: on


def product() -> str:
    """The picture of how the parts work together, as SVG."""
    return sheet_svg("product", TITLE, _SAID, product_sheet())


def product_sheet() -> Sheet:
    """The picture of how the parts work together, everything in its place."""
    at = {name: place.rect for name, (place, _, _) in CARDS.items()}
    right = LEFT + (COLUMNS - 1) * ACROSS + WIDE
    bottom = TOP + 2 * DOWN + HIGH
    decides = Rect(at["signals"].x - 20, TOP - 42, at["verdict"].right - at["signals"].x + 40, HIGH + 62)
    return Sheet(
        width=right + LEFT,
        height=bottom + 66,
        lines=(
            put(TITLE, LEFT, 44, 25, "ink", bold=True, centred=False),
            put(
                "What takes a permit away counts at once; what gives one counts only once it is on record.",
                LEFT,
                69,
                14,
                centred=False,
            ),
            put("decides: no clock, no network, no chance", decides.x + 16, decides.y + 22, 12.5, centred=False),
            *_notes(at),
        ),
        cards=tuple(_card(name, at[name]) for name in CARDS),
        links=_links(at, bottom),
        frames=(decides,),
    )


def _card(name: str, rect: Rect) -> Card:
    _, title, says = CARDS[name]
    middle = rect.x + rect.w / 2
    lines = [put(title, middle, rect.y + 36, 17, "ink", bold=True)]
    lines += [put(words, middle, rect.y + 59 + i * 17, 13) for i, words in enumerate(says)]
    return Card(rect, tuple(lines), strong=name == "gate", bars=_stairs(rect) if name == "tables" else ())


def _stairs(rect: Rect) -> tuple[tuple[Rect, str], ...]:
    """A small ladder: the severities, top to bottom."""
    looks = ("ok", "warning", "error", "critical")
    wide, high = 30.0, 7.0
    left = rect.x + (rect.w - len(looks) * wide) / 2
    return tuple((Rect(left + i * wide, rect.y + 68 + i * high, wide, high), look) for i, look in enumerate(looks))


def _side(rect: Rect, which: str, share: float = 0.5) -> Point:
    return {
        "left": (rect.x, rect.y + rect.h * share),
        "right": (rect.right, rect.y + rect.h * share),
        "top": (rect.x + rect.w * share, rect.y),
        "bottom": (rect.x + rect.w * share, rect.bottom),
    }[which]


def _links(at: dict[str, Rect], bottom: float) -> tuple[Link, ...]:
    row = ("probes", "readings", "signals", "tables", "verdict", "gate")
    across = [Link((_side(at[a], "right"), _side(at[b], "left"))) for a, b in pairwise(row)]
    below = bottom + 34
    again = _side(at["readings"], "bottom", 0.8)
    out, back = _side(at["orders"], "bottom"), _side(at["broker"], "bottom")
    return (
        *across,
        Link((_side(at["probes"], "bottom", 0.4), _side(at["broker"], "top", 0.4))),
        Link((_side(at["broker"], "top", 0.6), _side(at["probes"], "bottom", 0.6))),
        Link((_side(at["tables"], "bottom"), _side(at["events"], "top"))),
        Link((_side(at["events"], "left"), _side(at["remedies"], "right"))),
        Link((_side(at["events"], "right"), _side(at["people"], "left"))),
        Link((_side(at["remedies"], "left"), (again[0], at["remedies"].y + HIGH / 2), again), dashed=True),
        Link((_side(at["agent"], "top", 0.4), _side(at["gate"], "bottom", 0.4))),
        Link((_side(at["gate"], "bottom", 0.6), _side(at["agent"], "top", 0.6))),
        Link((_side(at["agent"], "bottom"), _side(at["orders"], "top"))),
        Link(((_side(at["readings"], "bottom")), (_side(at["readings"], "bottom")[0], at["journal"].y))),
        Link((_side(at["events"], "bottom"), (_side(at["events"], "bottom")[0], at["journal"].y))),
        Link((_side(at["orders"], "left"), _side(at["journal"], "right"))),
        Link((out, (out[0], below), (back[0], below), back)),
    )


def _notes(at: dict[str, Rect]) -> list[Line]:
    """What runs along the links."""
    middle = (at["orders"].x + at["journal"].right) / 2
    events = _side(at["events"], "bottom")
    readings = _side(at["readings"], "bottom")
    again = _side(at["readings"], "bottom", 0.8)
    asked, told = _side(at["agent"], "top", 0.4)[0], _side(at["agent"], "top", 0.6)[0]
    return [
        put("every one", readings[0] + 9, at["events"].bottom + 44, 12.5, centred=False),
        put("every one, before", events[0] + 9, at["events"].bottom + 36, 12.5, centred=False),
        put("it is told", events[0] + 9, at["events"].bottom + 52, 12.5, centred=False),
        put("moves", events[0] + 9, at["events"].y - 24, 12.5, centred=False),
        put("may I?", asked - 28, at["agent"].y - 36, 12.5),
        put("yes or no,", told + 9, at["agent"].y - 44, 12.5, centred=False),
        put("and why", told + 9, at["agent"].y - 28, 12.5, centred=False),
        put("proved by", again[0] + 4, at["remedies"].y + HIGH / 2 + 20, 12.5, centred=False),
        put("fresh readings", again[0] - 16, at["remedies"].y + HIGH / 2 + 36, 12.5, centred=False),
        put("the intent, before it is sent", middle, at["orders"].y + HIGH / 2 - 9, 12.5),
        put("each order once", at["journal"].x + at["journal"].w / 2, at["journal"].bottom + 26, 12.5),
    ]
