"""May I trade, how healthy is it, why did this order fail? The old engine's names and shapes, on the new supervisor.

Nothing here raises into the agent, and nothing waits for the network but a diagnosis.
"""

import weakref
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock, Thread
from typing import Any

from requests.adapters import BaseAdapter

from supervisor import log
from supervisor.clock import wall
from supervisor.config import Settings
from supervisor.core.intent import intent_of
from supervisor.core.issue import Issue
from supervisor.errors import SupervisorError
from supervisor.log import mask_account
from supervisor.monitor.hooks import KINDS
from supervisor.monitor.status import AccountState
from supervisor.monitor.supervisor import Supervisor
from supervisor.monitor.tradier import TradierBroker
from supervisor.optimus import shapes
from supervisor.optimus.guard import guarded, unguarded
from supervisor.optimus.sharing import Monitor, join, leave, rekey
from supervisor.optimus.source import Source
from supervisor.optimus.users import Ear
from supervisor.optimus.wiring import EVERY_MINUTE, Wiring
from supervisor.orders import Desk, Diagnoser, Outcome, Result
from supervisor.tradier.endpoints import parse_base

ISSUES_KEPT = 1000
FAILED_KEPT = 100
ASTRAY = "the adapter leads elsewhere than what is watched; looking there now"
CLOSING = frozenset({"close", "closing", "exit", "reduce", "reduce_only"})


