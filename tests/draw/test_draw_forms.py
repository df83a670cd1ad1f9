import json
import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from supervisor.core.guards import Guard, Held, InARow, Lately, Silent
from supervisor.core.table import Arrow, Edge, State, Table
from supervisor.core.words import ALL, ANY, CLOSING, OK, TIME, WARNING
from supervisor.draw.arrows import drawn, permit_words
from supervisor.draw.dot import dot
from supervisor.draw.ladder import svg
from supervisor.draw.markdown import markdown
from supervisor.draw.mermaid import mermaid
from supervisor.draw.scxml import condition, scxml
from supervisor.draw.xstate import xstate

from draw.draw_tables import BY_NAME, TABLES, tables

SCXML = "{http://www.w3.org/2005/07/scxml}"
ID = "[A-Za-z][A-Za-z0-9_]*"
MERMAID_LINES = re.compile(
    rf"""stateDiagram-v2
    | \ {{4}}direction\ TB
    | \ {{4}}classDef\ {ID}\ [a-z0-9#:, -]+
    | \ {{4}}state\ "[^"]+"\ as\ {ID}
    | \ {{4}}\[\*\]\ -->\ {ID}
    | \ {{4}}{ID}\ -->\ {ID}\ :\ [^:]+
    | \ {{4}}class\ {ID}\ {ID}""",
    re.VERBOSE,
)

each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@each_table
def test_every_edge_is_in_exactly_one_drawn_arrow(table: Table) -> None:
    assert Counter(edge for arrow in drawn(table) for edge in arrow.edges) == Counter(table.edges)


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_every_edge_of_a_random_table_is_in_exactly_one_drawn_arrow(table: Table) -> None:
    assert Counter(edge for arrow in drawn(table) for edge in arrow.edges) == Counter(table.edges)
    assert all(MERMAID_LINES.fullmatch(line) for line in mermaid(table).splitlines())
    assert xstate_edges(table) == Counter(table.edges)
    assert scxml_edges(table) == Counter((e.source, e.on, e.to, e.only_if) for e in table.edges)


def guard_of(found: dict[str, Any]) -> tuple[Guard, ...]:
    kinds: dict[str, Any] = {"in_a_row": InARow, "lately": Lately, "held": Held, "silent": Silent}
    if found["type"] == "every":
        return tuple(guard for one in found["params"]["guards"] for guard in guard_of(one))
    guard: Guard = kinds[found["type"]](**found["params"])
    return (guard,)


def xstate_edges(table: Table) -> Counter[Edge]:
    """The table's edges, read back from the JSON."""
    edges: Counter[Edge] = Counter()
    for source, state in json.loads(xstate(table))["states"].items():
        for event, transitions in state["on"].items():
            for found in transitions:
                on = TIME if event == "time" else event
                edges[Edge(source, on, found["target"], guard_of(found["guard"]) if "guard" in found else ())] += 1
        for delay, transitions in state["after"].items():
            for found in transitions:
                edges[Edge(source, TIME, found["target"], (Held(int(delay) / 1000),))] += 1
    return edges


def scxml_edges(table: Table) -> Counter[tuple[str, str, str, tuple[Guard, ...]]]:
    """The table's edges, read back from the SCXML; a condition is looked up among the table's guards."""
    conditions = {" && ".join(condition(g) for g in edge.only_if): edge.only_if for edge in table.edges}
    found: Counter[tuple[str, str, str, tuple[Guard, ...]]] = Counter()
    for state in ET.fromstring(scxml(table)).iter(f"{SCXML}state"):
        for transition in state.iter(f"{SCXML}transition"):
            on = TIME if transition.attrib["event"] == "time" else transition.attrib["event"]
            only_if = conditions[transition.get("cond", "")]
            found[state.attrib["id"], on, transition.attrib["target"], only_if] += 1
    return found


@each_table
def test_xstate_holds_the_whole_table(table: Table) -> None:
    machine = json.loads(xstate(table))
    assert machine["initial"] == table.initial
    assert list(machine["states"]) == list(table.states)
    assert xstate_edges(table) == Counter(table.edges)


@each_table
def test_scxml_holds_the_whole_table_and_declares_what_its_conditions_name(table: Table) -> None:
    root = ET.fromstring(scxml(table))
    assert (root.tag, root.get("version"), root.get("initial")) == (f"{SCXML}scxml", "1.0", table.initial)
    assert scxml_edges(table) == Counter((e.source, e.on, e.to, e.only_if) for e in table.edges)
    declared = {data.attrib["id"] for data in root.iter(f"{SCXML}data")}
    used = {part.split(" >= ")[0] for t in root.iter(f"{SCXML}transition") for part in t.get("cond", "").split(" && ")}
    assert used - {""} <= declared


@each_table
def test_transitions_stand_in_the_order_in_which_they_are_tried(table: Table) -> None:
    for state in ET.fromstring(scxml(table)).iter(f"{SCXML}state"):
        by_event: dict[str, list[str]] = {}
        for transition in state.iter(f"{SCXML}transition"):
            by_event.setdefault(transition.attrib["event"], []).append(transition.attrib["target"])
        for event, targets in by_event.items():
            pair = (state.attrib["id"], TIME if event == "time" else event)
            assert targets == [edge.to for edge in table.out[pair]]


