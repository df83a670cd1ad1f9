"""An adapter over real HTTP and an agent around it, shaped as the agent's own (reference b.1, b.2, c.2, c.5).

The adapter's client repeats POSTs, its adapter turns every failure into a dict and no failure into a raise, and the
agent tries each of its ways in turn. Nothing of that may reach the broker through the guarded view.
"""

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from supervisor.optimus import TradierOrderHandler
from supervisor.simulator import DEFAULT_ACCOUNT
from urllib3.util.retry import Retry

from optimus.optimus_doubles import TOKEN


class WireOAuth:
    """A token, and what else the agent's asks of it."""

    def __init__(self) -> None:
        self.api_key = self.access_token = TOKEN
        self.use_api_key = True

    def ensure_valid_token(self) -> bool:
        return bool(self.access_token)


class WireClient:
    """A client that repeats: three more times on a lost reply, POSTs as well (c.10)."""

    def __init__(self, oauth: WireOAuth, base: str) -> None:
        self.oauth, self.api_base = oauth, base.rstrip("/") + "/v1"
        self.session = requests.Session()
        again = Retry(total=3, backoff_factor=0, status_forcelist=[429, 500, 502, 503], allowed_methods=["GET", "POST"])
        self.session.mount("http://", HTTPAdapter(max_retries=again))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.oauth.access_token}", "Accept": "application/json"}

    def _request(self, method: str, endpoint: str, **kwargs: Any) -> dict[str, Any]:
        url = f"{self.api_base}/{endpoint.lstrip('/')}"
        answer = self.session.request(method=method, url=url, headers=self._headers(), timeout=5, **kwargs)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        if "errors" in told:
            raise RuntimeError(str(told["errors"]))
        return told

    def get_account_details(self, account_id: str) -> Any:
        """By the session itself, without a time limit (c.28)."""
        answer = self.session.get(f"{self.api_base}/user/profile", headers=self._headers())
        accounts = answer.json()["profile"]["account"]
        listed = accounts if isinstance(accounts, list) else [accounts]
        return next((row for row in listed if row["account_number"] == account_id), None)

    def get_positions(self, account_id: str) -> list[dict[str, Any]]:
        held = self._request("GET", f"accounts/{account_id}/positions")["positions"]
        rows = held["position"] if isinstance(held, dict) else []
        return rows if isinstance(rows, list) else [rows]

    def submit_order(
        self,
        account_id: str,
        symbol: str,
        side: str,
        quantity: int,
        order_type: str = "market",
        duration: str = "day",
        price: float | None = None,
        option_symbol: str | None = None,
    ) -> dict[str, Any]:
        form = {"class": "option" if option_symbol else "equity", "symbol": option_symbol or symbol, "side": side}
        form |= {"quantity": str(quantity), "type": order_type, "duration": duration}
        return self._request("POST", f"accounts/{account_id}/orders", data=form | ({"price": price} if price else {}))

    def submit_multileg_order(self, account_id: str, legs: list[dict[str, Any]], price: float) -> dict[str, Any]:
        form = {"class": "multileg", "type": "debit", "duration": "day", "price": price, "leg": legs}
        return self._request("POST", f"accounts/{account_id}/orders", data=form)

    def cancel_order(self, account_id: str, order_id: str) -> dict[str, Any]:
        return self._request("DELETE", f"accounts/{account_id}/orders/{order_id}")


