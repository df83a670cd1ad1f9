"""How does an entry of the record look: to a person, to a machine, in a spreadsheet?"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from supervisor import clock
from supervisor.cli.output import as_json
from supervisor.core.verdict import mode_of
from supervisor.core.words import permit_names
from supervisor.journal.chain import Entry, EntryKind
from supervisor.journal.query import Where, entries
from supervisor.journal.store import Journal
from supervisor.monitor.recorder import TOLD

TOLD_WITHIN = 2000
"""Entries after a move in which its deliveries are looked for."""
SHORT = 200
"""Characters shown of an entry's body where there are no words of its own for it; --json shows all."""
COLUMNS = (
    "entry", "at", "kind", "concern", "key", "before", "signal", "after", "severity", "issue", "events", "gate_before",
    "gate_after", "permits_before", "permits_after", "evidence", "told",
)  # fmt: skip
HEADER = ("entry", "at", "concern", "move", "events", "gate", "evidence")
EVIDENCE = 40
"""Columns that evidence needs, at the end of a line, to be read there."""
LEAST = (5, 24, 12, 28, 12, 11, 0)
MOST = (9, 24, 28, 44, 36, 22, 0)
"""The narrowest and the widest a column of the table is; what is longer pushes its line to the right."""


def as_dict(entry: Entry, told: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """An entry as one flat record; a move with its gate before and after, and with what was told to whom."""
    head = {"entry": entry.number, "at": clock.iso(entry.at), "kind": str(entry.kind)}
    if entry.kind != EntryKind.MOVE:
        return {**head, "body": dict(entry.body)}
    body = entry.body
    verdict = body.get("verdict")
    after = verdict["permits"] if verdict else body["after"]
    return {
        **head,
        "concern": entry.concern,
        "key": body["key"] or None,
        "before": body["source"],
        "signal": body["signal"],
        "after": body["target"],
        "severity": body["severity"],
        "issue": body["issue"],
        "events": [f"{event['kind']} {event['issue']['code']}" for event in body["events"]],
        "gate_before": mode_of(body["before"]).value,
        "gate_after": mode_of(after, blocked=bool(verdict and verdict["blocks"])).value,
        "permits_before": permit_names(body["before"]),
        "permits_after": permit_names(after),
        "evidence": body["evidence"],
        "told": [dict(delivery) for delivery in told],
    }


def gathered(evidence: str) -> str:
    """The evidence with sources that say the same named together: "profile, balances: timeout" for "…; …"."""
    names: dict[str, list[str]] = {}
    for part in evidence.split("; "):
        name, colon, words = part.partition(": ")
        if colon and name.isidentifier():
            names.setdefault(words, []).append(name)
        else:
            names.setdefault(part, [])
    return "; ".join(f"{', '.join(who)}: {words}" if who else words for words, who in names.items())


@attrs.frozen
class Line:
    """One line of the table in its columns, and lines of what was told below it."""

    cells: tuple[str, ...]
    below: tuple[str, ...] = ()


def as_line(entry: Entry, told: Sequence[Mapping[str, Any]] = ()) -> Line:
    """An entry as one line of the table."""
    head = (str(entry.number), clock.iso(entry.at))
    if entry.kind != EntryKind.MOVE:
        return Line((*head, str(entry.kind), _words(entry)))
    flat = as_dict(entry)
    name = f"{flat['concern']}:{flat['key']}" if flat["key"] else str(flat["concern"])
    before, after = (str(flat[side]).replace("_", " ") for side in ("gate_before", "gate_after"))
    return Line(
        (
            *head,
            name,
            f"{flat['before']} -{flat['signal']}-> {flat['after']}",
            "; ".join(flat["events"]) or "-",
            before if before == after else f"{before} -> {after}",
            gathered(flat["evidence"]),
        ),
        tuple(delivered(delivery) for delivery in told),
    )


def _words(entry: Entry) -> str:
    """What an entry that is no move says, in a line."""
    if entry.kind == TOLD:
        return "; ".join(f"entry {about}: {delivered(delivery)}" for about, delivery in deliveries(entry))
    words = as_json({k: v for k, v in entry.body.items() if k != "cursors"}, indent=None)
    return words if len(words) <= SHORT else words[: SHORT - 1] + "…"


class Widths:
    """How wide the columns are: as the first lines need them, so that later ones stand below them."""

    def __init__(self, lines: Sequence[Line]) -> None:
        whole = [line.cells for line in lines if len(line.cells) == len(HEADER)]
        self._widths = [
            min(most, max(least, *(len(cells[n]) for cells in (HEADER, *whole))))
            for n, (least, most) in enumerate(zip(LEAST, MOST, strict=True))
        ]

    @property
    def wide(self) -> int:
        """Columns from which a line with some evidence has room."""
        return sum(self._widths) + 2 * len(self._widths) + EVIDENCE

    @property
    def hang(self) -> int:
        """Columns that stand left of the time."""
        return self._widths[0] + 2

    def tall(self, line: Line) -> str:
        """The line for a narrow terminal: what moved on top, all else below it, each on a line of its own."""
        top, rest = line.cells[:4], line.cells[4:]
        if rest:
            events, gate, evidence = rest
            rest = (*([] if events == "-" else [events]), f"gate {gate}", evidence)
        head = "  ".join((top[0].ljust(self._widths[0]), *top[1:]))
        return "".join((head, *("\n" + " " * self.hang + words for words in (*rest, *line.below))))

    def header(self) -> str:
        """What the columns are."""
        return self.text(Line(HEADER))

    def text(self, line: Line) -> str:
        """The line, and what was told below it."""
        cells = [cell.ljust(width) for cell, width in zip(line.cells[:-1], self._widths, strict=False)]
        indent = "\n" + " " * self.hang
        return "".join(("  ".join((*cells, line.cells[-1])).rstrip(), *(indent + words for words in line.below)))


def delivered(delivery: Mapping[str, Any]) -> str:
    """What was told to whom, and whether it arrived."""
    fate = "arrived" if delivery["arrived"] else f"did NOT arrive: {delivery['problem']}"
    return f"told {delivery['to']} ({delivery['what']}): {fate}"


def deliveries(entry: Entry) -> Iterator[tuple[int, dict[str, Any]]]:
    """What a `told` entry says: the entry it was about, and each delivery."""
    for about, what, to, problem in entry.body["deliveries"]:
        yield about, {"what": what, "to": to, "arrived": problem is None, "problem": problem}


def told_of(journal: Journal, moves: Sequence[Entry]) -> dict[int, list[dict[str, Any]]]:
    """What was told of these moves, by their numbers. Looked for soon after each, not in all the time between them."""
    found: dict[int, list[dict[str, Any]]] = {}
    seen = 0
    for move in moves:
        seen = max(seen, move.number)
        last = move.number + TOLD_WITHIN
        for entry in entries(journal, Where(kind=TOLD), after=seen, last=last):
            for about, delivery in deliveries(entry):
                found.setdefault(about, []).append(delivery)
        seen = max(seen, last)
    return found


def as_csv(flat: Mapping[str, Any], *, header: bool) -> str:
    """One line of CSV; lists are joined by "; ", and what no column is for goes into `evidence` as JSON."""
    told = "; ".join(delivered(delivery) for delivery in flat.get("told", ()))
    row = {name: flat.get(name) for name in COLUMNS} | {"told": told}
    for name in ("events", "permits_before", "permits_after"):
        row[name] = "; ".join(row[name] or ())
    if "body" in flat:
        row["evidence"] = as_json(flat["body"], indent=None)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerow(row)
    return text.getvalue()
