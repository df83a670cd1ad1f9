"""The numbered faults of the old engine (reference c) that concern behaviour, 21 to 39: each would fail on it."""

import json
import re
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from freezegun import freeze_time
from supervisor.config import Settings
from supervisor.optimus import OptimusSelfHealingIntegration
from supervisor.simulator import DEFAULT_ACCOUNT, preset, serve

from optimus.optimus_asking import asked
from optimus.optimus_doubles import (
    BUY,
    EXACT,
    MONDAY,
    TOKEN,
    Optimus,
    TradierBrokerAdapter,
    integrate,
    run,
    sent,
)  # fmt: skip

QUICK = Settings(interval=0.3, quick=0.2, deadline=0.4, stale=5.0, backoff_first=0.3, backoff_cap=0.3)


def until(true: Any, seconds: float = 5.0) -> bool:
    """Whether it comes true within that time."""
    end = monotonic() + seconds
    ticker = threading.Event()
    while monotonic() < end:
        if true():
            return True
        ticker.wait(0.01)
    return bool(true())


def monitors() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "supervisor-monitor"]


def test_fault_21_what_the_broker_rejects_later_is_found_and_counted(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        simulator.inject("rejected_later", "order", count=1)
        assert agent.execute_live(dict(BUY))["status"] == "submitted"
        run(frozen, integration, 60)
        assert integration.stats["failed_orders"] == 1
        assert any(code.startswith("order_failure_") for code in integration.active_issues)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("token_invalid", "credentials_rejected"),
        ("http_429", "rate_limited"),
        ("http_500_backend", "connection_failed"),
        ("html", "connection_error"),
        ("hang", "connection_failed"),
    ],
)
def test_fault_22_each_failure_has_its_own_name(tmp_path: Path, fault: str, code: str) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        simulator.inject(fault)
        run(frozen, integration, 150)
        assert code in integration.active_issues, list(integration.active_issues)