def test_the_four_guards_are_told_apart() -> None:
    assert [condition(g) for g in (InARow(3), Lately(3, 5, "slow"), Held(120), Silent(1234567))] == [
        "run >= 3",
        "slow_of_last_5 >= 3",
        "held >= 120",
        "silent >= 1234567",
    ]


def test_a_self_transition_reenters_so_that_held_counts_anew() -> None:
    recovering = json.loads(xstate(BY_NAME["connection"]))["states"]["recovering"]
    assert recovering["on"]["garbled"][-1] == {"target": "recovering", "reenter": True}


@each_table
def test_mermaid_keeps_to_its_grammar_and_names_every_state(table: Table) -> None:
    lines = mermaid(table).splitlines()
    assert [line for line in lines if not MERMAID_LINES.fullmatch(line)] == []
    assert sum(" --> " in line for line in lines) == 1 + len(drawn(table))
    assert all(f'state "{name} ' in mermaid(table) for name in table.states)


def test_mermaid_gives_an_id_to_names_that_it_would_not_take() -> None:
    names = ("end", "half open", "a:b", 'say "no"')
    states = [State(name, OK, ALL, means="It is.") for name in names]
    arrows = [Arrow(name, "on", names[(i + 1) % len(names)]) for i, name in enumerate(names)]
    lines = mermaid(Table("odd", states, arrows, life=True)).splitlines()
    assert [line for line in lines if not MERMAID_LINES.fullmatch(line)] == []
    assert sum(" as s" in line for line in lines) == 4


@each_table
def test_dot_names_every_state_and_draws_every_arrow(table: Table) -> None:
    lines = dot(table).splitlines()
    assert lines[0] == f'digraph "{table.name}" {{'
    assert lines[-1] == "}"
    assert sum(" -> " in line for line in lines) == 1 + len(drawn(table))
    assert all(line.count('"') % 2 == 0 for line in lines)


@each_table
def test_dot_dashes_what_time_alone_moves_and_nothing_else(table: Table) -> None:
    dashed = sum(line.endswith("style=dashed];") for line in dot(table).splitlines())
    assert dashed == sum(arrow.signals == (TIME,) for arrow in drawn(table))


def test_no_form_breaks_on_signs_of_its_own() -> None:
    hostile = """<b>&amp; "it's" | #;: ]]> \\ --> ü"""
    states = [State("a", OK, ALL, means=hostile), State(hostile, WARNING, CLOSING, issue="x", means=hostile)]
    arrows = [Arrow("a", hostile, hostile), Arrow(hostile, "back", "a")]
    table = Table("hostile", states, arrows, life=True, about=hostile)
    assert ET.fromstring(svg(table)).findtext("{http://www.w3.org/2000/svg}desc", "").startswith(hostile)
    assert scxml_edges(table) == Counter((e.source, e.on, e.to, e.only_if) for e in table.edges)
    assert xstate_edges(table) == Counter(table.edges)
    assert [line for line in mermaid(table).splitlines() if not MERMAID_LINES.fullmatch(line)] == []
    assert all(len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 6 for row in rows_of_states(markdown(table)))


def rows_of_states(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| **")]


@each_table
def test_markdown_has_a_row_for_each_state_and_each_arrow(table: Table) -> None:
    rows = [line for line in markdown(table).splitlines() if line.startswith("|")]
    heads = 2 * 2
    assert len(rows) == heads + len(table.states) + len(drawn(table))
    assert all(state.means in markdown(table) for state in table.states.values())


def test_markdown_keeps_its_columns_whatever_the_words() -> None:
    states = [State("a|b", OK, ALL, means="One|two.")]
    rows = [line for line in markdown(Table("odd", states, (), life=True)).splitlines() if line.startswith("| **")]
    assert rows == ["| **a\\|b** (initial) | ok | open |  | One\\|two. |"]


def test_an_arrow_from_any_state_names_what_it_does_not_leave() -> None:
    states = [State(name, OK, ALL, means="It is.") for name in ("a", "b", "c", "d")]
    arrows = [Arrow("a", "go", "c"), Arrow(ANY, "go", "b"), *(Arrow(s, "on", t) for s, t in ("ab", "bc", "cd", "da"))]
    table = Table("t", states, arrows, life=True)
    assert "| any other but a | go |  | b |" in markdown(table)


def test_permits_read_as_a_trader_would_say_them() -> None:
    table = BY_NAME["buying_power"]
    assert {name: permit_words(state.permits) for name, state in table.states.items()} == {
        "unknown": "exits only",
        "funded": "open",
        "unsteady": "exits only",
        "low": "open",
        "no_option": "exits, new equities",
        "no_stock": "exits, new options",
        "empty": "exits only",
        "called": "exits only",
        "unreadable": "exits only",
    }


def test_signals_with_the_same_way_and_condition_share_an_arrow() -> None:
    states = [State("a", OK, ALL, means="It is."), State("b", WARNING, CLOSING, issue="x", means="It is.")]
    arrows = [
        Arrow("a", "one", "b"),
        Arrow("a", "two", "b"),
        Arrow("b", "back", "a"),
        Arrow("a", "three", "b", only_if=InARow(2)),
    ]
    shown = [(arrow.sources, arrow.signals, arrow.to) for arrow in drawn(Table("t", states, arrows, life=True))]
    assert shown == [(("a",), ("one", "two"), "b"), (("b",), ("back",), "a"), (("a",), ("three",), "b")]
