"""May the agent trade, right now? The one object an agent holds."""

from collections.abc import Callable, Mapping
from time import monotonic, time
from typing import Any, Self

import attrs

from supervisor.concerns.facts import Endpoint
from supervisor.core.intent import Decision, decide, intent_of
from supervisor.core.issue import Issue
from supervisor.errors import SupervisorError
from supervisor.monitor.explain import Explanation, explain
from supervisor.monitor.pointing import POINTED
from supervisor.monitor.telling import ANY_EVENT
from supervisor.monitor.watcher import Watcher
from supervisor.orders import Desk, Diagnoser
from supervisor.orders.life import BREAKER, FAILED, FAILURE, HALTED, LOOKED, PREVIEW_TRIP


class Supervisor(Watcher):
    """Watches one account at one broker, and says at every moment what its agent may do and why.

    `start()` watches from a thread of its own; or call `tick()` from your own loop, or under a frozen clock. Reading
    (`can_trade`, `check`, `gate`, `health`) never waits for a probe, a callback or the journal, and never raises.
    Callbacks get an Issue; `on_auto_fix_applied` also the result; `on_verdict_changed` gets a Health.
    """

    @classmethod
    def for_tradier(cls, *args: Any, **options: Any) -> "Supervisor":
        """A supervisor of one Tradier account, from arguments or the TRADIER_* environment: see `monitor.tradier`."""
        from supervisor.monitor.tradier import for_tradier  # noqa: PLC0415 - it imports this module

        return for_tradier(*args, **options)

    def __enter__(self) -> Self:
        """Starts."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stops."""
        self.stop()

    def endpoint(self) -> Endpoint:
        """Where requests go, and where they are meant to."""
        return self._looker.endpoint()

    # ---------------------------------------------------------------- asking

    def can_trade(self, order: Mapping[str, Any] | None = None) -> bool:
        """May I open new risk? With an order: may I send this one, by its intent?"""
        gate = self._gate
        if order is None:
            return gate.opens and monotonic() < gate.until and time() < gate.until_wall
        return self.check(order).allowed

    def check(self, order: Mapping[str, Any]) -> Decision:
        """May this order be sent? With its intent, and every reason against it."""
        gate = self._gate
        try:
            intent = intent_of(order, self.trading.held if self.trading else None)
        except Exception:  # the boundary to whatever an agent calls an order: not understood is an unknown side  # noqa: BLE001
            intent = intent_of({})
        return decide(gate.verdict, intent, int(gate.permits_now()))

    def explain(self) -> Explanation:
        """Each permit, open or closed, why, since when, and what would open it."""
        return explain(self.health())

    def get_health_status(self) -> dict[str, Any]:
        """The owner's dict: status, health_score, active_issues, issues, current_state, stats; plus gate and concerns."""
        return self.health().as_dict()

    @property
    def orders(self) -> Desk:
        """The order desk: submit, cancel, modify, replace. SupervisorError where it was not asked for."""
        if self.trading is None:
            raise SupervisorError("this supervisor has no order desk: make it with orders=True")
        return self.trading.desk

    def diagnose_order_failure(self, order: Any, error: Any) -> Issue:
        """Why an order failed, in the broker's own words, whose move it is, and what may be sent instead.

        Reads, looks up and previews once at most; it has no way to send. The issue is on record as `order_failure_<cause>`.
        """
        facts = self.trading.desk.known() if self.trading else None
        previews = None if self._preview_was_booked() else self.broker.previews()
        diagnoser = Diagnoser(self.now, facts=facts, lookups=self.broker.lookups(), previews=previews)
        found = diagnoser.diagnose(order, error)
        self.tell(FAILURE, str(found.cause), FAILED, found.message, inline=not self.running)
        if self.trading is None:
            self.book.stats.failed_orders += 1
        if found.booked and self.trading is not None:
            self.trading.desk.booked_by_preview(found.booked)
        elif found.booked:
            words = f"a preview was booked as order {found.booked}"
            self.tell(BREAKER, PREVIEW_TRIP, HALTED, words, inline=not self.running)
        issue = found.issue(self.book.entry, self.now())
        told = attrs.evolve(
            issue, error_message=self.healing.plain(issue.error_message), metadata=self.healing.plain(issue.metadata)
        )
        kept = self.book.cursor(FAILURE, str(found.cause)).issue
        if kept is not None and isinstance(order, Mapping):
            self.healing.failed.note(kept.issue_id, order)
        return told if kept is None else attrs.evolve(told, issue_id=kept.issue_id, detected=kept.detected)

    def _preview_was_booked(self) -> Issue | None:
        """The issue of a preview that was booked, while no person has looked: nothing is to be previewed."""
        cursor = self.book.living.get((BREAKER, PREVIEW_TRIP))
        return cursor.issue if cursor is not None and cursor.state == "halted" else None

    def _obey(self, said: Mapping[str, Any], *, inline: bool) -> dict[str, Any]:
        """As the watcher does; acknowledging a preview that was booked also ends it."""
        receipt = super()._obey(said, inline=inline)
        booked = self._preview_was_booked()
        if booked is not None and booked.acknowledged:
            if self.trading is not None:
                self.trading.desk.acknowledge_previews()
            else:
                self.tell(BREAKER, PREVIEW_TRIP, LOOKED, "a person looked, and acknowledged it", inline=inline)
        return receipt

    def subscribe(
        self, fn: Callable[..., Any], *, name: str | None = None, kind: str = ANY_EVENT
    ) -> Callable[[], None]:
        """Calls `fn(event)` on every detected, fixed, resolved and changed event; returns how to stop that.

        With a `kind` of `monitor.hooks.KINDS` it is called as the callback of that name in the constructor.
        """
        return self._telling.connect(name or str(getattr(fn, "__name__", "subscriber")), fn, kind)

    def unlearn(self, *, why: str, who: str, inline: bool = True) -> None:
        """Whatever was read through the broker's adapter is unknown from here on: it is another one. On record."""
        self._obey({"command": POINTED, "why": why, "who": who}, inline=inline)

    def offered(self, issue_id: str) -> Mapping[str, Any] | None:
        """The order that a repair offers instead of the failed one of that issue; None where it offers none."""
        return self.healing.failed.offered(issue_id)

    def fixes(self) -> list[dict[str, Any]]:
        """What was repaired lately, by what, and how it ended; oldest first."""
        return self.healing.fixes()

    # ---------------------------------------------------------------- the operator

    def hold(self, mode: str, *, why: str, who: str) -> None:
        """Holds trading: "reduce" allows closing only, "halt" nothing but cancelling. It outlives every restart."""
        self._obey({"command": "hold", "mode": mode, "why": why, "who": who}, inline=not self.running)

    def release(self, *, why: str, who: str) -> None:
        """Ends a hold. What else is closed stays closed."""
        self._obey({"command": "release", "why": why, "who": who}, inline=not self.running)

    def acknowledge(self, issue_id: str, *, why: str, who: str) -> None:
        """Says that a person knows of this issue (by id or code). SupervisorError where none such is open."""
        self._obey({"command": "ack", "target": issue_id, "why": why, "who": who}, inline=not self.running)

    def approve(self, repair: str, *, why: str, who: str) -> str:
        """Approves a repair that waits (by id or remedy), or says that a partial one is finished; says what follows."""
        said = {"command": "approve", "target": repair, "why": why, "who": who}
        return str(self._obey(said, inline=not self.running)["says"])
