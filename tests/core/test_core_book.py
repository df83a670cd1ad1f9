"""What has one account been through, and where does it stand?"""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from supervisor.core.book import Book
from supervisor.core.concern import in_order
from supervisor.core.slot import Sweep
from supervisor.core.words import ALL, CLOSING, OPENING, Mode, Status

from core.core_books import TROUBLE, moves, real, real_book, says, told, toy

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


# ---------------------------------------------------------------- masking


def test_parents_come_before_children_whatever_the_order_given() -> None:
    for order in permutations(FOUR):
        names = [concern.name for concern in in_order(order)]
        assert names.index("root") < names.index("middle") < names.index("leaf")


def test_a_missing_or_circular_parent_is_named() -> None:
    with pytest.raises(ValueError, match="leaf \\(needs middle"):
        in_order((LEAF,))
    with pytest.raises(ValueError, match="each other"):
        in_order((toy("a", "b"), toy("b", "a")))


def test_the_round_that_blinds_the_root_already_masks_what_is_below() -> None:
    book = good_book()
    for i in range(1, 3):
        book.feed(ALL_FAIL, float(i))
    sweep = book.feed(ALL_FAIL, 3.0)
    assert told(sweep) == ["detected aside_down", "detected root_down"]
    assert [(name, book.cursor(name).masked) for name in ("root", "middle", "leaf", "aside")] == [
        ("root", False),
        ("middle", True),
        ("leaf", True),
        ("aside", False),
    ]


def test_a_masked_child_gets_no_signals_and_keeps_what_it_has() -> None:
    book = good_book()
    book.feed(says(root="failed", leaf="read_poor"), 1.0)
    book.feed(says(root="failed", leaf="failed"), 2.0)
    book.feed(says(root="failed", leaf="failed"), 3.0)
    leaf = book.cursor("leaf")
    before = (leaf.state, leaf.run, leaf.family, leaf.heard, leaf.issue)
    for i in range(4, 9):
        assert told(book.feed(ALL_FAIL, float(i))) in ([], ["detected aside_down"])
    assert (leaf.state, leaf.run, leaf.family, leaf.heard, leaf.issue) == before
    assert [issue.code for issue in book.issues()] == ["leaf_poor", "root_down", "aside_down"]


def test_time_passes_for_a_masked_child_too_and_only_takes_away() -> None:
    book = book_with_root_down()
    book.tick(500.0)
    assert book.cursor("leaf").state == "unknown"
    assert [issue.code for issue in book.issues()] == ["root_down"]


def test_when_sight_returns_a_child_is_judged_by_that_round() -> None:
    book = book_with_root_down()
    sweep = book.feed(says(root="answered", middle="failed", leaf="read_poor"), 4.0)
    assert told(sweep) == ["resolved root_down", "detected leaf_poor"]
    assert (book.cursor("middle").state, book.cursor("middle").masked) == ("unsteady", False)


def test_masking_neither_counts_nor_resets() -> None:
    book = good_book()
    book.feed(says(root="failed", leaf="failed"), 1.0)
    book.feed(says(root="failed", leaf="failed"), 2.0)
    book.feed(says(root="failed", leaf="answered"), 3.0)
    book.feed(says(root="failed", leaf="answered"), 4.0)
    assert told(book.feed(says(root="answered", leaf="failed"), 5.0)) == ["resolved root_down", "detected leaf_down"]


def test_the_root_lists_what_it_masks_and_a_masked_blinder_lists_nothing() -> None:
    book = good_book()
    for i in range(1, 4):
        book.feed(says(middle="failed"), float(i))
    assert book.masked_by("middle") == ["leaf"]
    for i in range(4, 7):
        book.feed(says(root="failed"), float(i))
    assert book.masked_by("root") == ["middle", "leaf"]
    assert book.masked_by("middle") == []
    listed = {issue.code: issue.metadata.get("masks") for issue in book.fold().issues}
    assert listed == {"middle_down": None, "root_down": ["middle", "leaf"]}


def test_a_masked_concern_names_the_root_as_the_reason() -> None:
    book = good_book()
    for i in range(1, 4):
        book.feed(says(middle="failed"), float(i))
    for i in range(4, 7):
        book.feed(says(root="failed"), float(i))
    book.tick(400.0)
    reason = next(reason for reason in book.fold().reasons if reason.concern == "leaf")
    assert reason.why == "not seen, because root masks it: Not read."
    assert reason.opens_when == "once root can be seen through again"


def test_masked_issues_that_are_open_count_in_the_score() -> None:
    book = good_book()
    book.feed(says(root="failed", leaf="read_poor"), 1.0)
    book.feed(says(root="failed"), 2.0)
    book.feed(says(root="failed"), 3.0)
    assert [code for code, _ in book.fold().items] == ["leaf_poor", "root_down"]


# ---------------------------------------------------------------- the fold


def test_one_good_round_opens_everything() -> None:
    assert Book(FOUR).fold().mode is Mode.REDUCE_ONLY
    verdict = good_book().fold()
    assert (verdict.permits, verdict.score, verdict.status, verdict.reasons) == (ALL, 1.0, Status.HEALTHY, ())


