"""How is a working order changed, once?

Type, duration, price and stop may change, quantity and side may not (DOC D1 change-order). One request; what it did is
read back by the order's id. A change never makes a market order.
"""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from supervisor.core.intent import intent_of
from supervisor.errors import JournalError
from supervisor.orders import ports
from supervisor.orders.build import build
from supervisor.orders.causes import Cause
from supervisor.orders.following import Follower
from supervisor.orders.handle import Handle, Outcome, Result
from supervisor.orders.judge import GATE, JOURNAL
from supervisor.orders.match import mean
from supervisor.orders.memory import Memory
from supervisor.orders.order import ADVANCED, Order, OrderRefused, Refusal
from supervisor.orders.records import UNJOURNALLED, Intention, plain
from supervisor.orders.stake import cost_at_worst, opens
from supervisor.orders.tidy import Fix, tidy, untidy
from supervisor.orders.tracked import Tracked

CHANGEABLE = ("type", "duration", "price", "stop")
_ALIASES = {"order_type": "type", "time_in_force": "duration", "limit_price": "price", "stop_price": "stop"}


class Changer:
    """Changes orders. `now` gives the instant (epoch seconds)."""

    def __init__(
        self,
        memory: Memory,
        follower: Follower,
        trades: ports.Trades,
        gate: ports.Gate,
        now: Callable[[], float],
    ) -> None:
        self._memory = memory
        self._follower = follower
        self._trades = trades
        self._gate = gate
        self._now = now

    def change(self, order_id: str, changes: Mapping[str, Any], handle: Handle[Result]) -> None:
        """Takes one change all the way; the handle hears what came of it."""
        with self._memory.lock:
            tracked = self._memory.find(order_id)
        try:
            order, form, fixes = self._understand(order_id, tracked, changes)
        except OrderRefused as refused:
            words = tuple(refusal.words for refusal in refused.refusals)
            self._say(handle, _refused(words, "us", refused.refusals[0].cause))
            return
        if tracked is None or tracked.order_id is None:
            raise AssertionError("an order without an id can't be understood as one to be changed")
        decision = self._gate.decide(intent_of(order.as_dict()))
        if not decision.allowed:
            self._say(handle, _refused(tuple(reason.why for reason in decision.reasons), "us", GATE))
            return
        if fault := self._too_dear(tracked, order):
            self._say(handle, _refused((fault,), "us", Cause.FUNDS))
            return
        with self._memory.changing():
            our_id, now = self._memory.new_id(), self._now()
            intention = Intention(
                our_id=our_id,
                tag=our_id,
                key=tracked.key,
                at=now,
                order=order.as_dict(),
                agents=plain(dict(changes)),
                opens=opens(order),
                fixes=tuple(fix.as_dict() for fix in fixes),
                change=tracked.order_id,
            )
            try:
                intention = self._memory.write(intention)
            except JournalError as error:
                self._say(handle, _refused((str(error),), "us", JOURNAL))
                return
        sent = self._trades.modify(tracked.order_id, form, self._memory.settings.deadline)
        self._came_back(tracked, order, sent, handle, kept=intention.kept)

    def _understand(
        self, order_id: str, tracked: Tracked | None, changes: Mapping[str, Any]
    ) -> tuple[Order, dict[str, str], tuple[Fix, ...]]:
        """The order as it will be, the form to send, and the corrections. Raises OrderRefused."""
        if tracked is None or tracked.order is None or tracked.order_id is None:
            raise _no(f"order {order_id} is none that was sent from here and has an id")
        if tracked.over or tracked.unsettled:
            raise _no(f"order {order_id} is {tracked.state}: there is nothing to change")
        if tracked.order.kind in ADVANCED:
            raise _no("the legs of such an order are changed at the broker one by one: cancel it and send a new one")
        wanted = {_ALIASES.get(name, name): value for name, value in changes.items()}
        strange = [name for name in wanted if name not in CHANGEABLE]
        if strange or not wanted:
            said = f"{', '.join(strange)} can't be changed" if strange else "nothing is to be changed"
            raise _no(f"{said}: only {', '.join(CHANGEABLE)} can; else cancel it and send a new one")
        tidied = tidy({**tracked.order.as_dict(), **wanted})
        order = build(tidied.order, None, tidied.faults)
        if refusals := untidy(tidied.fixes, self._memory.settings):
            raise OrderRefused(refusals)
        if order.type == "market":
            raise _no("a change never makes a market order")
        now = order.as_dict()
        before = tracked.order.as_dict()
        form = {name: str(now[name]) for name in CHANGEABLE if name in now and now[name] != before.get(name)}
        if not form:
            raise _no("it is so already: nothing is to be changed")
        return order, form, tuple(fix for fix in tidied.fixes if fix.field in CHANGEABLE)

    def _too_dear(self, tracked: Tracked, order: Order) -> str | None:
        """What is wrong with its cost, where its limit says it may cost more than before."""
        cost, before = cost_at_worst(order), cost_at_worst(tracked.order) if tracked.order else None
        if not opens(order) or before is None:
            return None  # what a preview had to price may be changed: by its limits it can't be compared
        if cost is None:
            return "what it may cost then only a preview could tell: cancel it and send a new one"
        if cost <= before:
            return None
        with self._memory.lock:
            fresh = self._memory.fresh("balances", self._now())
        if not fresh:
            self._follower.read("balances")
        with self._memory.lock:
            balances = self._memory.balances(self._now())
        if balances is None:
            return "it may cost more, and balances can't be read"
        power = balances.option_power if order.is_option else balances.equity_power
        more = cost - before
        return f"it may cost {more:.2f} more, buying power is {power:.2f}" if more > power else None

    def _came_back(
        self, tracked: Tracked, order: Order, sent: ports.Sent, handle: Handle[Result], *, kept: str
    ) -> None:
        words = sent.words or (sent.failure.words if sent.failure else "") or str(sent.kind)
        if sent.kind == "refused":
            said = tuple(dict.fromkeys((words, *(code for code in sent.codes if code not in words))))
            self._say(handle, _refused(said, "broker", mean((words, *sent.codes)).cause))
            return
        if sent.kind == "unsent":
            self._say(handle, Result(Outcome.ABSENT, tracked.order_id, status="unsent", errors=(words,), final=True))
            return
        reading = self._follower.look_up(str(tracked.order_id))
        shows = reading.failure is None and _shows(reading.value, order)
        with self._memory.changing():
            if shows or sent.kind == "acknowledged":
                tracked.order = order
            result = tracked.result()
            if not shows:
                errors = () if sent.kind == "acknowledged" else (words,)
                warning = "the broker does not show the change yet"
                outcome = Outcome.LANDED if sent.kind == "acknowledged" else Outcome.UNKNOWN
                result = attrs.evolve(result, outcome=outcome, errors=errors, warnings=(warning,), final=False)
            if kept == UNJOURNALLED and UNJOURNALLED not in result.warnings:
                result = attrs.evolve(result, warnings=(*result.warnings, UNJOURNALLED))
            self._memory.answer(handle, result, done=True)

    def _say(self, handle: Handle[Result], result: Result) -> None:
        with self._memory.changing():
            self._memory.answer(handle, result, done=True)


def _no(words: str) -> OrderRefused:
    return OrderRefused((Refusal("order", words),))


def _refused(words: tuple[str, ...], by: str, cause: str) -> Result:
    return Result(Outcome.REFUSED, status="unchanged", errors=words, by=by, cause=cause, final=True)


def _shows(row: ports.Listed, order: Order) -> bool:
    """Whether the broker's row has what the change asked for."""
    return (row.price, row.stop) == (order.price, order.stop) and row.duration in (None, order.duration)
