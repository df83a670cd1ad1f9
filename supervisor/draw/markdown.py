"""How does a table read as two Markdown tables: the states, the arrows?"""

from collections.abc import Iterable, Sequence

from supervisor.core.table import Table
from supervisor.draw.arrows import (
    drawn,
    guard_words,
    issue_words,
    permit_words,
    severity_words,
    signal_words,
    source_words,
)

_STATES = ("state", "severity", "permits", "issue", "meaning")
_ARROWS = ("from", "on", "only if", "to")


def markdown(table: Table) -> str:
    """A heading, what the table is about, its states and its arrows."""
    states = [
        (
            f"**{_cell(state.name)}**" + (" (initial)" if state.name == table.initial else ""),
            severity_words(state),
            permit_words(state.permits),
            f"`{_cell(issue_words(state))}`"
            if severity_words(state) != "unsure" and state.issue
            else issue_words(state),
            _cell(state.means) + (" Blinds what depends on it." if state.blinds else ""),
        )
        for state in table.states.values()
    ]
    arrows = [
        (
            _cell(source_words(table, arrow)),
            _cell(signal_words(arrow.signals)),
            _cell(guard_words(arrow.only_if)),
            _cell(arrow.to),
        )
        for arrow in drawn(table)
    ]
    parts = [f"# {table.name}"]
    if table.about:
        parts.append(table.about)
    if table.depends_on:
        parts.append(f"Judged only while it can be seen through: {', '.join(table.depends_on)}.")
    parts += ["## States", _table(_STATES, states), "## Arrows", _table(_ARROWS, arrows)]
    families = [f"* {family.name}: {', '.join(family.signals)}" for family in table.families]
    if families:
        parts += ["Signals that count as one in a row:", "\n".join(families)]
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(words: str) -> str:
    return words.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
