"""What does a reading mean to the orders that are followed? Decided under the desk's lock, without I/O."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from supervisor.core.reading import Kind, Reading
from supervisor.orders import life, ports
from supervisor.orders.causes import STANDING, Cause
from supervisor.orders.claims import BUYS
from supervisor.orders.match import mean
from supervisor.orders.memory import Memory
from supervisor.orders.proof import alike, may_prove_absence, reason_of, signal_of, traded, with_id, with_tag
from supervisor.orders.symbols import plain
from supervisor.orders.tracked import ELSEWHERE, Tracked
from supervisor.orders.trips import IN_DOUBT, ON_SYMBOL

DISPROVED_BY_ANY = frozenset(
    {Cause.FUNDS, Cause.ACCOUNT, Cause.CONNECTION, Cause.RATE_LIMIT, Cause.BROKER, Cause.CREDENTIALS}
)
"""Causes that any landing order disproves; others only one on the same underlying."""
ENOUGH = 2
"""Proofs of absence that must agree."""


class Sightings:
    """Tells the orders' lives what readings show. Every method is called with the lock held."""

    def __init__(self, memory: Memory, now: Callable[[], float]) -> None:
        self._memory = memory
        self._now = now

    # ---------------------------------------------------------------- what was seen

    def listed(self, rows: Sequence[ports.Listed], reading: Reading) -> None:
        """Every order in the day's list: ours by id or tag, others adopted."""
        memory, now = self._memory, self._now()
        if memory.inventory.rows_seen(rows):
            memory.touch(now, "positions", "balances")
        seen: set[str] = set()
        for tracked in list(memory.orders.values()):
            row = _row_of(tracked, rows)
            if row is None:
                self._missing(tracked, rows, reading, now)
            elif tracked.posted is not None and not tracked.by_hand:
                seen.add(row.order_id)
                self.saw(tracked, row, now)
        for row in rows:
            if row.order_id not in seen and not row.final:
                self._adopt(row, now)

    def _adopt(self, row: ports.Listed, now: float) -> None:
        """An order placed elsewhere: followed like ours, fatal never."""
        our_id = ELSEWHERE + row.order_id
        names = tuple(dict.fromkeys(plain(part.symbol) for part in (row.legs or (row,)) if part.symbol))
        posted = row.created_at or now
        tracked = self._memory.track(our_id, names, now, order_id=row.order_id, posted=posted, ended=posted)
        self.saw(tracked, row, now)

    def saw(self, tracked: Tracked, row: ports.Listed, now: float) -> None:
        """The broker shows the order like this."""
        memory, before = self._memory, tracked.state
        tracked.order_id = tracked.order_id or row.order_id
        tracked.row, tracked.seen = row, now
        signal, words = signal_of(row), f"order {row.order_id} is {row.status}"
        if signal == life.REJECTED and before != "rejected":
            said = reason_of(row) or words
            self.refused(tracked, mean([said]).cause, (said,), now)
            words = said
        moved = memory.tell(tracked, signal, now, words)
        if moved and signal in (life.FILLED, life.PARTLY, life.CANCELED, life.EXPIRED):
            memory.touch(now, "positions", "balances")
        if tracked.over:
            tracked.next_look = None
        elif tracked.next_look is None:
            tracked.next_look = now + memory.settings.looks[0]
        if tracked.verdict and signal != life.REJECTED:
            self.landed(tracked, now)

    def by_id(self, tracked: Tracked, reading: Reading, listed: Reading | None = None) -> None:
        """What a reading by id says of the order, beside the list that did not show it."""
        memory, now, settings = self._memory, self._now(), self._memory.settings
        if reading.failure is None:
            row: ports.Listed = reading.value
            if memory.inventory.rows_seen((row,)):
                memory.touch(now, "positions", "balances")
            self.saw(tracked, row, now)
            return
        unknown_there = reading.failure.kind is Kind.FOREIGN_ACCOUNT
        if not unknown_there or listed is None or listed.failure is not None or tracked.posted is None:
            return
        if tracked.state == "acknowledged" and tracked.looked >= len(settings.looks):
            self.lost(tracked, "the broker named its id and now knows no such order", now)
        if tracked.state == "ambiguous" and may_prove_absence(
            tracked.posted, self._ended(tracked), listed, settings, memory.ahead
        ):
            self._proved(tracked, reading.at, "neither the day's list nor its id shows it", now)

    def _ended(self, tracked: Tracked) -> float:
        """When its request was over, or must have been."""
        if tracked.ended is not None:
            return tracked.ended
        return (tracked.posted or 0.0) + self._memory.settings.deadline

    # ---------------------------------------------------------------- what it comes to

    def refused(self, tracked: Tracked, cause: str, words: tuple[str, ...], now: float) -> None:
        """The broker refused it: counted, told as a failure, and held against its cause."""
        memory = self._memory
        tracked.by, tracked.cause, tracked.errors = "broker", cause, words
        if tracked.order is None:
            return
        self._count(tracked, "failed")
        said = " ".join(words)
        memory.failed(cause, tracked.order, said, now)
        memory.told(memory.trips.refused(cause, tracked.order, tracked.our_id, now, said))

    def landed(self, tracked: Tracked, now: float) -> None:
        """The broker has it and it stands: what had failed for causes that this disproves is over."""
        memory = self._memory
        if tracked.counted or tracked.order is None:
            return
        self._count(tracked, "successful")
        memory.told(memory.trips.landed(tracked.our_id, now))
        for cause, (_, struck) in list(memory.failing.items()):
            by_any = cause in DISPROVED_BY_ANY and (tracked.opens or cause != Cause.FUNDS)
            by_same = tracked.opens and not struck.isdisjoint(tracked.order.underlyings)
            if by_any or (by_same and (cause in ON_SYMBOL or cause in (Cause.PERMISSIONS, Cause.UNKNOWN))):
                memory.cleared(cause, f"order {tracked.our_id} landed", now)

    def recovered(self, concern: str, now: float) -> None:
        """A concern recovered: failures for the causes it stands for are over."""
        for cause in list(self._memory.failing):
            if STANDING[Cause(cause)].concern == concern:
                self._memory.cleared(cause, f"{concern} recovered", now)

    def lost(self, tracked: Tracked, words: str, now: float) -> None:
        """It may or may not be there."""
        memory = self._memory
        if memory.tell(tracked, life.LOST, now, words) and tracked.order is not None:
            memory.told(memory.trips.refused(IN_DOUBT, tracked.order, tracked.our_id, now, words))

    def absent(self, tracked: Tracked, words: str, now: float) -> None:
        """It is not there."""
        tracked.next_look = None
        if self._memory.tell(tracked, life.ABSENT, now, words):
            self._memory.trips.released(tracked.our_id)
            self._count(tracked, "failed")

    def _count(self, tracked: Tracked, as_what: str) -> None:
        counts = self._memory.counts
        counts.successful += (as_what == "successful") - (tracked.counted == "successful")
        counts.failed += (as_what == "failed") - (tracked.counted == "failed")
        tracked.counted = as_what

    # ---------------------------------------------------------------- what was not seen

    def _missing(self, tracked: Tracked, rows: Sequence[ports.Listed], reading: Reading, now: float) -> None:
        """An order in doubt, without an id, that a good list does not show."""
        memory, order, posted = self._memory, tracked.order, tracked.posted
        if tracked.state != "ambiguous" or tracked.order_id or order is None or posted is None:
            return
        ours = {other.order_id for other in memory.orders.values() if other.order is not None}
        if any(alike(row, order, posted) for row in rows if row.order_id not in ours):
            return
        if memory.inventory.differs(order.underlyings):
            return
        if may_prove_absence(posted, self._ended(tracked), reading, memory.settings, memory.ahead):
            self._proved(tracked, reading.at, "the day's list does not show its tag", now)

    def by_history(self, tracked: Tracked, reading: Reading) -> None:
        """Positions plus history: once the day list is of no use, they may show that the order was booked and filled."""
        memory, order, posted = self._memory, tracked.order, tracked.posted
        if reading.failure is not None or order is None or posted is None or len(order.legs) > 1:
            return
        leg = order.legs[0]
        moved = Decimal(leg.quantity if leg.side in BUYS else -leg.quantity)
        if memory.inventory.unexplained_by(leg.name) != moved or not traded(reading.value, leg.name, moved, posted):
            return
        tracked.by_hand, tracked.next_look = True, None
        memory.inventory.explain(leg.name, moved)
        now = self._now()
        memory.tell(tracked, life.LANDED, now, f"positions and history show {moved} {leg.name}")
        self.landed(tracked, now)

    def _proved(self, tracked: Tracked, at: float, words: str, now: float) -> None:
        """One more proof that it is not there; the one that makes enough settles it."""
        if not tracked.proofs or at - tracked.proofs[-1] >= self._memory.settings.calm / 2:
            tracked.proofs.append(at)
        if len(tracked.proofs) >= ENOUGH:
            self.absent(tracked, f"{words}, {len(tracked.proofs)} times", now)

    def looked(self, tracked: Tracked, now: float) -> None:
        """One look is over: when is the next?"""
        settings = self._memory.settings
        if tracked.over or tracked.next_look is None or tracked.next_look > now:
            return
        tracked.looked += 1
        if tracked.verdict:
            self.landed(tracked, now)
        if tracked.verdict or (tracked.looked >= len(settings.looks) and not tracked.unsettled):
            pause = settings.poll
        else:
            pause = settings.looks[tracked.looked] if tracked.looked < len(settings.looks) else settings.doubt
        tracked.next_look = now + pause
        self._memory.refresh(tracked)


def _row_of(tracked: Tracked, rows: Sequence[ports.Listed]) -> ports.Listed | None:
    """The order's row in the list: by its id where we know one, else by its tag."""
    if tracked.order_id is not None:
        return with_id(rows, tracked.order_id)
    if tracked.order is None or tracked.posted is None or not tracked.tag:
        return None
    return next(iter(with_tag(rows, tracked.tag)), None)
