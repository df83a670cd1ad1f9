"""What can never happen? Every table walked whole, and what the verdict can make of all of them together.

`explore` proves one table; `prove` proves a whole book: each table, each child under its parents, and every
combination of what the verdict can see, folded. A finding comes with a shortest path in words.
"""

from collections.abc import Iterable

import attrs

from supervisor.core.concern import Concern, Life
from supervisor.core.explore_fold import Folded, Observable, fold_all, fold_pairs
from supervisor.core.explore_masking import masking
from supervisor.core.explore_rules import (
    CONCERN_RULES,
    LIFE_RULES,
    ages,
    fresh,
    never_read,
    open_severity,
    state_of,
)
from supervisor.core.explore_said import REAL, Finding, How, Property, Said
from supervisor.core.explore_walk import MOST, Outcome, Situation, Walk, walk
from supervisor.core.table import Edge, Table

__all__ = ["REAL", "Exploration", "Finding", "How", "Observable", "Proof", "Property", "explore", "prove"]


@attrs.frozen
class Exploration:
    """One table, explored whole. `classes` holds one witness for everything the verdict can tell apart."""

    table: Table
    situations: int
    states: frozenset[str]
    arrows_taken: frozenset[Edge]
    guard_outcomes: frozenset[Outcome]
    classes: dict[Observable, Situation]
    findings: tuple[Finding, ...]
    walk: Walk = attrs.field(repr=False, eq=False)

    @property
    def shares(self) -> dict[str, tuple[int, int]]:
        """How many states, arrows and outcomes of guards were seen, and how many there are."""
        edges = set(self.table.edges)
        guards = {(edge, guard) for edge in edges for guard in edge.only_if}
        return {
            "states": (len(self.states), len(self.table.states)),
            "arrows": (len(self.arrows_taken), len(edges)),
            "guard_outcomes": (len(self.guard_outcomes), 2 * len(guards)),
        }

    def as_dict(self) -> dict[str, object]:
        """What was covered, ready for JSON: pairs of how many were seen and how many there are."""
        shares = {name: list(share) for name, share in self.shares.items()}
        return {
            "table": self.table.name,
            "situations": self.situations,
            **shares,
            "classes": len(self.classes),
        }


@attrs.frozen
class Proof:
    """Whether all holds, what does not, and what was covered."""

    ok: bool
    findings: tuple[Finding, ...]
    covered: tuple[Exploration, ...]
    masked: int
    """Situations of a child looked at under a parent that blinds it."""
    folded: Folded
    unreached: tuple[Finding, ...] = ()
    """What the user's numbers leave no room for, as a guard that asks for 1 in a row can't be seen not to hold."""

    def broken(self, one: Property) -> int:
        """How many findings say that this property does not hold."""
        return sum(finding.broken is one for finding in self.findings)

    def as_dict(self) -> dict[str, object]:
        """Ready for JSON."""
        return {
            "ok": self.ok,
            "tables": [exploration.as_dict() for exploration in self.covered],
            "masked": self.masked,
            "combinations": self.folded.combinations,
            "pairs": self.folded.pairs,
            "properties": [{"name": p.name.lower(), "says": p.value, "findings": self.broken(p)} for p in Property],
            "unreached": [str(finding) for finding in self.unreached],
            "findings": [
                {"table": f.table, "breaks": f.broken.name.lower(), "words": f.words, "path": list(f.path)}
                for f in self.findings
            ],
        }


def observable(table: Table, situation: Situation, never_ages: frozenset[str] = frozenset()) -> Observable:
    """What the verdict can see of that situation."""
    cursor = situation.cursor
    state = state_of(table, cursor)
    return Observable(
        state.permits,
        state.blinds,
        open_severity(cursor),
        cursor.state in never_ages or fresh(table, cursor),
        never_read(table, cursor),
    )


def explore(
    table: Table, *, never_ages: frozenset[str] = frozenset(), most: int = MOST, how: How = REAL
) -> Exploration:
    """The table explored whole, and which rules do not hold. `never_ages` are states that need no fresh reading."""
    walked = walk(table, most=most, tell=how.tell)
    said: dict[str, Said] = {}
    for rule in LIFE_RULES if table.life else CONCERN_RULES:
        for one in rule(walked):
            said.setdefault(one.words, one)
    if not table.life:
        for one in ages(walked, never_ages):
            said.setdefault(one.words, one)
    classes: dict[Observable, Situation] = {}
    for situation in walked.situations:
        classes.setdefault(observable(table, situation, never_ages), situation)
    return Exploration(
        table,
        len(walked.situations),
        frozenset(situation.cursor.state for situation in walked.situations),
        frozenset(walked.taken),
        frozenset(walked.outcomes),
        classes,
        tuple(Finding.of(table.name, one) for one in said.values()),
        walked,
    )


def prove(
    concerns: Iterable[Concern],
    lives: Iterable[Life] = (),
    *,
    never_ages: frozenset[tuple[str, str]] = frozenset(),
    how: How = REAL,
) -> Proof:
    """Whether all properties hold of these concerns and lives, alone and together.

    `never_ages` names (concern, state) pairs that permit without a fresh reading, on purpose. `how` is the real way,
    unless a fault is planted.
    """
    concerns, lives = tuple(concerns), tuple(lives)
    explored = [
        explore(
            concern.table, never_ages=frozenset(state for name, state in never_ages if name == concern.name), how=how
        )
        for concern in concerns
    ]
    living = [explore(life.table, how=how) for life in lives]
    findings = [finding for one in (*explored, *living) for finding in one.findings]
    walks = {one.table.name: one.walk for one in explored}
    masked, hidden = masking(concerns, walks, how.make)
    folded = fold_all(
        [(one.table, one.classes) for one in explored],
        [(one.table, one.classes) for one in living],
        how,
    )
    paired = fold_pairs(concerns, {one.table.name: one.classes for one in explored}, how)
    findings += [*hidden, *folded.findings, *paired.findings]
    return Proof(
        not findings,
        tuple(findings),
        (*explored, *living),
        masked,
        Folded(folded.combinations, paired.pairs, ()),
    )
