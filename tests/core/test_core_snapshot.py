"""How is a whole book put on record, and taken up again?"""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from supervisor.core.book import Book
from supervisor.core.slot import Sweep
from supervisor.core.snapshot import carry_over, dump, dump_issue, load, load_issue
from supervisor.core.words import FixResult

from core.core_books import TROUBLE, moves, real, real_book, says, told, toy

SIGNALS = {concern.name: concern.table.signals for concern in real()}
GAPS = st.one_of(st.sampled_from([0.0, 15.0, 60.0, 120.0, 150.0, 700.0]), st.floats(0.0, 4000.0))
SIGNALLED = st.fixed_dictionaries({}, optional={n: st.sampled_from(signals) for n, signals in SIGNALS.items()})
TELLING = st.tuples(st.sampled_from(["a", "B"]), st.sampled_from(["happened", "worsened", "eased", "ended"]))
STEPS = st.lists(st.tuples(st.one_of(SIGNALLED, TELLING), GAPS), min_size=1, max_size=30)
Steps = list[tuple[Any, float]]


def take(book: Book, heard: Any, now: float) -> Sweep:
    if isinstance(heard, dict):
        return book.feed(says(**heard), now)
    key, signal = heard
    return book.tell("trouble", key, signal, now, "evidence")


def through_json(book: Book) -> Book:
    fresh = real_book()
    assert load(fresh, json.loads(json.dumps(dump(book)))) == []
    return fresh


@given(STEPS, st.integers(0, 30))
@settings(max_examples=200, deadline=None)
def test_a_book_taken_up_again_anywhere_has_the_same_future(steps: Steps, cut: int) -> None:
    book = real_book()
    now, future, future_again = 0.0, list[Sweep](), list[Sweep]()
    again: Book | None = None
    for i, (heard, gap) in enumerate(steps):
        if i == cut % len(steps):
            again = through_json(book)
            assert again.fold() == book.fold()
            assert again.wake_at() == book.wake_at()
        now += gap
        sweep = take(book, heard, now)
        if again:
            future.append(sweep)
            future_again.append(take(again, heard, now))
    assert again is not None
    assert moves(*future) == moves(*future_again)
    assert told(*future) == told(*future_again)
    assert dump(book) == dump(again)
    assert (book.fold(), book.stats) == (again.fold(), again.stats)


def flapping_book() -> Book:
    book = real_book()
    for i in range(6):
        signal = "read_low" if i % 2 else "read_approved"
        book.feed(says(approval=signal), 60.0 * i)
    return book


def test_a_watch_for_flapping_is_taken_up_too() -> None:
    book = flapping_book()
    again = through_json(book)
    assert dump(again)["watches"]
    assert dump(again) == dump(book)
    assert {issue.code for issue in again.issues()} == {"options_not_approved", "approval_flapping"}


def test_an_issue_is_put_on_record_exactly() -> None:
    issue = flapping_book().issues()[0]
    repaired = attrs.evolve(issue, auto_fix_applied=True, auto_fix_result=FixResult.FIXED, acknowledged="seen")
    for one in (issue, repaired):
        assert load_issue(json.loads(json.dumps(dump_issue(one)))) == one
    ended = flapping_book().history[0]
    assert load_issue(json.loads(json.dumps(dump_issue(ended)))) == ended


def test_what_is_no_issue_is_refused() -> None:
    told_ = dump_issue(flapping_book().issues()[0])
    with pytest.raises(ValueError, match="99"):
        load_issue({**told_, "severity": 99})
    with pytest.raises(TypeError):
        load_issue({**told_, "mystery": 1})
    with pytest.raises(KeyError):
        load_issue({name: value for name, value in told_.items() if name != "outcome"})


def test_a_state_that_todays_table_does_not_know_begins_anew_and_is_named() -> None:
    saved = dump(flapping_book())
    cursor = next(c for c in saved["cursors"] if c["name"] == "approval")
    cursor["state"] = "abolished"
    saved["cursors"].append({**cursor, "name": "gone", "state": "x"})
    fresh = real_book()
    assert load(fresh, saved) == [
        "approval was abolished, which is no state of today",
        "gone is no concern or life of today",
    ]
    assert fresh.cursor("approval").state == "unknown"
    assert "approval_unreadable" not in {issue.code for issue in fresh.issues()}


def test_a_watch_of_a_concern_that_is_gone_and_a_counter_of_tomorrow_do_no_harm() -> None:
    saved = dump(flapping_book())
    saved["watches"]["gone"] = {"flags": [1], "hard": [1.0]}
    saved["stats"]["counter_of_tomorrow"] = 5
    fresh = real_book()
    assert load(fresh, saved) == []
    assert fresh.stats == flapping_book().stats


def test_masking_is_worked_out_again_when_taken_up() -> None:
    book = Book((toy("root"), toy("leaf", "root")))
    book.feed(says(root="answered", leaf="answered"), 0.0)
    for i in range(1, 4):
        book.feed(says(root="failed"), float(i))
    fresh = Book((toy("root"), toy("leaf", "root")))
    load(fresh, json.loads(json.dumps(dump(book))))
    assert fresh.cursor("leaf").masked
    assert fresh.masked_by("root") == ["leaf"]


def test_only_what_is_named_is_carried_over() -> None:
    old, new = flapping_book(), real_book()
    old.tell("trouble", "x", "happened", 400.0)
    old.feed(says(operator="halted"), 401.0)
    carry_over(old, new, ("operator", "trouble", "order"))
    assert new.cursor("operator").state == "halt"
    assert new.cursor("trouble", "x").state == "open"
    assert new.cursor("approval").state == "unknown"
    assert [issue.code for issue in new.issues()] == ["trouble_x", "operator_halt"]


def test_lives_that_todays_book_does_not_have_are_not_carried_over() -> None:
    old, new = real_book(), Book(real())
    old.tell("trouble", "x", "happened", 400.0)
    carry_over(old, new, (TROUBLE.name,))
    assert new.issues() == []
