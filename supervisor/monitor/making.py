"""Which concerns and lives make a book? The same ones to watch, to look once and to replay."""

from collections.abc import Iterable

from supervisor.concerns import standard
from supervisor.concerns.callback import callback
from supervisor.config import Settings, flapping_rules
from supervisor.core.book import Book
from supervisor.core.concern import Concern, Life


def book_for(
    settings: Settings,
    *,
    now: float = 0.0,
    broker: str = "Tradier",
    concerns: Iterable[Concern] = (),
    lives: Iterable[Life] = (),
) -> Book:
    """A book with the standard concerns and lives, and the user's own."""
    return Book(
        (*standard(settings), *concerns),
        (callback(), *lives),
        now=now,
        broker=broker,
        rules=flapping_rules(settings),
    )
