"""What a repair does to an issue, told through the book; and what a stop before the first reading begins."""

import pytest
from supervisor.core.book import Book
from supervisor.core.mending import APPLIED, PROVED, RELEASED, UNDONE
from supervisor.core.words import FixResult

from core.core_books import says, told, toy


def down() -> Book:
    book = Book((toy("a", fixable=True),), (), now=0.0)
    for at in (0.0, 10.0, 20.0, 30.0):
        book.feed(says(a="answered" if not at else "failed"), at)
    assert [issue.code for issue in book.issues()] == ["a_down"]
    return book


def test_an_issue_under_repair_stays_open_until_the_repair_is_proved_and_is_then_fixed() -> None:
    book = down()
    issue = book.issues()[0].issue_id
    sweeps = [book.mend(issue, APPLIED, 31.0, "ours"), book.feed(says(a="answered"), 40.0)]
    assert told(*sweeps) == []
    assert [open_.issue_id for open_ in book.issues()] == [issue]
    proved = book.mend(issue, PROVED, 41.0, "two readings")
    assert told(proved) == ["fixed a_down", "resolved a_down"]
    assert book.issues() == []


def test_a_repair_is_not_proved_while_its_concern_shows_the_problem() -> None:
    book = down()
    issue = book.issues()[0].issue_id
    book.mend(issue, APPLIED, 31.0)
    assert told(book.mend(issue, PROVED, 32.0)) == []
    assert book.issues()[0].auto_fix_result is None


@pytest.mark.parametrize(("step", "result"), [(RELEASED, None), (UNDONE, FixResult.FAILED)])
def test_a_repair_that_came_to_nothing_lets_readings_count_again(step: str, result: FixResult | None) -> None:
    book = down()
    issue = book.issues()[0].issue_id
    book.mend(issue, APPLIED, 31.0)
    book.mend(issue, step, 32.0)
    assert (book.issues()[0].auto_fix_applied, book.issues()[0].auto_fix_result) == (False, result)
    assert told(book.feed(says(a="answered"), 40.0)) == ["resolved a_down"]


def test_what_was_never_heard_before_a_stop_begins_after_it() -> None:
    book = Book((toy("a"),), (), now=0.0)
    book.resume(10.0, 5000.0)
    assert book.cursor("a").since == 5000.0
