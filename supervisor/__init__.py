"""May the agent trade, why not, and what would change that?

    from supervisor import Supervisor

    supervisor = Supervisor.for_tradier()  # the TRADIER_* environment, or arguments
    supervisor.start()
    if supervisor.can_trade():
        ...

The names below are imported when they are first asked for, so that importing the package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from supervisor.config import Settings
    from supervisor.core.event import Event, EventKind
    from supervisor.core.intent import Decision
    from supervisor.core.issue import Issue as DiagnosticIssue
    from supervisor.core.words import FixResult as AutoFixResult
    from supervisor.core.words import Mode, Permit, Status
    from supervisor.core.words import Severity as IssueSeverity
    from supervisor.errors import ConfigError, SupervisorError
    from supervisor.monitor.supervisor import Supervisor

_WHERE = {
    "AutoFixResult": ("supervisor.core.words", "FixResult"),
    "ConfigError": ("supervisor.errors", "ConfigError"),
    "Decision": ("supervisor.core.intent", "Decision"),
    "DiagnosticIssue": ("supervisor.core.issue", "Issue"),
    "Event": ("supervisor.core.event", "Event"),
    "EventKind": ("supervisor.core.event", "EventKind"),
    "IssueSeverity": ("supervisor.core.words", "Severity"),
    "Mode": ("supervisor.core.words", "Mode"),
    "Permit": ("supervisor.core.words", "Permit"),
    "Settings": ("supervisor.config", "Settings"),
    "Status": ("supervisor.core.words", "Status"),
    "Supervisor": ("supervisor.monitor.supervisor", "Supervisor"),
    "SupervisorError": ("supervisor.errors", "SupervisorError"),
}

__all__ = [
    "AutoFixResult",
    "ConfigError",
    "Decision",
    "DiagnosticIssue",
    "Event",
    "EventKind",
    "IssueSeverity",
    "Mode",
    "Permit",
    "Settings",
    "Status",
    "Supervisor",
    "SupervisorError",
]


def __getattr__(name: str) -> Any:
    """The exported name, imported now."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _WHERE[name]
    found = getattr(import_module(module), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
