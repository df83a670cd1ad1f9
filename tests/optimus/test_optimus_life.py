"""The integration starts by itself, harms nobody, and shares one monitor with whoever else is about the same account."""

import asyncio
import gc
import importlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic, thread_time
from typing import Any

import pytest
from freezegun import freeze_time
from supervisor.optimus import (
    OptimusSelfHealingIntegration,
    TradierOrderHandler,
    handler,
    sharing,
)
from supervisor.orders import OrderSettings
from supervisor.simulator import preset, serve

from optimus.optimus_doubles import (
    BUY,
    MONDAY,
    SELL,
    TOKEN,
    Optimus,
    TradierBrokerAdapter,
    integrate,
    run,
)  # fmt: skip
from optimus.test_optimus_watching import QUICK, monitors, until


def make(url: str, home: Path, **options: Any) -> OptimusSelfHealingIntegration:
    return OptimusSelfHealingIntegration(
        options.pop("agent", None) or Optimus(),
        options.pop("adapter", None) or TradierBrokerAdapter(url),
        home=home,
        settings=QUICK,
        **options,
    )


def test_the_constructor_waits_for_no_broker(tmp_path: Path) -> None:
    with serve(preset("hang")) as server:
        took: list[float] = []
        while len(took) < 20 and min(took, default=1.0) >= 0.05:  # the machine may be busy with others
            worked, began = thread_time(), monotonic()
            integration = make(server.url, tmp_path / str(len(took)))
            assert not integration.can_trade()
            assert integration.get_health_status()["status"] == "unhealthy"
            took.append(monotonic() - began)
            assert thread_time() - worked < 0.05
            integration.stop()
        assert min(took) < 0.05


def test_an_agents_callback_that_hangs_stops_nothing(tmp_path: Path) -> None:
    class Hanging(Optimus):
        def log_action(self, line: str) -> None:
            blocked.wait(10)

    blocked = threading.Event()
    with serve(preset("healthy_margin")) as server:
        agent = Hanging()
        integration = make(server.url, tmp_path, agent=agent)
        assert until(integration.can_trade)
        server.simulator.inject("refuse")
        assert until(lambda: [issue.code for issue in agent.diagnostic_issues] == ["connection_failed"])
        blocked.set()
        integration.stop()


def test_two_integrations_of_one_account_share_one_monitor(tmp_path: Path) -> None:
    with serve(preset("healthy_margin")) as server:
        first, second = make(server.url, tmp_path), make(server.url, tmp_path)
        assert until(lambda: first.can_trade() and second.can_trade())
        assert len(monitors()) == 1
        assert first.supervisor is second.supervisor
        first.stop()
        assert not first.can_trade()
        assert second.can_trade()
        second.stop()
        assert until(lambda: monitors() == [])


def test_an_agent_made_anew_leaves_no_second_monitor_behind(tmp_path: Path) -> None:
    with serve(preset("healthy_margin")) as server:
        for _ in range(3):
            agent = Optimus()
            gc.collect()
            agent.self_healing_engine = make(server.url, tmp_path, agent=agent)
            assert until(agent.self_healing_engine.can_trade)
        assert len(monitors()) == 1
        monitor = agent.self_healing_engine._monitor
        assert len({id(ear.owner()) for ear in monitor._ears}) == 1
        agent.self_healing_engine.stop()


def test_another_process_that_watches_the_account_is_named_and_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "RETRY", 0.05)
    code = (
        "import sys, time; from supervisor import Supervisor;"
        f"s = Supervisor.for_tradier({TOKEN!r}, 'VA90010001', base_url=sys.argv[1], home=sys.argv[2]); s.start();"
        "print('up', flush=True); sys.stdin.read(); s.stop()"
    )
    with serve(preset("healthy_margin")) as server:
        arguments = [sys.executable, "-c", code, server.url, str(tmp_path)]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "up\n"
            agent = Optimus()
            integration = make(server.url, tmp_path, agent=agent)
            assert integration
            assert until(lambda: "monitor_failed" in integration.active_issues)
            told = integration.get_health_status()
            assert (told["status"], told["health_score"]) == ("unhealthy", 0.0)
            assert str(other.pid) in told["issues"][0]["message"]
            assert not integration.can_trade()
            refused = TradierOrderHandler(integration.tradier_adapter).submit_order_safe(dict(SELL))
            assert refused["status"] == "error"
            assert str(other.pid) in refused["errors"][0]
            assert until(lambda: any("can't start" in line for line in agent.lines))
            assert other.stdin is not None
            other.stdin.close()
        assert until(integration.can_trade)
        integration.stop()


