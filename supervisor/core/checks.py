"""Does a table contradict itself? Every fault is named at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from supervisor.core.guards import Held, Silent
from supervisor.core.words import KEEP, OK, TIME, Permit, Severity

if TYPE_CHECKING:
    from supervisor.core.table import State, Table


def faults(table: Table, states: tuple[State, ...]) -> list[str]:
    """Every fault of the table, each as a sentence; empty when it is sound."""
    if not states:
        return ["it has no states"]
    found = _names(table, states)
    if found:  # the rest needs the names to be right
        return found
    found = _arrows(table) + _ways(table)
    if not table.life:
        found += _misses(table)
    return found


def _names(table: Table, states: tuple[State, ...]) -> list[str]:
    found = [f"state {name!r} is there twice" for name, n in Counter(s.name for s in states).items() if n > 1]
    known = {state.name for state in states}
    found += [f"state {s.name!r} has no sentence saying what it means" for s in states if not s.means]
    found += [
        f"state {s.name!r} is {s.severity.name} and bears no issue"
        for s in states
        if s.severity > OK and s.issue in (None, KEEP)
    ]
    found += [
        f"state {s.name!r} bears an issue and is OK" for s in states if s.severity == OK and s.issue not in (None, KEEP)
    ]
    found += [f"state {s.name!r} blocks cancelling" for s in states if not s.permits & Permit.CANCEL]
    for arrow in table.arrows:
        if arrow.source != "*" and arrow.source not in known:
            found.append(f"an arrow leaves the unknown state {arrow.source!r}")
        if arrow.to not in known:
            found.append(f"an arrow from {arrow.source!r} leads to the unknown state {arrow.to!r}")
        found += [
            f"the guard {guard!r} from {arrow.source!r} has no words"
            for guard in arrow.only_if
            if not getattr(guard, "words", "")
        ]
    twice = Counter(signal for family in table.families for signal in family.signals)
    found += [f"signal {signal!r} is in two families" for signal, n in twice.items() if n > 1]
    found += [f"signal {signal!r} is neutral and in a family" for signal in table.neutral if signal in twice]
    heard = {edge.on for edge in table.edges}
    found += [
        f"there are words for the signal {signal!r}, and no arrow hears it"
        for signal in table.words
        if signal not in heard
    ]
    found += [f"the words for the signal {signal!r} are empty" for signal, words in table.words.items() if not words]
    return found


def _arrows(table: Table) -> list[str]:
    found: list[str] = []
    seen: dict[tuple[str, str], bool] = {}
    for edge in table.edges:
        pair = (edge.source, edge.on)
        if seen.get(pair):
            found.append(f"after the unguarded arrow for {edge.on!r} from {edge.source!r} another can never fire")
        seen[pair] = not edge.only_if
        if edge.on == TIME and not (len(edge.only_if) == 1 and isinstance(edge.only_if[0], Held | Silent)):
            found.append(f"the arrow for time from {edge.source!r} to {edge.to!r} needs one guard: held or silent")
    return found + _rest(table)


def _rest(table: Table) -> list[str]:
    """Arrows for time that would chase each other at one instant: silence that has passed stays passed."""
    at_once: dict[str, set[str]] = {name: set() for name in table.states}
    for edge in table.edges:
        if edge.on == TIME and all(isinstance(g, Silent) or getattr(g, "seconds", 1) <= 0 for g in edge.only_if):
            at_once[edge.source].add(edge.to)
    return [
        f"time never comes to rest from {name!r}"
        for name in table.states
        if any(name == later or name in _reach(at_once, later) for later in at_once[name])
    ]


def _reach(onward: dict[str, set[str]], start: str) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        for name in onward[todo.pop()] - seen:
            seen.add(name)
            todo.append(name)
    return seen


def _ways(table: Table) -> list[str]:
    onward: dict[str, set[str]] = {name: set() for name in table.states}
    for edge in table.edges:
        onward[edge.source].add(edge.to)

    found = [f"state {name!r} can't be reached" for name in table.states if name not in _reach(onward, table.initial)]
    for state in table.states.values():
        if state.issue in (None, KEEP) or state.final:
            continue
        if not any(table.states[name].issue is None for name in _reach(onward, state.name)):
            found.append(f"state {state.name!r} is a problem with no way back and is not marked final")
    return found


def carried(table: Table) -> dict[str, dict[str, Severity]]:
    """For each state, the issues that may be open in it: by code, the highest severity each may have."""
    may: dict[str, dict[str, Severity]] = {name: {} for name in table.states}
    for state in table.states.values():
        if state.issue not in (None, KEEP):
            may[state.name][str(state.issue)] = state.severity
    changed = True
    while changed:
        changed = False
        for edge in table.edges:
            if table.states[edge.to].issue != KEEP:
                continue
            for code, severity in may[edge.source].items():
                if may[edge.to].get(code, OK) < severity:
                    may[edge.to][code] = severity
                    changed = True
    return may


def _misses(table: Table) -> list[str]:
    """A miss or the passing of time only takes away."""
    may = carried(table)
    found: list[str] = []
    for edge in table.edges:
        if edge.on != TIME and edge.on not in table.misses:
            continue
        source, target = table.states[edge.source], table.states[edge.to]
        what = "time" if edge.on == TIME else f"the miss {edge.on!r}"
        if target.permits & ~source.permits:
            found.append(f"{what} adds a permit from {source.name!r} to {target.name!r}")
        worst = max(may[source.name].values(), default=OK)
        if target.issue is None and worst > OK:
            found.append(f"{what} resolves an issue from {source.name!r} to {target.name!r}")
        elif target.issue not in (None, KEEP) and target.severity < worst:
            found.append(f"{what} lowers an issue from {source.name!r} to {target.name!r}")
    return found
