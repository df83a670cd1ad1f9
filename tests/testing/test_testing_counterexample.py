"""Can what the proof found be played, and does it come out otherwise for as long as the table is wrong?"""

from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from supervisor.core.concern import Concern
from supervisor.core.explore import explore, prove
from supervisor.core.explore_said import heard_on, together
from supervisor.core.explore_walk import PASSING, STOP, walk
from supervisor.core.words import TIME
from supervisor.testing import run
from supervisor.testing.counterexample import save, scenario_of
from supervisor.testing.proving import tables, watched
from supervisor.testing.scenario import load, read
from supervisor.testing.seeded import SEEDED, concern
from supervisor.testing.story import Story
from supervisor.testing.text import ScenarioError

WRONG = """\
from supervisor.testing.seeded import ARROWS, MISSED, Arrow, concern, in_a_row

WRONG = concern("mine", arrows={"miss": None, "slip": Arrow("up", MISSED, "unsteady", only_if=in_a_row(2))})
"""
RIGHT = """\
from supervisor.testing.seeded import concern

WRONG = concern("mine")
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Writes a module of the user's own, where it is found."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text)

    return write


def test_a_finding_is_played_until_the_table_is_mended(module: Callable[[str, str], None], tmp_path: Path) -> None:
    module("wrong_tables", WRONG)
    module("right_tables", RIGHT)
    from supervisor.testing.own import own_of

    mine = own_of("wrong_tables:WRONG")
    assert isinstance(mine, Concern)
    found = [f for f in explore(mine.table).findings if "still permits opening" in f.words]
    (path,) = save(found, tmp_path / "found", own=["wrong_tables:WRONG"])
    assert path.name == "mine-shows-1.scenario.yaml"
    outcome = run(load(path))
    assert not outcome.passed
    (failure,) = outcome.failures
    assert failure.expected == "proved: mine"
    assert "'up' still permits opening after 'failed'" in failure.seen
    assert [move.partition("mine: ")[2].partition("  (")[0] for move in failure.moves] == ["unknown -> up  on answered"]
    path.write_text(path.read_text().replace("wrong_tables", "right_tables"))
    assert run(load(path)).passed


def test_what_time_alone_does_is_played_at_its_very_instant() -> None:
    table = tables()["credentials"]
    walked = walk(table)
    stale = next(s for s in walked.steps if s.signal == TIME and s.before.state == "accepted")
    heard = heard_on("credentials", stale)
    assert [(one.signal, one.after) for one in heard if one.signal not in (TIME, PASSING)] == [("accepted", 0.0)]
    assert heard[-1].after == 150.0


def test_every_way_there_is_leads_there_again_when_played() -> None:
    """The signals at their instants, and nothing else, bring a table where the walk came."""
    for name in ("connection", "account", "flapping"):
        table = tables()[name]
        for situation in walk(table).situations[::7]:
            story = Story(table, table.initial, step_seconds=0.0)
            stopped, was = False, 0.0
            for one in heard_on(name, situation):
                stopped = stopped or one.signal == STOP
                story.when(one.after - was, *([one.signal] if one.signal in table.signals else []))
                was = one.after
            if not stopped:
                assert story.cursor.state == situation.cursor.state


def test_ways_together_end_at_one_instant_and_children_come_first() -> None:
    parent, child = concern("parent"), concern("child", "parent")
    late = next(s for s in walk(parent.table).situations if s.cursor.state == "recovering" and s.cursor.now > 0)
    down = next(s for s in walk(child.table).situations if s.cursor.state == "down")
    heard = together([("parent", late), ("child", down)])
    assert {one.table: one.after for one in heard} == {"parent": late.cursor.now, "child": late.cursor.now}
    at_last = [one.table for one in heard if one.after == late.cursor.now]
    assert at_last == sorted(at_last)  # "child" before "parent"
    assert together([]) == together([("x", None)]) == ()


def test_a_finding_about_all_tables_together_asks_for_all_of_them() -> None:
    one = next(one for one in SEEDED if one.finding == "permits what some table does not")
    finding = next(f for f in prove(one.build(), how=one.how).findings if one.finding in f.words)
    said = scenario_of(finding)
    assert said["timeline"][-1]["expect"] == {"proved": "all"}
    assert "own" not in said


def test_a_long_stop_and_a_life_are_played_too() -> None:
    concerns, lives = watched()
    down = next(s for s in walk(concerns[0].table).situations if s.came is not None and s.came.signal == STOP)
    finding = attrs.evolve(
        next(iter(explore(SEEDED[0].build()[0].table).findings)), table="endpoint", heard=heard_on("endpoint", down)
    )
    assert {"restart": "2h"} in [
        {k: v for k, v in step.items() if k != "at"} for step in scenario_of(finding)["timeline"]
    ]
    breaker = next(life for life in lives if life.name == "breaker")
    trip = next(s for s in walk(breaker.table).situations if s.cursor.state == "probing")
    finding = attrs.evolve(finding, table="breaker", heard=heard_on("breaker", trip))
    said = scenario_of(finding, lives=["breaker"])
    assert said["timeline"][0]["hears"] in {"breaker/key was_tripped", "breaker/key was_tripped_for_all"}
    outcome = run(read({**said, "desk": "yes"}))
    assert outcome.passed, outcome.text()
    assert any("detected orders_tripped" in event for event in outcome.events)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"hears": "connection"}, "names no table and signal"),
        ({"hears": "weather rained"}, "nothing is called 'weather'"),
        ({"hears": "connection failed", "expect": {"proved": "weather"}}, "nothing is called weather"),
    ],
)
def test_what_no_table_hears_is_said(step: dict[str, object], words: str) -> None:
    said = {"scenario": "x", "looks": "told", "timeline": [{"at": "+0s", "expect": {"open": "no"}, **step}]}
    try:
        text = run(read(said)).text()
    except ScenarioError as error:
        text = str(error)
    assert words in text


def test_tables_that_are_told_what_to_hear_hear_nothing_else() -> None:
    said = {
        "scenario": "Two misses, told",
        "looks": "told",
        "timeline": [
            {"at": "+0s", "expect": {"connection": "unknown", "endpoint": "unknown"}},
            {"at": "+1s", "hears": "connection answered", "expect": {"connection": "up", "account": "unknown"}},
            {"at": "+1s", "hears": ["connection failed", "connection failed"], "expect": {"connection": "unsteady"}},
            {"at": "+1s", "look": "yes", "expect": {"connection": "unsteady", "proved": "connection"}},
        ],
    }
    outcome = run(read(said))
    assert outcome.passed, outcome.text()