def test_an_adapter_that_gets_its_token_later_is_watched_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "RETRY", 0.05)
    with serve(preset("healthy_margin")) as server:
        adapter = TradierBrokerAdapter(server.url)
        adapter.oauth.access_token = None  # type: ignore[assignment]  # before the OAuth flow
        integration = make(server.url, tmp_path, adapter=adapter)
        assert not integration.running
        assert "no token" in str(integration.trouble)
        adapter.oauth.access_token = TOKEN
        assert until(integration.can_trade)
        assert len(monitors()) == 1
        integration.stop()
        assert until(lambda: monitors() == [])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_may_not_trade_on_its_parents_word(tmp_path: Path) -> None:
    code = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from optimus.test_optimus_life import make, BUY, SELL, TradierOrderHandler
integration = make(sys.argv[1], Path(sys.argv[3]))
while not integration.can_trade():
    time.sleep(0.01)
reading, writing = os.pipe()
if os.fork() == 0:
    said = [integration.can_trade(), integration.running, integration.can_trade(side="sell")]
    said += [TradierOrderHandler(integration.tradier_adapter).submit_order_safe(order)["status"] for order in (BUY, SELL)]
    again = make(sys.argv[1], Path(sys.argv[3]))
    while again.trouble is None:
        time.sleep(0.01)
    said.append(again.can_trade())
    os.write(writing, repr(said).encode())
    os._exit(0)
os.wait()
print(os.read(reading, 1000).decode(), integration.can_trade())
integration.stop()
"""
    with serve(preset("healthy_margin")) as server:
        arguments = [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            code,
            server.url,
            str(Path(__file__).parent.parent),
            str(tmp_path),
        ]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=False)
        assert done.stdout.strip() == "[False, False, True, 'error', 'error', False] True", done
        assert server.simulator.bookings == []


def test_loaded_anew_it_still_shares_the_monitor(tmp_path: Path) -> None:
    with serve(preset("healthy_margin")) as server:
        first = make(server.url, tmp_path)
        assert until(first.can_trade)
        kept = sharing._shared
        importlib.reload(sharing)
        assert sharing._shared is kept
        second = make(server.url, tmp_path)
        assert second.supervisor is first.supervisor
        first.stop()
        second.stop()


def test_it_never_blocks_an_event_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "FIRST_LOOK", 0.3)

    async def story(url: str) -> float:
        longest, last = 0.0, monotonic()

        async def beat() -> None:
            nonlocal longest, last
            while True:
                await asyncio.sleep(0.005)
                longest, last = max(longest, monotonic() - last), monotonic()

        heart = asyncio.create_task(beat())
        integration = make(url, tmp_path)
        assert await asyncio.to_thread(until, lambda: integration.supervisor is not None)
        assert integration.supervisor is not None
        integration.supervisor.orders.settings = OrderSettings(wait=0.3)
        order = asyncio.to_thread(TradierOrderHandler(integration.tradier_adapter).submit_order_safe, dict(BUY))
        told = await order
        assert told["status"] == "error"
        for _ in range(200):
            integration.can_trade()
            integration.get_health_status()
        integration.stop()
        heart.cancel()
        return longest

    with serve(preset("hang")) as server:
        assert asyncio.run(story(server.url)) < 0.25


def test_a_callback_that_failed_and_works_again_or_is_gone_is_no_issue_any_more(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        agent, integration = integrate(simulator, tmp_path, agent=Optimus(raises=True))
        integration.tick()
        run(frozen, integration, 1)
        assert "callback_failing" in integration.active_issues
        integration.stop()
        agent, integration = integrate(simulator, tmp_path)
        integration.tick()
        assert integration.supervisor is not None
        integration.supervisor.look()
        simulator.inject("refuse")
        run(frozen, integration, 120)
        assert set(integration.active_issues) == {"connection_failed"}
        agent.raises = True
        simulator.clear()
        run(frozen, integration, 240)
        assert {issue.code for issue in integration.active_issues.values()} == {"callback_failing"}
        assert integration._monitor is not None
        integration._monitor.deafen(integration)
        run(frozen, integration, 60)
        assert integration.active_issues == {}
