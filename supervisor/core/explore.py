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
    Finding,
    Said,
    ages,
    fresh,
    never_read,
    open_severity,
    state_of,
)
from supervisor.core.explore_walk import MOST, Outcome, Situation, Walk, walk
from supervisor.core.table import Edge, Table

__all__ = ["Exploration", "Finding", "Observable", "Proof", "explore", "prove"]


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

    def as_dict(self) -> dict[str, object]:
        """Ready for JSON."""
        return {
            "ok": self.ok,
            "tables": [exploration.as_dict() for exploration in self.covered],
            "masked": self.masked,
            "combinations": self.folded.combinations,
            "pairs": self.folded.pairs,
            "findings": [{"table": f.table, "words": f.words, "path": list(f.path)} for f in self.findings],
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


def explore(table: Table, *, never_ages: frozenset[str] = frozenset(), most: int = MOST) -> Exploration:
    """The table explored whole, and which rules do not hold. `never_ages` are states that need no fresh reading."""
    walked = walk(table, most=most)
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
        tuple(Finding(table.name, one.words, one.path) for one in said.values()),
        walked,
    )


def prove(
    concerns: Iterable[Concern], lives: Iterable[Life] = (), *, never_ages: frozenset[tuple[str, str]] = frozenset()
) -> Proof:
    """Whether all rules hold of these concerns and lives, alone and together.

    `never_ages` names (concern, state) pairs that permit without a fresh reading, on purpose.
    """
    concerns, lives = tuple(concerns), tuple(lives)
    explored = [
        explore(concern.table, never_ages=frozenset(state for name, state in never_ages if name == concern.name))
        for concern in concerns
    ]
    living = [explore(life.table) for life in lives]
    findings = [finding for one in (*explored, *living) for finding in one.findings]
    walks = {one.table.name: one.walk for one in explored}
    masked, hidden = masking(concerns, walks)
    folded = fold_all(
        [(one.table, one.classes) for one in explored],
        [(one.table, one.classes) for one in living],
    )
    paired = fold_pairs(concerns, {one.table.name: one.classes for one in explored})
    findings += [*hidden, *folded.findings, *paired.findings]
    return Proof(
        not findings,
        tuple(findings),
        (*explored, *living),
        masked,
        Folded(folded.combinations, paired.pairs, ()),
    )
