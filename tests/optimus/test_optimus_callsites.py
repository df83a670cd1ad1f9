"""Every place where Optimus uses its integration (reference b.1 and b.3) goes on working."""

from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from supervisor.optimus import AccountState, OptimusSelfHealingIntegration, OrderNotPlaced, TradierOrderHandler
from supervisor.simulator import SimulatorAdapter, become, preset

from optimus.optimus_doubles import BUY, MONDAY, SELL, Optimus, TradierBrokerAdapter, integrate, run, sent


def test_the_constructor_takes_the_old_keywords_and_gives_a_truthy_object(tmp_path: Path) -> None:
    with freeze_time(MONDAY):
        agent, integration = integrate(preset("healthy_margin"), tmp_path)
        assert integration
        assert hasattr(integration, "tradier_adapter")
        assert integration.self_healing_engine is not None
        assert agent.diagnostic_issues == []


def test_the_documented_callbacks_are_keywords(tmp_path: Path) -> None:
    simulator = preset("no_buying_power")
    heard: list[str] = []
    with freeze_time(MONDAY):
        _, integration = integrate(
            simulator,
            tmp_path,
            on_issue_detected=lambda issue: heard.append(f"detected {issue.code}"),
            on_issue_resolved=lambda issue: heard.append(f"resolved {issue.code}"),
            on_auto_fix_applied=lambda issue, result: heard.append(f"fixed {issue.code} {result}"),
        )
        integration.tick()
        become(simulator, "healthy_margin")
        assert integration.supervisor is not None
        integration.supervisor.look()
    assert heard == ["detected no_buying_power", "resolved no_buying_power"]


def test_reads_pass_through_the_adapter_untouched(tmp_path: Path) -> None:
    adapter = TradierBrokerAdapter()
    with freeze_time(MONDAY):
        _, integration = integrate(preset("healthy_margin"), tmp_path, adapter=adapter)
        view = integration.tradier_adapter
        assert view
        assert view is not None
        assert view.get_positions() == adapter.get_positions()
        assert view.get_balances() == adapter.get_balances()
        assert view.get_account_info() == adapter.get_account_info()
        assert view.get_account_balance() == 1000.0
        assert view.get_quote("AAPL") == adapter.get_quote("AAPL")
        assert view.rest_client._request("GET", "accounts/x/history") == adapter.rest_client._request("GET", "x")
        assert (view.account_id, view.sandbox) == (adapter.account_id, True)
        with pytest.raises(AttributeError):
            view.buy_option  # noqa: B018 - the adapter does not have it, so neither has the view
        view.note = 1
        assert vars(adapter)["note"] == 1
        assert isinstance(view, TradierBrokerAdapter)


