"""What is watched, what rests on what, and what may each take away?

One row for each concern, under the one it depends on: its question, its states, and the permits that some state of it
withholds. The permits run down through all rows into the gate: each is open only where every row leaves it open.
"""

from collections.abc import Mapping, Sequence

from supervisor.core.concern import Concern, in_order
from supervisor.core.table import Table
from supervisor.core.words import ALL, EACH_PERMIT, PERMIT_NAMES, Permit
from supervisor.draw.arrows import UNSURE, severity_words
from supervisor.draw.ladder_model import Rect
from supervisor.draw.sheet import CHIP_SIZE, Card, Chip, Link, Mark, Sheet, put, sheet_svg
from supervisor.draw.text import width, wrapped

LEFT, TOP, ROW = 28.0, 168.0, 74.0
STEP, CARD_WIDTH, CARD_HEIGHT = 24.0, 258.0, 60.0
CHIP_HEIGHT, CHIP_GAP, CHIP_PAD = 21.0, 7.0, 8.0
CHIPS_WIDTH = 410.0
PERMIT_STEP = 56.0
GATE_HEIGHT = 66.0
TITLE = "What is watched"


def overview(concerns: Sequence[Concern]) -> str:
    """The picture of all concerns, as SVG."""
    tables = _as_tree(concerns)
    said = ["Each concern answers one question."]
    for table in tables:
        under = f" It is asked only while {' and '.join(table.depends_on)} can see." if table.depends_on else ""
        said.append(f"{table.name}: {table.about}{under} It may take away: {_taken_words(table)}.")
    said.append("The gate opens a permit only where every concern leaves it open.")
    return sheet_svg("overview", TITLE, " ".join(said), overview_sheet(concerns))


def overview_sheet(concerns: Sequence[Concern]) -> Sheet:
    """The picture of all concerns, everything in its place."""
    tables = _as_tree(concerns)
    depth = _depths(tables)
    chips_left = LEFT + max(depth.values()) * STEP + CARD_WIDTH + 24
    permits_left = chips_left + CHIPS_WIDTH + 44
    right = permits_left + (len(EACH_PERMIT) - 1) * PERMIT_STEP + 34
    places = {
        t.name: Rect(LEFT + depth[t.name] * STEP, TOP + i * ROW, CARD_WIDTH, CARD_HEIGHT) for i, t in enumerate(tables)
    }
    bottom = TOP + len(tables) * ROW
    gate = Rect(chips_left, bottom + 22, right - chips_left, GATE_HEIGHT)
    columns = {permit: permits_left + i * PERMIT_STEP for i, permit in enumerate(EACH_PERMIT)}
    heads = [
        put(words, x, TOP - 40 + i * 15, 12.5)
        for permit, x in columns.items()
        for i, words in enumerate(PERMIT_NAMES[permit].split("_"))
    ]
    return Sheet(
        width=right + LEFT,
        height=gate.bottom + 26,
        lines=(
            put(TITLE, LEFT, 42, 25, "ink", bold=True, centred=False),
            put(
                "Each concern answers one question; what a parent cannot see, its children are not asked.",
                LEFT,
                66,
                14,
                centred=False,
            ),
            put("the concern, and what it asks", LEFT, TOP - 25, 12.5, centred=False),
            put("its states; a solid one blinds all below it", chips_left, TOP - 25, 12.5, centred=False),
            put("what it may take away: a full dot", (permits_left + right - 34) / 2, TOP - 66, 13.5, "ink", bold=True),
            *heads,
        ),
        cards=(*(_card(table, places[table.name]) for table in tables), _gate(gate)),
        links=(
            *(link for t in tables for link in _branches(places[t.name], _children(tables, t.name, places))),
            *(Link(((x, TOP - 12), (x, gate.y)), quiet=True) for x in columns.values()),
        ),
        chips=(
            *(chip for table in tables for chip in _chips(table, chips_left, places[table.name])),
            *_legend(gate.y + (GATE_HEIGHT - CHIP_HEIGHT) / 2 - 14),
        ),
        marks=tuple(
            Mark((x, places[table.name].y + CARD_HEIGHT / 2), full=bool(permit & taken_away(table)))
            for table in tables
            for permit, x in columns.items()
        ),
    )


def taken_away(table: Table) -> Permit:
    """The permits that some state of the table withholds."""
    found = Permit(0)
    for state in table.states.values():
        found |= ALL & ~state.permits
    return found


