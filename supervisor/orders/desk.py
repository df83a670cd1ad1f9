"""Where does an agent hand in its orders?

One desk for one account. `submit` blocks no longer than the set limit; what is not settled by then is followed by
`tick`, which the monitor calls. The desk has no clock of its own and no lasting threads.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from supervisor.core.reading import Reading
from supervisor.errors import SupervisorError
from supervisor.orders import life, ports, replacing
from supervisor.orders.canceling import Canceler
from supervisor.orders.changing import Changer
from supervisor.orders.claims import at_worst
from supervisor.orders.following import Follower
from supervisor.orders.handle import Cancellation, Handle, Outcome, Result
from supervisor.orders.judge import Estimate
from supervisor.orders.memory import Known, Memory
from supervisor.orders.proof import eastern_day
from supervisor.orders.records import Intention, Tell
from supervisor.orders.restoring import restore
from supervisor.orders.running import Runner
from supervisor.orders.sending import Errand, Sender
from supervisor.orders.settings import DEFAULTS, OrderSettings
from supervisor.orders.sighting import Sightings
from supervisor.orders.tidy import Fix
from supervisor.orders.tracked import Tracked, result_of

FIRST = Result(Outcome.UNKNOWN, status="drafted")


class Desk:
    """Takes, sends and follows orders.

    `now` gives the instant in epoch seconds and never runs backwards. `inline` means that everything runs in the
    caller's thread and nothing waits: for frozen time and the in-process simulator.
    """

    def __init__(
        self,
        *,
        reads: ports.Reads,
        previews: ports.Previews,
        trades: ports.Trades,
        ledger: ports.Ledger,
        gate: ports.Gate,
        now: Callable[[], float],
        settings: OrderSettings = DEFAULTS,
        inline: bool = False,
    ) -> None:
        self.settings = settings
        self._now = now
        self._memory = Memory(ledger, settings)
        self._sightings = Sightings(self._memory, now)
        self._follower = Follower(self._memory, reads, self._sightings, now)
        self._sender = Sender(self._memory, self._sightings, self._follower, trades, previews, gate, now)
        self._canceler = Canceler(self._memory, self._follower, trades, now)
        self._changer = Changer(self._memory, self._follower, trades, gate, now)
        self._runner = Runner(inline=inline)

    # ---------------------------------------------------------------- sending

    def submit(self, order: Any, *, wait: float | None = None) -> Result:
        """Sends the order once and gives the last word on it after `wait` seconds at most. Never raises.

        A caller whose wait is over before the order has left calls it off: then it is refused and never leaves.
        """
        handle: Handle[Result] = Handle(FIRST)
        errand = Errand(order, handle)
        self._start(errand)
        self._await(handle, self.settings.wait if wait is None else wait)
        with self._memory.lock:
            if handle.done or errand.left or self._runner.inline:
                return handle.result
            errand.given_up = True
        words = "the broker did not answer in time; it was not sent"
        return Result(Outcome.REFUSED, status="refused", errors=(words,), by="us", cause="connection", final=True)

    def submit_async(self, order: Any, on: Callable[[Result], object] | None = None) -> Handle[Result]:
        """Sends the order once, without waiting; `on` hears every new word on it."""
        handle: Handle[Result] = Handle(FIRST)
        if on is not None:
            handle.on(on)
        self._start(Errand(order, handle))
        return handle

    def _start(self, errand: Errand) -> None:
        self._runner.run(lambda: self._sender.send(errand), lambda: self._broke(errand.handle, left=errand.left))

    def _broke(self, handle: Handle[Result], *, left: bool) -> None:
        """A fault of ours stopped it: what left is unknown, what did not is refused."""
        outcome = Outcome.UNKNOWN if left else Outcome.REFUSED
        words = ("a fault of ours stopped it: see the log",)
        with self._memory.changing():
            result = Result(outcome, status="error", errors=words, by="us", cause="unknown", final=not left)
            self._memory.answer(handle, result, done=True)

    def _await(self, handle: Handle[Any], wait: float) -> None:
        """Waits for a verdict, looking when a look is due."""
        if self._runner.inline:
            return
        until = self._now() + wait
        while not handle.done and (left := until - self._now()) > 0:
            wake = self.wake_at()
            pause = left if wake is None else min(left, max(0.02, wake - self._now()))
            if not handle.wait(pause):
                self.tick()

    def preview(self, order: Any) -> tuple[dict[str, Any], Estimate, tuple[Fix, ...]]:
        """The order as it would be sent, what the broker says it costs, and the corrections. Raises OrderRefused."""
        typed, estimate, fixes = self._sender.preview(order)
        return typed.as_dict(), estimate, fixes

    # ---------------------------------------------------------------- canceling and changing

    def cancel(self, order_id: str, *, wait: float | None = None) -> Cancellation:
        """Cancels an order by the broker's id, ours or its tag; the last word after `wait` seconds at most."""
        handle = self.cancel_async(order_id)
        self._await(handle, self.settings.wait if wait is None else wait)
        return handle.result

    def cancel_async(self, order_id: str, on: Callable[[Cancellation], object] | None = None) -> Handle[Cancellation]:
        """Cancels an order without waiting."""
        errand = self._canceler.begin(order_id)
        if on is not None:
            errand.handle.on(on)
        self._runner.run(lambda: self._canceler.step(errand), lambda: None)
        return errand.handle

    def modify(self, order_id: str, changes: Mapping[str, Any], *, wait: float | None = None) -> Result:
        """Changes type, duration, price or stop of a working order by one request, and reads it back."""
        handle = self.modify_async(order_id, changes)
        self._await(handle, self.settings.wait if wait is None else wait)
        return handle.result

    def modify_async(
        self, order_id: str, changes: Mapping[str, Any], on: Callable[[Result], object] | None = None
    ) -> Handle[Result]:
        """Changes an order without waiting."""
        handle: Handle[Result] = Handle(FIRST)
        if on is not None:
            handle.on(on)
        self._runner.run(
            lambda: self._changer.change(order_id, changes, handle), lambda: self._broke(handle, left=True)
        )
        return handle

    def replace(self, order_id: str, order: Any, *, wait: float | None = None) -> Result:
        """Cancels an order, reads how it ended, and sends what remains of the new one."""
        handle = self.replace_async(order_id, order)
        self._await(handle, self.settings.wait if wait is None else wait)
        return handle.result

    def replace_async(self, order_id: str, order: Any, on: Callable[[Result], object] | None = None) -> Handle[Result]:
        """Replaces an order without waiting."""
        handle: Handle[Result] = Handle(FIRST)
        if on is not None:
            handle.on(on)
        hopeless = replacing.hopeless(order, self.settings, eastern_day(self._now()))
        if hopeless is not None:
            with self._memory.changing():
                self._memory.answer(handle, hopeless, done=True)
            return handle
        errand = Errand(order, handle)
        with self._memory.lock:
            old = self._memory.find(order_id)
            errand.replaces = old.our_id if old is not None else None

        def then(word: Cancellation) -> None:
            refused = replacing.remaining(errand, word, self._sender)
            if refused is None:
                self._start(errand)
                return
            with self._memory.changing():
                self._memory.answer(handle, refused, done=True)

        self.cancel_async(order_id, then)
        return handle

    def settle(self, tag: str, outcome: str, *, who: str, why: str, order_id: str | None = None) -> Result:
        """A person says what became of an order in doubt: landed or absent. Raises SupervisorError naming what is wrong."""
        with self._memory.changing():
            now = self._now()
            tracked = self._memory.find(tag)
            if tracked is None or tracked.state != "ambiguous":
                found = "there is no such order" if tracked is None else f"it is {tracked.state}, not in doubt"
                raise SupervisorError(f"Order {tag!r} can't be settled: {found}.")
            if not who.strip() or not why.strip():
                raise SupervisorError("Settling an order needs who says so, and why.")
            words = f"{who} says {outcome}: {why}"
            if outcome == "absent":
                self._sightings.absent(tracked, words, now)
            elif outcome == "landed":
                tracked.order_id = order_id or tracked.order_id
                tracked.by_hand = tracked.order_id is None
                tracked.next_look = None if tracked.by_hand else now
                self._memory.tell(tracked, life.LANDED, now, words)
                self._memory.touch(now, "orders", "positions", "balances")
                if tracked.by_hand:  # nobody will see it any more: what waited for its landing goes on now
                    self._sightings.landed(tracked, now)
            else:
                raise SupervisorError(f"An order is settled as landed or absent, not {outcome!r}.")
            return tracked.result()

    # ---------------------------------------------------------------- for the monitor

    def tick(self) -> None:
        """Takes every look and step that is due. Prompt, unless inline: reads run in a thread of their own."""
        now = self._now()
        with self._memory.changing():
            self._memory.trips.advance(now)
            for tracked in self._memory.live():
                if tracked.state == "sent" and now - (tracked.posted or now) > 3 * self.settings.deadline:
                    tracked.next_look = now
                    self._sightings.lost(tracked, "its request never came back", now)
            looks = bool(self._follower.due(now))
            cancel_at = self._canceler.wake_at()
        if looks:
            self._runner.run_alone("looks", self._follower.round)
        if cancel_at is not None and cancel_at <= now:
            self._runner.run_alone("cancels", lambda: self._canceler.tick(now))

    def wake_at(self) -> float | None:
        """When the next tick has something to do (epoch seconds); None if never."""
        with self._memory.lock:
            now = self._now()
            instants = (self._follower.wake_at(now), self._canceler.wake_at(), self._memory.trips.wake_at())
            return min((instant for instant in instants if instant is not None), default=None)

    def take(self, reading: Reading) -> Reading:
        """Takes in a reading of orders, positions, balances or the market clock that the monitor made.

        Gives it as the concerns want it: `Holdings` for positions, `OrderFlow` for orders, others unchanged.
        """
        return self._follower.take(reading)

    def readings(self) -> tuple[Reading, ...]:
        """What the desk read since last asked, as the concerns want it: at most one of each source, for the next round."""
        with self._memory.lock:
            found, self._memory.outbox = tuple(self._memory.outbox), []
            return found

    def reconnected(self) -> None:
        """After an outage: positions, orders and money are to be read again before anything opens."""
        with self._memory.lock:
            self._memory.touch(self._now(), "orders", "positions", "balances")
            for tracked in self._memory.live():
                tracked.next_look = self._now()

    def recovered(self, concern: str) -> None:
        """A concern recovered: failures whose cause it is are over."""
        with self._memory.changing():
            self._sightings.recovered(concern, self._now())

    def booked_by_preview(self, order_id: str) -> None:
        """A preview of somebody else's (the diagnoser's) was answered with an order id: nothing opens, and it is followed."""
        with self._memory.changing():
            now = self._now()
            words = f"a preview was booked as order {order_id}"
            self._memory.told(self._memory.trips.halt(now, words))
            self._memory.touch(now, "orders", "positions", "balances")

    def acknowledge_previews(self) -> None:
        """A person looked at what a preview booked: from here on orders may open, and be previewed."""
        with self._memory.changing():
            self._memory.told(self._memory.trips.looked_at(self._now(), "a person looked, and acknowledged it"))

    def acknowledge_positions(self) -> None:
        """A person looked at what no order explains: from here on it is expected."""
        with self._memory.lock:
            self._memory.inventory.acknowledge()
            self._memory.touch(self._now(), "positions")

    def restore(
        self, records: Iterable[Intention | Tell], expected: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        """Takes up every order and trip from the record, oldest first, and what should be held. Nothing is sent again."""
        with self._memory.changing():
            restore(self._memory, self._sightings, records, expected, self._now())

    def expected(self) -> dict[str, dict[str, str]]:
        """What should be held, and the fills that counts, for the record: `restore` takes it up."""
        with self._memory.lock:
            inventory = self._memory.inventory
            held = inventory.expected or {}
            return {
                "held": {symbol: str(quantity) for symbol, quantity in held.items()},
                "counted": {order_id: str(quantity) for order_id, quantity in inventory.counted().items()},
            }

    # ---------------------------------------------------------------- answers

    def status(self, order_id: str) -> Result:
        """The last word on an order by the broker's id, ours or its tag. Raises SupervisorError where it is not known."""
        with self._memory.lock:
            tracked = self._memory.find(order_id)
            if tracked is None:
                raise SupervisorError(f"No order {order_id!r} is known.")
            return tracked.result()

    def look(self, order_id: str) -> Result:
        """As `status`; what no record has is asked of the broker. SupervisorError where neither knows it."""
        with self._memory.lock:
            known = self._memory.find(order_id) is not None
        return self.status(order_id) if known else result_of(self._follower.seek(order_id))

    def working(self) -> list[dict[str, Any]]:
        """Every order that may still fill, ours and others', with whether it opens (None: not known)."""
        with self._memory.lock:
            return [_shown(tracked) for tracked in self._memory.live()]

    def held(self) -> dict[str, Decimal] | None:
        """What is surely there to cover shorts, for the gate's view of an intent; None where not freshly known."""
        with self._memory.lock:
            known = self._memory.held(self._now())
            return None if known is None else at_worst(known.positions, known.claims)

    def known(self) -> Known:
        """What is known of positions and the market, for diagnosis: it has no way to send."""
        return Known(self._memory, self._now)

    @property
    def counts(self) -> tuple[int, int]:
        """How many orders were successful, and how many failed."""
        return self._memory.counts.successful, self._memory.counts.failed


def _shown(tracked: Tracked) -> dict[str, Any]:
    return {
        **tracked.result().as_dict(),
        "key": tracked.key,
        "opens": tracked.intention.opens if tracked.intention else None,
        "order": tracked.order.as_dict() if tracked.order else None,
    }
