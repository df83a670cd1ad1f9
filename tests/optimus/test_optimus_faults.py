"""The numbered faults of the old engine (reference c) that concern behaviour, 1 to 20: each would fail on it."""

from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from freezegun import freeze_time
from supervisor.optimus import IssueSeverity, OrderNotPlaced, TradierOrderHandler
from supervisor.simulator import DEFAULT_ACCOUNT, AccountKind, SimulatorAdapter, become, preset

from optimus.optimus_doubles import BUY, MONDAY, SELL, Optimus, TradierBrokerAdapter, integrate, run, sent

CALL = {
    "symbol": "AAPL261218C00150000", "side": "buy_to_open", "quantity": 1, "type": "limit", "price": 1, "duration": "day",
}  # fmt: skip


def looked(simulator: Any, home: Path, **options: Any) -> Any:
    """An integration that has looked once."""
    _, integration = integrate(simulator, home, **options)
    integration.tick()
    return integration


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("healthy_margin", set()),
        ("healthy_cash", set()),
        ("healthy_pdt", set()),
        ("several_accounts", set()),
        ("account_closed", {"account_restricted"}),
        ("no_buying_power", {"no_buying_power"}),
        ("account_missing", {"account_not_found"}),
    ],
)
def test_fault_01_and_05_accounts_are_told_apart_and_a_healthy_one_scores_1(
    tmp_path: Path, name: str, codes: set[str]
) -> None:
    with freeze_time(MONDAY):
        integration = looked(preset(name), tmp_path)
        assert set(integration.active_issues) == codes
        assert (integration.get_health_score() == 1.0) is not bool(codes)
        assert integration.can_trade() is not bool(codes)


def test_fault_01_what_was_wrong_resolves(tmp_path: Path) -> None:
    simulator = preset("account_closed")
    with freeze_time(MONDAY) as frozen:
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        assert [issue.code for issue in agent.diagnostic_issues] == ["account_restricted"]
        become(simulator, "healthy_margin")
        run(frozen, integration, 300)
        assert integration.active_issues == {}
        assert agent.diagnostic_issues == []
        assert "✅ [Self-Healing] Issue resolved: account_restricted" in agent.lines
        assert integration.can_trade()


def test_fault_02_orders_on_a_closed_account_or_without_a_level_are_refused(tmp_path: Path) -> None:
    simulator = preset("account_closed")
    with freeze_time(MONDAY):
        integration = looked(simulator, tmp_path)
        handler = TradierOrderHandler(integration.tradier_adapter)
        assert handler.submit_order_safe(dict(BUY))["status"] == "error"
        become(simulator, "healthy_margin")
        simulator.account.option_level = 0
        integration.supervisor.look()
        assert handler.submit_order_safe(dict(CALL))["status"] == "error"
        assert sent(simulator) == []


@pytest.mark.parametrize("kind", list(AccountKind))
def test_fault_03_and_04_money_is_read_by_the_kind_of_account(tmp_path: Path, kind: AccountKind) -> None:
    simulator = preset("healthy_margin")
    simulator.account.kind, simulator.account.cash = kind, Decimal(30000)
    with freeze_time(MONDAY):
        integration = looked(simulator, tmp_path)
        told = TradierOrderHandler(integration.tradier_adapter).submit_order_safe(dict(BUY))
        assert told["status"] == "submitted", told
        assert integration.current_state.cash_available == 30000.0