def test_one_concern_that_was_never_read_is_unhealthy() -> None:
    book = Book(FOUR)
    book.feed(says(root="answered", middle="answered", leaf="answered"), 1.0)
    assert (book.fold().score, book.fold().permits) == (0.0, CLOSING)


def test_a_verdict_is_the_same_object_until_something_moves() -> None:
    book = good_book()
    first = book.fold()
    book.feed(ALL_ANSWER, 1.0)
    assert book.fold() is first
    book.feed(says(leaf="failed"), 2.0)
    assert book.fold() is not first


def test_every_closed_permit_has_a_reason_and_no_open_one_has() -> None:
    book = book_with_root_down()
    verdict = book.fold()
    closed = 0
    for reason in verdict.reasons:
        closed |= reason.permits
    assert closed == ALL & ~verdict.permits


def test_a_scoped_life_blocks_its_scope_and_an_unscoped_one_everything() -> None:
    book = Book(FOUR, (TROUBLE,))
    book.feed(ALL_ANSWER, 0.0)
    book.tell("trouble", "XYZ", "happened", 1.0)
    verdict = book.fold()
    assert (verdict.permits, verdict.mode) == (ALL, Mode.RESTRICTED)
    assert [(block.scope, block.permits) for block in verdict.blocks] == [("symbol:XYZ", int(OPENING))]
    book.tell("trouble", "everything", "happened", 2.0)
    assert book.fold().permits == CLOSING
    assert [reason.concern for reason in book.fold().reasons] == ["trouble:everything"]


SIGNALS = {concern.name: concern.table.signals for concern in real()}
ROUNDS = st.lists(
    st.tuples(
        st.fixed_dictionaries({}, optional={name: st.sampled_from(signals) for name, signals in SIGNALS.items()}),
        st.sampled_from([0.0, 1.0, 15.0, 60.0, 119.0, 120.0, 150.0, 151.0, 900.0]),
    ),
    max_size=25,
)
Rounds = list[tuple[dict[str, str], float]]


@given(ROUNDS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_in_which_concerns_are_folded_does_not_matter(rounds: Rounds, random: object) -> None:
    shuffled = list(real())
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    one, other = real_book(), Book(shuffled, (TROUBLE,))
    now = 0.0
    for signals, gap in rounds:
        now += gap
        one.feed(says(**signals), now)
        other.feed(says(**signals), now)
    first, second = one.fold(), other.fold()
    assert (first.permits, first.score, first.status) == (second.permits, second.score, second.status)
    assert sorted(first.items) == sorted(second.items)
    assert {(r.concern, r.permits) for r in first.reasons} == {(r.concern, r.permits) for r in second.reasons}
    assert {c.name: (c.state, c.masked) for c in one.cursors()} == {
        c.name: (c.state, c.masked) for c in other.cursors()
    }


# ---------------------------------------------------------------- time


@given(ROUNDS, st.lists(st.floats(0.0, 1.0), max_size=60))
@settings(max_examples=150, deadline=None)
def test_ticks_anywhere_change_nothing(rounds: Rounds, shares: list[float]) -> None:
    silent, ticked = real_book(), real_book()
    seen, seen_ticked = list[Sweep | None](), list[Sweep | None]()
    now, left = 0.0, iter(shares)
    for signals, gap in rounds:
        seen_ticked += [ticked.tick(now + gap * share) for share in sorted([next(left, 0.5), next(left, 0.5)])]
        now += gap
        seen.append(silent.feed(says(**signals), now))
        seen_ticked.append(ticked.feed(says(**signals), now))
    assert moves(*seen) == moves(*seen_ticked)
    assert silent.entry == ticked.entry


def test_time_arrows_fire_at_their_own_instants_in_order() -> None:
    book = Book((ROOT, ASIDE), (TROUBLE,))
    book.feed(says(root="answered"), 0.0)
    book.feed(says(aside="answered"), 40.0)
    book.tell("trouble", "x", "happened", 70.0)
    sweep = book.feed(says(root="answered"), 1000.0)
    fired = [(move.concern, move.at, move.signal) for move in sweep.moves]
    assert fired == [
        ("root", 150.0, "(time)"),
        ("trouble", 170.0, "(time)"),
        ("aside", 190.0, "(time)"),
        ("root", 1000.0, "answered"),
    ]


def test_it_says_when_time_matters_next() -> None:
    book = Book((ROOT, ASIDE), (TROUBLE,))
    assert book.wake_at() is None
    book.feed(says(root="answered"), 0.0)
    assert book.wake_at() == 150.0
    book.tell("trouble", "x", "happened", 10.0)
    assert book.wake_at() == 110.0
    assert book.tick(109.9) is None
    assert told(book.tick(110.0)) == ["resolved trouble_x"]
    assert book.wake_at() == 150.0
    book.feed(says(root="answered"), 120.0)
    assert book.wake_at() == 270.0


def test_what_is_due_at_the_instant_of_a_round_moves_before_the_round_is_heard() -> None:
    book = Book((ROOT,))
    book.feed(says(root="answered"), 0.0)
    sweep = book.feed(says(root="failed"), 150.0)
    assert [move.target for move in sweep.moves] == ["unknown"]
