"""Would we notice a table with one row wrong?"""

import pytest
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, CLOSING, KEEP, OK, WARNING
from supervisor.testing.batteries import BATTERIES
from supervisor.testing.mutants import REFUSED, RULE, TALE, Survivor, contradictions, hunt, noticed
from supervisor.testing.mutations import Mutant, mutants, rebuilt
from supervisor.testing.proving import tables
from supervisor.testing.seeded import concern
from supervisor.testing.tales import Bearing, Everywhere, Tale, Truth, Ways

TABLES = tables()
LARGE = {"connection", "account", "buying_power", "orders", "order"}
"""Those whose mutants are many: `supervisor verify --mutants` hunts all of them, here a sample."""


@pytest.mark.parametrize("name", TABLES)
def test_our_tables_are_as_the_tales_tell(name: str) -> None:
    assert list(contradictions(TABLES[name], BATTERIES[name])) == []


def test_there_are_tales_of_every_concern_and_life() -> None:
    assert set(BATTERIES) == set(TABLES)


@pytest.mark.parametrize("name", [name for name in TABLES if name not in LARGE])
def test_no_mutant_of_a_small_table_survives(name: str) -> None:
    hunted = hunt([TABLES[name]])
    assert hunted.survivors == ()
    assert hunted.total == hunted.refused + hunted.by_tale + hunted.by_rule


def test_no_mutant_of_a_seeded_sample_of_all_survives() -> None:
    hunted = hunt(TABLES.values(), sample=500, seed=20261123)
    assert hunted.survivors == ()
    assert hunted.total == 500


def test_there_are_mutants_of_every_kind() -> None:
    words = " | ".join(mutant.words for mutant in mutants(TABLES["connection"]))
    for kind in (
        "is gone",
        "leads to 'down'",
        "swap their targets",
        "swap their places",
        "forgets '3 in a row'",
        "asks '2 in a row' for '3 in a row'",
        "asks '4 in a row' for '3 in a row'",
        "asks 'held 119 s' for 'held 120 s'",
        "asks 'silent 151 s' for 'silent 150 s'",
        "asks 'not held 120 s'",
        "asks '3 of the last 6 rounds'",
        "'up' does not permit open_equity",
        "'down' permits open_option",
        "'down' is WARNING",
        "'down' bears None",
        "'up' bears '(keep)'",
        "'down' does not blind",
        "'slow' blinds",
        "is not of the family",
        "is not neutral",
        "depends on nothing",
    ):
        assert kind in words, kind


def test_every_mutant_is_one_thing_changed_and_said_once() -> None:
    for table in TABLES.values():
        words = [mutant.words for mutant in mutants(table)]
        assert len(words) == len(set(words))


def test_rebuilding_a_table_changes_nothing() -> None:
    for table in TABLES.values():
        again = rebuilt(table)
        assert (again.edges, again.states, again.react.keys()) == (table.edges, table.states, table.react.keys())


# ---------------------------------------------------------------- each killer kills, and a survivor is told

SOUND = concern().table


def test_a_table_that_refuses_to_be_built_is_noticed() -> None:
    broken = noticed(Mutant("x", lambda: rebuilt(SOUND, arrows=[*SOUND.arrows, Arrow("up", "x", "gone")])), ())
    assert broken is not None
    assert (broken.how, "unknown state 'gone'" in broken.why) == (REFUSED, True)


def test_a_rule_of_all_tables_notices_where_no_tale_is_told() -> None:
    dropped = next(m for m in mutants(SOUND) if "from 'unsteady' to 'down'" in m.words and m.words.endswith("is gone"))
    death = noticed(dropped, ())
    assert death is not None
    assert death.how == RULE


def test_a_tale_notices_first_and_says_what_it_tells() -> None:
    tale = Tale("one miss closes opening", "up", ("failed",), "unsteady", CLOSING)
    led = next(m for m in mutants(SOUND) if "from 'up' to 'unsteady'" in m.words and "leads to 'down'" in m.words)
    miss = Tale("one miss is no outage", "unsteady", ("failed",), "unsteady", CLOSING)
    changed = next(m for m in mutants(SOUND) if "from 'unsteady' to 'down'" in m.words and "forgets" in m.words)
    assert noticed(led, (tale,)) is not None
    death = noticed(changed, (tale, miss))
    assert death is not None
    assert (death.how, death.why) == (TALE, "one miss is no outage: it ends 'down', not 'unsteady'")


def test_what_no_one_notices_is_told_as_a_sentence() -> None:
    table = Table(
        "lamp",
        (State("off", OK, ALL, means="Off."), State("on", WARNING, ALL, issue="lamp_on", means="On.")),
        (Arrow("off", "pressed", "on"), Arrow("on", "pressed", "off")),
        life=True,
    )
    told = [str(survivor) for survivor in hunt([table]).survivors]
    assert "lamp: no one notices when 'on' does not permit open_equity" in told
    assert str(Survivor("lamp", "x")) == "lamp: no one notices when x"
    assert hunt([table]).as_dict()["survivors"] == told


WRONG = [
    (Tale("s", "up", ("failed",), "gone", ALL), "there is no state 'up' or 'gone'"),
    (Tale("s", "up", ("failed",), "up", ALL), "it ends 'unsteady', not 'up'"),
    (Tale("s", "up", (), "up", CLOSING), "'up' permits"),
    (Tale("s", "up", (), "up", ALL, "connection_failed"), "it bears None, not 'connection_failed'"),
    (Everywhere("s", "answered", "up", ALL), "from 'recovering' it ends 'recovering', not 'up'"),
    (Bearing(("nothing",)), "'down' blinds"),
    (Ways("s", {}), "from 'unknown' on 'answered' it goes [answered] up, not to None"),
    (Ways("s", {"unknown": {"answered": "down"}}), "it goes [answered] up, not to 'down'"),
    (Ways("s", {"unknown": {"answered": "up", "failed": "down"}}), "on 'failed' it goes nowhere, not to 'down'"),
]


@pytest.mark.parametrize(("truth", "words"), WRONG)
def test_a_truth_says_what_is_wrong(truth: Truth, words: str) -> None:
    assert words in str(truth.wrong(SOUND))


def test_the_severity_of_a_problem_is_told() -> None:
    mild = Tale("s", "down", (), "down", CLOSING, "connection_failed", milder=WARNING)
    assert mild.wrong(TABLES["connection"]) == "'connection_failed' is CRITICAL"


def test_who_keeps_what_was_open_is_told() -> None:
    forgetful = rebuilt(
        TABLES["endpoint"],
        states=[
            State(s.name, s.severity, s.permits, issue=None, means=s.means) if s.issue == KEEP else s
            for s in TABLES["endpoint"].states.values()
        ],
    )
    assert Bearing().wrong(forgetful) == "'unknown' bears None"
    assert Bearing(("x",)).wrong(TABLES["endpoint"]) == "it depends on ()"
