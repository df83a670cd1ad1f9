"""The agent with its own adapter over real HTTP: reads go through, orders are gated and sent once, whatever it tries."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from supervisor.optimus import OptimusSelfHealingIntegration, OrderNotPlaced
from supervisor.simulator import DEFAULT_ACCOUNT, Position, become, preset, serve
from supervisor.simulator.occ import expirations

from optimus.optimus_doubles import sent
from optimus.optimus_wire import WireAdapter, WireOptimus
from optimus.test_optimus_watching import QUICK, until

FAR = expirations((datetime.now(UTC) + timedelta(days=30)).date())[0]
"""These tests live in real time: no expiration may be behind them."""
CALL_SYMBOL, HIGHER = f"AAPL{FAR:%y%m%d}C00150000", f"AAPL{FAR:%y%m%d}C00155000"
AT_ANY_HOUR = attrs.evolve(QUICK, orders=(("market_when_closed", True), ("wait", 1.0)))
"""Nor may it matter whether the market is open."""
DETAILS = {
    "symbol": "AAPL",
    "side": "BUY",
    "quantity": 1,
    "order_type": "limit",
    "price": 150.0,
    "strategy_id": "wheel_1",
}
"""As the agent's strategies hand it in; market orders have no price at all."""
MARKET = {"symbol": "AAPL", "side": "buy", "quantity": 1, "time_in_force": "day", "expected_return": 0.1}
CALL = {
    "symbol": "AAPL",
    "option_symbol": CALL_SYMBOL,
    "side": "buy",
    "quantity": 1,
    "order_type": "limit",
    "price": 1,
}


class Trading:
    """An agent that trades on a simulated broker over loopback."""

    def __init__(self, url: str, home: Path, simulator: Any) -> None:
        self.simulator, self.adapter, self.agent = simulator, WireAdapter(url), WireOptimus()
        self.agent.tradier_adapter = self.adapter
        self.agent.self_healing_engine = self.engine = OptimusSelfHealingIntegration(
            optimus_agent=self.agent, tradier_adapter=self.adapter, home=home, settings=AT_ANY_HOUR
        )
        assert until(self.engine.can_trade), self.engine.get_health_status()

    @property
    def view(self) -> Any:
        return self.engine.tradier_adapter

    def orders(self) -> list[str]:
        return sent(self.simulator)


@pytest.fixture
def trading(tmp_path: Path) -> Iterator[Trading]:
    simulator = preset("healthy_margin")
    simulator.account.positions = {"AAPL": Position(1, "AAPL", Decimal(1), Decimal(150), 1e9)}
    with serve(simulator) as server:
        made = Trading(server.url, tmp_path, simulator)
        yield made
        made.engine.stop()


def test_every_read_of_the_agents_goes_through_its_own_client(trading: Trading) -> None:
    view = trading.view
    assert [row["symbol"] for row in view.get_positions()] == ["AAPL"]
    assert view.get_balances()["balances"]["account_number"] == DEFAULT_ACCOUNT
    assert view.get_account_info()["account_number"] == DEFAULT_ACCOUNT
    assert view.get_quote("AAPL")["quotes"]["quote"]["symbol"] == "AAPL"
    assert view.rest_client._request("GET", f"accounts/{view.account_id}/orders")
    assert isinstance(view, WireAdapter)
    assert view.rest_client.session is not None
    assert trading.orders() == []


@pytest.mark.parametrize("details", [DETAILS, MARKET, CALL], ids=["limit", "market", "option"])
@pytest.mark.parametrize("flags", [{}, {"force_execute": True, "bypass_health_check": True}], ids=["asked", "forced"])
def test_a_trade_of_each_shape_on_each_path_is_booked_once(
    trading: Trading, details: dict[str, Any], flags: dict[str, Any]
) -> None:
    told = trading.agent.live({**details, **flags})
    assert told["status"] == ("executed" if flags else "submitted"), told
    assert isinstance(told["order_id"], int)
    assert trading.orders() == ["POST order"]
    assert len(trading.simulator.bookings) == 1
    assert trading.engine.last_successful_trade is not None


@pytest.mark.parametrize("fault", ["lost_502", "lost_reset"])
def test_a_forced_trade_whose_reply_is_lost_is_sent_once_and_never_called_executed(
    trading: Trading, fault: str
) -> None:
    trading.simulator.inject(fault, "order")
    trading.simulator.inject("http_500_backend", "orders")
    told = trading.agent.live({**DETAILS, "force_execute": True, "bypass_health_check": True})
    assert told["status"] != "executed"
    assert len(trading.simulator.bookings) == 1
    again = trading.agent.live({**DETAILS, "force_execute": True, "bypass_health_check": True})
    assert again["status"] != "executed"
    assert trading.orders() == ["POST order"]


def test_forced_entries_are_refused_without_buying_power_and_exits_go_out(trading: Trading) -> None:
    held = trading.simulator.account.positions
    become(trading.simulator, "no_buying_power")
    trading.simulator.account.positions = held
    assert until(lambda: "no_buying_power" in trading.engine.active_issues)
    assert trading.agent.live(dict(DETAILS))["status"] == "rejected"
    assert trading.agent.live({**DETAILS, "force_execute": True})["status"] == "error"
    assert trading.agent.live({**DETAILS, "side": "sell_short"})["status"] == "error"
    told = trading.agent.live({**MARKET, "side": "sell", "force_execute": True})
    assert told["status"] == "executed", told
    assert [dict(booked.form)["side"] for booked in trading.simulator.bookings] == ["sell"]


def test_the_clients_own_methods_are_guarded_too(trading: Trading) -> None:
    client = trading.view.rest_client
    told = client.submit_order(trading.view.account_id, "AAPL", "buy", 1, "limit", price=100.0)
    assert told["order"]["status"] == "ok"
    assert "errors" not in told
    with pytest.raises(OrderNotPlaced, match="same order"):
        client.submit_order(
            account_id=DEFAULT_ACCOUNT, symbol="AAPL", side="buy", quantity=1, order_type="limit", price=100
        )
    canceled = client.cancel_order(trading.view.account_id, told["order"]["id"])
    assert canceled["order"] == told["order"]
    assert trading.orders() == ["POST order", "DELETE cancel"]


def test_legs_through_the_client_are_kept(trading: Trading) -> None:
    legs = [
        {"option_symbol": CALL_SYMBOL, "side": "buy_to_open", "quantity": 1},
        {"option_symbol": HIGHER, "side": "sell_to_open", "quantity": 1},
    ]
    assert trading.view.rest_client.submit_multileg_order(DEFAULT_ACCOUNT, legs, 1.0)["order"]["status"] == "ok"
    form = dict(trading.simulator.bookings[0].form)
    assert (form["class"], form["side[1]"]) == ("multileg", "sell_to_open")


def test_what_is_told_of_an_order_is_in_the_adapters_own_shape(trading: Trading) -> None:
    told = trading.view.submit_order(
        {"symbol": "AAPL", "side": "buy", "quantity": 1, "order_type": "limit", "price": 100}
    )
    number = told["order_id"]
    assert isinstance(number, int)
    assert (told["status"], told["broker"]) == ("submitted", "tradier")
    assert told["result"] == {"order": {"id": number, "status": "ok"}}
    assert told["order"]["id"] == told["id"] == number
    assert not {"error", "errors"} & told.keys()
