"""What can a concern be, and what moves it? States and arrows, checked when built."""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from transitions import Machine

from supervisor.core.checks import faults
from supervisor.core.guards import Guard, Held, InARow, Lately, Silent
from supervisor.core.words import ANY, KEEP, OPENING, TIME, Permit, Severity


class TableError(Exception):
    """A table that contradicts itself, with every fault named."""


def _guards(value: Guard | tuple[Guard, ...]) -> tuple[Guard, ...]:
    return value if isinstance(value, tuple) else (value,)


def _signals(value: "str | Family | Iterable[str]") -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return value.signals if isinstance(value, Family) else tuple(value)


@attrs.frozen
class Family:
    """Signals that count as one: `MISSED = Family("missed", ("failed", "garbled"), miss=True)`.

    `miss` marks failed readings, which may only take away.
    """

    name: str
    signals: tuple[str, ...]
    miss: bool = False


@attrs.frozen
class State:
    """One state: what it is called, how bad it is, what it permits, which issue it bears.

    `issue` is a code, None, or KEEP; "{key}" in a code is replaced by a life's key. `says` is the sentence of the
    issue ("{broker}" and "{key}" are filled in), `means` the sentence of the state. `blinds` masks all below. `final`
    marks a problem with no way back on purpose.
    """

    name: str
    severity: Severity
    permits: Permit = attrs.field(converter=Permit)
    issue: str | None = attrs.field(default=None, kw_only=True)
    blinds: bool = attrs.field(default=False, kw_only=True)
    means: str = attrs.field(default="", kw_only=True)
    says: str = attrs.field(default="", kw_only=True)
    final: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen
class Arrow:
    """One arrow: from a state (or ANY), on a signal (or several, or TIME), to a state, only if its guards hold."""

    source: str
    on: tuple[str, ...] = attrs.field(converter=_signals)
    to: str
    only_if: tuple[Guard, ...] = attrs.field(default=(), converter=_guards)


@attrs.frozen
class Edge:
    """One arrow as it stands for one state and one signal."""

    source: str
    on: str
    to: str
    only_if: tuple[Guard, ...] = ()

    def words(self) -> str:
        """The signal and its guards, as on a picture."""
        guards = ", ".join(guard.words for guard in self.only_if)
        return f"{self.on} [{guards}]" if guards else self.on


class Table:
    """The states and arrows of a concern or a life; the machine, the pictures and the proofs come from it.

    The first state is where every cursor begins. `depends_on` names the parents whose blinding masks this one;
    `neutral` are signals that neither count nor reset a run (quota); `life` marks a table with many keyed cursors. `words`
    say in a sentence what it is to hear a signal, so that a person understands what would open a permit again.
    Raises TableError naming every fault.
    """

    def __init__(
        self,
        name: str,
        states: Iterable[State],
        arrows: Iterable[Arrow],
        *,
        families: Iterable[Family] = (),
        neutral: Iterable[str] = (),
        depends_on: Iterable[str] = (),
        life: bool = False,
        about: str = "",
        words: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.words = dict(words or {})
        self.about = about
        self.life = life
        self.depends_on = tuple(depends_on)
        self.families = tuple(families)
        self.neutral = frozenset(neutral)
        self.arrows = tuple(arrows)
        all_states = tuple(states)
        self.states: dict[str, State] = {state.name: state for state in all_states}
        self.initial = all_states[0].name if all_states else ""
        self.family_of = {signal: family.name for family in self.families for signal in family.signals}
        self.misses = frozenset(signal for family in self.families if family.miss for signal in family.signals)
        self.edges = self._expand()
        self.signals = self._signals()
        found = faults(self, all_states)
        if found:
            raise TableError(f"table {name!r} contradicts itself: " + "; ".join(found))
        self.out: dict[tuple[str, str], tuple[Edge, ...]] = {}
        for edge in self.edges:
            self.out[edge.source, edge.on] = (*self.out.get((edge.source, edge.on), ()), edge)
        self.dwells = frozenset(
            e.source for e in self.edges if e.on != TIME and any(isinstance(g, Held) for g in e.only_if)
        )
        """States that a signal may leave only after they were held for a while."""
        self.trail = max((g.of for e in self.edges for g in e.only_if if isinstance(g, Lately)), default=0)
        self.waits = {
            name: [
                (guard, edge)
                for edge in self.edges
                if edge.source == name and edge.on == TIME
                for guard in edge.only_if
                if isinstance(guard, Held | Silent)
            ]
            for name in self.states
        }
        self.counts = {
            name: [
                (guard, self.family_of.get(edge.on, edge.on))
                for edge in self.edges
                if edge.source == name and edge.on != TIME
                for guard in edge.only_if
                if isinstance(guard, InARow | Lately)
            ]
            for name in self.states
        }
        """What is being counted in each state, and the family whose run it is."""
        self.hesitates = frozenset(
            state.name for state in all_states if state.issue in (None, KEEP) and state.permits & OPENING != OPENING
        )
        """States that block opening without an issue of their own: a quick second look may settle it."""
        self.machine = self._machine()
        self.react = {
            (edge.source, edge.on): self.machine.events[edge.on] for edge in self.edges
        }  # an ignored trigger costs 7 µs and a warning, so we ask this first

    def _expand(self) -> tuple[Edge, ...]:
        own = {(arrow.source, signal) for arrow in self.arrows if arrow.source != ANY for signal in arrow.on}
        edges = []
        for arrow in self.arrows:
            sources = self.states if arrow.source == ANY else (arrow.source,)
            for source in sources:
                for signal in arrow.on:
                    if arrow.source == ANY and (source == arrow.to or (source, signal) in own):
                        continue
                    edges.append(Edge(source, signal, arrow.to, arrow.only_if))
        return tuple(edges)

    def _signals(self) -> tuple[str, ...]:
        named = [edge.on for edge in self.edges if edge.on != TIME]
        named += [signal for family in self.families for signal in family.signals]
        return tuple(dict.fromkeys([*named, *sorted(self.neutral)]))

    def _machine(self) -> Any:
        machine = Machine(
            model=None, states=list(self.states), initial=self.initial, auto_transitions=False, send_event=True
        )
        for edge in self.edges:
            machine.add_transition(edge.on, edge.source, edge.to, conditions=list(edge.only_if))
        return machine

    def __repr__(self) -> str:
        return f"<Table {self.name}: {len(self.states)} states, {len(self.edges)} arrows>"
