"""What does the book know of a concern or a life, besides its table?"""

from collections.abc import Callable
from functools import lru_cache

import attrs

from supervisor.core.reading import Round
from supervisor.core.table import Table


def _no_evidence(_: Round) -> str:
    return ""


@attrs.frozen
class Concern:
    """One question asked of every round: a table, and the pure function from a round to its signal.

    `judge` gives the signal, or None where the round says nothing to this concern; `evidence` puts in words what the
    round showed; `category` is what its issues are filed under; `flaps` says whether coming and going is a fault of
    its own; `fixable` are the codes some remedy answers.
    """

    table: Table
    judge: Callable[[Round], str | None]
    category: str
    evidence: Callable[[Round], str] = _no_evidence
    flaps: bool = True
    fixable: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name


def _everywhere(_: str) -> str:
    return ""


@attrs.frozen
class Life:
    """A table with many keyed cursors. `scope` says what a key narrows its permits to ("" means everything).

    "{key}" in `category` is replaced by the key. A cursor that has been in a state of `over` for a day is forgotten.
    """

    table: Table
    category: str
    scope: Callable[[str], str] = _everywhere
    fixable: frozenset[str] = frozenset()
    over: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name


@lru_cache(maxsize=64)
def in_order(concerns: tuple[Concern, ...]) -> tuple[Concern, ...]:
    """The concerns, parents before children, else in the order given. ValueError names a missing or circular parent."""
    placed: dict[str, Concern] = {}
    waiting = list(concerns)
    while waiting:
        ready = [c for c in waiting if all(parent in placed for parent in c.table.depends_on)]
        if not ready:
            names = ", ".join(f"{c.name} (needs {', '.join(c.table.depends_on)})" for c in waiting)
            raise ValueError(f"these concerns depend on one that is missing or on each other: {names}")
        placed.update((c.name, c) for c in ready)
        waiting = [c for c in waiting if c.name not in placed]
    return tuple(placed.values())
