"""What would open it again? The shortest way through a table to a state that permits."""

from functools import lru_cache

from supervisor.core.guards import Guard, Held, InARow, Lately, Silent, duration
from supervisor.core.table import Edge, Table
from supervisor.core.words import TIME


@lru_cache(maxsize=4096)
def way(table: Table, state: str, permit: int) -> tuple[Edge, ...] | None:
    """The fewest arrows from a state to one with all of `permit`; () if it is there, None if there is no way.

    Of arrows that lead as far the one with the fewest conditions counts: it is what will most likely happen.
    """
    seen = {state}
    todo: list[tuple[str, tuple[Edge, ...]]] = [(state, ())]
    for name, path in todo:
        if table.states[name].permits & permit == permit:
            return path
        for edge in sorted(table.edges, key=lambda edge: len(edge.only_if)):
            if edge.source == name and edge.to not in seen and edge.on not in table.misses:
                seen.add(edge.to)
                todo.append((edge.to, (*path, edge)))
    return None


def opens_when(table: Table, state: str, permit: int) -> str:
    """In words: what must be heard for the permit to open again.

    "when the broker answers 2 times in a row, then 3 times in a row and for at least 120 s"; "now"; "never by itself".
    """
    path = way(table, state, permit)
    if path is None:
        return "never by itself"
    steps: list[str] = []
    before = ""
    for edge in path:
        guards = " and ".join(_only(guard, edge.on) for guard in edge.only_if)
        if edge.on == TIME or (edge.on == before and guards):
            steps.append(guards)
        else:
            heard = table.words.get(edge.on, f"{edge.on.replace('_', ' ')!r} is heard")
            steps.append(f"{heard} {guards}".rstrip())
        before = edge.on
    return "when " + ", then ".join(steps) if steps else "now"


def _only(guard: Guard, on: str) -> str:
    """The guard as it goes on after what was heard, or, where time alone moves, as a sentence of its own."""
    match guard:
        case InARow(n=n):
            return "once" if n == 1 else f"{n} times in a row"
        case Lately(n=n, of=of):
            return f"in {n} of the last {of} rounds"
        case Held(seconds=seconds):
            return f"{duration(seconds)} have passed" if on == TIME else f"for at least {duration(seconds)}"
        case Silent(seconds=seconds):  # pragma: no branch - there is no other guard
            return f"{duration(seconds)} have passed without a good reading"