def test_a_live_trade_is_gated_sent_once_and_told_in_the_old_words(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        agent, integration = integrate(simulator, tmp_path)
        assert agent.execute_live(dict(BUY)) == {
            "status": "rejected", "reason": "unhealthy", "health_score": 0.0, "active_issues": 0,
        }  # fmt: skip
        integration.tick()
        told = agent.execute_live(dict(BUY))
        assert (told["status"], bool(told["order_id"])) == ("submitted", True)
        assert sent(simulator) == ["POST order"]


def test_the_outer_handler_may_hand_in_a_raw_dict_and_a_string(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        for order, error in (
            ({"symbol": "AAPL", "action": "BUY", "qty": 3, "strategy": "x"}, "boom"),
            (BUY, ["Sell order cannot be placed", "x"]),
            (None, None),
            ({"x": object()}, RuntimeError("boom")),
        ):
            issue = integration.diagnose_order_failure(order, error)
            assert issue.description
            assert issue.issue_id.startswith("order_failure_")
            assert issue.detected_at.tzinfo is not None
        assert simulator.bookings == []


def test_the_paper_path_and_the_forced_path_are_gated_too(tmp_path: Path) -> None:
    simulator = preset("account_restricted")
    with freeze_time(MONDAY):
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        with pytest.raises(OrderNotPlaced, match="account"):
            agent.execute_paper(dict(BUY))
        assert agent.execute_live(dict(BUY), force_execute=True, bypass_health_check=True)["status"] == "failed"
        assert sent(simulator) == []


def test_a_forced_order_falls_through_all_its_ways_and_is_sent_once(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        simulator.inject("lost_502", "order")
        told = agent.execute_live(dict(BUY), force_execute=True, bypass_health_check=True)
        assert told["status"] != "executed"
        assert sent(simulator) == ["POST order"]
        assert len(simulator.bookings) == 1


def test_the_adapter_is_read_and_assigned(tmp_path: Path) -> None:
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(preset("healthy_margin"), tmp_path)
        integration.tick()
        assert integration.can_trade()
        other = TradierBrokerAdapter()
        integration.tradier_adapter = other
        assert not integration.can_trade()
        assert integration.tradier_adapter == other
        run(frozen, integration, 60)
        assert integration.can_trade(), integration.get_health_status()
        integration.tradier_adapter = integration.tradier_adapter
        assert integration.can_trade()


def test_both_levels_answer_as_the_scripts_ask(tmp_path: Path) -> None:
    with freeze_time(MONDAY):
        _, integration = integrate(preset("no_buying_power"), tmp_path)
        integration.tick()
        engine = integration.self_healing_engine
        assert engine.get_health_score() == integration.get_health_score() == pytest.approx(0.9417, abs=1e-3)
        status = engine.get_status()
        assert status["running"] is True
        assert status["active_issues"] == 1
        (issue,) = status["issues"]
        assert issue["issue_id"] == issue["code"] == "no_buying_power"
        assert issue["message"] == issue["description"]
        assert {"severity", "category", "auto_fixable", "auto_fix_applied"} <= issue.keys()
        assert set(status["stats"]) == {
            "total_checks", "issues_detected", "issues_auto_fixed", "issues_resolved", "failed_orders", "successful_orders",
        }  # fmt: skip
        assert list(engine.active_issues) == ["no_buying_power"]
        assert engine.active_issues["no_buying_power"].issue_id != "no_buying_power"
        assert [found.code for found in engine.issue_history] == ["no_buying_power"]
        assert isinstance(engine.current_state, AccountState)
        assert status["current_state"]["account_id"] == "****0001"
        assert engine.tradier.sandbox is True
        assert engine.acknowledge("no_buying_power", why="seen", who="test")
        assert not engine.acknowledge("nothing", why="seen", who="test")


def test_the_worker_uses_a_handler_alone(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        handler = TradierOrderHandler(TradierBrokerAdapter(), home=tmp_path, transport=SimulatorAdapter(simulator))
        handler.engine.tick()
        told = handler.submit_order_safe(dict(BUY))
        assert set(told) >= {
            "status",
            "order_id",
            "errors",
            "warnings",
            "fixes_applied",
            "timestamp",
            "result",
            "outcome",
        }
        assert told["status"] == "submitted"
        assert all(isinstance(fix, str) for fix in told["fixes_applied"])
        assert handler.submit_order_safe("no order at all")["status"] == "error"


def test_the_gate_is_asked_by_intent(tmp_path: Path) -> None:
    simulator = preset("account_suspended")
    with freeze_time(MONDAY):
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        asked: dict[str, Any] = {
            "buy": False, "sell_short": False, "buy_to_open": False, "sell_to_open": False, "": False,
            "sell": True, "buy_to_cover": True, "sell_to_close": True, "buy_to_close": True,
        }  # fmt: skip
        assert {side: integration.can_trade(side=side) for side in asked} == asked
        assert integration.can_trade(SELL)
        assert not integration.can_trade(BUY)
        assert not integration.can_trade()
        assert integration.can_trade(intent="close")
        assert not integration.can_trade(intent="open")
        assert not integration.can_trade(object())


def test_an_agent_whose_log_raises_loses_only_its_log_line(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        agent, integration = integrate(simulator, tmp_path, agent=Optimus(raises=True))
        integration.tick()
        simulator.inject("refuse")
        run(frozen, integration, 120)
        assert {issue.code for issue in agent.diagnostic_issues} == {"connection_failed", "callback_failing"}
        codes = set(integration.active_issues)
        assert "connection_failed" in codes
        assert "callback_failing" in codes
        assert any("Issue detected: connection_failed" in line for line in agent.lines)


def test_nothing_of_the_agents_is_needed(tmp_path: Path) -> None:
    with freeze_time(MONDAY):
        integration = OptimusSelfHealingIntegration(
            object(),
            TradierBrokerAdapter(),
            home=tmp_path,
            transport=SimulatorAdapter(preset("account_suspended")),
        )
        integration.tick()
        assert set(integration.active_issues) == {"account_restricted"}
