"""Which names does Optimus import? The old engine's, on the new supervisor.

from supervisor.optimus import OptimusSelfHealingIntegration

integration = OptimusSelfHealingIntegration(optimus_agent=agent, tradier_adapter=adapter)
if integration.can_trade():
    ...

Importing starts nothing. `supervisor.optimus.shim.install()` gives the old module names to these.
"""

from supervisor.core.words import FixResult as AutoFixResult
from supervisor.core.words import Severity as IssueSeverity
from supervisor.monitor.status import AccountState
from supervisor.optimus.engine import TradierSelfHealingEngine
from supervisor.optimus.handler import TradierOrderHandler
from supervisor.optimus.integration import OptimusSelfHealingIntegration
from supervisor.optimus.issues import DiagnosticIssue
from supervisor.optimus.shapes import OrderNotPlaced

__all__ = [
    "AccountState",
    "AutoFixResult",
    "DiagnosticIssue",
    "IssueSeverity",
    "OptimusSelfHealingIntegration",
    "OrderNotPlaced",
    "TradierOrderHandler",
    "TradierSelfHealingEngine",
]
