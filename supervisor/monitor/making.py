"""Which concerns and lives make a book? The same ones to watch, to look once and to replay."""

from collections.abc import Iterable

from supervisor.concerns import standard, trading
from supervisor.concerns.callback import callback
from supervisor.config import Settings, flapping_rules
from supervisor.core.book import Book
from supervisor.core.concern import Concern, Life
from supervisor.orders import OrderSettings
from supervisor.orders import lives as order_lives


def book_for(
    settings: Settings,
    *,
    now: float = 0.0,
    broker: str = "Tradier",
    concerns: Iterable[Concern] = (),
    lives: Iterable[Life] = (),
    orders: OrderSettings | None = None,
) -> Book:
    """A book with the standard concerns and lives, and the user's own; with a desk's concerns where `orders` are given."""
    desk = trading(settings) if orders is not None else ()
    return Book(
        (*standard(settings), *desk, *concerns),
        (callback(), *order_lives(orders or OrderSettings()), *lives),
        now=now,
        broker=broker,
        rules=flapping_rules(settings),
    )
