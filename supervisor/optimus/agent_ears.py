"""What does the agent's own log say, and its list of issues hold? Its `log_action` and `diagnostic_issues`, if it has them."""

import weakref
from collections import deque
from collections.abc import Callable
from threading import Thread
from typing import Any

from supervisor import log
from supervisor.core.event import Event, EventKind
from supervisor.core.words import CRITICAL, ERROR, WARNING, Status
from supervisor.monitor.sentences import sentence
from supervisor.monitor.status import Health

MOST_ISSUES = 100
"""Issues that the agent's list holds at most; the oldest go first."""
MARKS = {CRITICAL: "🚨", ERROR: "❌", WARNING: "⚠️"}


def second(event: Event) -> str | None:
    """The second line of a detected issue, by its severity: what was seen, else what it means. None for another event."""
    mark = MARKS.get(event.issue.severity)
    if event.kind is not EventKind.DETECTED or mark is None:
        return None
    closed = " (opening is blocked until this is resolved)" if event.issue.severity is CRITICAL else ""
    words = event.issue.error_message or event.issue.description
    return f"{mark} [Self-Healing] {event.issue.severity.name}: {words}{closed}"


def weakly(agent: Any) -> Callable[[], Any]:
    """The agent as long as someone else holds it; an agent that can't be held weakly is held."""
    try:
        return weakref.ref(agent)
    except TypeError:
        return lambda: agent


class AgentEars:
    """Writes to one agent's log and list. Each method is a callback of its own: one that hangs harms no other."""

    def __init__(self, agent: Any) -> None:
        self._agent = weakly(agent)

    def log(self, event: Event) -> None:
        """The owner's line, and by severity a second one. Raises what the agent's log raises."""
        for line in (sentence(event), second(event)):
            if line is not None:
                self._write(line)

    def verdict(self, health: Health) -> None:
        """Says that the health left its band, or came back."""
        mark = "✅" if health.status is Status.HEALTHY else "⚠️"
        mode = health.gate.mode.value.replace("_", " ")
        self._write(f"{mark} [Self-Healing] Health {health.score:.2f} ({health.status.value}), trading: {mode}")

    def note(self, event: Event) -> None:
        """Keeps the agent's list of open issues: a new list each time, so that nobody reads one being changed."""
        agent = self._agent()
        if agent is None or not hasattr(agent, "diagnostic_issues"):
            return
        old = agent.diagnostic_issues
        listed = list(old) if isinstance(old, list | tuple | deque) else []
        kept = [issue for issue in listed if getattr(issue, "issue_id", None) != event.issue.issue_id]
        if event.kind is not EventKind.RESOLVED:
            kept.append(event.issue)
        agent.diagnostic_issues = kept[-MOST_ISSUES:]

    def trouble(self, why: str) -> None:
        """Says that nothing is watched."""
        self.say(f"🚨 [Self-Healing] Monitoring can't start, so nothing may open: {why}")

    def say(self, line: str) -> None:
        """Writes a line of ours, in another thread: the agent's log may hang or raise."""
        Thread(target=self._try, args=(line,), name="supervisor-log-action", daemon=True).start()

    def _try(self, line: str) -> None:
        try:
            self._write(line)
        except Exception as error:  # noqa: BLE001 - the boundary to the agent's log: the line is lost, and that is said
            log.error("log_action", problem=f"{type(error).__name__}: {error}")

    def _write(self, line: str) -> None:
        agent = self._agent()
        write = getattr(agent, "log_action", None)
        if write is not None:
            write(line)
