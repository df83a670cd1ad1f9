"""When is what read, so that every order is followed until the broker has spoken, and as long as it works?

A round of looks reads the day's list, then by id what is not in it, then what is held and owed where that may have
changed; orders before positions, so that a fill in between is never counted as still to come. Reads happen outside the
lock; what they mean is decided in `sighting.py`.
"""

from collections.abc import Callable, Sequence

import attrs

from supervisor.concerns.order_facts import Holding, Holdings
from supervisor.core.reading import Kind, Reading
from supervisor.errors import SupervisorError
from supervisor.orders import ports
from supervisor.orders.memory import SOURCES, Memory
from supervisor.orders.proof import eastern_day, with_id, with_tag
from supervisor.orders.sighting import Sightings

NEVER = float("-inf")
RE_READ = ("positions", "balances")


class Follower:
    """Follows orders by reading. `now` gives the instant (epoch seconds)."""

    def __init__(self, memory: Memory, reads: ports.Reads, sightings: Sightings, now: Callable[[], float]) -> None:
        self._memory = memory
        self._reads = reads
        self._sightings = sightings
        self._now = now
        self._last_round = NEVER
        self._misses = 0
        """Rounds in a row in which a list could not be read: looks come ever more slowly, for the quota is others' too."""

    def read(self, source: str, deadline: float | None = None) -> Reading:
        """Reads one source and takes it in."""
        asked: dict[str, Callable[[float], Reading]] = {
            "orders": self._reads.orders,
            "positions": self._reads.positions,
            "balances": self._reads.balances,
            "market_clock": self._reads.market_clock,
        }
        reading = self._heard(asked[source](deadline or self._memory.settings.deadline))
        self.take(reading)
        return reading

    def _heard(self, reading: Reading) -> Reading:
        """The reading by our own clock; how far that is ahead of the broker's, whose days count, is noted."""
        now = self._now()
        if reading.skew is not None:
            with self._memory.lock:
                self._memory.ahead = now - reading.at - reading.skew
        return reading.heard(reading.source, now)

    def take(self, reading: Reading) -> Reading:
        """Takes in a reading, whoever made it; gives it as the concerns want it."""
        if reading.source not in SOURCES:
            return reading
        if reading.failure is None and reading.source in RE_READ:
            self._misses = 0
        memory = self._memory
        with memory.changing():
            memory.hear(reading)
            shown = reading
            if reading.failure is None and reading.source == "orders":
                self._sightings.listed(reading.value, reading)
                memory.forget(self._now())
                shown = attrs.evolve(reading, value=memory.flow())
            elif reading.failure is None and reading.source == "positions":
                shown = self._held(reading)
            memory.outbox = [kept for kept in memory.outbox if kept.source != shown.source] + [shown]
        return shown

    def _held(self, reading: Reading) -> Reading:
        memory = self._memory
        rows: Sequence[ports.PositionRow] = reading.value
        memory.inventory.positions_seen({row.symbol: row.quantity for row in rows}, reading.at)
        held = tuple(Holding(row.symbol, row.quantity) for row in rows)
        return attrs.evolve(reading, value=Holdings(held, memory.inventory.words(), len(memory.live())))

    def look_up(self, order_id: str, listed: Reading | None = None) -> Reading:
        """Reads one order by its id and takes it in where we follow it."""
        reading = self._heard(self._reads.order(order_id, self._memory.settings.deadline))
        with self._memory.changing():
            tracked = self._memory.find(order_id)
            if tracked is not None:
                self._sightings.by_id(tracked, reading, listed)
        return reading

    def seek(self, name: str) -> ports.Listed:
        """The broker's row of an order that no record has: by its id, or by its tag in the day's list.

        SupervisorError where the broker knows no such order, or could not be asked.
        """
        by_id, listed = self.look_up(name), self.read("orders")
        if by_id.failure is None:
            row: ports.Listed = by_id.value
            return row
        for found in with_tag(listed.value, name) if listed.failure is None else ():
            return found
        for reading in (by_id, listed):
            if reading.failure is not None and reading.failure.kind not in (Kind.FOREIGN_ACCOUNT, Kind.WITHHELD):
                raise SupervisorError(
                    f"{name!r} is not on record, and the broker could not be asked: {reading.failure.words}"
                )
        raise SupervisorError(f"No order {name!r} is known, on record or at the broker.")

    def round(self) -> None:
        """One round of looks at everything that is due."""
        memory = self._memory
        with memory.lock:
            wanted = self.due(self._now())
        if not wanted:
            return
        before, failed = self._misses, False
        if "orders" in wanted:
            listed = self.read("orders")
            failed = listed.failure is not None
            for order_id in self._unlisted(listed):
                self.look_up(order_id, listed)
            self._by_history()
            with memory.changing():
                for tracked in memory.live():
                    self._sightings.looked(tracked, self._now())
        for source in RE_READ:
            if source in wanted or source in memory.dirty:
                failed |= self.read(source).failure is not None
        self._misses = before + 1 if failed else 0
        with memory.lock:
            self._last_round = self._now()
            memory.forget(self._last_round)

    def _by_history(self) -> None:
        """Where a doubt has outlived the day whose list could settle it, the history may."""
        memory, now = self._memory, self._now()
        with memory.lock:
            old = [
                (tracked, tracked.posted)
                for tracked in memory.unsettled()
                if tracked.posted is not None
                and eastern_day(tracked.posted) < eastern_day(now)
                and tracked.next_look is not None
                and tracked.next_look <= now
                and memory.inventory.differs(tracked.order.underlyings if tracked.order else ())
            ]
        for tracked, posted in old:
            start = eastern_day(posted)
            reading = self._heard(self._reads.history(memory.settings.deadline, start=start, kind="trade"))
            with memory.changing():
                self._sightings.by_history(tracked, reading)

    def _unlisted(self, listed: Reading) -> list[str]:
        """The ids to be looked up one by one: older orders, and those the broker named but does not list."""
        memory, now = self._memory, self._now()
        rows: Sequence[ports.Listed] = listed.value if listed.failure is None else ()
        with memory.lock:
            return [
                tracked.order_id
                for tracked in memory.live()
                if tracked.order_id is not None
                and with_id(rows, tracked.order_id) is None
                and tracked.next_look is not None
                and tracked.next_look <= now
            ]

    def due(self, now: float) -> set[str]:
        """What is to be read now. Call it with the lock held."""
        return {source for source, instant in self._instants(now) if instant <= now}

    def wake_at(self, now: float) -> float | None:
        """When something is to be read next; None if never. Call it with the lock held."""
        return min((instant for _, instant in self._instants(now)), default=None)

    def _instants(self, now: float) -> list[tuple[str, float]]:
        """What is to be read, and when: nothing sooner than the first pause after a round, or later ones after misses."""
        memory, settings = self._memory, self._memory.settings
        rested = max(self._last_round + settings.looks[min(self._misses, len(settings.looks) - 1)], NEVER)
        if "orders" not in memory.last or memory.inventory.positions is None:
            return [("orders", rested), ("positions", rested)]
        found = [("orders", t.next_look) for t in memory.live() if t.next_look is not None]
        found += [(name, max(rested, at + settings.looks[0])) for name, at in memory.dirty.items() if name in RE_READ]
        if memory.inventory.positions or memory.live():
            pause = settings.looks[1] if memory.inventory.suspicious else settings.positions_every
            instant = max(rested, memory.last["positions"].at + pause) if "positions" in memory.last else now
            found += [("orders", instant), ("positions", instant)]
        return found
