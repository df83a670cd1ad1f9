"""In which small ways can a table be wrong? Each is one thing changed, and a sentence saying what."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations

import attrs

from supervisor.core.guards import Guard, Held, InARow, Lately, Silent, Step
from supervisor.core.table import Arrow, Edge, Family, State, Table
from supervisor.core.words import EACH_PERMIT, KEEP, PERMIT_NAMES, Permit, Severity


@attrs.frozen
class Mutant:
    """A table with one thing wrong: what, in words that finish "no one notices when", and how to build it."""

    words: str
    build: Callable[[], Table]


@attrs.frozen
class Negated:
    """A guard turned round."""

    guard: Guard

    @property
    def words(self) -> str:
        """Finishes "only if"."""
        return f"not {self.guard.words}"

    def __call__(self, event: Step) -> bool:
        """Whether it does not hold."""
        return not self.guard(event)


def rebuilt(table: Table, **changes: object) -> Table:
    """The table with these parts replaced."""
    parts: dict[str, object] = {
        "states": table.states.values(),
        "arrows": arrows_of(table.edges),
        "families": table.families,
        "neutral": table.neutral,
        "depends_on": table.depends_on,
        "life": table.life,
        "about": table.about,
    }
    return Table(table.name, **{**parts, **changes})  # type: ignore[arg-type]  # the parts have the types of the table's own


def arrows_of(edges: tuple[Edge, ...]) -> tuple[Arrow, ...]:
    """The edges as arrows that each stand for one state and one signal."""
    return tuple(Arrow(edge.source, edge.on, edge.to, edge.only_if) for edge in edges)


def mutants(table: Table) -> Iterator[Mutant]:
    """Every mutant of a table: arrows dropped, retargeted and swapped, guards changed, states and families changed."""
    yield from _dropped(table)
    yield from _retargeted(table)
    yield from _swapped(table)
    yield from _guarded(table)
    yield from _states(table)
    yield from _families(table)


def _named(edge: Edge) -> str:
    return f"the arrow from {edge.source!r} to {edge.to!r} on {edge.words()!r}"


def _with(table: Table, changed: dict[int, Edge | None], words: str) -> Mutant:
    edges = tuple(
        edge
        for i, old in enumerate(table.edges)
        if (edge := changed.get(i, old)) is not None  # None drops it
    )
    return Mutant(words, partial(rebuilt, table, arrows=arrows_of(edges)))


def _dropped(table: Table) -> Iterator[Mutant]:
    for i, arrow in enumerate(table.arrows):
        rest = table.arrows[:i] + table.arrows[i + 1 :]
        yield Mutant(f"{arrow} is gone", partial(rebuilt, table, arrows=rest))
    for i, edge in enumerate(table.edges):
        if edge.source != edge.to:  # an arrow to where one is only keeps the arrows from any state away: dropped above
            yield _with(table, {i: None}, f"{_named(edge)} is gone")


def _retargeted(table: Table) -> Iterator[Mutant]:
    for i, edge in enumerate(table.edges):
        for name in table.states:
            if name != edge.to:
                yield _with(table, {i: attrs.evolve(edge, to=name)}, f"{_named(edge)} leads to {name!r}")


def _swapped(table: Table) -> Iterator[Mutant]:
    for (i, one), (j, other) in combinations(enumerate(table.edges), 2):
        related = one.source == other.source or one.on == other.on
        if related and one.to != other.to:
            changed: dict[int, Edge | None] = {i: attrs.evolve(one, to=other.to), j: attrs.evolve(other, to=one.to)}
            yield _with(table, changed, f"{_named(one)} and {_named(other)} swap their targets")
        if (one.source, one.on) == (other.source, other.on):
            yield _with(table, {i: other, j: one}, f"{_named(one)} and {_named(other)} swap their places")


def _guarded(table: Table) -> Iterator[Mutant]:
    for i, edge in enumerate(table.edges):
        for k, guard in enumerate(edge.only_if):
            before, after = edge.only_if[:k], edge.only_if[k + 1 :]
            rest = attrs.evolve(edge, only_if=(*before, *after))
            yield _with(table, {i: rest}, f"{_named(edge)} forgets {guard.words!r}")
            for other in _other_guards(guard):
                changed = attrs.evolve(edge, only_if=(*before, other, *after))
                yield _with(table, {i: changed}, f"{_named(edge)} asks {other.words!r} for {guard.words!r}")


def _other_guards(guard: Guard) -> Iterator[Guard]:
    yield Negated(guard)  # type: ignore[misc]  # not one of ours, which is the point
    match guard:
        case InARow(n):
            yield from (InARow(n + 1), InARow(n - 1))
        case Held(seconds):
            yield from (Held(seconds + 1), Held(seconds - 1))
        case Silent(seconds):
            yield from (Silent(seconds + 1), Silent(seconds - 1))
        case Lately(n, of, signal):
            yield from (Lately(n + 1, of, signal), Lately(n - 1, of, signal))
            yield from (Lately(n, of + 1, signal), Lately(n, of - 1, signal))


def _states(table: Table) -> Iterator[Mutant]:
    codes = dict.fromkeys(s.issue for s in table.states.values() if s.issue not in (None, KEEP))
    for state in table.states.values():
        for permit in EACH_PERMIT:
            does = "does not permit" if state.permits & permit else "permits"
            words = f"{state.name!r} {does} {PERMIT_NAMES[permit]}"
            yield _state(table, attrs.evolve(state, permits=Permit(state.permits ^ permit)), words)
        for severity in Severity:
            if severity is not state.severity:
                words = f"{state.name!r} is {severity.name}"
                yield _state(table, attrs.evolve(state, severity=severity), words)
        for issue in (None, KEEP, *codes, "another_problem"):
            if issue != state.issue:
                yield _state(table, attrs.evolve(state, issue=issue), f"{state.name!r} bears {issue!r}")
        does = "does not blind" if state.blinds else "blinds"
        yield _state(table, attrs.evolve(state, blinds=not state.blinds), f"{state.name!r} {does} what is below")


def _state(table: Table, changed: State, words: str) -> Mutant:
    states = tuple(changed if state.name == changed.name else state for state in table.states.values())
    return Mutant(words, partial(rebuilt, table, states=states))


def _families(table: Table) -> Iterator[Mutant]:
    for i, family in enumerate(table.families):
        others = table.families[:i] + table.families[i + 1 :]
        for signal in family.signals if len(family.signals) > 1 else ():
            fewer = Family(family.name, tuple(s for s in family.signals if s != signal), family.miss)
            yield Mutant(
                f"{signal!r} is not of the family {family.name!r}",
                partial(rebuilt, table, families=(*others, fewer)),
            )
    for signal in sorted(table.neutral):
        yield Mutant(f"{signal!r} is not neutral", partial(rebuilt, table, neutral=table.neutral - {signal}))
    if table.depends_on:
        yield Mutant("it depends on nothing", partial(rebuilt, table, depends_on=()))
