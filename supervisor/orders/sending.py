"""How does one order get out, once?

Understood, judged on fresh facts, previewed where only the broker knows its cost, put on record, sent by exactly one
request, and followed from there. Reads and requests happen outside the lock; from the last judgement to the record the
lock is held, so that two orders never count on the same shares or money.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from supervisor.core.intent import intent_of
from supervisor.core.reading import Kind
from supervisor.errors import JournalError
from supervisor.orders import life, ports
from supervisor.orders.build import understand
from supervisor.orders.causes import Cause
from supervisor.orders.following import Follower
from supervisor.orders.handle import Handle, Outcome, Result
from supervisor.orders.judge import JOURNAL, Estimate, Scene, estimate_of, judge
from supervisor.orders.match import mean
from supervisor.orders.memory import Memory
from supervisor.orders.order import Order, OrderRefused, Refusal, sent_tag, to_form
from supervisor.orders.proof import eastern_day
from supervisor.orders.records import Intention, plain
from supervisor.orders.sighting import Sightings
from supervisor.orders.stake import cost_at_worst, cost_by_preview, needs_preview, opening_legs, opens
from supervisor.orders.tidy import Fix
from supervisor.orders.tracked import Tracked
from supervisor.orders.trips import IN_DOUBT

FOR_NOTHING = Estimate(clean=True, order_cost=Decimal(0), margin_change=Decimal(0))
"""Stands in for a preview while it is seen whether asking for one is worth while."""
IN_DOUBT_TRIP = life.breaker_key(IN_DOUBT, "")
BOOKED_BEFORE = "the broker booked a preview as an order"
READ_WITHIN = 3.0
"""Seconds that each read before sending may take (defaults 4.2)."""


@attrs.define
class Errand:
    """One order on its way out. `given_up` is set by a caller who waited long enough: then it no longer leaves."""

    raw: Any
    handle: Handle[Result]
    given_up: bool = False
    left: bool = False
    """Whether it is on record as leaving: from here on giving up is too late."""
    order: Order | None = None
    fixes: tuple[Fix, ...] = ()
    replaces: str | None = None
    """Our id of the order that this one replaces: no duplicate of it."""
    only: int | None = None
    """The quantity that remains to be sent of a replaced order."""


class Sender:
    """Sends orders. `now` gives the instant (epoch seconds)."""

    def __init__(
        self,
        memory: Memory,
        sightings: Sightings,
        follower: Follower,
        trades: ports.Trades,
        previews: ports.Previews,
        gate: ports.Gate,
        now: Callable[[], float],
    ) -> None:
        self._memory = memory
        self._sightings = sightings
        self._follower = follower
        self._trades = trades
        self._previews = previews
        self._gate = gate
        self._now = now

    # ---------------------------------------------------------------- the way out

    def send(self, errand: Errand) -> None:
        """Takes one order all the way; whatever comes of it, the handle hears it."""
        try:
            order, fixes = self.understand(errand.raw)
        except OrderRefused as refused:
            self._refuse(errand, refused.refusals)
            return
        if errand.only is not None:
            order = order.with_quantity(errand.only)
        errand.order, errand.fixes = order, fixes
        self._refresh(order)
        estimate: Estimate | None = None
        warnings: tuple[str, ...] = ()
        with self._memory.changing():
            refusals = judge(order, self._scene(errand, FOR_NOTHING))
            ask = not refusals and self._wants_preview(order)
        if ask:
            sent = self._previews.preview(dict(to_form(order, "preview")), self._memory.settings.deadline)
            if sent.booked_by_preview:
                self._booked_by_preview(errand, order, sent)
                return
            estimate = estimate_of(sent)
            if estimate.refused and not opens(order):
                warnings = (f"the preview refuses it: {estimate.words}",)
        tracked = self._record(errand, order, estimate, warnings)
        if tracked is None or tracked.intention is None:
            return
        form = dict(to_form(order, tracked.intention.tag))
        sent_now = self._trades.submit(form, self._memory.settings.deadline)
        self.came_back(tracked, sent_now)
        if tracked.state == "acknowledged" and tracked.order_id:
            self._follower.look_up(tracked.order_id)

    def understand(self, raw: Any) -> tuple[Order, tuple[Fix, ...]]:
        """The typed order, as the switches allow it. Reads positions and orders only where a bare side needs them.

        Raises OrderRefused.
        """
        today = eastern_day(self._now())
        try:
            return understand(raw, None, today, self._memory.settings)
        except OrderRefused as refused:
            if not any(refusal.field == "side" and "not clear" in refusal.words for refusal in refused.refusals):
                raise
        self._read(("orders", "positions"))
        with self._memory.lock:
            held = self._memory.held(self._now())
        return understand(raw, held, today, self._memory.settings)

    def preview(self, raw: Any) -> tuple[Order, Estimate, tuple[Fix, ...]]:
        """What the broker says it would cost. Nothing is sent. Raises OrderRefused where it can't be understood."""
        order, fixes = self.understand(raw)
        if self._memory.trips.halted:
            return order, Estimate(clean=False, words=f"not asked: {BOOKED_BEFORE}"), fixes
        sent = self._previews.preview(dict(to_form(order, "preview")), self._memory.settings.deadline)
        if sent.booked_by_preview:
            self._booked_by_preview(Errand(raw, Handle(_first())), order, sent)
        return order, estimate_of(sent), fixes

    def _refresh(self, order: Order) -> None:
        """Reads what the judge will need and what is no longer fresh."""
        wanted = ["orders", "positions"]
        if opens(order):
            wanted.append("balances")
        legs = order.priced()
        if any(leg.type == "market" for leg in opening_legs(order)) or any(
            leg.duration in ("pre", "post") for leg in legs
        ):
            wanted.append("market_clock")
        self._read(tuple(wanted))

    def _read(self, sources: tuple[str, ...]) -> None:
        """Orders always before positions: a fill in between must not be counted twice."""
        limit = min(READ_WITHIN, self._memory.settings.deadline)
        with self._memory.lock:
            stale = [source for source in sources if not self._memory.fresh(source, self._now())]
        if "orders" in stale and "positions" in sources and "positions" not in stale:
            stale.append("positions")
        for source in stale:
            self._follower.read(source, limit)

    def _scene(self, errand: Errand, estimate: Estimate | None) -> Scene:
        memory, now = self._memory, self._now()
        memory.trips.advance(now)
        order = errand.order
        if order is None:
            raise AssertionError("the order is understood before it is judged")
        held = memory.held(now)
        return Scene(
            now=now,
            decision=self._gate.decide(intent_of(order.as_dict())),
            positions=held.positions if held else None,
            claims=held.claims if held else None,
            balances=memory.balances(now),
            market=memory.market(now),
            option_level=self._gate.option_level(),
            in_doubt=memory.in_doubt(),
            reserved=memory.reserved(),
            earlier=memory.earlier(order, errand.replaces),
            estimate=estimate,
            probes=bool(memory.trips.on(order)),
            settings=memory.settings,
        )

    def _wants_preview(self, order: Order) -> bool:
        if self._memory.trips.halted:
            return False
        return needs_preview(order) or bool(self._memory.trips.on(order)) or self._memory.settings.preview_always

    def _tripped(self, order: Order) -> list[Refusal]:
        """Trips that this order may not probe: they rest, are being probed already, or something is still in doubt."""
        found = []
        for key in self._memory.trips.on(order):
            trip = self._memory.trips.trips[key]
            if trip.cursor.state == "halted":
                found.append(Refusal("broker", f"{BOOKED_BEFORE}; a person must look and acknowledge it"))
            elif trip.cursor.state != "probing":
                found.append(Refusal("broker", f"too many orders were refused ({key}); a probe may go after a rest"))
            elif trip.probe is not None:
                found.append(Refusal("broker", f"too many orders were refused ({key}); {trip.probe} is probing it"))
            elif key == IN_DOUBT_TRIP and self._memory.unsettled():
                found.append(Refusal("broker", f"too many orders were refused ({key}); one is still in doubt"))
        return found

    # ---------------------------------------------------------------- on record

    def _record(
        self, errand: Errand, order: Order, estimate: Estimate | None, warnings: tuple[str, ...]
    ) -> Tracked | None:
        """Judges it for the last time and puts it on record as leaving; None where it does not leave."""
        memory = self._memory
        with memory.changing():
            now = self._now()
            refusals = judge(order, self._scene(errand, estimate)) + self._tripped(order)
            if errand.given_up:
                refusals.append(Refusal(Cause.CONNECTION, "the broker did not answer in time; it was not sent"))
            tracked = self._drafted(errand, order, estimate, warnings, now)
            if estimate is not None:
                memory.tell(tracked, life.PREVIEWED, now, estimate.words or "clean")
            if not refusals:
                try:
                    tracked.intention = self._written(tracked)
                except JournalError as error:
                    refusals.append(Refusal(JOURNAL, f"the journal can't be written, so nothing opens: {error}"))
            if refusals:
                self._decline(tracked, refusals, estimate, now)
                return None
            errand.left = True
            for key in memory.trips.on(order):
                memory.trips.trips[key].probe = tracked.our_id
            tracked.posted = now
            memory.tell(tracked, life.SENT, now, f"leaves with the tag {tracked.tag}")
            return tracked

    def _drafted(
        self, errand: Errand, order: Order, estimate: Estimate | None, warnings: tuple[str, ...], now: float
    ) -> Tracked:
        memory = self._memory
        our_id = memory.new_id()
        cost = cost_at_worst(order)
        if estimate is not None and cost is None:
            cost = cost_by_preview(estimate.order_cost, estimate.margin_change)
        tracked = memory.track(our_id, order.underlyings, now, order=order, handle=errand.handle, fixes=errand.fixes)
        tracked.warnings = warnings
        tracked.intention = Intention(
            our_id=our_id,
            tag=sent_tag(our_id, order.tag),
            key=tracked.key,
            at=now,
            order=order.as_dict(),
            agents=plain(errand.raw) if isinstance(plain(errand.raw), dict) else {},
            opens=opens(order),
            cost=None if cost is None else str(cost),
            fixes=tuple(fix.as_dict() for fix in errand.fixes),
        )
        return tracked

    def _written(self, tracked: Tracked) -> Intention:
        if tracked.intention is None:
            raise AssertionError("a draft has its intention")
        return self._memory.write(tracked.intention)

    def _decline(self, tracked: Tracked, refusals: list[Refusal], estimate: Estimate | None, now: float) -> None:
        """We refuse it: it never left."""
        tracked.errors = tuple(refusal.words for refusal in refusals)
        tracked.by = "broker" if estimate is not None and estimate.refused and tracked.opens else "us"
        tracked.cause = refusals[0].cause
        self._memory.tell(tracked, life.DECLINED, now, "; ".join(tracked.errors))

    def _refuse(self, errand: Errand, refusals: tuple[Refusal, ...]) -> None:
        """It can't be understood: no life begins."""
        result = Result(
            Outcome.REFUSED,
            status="refused",
            errors=tuple(refusal.words for refusal in refusals),
            by="us",
            cause=refusals[0].cause,
            final=True,
        )
        with self._memory.changing():
            self._memory.answer(errand.handle, result, done=True)

    # ---------------------------------------------------------------- what came back

    def came_back(self, tracked: Tracked, sent: ports.Sent) -> None:
        """What the one request brought."""
        memory = self._memory
        with memory.changing():
            now = self._now()
            tracked.ended = now
            tracked.next_look = now + memory.settings.looks[0]
            words = sent.words or (sent.failure.words if sent.failure else "") or str(sent.kind)
            if sent.order_id and sent.kind != "refused":
                tracked.order_id = sent.order_id
            if sent.kind == "acknowledged":
                memory.tell(tracked, life.ACKNOWLEDGED, now, f"order {sent.order_id}")
            elif sent.kind == "refused":
                tracked.next_look = None
                said = tuple(dict.fromkeys((words, *(code for code in sent.codes if code not in words))))
                self._sightings.refused(tracked, mean((words, *sent.codes)).cause, said, now)
                memory.tell(tracked, life.REJECTED, now, words)
            elif sent.kind == "unsent":
                tracked.errors, tracked.cause = (words,), _cause(sent)
                self._sightings.absent(tracked, f"not one byte of it left: {words}", now)
            else:
                tracked.errors, tracked.cause = (words,), _cause(sent)
                self._sightings.lost(tracked, words, now)
            memory.touch(now, "orders", "positions", "balances")

    def _booked_by_preview(self, errand: Errand, order: Order, sent: ports.PreviewSent) -> None:
        """The reply to a preview names an order: taken for booked, and nothing opens until a person looked."""
        memory = self._memory
        with memory.changing():
            now = self._now()
            errand.order, errand.left = order, True
            tracked = self._drafted(errand, order, None, ("a preview was answered with an order id",), now)
            tracked.order_id, tracked.posted, tracked.ended = sent.order_id, now, now
            tracked.next_look = now
            try:
                tracked.intention = self._written(tracked)
            except JournalError as error:
                tracked.warnings = (*tracked.warnings, str(error))
            memory.tell(tracked, life.SENT, now, "a preview was answered with an order id")
            memory.tell(tracked, life.ACKNOWLEDGED, now, f"order {sent.order_id}")
            memory.told(memory.trips.halt(now, f"a preview was booked as order {sent.order_id}"))
            memory.touch(now, "orders", "positions", "balances")


def _cause(sent: ports.Sent) -> Cause:
    """Why a request's outcome is open, or why it never left: by the broker's words, else by what broke."""
    meaning = mean((sent.words, *sent.codes))
    if meaning.row is not None or sent.failure is None:
        return meaning.cause
    return {Kind.QUOTA: Cause.RATE_LIMIT, Kind.SERVER: Cause.BROKER}.get(sent.failure.kind, Cause.CONNECTION)


def _first() -> Result:
    return Result(Outcome.UNKNOWN, status="drafted")
