"""May the agent trade, why not, and what would change that?

from supervisor import Supervisor

supervisor = Supervisor.for_tradier()  # the TRADIER_* environment, or arguments
supervisor.start()
if supervisor.can_trade():
    ...
"""

from supervisor.config import Settings
from supervisor.core.event import Event, EventKind
from supervisor.core.intent import Decision
from supervisor.core.issue import Issue as DiagnosticIssue
from supervisor.core.words import FixResult as AutoFixResult
from supervisor.core.words import Mode, Permit, Status
from supervisor.core.words import Severity as IssueSeverity
from supervisor.errors import ConfigError, SupervisorError
from supervisor.monitor.supervisor import Supervisor

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
