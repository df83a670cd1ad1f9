"""A record that a user's own concern is part of: judged with that concern at hand, and otherwise not judged at all."""

from pathlib import Path

import pytest
from supervisor.core.concern import Concern, Life
from supervisor.errors import JournalError
from supervisor.journal.chain import EntryKind
from supervisor.journal.query import Where, entries
from supervisor.journal.store import Journal
from supervisor.monitor.past_replay import compare
from supervisor.testing.clocks import Frozen
from supervisor.testing.own import own_of
from supervisor.testing.world import EXACT, World

from cli.commanding import Commands

OWN = """\
from supervisor.concerns.common import showing
from supervisor.core.concern import Concern, Life
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, CLOSING, OK, WARNING


def judge(round_):
    money = round_.get("balances")
    return None if money is None else "was_late"


STATES = (
    State("live", OK, ALL, means="Quotes are fresh."),
    State("late", WARNING, CLOSING, issue="feed_late", means="Quotes are late."),
)
ARROWS = (Arrow("live", "was_late", "late"), Arrow("late", "was_fresh", "live"))
FEED = Concern(Table("feed", STATES, ARROWS), judge, "data", showing("balances"))
OTHER = Concern(Table("other", STATES, ARROWS), judge, "data", showing("balances"))
TWIN = Concern(Table("connection", STATES, ARROWS), judge, "data", showing("balances"))
PLAN = Life(Table("plan", STATES, ARROWS, life=True), "data")
"""
MINE = ("--own", "own_feed:FEED", "--own", "own_feed:PLAN")
BY_THEN = "2026-11-23T14:09Z"
ASKED = [
    ("replay",),
    ("replay", "--since", BY_THEN),
    ("replay", "--settings", "other.toml"),
    ("explain", "--at", BY_THEN),
    ("issues",),
    ("stats", "--since", BY_THEN),
    ("report",),
    ("diagram", "connection", "--overlay", "now", "--at", BY_THEN),
]
UNKNOWN = "is part of this record and not known here: hand it in (--own MODULE:NAME, or SUPERVISOR_OWN), or it can't be judged"


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands about ten minutes in which a concern and a life of the user's own watched along."""
    commands = Commands(monkeypatch, capsys, tmp_path / "home")
    commands.env(TRADIER_SANDBOX="true", SUPERVISOR_OWN=None)
    (tmp_path / "own_feed.py").write_text(OWN)
    (tmp_path / "other.toml").write_text("fall = 5\n")
    commands.home.mkdir()
    monkeypatch.setattr("supervisor.monitor.recorder.SNAPSHOT_EVERY", 5)
    live(commands.home, own_of("own_feed:FEED"), own_of("own_feed:PLAN"))
    return commands


def live(home: Path, *own: Concern | Life, begin: str = "2026-11-23T14:00:00+00:00", status: str = "active") -> Path:
    """Ten minutes on record, with a stop in their middle."""
    with Frozen(begin) as frozen:
        world = World(
            frozen,
            home,
            settings=EXACT,
            concerns=[one for one in own if isinstance(one, Concern)],
            lives=[one for one in own if isinstance(one, Life)],
        )
        world.set_account({"status": status})
        for minutes in (5, 5):
            world.start()
            if any(isinstance(one, Life) for one in own):
                world.running.tell("plan", "lunch", "was_late", "at noon")
            world.run_to(frozen.true + 60 * minutes)
            world.stop()
        return world.home.journal


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_what_is_not_known_here_is_named_and_nothing_is_judged_without_it(
    command: Commands, asked: tuple[str, ...]
) -> None:
    done = command(*asked)
    assert (done.code, done.out) == (3, "")
    assert done.err == f"supervisor: the concern 'feed' {UNKNOWN}\n"
    assert not Path("report.html").exists()


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_with_ones_own_at_hand_all_is_judged(command: Commands, asked: tuple[str, ...]) -> None:
    done = command(*asked, *MINE)
    assert (done.code, done.err) == (0, "")
    command.env(SUPERVISOR_OWN="own_feed:FEED own_feed:PLAN")
    assert command(*asked).out == done.out
    if asked == ("replay",):
        assert done.out.startswith("identical: ")
    if asked[0] == "explain":
        assert "feed is late since 2026-11-23 14:00:00 UTC: Quotes are late." in done.out


