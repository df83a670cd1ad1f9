"""How does a table read as an XState 5 machine?

Guards are named, with params: the host implements `in_a_row`, `lately`, `held`, `silent` and `every` (all of a list)
over what it counts. An arrow on the passing of time since entry is delayed (`after`, milliseconds); one on silence is
the event `time`, since silence starts anew with each good reading and a delay would not.
"""

import json
from typing import Any

from supervisor.core.guards import Guard, Held, InARow, Lately, Silent
from supervisor.core.table import Edge, State, Table
from supervisor.core.words import KEEP, TIME, permit_names
from supervisor.draw.arrows import severity_words

TIME_EVENT = "time"
"""The event that says that time passed."""


def xstate(table: Table) -> str:
    """The table as the JSON that XState 5 `createMachine` takes. Transitions stand in the order they are tried."""
    machine = {
        "id": table.name,
        "description": table.about,
        "initial": table.initial,
        "states": {name: _state(table, state) for name, state in table.states.items()},
        "meta": {
            "depends_on": list(table.depends_on),
            "families": {family.name: list(family.signals) for family in table.families},
            "neutral": sorted(table.neutral),
            "life": table.life,
        },
    }
    return json.dumps(machine, indent=2, ensure_ascii=False) + "\n"


def _state(table: Table, state: State) -> dict[str, Any]:
    on: dict[str, list[dict[str, Any]]] = {}
    after: dict[str, list[dict[str, Any]]] = {}
    for edge in table.edges:
        if edge.source != state.name:
            continue
        if edge.on == TIME and isinstance(edge.only_if[0], Held):
            delay = str(round(edge.only_if[0].seconds * 1000))
            after.setdefault(delay, []).append(_transition(edge, ()))
        else:
            event = TIME_EVENT if edge.on == TIME else edge.on
            on.setdefault(event, []).append(_transition(edge, edge.only_if))
    return {
        "description": state.means,
        "tags": [severity_words(state)],
        "meta": {
            "severity": state.severity.name,
            "permits": permit_names(state.permits),
            "issue": None if state.issue == KEEP else state.issue,
            "keeps": state.issue == KEEP,
            "blinds": state.blinds,
            "means": state.means,
        },
        "on": on,
        "after": after,
    }


def _transition(edge: Edge, guards: tuple[Guard, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"target": edge.to}
    if edge.to == edge.source:
        found["reenter"] = True  # our engine counts `held` anew, so must theirs
    if len(guards) == 1:
        found["guard"] = named(guards[0])
    elif guards:
        found["guard"] = {"type": "every", "params": {"guards": [named(guard) for guard in guards]}}
    return found


def named(guard: Guard) -> dict[str, Any]:
    """The guard as XState's name and params."""
    match guard:
        case InARow(n):
            return {"type": "in_a_row", "params": {"n": n}}
        case Lately(n, of, signal):
            return {"type": "lately", "params": {"n": n, "of": of, "signal": signal}}
        case Held(seconds):
            return {"type": "held", "params": {"seconds": seconds}}
        case Silent(seconds):
            return {"type": "silent", "params": {"seconds": seconds}}
