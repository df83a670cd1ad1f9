"""When is the next look at the broker?

Close fast and cheaply, reopen slowly, and never hammer what is ill: steady while all is well, quick while something is
unsure, backing off while the broker is down, and no sooner than it allows while over quota.
"""

import attrs

from supervisor.config import Settings
from supervisor.core.book import Book
from supervisor.core.reading import Kind, Round

LONGEST_EXPIRY = 60.0
"""A quota window is one minute; a later expiry is a misreading of its unit."""


@attrs.frozen
class Pace:
    """Seconds to the next round, and the share by which chance may vary them."""

    seconds: float
    jitter: float

    @property
    def longest(self) -> float:
        """The longest it can last."""
        return self.seconds * (1 + self.jitter)

    def drawn(self, chance: float) -> float:
        """The wait with `chance` from 0 to 1 deciding within the jitter."""
        return self.seconds * (1 + self.jitter * (2 * chance - 1))


def pace(book: Book, settings: Settings, last: Round, now: float) -> Pace:
    """The pace after this round."""
    connection = book.cursor("connection")
    missing = connection.family == "missed" and not connection.masked
    if connection.state == "throttled":
        return _throttled(settings, last, now)
    if connection.state in {"down", "nonsense"} and missing:
        doublings = max(0, connection.run - settings.fall)
        seconds = min(settings.backoff_cap, settings.backoff_first * 2.0 ** min(doublings, 16))
        return Pace(seconds, settings.backoff_jitter)
    if book.cursor("credentials").state == "doubted" and not book.cursor("credentials").masked:
        return Pace(settings.token_reread, 0.0)
    if book.unsure():
        return Pace(min(settings.quick, settings.interval), settings.jitter)
    return Pace(settings.interval, settings.jitter)


def _throttled(settings: Settings, last: Round, now: float) -> Pace:
    expiries = [
        reading.failure.retry_at
        for reading in last.readings.values()
        if reading.failure is not None and reading.failure.kind is Kind.QUOTA and reading.failure.retry_at is not None
    ]
    if not expiries:
        return Pace(settings.throttled, settings.jitter)
    return Pace(min(LONGEST_EXPIRY, max(settings.quick, max(expiries) - now)), settings.jitter)
