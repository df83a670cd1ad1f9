"""How does an order get out of the market again?

At most so many tries as there are pauses, each after reading that the order still works, and read back after each
(rule 1 of "What never bends"). "Already filled" is a fill and told as one. Nothing here waits: each step says when the
next one is due.
"""

from collections.abc import Callable

import attrs

from supervisor.core.reading import Kind
from supervisor.orders import ports
from supervisor.orders.following import Follower
from supervisor.orders.handle import Canceled, Cancellation, Handle
from supervisor.orders.memory import Memory
from supervisor.orders.proof import filled_quantity

UNDER_WAY = "pending_cancel"
"""The broker is at it: another request would add nothing."""
TAKEN = float("inf")
"""When a step is due that is being taken: another thread finds nothing to do."""


@attrs.define(eq=False)
class Errand:
    """One order on its way to be canceled. `due` is when the next step is (epoch seconds), None when it is over."""

    order_id: str
    handle: Handle[Cancellation]
    due: float | None
    steps: int = 0
    """Tries, and looks that stood for one while the broker was at it."""
    tries: int = 0
    """Requests sent."""
    unread: int = 0
    errors: tuple[str, ...] = ()


class Canceler:
    """Cancels orders step by step. `now` gives the instant (epoch seconds)."""

    def __init__(self, memory: Memory, follower: Follower, trades: ports.Trades, now: Callable[[], float]) -> None:
        self._memory = memory
        self._follower = follower
        self._trades = trades
        self._now = now
        self.errands: list[Errand] = []

    def begin(self, order_id: str) -> Errand:
        """Takes it on; one errand per order, whoever asks again gets the same."""
        with self._memory.lock:
            tracked = self._memory.find(order_id)
            broker_id = tracked.order_id if tracked is not None and tracked.order_id else order_id
            for errand in self.errands:
                if errand.order_id == broker_id and errand.due is not None:
                    return errand
            errand = Errand(broker_id, Handle(Cancellation(Canceled.UNKNOWN, broker_id)), self._now())
            self.errands.append(errand)
            return errand

    def step(self, errand: Errand) -> None:
        """One step: reads the order, and where it still works and a try is left, asks once to cancel it."""
        with self._memory.lock:
            if errand.due is None or errand.due > self._now():
                return
            errand.due = TAKEN
        try:
            self._step(errand)
        finally:
            if errand.due == TAKEN:  # it raised: the errand goes on
                errand.due = self._now() + self._memory.settings.cancel_pauses[-1]

    def _step(self, errand: Errand) -> None:
        settings = self._memory.settings
        reading = self._follower.look_up(errand.order_id)
        if reading.failure is not None:
            foreign = reading.failure.kind is Kind.FOREIGN_ACCOUNT
            errand.errors = (*errand.errors[-5:], reading.failure.words)
            errand.unread += 1
            if foreign or errand.unread > len(settings.looks):
                self._end(
                    errand, Cancellation(Canceled.UNKNOWN, errand.order_id, tries=errand.tries, errors=errand.errors)
                )
            else:
                errand.due = self._now() + settings.looks[errand.unread - 1]
            return
        row: ports.Listed = reading.value
        if row.final or errand.steps >= len(settings.cancel_pauses):
            self._end(errand, self._word(errand, row))
        else:
            asks = row.status != UNDER_WAY
            if asks:
                errand.tries += 1
                sent = self._trades.cancel(errand.order_id, settings.deadline)
                if sent.kind != "acknowledged":
                    errand.errors = (*errand.errors[-5:], sent.words)
                with self._memory.lock:
                    self._memory.touch(self._now(), "orders", "positions", "balances")
            errand.steps += 1
            errand.due = self._now() + settings.cancel_pauses[errand.steps - 1]
            if asks:
                self._read_back(errand)

    def _read_back(self, errand: Errand) -> None:
        """Most cancellations are done at once: then nobody need wait for the pause."""
        reading = self._follower.look_up(errand.order_id)
        if reading.failure is None and reading.value.final:
            self._end(errand, self._word(errand, reading.value))

    def _word(self, errand: Errand, row: ports.Listed) -> Cancellation:
        outcome = {"filled": Canceled.FILLED, "canceled": Canceled.CANCELED}.get(row.status)
        outcome = outcome or (Canceled.ENDED if row.final else Canceled.WORKING)
        errors = errand.errors if outcome is not Canceled.CANCELED else ()
        return Cancellation(outcome, row.order_id, row.status, filled_quantity(row), errand.tries, errors)

    def _end(self, errand: Errand, word: Cancellation) -> None:
        with self._memory.changing():
            errand.due = None
            self.errands = [other for other in self.errands if other is not errand]
            self._memory.answer(errand.handle, word, done=True)

    def wake_at(self) -> float | None:
        """When the next step is due; None if none is. Call it with the lock held."""
        return min((errand.due for errand in self.errands if errand.due is not None), default=None)

    def tick(self, now: float) -> None:
        """Takes every step that is due."""
        with self._memory.lock:
            ready = [errand for errand in self.errands if errand.due is not None and errand.due <= now]
        for errand in ready:
            self.step(errand)
