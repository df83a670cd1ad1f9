"""Were orders refused too often for one cause, and may the next one probe whether that is over?

Counts refusals, keeps the cursors of the trips by their table, and says which orders a trip concerns.
"""

from collections import deque

import attrs

from supervisor.core.cursor import Cursor
from supervisor.core.engine import begin, due, step
from supervisor.core.words import TIME
from supervisor.orders import life
from supervisor.orders.causes import Cause
from supervisor.orders.order import Order
from supervisor.orders.records import Tell
from supervisor.orders.settings import OrderSettings
from supervisor.orders.stake import opening_legs, opens

ON_SYMBOL = frozenset({Cause.SYMBOL, Cause.POSITION, Cause.PRICE, Cause.ORDER, Cause.DUPLICATE, Cause.MARKET_HOURS})
"""Causes that lie in one symbol; `permissions` lie in options or equities, all others everywhere."""
IN_DOUBT = "ambiguous"
"""The cause of a trip by orders whose outcome is unknown."""


def scope_of(cause: str, order: Order) -> str:
    """How far refusals for that cause reach."""
    if cause in ON_SYMBOL and len(order.underlyings) == 1:
        return f"symbol:{order.underlyings[0]}"
    if cause == Cause.PERMISSIONS:
        return "options" if order.is_option else "equities"
    return ""


def concerns(scope: str, order: Order) -> bool:
    """Whether an opening order lies in that scope."""
    kind, _, name = scope.partition(":")
    if kind == "symbol":
        return name in order.underlyings
    if kind == "options":
        return any(leg.option for leg in opening_legs(order))
    if kind == "equities":
        return any(leg.option is None for leg in opening_legs(order))
    return True


@attrs.define
class Trip:
    """One trip: where it stands, and which order probes it."""

    cursor: Cursor
    probe: str | None = None


class Trips:
    """All trips. Every method that moves one returns what to tell."""

    def __init__(self, settings: OrderSettings) -> None:
        self._settings = settings
        self._table = life.breaker_table(settings)
        self._refusals: deque[tuple[float, str]] = deque(maxlen=1000)
        self.trips: dict[str, Trip] = {}

    def advance(self, now: float) -> None:
        """Lets time move what it moves; the book's own cursors move by the same table and the same time."""
        for trip in self.trips.values():
            while (instant := due(self._table, trip.cursor)) is not None and instant <= now:
                step(self._table, trip.cursor, TIME, instant)

    def wake_at(self) -> float | None:
        """When time moves one next."""
        instants = [due(self._table, trip.cursor) for trip in self.trips.values()]
        return min((instant for instant in instants if instant is not None), default=None)

    def hear(self, key: str, signal: str, now: float) -> None:
        """One signal, as it was or will be told."""
        self.advance(now)
        trip = self.trips.get(key)
        if trip is None:
            trip = self.trips[key] = Trip(begin(self._table, now, key))
        step(self._table, trip.cursor, signal, now)

    def refused(self, cause: str, order: Order, our_id: str, now: float, words: str) -> list[Tell]:
        """A refusal by the broker: trips its scope when it is one too many, and every trip that this order probed."""
        scope = scope_of(cause, order)
        key = life.breaker_key(cause, scope)
        told = []
        if cause != IN_DOUBT:  # a probe in doubt goes on probing until it is settled
            words_of_probe = f"the probe {our_id} was refused: {words}"
            told += [self._trip(probed, now, words_of_probe) for probed in self.probed_by(our_id)]
        self._refusals.append((now, key))
        limit = self._settings.ambiguous_count if cause == IN_DOUBT else self._settings.trip_count
        lately = [at for at, which in self._refusals if which == key and now - at <= self._settings.trip_window]
        if len(lately) >= limit and self.state(key) == "closed":
            told.append(self._trip(key, now, f"{len(lately)} in {now - lately[0]:.0f} s, the last: {words}"))
        return told

    def halt(self, now: float, words: str) -> list[Tell]:
        """A preview was booked: all openings are closed, and no time opens them again."""
        self.hear(life.PREVIEW_TRIP, life.HALTED, now)
        return [Tell(life.BREAKER, life.PREVIEW_TRIP, life.HALTED, now, words)]

    def looked_at(self, now: float, words: str) -> list[Tell]:
        """A person looked at what a preview booked."""
        if not self.halted:
            return []
        self.hear(life.PREVIEW_TRIP, life.LOOKED, now)
        return [Tell(life.BREAKER, life.PREVIEW_TRIP, life.LOOKED, now, words)]

    @property
    def halted(self) -> bool:
        """Whether a preview was booked, and no person has looked since: nothing is to be previewed."""
        return self.state(life.PREVIEW_TRIP) == "halted"

    def _trip(self, key: str, now: float, words: str) -> Tell:
        signal = life.TRIPPED if life.breaker_scope(key) else life.TRIPPED_ALL
        self.hear(key, signal, now)
        self.trips[key].probe = None
        return Tell(life.BREAKER, key, signal, now, words)

    def landed(self, our_id: str, now: float) -> list[Tell]:
        """The order is at the broker and stands: every trip it probed is over, and its refusals are forgotten."""
        told = []
        for key in self.probed_by(our_id):
            self.hear(key, life.PASSED, now)
            self.trips[key].probe = None
            self._refusals = deque((item for item in self._refusals if item[1] != key), maxlen=1000)
            told.append(Tell(life.BREAKER, key, life.PASSED, now, f"the probe {our_id} landed"))
        return told

    def released(self, our_id: str) -> None:
        """The probe came to nothing: another may take its place."""
        for key in self.probed_by(our_id):
            self.trips[key].probe = None

    def probed_by(self, our_id: str) -> list[str]:
        """The trips that this order probes."""
        return [key for key, trip in self.trips.items() if trip.probe == our_id]

    def state(self, key: str) -> str:
        """Where that trip stands."""
        return self.trips[key].cursor.state if key in self.trips else "closed"

    def on(self, order: Order) -> list[str]:
        """The keys of the trips, resting or to be probed, that this order lies in."""
        if not opens(order):
            return []
        return [
            key
            for key, trip in self.trips.items()
            if trip.cursor.state != "closed" and concerns(life.breaker_scope(key), order)
        ]

    def standing(self) -> tuple[list[str], list[str]]:
        """The keys that are tripped, and those that are to be probed."""
        tripped = [key for key, trip in self.trips.items() if trip.cursor.state.startswith(("tripped", "halted"))]
        return tripped, [key for key, trip in self.trips.items() if trip.cursor.state == "probing"]
