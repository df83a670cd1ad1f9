"""Is a time understood as people say it, and the record found that they mean?"""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from freezegun import freeze_time
from supervisor.cli.entries import gathered
from supervisor.cli.issues import lasting
from supervisor.cli.past import instant
from supervisor.clock import iso
from supervisor.errors import ConfigError
from supervisor.journal.home import Home
from supervisor.simulator import DEFAULT_ACCOUNT

from audit.test_audit_commands import fine
from cli.commanding import Commands


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    "said, meant",
    [
        ("now", "2026-11-23T20:00:00.000Z"),
        ("90s", "2026-11-23T19:58:30.000Z"),
        ("15m", "2026-11-23T19:45:00.000Z"),
        ("2h ago", "2026-11-23T18:00:00.000Z"),
        ("1.5h", "2026-11-23T18:30:00.000Z"),
        ("3d", "2026-11-20T20:00:00.000Z"),
        ("1w", "2026-11-16T20:00:00.000Z"),
        ("99999999999d", "1970-01-01T00:00:00.000Z"),
        ("2026-11-23T14:00Z", "2026-11-23T14:00:00.000Z"),
        ("2026-11-23T14:00:01.500+02:00", "2026-11-23T12:00:01.500Z"),
        ("2026-11-23 14:00:00 UTC", "2026-11-23T14:00:00.000Z"),
    ],
)
def test_a_time_is_understood(said: str, meant: str) -> None:
    with freeze_time("2026-11-23T20:00:00Z"):
        assert iso(instant(said)) == meant
        assert iso(instant(f"  {said} ")) == meant


def test_without_a_zone_a_time_is_the_local_one(new_york: None) -> None:
    assert iso(instant("2026-11-23T14:00")) == "2026-11-23T19:00:00.000Z"
    assert iso(instant("2026-07-23T14:00")) == "2026-07-23T18:00:00.000Z"  # in summer
    assert iso(instant("2026-11-23")) == "2026-11-23T05:00:00.000Z"


def test_an_hour_is_the_last_time_it_was_that_late(new_york: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supervisor.clock.time.time", lambda: 1795449600.0)  # 2026-11-23, 16:00 in London, 11:00 here
    assert iso(instant("10:30")) == "2026-11-23T15:30:00.000Z"
    assert iso(instant("9:05:07")) == "2026-11-23T14:05:07.000Z"
    assert iso(instant("11:30")) == "2026-11-22T16:30:00.000Z"
    assert iso(instant("yesterday 10:30")) == "2026-11-22T15:30:00.000Z"
    assert iso(instant("yesterday")) == "2026-11-22T05:00:00.000Z"
    assert iso(instant("today")) == "2026-11-23T05:00:00.000Z"


@pytest.mark.parametrize(
    "said", ["", "soon", "25:00", "10:61", "5", "5y", "-2h", "2026-13-01", "10:30 UTC", "0000-01-01"]
)
def test_what_is_no_time_is_said_to_be_none(said: str) -> None:
    with pytest.raises(
        ConfigError, match=re.escape(f"{said!r} is no time: give now, 15m, 2h or 3d ago, 10:30, or 2026")
    ):
        instant(said)


def test_the_only_record_there_is_needs_no_name_and_one_of_several_does(command: Commands) -> None:
    own = fine(command("log")).out
    command.env(TRADIER_ACCOUNT_ID=None, TRADIER_SANDBOX=None, TRADIER_API_KEY=None)
    assert fine(command("log")).out == own
    place = Home.of("sandbox", DEFAULT_ACCOUNT, command.home).folder
    other = Home.of("live", "6YA00009999", command.home).folder
    shutil.copytree(place, other)
    told = command("log")
    assert told.code == 3
    assert f"there are {other.name}, {place.name}: name one with --account" in told.err
    assert fine(command("log", "--account", "9999")).out == own
    command.env(TRADIER_ACCOUNT_ID=DEFAULT_ACCOUNT)
    assert fine(command("log")).out == own
    command.env(TRADIER_ACCOUNT_ID="VA00000007")
    assert f"there are {other.name}, {place.name}: name one" in command("log").err


def test_what_never_fits_is_said_and_not_an_empty_screen(command: Commands) -> None:
    assert fine(command("log", "--severity", "info")).out == "nothing on record fits\n"
    assert fine(command("log", "--severity", "info", "--json")).out == ""
    shown = fine(command("log", "-n", "3")).out.splitlines()
    assert shown[-1] == "(these are the newest 3; -n 12 shows more)"


def test_a_past_that_is_still_to_come_is_not_told(command: Commands) -> None:
    told = command("explain", "--at", "2999-01-01")
    assert (told.code, told.out) == (3, "")
    assert "is still to come" in told.err


def test_sources_that_say_the_same_are_named_together() -> None:
    same = "timeout (0.7 s): the deadline passed"
    told = f"profile: {same}; balances: {same}; orders: flowing, 0 working"
    assert gathered(told) == f"profile, balances: {same}; orders: flowing, 0 working"
    assert gathered("time passed") == "time passed"
    assert gathered("") == ""
    assert gathered("held: a; b") == "held: a; b"


def test_a_length_of_time_is_told_as_people_do() -> None:
    assert [lasting(s) for s in (0.25, 9.5, 61, 600, 9000, 259200)] == [
        "0.2 s",
        "9.5 s",
        "61 s",
        "10 min",
        "2.5 h",
        "3.0 days",
    ]


def test_the_record_of_a_demo_is_kept_where_a_home_is_named(command: Commands, tmp_path: Path) -> None:
    command.env(TRADIER_API_KEY=None, TRADIER_ACCOUNT_ID=None)
    home = str(tmp_path / "demo")
    fine(command.program("run", "--demo", "--for", "2", "--home", home))
    assert "unknown -answered-> up" in fine(command("log", "--home", home, "-n", "99")).out
    assert "identical: " in fine(command("replay", "--home", home)).out
    assert "All " in fine(command("log", "verify", "--home", home)).out
