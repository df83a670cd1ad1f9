"""Which arrows of a table may be drawn as one, and how do they read?

Those that share where from, where to and only-if: their signals stand side by side. An arrow from ANY state stays one
arrow that knows the states it really leaves, so every edge of the table is in exactly one `Drawn`.
"""

import attrs

from supervisor.core.guards import Guard
from supervisor.core.table import Arrow, Edge, State, Table
from supervisor.core.words import ALL, ANY, CANCELLING, CLOSING, KEEP, TIME, Permit, permit_names

ANY_OTHER = "any other"
"""How the source of an arrow from ANY state reads."""

UNSURE = "unsure"
"""How the severity of a state bearing KEEP reads: it opens and closes no issue."""

_IN_WORDS = {
    ALL: "open",
    CLOSING: "exits only",
    CANCELLING: "cancel only",
    CLOSING | Permit.OPEN_EQUITY: "exits, new equities",
    CLOSING | Permit.OPEN_OPTION: "exits, new options",
}


@attrs.frozen
class Drawn:
    """Edges of a table that one arrow stands for. `anywhere` marks an arrow from ANY state."""

    sources: tuple[str, ...]
    signals: tuple[str, ...]
    to: str
    only_if: tuple[Guard, ...]
    edges: tuple[Edge, ...]
    anywhere: bool = False


def drawn(table: Table) -> tuple[Drawn, ...]:
    """The table's arrows as a picture shows them, in the table's order."""
    own = {(arrow.source, signal) for arrow in table.arrows if arrow.source != ANY for signal in arrow.on}
    merged: dict[tuple[tuple[str, ...], str, tuple[Guard, ...], bool], list[Edge]] = {}
    for arrow in table.arrows:
        for signal in arrow.on:
            sources = _sources(table, arrow, signal, own)
            if sources:
                key = (sources, arrow.to, arrow.only_if, arrow.source == ANY)
                merged.setdefault(key, []).extend(Edge(s, signal, arrow.to, arrow.only_if) for s in sources)
    return tuple(
        Drawn(sources, tuple(dict.fromkeys(edge.on for edge in edges)), to, only_if, tuple(edges), anywhere)
        for (sources, to, only_if, anywhere), edges in merged.items()
    )


def _sources(table: Table, arrow: Arrow, signal: str, own: set[tuple[str, str]]) -> tuple[str, ...]:
    if arrow.source != ANY:
        return (arrow.source,)
    return tuple(name for name in table.states if name != arrow.to and (name, signal) not in own)


def source_words(table: Table, arrow: Drawn) -> str:
    """Where an arrow comes from, in words; an arrow from ANY state names the states it does not leave."""
    return others_words(table, arrow.sources, arrow.to) if arrow.anywhere else arrow.sources[0]


def others_words(table: Table, sources: tuple[str, ...], to: str) -> str:
    """Many sources in words, by the states that are not among them."""
    spared = spared_by(table, sources, to)
    return f"{ANY_OTHER} but {', '.join(spared)}" if spared else ANY_OTHER


def spared_by(table: Table, sources: tuple[str, ...], to: str) -> list[str]:
    """The states that none of these arrows leaves, the target aside."""
    return [name for name in table.states if name != to and name not in sources]


def signal_words(signals: tuple[str, ...]) -> str:
    """The signals side by side; the passing of time reads `time`."""
    return ", ".join("time" if signal == TIME else signal for signal in signals)


def guard_words(guards: tuple[Guard, ...]) -> str:
    """The guards, finishing "only if"; empty without any."""
    return ", ".join(guard.words for guard in guards)


def label(arrow: Drawn) -> str:
    """The signals and guards of one arrow, as on a picture; time is known by its guard."""
    guards = guard_words(arrow.only_if)
    if arrow.signals == (TIME,):
        return guards or "time"
    return f"{signal_words(arrow.signals)} [{guards}]" if guards else signal_words(arrow.signals)


def permit_words(permits: Permit) -> str:
    """What a state permits, in the fewest words a trader understands."""
    if permits in _IN_WORDS:
        return _IN_WORDS[permits]
    return ", ".join(name.replace("_", " ") for name in permit_names(permits)) or "nothing"


def severity_words(state: State) -> str:
    """How bad a state is, in one lower-case word."""
    return UNSURE if state.issue == KEEP else state.severity.name.lower()


def issue_words(state: State) -> str:
    """The issue code a state bears; what was open stays open under KEEP; empty with none."""
    return "keeps what is open" if state.issue == KEEP else state.issue or ""
