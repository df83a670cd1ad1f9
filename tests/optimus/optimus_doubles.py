"""Doubles of the agent and of its adapter, that behave as reference b.1 says; and an integration of both on the simulator."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from supervisor.config import Settings
from supervisor.optimus import OptimusSelfHealingIntegration, TradierOrderHandler
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator, SimulatorAdapter

MONDAY = "2026-11-23T15:00:00Z"
"""Ten in the morning in New York: the market is open."""
EXACT = Settings(live_jitter=False)
BUY = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "limit", "price": 150, "duration": "day"}
SELL = {**BUY, "side": "sell", "price": 150}
TOKEN = "token-of-the-adapter"


class RestClient:
    """What the adapter asks through. A POST, PUT or DELETE that gets here has got round the guard."""

    def __init__(self, base: str | None) -> None:
        if base is not None:
            self.api_base = base
        self.seen: list[tuple[str, str]] = []

    def _request(self, method: str, path: str, **_: Any) -> dict[str, Any]:
        self.seen.append((method, path))
        if method != "GET":
            raise AssertionError(f"{method} {path} got round the guard")
        return {"balances": {"total_cash": 1000.0, "account_type": "cash"}}


class OAuth:
    access_token = TOKEN


class TradierBrokerAdapter:
    """The agent's adapter: reads of its own, and orders that would be repeated (reference c.10)."""

    def __init__(
        self,
        base: str | None = "https://sandbox.tradier.com/v1",
        *,
        sandbox: bool = True,
        account: str = DEFAULT_ACCOUNT,
    ) -> None:
        self.account_id = account
        self.sandbox = sandbox
        self.rest_client = RestClient(base)
        self.oauth = OAuth()

    def get_positions(self) -> list[dict[str, Any]]:
        return [{"symbol": "AAPL", "quantity": 1, "cost_basis": 150.0}]

    def get_balances(self) -> dict[str, Any]:
        return self.rest_client._request("GET", f"accounts/{self.account_id}/balances")

    def get_account_info(self) -> dict[str, Any]:
        return {"account": {"cash": 1000.0}}

    def get_account_balance(self) -> float:
        return 1000.0

    def get_quote(self, symbol: str) -> dict[str, Any]:
        return {"quotes": {"quote": {"symbol": symbol, "last": 150.0}}}

    def submit_order(self, order: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError("the adapter's own submit_order was called")

    def cancel_order(self, order_id: str) -> dict[str, Any]:
        raise AssertionError("the adapter's own cancel_order was called")

    def buy_through_the_client(self, order: dict[str, Any]) -> dict[str, Any]:
        """A method that sends by itself, the way a later version of the adapter might."""
        return self.rest_client._request("POST", f"accounts/{self.account_id}/orders", data=order)


class RaisingAdapter:
    """Raises on each access."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            return object.__getattribute__(self, name)
        raise RuntimeError(f"{name} is broken")


class Optimus:
    """The agent: its constructor and its live method as in reference b.1, flags, fallbacks and outer handler included."""

    def __init__(self, *, raises: bool = False) -> None:
        self.diagnostic_issues: list[Any] = []
        self.lines: list[str] = []
        self.raises = raises
        self.self_healing_engine: Any = None

    def log_action(self, line: str) -> None:
        self.lines.append(line)
        if self.raises:
            raise OSError("the log is full")

    def execute_live(self, details: dict[str, Any], **flags: bool) -> dict[str, Any]:
        """OPT 2811-2950: the gate unless bypassed, the direct path if forced, the handler, the diagnosis."""
        engine = self.self_healing_engine
        try:
            if not (flags.get("bypass_health_check") or flags.get("force_execute")) and not engine.can_trade(details):
                health = engine.get_health_status()
                return {
                    "status": "rejected",
                    "reason": health.get("status"),
                    "health_score": health.get("health_score", 0.0),
                    "active_issues": health.get("active_issues", 0),
                }
            if not engine.tradier_adapter:
                raise RuntimeError("no adapter")  # noqa: TRY301 - as the agent does
            if flags.get("force_execute") or flags.get("bypass_order_handler"):
                try:
                    return {"status": "executed", "result": engine.tradier_adapter.submit_order(details)}
                except Exception as error:  # noqa: BLE001 - as the agent does
                    self.log_action(f"direct execution failed: {error}")
            told = TradierOrderHandler(engine.tradier_adapter).submit_order_safe(details)
            if told["status"] == "error":
                issue = engine.diagnose_order_failure(details, told["errors"])
                self.log_action(f"order failed: {issue.description}")
                return {"status": "failed", "errors": told["errors"]}
            self.log_action(f"order {told['order_id']}")
            return {"status": told["status"], "order_id": told["order_id"]}
        except Exception as error:  # noqa: BLE001 - as the agent does
            issue = engine.diagnose_order_failure(details, str(error))
            return {"status": "failed", "errors": [str(error), issue.description]}

    def execute_paper(self, details: dict[str, Any]) -> Any:
        """OPT 2727: paper mode hands the order to the live adapter."""
        return self.self_healing_engine.tradier_adapter.submit_order(details)


def integrate(
    simulator: Simulator,
    home: Path,
    agent: Optimus | None = None,
    adapter: Any = None,
    **options: Any,
) -> tuple[Optimus, OptimusSelfHealingIntegration]:
    """An agent with its integration, in this thread, not ticked yet."""
    agent = agent or Optimus()
    agent.self_healing_engine = OptimusSelfHealingIntegration(
        optimus_agent=agent,
        tradier_adapter=TradierBrokerAdapter() if adapter is None else adapter,
        home=home,
        settings=options.pop("settings", EXACT),
        transport=options.pop("transport", None) or SimulatorAdapter(simulator),
        **options,
    )
    return agent, agent.self_healing_engine


def run(frozen: Any, integration: OptimusSelfHealingIntegration, seconds: float) -> None:
    """Lets that long pass, ticking whenever something is due."""
    left = seconds
    while True:
        supervisor = integration.supervisor
        assert supervisor is not None
        wait = max(0.0, supervisor.due_at() - supervisor.now())
        if wait > left:
            frozen.tick(timedelta(seconds=left))
            return
        frozen.tick(timedelta(seconds=wait) if wait > 1e-5 else timedelta(microseconds=10))
        left -= wait
        integration.tick()


def sent(simulator: Simulator) -> list[str]:
    """The requests that may change something, as they reached the broker; previews aside."""
    return [
        f"{request.method} {request.endpoint}"
        for request in simulator.requests
        if request.method != "GET" and ("preview", "true") not in request.form
    ]
