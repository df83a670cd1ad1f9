"""What is told when a table moves?"""

from itertools import pairwise

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from supervisor.core.book import Book
from supervisor.core.event import Event, EventKind
from supervisor.core.words import CRITICAL, ERROR, WARNING, FixResult, Outcome

from core.core_books import TROUBLE, ended, real, real_book, says, told, toy

TOY = toy("toy", fixable=True)


def book_after(*signals: str) -> Book:
    book = Book((TOY,))
    for i, signal in enumerate(signals, 1):
        book.feed(says(toy=signal), float(i))
    return book


def test_a_problem_is_detected_once_and_resolved_once() -> None:
    book = book_after("answered", "failed", "failed")
    assert told(book.feed(says(toy="failed"), 3.0)) == ["detected toy_down"]
    assert told(book.feed(says(toy="failed"), 4.0)) == []
    sweep = book.feed(says(toy="answered"), 5.0)
    assert told(sweep) == ["resolved toy_down"]
    assert sweep.events[0].issue.outcome is Outcome.RECOVERED
    assert sweep.events[0].issue.resolved == 5.0


def test_another_problem_of_the_same_concern_supersedes() -> None:
    book = book_after("answered", "read_poor", "failed", "failed")
    sweep = book.feed(says(toy="failed"), 9.0)
    assert told(sweep) == ["resolved toy_poor", "detected toy_down"]
    assert [event.issue.outcome for event in sweep.events] == [Outcome.SUPERSEDED, None]


def test_what_was_open_stays_open_through_states_that_keep() -> None:
    book = book_after("answered", "read_poor")
    first = book.cursor("toy").issue
    book.feed(says(toy="failed"), 3.0)
    assert book.cursor("toy").state == "unsteady"
    book.tick(1000.0)
    book.feed(says(toy="read_poor"), 1001.0)
    assert book.cursor("toy").issue is first


def test_silence_keeps_what_was_open() -> None:
    book = book_after("answered", "read_poor")
    assert told(book.tick(152.0)) == []
    assert book.cursor("toy").state == "unknown"
    assert [issue.code for issue in book.issues()] == ["toy_poor"]


def test_the_same_problem_at_another_severity_changes_and_loses_its_acknowledgement() -> None:
    book = Book((TOY,), (TROUBLE,))
    book.tell("trouble", "x", "happened", 1.0)
    issue = book.issues()[0]
    book.acknowledge(issue.issue_id, "seen", 2.0)
    sweep = book.tell("trouble", "x", "worsened", 3.0, "worse")
    assert told(sweep) == ["changed trouble_x"]
    changed = sweep.events[0].issue
    assert (changed.issue_id, changed.severity, changed.acknowledged) == (issue.issue_id, ERROR, None)
    assert (changed.description, changed.error_message) == ("x is bad", "worse")
    assert book.issues() == [changed]
    assert told(book.tell("trouble", "x", "eased", 4.0)) == ["changed trouble_x"]
    assert book.issues()[0].severity is WARNING


def test_hearing_the_same_again_tells_nothing() -> None:
    book = Book((TOY,), (TROUBLE,))
    book.tell("trouble", "x", "happened", 1.0)
    again = book.tell("trouble", "x", "happened", 50.0)
    assert len(again.moves) == 1
    assert told(again) == []
    assert told(book.tick(149.9)) == []


def test_the_issue_of_a_life_expires_by_time_and_recovers_by_a_signal() -> None:
    book = Book((TOY,), (TROUBLE,))
    book.tell("trouble", "x", "happened", 1.0)
    book.tell("trouble", "y", "happened", 1.0)
    recovered = book.tell("trouble", "y", "ended", 2.0)
    expired = book.tick(101.0)
    assert expired is not None
    assert [event.issue.outcome for event in recovered.events] == [Outcome.RECOVERED]
    assert [(event.issue.outcome, event.at) for event in expired.events] == [(Outcome.EXPIRED, 101.0)]


def test_a_repair_is_told_as_fixed_only_when_fresh_readings_prove_it() -> None:
    book = book_after("answered", "failed", "failed", "failed")
    cursor = book.cursor("toy")
    assert cursor.issue is not None
    assert cursor.issue.auto_fixable
    cursor.issue = attrs.evolve(cursor.issue, auto_fix_applied=True)
    sweep = book.feed(says(toy="answered"), 9.0)
    assert told(sweep) == ["fixed toy_down", "resolved toy_down"]
    assert [event.issue.auto_fix_result for event in sweep.events] == [FixResult.FIXED] * 2
    assert book.stats.issues_auto_fixed == 1


