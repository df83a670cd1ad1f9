"""Is the instant at which time alone matters next exact, though a round that moves nothing does not look for it?"""

import random

from supervisor.concerns import standard
from supervisor.concerns.facts import Endpoint, Keeping, Place, Record
from supervisor.config import DEFAULTS
from supervisor.core.book import Book
from supervisor.core.reading import Failure, Kind, Reading, Round
from supervisor.core.slot import earliest


def look(at: float, *, answers: bool = True) -> Round:
    """A round about what needs no broker, and a broker that says something or nothing."""
    failure = None if answers else Failure(Kind.TIMEOUT, "late")
    return Round.of(
        Reading("endpoint", at, 0.0, Endpoint(Place.SANDBOX, Place.SANDBOX, "h")),
        Reading("journal", at, 0.0, Record(Keeping.WRITTEN)),
        Reading("profile", at, 0.1, None if failure else "ok", failure, skew=0.1),
    )


def exact(book: Book) -> float | None:
    return earliest(book.slots, book.living, book.lives)


def test_the_next_instant_is_exact_after_any_rounds_also_with_a_clock_set_back() -> None:
    chance = random.Random(5)
    for _ in range(60):
        book = Book(standard(DEFAULTS), now=1000.0)
        now = 1000.0
        for _ in range(40):
            now += chance.choice((1.0, 10.0, 60.0, 149.0, 150.0, 400.0, -30.0))
            book.feed(look(now, answers=chance.random() < 0.8), now)
            assert book.wake_at() == exact(book)


def test_a_book_that_is_asked_when_it_wakes_and_one_that_is_not_go_the_same_way() -> None:
    chance = random.Random(6)
    for _ in range(60):
        asked, quiet = (Book(standard(DEFAULTS), now=1000.0) for _ in range(2))
        now = 1000.0
        for _ in range(60):
            now += chance.choice((1.0, 10.0, 60.0, 149.0, 150.0, 151.0, 400.0, -30.0))
            round_ = look(now, answers=chance.random() < 0.8)
            asked.wake_at()
            if chance.random() < 0.3:
                one, other = asked.tick(now), quiet.tick(now)
                assert (one and one.moves) == (other and other.moves)
            assert asked.feed(round_, now) == quiet.feed(round_, now)
        assert asked.fold() == quiet.fold()