def test_a_life_that_is_not_known_here_is_named_too(command: Commands) -> None:
    for since in ((), ("--since", BY_THEN)):
        done = command("replay", "--own", "own_feed:FEED", *since)
        assert done.code == 3
        assert done.err == f"supervisor: the life 'plan' {UNKNOWN}\n"


def test_what_is_no_part_of_the_record_is_named(command: Commands) -> None:
    done = command("replay", *MINE, "--own", "own_feed:OTHER")
    assert done.code == 3
    assert (
        done.err == "supervisor: the concern 'other' is no part of this record: leave it out, or it can't be judged\n"
    )


def test_a_name_that_is_taken_is_refused(command: Commands) -> None:
    done = command("replay", *MINE, "--own", "own_feed:TWIN")
    assert done.code == 3
    assert done.err == "supervisor: a concern or life is called 'connection' already: give your own another name\n"


def test_a_concern_that_todays_code_has_and_the_record_has_not_is_no_difference_but_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supervisor.concerns import standard
    from supervisor.monitor import making

    with monkeypatch.context() as before:
        before.setattr(making, "standard", lambda settings: tuple(c for c in standard(settings) if c.name != "clock"))
        making._concerns.cache_clear()
        file = live(tmp_path)
    making._concerns.cache_clear()
    with Journal.open(file, read_only=True) as journal, pytest.raises(JournalError) as refused:
        compare(journal, EXACT)
    assert str(refused.value).startswith(
        "the concern 'clock' is known here and was no part of this record, made by version "
    )


def told(file: Path) -> list[tuple[str, str]]:
    """Every event on record: its kind, and the issue's id."""
    with Journal.open(file, read_only=True) as journal:
        moves = list(entries(journal, Where(kind=EntryKind.MOVE)))
    return [(event["kind"], event["issue"]["issue_id"]) for move in moves for event in move.body["events"]]


@pytest.mark.parametrize("first", [False, True], ids=["it came later", "it was left out later"])
def test_one_that_came_or_went_between_two_processes_changes_nothing_of_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_feed.py").write_text(OWN)
    mine = own_of("own_feed:FEED")
    for n, with_mine in enumerate((first, not first)):
        own = (mine,) if with_mine else ()
        status = ("suspended", "active")[n]
        file = live(tmp_path, *own, begin=("2026-11-23T14:00:00+00:00", "2026-11-23T15:00:00+00:00")[n], status=status)
    events = told(file)
    began = [issue for kind, issue in events if kind == "detected"]
    ended = [issue for kind, issue in events if kind == "resolved"]
    assert {issue.rpartition("-")[0] for issue in began} == {"account_restricted", "feed_late"}
    assert [issue for issue in ended if issue.startswith("account")] == [i for i in began if i.startswith("account")]
    with Journal.open(file, read_only=True) as journal:
        found = compare(journal, EXACT, own=[mine])
    assert found.identical, found.difference


def test_a_life_that_was_left_out_later_does_not_break_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_feed.py").write_text(OWN)
    live(tmp_path, own_of("own_feed:PLAN"))
    file = live(tmp_path, begin="2026-11-23T15:00:00+00:00")
    assert [path.name for path in file.parent.glob("*.db")] == ["journal.db"]  # none was moved aside as damaged
    assert ("detected", "operator_hold") not in [(kind, issue.rpartition("-")[0]) for kind, issue in told(file)]


def test_a_module_that_cannot_be_imported_is_named_whatever_it_raises(command: Commands, tmp_path: Path) -> None:
    (tmp_path / "own_broken.py").write_text("def feed(:\n")
    done = command("replay", "--own", "own_broken:FEED")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "'own_broken:FEED' is no module:name that can be imported: SyntaxError" in done.err