def _taken_words(table: Table) -> str:
    taken = taken_away(table)
    return ", ".join(PERMIT_NAMES[p].replace("_", " ") for p in EACH_PERMIT if p & taken) or "nothing"


def _as_tree(concerns: Sequence[Concern]) -> list[Table]:
    """The tables, each right under its first parent."""
    tables = [concern.table for concern in in_order(tuple(concerns))]

    def under(parent: str) -> list[Table]:
        found = []
        for table in tables:
            if (table.depends_on[0] if table.depends_on else "") == parent:
                found += [table, *under(table.name)]
        return found

    return under("")


def _depths(tables: Sequence[Table]) -> dict[str, int]:
    depth: dict[str, int] = {}
    for table in tables:
        depth[table.name] = depth[table.depends_on[0]] + 1 if table.depends_on else 0
    return depth


def _card(table: Table, rect: Rect) -> Card:
    asks = wrapped(table.about, 12, rect.w - 24)[:2]
    down = rect.y + (rect.h - 18 - 14 * len(asks)) / 2
    name = put(table.name.replace("_", " "), rect.x + 12, down + 14, 15, "ink", bold=True, centred=False)
    return Card(
        rect, (name, *(put(words, rect.x + 12, down + 30 + i * 14, 12, centred=False) for i, words in enumerate(asks)))
    )


def _gate(rect: Rect) -> Card:
    return Card(
        rect,
        (
            put("The gate", rect.x + 18, rect.y + 28, 17, "ink", bold=True, centred=False),
            put(
                "opens a permit only where every concern leaves it open. It never blocks cancelling.",
                rect.x + 18,
                rect.y + 49,
                13,
                centred=False,
            ),
        ),
        strong=True,
    )


def _children(tables: Sequence[Table], parent: str, places: Mapping[str, Rect]) -> list[Rect]:
    return [places[table.name] for table in tables if parent in table.depends_on]


def _branches(parent: Rect, children: Sequence[Rect]) -> list[Link]:
    """A line down to the last child, and from it one to each other: no stretch is drawn twice."""
    x = parent.x + 10
    if not children:
        return []
    *others, last = children
    whole = Link(((x, parent.bottom), (x, last.y + last.h / 2), (last.x, last.y + last.h / 2)))
    return [*(Link(((x, c.y + c.h / 2), (c.x, c.y + c.h / 2))) for c in others), whole]


def _chips(table: Table, left: float, row: Rect) -> list[Chip]:
    """The states in the table's order, in as many lines as they need, midway in their row."""
    lines: list[list[Chip]] = [[]]
    x = left
    for state in table.states.values():
        wide = width(state.name, CHIP_SIZE) + 2 * CHIP_PAD
        if lines[-1] and x + wide > left + CHIPS_WIDTH:
            lines.append([])
            x = left
        look = severity_words(state)
        rect = Rect(x, 0, wide, CHIP_HEIGHT)
        lines[-1].append(Chip(rect, put(state.name, x + wide / 2, 0, CHIP_SIZE), look, state.blinds, look == UNSURE))
        x += wide + CHIP_GAP
    step = CHIP_HEIGHT + CHIP_GAP
    down = row.y + (row.h - len(lines) * step + CHIP_GAP) / 2
    return [_lowered(chip, down + i * step) for i, chips in enumerate(lines) for chip in chips]


def _legend(y: float) -> list[Chip]:
    """One chip for each severity, and for what is unsure, in two lines."""
    found: list[Chip] = []
    for i, row in enumerate((("ok", UNSURE, "info"), ("warning", "error", "critical"))):
        x = LEFT
        for look in row:
            wide = width(look, CHIP_SIZE) + 2 * CHIP_PAD
            rect = Rect(x, y + i * (CHIP_HEIGHT + CHIP_GAP), wide, CHIP_HEIGHT)
            found.append(Chip(rect, put(look, x + wide / 2, rect.y + 14.5, CHIP_SIZE), look, hollow=look == UNSURE))
            x += wide + CHIP_GAP
    return found


def _lowered(chip: Chip, y: float) -> Chip:
    rect = Rect(chip.rect.x, y, chip.rect.w, chip.rect.h)
    return Chip(rect, put(chip.line.words, chip.line.x, y + 14.5, CHIP_SIZE), chip.look, chip.solid, chip.hollow)
