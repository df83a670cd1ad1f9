"""What does the desk know at this moment? Everything that its parts share, behind one lock."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from threading import RLock
from typing import Any

import attrs

from supervisor.concerns.facts import Balances
from supervisor.concerns.order_facts import Flow, OrderFlow
from supervisor.core.engine import begin, step
from supervisor.core.reading import Reading
from supervisor.errors import JournalError
from supervisor.orders import life, ports
from supervisor.orders.claims import Claim
from supervisor.orders.handle import Handle
from supervisor.orders.inventory import Inventory
from supervisor.orders.judge import Earlier, symbols_in_doubt
from supervisor.orders.order import Order, sent_tag
from supervisor.orders.records import SPOOL, UNJOURNALLED, Intention, Tell, base36
from supervisor.orders.settings import OrderSettings
from supervisor.orders.tidy import Held
from supervisor.orders.tracked import Tracked
from supervisor.orders.trips import Trips

SOURCES = ("orders", "positions", "balances", "market_clock")
MOST_REMEMBERED = 5000
"""Orders that are over, kept against duplicates."""
OVER_KNOWN = 86400.0
"""Seconds for which an order that is over can be asked about here; later the record and the broker know of it."""
MOST_OVER = 1000
"""How many of them at most."""


@attrs.define
class Counts:
    """The owner's counters."""

    successful: int = 0
    failed: int = 0


