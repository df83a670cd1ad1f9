"""Names, shapes and values are the old engine's, and any object at all may stand where agent or adapter should."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, Mock

import pytest
from freezegun import freeze_time
from supervisor.optimus import (
    AutoFixResult,
    DiagnosticIssue,
    IssueSeverity,
    OptimusSelfHealingIntegration,
    OrderNotPlaced,
    TradierOrderHandler,
    TradierSelfHealingEngine,
    engine,
)
from supervisor.simulator import SimulatorAdapter, become, preset

from optimus.optimus_doubles import (
    BUY,
    EXACT,
    MONDAY,
    SELL,
    TOKEN,
    Optimus,
    TradierBrokerAdapter,
    integrate,
    run,
)  # fmt: skip


def test_severities_and_results_have_the_owners_words() -> None:
    assert [level.value for level in IssueSeverity][1:] == ["info", "warning", "error", "critical"]
    assert IssueSeverity("critical") is IssueSeverity.CRITICAL  # type: ignore[arg-type]  # as old code may ask
    assert IssueSeverity.CRITICAL.name == "CRITICAL"
    assert IssueSeverity.CRITICAL > IssueSeverity.ERROR
    assert [AutoFixResult(word).value for word in ("fixed", "partial", "failed", "not_applicable")]
    with pytest.raises(ValueError, match="dreadful"):
        IssueSeverity("dreadful")  # type: ignore[arg-type]  # as above


def test_an_issue_can_be_made_of_the_old_fields_and_every_issue_is_one(tmp_path: Path) -> None:
    when = datetime(2026, 11, 23, 15, tzinfo=UTC)
    made = DiagnosticIssue(
        issue_id="order_failure_unknown", severity=IssueSeverity.ERROR, category="order", description="Order failed",
        detected_at=when, error_message="boom", auto_fixable=False,
    )  # fmt: skip
    assert (made.issue_id, made.severity.value, made.detected_at, made.resolved_at) == (made.code, "error", when, None)
    assert (made.auto_fix_applied, made.auto_fix_result, made.metadata) == (False, None, {})
    with freeze_time(MONDAY):
        _, integration = integrate(preset("no_buying_power"), tmp_path)
        integration.tick()
        (found,) = integration.active_issues.values()
        diagnosed = integration.diagnose_order_failure(dict(BUY), "boom")
    for issue in (made, found, diagnosed):
        assert isinstance(issue, DiagnosticIssue)
        assert isinstance(issue.severity, IssueSeverity)
        for name in ("auto_fixable", "auto_fix_applied", "auto_fix_result", "metadata", "error_message", "category"):
            assert hasattr(issue, name)


def test_everything_is_json_and_says_the_same_on_both_levels_before_and_after_the_first_look(tmp_path: Path) -> None:
    with freeze_time(MONDAY):
        _, integration = integrate(preset("no_buying_power"), tmp_path)
        inner = integration.self_healing_engine
        first = integration.get_health_status()
        assert (first["status"], first["health_score"], first["current_state"]) == ("unhealthy", 0.0, None)
        assert integration.current_state is None
        integration.tick()
        for told in (first, integration.get_health_status(), inner.get_status()):
            assert json.loads(json.dumps(told)) == told
        state = integration.current_state
        assert state is not None
        assert (state.account_status, state.options_level, state.account_type) == ("active", "6", "margin")
        assert (state.endpoint, state.options_buying_power) == ("sandbox", state.option_power)
        assert state.timestamp == state.last_check == datetime.fromisoformat(MONDAY)


def test_orders_through_it_are_remembered(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        assert (list(integration.failed_orders), integration.last_successful_trade) == ([], None)
        integration.tradier_adapter.submit_order(dict(BUY))
        assert integration.last_successful_trade == datetime.fromisoformat(MONDAY)
        become(simulator, "account_suspended")
        assert integration.supervisor is not None
        integration.supervisor.look()
        handler = TradierOrderHandler(integration.tradier_adapter)
        assert handler.submit_order_safe(dict(BUY))["errors"] == integration.failed_orders[-1]["errors"]
        for _ in range(110):
            handler.submit_order_safe({"symbol": "AAPL"})
        assert len(integration.failed_orders) == 100
        assert {told["status"] for told in integration.failed_orders} == {"error"}


def test_the_history_holds_the_last_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine.ISSUES_KEPT == 1000
    monkeypatch.setattr(engine, "ISSUES_KEPT", 5)
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(simulator, tmp_path, persist=False)
        integration.tick()
        supervisor = integration.supervisor
        assert supervisor is not None
        assert supervisor.book.history.maxlen == 1000
        for name in ("no_buying_power", "healthy_margin") * 12 + ("account_suspended",):
            become(simulator, name)
            frozen.tick(timedelta(seconds=30))
            supervisor.look()
        history = integration.issue_history
        assert supervisor.book.stats.issues_detected > 5
        assert history[-1].code == "account_restricted"
        assert sorted(history, key=lambda issue: issue.detected) == history
        assert len({issue.issue_id for issue in history}) == 5


ODD: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "MagicMock": (MagicMock, MagicMock),
    "Mock": (Mock, Mock),
    "a bare namespace": (SimpleNamespace, SimpleNamespace),
    "wrong types": (
        lambda: SimpleNamespace(diagnostic_issues=None),
        lambda: SimpleNamespace(account_id=b"x", sandbox="no", rest_client=SimpleNamespace(api_base=5), oauth=None),
    ),
    "text": (lambda: "agent", lambda: "adapter"),
    "nothing": (lambda: None, lambda: None),
}


@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize("odd", list(ODD))
def test_any_object_may_stand_for_agent_and_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str, token: str | None
) -> None:
    if token is not None:
        monkeypatch.setenv("TRADIER_API_KEY", token)
        monkeypatch.setenv("TRADIER_ACCOUNT_ID", "VA90010001")
    agent, adapter = ODD[odd][0](), ODD[odd][1]()
    simulator = preset("no_buying_power")
    with freeze_time(MONDAY):
        integration = OptimusSelfHealingIntegration(
            agent, adapter, home=tmp_path, settings=EXACT, transport=SimulatorAdapter(simulator)
        )
        integration.tick()
        assert integration
        why = "no_buying_power" if token else "monitor_failed"
        assert set(integration.active_issues) == {why}
        assert (integration.can_trade(), integration.can_trade(BUY), integration.can_trade(SELL)) == (
            False,
            False,
            True,
        )
        json.dumps(integration.get_status())
        assert integration.diagnose_order_failure({}, None).description
        if isinstance(adapter, Mock):
            for order in (BUY, SELL):
                with pytest.raises(OrderNotPlaced, match="token" if token is None else "buying_power|0 held"):
                    integration.tradier_adapter.submit_order(dict(order))
            assert adapter.mock_calls == []
        assert simulator.bookings == []
        integration.tradier_adapter = TradierBrokerAdapter()
        integration.tick()
        assert set(integration.active_issues) - {"order_failure_unknown"} == {"no_buying_power"}


def test_without_an_adapter_the_agents_own_is_taken(tmp_path: Path) -> None:
    agent = Optimus()
    agent.tradier_adapter = TradierBrokerAdapter()  # type: ignore[attr-defined]  # as the agent's own code does
    with freeze_time(MONDAY):
        integration = OptimusSelfHealingIntegration(
            optimus_agent=agent, home=tmp_path, transport=SimulatorAdapter(preset("healthy_margin"))
        )
        integration.tick()
        assert integration.tradier_adapter == agent.tradier_adapter  # type: ignore[attr-defined]  # as above
        assert integration.can_trade()


class LaterRaising:
    """An adapter that answers at first, and then raises on each access."""

    def __init__(self) -> None:
        self.works = True
        self.inner = TradierBrokerAdapter()

    def __getattr__(self, name: str) -> Any:
        if not self.works:
            raise RuntimeError(f"{name} is broken")
        return getattr(self.inner, name)


def test_an_adapter_that_begins_to_raise_closes_opening_and_says_why(tmp_path: Path) -> None:
    adapter = LaterRaising()
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(preset("healthy_margin"), tmp_path, adapter=adapter)
        integration.tick()
        assert integration.can_trade()
        adapter.works = False
        run(frozen, integration, 61)
        integration.tick()
        assert not integration.can_trade()
        assert "monitor_failed" in integration.active_issues
        assert integration.can_trade(side="sell")
        adapter.works = True
        integration.tick()
        run(frozen, integration, 300)
        assert integration.can_trade(), integration.get_health_status()


def test_the_engine_alone_takes_the_old_arguments_by_position(tmp_path: Path) -> None:
    heard: list[str] = []
    with freeze_time(MONDAY):
        alone = TradierSelfHealingEngine(
            TradierBrokerAdapter(), 60, True,
            lambda issue: heard.append(f"detected {issue.code} {issue.severity.value}"),
            lambda issue: heard.append(f"resolved {issue.code}"),
            lambda issue, result: heard.append(f"fixed {issue.code} {result.value}"),
            home=tmp_path, settings=EXACT, transport=SimulatorAdapter(preset("no_buying_power")),
        )  # fmt: skip
        assert (alone.running, alone.check_interval, alone.enable_auto_fix) == (False, 60, True)
        alone.start()
        assert alone.running
        alone.start()
        alone.tick()
        assert alone.running is True
        assert heard == ["detected no_buying_power warning"]
        alone.stop()
        alone.stop()
        assert alone.running is False
