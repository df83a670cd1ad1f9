"""Which callbacks may be given, and what is each of them told?"""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict, cast

from supervisor.config import Settings
from supervisor.core.event import EventKind
from supervisor.core.issue import Issue
from supervisor.core.words import FixResult
from supervisor.monitor.escalation import Escalation
from supervisor.monitor.notify import Notifier
from supervisor.monitor.status import Health
from supervisor.monitor.telling import ANY_EVENT, ESCALATION, VERDICT, Telling


class Callbacks(TypedDict, total=False):
    """The callbacks of a Supervisor's constructor. Each is called outside every lock, isolated from the others."""

    on_issue_detected: Callable[[Issue], Any] | None
    on_issue_resolved: Callable[[Issue], Any] | None
    on_auto_fix_applied: Callable[[Issue, FixResult], Any] | None
    on_verdict_changed: Callable[[Health], Any] | None
    on_escalation: Callable[[Issue, int], Any] | None


KINDS = {
    "on_issue_detected": EventKind.DETECTED,
    "on_issue_resolved": EventKind.RESOLVED,
    "on_auto_fix_applied": EventKind.FIXED,
    "on_verdict_changed": VERDICT,
    "on_escalation": ESCALATION,
}
"""The kind of news each callback hears."""


def telling_for(callbacks: Callbacks, settings: Settings) -> Telling:
    """Each callback hears its kind, and so does the `notify_command`. TypeError on one that is not known."""
    telling = Telling(Escalation(settings.escalate_after, settings.escalate_again))
    for name, fn in cast("Mapping[str, Callable[..., Any] | None]", callbacks).items():
        if name not in KINDS:
            raise TypeError(f"there is no callback {name!r} (known: {', '.join(KINDS)})")
        if fn is not None:
            telling.connect(name, fn, KINDS[name])
    if settings.notify_command:
        notifier = Notifier(settings.notify_command, settings.notify_limit)
        telling.connect("notify_command", notifier.event, ANY_EVENT)
        telling.connect("notify_command gate", notifier.verdict, VERDICT)
        telling.connect("notify_command escalation", notifier.escalated, ESCALATION)
    return telling
