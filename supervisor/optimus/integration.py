"""What does Optimus hold? One object that starts by itself, never raises, and knows at once whether it may trade."""

from collections.abc import Callable
from typing import Any

from supervisor import log
from supervisor.core.issue import Issue
from supervisor.monitor.hooks import KINDS
from supervisor.monitor.telling import ANY_EVENT
from supervisor.optimus.agent_ears import AgentEars
from supervisor.optimus.engine import TradierSelfHealingEngine
from supervisor.optimus.source import held_by
from supervisor.optimus.users import TROUBLE

GUARD_OFF = "⚠️ [Self-Healing] guard_adapter is OFF: orders through the adapter are neither gated nor sent once"


class OptimusSelfHealingIntegration(TradierSelfHealingEngine):
    """The old integration's names and shapes; it is its own `self_healing_engine`, so both levels answer alike.

    Always truthy, also where nothing can be watched: then `get_health_status()` says why, and nothing may open. The
    other keywords are `TradierSelfHealingEngine`'s. Without an adapter it takes the agent's own `tradier_adapter`.
    """

    def __init__(
        self,
        optimus_agent: Any,
        tradier_adapter: Any = None,
        on_issue_detected: Callable[[Issue], Any] | None = None,
        on_issue_resolved: Callable[[Issue], Any] | None = None,
        on_auto_fix_applied: Callable[..., Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            held_by(optimus_agent) if tradier_adapter is None else tradier_adapter,
            on_issue_detected=on_issue_detected,
            on_issue_resolved=on_issue_resolved,
            on_auto_fix_applied=on_auto_fix_applied,
            **options,
        )
        self.optimus = optimus_agent
        self._agent = AgentEars(optimus_agent)
        self._ears += [
            ("log_action", self._agent.log, ANY_EVENT),
            ("log_action verdict", self._agent.verdict, KINDS["on_verdict_changed"]),
            ("diagnostic_issues", self._agent.note, ANY_EVENT),
            ("trouble", self._agent.trouble, TROUBLE),
        ]
        self.start()

    def __bool__(self) -> bool:
        return True

    @property
    def self_healing_engine(self) -> "OptimusSelfHealingIntegration":
        """This very object: `integration.self_healing_engine.get_status()` and its like go on working."""
        return self

    def start(self) -> None:
        """Watches from here on. Never raises: what is wrong is said in the agent's log and in `get_health_status()`."""
        try:
            super().start()
        except Exception:  # noqa: BLE001 - the boundary to an agent that would go on without us
            log.error("optimus_start", trace=True)
        if not self._guards:
            log.error("guard_adapter", problem=GUARD_OFF)
            self._agent.say(GUARD_OFF)
