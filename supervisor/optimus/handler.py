"""How does the old code hand in one order and hear what became of it? `submit_order_safe`, as it always did."""

from time import monotonic, sleep
from typing import Any

from supervisor import log
from supervisor.core.issue import Issue
from supervisor.errors import SupervisorError
from supervisor.optimus.engine import TradierSelfHealingEngine
from supervisor.optimus.guard import guard_of
from supervisor.optimus.shapes import handled, refusal

FIRST_LOOK = 5.0
"""Seconds an order waits at most for the first look at the account, where nobody watched it before."""
STEP = 0.02


class TradierOrderHandler:
    """Hands orders to the desk of the account's monitor: the one that watches it already, else one of its own.

    Cheap to make, once per order if you like. The keywords are `TradierSelfHealingEngine`'s.
    """

    def __init__(self, tradier_adapter: Any = None, **options: Any) -> None:
        by = guard_of(tradier_adapter)
        if isinstance(by, TradierSelfHealingEngine):
            self.engine = by
        else:
            self.engine = TradierSelfHealingEngine(tradier_adapter, **options)
            self.engine.start()

    @property
    def tradier(self) -> Any:
        """The adapter, guarded."""
        return self.engine.tradier_adapter

    def submit_order_safe(self, order: Any) -> dict[str, Any]:
        """Sends the order once; the old dict, with `outcome`. Never raises.

        "submitted" is at the broker under `order_id`; "pending" may or may not be there, and is never to be sent again;
        "error" is not there. It takes no longer than the desk's `wait`, and seconds more where nobody watched before.
        """
        try:
            self._first_look()
            return handled(self.engine.submit(order))
        except SupervisorError as error:
            return refusal(str(error))
        except Exception:  # noqa: BLE001 - the boundary to an agent; the desk itself never raises, so nothing was sent
            log.error("submit_order_safe", trace=True)
            return refusal("a fault of ours stopped it before it was sent: see the log")

    def diagnose_order_failure(self, order: Any, error: Any) -> Issue:
        """Why an order failed. It has no way to send. Never raises."""
        return self.engine.diagnose_order_failure(order, error)

    def _first_look(self) -> None:
        """Waits until the account was looked at once."""
        self.engine.desk()
        until = monotonic() + FIRST_LOOK
        while self.engine.running and not self.engine.looked and monotonic() < until:
            sleep(STEP)
