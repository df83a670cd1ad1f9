"""What is watched and used is what the agent's adapter leads to, also when that changes under way."""

import gc
from pathlib import Path
from typing import Any

import pytest
import requests
from freezegun import freeze_time
from supervisor.errors import SupervisorError
from supervisor.optimus import OptimusSelfHealingIntegration, OrderNotPlaced, sharing
from supervisor.simulator import DEFAULT_ACCOUNT, SimulatorAdapter, preset, serve

from optimus.optimus_doubles import BUY, EXACT, MONDAY, Optimus, TradierBrokerAdapter, integrate, run, sent
from optimus.test_optimus_life import make
from optimus.test_optimus_watching import monitors, until

FORM = {key: str(value) for key, value in BUY.items()} | {"class": "equity"}
OTHER = "VA90010077"


@pytest.mark.parametrize(
    "place",
    [
        lambda view: view.rest_client._request("POST", f"accounts/{OTHER}/orders", data=FORM),
        lambda view: view.rest_client._request("DELETE", f"accounts/{OTHER}/orders/123"),
        lambda view: view.rest_client._request("PUT", f"accounts/{OTHER}/orders/123", data={"price": "1"}),
        lambda view: view.submit_order({**BUY, "account_id": OTHER}),
        lambda view: view.submit_order(account_id=OTHER, **BUY),
        lambda view: view.cancel_order(order_id="123", account_id=OTHER),
        lambda view: view.rest_client.session.post(
            f"https://api.tradier.com/v1/accounts/{DEFAULT_ACCOUNT}/orders", data=FORM
        ),
    ],
    ids=["request", "cancel request", "change request", "in the order", "by name", "cancel", "another host"],
)
def test_what_is_meant_for_another_account_or_host_is_not_sent_to_the_one_watched(tmp_path: Path, place: Any) -> None:
    simulator = preset("healthy_margin")
    adapter = TradierBrokerAdapter()
    adapter.rest_client.session = requests.Session()  # type: ignore[attr-defined]  # as many clients have one
    with freeze_time(MONDAY):
        _, integration = integrate(simulator, tmp_path, adapter=adapter)
        integration.tick()
        with pytest.raises(OrderNotPlaced, match=r"another (account|host)"):
            place(integration.tradier_adapter)
        assert sent(simulator) == []


def each(
    network: SimulatorAdapter, home: Path, *accounts: str
) -> list[tuple[TradierBrokerAdapter, OptimusSelfHealingIntegration]]:
    """An integration for an adapter of each of these accounts, on one network, looked once."""
    found = []
    for account in accounts:
        adapter = TradierBrokerAdapter(account=account)
        integration = OptimusSelfHealingIntegration(Optimus(), adapter, home=home, settings=EXACT, transport=network)
        integration.tick()
        found.append((adapter, integration))
    return found


def account_watched(integration: OptimusSelfHealingIntegration) -> str | None:
    state = integration.current_state
    return None if state is None else state.account_id


def test_an_adapter_whose_account_changes_leaves_those_who_stay_and_joins_those_who_are_there(tmp_path: Path) -> None:
    simulator = preset("several_accounts", account=OTHER)
    network = SimulatorAdapter(simulator)
    closed = next(number for number, account in simulator.accounts.items() if account.status == "closed")
    with freeze_time(MONDAY) as frozen:
        (moving, mover), (_, stays), (_, there) = each(network, tmp_path, OTHER, OTHER, closed)
        assert mover.supervisor is stays.supervisor is not there.supervisor
        moving.account_id = closed
        with pytest.raises(SupervisorError, match="leads elsewhere"):
            mover.desk()
        assert not mover.can_trade()
        assert stays.desk()
        mover.tick()
        assert mover.supervisor is there.supervisor
        assert account_watched(stays) == "****0077"
        run(frozen, mover, 10)
        assert account_watched(mover) == f"****{closed[-4:]}"
        assert stays.can_trade()
        assert not mover.can_trade()
        late = each(network, tmp_path, OTHER)[0][1]
        assert late.supervisor is stays.supervisor
        assert len(sharing._shared.monitors) == 2


def test_a_round_notices_an_adapter_that_leads_elsewhere(tmp_path: Path) -> None:
    simulator = preset("several_accounts", account=OTHER)
    network = SimulatorAdapter(simulator)
    closed = next(number for number, account in simulator.accounts.items() if account.status == "closed")
    with freeze_time(MONDAY) as frozen:
        (first, one), (_, other) = each(network, tmp_path, OTHER, OTHER)
        first.account_id = closed
        run(frozen, other, 61)
        assert not one.can_trade()
        assert "leads elsewhere" in str(one.trouble)
        assert other.can_trade()
        one.tick()
        run(frozen, one, 10)
        assert "account_restricted" in one.active_issues


def test_a_repair_that_points_the_adapter_to_the_sandbox_moves_its_place_among_the_monitors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADIER_SANDBOX", "true")
    simulator = preset("healthy_margin")
    network = SimulatorAdapter(simulator)
    with freeze_time(MONDAY) as frozen:
        live = TradierBrokerAdapter("https://api.tradier.com/v1", sandbox=False)
        _, integration = integrate(simulator, tmp_path, adapter=live, transport=network)
        run(frozen, integration, 600)
        assert live.sandbox is True
        assert integration.can_trade(), integration.get_health_status()
        _, other = integrate(simulator, tmp_path, transport=network)
        assert other.supervisor is integration.supervisor


def test_whoever_stays_gives_the_token_from_then_on(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    network = SimulatorAdapter(simulator)
    with freeze_time(MONDAY) as frozen:
        (_, stays), (gone, goes) = each(network, tmp_path, DEFAULT_ACCOUNT, DEFAULT_ACCOUNT)
        goes.stop()
        simulator.allow_only("token-of-the-adapter")
        gone.oauth.access_token = "expired-with-its-agent"
        run(frozen, stays, 120)
        assert stays.can_trade(), stays.get_health_status()


def test_over_a_network_it_follows_by_itself(tmp_path: Path) -> None:
    simulator = preset("several_accounts", account=OTHER)
    closed = next(number for number, account in simulator.accounts.items() if account.status == "closed")
    with serve(simulator) as server:
        adapter = TradierBrokerAdapter(server.url, account=OTHER)
        integration = make(server.url, tmp_path, adapter=adapter)
        assert until(integration.can_trade)
        adapter.account_id = closed
        assert until(lambda: "account_restricted" in integration.active_issues)
        assert not integration.can_trade()
        assert until(lambda: len(monitors()) == 1)
        integration.stop()
        assert until(lambda: monitors() == [])


def test_a_restart_loop_that_stops_nothing_has_one_monitor_and_the_dead_hear_nothing(tmp_path: Path) -> None:
    lines: list[tuple[int, str]] = []

    class Numbered(Optimus):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

        def log_action(self, line: str) -> None:
            lines.append((self.number, line))

    with serve(preset("healthy_margin")) as server:
        for i in range(8):
            agent = Numbered(i)
            agent.self_healing_engine = make(server.url, tmp_path, agent=agent)
            assert until(agent.self_healing_engine.can_trade)
        assert len(monitors()) == 1
        gc.collect()
        lines.clear()
        server.simulator.inject("refuse")
        assert until(lambda: any("connection_failed" in line for _, line in lines))
        agent.self_healing_engine.stop()
    assert {number for number, _ in lines} == {7}