def test_fault_22_one_bad_poll_is_no_alarm(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        simulator.inject("hang", seconds=1)
        assert integration.supervisor is not None
        integration.supervisor.look()
        assert not integration.can_trade()
        assert integration.active_issues == {}
        run(frozen, integration, 30)
        assert integration.can_trade()


@pytest.mark.parametrize("name", ["balances_fail", "profile_fail"])
def test_fault_23_and_35_a_failed_read_is_no_empty_account(tmp_path: Path, name: str) -> None:
    simulator = preset(name)
    with freeze_time(MONDAY) as frozen:
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        assert not integration.can_trade()
        assert agent.execute_live(dict(BUY), force_execute=True)["status"] == "failed"
        run(frozen, integration, 90)
        assert any(code.endswith("_unreadable") for code in integration.active_issues)
        assert "no_buying_power" not in integration.active_issues
        assert sent(simulator) == []


def test_fault_24_the_gate_is_closed_before_the_first_look_and_once_nobody_looks(tmp_path: Path) -> None:
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(preset("healthy_margin"), tmp_path)
        assert not integration.can_trade()
        integration.tick()
        assert integration.can_trade()
        frozen.tick(200)
        assert not integration.can_trade()
        status = integration.get_health_status()
        assert (status["health_score"], status["status"]) == (0.0, "unhealthy")
        assert status["issues"][0]["issue_id"] == "monitor_stale"


def test_fault_24_a_monitor_whose_thread_died_closes_the_gate_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(preset("healthy_margin")) as server:
        integration = OptimusSelfHealingIntegration(
            Optimus(), TradierBrokerAdapter(server.url), home=tmp_path, settings=QUICK
        )
        assert until(integration.can_trade)
        monkeypatch.setattr(type(integration.supervisor), "running", False)
        assert not integration.can_trade()
        assert integration.active_issues["monitor_failed"].description.endswith("the monitor's thread has ended")
        assert integration.can_trade(side="sell")
        monkeypatch.undo()
        integration.stop()


def test_fault_25_26_and_27_a_hang_and_a_drip_cost_one_deadline(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with serve(simulator) as server:
        integration = OptimusSelfHealingIntegration(
            Optimus(), TradierBrokerAdapter(server.url), home=tmp_path, settings=QUICK
        )
        assert until(integration.can_trade)
        simulator.inject("drip_body")
        assert until(lambda: not integration.can_trade(), 3.0)
        simulator.clear()
        integration.stop()


def test_fault_28_every_read_has_a_total_deadline(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with serve(simulator) as server:
        integration = OptimusSelfHealingIntegration(
            Optimus(), TradierBrokerAdapter(server.url), home=tmp_path, settings=QUICK
        )
        assert until(integration.can_trade)
        for endpoint in ("profile", "balances", "orders", "positions"):
            simulator.inject("hang", endpoint)
        supervisor = integration.supervisor
        assert supervisor is not None
        checks = integration.stats["total_checks"]
        began = monotonic()
        assert until(lambda: integration.stats["total_checks"] >= checks + 4, 20.0), "a read that hung held up the next"
        assert monotonic() - began < 20 * QUICK.deadline + 4
        assert until(lambda: integration.supervisor is not None and bool(integration.active_issues))
        integration.stop()


def test_fault_29_stop_is_prompt_and_there_is_never_a_second_monitor(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with serve(simulator) as server:
        integration = OptimusSelfHealingIntegration(Optimus(), TradierBrokerAdapter(server.url), home=tmp_path)
        assert until(integration.can_trade)
        simulator.inject("hang")
        for _ in range(3):
            integration.start()
        began = monotonic()
        integration.stop()
        assert monotonic() - began < 1.0
        assert not integration.running
        assert not integration.can_trade()
        integration.start()
        assert integration.running
        assert until(lambda: len(monitors()) == 1)
        assert integration.running
        integration.stop()
        assert until(lambda: monitors() == [])


def test_fault_30_the_adapters_token_is_what_is_tried(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    simulator.allow_only(TOKEN)
    with freeze_time(MONDAY) as frozen:
        adapter = TradierBrokerAdapter()
        _, integration = integrate(simulator, tmp_path, adapter=adapter)
        integration.tick()
        assert integration.can_trade()
        adapter.oauth.access_token = "another-token"
        run(frozen, integration, 75)
        assert "credentials_rejected" in integration.active_issues
        assert not integration.can_trade()


def test_fault_31_the_assigned_adapter_is_what_is_watched_and_used(tmp_path: Path) -> None:
    simulator = preset("several_accounts", account="VA90010077")
    with freeze_time(MONDAY) as frozen:
        agent, integration = integrate(simulator, tmp_path, adapter=TradierBrokerAdapter(account="VA90010077"))
        integration.tick()
        assert integration.can_trade()
        closed = next(number for number, account in simulator.accounts.items() if account.status == "closed")
        integration.tradier_adapter = TradierBrokerAdapter(account=closed)
        assert not integration.can_trade()
        run(frozen, integration, 30)
        assert "account_restricted" in integration.active_issues
        assert agent.execute_live(dict(BUY), force_execute=True)["status"] == "failed"
        integration.tradier_adapter.account_id = "VA90010077"
        assert agent.execute_live(dict(BUY), force_execute=True)["status"] != "executed"
        run(frozen, integration, 60)
        assert integration.can_trade()
        assert sent(simulator) == []


def test_fault_32_no_question_raises_or_is_half_answered_while_the_gate_changes(tmp_path: Path) -> None:
    _, integration = integrate(preset("healthy_margin"), tmp_path, persist=False)  # so that the gate changes often
    integration.tick()
    assert asked(integration, 20_000) == []  # `make bench` asks a million times
    integration.stop()


def test_fault_33_a_round_is_two_requests_on_kept_connections(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with serve(simulator) as server:
        integration = OptimusSelfHealingIntegration(
            Optimus(), TradierBrokerAdapter(server.url), home=tmp_path, settings=QUICK
        )
        assert until(lambda: integration.stats["total_checks"] >= 6)
        checks = integration.stats["total_checks"]
        integration.stop()
        probes = [request for request in simulator.requests if request.endpoint in ("profile", "balances")]
        assert 0 < len(probes) <= 2 * (checks + 1)
        assert server.accepted <= 6


def test_fault_34_the_status_of_an_error_is_told(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        simulator.inject("http_500_backend")
        run(frozen, integration, 120)
        assert "500" in integration.active_issues["connection_failed"].error_message


def test_fault_36_nothing_is_printed_and_no_account_number_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator = preset("account_foreign")
    with freeze_time(MONDAY) as frozen:
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        run(frozen, integration, 120)
        integration.diagnose_order_failure(dict(BUY), f"Unauthorized Account: {DEFAULT_ACCOUNT} {TOKEN}")
        told = json.dumps(integration.get_health_status(), default=str) + "".join(agent.lines)
    assert capsys.readouterr() == ("", "")
    assert DEFAULT_ACCOUNT not in told
    assert DEFAULT_ACCOUNT not in repr(integration.tradier_adapter)


def test_fault_37_importing_has_no_side_effect() -> None:
    code = (
        "import os, sys, threading; before = list(sys.path), dict(os.environ);"
        "import supervisor.optimus, supervisor.optimus.shim;"
        "assert (list(sys.path), dict(os.environ)) == before; assert threading.active_count() == 1;"
        "assert 'execution' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_fault_38_what_the_agent_keeps_is_bounded(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        agent, integration = integrate(simulator, tmp_path, settings=EXACT)
        agent.diagnostic_issues = list(range(500))
        integration.tick()
        integration.diagnose_order_failure({**BUY, "note": "x" * 100_000}, "InitialMargin")
        assert len(agent.diagnostic_issues) == 100
        (issue,) = integration.active_issues.values()
        assert len(json.dumps(issue.as_dict(), default=str)) < 4000
        assert simulator.account.cash == Decimal(100000)


def test_fault_39_a_preview_is_of_the_very_order_that_failed(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    call = {
        "option_symbol": "AAPL261218C00150000", "side": "buy_to_open", "quantity": 2, "type": "limit", "price": 1, "duration": "day",
    }  # fmt: skip
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        run(frozen, integration, 600)
        posted = [request for request in simulator.requests if request.method == "POST"]
        assert posted == []  # watching previews nothing
        integration.diagnose_order_failure(call, "something that was never heard before")
        forms = [dict(request.form) for request in simulator.requests if request.method == "POST"]
    assert [form["preview"] for form in forms] == ["true"]
    assert (forms[0]["option_symbol"], forms[0]["side"], forms[0]["quantity"]) == (
        "AAPL261218C00150000",
        "buy_to_open",
        "2",
    )
    assert simulator.bookings == []


def test_every_numbered_fault_has_a_test_named_after_it() -> None:
    named = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for numbers in re.findall(r"^def test_fault_((?:\d\d_|and_)+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            named |= {int(number) for number in re.findall(r"\d\d", numbers)}
    assert named == set(range(1, 40))
