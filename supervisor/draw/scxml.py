"""How does a table read as SCXML, so that another engine can run it?

What this engine counts, the host supplies: before each event it sets the data `run` (consecutive signals of the event's
family, this one included), `held` (seconds since the state was entered), `silent` (seconds since the last good reading,
or since the state was entered if that is later) and `<signal>_of_last_<n>` (how often a signal came in the last rounds,
this one included). The passing of time is the event `time`.
"""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from supervisor.core.guards import Guard, Held, InARow, Lately, Silent
from supervisor.core.table import Table
from supervisor.core.words import TIME

TIME_EVENT = "time"
"""The event that says that time passed."""

_HEAD = 'xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="ecmascript"'


def scxml(table: Table) -> str:
    """The table as SCXML 1.0. Transitions stand in the order in which they are tried."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<scxml {_HEAD} name={quoteattr(table.name)} initial={quoteattr(table.initial)}>",
        "  <datamodel>",
        *(f'    <data id={quoteattr(name)} expr="0"/>' for name in data_names(table)),
        "  </datamodel>",
    ]
    for name in table.states:
        lines.append(f"  <state id={quoteattr(name)}>")
        for edge in (edge for edge in table.edges if edge.source == name):
            event = TIME_EVENT if edge.on == TIME else edge.on
            cond = " && ".join(condition(guard) for guard in edge.only_if)
            only_if = f" cond={quoteattr(cond)}" if cond else ""
            lines.append(f"    <transition event={quoteattr(event)}{only_if} target={quoteattr(edge.to)}/>")
        lines.append("  </state>")
    return "\n".join([*lines, "</scxml>"]) + "\n"


def data_names(table: Table) -> list[str]:
    """The data that the host supplies for this table."""
    return list(dict.fromkeys(["run", "held", "silent", *_lately_names(table)]))


def _lately_names(table: Table) -> Iterator[str]:
    return (lately_name(g) for edge in table.edges for g in edge.only_if if isinstance(g, Lately))


def lately_name(guard: Lately) -> str:
    """The name of the count of that signal in the last rounds."""
    return f"{guard.signal}_of_last_{guard.of}"


def condition(guard: Guard) -> str:
    """The guard as an expression that ECMAScript and Python both read alike."""
    match guard:
        case InARow(n):
            return f"run >= {n}"
        case Held(seconds):
            return f"held >= {_exact(seconds)}"
        case Silent(seconds):
            return f"silent >= {_exact(seconds)}"
        case Lately(n):
            return f"{lately_name(guard)} >= {n}"


def _exact(seconds: float) -> str:
    """The number in full; a whole one without its point."""
    return str(int(seconds)) if seconds == int(seconds) else repr(seconds)
