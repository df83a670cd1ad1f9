"""What is watched and used comes from the agent's adapter; what it lacks, from the environment."""

from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from supervisor.journal.query import entries
from supervisor.journal.store import Journal
from supervisor.monitor.past_replay import compare
from supervisor.optimus import (
    OptimusSelfHealingIntegration,
    TradierOrderHandler,
    TradierSelfHealingEngine,
)
from supervisor.simulator import SimulatorAdapter, preset

from optimus.optimus_doubles import (
    BUY,
    EXACT,
    MONDAY,
    SELL,
    TOKEN,
    Optimus,
    RaisingAdapter,
    RestClient,
    TradierBrokerAdapter,
    integrate,
    run,
)  # fmt: skip


class Bare:
    """Only what is needed, and no class attributes."""

    __slots__ = ("account_id", "oauth", "rest_client", "sandbox")

    def __init__(self, url: str) -> None:
        class Token:
            access_token = TOKEN

        self.account_id, self.sandbox, self.oauth, self.rest_client = "VA90010001", True, Token(), RestClient(url)


def test_a_plain_object_with_only_the_needed_attributes_will_do(tmp_path: Path) -> None:
    with freeze_time(MONDAY):
        _, integration = integrate(preset("healthy_margin"), tmp_path, adapter=Bare("https://sandbox.tradier.com"))
        integration.tick()
        assert integration.can_trade()


def test_what_an_adapter_lacks_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADIER_API_KEY", TOKEN)
    monkeypatch.setenv("TRADIER_ACCOUNT_ID", "VA90010001")
    with freeze_time(MONDAY):
        for i, adapter in enumerate((object(), RaisingAdapter(), None)):
            integration = OptimusSelfHealingIntegration(
                Optimus(), adapter, home=tmp_path / str(i), transport=SimulatorAdapter(preset("healthy_margin"))
            )
            integration.tick()
            assert integration.can_trade(), integration.get_health_status()
            assert integration.tradier_adapter is None or adapter is not None


@pytest.mark.parametrize("adapter", [object(), RaisingAdapter(), None])
def test_without_any_token_it_says_so_and_nothing_opens(tmp_path: Path, adapter: Any) -> None:
    agent = Optimus()
    with freeze_time(MONDAY):
        integration = OptimusSelfHealingIntegration(agent, adapter, home=tmp_path)
        told = integration.get_health_status()
        assert integration
        assert not integration.running
        assert (told["status"], told["health_score"], told["active_issues"]) == ("unhealthy", 0.0, 1)
        assert "TRADIER_API_KEY" in told["issues"][0]["message"]
        assert not integration.can_trade()
        assert not integration.can_trade(BUY)
        assert integration.can_trade(SELL)
        assert integration.diagnose_order_failure(BUY, "InitialMargin").code == "order_failure_funds"
        assert integration.issue_history == []
        integration.tick()
        integration.stop()


def test_a_settings_file_that_cannot_be_right_closes_opening_and_leaves_closing(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    (tmp_path / "supervisor.toml").write_text("intervall = 3\n")
    with freeze_time(MONDAY):
        _, integration = integrate(simulator, tmp_path, settings=None)
        integration.tick()
        assert not integration.can_trade()
        assert "intervall" in integration.get_health_status()["issues"][0]["message"]
        handler = TradierOrderHandler(integration.tradier_adapter)
        assert "intervall" in handler.submit_order_safe(dict(BUY))["errors"][0]
        assert integration.can_trade(SELL)


def test_check_interval_and_auto_fix_are_the_old_engines(tmp_path: Path) -> None:
    with freeze_time(MONDAY) as frozen:
        engine = TradierSelfHealingEngine(
            TradierBrokerAdapter(),
            10,
            False,
            home=tmp_path,
            settings=EXACT,
            transport=SimulatorAdapter(preset("healthy_margin")),
        )
        assert not engine.running
        assert not engine.can_trade()
        engine.start()
        engine.tick()
        assert engine.running
        assert engine.supervisor is not None
        assert engine.supervisor.settings.enable_auto_fix is False
        run(frozen, engine, 31)
        assert engine.stats["total_checks"] == 4
        engine.stop()
        assert not engine.running


def test_an_assigned_adapter_makes_what_was_read_unknown_and_keeps_holds_and_open_issues(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        simulator.account.status = "suspended"
        assert integration.supervisor is not None
        integration.supervisor.look()
        integration.supervisor.hold("reduce", why="a test", who="test")
        before = set(integration.active_issues)
        integration.tradier_adapter = TradierBrokerAdapter()
        states = {name: view.state for name, view in integration.supervisor.health().concerns.items()}
        assert states.pop("operator") == "reduce"
        assert states.pop("journal") == "resumed"
        assert states.pop("clock") == "undated"
        assert set(states.values()) == {"unknown"}
        assert set(integration.active_issues) == before == {"account_restricted", "operator_hold"}
        simulator.account.status = "active"
        integration.supervisor.release(why="a test", who="test")
        run(frozen, integration, 300)
        assert integration.can_trade(), integration.get_health_status()
        integration.stop()
    (path,) = tmp_path.glob("*/journal.db")
    with Journal.open(path, read_only=True) as journal:
        assert any(entry.kind == "pointed" for entry in entries(journal))
        compared = compare(journal, EXACT, processes=1)
        assert compared.identical, compared