class Memory:
    """All orders, trips, positions and last readings. Take `lock` (or use `changing`) before touching anything."""

    def __init__(self, ledger: ports.Ledger, settings: OrderSettings) -> None:
        self.lock = RLock()
        self.ledger = ledger
        self.settings = settings
        self.table = life.order_table()
        self.orders: dict[str, Tracked] = {}
        """By our own id; an order not ours is known by `ELSEWHERE` and the broker's id."""
        self.trips = Trips(settings)
        self.inventory = Inventory()
        self.counts = Counts()
        self.last: dict[str, Reading] = {}
        """The last good reading of each source."""
        self.dirty: dict[str, float] = {}
        """Since when a source has not been read again after our own doing may have changed it."""
        self.failing: dict[str, tuple[float, frozenset[str]]] = {}
        """Causes of failures told and not yet cleared: since when, and the underlyings they struck."""
        self.outbox: list[Reading] = []
        self.intents: dict[str, Earlier] = {}
        self.ahead = 0.0
        """Seconds by which our clock is ahead of the broker's, as its replies last said."""
        self._last_number = 0
        self._updates: list[Callable[[], None]] = []
        self._depth = 0

    @contextmanager
    def changing(self) -> Iterator[None]:
        """The lock; what handles are to hear is told once it is free again, however deep this was called or how it ended."""
        updates: list[Callable[[], None]] = []
        try:
            with self.lock:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                    if not self._depth:
                        updates, self._updates = self._updates, []
        finally:
            for update in updates:
                update()

    # ---------------------------------------------------------------- orders

    def new_id(self) -> str:
        """An id never used before: the journal's salt and a number from its count, in letters and digits."""
        self._last_number = max(self._last_number, self.ledger.number()) + 1
        return self.ledger.salt + base36(self._last_number)

    def used(self, our_id: str) -> None:
        """Takes note of an id from before a restart."""
        tail = our_id.removeprefix(self.ledger.salt).partition("u")[0]
        if our_id.startswith(self.ledger.salt) and tail.isalnum():
            self._last_number = max(self._last_number, int(tail, 36))

    def track(self, our_id: str, underlyings: tuple[str, ...], now: float, **fields: Any) -> Tracked:
        """A new order, at the beginning of its life."""
        key = life.order_key(our_id, underlyings)
        tracked = Tracked(key, our_id, begin(self.table, now, key), **fields)
        self.orders[our_id] = tracked
        return tracked

    def tell(self, tracked: Tracked, signal: str, now: float, evidence: str = "") -> bool:
        """One signal to an order's life, on record; whether it moved. Its handle hears of it."""
        moved = step(self.table, tracked.cursor, signal, now)
        if moved:
            self.ledger.tell(Tell(life.ORDER, tracked.key, signal, now, evidence, tracked.facts()))
            self.remember(tracked)
        self.refresh(tracked)
        return moved

    def refresh(self, tracked: Tracked) -> None:
        """Lets the order's handle hear the last word."""
        if tracked.handle is not None:
            handle, result, done = tracked.handle, tracked.result(), tracked.verdict
            self._updates.append(lambda: handle.update(result, done=done))

    def answer(self, handle: Handle[Any], result: Any, *, done: bool) -> None:
        """Lets a handle hear a word that is of no tracked order."""
        self._updates.append(lambda: handle.update(result, done=done))

    def told(self, tells: list[Tell]) -> None:
        """What trips and failures moved, on record."""
        for tell in tells:
            self.ledger.tell(tell)

    def failed(self, cause: str, order: Order, words: str, now: float) -> None:
        """The broker refused an order for that cause."""
        struck = self.failing.get(cause, (now, frozenset()))[1] | frozenset(order.underlyings)
        self.failing[cause] = (now, struck)
        self.told([Tell(life.FAILURE, cause, life.FAILED, now, words, {"struck": sorted(struck)})])

    def cleared(self, cause: str, why: str, now: float) -> None:
        """A cause that is failing is gone."""
        del self.failing[cause]
        self.told([Tell(life.FAILURE, cause, life.CLEARED, now, why)])

    def remember(self, tracked: Tracked) -> None:
        """Against duplicates: what landed or may have."""
        if tracked.order is None or tracked.intention is None or tracked.intention.change:
            return
        intent = tracked.order.intent_id
        if tracked.state in ("refused", "rejected", "absent"):
            if intent in self.intents and self.intents[intent].our_id == tracked.our_id:
                del self.intents[intent]
        elif intent:
            self.intents[intent] = Earlier(tracked.our_id, tracked.intention.at, tracked.order, intent)

    def forget(self, now: float) -> None:
        """Drops orders that are over and too old to be asked about, and failures that have expired."""
        expired = [cause for cause, (since, _) in self.failing.items() if now - since >= self.settings.failure_expires]
        for cause in expired:  # the book's own cursor expires by the same table
            del self.failing[cause]
        over = sorted((t.cursor.since, our_id) for our_id, t in self.orders.items() if t.over)
        for n, (since, our_id) in enumerate(over, start=1):
            if now - since > OVER_KNOWN or n <= len(over) - MOST_OVER:
                del self.orders[our_id]
        while len(self.intents) > MOST_REMEMBERED:
            del self.intents[next(iter(self.intents))]

    def live(self) -> list[Tracked]:
        """Orders that may still fill, or may be there."""
        return [tracked for tracked in self._once_each() if not tracked.over and tracked.posted is not None]

    def _once_each(self) -> list[Tracked]:
        """Every order, without those first taken for another's and now known as ours: they would count twice."""
        ours = {tracked.order_id for tracked in self.orders.values() if tracked.intention is not None}
        return [t for t in self.orders.values() if t.intention is not None or t.order_id not in ours]

    def find(self, order_id: str) -> Tracked | None:
        """The order of that id: the broker's, ours, or its tag."""
        for tracked in self.orders.values():
            if order_id in (tracked.order_id, tracked.our_id, tracked.tag):
                return tracked
        return None

    # ---------------------------------------------------------------- records

    def write(self, intention: Intention) -> Intention:
        """Makes it durable before it is sent, and says where it was kept.

        Raises JournalError for an opening order whose intention can't be journalled. A close is spooled, or else marked
        as unjournalled and told on stderr; no record will tell a restart that its id was used, so the instant is in it.
        """
        try:
            self.ledger.intend(intention)
        except JournalError:
            if intention.opens:
                raise
        else:
            return intention
        spooled = attrs.evolve(intention, kept=SPOOL)
        try:
            self.ledger.spool(spooled)
        except (JournalError, OSError):
            sent = attrs.evolve(intention, kept=UNJOURNALLED, tag=_timed(intention))
            what = (
                f"change of order {sent.change}"
                if sent.change
                else f"order to close, sent once with the tag {sent.tag}"
            )
            sys.stderr.write(f"UNJOURNALLED {what}\n")
            sys.stderr.flush()
            return sent
        return spooled

    # ---------------------------------------------------------------- knowing

    def hear(self, reading: Reading) -> None:
        """Keeps a good reading."""
        if reading.source not in SOURCES or reading.failure is not None:
            return
        self.last[reading.source] = reading
        if reading.at - reading.took >= self.dirty.get(reading.source, float("-inf")):
            self.dirty.pop(reading.source, None)

    def touch(self, now: float, *sources: str) -> None:
        """Our own doing may have changed these since their last reading."""
        for source in sources:
            self.dirty[source] = now

    def fresh(self, source: str, now: float) -> bool:
        """Whether the last good reading is recent and not overtaken by our own doing."""
        reading = self.last.get(source)
        return reading is not None and source not in self.dirty and now - reading.at <= self.settings.fresh

    def held(self, now: float) -> Held | None:
        """Positions and live claims where both are freshly known."""
        if not (self.fresh("positions", now) and self.fresh("orders", now)) or self.inventory.positions is None:
            return None
        return Held(self.inventory.positions, self.claims())

    def claims(self) -> tuple[Claim, ...]:
        """What every order that is not over claims, orders in doubt and orders being judged included."""
        return tuple(claim for tracked in self._once_each() for claim in tracked.claims())

    def balances(self, now: float) -> Balances | None:
        """Money, where freshly known."""
        value = self.last["balances"].value if self.fresh("balances", now) else None
        return value if isinstance(value, Balances) else None

    def market(self, now: float) -> str | None:
        """The market's state by the broker's clock, where freshly known."""
        value = self.last["market_clock"].value if self.fresh("market_clock", now) else None
        return getattr(value, "state", None)

    def unsettled(self) -> list[Tracked]:
        """Orders that may or may not be there."""
        return [tracked for tracked in self.orders.values() if tracked.unsettled]

    def in_doubt(self) -> frozenset[str]:
        """The underlyings of orders that may or may not be there."""
        return symbols_in_doubt([tracked.order for tracked in self.unsettled() if tracked.order is not None])

    def reserved(self) -> Decimal:
        """Dollars that orders in doubt, or sent since balances were read, may cost."""
        return sum((tracked.cost for tracked in self.orders.values() if self._reserves(tracked)), Decimal(0))

    def _reserves(self, tracked: Tracked) -> bool:
        return tracked.unsettled or tracked.state in ("drafted", "previewed")

    def earlier(self, order: Order, skip: str | None = None) -> tuple[Earlier, ...]:
        """Orders against which this one may be a duplicate: landed ones, unknown ones, and any of the same intent id."""
        known = [
            Earlier(tracked.our_id, tracked.intention.at, tracked.order, tracked.order.intent_id)
            for tracked in self.orders.values()
            if tracked.order is not None
            and tracked.intention is not None
            and tracked.intention.change is None
            and tracked.our_id != skip
            and tracked.state not in ("refused", "rejected", "absent")
        ]
        named = self.intents.get(order.intent_id) if order.intent_id else None
        return (*known, named) if named is not None else tuple(known)

    def flow(self) -> OrderFlow:
        """How orders fare."""
        tripped, probing = self.trips.standing()
        working = len(self.live())
        doubtful = [tracked.key for tracked in self.unsettled()]
        everywhere = [key for key in tripped if not life.breaker_scope(key)]
        if everywhere:
            return OrderFlow(Flow.TRIPPED, working, ", ".join(everywhere))
        if probing:
            return OrderFlow(Flow.PROBING, working, ", ".join(probing))
        if doubtful:
            return OrderFlow(Flow.AMBIGUOUS, working, ", ".join(doubtful))
        if tripped or self.failing:
            return OrderFlow(Flow.REJECTING, working, ", ".join([*tripped, *self.failing]))
        return OrderFlow(Flow.FLOWING, working)


def _timed(intention: Intention) -> str:
    """The tag with the instant behind our id."""
    return sent_tag(f"{intention.our_id}u{base36(int(intention.at))}", intention.tag[len(intention.our_id) + 1 :])


class Known:
    """What is known without asking, for whoever may know and not act: the diagnoser."""

    __slots__ = ("_memory", "_now")

    def __init__(self, memory: Memory, now: Callable[[], float]) -> None:
        self._memory = memory
        self._now = now

    def held(self) -> Held | None:
        """Positions and live claims, where freshly known."""
        with self._memory.lock:
            return self._memory.held(self._now())

    def market(self) -> str | None:
        """The market's state by the broker's clock, where freshly known."""
        with self._memory.lock:
            return self._memory.market(self._now())
