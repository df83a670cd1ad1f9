"""Does a concern come and go too often to be believed?

The table of defaults.md 4.3 was made with the published formulas: Nagios keeps 21 states (20 changes), one sample per
poll. It starts at the 7th, 13th and 19th sample for flips every 1, 2 and 3 polls; a slower flip never starts by share.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from supervisor.core.book import Book
from supervisor.core.flapping import CHANGED, DEFAULT_RULES, RATTLED, SETTLED, Rules, Watch
from supervisor.core.words import CLOSING, WARNING, Outcome

from core.core_books import ended, real, says, told

MINUTE = 60.0
NEVER = Rules(short_limit=50, long_limit=50)
"""The share alone decides."""


def samples(every: int, total: int) -> tuple[Watch, list[str | None]]:
    """A watch after `total` polls, of which each `every` after the first brought a change, and what it said."""
    watch = Watch()
    said = [watch.note(i * MINUTE, NEVER, changed=i > 0 and i % every == 0, hard=False) for i in range(total)]
    return watch, said


@pytest.mark.parametrize(("every", "first"), [(1, 7), (2, 13), (3, 19)])
def test_the_share_alone_starts_flapping_at_the_published_sample(every: int, first: int) -> None:
    _, said = samples(every, 60)
    assert said.index(RATTLED) + 1 == first


@pytest.mark.parametrize("every", [4, 5, 8])
def test_the_share_alone_is_blind_to_slow_flapping(every: int) -> None:
    _, said = samples(every, 500)
    assert RATTLED not in said


@pytest.mark.parametrize(("every", "share"), [(1, 1.0), (2, 0.5), (3, 0.35), (4, 0.26)])
def test_the_steady_share_is_as_published(every: int, share: float) -> None:
    highest = max(samples(every, n)[0].share() for n in range(100, 160))
    assert highest == pytest.approx(share, abs=0.012)


@pytest.mark.parametrize(("every", "stable"), [(1, 16), (2, 12), (3, 8)])
def test_the_share_ends_flapping_after_as_many_stable_polls_as_published(every: int, stable: int) -> None:
    watch, _ = samples(every, 60 * every + 1)
    said = [watch.note(1e6 + i, NEVER, changed=False, hard=False) for i in range(40)]
    assert said.index(SETTLED) + 1 == stable


def test_a_watch_forgets_everything_once_twenty_samples_are_stable() -> None:
    watch, _ = samples(1, 3)
    for i in range(20):
        watch.note(1e4 + i, NEVER, changed=False, hard=False)
    assert list(watch.flags) == []
    assert watch.share() == 0.0


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        ((450.0, 450.0), RATTLED),
        ((450.0, 450.1), CHANGED),
        ((720.0,) * 5, RATTLED),
        ((720.1,) * 5, CHANGED),
    ],
)
def test_three_hard_changes_in_a_quarter_of_an_hour_or_six_in_an_hour(gaps: tuple[float, ...], said: str) -> None:
    rules = Rules(start=2.0)
    watch, now = Watch(), 0.0
    last = watch.note(now, rules, changed=True, hard=True)
    for gap in gaps:
        assert last == CHANGED
        now += gap
        last = watch.note(now, rules, changed=True, hard=True)
    assert last == said


def test_soft_changes_count_for_the_share_and_not_by_the_clock() -> None:
    watch = Watch()
    said = [watch.note(float(i), DEFAULT_RULES, changed=True, hard=False) for i in range(6)]
    assert said == [*[CHANGED] * 5, RATTLED]


# ---------------------------------------------------------------- in a book


def book_of(**_: object) -> Book:
    return Book(real())


def feed(book: Book, now: float, signal: str, seen: list[str]) -> None:
    sweep = book.feed(says(approval=signal), now)
    seen += [f"{now / MINUTE:g} min: {what}" for what in told(sweep) if "flapping" in what]


def test_a_broker_that_drops_and_returns_every_four_minutes_is_caught_by_the_second_rule() -> None:
    book, seen = book_of(), list[str]()
    for minute in range(30):
        feed(book, minute * MINUTE, "read_low" if minute // 4 % 2 else "read_approved", seen)
    assert seen == ["12 min: detected approval_flapping"]


def test_flapping_closes_opening_only_and_says_so() -> None:
    book, seen = book_of(), list[str]()
    for minute in range(13):
        feed(book, minute * MINUTE, "read_low" if minute // 4 % 2 else "read_approved", seen)
    cursor = book.cursor("flapping", "approval")
    assert cursor.issue is not None
    assert (cursor.issue.severity, cursor.issue.description) == (
        WARNING,
        "approval comes and goes too often to be believed",
    )
    assert book.table("flapping").states["flapping"].permits == CLOSING
    assert "flapping:approval" in {reason.concern for reason in book.fold().reasons}


def test_it_ends_after_ten_calm_minutes_and_a_low_share_and_the_end_says_where_it_stands() -> None:
    book, seen = book_of(), list[str]()
    for minute in range(13):
        feed(book, minute * MINUTE, "read_low" if minute // 4 % 2 else "read_approved", seen)
    since = book.cursor("flapping", "approval").since
    minute, sweeps = 12, []
    while book.cursor("flapping", "approval").state == "flapping":
        minute += 1
        sweeps.append(book.feed(says(approval="read_low"), minute * MINUTE))
    resolved = ended(sweeps[-1].events)
    assert [(e.issue.code, e.issue.outcome) for e in resolved] == [("approval_flapping", Outcome.RECOVERED)]
    assert minute * MINUTE - since == DEFAULT_RULES.calm
    assert "approval is low" in resolved[0].issue.metadata["end"]


def test_ten_calm_minutes_are_not_enough_while_the_share_is_high() -> None:
    book, seen = book_of(), list[str]()
    for i in range(40):
        feed(book, i * MINUTE, "read_low" if i % 2 else "read_approved", seen)
    assert len(seen) == 1
    stable = 0
    while book.cursor("flapping", "approval").state == "flapping":
        stable += 1
        feed(book, (39 + stable) * MINUTE, "read_low", seen)
    assert stable == 16


def test_at_rest_it_still_hears_every_round_as_the_records_of_every_version_have_it() -> None:
    book = book_of()
    for minute in range(13):
        book.feed(says(approval="read_low" if minute // 4 % 2 else "read_approved"), minute * MINUTE)
    for minute in range(13, 60):
        book.feed(says(approval="read_low"), minute * MINUTE)
    cursor = book.cursor("flapping", "approval")
    assert (cursor.state, cursor.heard) == ("quiet", 59 * MINUTE)


def test_a_change_while_flapping_starts_the_calm_anew() -> None:
    book, seen = book_of(), list[str]()
    for minute in range(13):
        feed(book, minute * MINUTE, "read_low" if minute // 4 % 2 else "read_approved", seen)
    for minute in range(13, 21):
        feed(book, minute * MINUTE, "read_low", seen)
    feed(book, 21 * MINUTE, "read_approved", seen)
    assert book.cursor("flapping", "approval").since == 21 * MINUTE


def test_what_says_nothing_certain_does_not_count() -> None:
    book, seen = book_of(), list[str]()
    for i in range(60):  # silence makes it unknown, one good round known again
        feed(book, i * 200.0, "read_approved", seen)
    assert seen == []
    assert book.slots[book.place["approval"]].watch is None


def test_missing_once_and_answering_again_counts_as_a_soft_change() -> None:
    book, seen = book_of(), list[str]()
    feed(book, 0.0, "read_approved", seen)
    for i in range(1, 30):
        feed(book, i * 15.0, "failed" if i % 2 else "read_approved", seen)
    assert seen == ["3 min: detected approval_flapping"]


def test_a_problem_that_comes_once_is_not_flapping() -> None:
    book, seen = book_of(), list[str]()
    for i in range(200):
        feed(book, i * MINUTE, "read_low" if 50 < i < 120 else "read_approved", seen)
    assert seen == []


def test_buying_power_may_come_and_go_as_it_likes() -> None:
    book = book_of()
    for i in range(40):
        book.feed(says(buying_power="read_empty" if i % 2 else "read_funded"), i * MINUTE)
    assert ("flapping", "buying_power") not in book.living


@given(st.lists(st.tuples(st.booleans(), st.floats(1.0, 900.0)), max_size=80))
@settings(max_examples=100, deadline=None)
def test_it_never_ends_within_the_calm_time_of_a_change(steps: list[tuple[bool, float]]) -> None:
    book, now, last_change, state = book_of(), 0.0, -1e9, ""
    for low, gap in steps:
        now += gap
        book.tick(now)  # silence makes it unknown, and what comes after that is no change
        before = book.cursor("approval").state
        sweep = book.feed(says(approval="read_low" if low else "read_approved"), now)
        stands = {before, book.cursor("approval").state}
        if len(stands) == 2 and "low" in stands and "unknown" not in stands:
            last_change = now
        if ("flapping", "approval") in book.living:
            was, state = state, book.cursor("flapping", "approval").state
            if was == "flapping" and state == "quiet":
                assert now - last_change >= DEFAULT_RULES.calm
                assert "resolved approval_flapping" in told(sweep)
