"""What may people, restarts and counters do to a book?"""

import pytest
from supervisor.core.book import HISTORY, Book

from core.core_books import TROUBLE, says, told, toy

ROOT, MIDDLE, LEAF, ASIDE = toy("root"), toy("middle", "root"), toy("leaf", "middle"), toy("aside")
FOUR = (LEAF, MIDDLE, ASIDE, ROOT)
ALL_ANSWER = says(root="answered", middle="answered", leaf="answered", aside="answered")
ALL_FAIL = says(root="failed", middle="failed", leaf="failed", aside="failed")


def good_book() -> Book:
    book = Book(FOUR)
    book.feed(ALL_ANSWER, 0.0)
    return book


def book_with_root_down() -> Book:
    book = good_book()
    for i in range(1, 4):
        book.feed(says(root="failed", aside="answered"), float(i))
    return book


def test_an_issue_is_acknowledged_by_id_or_by_code() -> None:
    book = book_with_root_down()
    book.acknowledge("root_down", "looking at it", 5.0)
    assert book.issues()[0].acknowledged == "looking at it"
    book.acknowledge(book.issues()[0].issue_id, "still looking", 6.0)
    assert book.fold().issues[0].acknowledged == "still looking"


def test_what_is_not_open_cannot_be_acknowledged() -> None:
    book = good_book()
    with pytest.raises(KeyError):
        book.acknowledge("root_down", "?", 5.0)
    assert book.feed(ALL_ANSWER, 6.0).entry == 6


def test_what_expires_by_then_is_not_acknowledged_and_its_end_is_told() -> None:
    book = Book((ROOT,), (TROUBLE,))
    book.tell("trouble", "x", "happened", 0.0)
    sweep = book.acknowledge("trouble_x", "seen", 500.0)
    assert told(sweep) == ["resolved trouble_x"]
    assert book.issues() == []


def test_it_is_unsure_while_something_counts_or_closes_opening_without_an_issue() -> None:
    assert Book(FOUR).unsure()
    book = good_book()
    assert not book.unsure()
    book.feed(says(leaf="failed"), 1.0)
    assert (book.unsure(), book.awaiting()) == (True, True)
    book.feed(says(leaf="failed"), 2.0)
    book.feed(says(leaf="failed"), 3.0)
    assert (book.unsure(), book.awaiting()) == (False, False)


def test_what_is_masked_makes_nothing_unsure() -> None:
    book = good_book()
    book.feed(says(root="failed", leaf="failed"), 1.0)
    book.feed(says(root="failed"), 2.0)
    book.feed(says(root="failed"), 3.0)
    assert book.cursor("leaf").state == "unsteady"
    assert not book.unsure()


def test_a_short_stop_does_not_count_as_time_held_and_counters_go_on() -> None:
    book = good_book()
    for i in range(1, 4):
        book.feed(says(leaf="failed"), float(i))
    book.feed(says(leaf="answered"), 4.0)
    book.resume(10.0, 1000.0)
    assert book.cursor("leaf").since == 994.0
    book.feed(says(leaf="answered"), 1001.0)
    assert book.cursor("leaf").state == "recovering"
    book.feed(says(leaf="answered"), 1054.0)
    assert book.cursor("leaf").state == "good"


def test_what_time_moved_during_a_stop_moves_first_at_its_own_instant() -> None:
    sweep = good_book().resume(10.0, 1000.0)
    assert {(move.at, move.target) for move in sweep.moves} == {(150.0, "unknown")}


def test_after_a_long_stop_counters_begin_anew() -> None:
    book = good_book()
    book.feed(says(leaf="failed"), 1.0)
    book.feed(says(leaf="failed"), 2.0)
    book.resume(2.0, 5000.0)
    book.feed(says(leaf="failed"), 5001.0)
    assert book.cursor("leaf").state == "unsteady"


def test_checks_are_counted_where_a_round_is_a_look() -> None:
    book = good_book()
    book.feed(ALL_ANSWER, 1.0, counts=False)
    assert book.stats.total_checks == 1


def test_no_more_ended_issues_are_remembered_than_said() -> None:
    book = good_book()
    for i in range(HISTORY + 5):
        book.feed(says(leaf="read_poor"), float(2 * i))
        book.feed(says(leaf="answered"), float(2 * i + 1))
    assert len(book.history) == HISTORY
    assert book.stats.issues_resolved == HISTORY + 5


def test_a_cursor_is_found_by_name_and_key() -> None:
    book = Book(FOUR, (TROUBLE,))
    book.tell("trouble", "x", "happened", 1.0)
    assert book.cursor("trouble", "x").state == "open"
    assert book.table("trouble") is TROUBLE.table
    assert book.table("leaf") is LEAF.table
    with pytest.raises(KeyError):
        book.cursor("trouble", "y")
    assert book.masked_by("aside") == []
