"""Does every table say in a person's words what would open a permit again?"""

import pytest
from supervisor.cli.diagrams import tables
from supervisor.core.paths import opens_when, way
from supervisor.core.table import Table
from supervisor.core.words import EACH_PERMIT, TIME

TABLES = tables()


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_what_would_open_a_permit_again_is_said_without_a_signals_name(table: Table) -> None:
    for state in table.states:
        for permit in EACH_PERMIT:
            awaited = {edge.on for edge in way(table, state, int(permit)) or ()} - {TIME}
            assert awaited <= table.words.keys()
            said = opens_when(table, state, int(permit))
            assert said in {"now", "never by itself"} or said.startswith("when ")
            assert "_" not in said
            assert "'" not in said.replace("broker's", "")
            assert "is heard" not in said


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("buying_power", "empty", "when the broker shows money to open with"),
        (
            "connection",
            "down",
            "when the broker answers 2 times in a row, then 3 times in a row and for at least 120 s",
        ),
        ("operator", "reduce", "when a person releases the hold"),
        ("flapping", "flapping", "when it stays as it is for at least 10 min"),
        ("breaker", "tripped", "when 60 s have passed"),
    ],
)
def test_a_trader_reads(name: str, state: str, said: str) -> None:
    table = TABLES[name]
    (closed, *_) = [permit for permit in EACH_PERMIT if not table.states[state].permits & permit]
    assert opens_when(table, state, int(closed)) == said
