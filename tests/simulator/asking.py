"""How do these tests ask the simulated broker? In-process, at instants of their own."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from supervisor.simulator import Account, Reply, Request, Simulator

ACCOUNT = "VA90010001"
OPTION = "SPY261218C00690000"
SAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "samples.json").read_text())
HEADERS = {"Authorization": "Bearer any-token", "Accept": "application/json"}


def at(text: str) -> float:
    """Epoch seconds of an Eastern wall time; a bare time is on Monday, 2026-11-23, a full session."""
    stamp = text if "-" in text else f"2026-11-23 {text}"
    return datetime.fromisoformat(stamp).replace(tzinfo=ZoneInfo("America/New_York")).timestamp()


NOON = at("12:00")


class Desk:
    """A simulator and somebody who asks it; every question takes `step` seconds of its time."""

    def __init__(self, *accounts: Account, now: float = NOON, **options: Any) -> None:
        self.simulator = Simulator(accounts or None, **options)
        self.now = now

    @property
    def account(self) -> Account:
        return self.simulator.account

    def ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        step: float = 1.0,
    ) -> Reply:
        """The reply to one request below `/v1`, one second later than the last."""
        self.now += step
        body = urlencode({name: str(value) for name, value in form.items()}) if form else None
        sent = {**(HEADERS if headers is None else headers)}
        if method in {"POST", "PUT"}:
            sent["Content-Length"] = str(len(body or ""))
        request = Request.of(method, f"/v1/{path}", body=body, headers=sent)
        return self.simulator.respond(request, self.now)

    def get(self, path: str, **more: Any) -> Any:
        """The JSON of a GET that must succeed."""
        reply = self.ask("GET", path, **more)
        assert reply.status == 200, reply
        return json.loads(reply.body, parse_float=Decimal)

    def mine(self, path: str) -> Any:
        """The JSON of a GET below our account."""
        return self.get(f"accounts/{self.account.number}/{path}")

    def order(self, **form: Any) -> Reply:
        """The reply to an order, a market day order for one share of AAPL but for what is said."""
        basis = {"class": "equity", "symbol": "AAPL", "side": "buy", "quantity": 1, "type": "market", "duration": "day"}
        return self.send({name: value for name, value in {**basis, **form}.items() if value is not None})

    def option(self, side: str = "buy_to_open", **form: Any) -> Reply:
        """The reply to an order for one option contract."""
        return self.order(**{"class": "option", "symbol": "SPY", "option_symbol": OPTION, "side": side, **form})

    def send(self, form: Mapping[str, Any]) -> Reply:
        """The reply to this form, as it is."""
        return self.ask("POST", f"accounts/{self.account.number}/orders", form)

    def placed(self, reply: Reply) -> int:
        """The id of an order that must have been taken."""
        assert reply.status == 200, reply
        order_id: int = json.loads(reply.body)["order"]["id"]
        return order_id

    def row(self, order_id: int, *, tags: bool = True) -> Any:
        """The order as the broker shows it now."""
        return self.mine(f"orders/{order_id}?includeTags={str(tags).lower()}")["order"]

    def held(self) -> dict[str, Decimal]:
        """What the account holds, by symbol."""
        body = self.mine("positions")["positions"]
        rows = [] if body == "null" else body["position"]
        return {row["symbol"]: row["quantity"] for row in (rows if isinstance(rows, list) else [rows])}


def error(reply: Reply) -> Any:
    """What an `errors` object inside a 200 says."""
    assert reply.status == 200, reply
    return json.loads(reply.body)["errors"]["error"]


def coded(code: str) -> list[str]:
    """A refusal of the back office."""
    return ["Backoffice rejected override of the order.", code]


def legs(*rows: tuple[str, str, int]) -> dict[str, Any]:
    """The indexed parameters of option legs: (symbol, side, quantity)."""
    form: dict[str, Any] = {}
    for index, (symbol, side, quantity) in enumerate(rows):
        form |= {f"option_symbol[{index}]": symbol, f"side[{index}]": side, f"quantity[{index}]": quantity}
    return form


def parts(*rows: Mapping[str, Any]) -> dict[str, Any]:
    """The indexed parameters of the orders in an OTO, OCO or OTOCO."""
    return {f"{name}[{index}]": value for index, row in enumerate(rows) for name, value in row.items()}
