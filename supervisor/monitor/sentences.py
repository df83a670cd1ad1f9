"""What is written where an agent's log is written? The owner's three sentences, word for word."""

from supervisor.core.event import Event, EventKind
from supervisor.core.words import Outcome


def sentence(event: Event) -> str | None:
    """The owner's line for an event; None where he has none. The ✅ line is for what recovered only."""
    issue = event.issue
    if event.kind is EventKind.DETECTED:
        return f"🔍 [Self-Healing] Issue detected: {issue.code} - {issue.description}"
    if event.kind is EventKind.FIXED:
        return f"🔧 [Self-Healing] Auto-fixed: {issue.code}"
    if event.kind is EventKind.RESOLVED and issue.outcome is Outcome.RECOVERED:
        return f"✅ [Self-Healing] Issue resolved: {issue.code}"
    return None