def test_a_repair_is_not_told_as_fixed_where_another_problem_took_its_place() -> None:
    book = book_after("answered", "read_poor", "failed", "failed")
    cursor = book.cursor("toy")
    assert cursor.issue is not None
    cursor.issue = attrs.evolve(cursor.issue, auto_fix_applied=True)
    assert told(book.feed(says(toy="failed"), 9.0)) == ["resolved toy_poor", "detected toy_down"]
    assert book.stats.issues_auto_fixed == 0


def test_an_issue_says_what_opened_it_and_what_ended_it() -> None:
    book = book_after("answered", "failed", "failed", "failed")
    issue = book.issues()[0]
    assert (issue.error_message, issue.metadata) == ("toy failed", {"evidence": "toy failed"})
    assert issue.severity is CRITICAL
    end = book.feed(says(toy="answered"), 9.0).events[0].issue
    assert end.metadata == {"evidence": "toy failed", "end": "toy answered"}
    assert list(book.history) == [end]


def test_words_of_an_issue_name_the_broker_and_the_key() -> None:
    book = Book((TOY,), (TROUBLE,), broker="Some Broker")
    book.feed(says(toy="answered"), 1.0)
    book.feed(says(toy="read_poor"), 2.0)
    book.tell("trouble", "XYZ", "happened", 3.0)
    assert [issue.description for issue in book.issues()] == ["toy at Some Broker is poor", "Open."]
    assert book.issues()[1].code == "trouble_XYZ"
    assert book.issues()[1].metadata == {"key": "XYZ"}


SIGNALS = [(c.name, signal) for c in real() for signal in c.table.signals]
TOLD = [("trouble", key, s) for key in ("a", "B") for s in ("happened", "worsened", "eased", "ended")]
STEPS = st.lists(
    st.tuples(
        st.one_of(st.lists(st.sampled_from(SIGNALS), min_size=1, max_size=4), st.sampled_from(TOLD)),
        st.sampled_from([0.0, 1.0, 60.0, 119.0, 120.0, 151.0, 700.0]),
    ),
    max_size=40,
)


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_every_detected_has_exactly_one_resolved_and_ids_are_unique(steps: list[tuple[object, float]]) -> None:
    book = real_book()
    now, events, entries = 0.0, list[Event](), list[int]()
    for heard, gap in steps:
        now += gap
        if isinstance(heard, tuple):
            _, key, signal = heard
            sweep = book.tell("trouble", key, signal, now)
        else:
            assert isinstance(heard, list)
            sweep = book.feed(says(**dict(heard)), now)
        events += sweep.events
        entries += [move.entry for move in sweep.moves]
    detected = [event.issue.issue_id for event in events if event.kind is EventKind.DETECTED]
    resolved = [event.issue.issue_id for event in ended(events)]
    still_open = [issue.issue_id for issue in book.issues()]
    assert len(set(detected)) == len(detected)
    assert sorted(resolved + still_open) == sorted(detected)
    assert all(a < b for a, b in pairwise(entries))
    assert all(event.issue.outcome is not None for event in ended(events))
    assert all(a.at <= b.at for a, b in pairwise(events))
    stats = book.stats
    assert (stats.issues_detected, stats.issues_resolved) == (len(detected), len(resolved))


@pytest.mark.parametrize("signal", ["failed", "garbled"])
def test_a_miss_never_recovers_anything(signal: str) -> None:
    book = book_after("answered", "read_poor", *[signal] * 6)
    assert [issue.outcome for issue in book.history] == [Outcome.SUPERSEDED]


def test_an_issue_is_told_in_the_owners_fields() -> None:
    book = book_after("answered", "failed", "failed", "failed")
    told_open = book.issues()[0].as_dict()
    assert (told_open["severity"], told_open["detected_at"]) == ("critical", "1970-01-01T00:00:04+00:00")
    assert (told_open["resolved_at"], told_open["outcome"], told_open["auto_fix_result"]) == (None, None, None)
    cursor = book.cursor("toy")
    assert cursor.issue is not None
    cursor.issue = attrs.evolve(cursor.issue, auto_fix_applied=True)
    told_ended = book.feed(says(toy="answered"), 9.0).events[-1].issue.as_dict()
    assert (told_ended["resolved_at"], told_ended["outcome"]) == ("1970-01-01T00:00:09+00:00", "recovered")
    assert told_ended["auto_fix_result"] == "fixed"


def test_a_reason_is_told_with_its_permits_by_name() -> None:
    book = Book((TOY,), (TROUBLE,))
    book.feed(says(toy="failed"), 1.0)
    book.tell("trouble", "XYZ", "happened", 2.0)
    verdict = book.fold()
    assert verdict.reasons[0].as_dict()["permits"] == ["open_equity", "open_option"]
    assert "scope" not in verdict.reasons[0].as_dict()
    assert verdict.blocks[0].as_dict()["scope"] == "symbol:XYZ"
