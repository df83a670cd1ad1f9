"""Does another engine, reading our SCXML, go where ours goes? For every state, signal and outcome of the guards."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from statemachine.io import load
from supervisor.core.cursor import Cursor
from supervisor.core.engine import begin, step
from supervisor.core.guards import Guard, Held, InARow, Lately, Silent
from supervisor.core.table import Table
from supervisor.core.words import TIME
from supervisor.draw.scxml import TIME_EVENT, data_names, lately_name, scxml
from supervisor.testing.mutations import rebuilt
from supervisor.testing.proving import tables

TABLES = tables()
NOW = 1e6


def boundary(guard: Guard, holds: bool) -> dict[str, float]:
    """The host's data at the guard's boundary: just enough, or just not."""
    match guard:
        case InARow(n):
            return {"run": n if holds else n - 1}
        case Held(seconds):
            return {"held": seconds if holds else seconds - 0.5}
        case Silent(seconds):
            return {"silent": seconds if holds else seconds - 0.5}
        case Lately(n):
            return {lately_name(guard): n if holds else n - 1}


def situations(table: Table, state: str, signal: str) -> Iterator[dict[str, float]]:
    """Data for every outcome of the guards of that pair, at their boundaries."""
    guards = list(dict.fromkeys(g for edge in table.out.get((state, signal), ()) for g in edge.only_if))
    for outcomes in product((True, False), repeat=len(guards)):
        data = dict.fromkeys(data_names(table), 0.0)
        for guard, holds in zip(guards, outcomes, strict=True):
            data |= boundary(guard, holds)
        yield data


def ours(table: Table, state: str, signal: str, data: Mapping[str, float]) -> str:
    """Where our engine goes with a cursor of which that data is true once the signal is heard."""
    cursor: Cursor = begin(table, 0.0)
    cursor.state = state
    cursor.since = NOW - data["held"]
    cursor.family = table.family_of.get(signal, signal)
    cursor.run = int(data["run"]) - (signal != TIME and signal not in table.neutral)
    silent = data["silent"]
    cursor.heard = NOW - silent
    if any(isinstance(g, Silent) for e in table.out.get((state, signal), ()) for g in e.only_if):
        cursor.since = NOW - max(silent, data["held"])
    cursor.trail = trail(table, state, signal, data)
    step(table, cursor, signal, NOW)
    return cursor.state


def trail(table: Table, state: str, signal: str, data: Mapping[str, float]) -> tuple[str, ...]:
    """The last signals, the one to come not among them, in which each is there as often as the data says."""
    found: list[str] = []
    for guard in dict.fromkeys(g for e in table.out.get((state, signal), ()) for g in e.only_if):
        if isinstance(guard, Lately):
            before = int(data[lately_name(guard)]) - (signal == guard.signal)
            found = [guard.signal] * before
            found = ["(other)"] * (guard.of - 1 - len(found)) + found
    return tuple(found)


class Theirs:
    """python-statemachine, reading our SCXML; one chart per table, put where it is asked to begin."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.cls: Any = load(scxml(table), format="scxml")

    def goes(self, state: str, signal: str, data: Mapping[str, float]) -> str:
        chart = self.cls()
        for name, value in data.items():
            setattr(chart.model, name, value)
        chart.current_state_value = state
        chart.send(TIME_EVENT if signal == TIME else signal)
        return str(next(iter(chart.configuration_values)))


@pytest.mark.parametrize("name", TABLES)
def test_another_engine_goes_where_ours_goes(name: str) -> None:
    table = TABLES[name]
    theirs = Theirs(table)
    asked, wrong = 0, list[str]()
    for state, signal in product(table.states, (*table.signals, TIME)):
        for data in situations(table, state, signal):
            asked += 1
            here, there = ours(table, state, signal, data), theirs.goes(state, signal, data)
            if here != there:
                wrong.append(f"{state} on {signal} with {data}: ours {here}, theirs {there}")
    assert not wrong
    assert asked >= len(table.states) * (len(table.signals) + 1)


def test_the_other_engine_asks_the_guards() -> None:
    table = TABLES["connection"]
    theirs = Theirs(table)
    data = dict.fromkeys(data_names(table), 0.0)
    assert theirs.goes("unsteady", "failed", data | {"run": 3}) == "down"
    assert theirs.goes("unsteady", "failed", data | {"run": 2}) == "unsteady"
    assert theirs.goes("recovering", "answered", data | {"run": 3, "held": 119.5}) == "recovering"
    assert theirs.goes("recovering", "answered", data | {"run": 3, "held": 120.0}) == "up"


def test_the_oracle_can_disagree() -> None:
    table = TABLES["connection"]
    other = rebuilt(table, arrows=[a for a in table.arrows if not (a.source == "up" and a.to == "unsteady")])
    data = dict.fromkeys(data_names(table), 0.0)
    assert (ours(table, "up", "failed", data), Theirs(other).goes("up", "failed", data)) == ("unsteady", "up")