class TradierSelfHealingEngine:
    """Watches the account that an adapter trades for, from `start()` on.

    The first six arguments are the old engine's. `home`, `settings` and `persist` are as for `Supervisor.for_tradier`;
    `transport` stands in for the network (the in-process simulator), and then `tick()` does what threads would.
    """

    def __init__(
        self,
        tradier_adapter: Any = None,
        check_interval: float = EVERY_MINUTE,
        enable_auto_fix: bool = True,
        on_issue_detected: Callable[[Issue], Any] | None = None,
        on_issue_resolved: Callable[[Issue], Any] | None = None,
        on_auto_fix_applied: Callable[..., Any] | None = None,
        *,
        on_escalation: Callable[[Issue, int], Any] | None = None,
        on_verdict_changed: Callable[..., Any] | None = None,
        settings: Settings | None = None,
        home: Path | str | None = None,
        persist: bool = True,
        transport: BaseAdapter | None = None,
    ) -> None:
        self._wiring = Wiring(check_interval, enable_auto_fix, settings, home, persist, transport)
        self._ears: list[tuple[str, Callable[..., Any], str]] = []
        for name, fn in (
            ("on_issue_detected", on_issue_detected),
            ("on_issue_resolved", on_issue_resolved),
            ("on_auto_fix_applied", on_auto_fix_applied),
            ("on_escalation", on_escalation),
            ("on_verdict_changed", on_verdict_changed),
        ):
            if fn is not None:
                self._ears.append((name, fn, KINDS[name]))
        self._monitor: Monitor | None = None
        self.source = Source(unguarded(tradier_adapter))
        """The agent's adapter, unguarded: where account, place and token come from."""
        self._facts = self.source.facts()
        self._astray = False
        self._moving = RLock()
        """One start, stop or change of monitor at a time."""
        self._view: Any = None
        self._guards = True
        self.failed_orders: deque[dict[str, Any]] = deque(maxlen=FAILED_KEPT)
        """The last hundred orders through here that are not at the broker, as `submit_order_safe` tells them."""
        self.last_successful_trade: datetime | None = None
        """When an order through here last got to the broker, UTC."""

    # ---------------------------------------------------------------- watching

    def start(self) -> None:
        """Watches from here on, in threads of its own. Once is enough. Never raises; `get_status()` says what is wrong."""
        with self._moving:
            if self._monitor is None:
                self._guards = self._wiring.rules()[0].guard_adapter
                self._watch(join(self.source, self._wiring, self))

    def _watch(self, monitor: Monitor) -> None:
        self._facts, self._astray = self.source.facts(), False
        for name, fn, kind in self._ears:
            monitor.hear(Ear(weakref.ref(self), name, fn, kind))
        monitor.start()
        self._monitor = monitor

    def stop(self) -> None:
        """Watches no more, promptly; others that share the account's monitor go on. Nothing may open from here on."""
        with self._moving:
            monitor, self._monitor = self._monitor, None
        if monitor is not None:
            leave(monitor, self)

    def tick(self) -> None:
        """Runs what is due now, in this thread: for frozen time, with a `transport`."""
        if self._astray or (self._monitor is not None and self._monitor.supervisor is None):
            self._astray = True
            self._follow()
        if self._monitor is not None:
            self._monitor.tick()

    @property
    def supervisor(self) -> Supervisor | None:
        """The supervisor underneath, with all it can do; None where nothing is watched."""
        return None if self._monitor is None else self._monitor.supervisor

    @property
    def running(self) -> bool:
        """Whether it was started and nothing ended that. What was seen, and may be done, says the gate."""
        monitor = self._monitor
        return monitor is not None and monitor.running

    @property
    def check_interval(self) -> float:
        """Seconds between two looks, as given."""
        return self._wiring.interval

    @property
    def enable_auto_fix(self) -> bool:
        """Whether repairs may be made, as given."""
        return self._wiring.auto_fix

    @property
    def looked(self) -> bool:
        """Whether the account was looked at since the start."""
        supervisor = self.supervisor
        return supervisor is not None and supervisor.gate.until > 0

    @property
    def trouble(self) -> str | None:
        """None, or one sentence why nothing may open whatever else is so."""
        monitor = self._monitor
        if monitor is None:
            return "it is not started, or was stopped"
        return monitor.trouble or (ASTRAY if self._astray else None)

    # ---------------------------------------------------------------- the adapter

    @property
    def tradier_adapter(self) -> Any:
        """The agent's adapter in a guarded view: reads pass through, writes go through the order desk. None if none."""
        adapter = self.source.adapter
        if adapter is None or not self._guards:
            return adapter
        if self._view is None:
            self._view = guarded(adapter, self)
        return self._view

    @tradier_adapter.setter
    def tradier_adapter(self, adapter: Any) -> None:
        adapter = unguarded(adapter)
        with self._moving:
            if adapter is not self.source.adapter:
                self.source, self._view = Source(adapter), None
                self._move("another adapter was assigned")

    def _move(self, why: str) -> None:
        """Watches what the adapter is about now; what was read through it before is unknown."""
        old = self._monitor
        if old is None:
            return
        monitor = join(self.source, self._wiring, self)
        if monitor is old:
            self._facts, self._astray = self.source.facts(), False
            monitor.point(self.source, why)
        else:
            self._watch(monitor)
            leave(old, self)

    def strayed(self) -> bool:
        """Whether the adapter leads elsewhere than what is watched; then it is on its way there, in another thread."""
        monitor, facts = self._monitor, self.source.facts()
        if monitor is None or self._astray or facts == self._facts:
            return self._astray
        if monitor.leads_to(self.source):  # a repair pointed both of them there
            self._facts = facts
            rekey(monitor, self.source)
            return False
        if monitor.inline:
            self._astray = True
        else:
            self.again()
        return True

    def again(self) -> None:
        """What the adapter leads to is watched from here on, brought about in another thread."""
        self._astray = True
        Thread(target=self._follow, name="supervisor-optimus", daemon=True).start()

    def _follow(self) -> None:
        with self._moving:
            if self._astray:
                self._move("the adapter leads elsewhere now")

    def orphan(self) -> None:
        """In a forked child: a lock of its own."""
        self._moving = RLock()

    @property
    def tradier(self) -> Any:
        """As `tradier_adapter`."""
        return self.tradier_adapter

    @tradier.setter
    def tradier(self, adapter: Any) -> None:
        self.tradier_adapter = adapter

    def desk(self) -> Desk:
        """The order desk. SupervisorError, one sentence, where nothing can be sent."""
        if self._monitor is None:
            raise SupervisorError("nothing is sent: monitoring is not started, or was stopped")
        desk = self._monitor.desk()
        if self.strayed():
            raise SupervisorError(f"nothing is sent: {ASTRAY}")
        return desk

    def submit(self, order: Any) -> Result:
        """Sends an order once, by its intent and as far as the gate allows. SupervisorError where nothing can be sent."""
        desk, trouble, supervisor = self.desk(), self.trouble, self.supervisor
        asked = order if isinstance(order, Mapping) else {}
        if trouble is not None and supervisor is not None and supervisor.check(asked).intent.opens:
            raise SupervisorError(f"nothing may open: {trouble}")
        result = desk.submit(order)
        if result.outcome is Outcome.LANDED:
            self.last_successful_trade = datetime.now(UTC)
        elif result.outcome is not Outcome.UNKNOWN:
            self.failed_orders.append(shapes.handled(result))
        return result

    def elsewhere(self, base: str | None, account: str | None) -> str | None:
        """None where a request to that place and account (None: not said) is about what is watched; else why it is not.

        SupervisorError where nothing can be sent.
        """
        self.desk()
        broker = None if self.supervisor is None else self.supervisor.broker
        if not isinstance(broker, TradierBroker):
            return "monitoring has been stopped"
        reader = broker.reader
        if base is not None and parse_base(base).url != reader.base.url:
            return f"it goes to another host than {reader.base.host}, which is watched"
        if account is not None and account != reader.account_id:
            return f"it is for another account than {mask_account(reader.account_id or '')}, which is watched"
        return None

    # ---------------------------------------------------------------- asking

    def can_trade(self, order: Any = None, *, side: str | None = None, intent: str | None = None) -> bool:
        """May I open new risk? With an order or a side: may I send this one? With `intent="close"`: may I close?"""
        try:
            supervisor, trouble = self.supervisor, self.trouble
            if order is None and side is None:
                if intent is None or intent.lower() not in CLOSING:
                    return trouble is None and supervisor is not None and supervisor.can_trade()
                order = {"side": "sell"}
            asked = order if isinstance(order, Mapping) else {"side": side if side is not None else order}
            if supervisor is None:
                return not intent_of(asked).opens
            decision = supervisor.check(asked)
        except Exception:  # noqa: BLE001 - the boundary to an agent that takes a raise for leave to send
            log.error("can_trade", trace=True)
            return False
        return decision.allowed and not (trouble is not None and decision.intent.opens)

    def get_health_status(self) -> dict[str, Any]:
        """The owner's dict: status, health_score, active_issues, issues, current_state, stats; plus gate and concerns."""
        supervisor, trouble = self.supervisor, self.trouble
        told = shapes.health_dict(None if supervisor is None else supervisor.health(), trouble)
        told["guard"] = "on" if self._guards else "off"
        return told

    def get_status(self) -> dict[str, Any]:
        """As `get_health_status`, with `running`."""
        return {"running": self.running, **self.get_health_status()}

    def get_health_score(self) -> float:
        """0.0 to 1.0: 0.70 and more is healthy."""
        return float(self.get_health_status()["health_score"])

    @property
    def active_issues(self) -> dict[str, Issue]:
        """The open issues by code."""
        supervisor, trouble = self.supervisor, self.trouble
        issues = [] if supervisor is None else list(supervisor.health().issues)
        return shapes.by_code([shapes.unwatched(trouble), *issues] if trouble is not None else issues)

    @property
    def issue_history(self) -> list[Issue]:
        """The last thousand issues, ended and open, in the order in which they were detected."""
        supervisor = self.supervisor
        if supervisor is None:
            return []
        issues = {issue.issue_id: issue for issue in (*supervisor.health().issues, *supervisor.book.history.copy())}
        return sorted(issues.values(), key=lambda issue: issue.detected)[-ISSUES_KEPT:]

    @property
    def stats(self) -> dict[str, int]:
        """The owner's counters."""
        return dict(self.get_health_status()["stats"])

    @property
    def current_state(self) -> AccountState | None:
        """The account as last read; None before that."""
        supervisor = self.supervisor
        return None if supervisor is None else supervisor.current_state()

    def diagnose_order_failure(self, order: Any, error: Any) -> Issue:
        """Why an order failed. Reads, and previews once at most; it has no way to send. Never raises."""
        supervisor = self.supervisor
        try:
            if supervisor is not None and self._monitor is not None and self._monitor.up:
                return supervisor.diagnose_order_failure(order, error)
        except Exception:  # noqa: BLE001 - the boundary to an agent: what the words say is said nonetheless
            log.error("diagnose", trace=True)
        return Diagnoser(wall).diagnose(order, error).issue(0, wall())

    def acknowledge(self, issue_id: str, why: str = "seen", who: str = "agent") -> bool:
        """Says that a person knows of this issue, by id or code; whether one such is open."""
        supervisor = self.supervisor
        try:
            if supervisor is not None:
                supervisor.acknowledge(issue_id, why=why, who=who)
                return True
        except SupervisorError as error:
            log.info("acknowledge", problem=str(error))
        return False