def test_fault_06_an_option_level_of_text_is_read(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    simulator.account.option_level = "2"  # type: ignore[assignment]  # as some replies have it
    with freeze_time(MONDAY):
        integration = looked(simulator, tmp_path)
        assert integration.current_state.option_level == 2
        assert integration.active_issues == {}


def test_fault_07_diagnosis_never_submits(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        integration = looked(simulator, tmp_path)
        for error in ("InitialMargin", "something new", ["a", "b"], None):
            assert integration.diagnose_order_failure(dict(BUY), error).description
        assert (simulator.bookings, sent(simulator)) == ([], [])


def test_fault_08_a_market_buy_without_a_price_is_booked_once(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    order = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "market", "duration": "day"}
    with freeze_time(MONDAY):
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        assert agent.execute_live(order)["status"] == "submitted"
        assert agent.execute_live(order)["status"] == "failed"
        assert len(simulator.bookings) == 1


def test_fault_09_an_order_refused_and_then_diagnosed_is_not_booked(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        simulator.inject("refusal", "order", count=1)
        assert agent.execute_live(dict(BUY))["status"] == "failed"
        assert (sent(simulator), simulator.bookings) == (["POST order"], [])


@pytest.mark.parametrize("fault", ["lost_502", "hang", "http_429"])
def test_fault_10_no_order_is_sent_twice(tmp_path: Path, fault: str) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        simulator.inject(fault, "order")
        for _ in range(3):
            told = agent.execute_live(dict(BUY), force_execute=True)
            assert told["status"] in ("failed", "pending")
        assert sent(simulator) == ["POST order"]


def test_fault_11_neither_a_gate_nor_a_log_that_raises_makes_an_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        agent, integration = integrate(simulator, tmp_path, agent=Optimus(raises=True))
        integration.tick()
        agent.execute_live(dict(BUY))
        assert len(simulator.bookings) == 1
        monkeypatch.setattr(type(integration.supervisor), "check", lambda *_: 1 / 0)
        assert integration.can_trade(BUY) is False
        assert integration.can_trade(side="sell") is False
        assert len(simulator.bookings) == 1


def test_fault_12_legs_and_tag_are_kept(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    order = {
        "class": "multileg", "symbol": "AAPL", "type": "debit", "price": 1, "duration": "day", "tag": "my tag",
        "legs": [
            {"option_symbol": "AAPL261218C00150000", "side": "buy_to_open", "quantity": 1},
            {"option_symbol": "AAPL261218C00155000", "side": "sell_to_open", "quantity": 1},
        ],
    }  # fmt: skip
    with freeze_time(MONDAY):
        integration = looked(simulator, tmp_path)
        told = TradierOrderHandler(integration.tradier_adapter).submit_order_safe(order)
        assert told["status"] == "submitted", told
        form = dict(
            next(r for r in simulator.requests if r.method == "POST" and ("preview", "true") not in r.form).form
        )
        assert form["class"] == "multileg"
        assert form["option_symbol[0]"] == "AAPL261218C00150000"
        assert form["side[1]"] == "sell_to_open"
        assert form["tag"].endswith("-my-tag")
        assert told["tag"] == form["tag"]


def test_fault_13_an_occ_code_keeps_its_underlying(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        integration = looked(simulator, tmp_path)
        told = TradierOrderHandler(integration.tradier_adapter).submit_order_safe(dict(CALL))
        assert told["status"] == "submitted", told
        form = dict(
            next(r for r in simulator.requests if r.method == "POST" and ("preview", "true") not in r.form).form
        )
        assert (form["symbol"], form["option_symbol"]) == ("AAPL", "AAPL261218C00150000")


def test_fault_14_no_order_id_is_never_an_execution(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        integration = looked(simulator, tmp_path)
        simulator.inject("lost_502", "order", count=1)
        simulator.inject("http_500_backend", "orders")
        with pytest.raises(OrderNotPlaced, match="never send it again") as raised:
            integration.tradier_adapter.submit_order(dict(BUY))
        assert raised.value.told["status"] == "pending"
        assert raised.value.outcome == "unknown"


def test_fault_15_paper_orders_pass_the_gate(tmp_path: Path) -> None:
    simulator = preset("account_suspended")
    with freeze_time(MONDAY):
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        with pytest.raises(OrderNotPlaced):
            agent.execute_paper(dict(BUY))
        assert sent(simulator) == []


def test_fault_16_connection_error_resolves(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        integration = looked(simulator, tmp_path)
        simulator.inject("html")
        run(frozen, integration, 120)
        assert "connection_error" in integration.active_issues
        simulator.clear()
        run(frozen, integration, 120)
        assert integration.active_issues == {}


def test_fault_17_failed_orders_neither_sink_the_score_nor_stay(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        integration = looked(simulator, tmp_path)
        for _ in range(6):
            integration.diagnose_order_failure(dict(BUY), "InitialMargin")
        assert integration.get_health_score() >= 0.70
        assert list(integration.active_issues) == ["order_failure_funds"]
        run(frozen, integration, 1900)
        assert integration.active_issues == {}
        assert integration.get_health_score() == 1.0


def test_fault_18_two_failures_in_a_second_are_two_and_what_is_returned_is_what_is_kept(tmp_path: Path) -> None:
    with freeze_time(MONDAY):
        integration = looked(preset("healthy_margin"), tmp_path)
        one = integration.diagnose_order_failure(dict(BUY), "InitialMargin")
        other = integration.diagnose_order_failure(dict(BUY), "something new")
        assert one.issue_id != other.issue_id
        kept = {issue.issue_id for issue in integration.active_issues.values()}
        assert kept == {one.issue_id, other.issue_id}


def test_fault_19_severity_rises_within_one_problem(tmp_path: Path) -> None:
    simulator = preset("status_missing")
    with freeze_time(MONDAY):
        integration = looked(simulator, tmp_path)
        assert integration.active_issues["account_unconfirmed"].severity is IssueSeverity.WARNING
        become(simulator, "account_closed")
        integration.supervisor.look()
        assert integration.active_issues["account_restricted"].severity is IssueSeverity.CRITICAL
        assert not integration.can_trade()
        assert not integration.can_trade(SELL)


class Hosts(SimulatorAdapter):
    """A network that remembers which hosts were asked."""

    asked: ClassVar[set[str]] = set()

    def send(self, request: Any, **settings: Any) -> Any:  # type: ignore[override]  # whatever it is called with
        self.asked.add(str(urlsplit(request.url).hostname))
        return super().send(request, **settings)


@pytest.mark.parametrize("auto", [True, False])
def test_fault_20_a_live_adapter_where_the_sandbox_is_intended_is_called_fixed_only_once_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auto: bool
) -> None:
    monkeypatch.setenv("TRADIER_SANDBOX", "true")
    monkeypatch.setattr(Hosts, "asked", set())
    simulator = preset("healthy_margin")
    fixed: list[str] = []
    live = TradierBrokerAdapter("https://api.tradier.com/v1", sandbox=False, account=DEFAULT_ACCOUNT)

    def told(issue: Any, result: Any) -> None:
        assert result != "fixed" or (live.sandbox, live.rest_client.api_base) == (
            True,
            "https://sandbox.tradier.com/v1",
        )
        fixed.append(f"{issue.code} {result}")

    with freeze_time(MONDAY) as frozen:
        agent, integration = integrate(
            simulator,
            tmp_path,
            adapter=live,
            enable_auto_fix=auto,
            transport=Hosts(simulator),
            on_auto_fix_applied=told,
        )
        integration.tick()
        assert integration.active_issues["endpoint_mismatch"].severity is IssueSeverity.CRITICAL
        assert not integration.can_trade(SELL)
        assert agent.execute_live(dict(BUY), force_execute=True)["status"] == "failed"
        assert simulator.bookings == []
        run(frozen, integration, 600)
        assert "api.tradier.com" not in Hosts.asked
        if auto:
            assert fixed == ["endpoint_mismatch fixed"]
            assert integration.can_trade(), integration.get_health_status()
        else:
            assert fixed == []
            assert live.sandbox is False
            assert "endpoint_mismatch" in integration.active_issues
