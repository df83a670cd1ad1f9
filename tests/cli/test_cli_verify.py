"""Does `supervisor verify` say what it covered, fail where a table is wrong, and tell how to see it?"""

from pathlib import Path

import pytest
from supervisor.core.explore import Property
from supervisor.testing.seeded import SEEDED

from cli.commanding import Commands

OWN = """\
from supervisor.testing.seeded import Arrow, MISSED, concern, in_a_row

SOUND = concern("mine")
FRAIL = concern("frail", arrows={"miss": None, "slip": Arrow("up", MISSED, "unsteady", only_if=in_a_row(2))})
NOTHING = 1
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_tables.py").write_text(OWN)
    return tmp_path


def test_it_says_what_it_covered_and_that_each_property_can_fail(own: Path, command: Commands) -> None:
    done = command("verify", "--own", "own_tables:SOUND")
    assert done.code == 0
    lines = done.out.splitlines()
    assert any(line.startswith("mine") and " 5/5 states" in line for line in lines)
    assert any(
        line.startswith("connection") and " 8/8 states  45/45 arrows  54/54 guard outcomes" in line for line in lines
    )
    for one in Property:
        planted = sum(seeded.breaks is one for seeded in SEEDED)
        assert f"holds  {one.value} ({planted} of {planted} planted faults found)" in lines
    assert lines[-1] == "All of it holds."


def test_a_wrong_table_of_ones_own_fails_it_with_the_shortest_path_and_a_scenario(own: Path, command: Commands) -> None:
    done = command("verify", "--own", "own_tables:FRAIL", "--save", "found", "--json")
    assert done.code == 1
    assert not done.json()["ok"]
    finding = next(f for f in done.json()["findings"] if "still permits opening" in f["words"])
    assert (finding["table"], finding["breaks"]) == ("frail", "shows")
    assert finding["path"] == ["begins unknown", "answered", "failed"]
    assert all(one["found"] for one in done.json()["planted"])
    broken = {one["name"]: one["findings"] for one in done.json()["properties"]}
    assert broken["shows"] >= 1
    assert broken["cancels"] == 0
    saved = next(path for path in done.json()["saved"] if "frail-shows" in path)
    played = command("scenario", "run", saved)
    assert played.code == 1
    assert "still permits opening after 'failed'" in played.out


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("own_tables:GONE", "is no module:name that can be imported"),
        ("no_such_module:X", "is no module:name that can be imported"),
        ("own_tables:NOTHING", "is int, and neither a Concern nor a Life"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(own: Path, command: Commands, named: str, words: str) -> None:
    done = command("verify", "--own", named)
    assert done.code == 3
    assert words in done.err