class WireAdapter:
    """The adapter: never raises, and takes an empty answer for what it could not read (c.35)."""

    def __init__(self, base: str, *, account: str = DEFAULT_ACCOUNT, sandbox: bool = False) -> None:
        self.account_id, self.sandbox = account, sandbox
        self.oauth = WireOAuth()
        self.rest_client = WireClient(self.oauth, base)

    def authenticate(self) -> bool:
        return self.oauth.ensure_valid_token()

    def submit_order(self, order: dict[str, Any]) -> dict[str, Any]:
        try:
            told = self.rest_client.submit_order(
                self.account_id, order["symbol"], order["side"], order["quantity"], price=order.get("price")
            )
        except Exception as error:  # noqa: BLE001 - as the agent's does
            return {"status": "error", "error": str(error), "broker": "tradier"}
        return {"status": "submitted", "order_id": told["order"]["id"], "broker": "tradier", "result": told}

    def get_positions(self) -> list[dict[str, Any]]:
        try:
            return self.rest_client.get_positions(self.account_id) if self.authenticate() else []
        except Exception:  # noqa: BLE001 - as the agent's does
            return []

    def get_balances(self) -> dict[str, Any] | None:
        try:
            return self.rest_client._request("GET", f"accounts/{self.account_id}/balances")
        except Exception:  # noqa: BLE001 - as the agent's does
            return None

    def get_account_info(self) -> Any:
        return self.rest_client.get_account_details(self.account_id)

    def get_quote(self, symbol: str) -> dict[str, Any] | None:
        try:
            return self.rest_client._request("GET", f"markets/quotes?symbols={symbol}")
        except Exception:  # noqa: BLE001 - as the agent's does
            return None


def direct(adapter: Any, details: dict[str, Any]) -> dict[str, Any]:
    """The direct path: past the handler, straight to the adapter; a reply without "error" and without an id is pending."""
    order = {
        "symbol": None if details.get("option_symbol") else details["symbol"],
        "option_symbol": details.get("option_symbol"), "side": details["side"].lower(),
        "quantity": details["quantity"], "order_type": details.get("order_type", "market"), "duration": "day",
    }  # fmt: skip
    if details.get("price"):
        order["price"] = details["price"]
    try:
        told = adapter.submit_order(order)
    except Exception as error:  # noqa: BLE001 - as the agent does
        return {"status": "error", "order_id": None, "errors": [str(error)]}
    if told.get("status") == "error":
        return {"status": "error", "order_id": None, "errors": [told.get("error")]}
    return {
        "status": "submitted" if told.get("order_id") else "pending",
        "order_id": told.get("order_id"),
        "errors": [],
    }


class WireOptimus:
    """The agent's live method: bypasses, direct path, handler, and the outer handler that diagnoses whatever was raised."""

    def __init__(self) -> None:
        self.diagnostic_issues: list[Any] = []
        self.lines: list[str] = []
        self.self_healing_engine: Any = None
        self.tradier_adapter: Any = None

    def log_action(self, line: str) -> None:
        self.lines.append(line)

    def live(self, details: dict[str, Any]) -> dict[str, Any]:
        engine = self.self_healing_engine
        side = details.get("side", "").lower()
        forced = details.get("force_execute") or details.get("bypass_health_check")
        try:
            if not forced and side not in ("sell", "sell_to_close", "sell_short") and not engine.can_trade():
                health = engine.get_health_status()
                return {
                    "status": "rejected",
                    "reason": health.get("status"),
                    "health_score": health.get("health_score", 0.0),
                    "active_issues": health.get("active_issues", 0),
                }
            if details.get("force_execute"):
                told = direct(engine.tradier_adapter, details)
                if told["status"] in ("submitted", "pending"):
                    return {"status": "executed", "order_id": told["order_id"]}
            order = {
                "symbol": details.get("symbol"), "option_symbol": details.get("option_symbol"), "side": side,
                "quantity": details.get("quantity", 0), "order_type": details.get("order_type", "market").lower(),
                "duration": details.get("duration", "day"), "price": details.get("price"), "stop": details.get("stop"),
                "tag": f"Optimus_{details.get('strategy_id', 'unknown')}",
            }  # fmt: skip
            if details.get("legs"):
                order |= {"legs": details["legs"], "class": "multileg"}
            result = TradierOrderHandler(engine.tradier_adapter).submit_order_safe(order)
            if result.get("status") == "error":
                issue = engine.diagnose_order_failure(order, result.get("errors", ["unknown"]))
                self.log_action(f"diagnosed: {issue.description}")
                return {"status": "error", "errors": result["errors"], "warnings": result["warnings"]}
            return {"status": result["status"], "order_id": result.get("order_id")}
        except Exception as error:
            issue = engine.diagnose_order_failure(details, str(error))
            self.log_action(f"diagnosed: {issue.description}")
            raise
