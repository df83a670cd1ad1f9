"""Which concerns and lives make a book? The same ones to watch, to look once and to replay."""

from collections.abc import Iterable
from functools import lru_cache

import attrs

from supervisor.concerns import standard, trading
from supervisor.concerns.callback import callback
from supervisor.concerns.repair import lives as repair_lives
from supervisor.config import Settings, flapping_rules
from supervisor.core.book import Book
from supervisor.core.concern import Concern, Life
from supervisor.core.flapping import FLAPPING
from supervisor.errors import ConfigError
from supervisor.orders import OrderSettings
from supervisor.orders import lives as order_lives
from supervisor.remedies import FIXABLE


def book_for(
    settings: Settings,
    *,
    now: float = 0.0,
    broker: str = "Tradier",
    concerns: Iterable[Concern] = (),
    lives: Iterable[Life] = (),
    orders: OrderSettings | None = None,
) -> Book:
    """A book with the standard concerns and lives, and the user's own; with a desk's concerns where `orders` are given.

    ConfigError where one of the user's own has a name that is taken: it would stand in place of the other.
    """
    all_concerns = (*_concerns(settings, desk=orders is not None), *concerns)
    all_lives = (*_lives(orders or OrderSettings()), *lives)
    names = [FLAPPING.name, *(one.name for one in all_concerns), *(one.name for one in all_lives)]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            raise ConfigError(f"a concern or life is called {name!r} already: give your own another name")
    return Book(
        all_concerns,
        all_lives,
        now=now,
        broker=broker,
        rules=flapping_rules(settings),
    )


@lru_cache(maxsize=8)
def _concerns(settings: Settings, *, desk: bool) -> tuple[Concern, ...]:
    """The standard concerns: built once, since tables never change and all books may share them."""
    found = (*standard(settings), *(trading(settings) if desk else ()))
    return tuple(attrs.evolve(concern, fixable=FIXABLE) for concern in found)


@lru_cache(maxsize=8)
def _lives(orders: OrderSettings) -> tuple[Life, ...]:
    """The standard lives, as `_concerns`."""
    return (callback(), *repair_lives(), *order_lives(orders))
