"""Which program is run when something is CRITICAL or the gate changes, and what is it told?

The owner's `notify_command`: run without a shell, the event as one JSON object on its standard input, ended after a set
time. It gets our environment without the broker's token. That it failed is told like any callback that raises.
"""

import json
import os
import shlex
import subprocess
from typing import Any

from supervisor.clock import iso, wall
from supervisor.core.event import Event, EventKind
from supervisor.core.issue import Issue
from supervisor.core.words import CRITICAL, permit_names
from supervisor.errors import SupervisorError
from supervisor.monitor.status import Health

SECRETS = frozenset({"TRADIER_API_KEY"})
"""Variables that the program does not get."""
TOLD = frozenset({EventKind.DETECTED, EventKind.CHANGED, EventKind.RESOLVED})


class Notifier:
    """Runs one program; `limit` is the seconds it may take. Each method raises SupervisorError where it failed."""

    def __init__(self, command: str, limit: float) -> None:
        self._arguments = shlex.split(command)
        self._limit = limit

    def event(self, event: Event) -> None:
        """Tells of a CRITICAL issue: detected, changed to that, or resolved."""
        if event.issue.severity is CRITICAL and event.kind in TOLD:
            self._run({"event": event.kind.value, "at": iso(event.at), "issue": event.issue.as_dict()})

    def escalated(self, issue: Issue, level: int) -> None:
        """Tells of a CRITICAL issue that nobody acknowledged."""
        self._run({"event": "escalated", "at": iso(wall()), "level": level, "issue": issue.as_dict()})

    def verdict(self, health: Health) -> None:
        """Tells that permits or band changed."""
        told = {
            "event": "gate",
            "at": iso(wall()),
            "mode": health.gate.mode.value,
            "permits": permit_names(int(health.gate.permits_now())),
            "status": health.status.value,
            "health_score": round(health.score, 4),
            "issues": [issue.code for issue in health.issues],
        }
        self._run(told)

    def _run(self, told: dict[str, Any]) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in SECRETS}
        try:
            done = subprocess.run(  # noqa: S603 - the owner's own program, from the owner's own settings
                self._arguments,
                input=json.dumps(told, default=str),
                text=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=self._limit,
                env=kept,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SupervisorError(f"notify_command was ended after {self._limit:g} s") from None
        except OSError as error:
            raise SupervisorError(f"notify_command can't be run: {error.strerror or error}") from error
        if done.returncode:
            raise SupervisorError(f"notify_command ended with {done.returncode}")
