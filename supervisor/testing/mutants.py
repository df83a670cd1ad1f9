"""Would we notice a table with one row wrong?

Every table is broken in every small way; each broken one must be refused when built, or break a rule that holds of all
tables (`core.explore`), or contradict a tale. What survives is something that no one ever said.
"""

import random
from collections.abc import Iterable, Iterator

import attrs

from supervisor.core.explore import explore
from supervisor.core.table import Table, TableError
from supervisor.testing.batteries import BATTERIES
from supervisor.testing.mutations import Mutant, mutants
from supervisor.testing.tales import Battery

REFUSED, TALE, RULE = "refused", "tale", "rule"


@attrs.frozen
class Death:
    """How a mutant was noticed: it was `refused`, contradicted a `tale`, or broke a `rule`; and by what."""

    how: str
    why: str


@attrs.frozen
class Survivor:
    """A mutant that no one noticed."""

    table: str
    words: str

    def __str__(self) -> str:
        return f"{self.table}: no one notices when {self.words}"


@attrs.frozen
class Hunt:
    """How many mutants there were, how each was noticed, and which were not."""

    total: int
    refused: int
    by_tale: int
    by_rule: int
    survivors: tuple[Survivor, ...]

    def as_dict(self) -> dict[str, object]:
        """Ready for JSON."""
        return {**attrs.asdict(self, recurse=False), "survivors": [str(survivor) for survivor in self.survivors]}


def contradictions(table: Table, battery: Battery) -> Iterator[str]:
    """Every truth of the battery that is not so of this table, as a sentence."""
    for truth in battery:
        wrong = truth.wrong(table)
        if wrong is not None:
            yield f"{truth.says}: {wrong}"


def noticed(mutant: Mutant, battery: Battery, known: frozenset[str] = frozenset()) -> Death | None:
    """How that mutant is noticed, None if it is not. `known` are the findings that the table itself has."""
    try:
        table = mutant.build()
    except TableError as error:
        return Death(REFUSED, str(error))
    contradicted = next(contradictions(table, battery), None)
    if contradicted is not None:
        return Death(TALE, contradicted)
    broken = next((finding.words for finding in explore(table).findings if finding.words not in known), None)
    return None if broken is None else Death(RULE, broken)


def hunt(tables: Iterable[Table], *, sample: int | None = None, seed: int = 0) -> Hunt:
    """Hunts every mutant of these tables, or a seeded sample of that many. A table without tales has its rules alone."""
    found: list[tuple[Table, Mutant]] = [(table, mutant) for table in tables for mutant in mutants(table)]
    if sample is not None and sample < len(found):
        found = random.Random(seed).sample(found, sample)  # noqa: S311 - a sample is no secret
    known: dict[str, frozenset[str]] = {}
    deaths = {REFUSED: 0, TALE: 0, RULE: 0}
    survivors = []
    for table, mutant in found:
        if table.name not in known:
            known[table.name] = frozenset(finding.words for finding in explore(table).findings)
        death = noticed(mutant, BATTERIES.get(table.name, ()), known[table.name])
        if death is None:
            survivors.append(Survivor(table.name, mutant.words))
        else:
            deaths[death.how] += 1
    return Hunt(len(found), deaths[REFUSED], deaths[TALE], deaths[RULE], tuple(survivors))
