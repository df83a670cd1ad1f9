"""What would open it again? The shortest way through a table to a state that permits."""

from functools import lru_cache

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
    """In words: what must be heard for the permit to open again."""
    path = way(table, state, permit)
    if path is None:
        return "never by itself"
    steps = []
    for edge in path:
        guards = " and ".join(guard.words for guard in edge.only_if)
        what = "time passes" if edge.on == TIME else f"{edge.on.replace('_', ' ')!r} is heard"
        steps.append(f"{what} ({guards})" if guards else what)
    return "when " + ", then ".join(steps) if steps else "now"
