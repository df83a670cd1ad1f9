"""Does every question get exactly the entries it asks for, from an index?"""

import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from supervisor.errors import JournalError
from supervisor.journal import Entry, Journal, Where, entries, newest, query

COUNT = 2500
CONCERNS = ("connection", "clock")
SEVERITIES = ("info", "critical")


def story() -> list[Entry]:
    """Rounds, moves and notes; the wall clock is set back by an hour in the middle."""
    chance = random.Random(4)
    told = []
    for n in range(1, COUNT + 1):
        at = 1.7e9 + n - (3600 if n > COUNT // 2 else 0)
        if n % 5:
            told.append(Entry(n, at, "round", None, {"issue": "no_issue-1", "n": n, "says": '"kind":"resolved"'}))
        else:
            code = chance.choice(("connection_failed", "connection_error", "connection_failed_twice"))
            happened = [{"kind": kind} for kind in ("detected", "resolved") if chance.random() < 0.3]
            body = {"issue": f"{code}-{n // 20}", "severity": chance.choice(SEVERITIES), "events": happened}
            told.append(Entry(n, at, "move", chance.choice(CONCERNS), body))
    return told


STORY = story()


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    path = tmp_path_factory.mktemp("query") / "journal.db"
    with Journal.open(path, account="VA12345678", environment="sandbox") as writer:
        writer.append(STORY)
    with Journal.open(path, read_only=True) as reader:
        yield reader


def fits(entry: Entry, where: Where) -> bool:
    """The same question, asked of one entry in plain Python."""
    move = entry.kind == "move"
    issue = entry.body["issue"] if move else None
    return all(
        (
            where.kind in (None, entry.kind),
            where.concern in (None, entry.concern),
            where.severity is None or (move and entry.body["severity"] == where.severity),
            where.issue is None or (issue is not None and where.issue in (issue, issue.rsplit("-", 1)[0])),
            where.since is None or entry.at >= where.since,
            where.until is None or entry.at <= where.until,
            where.event is None or (move and {"kind": where.event} in entry.body["events"]),
        )
    )


QUESTIONS = [
    Where(*asked)
    for asked in product(
        (None, "move", "round", "stop"),
        (None, "clock"),
        (None, "critical"),
        (None, "connection_failed", STORY[99].body["issue"], "connection"),
        (None, STORY[300].at),
        (None, STORY[-300].at),
        (None, "resolved"),
    )
]


def test_every_question_gets_exactly_the_entries_that_fit_in_number_order(journal: Journal) -> None:
    for where in QUESTIONS:
        expected = [entry for entry in STORY if fits(entry, where)]
        assert [entry for entry in STORY if query.fits(entry, where)] == expected, where
        assert list(entries(journal, where)) == expected, where
        timed = where.since is not None or where.until is not None
        ranked = sorted(expected, key=lambda entry: (entry.at, entry.number)) if timed else expected
        for count in (1, 7, COUNT):
            assert newest(journal, count, where) == sorted(ranked[-count:], key=lambda entry: entry.number), where


def test_every_question_is_answered_from_an_index_without_sorting_everything(journal: Journal) -> None:
    seen: list[str] = []
    journal._database.set_trace_callback(seen.append)
    for where in QUESTIONS:
        newest(journal, 5, where)
    journal._database.set_trace_callback(None)
    for asked in seen:
        plan = " / ".join(str(step[3]) for step in journal.fetch("EXPLAIN QUERY PLAN " + asked))
        assert "USING INDEX" in plan or plan == "SCAN entries", (plan, asked)
        assert "WHERE 1 ORDER" in asked or plan != "SCAN entries", (plan, asked)
        assert "TEMP B-TREE" not in plan or "issue" in asked, (plan, asked)


def test_a_stretch_of_numbers_is_streamed_for_replay_and_followed_by_number(journal: Journal) -> None:
    assert [entry.number for entry in entries(journal, after=10, last=1500)] == list(range(11, 1501))
    assert list(entries(journal, after=COUNT)) == []
    assert [entry.number for entry in entries(journal, Where(kind="move"), after=COUNT - 10)] == [COUNT - 5, COUNT]


def test_a_follower_sees_what_was_written_since_it_last_asked(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal.open(path, account="VA12345678", environment="sandbox") as writer:
        writer.append(STORY[:3])
        with Journal.open(path, read_only=True) as follower:
            seen = [entry.number for entry in entries(follower)]
            writer.append(STORY[3:6])
            seen += [entry.number for entry in entries(follower, after=seen[-1])]
    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_body_that_is_not_ours_is_an_error_that_names_the_entry(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db", account="VA12345678", environment="sandbox") as writer:
        writer.append(STORY[:3])
        for body, words in (("[1]", "not an object"), ("{", "not JSON")):
            writer.fetch("UPDATE entries SET body = ? WHERE number = 2", (body,))
            with pytest.raises(JournalError, match=f"Entry 2 of the journal cannot be read: its body is {words}"):
                list(entries(writer))
