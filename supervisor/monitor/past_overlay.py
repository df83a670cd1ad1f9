"""What did one table go through, to be drawn over its ladder?"""

from collections import Counter
from collections.abc import Iterable, Sequence

from supervisor.clock import utc
from supervisor.core.table import Table
from supervisor.draw.overlay import Overlay, Step
from supervisor.journal.chain import Entry
from supervisor.monitor.past import Standing
from supervisor.monitor.past_measure import Measured

STEPS = 8
"""Moves of a path that can still be read in one picture."""


def now_over(then: Standing, name: str) -> Overlay:
    """Where that concern stood; of a life, with its many keys, only whether the monitor had fallen silent."""
    stale = then.silent is not None
    if name not in then.book.place:
        return Overlay(stale=stale)
    cursor = then.book.cursor(name)
    return Overlay(now=cursor.state, masked=cursor.masked, stale=stale)


def of_table(table: Table, moves: Iterable[Entry]) -> list[Entry]:
    """The moves along an arrow of that table: not those in which a repair left its mark on an issue."""
    arrows = {(edge.source, edge.on, edge.to) for edge in table.edges}
    return [m for m in moves if (m.body["source"], m.body["signal"], m.body["target"]) in arrows]


def path_over(moves: Sequence[Entry], now: str | None = None) -> Overlay:
    """The last of these moves of one table, numbered, with their times."""
    last = moves[-STEPS:]
    days = {utc(move.at).date() for move in last}
    shape = "%H:%M:%S" if len(days) < 2 else "%d %b %H:%M"
    steps = [
        Step(n, str(move.body["source"]), str(move.body["target"]), f"{utc(move.at):{shape}}", str(move.body["signal"]))
        for n, move in enumerate(last, 1)
    ]
    return Overlay(now=now or (steps[-1].target if steps else None), path=tuple(steps))


def counts_over(moves: Sequence[Entry], measured: Measured, name: str) -> Overlay:
    """How often each arrow of that table was gone, and the share of the time spent in each state."""
    gone = Counter((str(m.body["source"]), str(m.body["signal"]), str(m.body["target"])) for m in moves)
    times = measured.times.get(name, {})
    whole = sum(times.values())
    return Overlay(counts=dict(gone), heat={state: spent / whole for state, spent in times.items()} if whole else {})
