"""The reference agent opens and closes on the simulator, and survives the story of faults."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from freezegun import freeze_time
from supervisor import Supervisor
from supervisor.cli.app import run as command
from supervisor.cli.demo import STORY
from supervisor.cli.output import line
from supervisor.examples import agent as example
from supervisor.examples.agent import Agent
from supervisor.simulator import DEFAULT_ACCOUNT, Position, SimulatorAdapter, become, preset

from optimus.optimus_doubles import EXACT, MONDAY, TOKEN


def trading(frozen: Any, supervisor: Supervisor, agent: Agent, seconds: float) -> None:
    """Lets that long pass: a step of the agent's every five seconds, and whatever is due."""
    for _ in range(int(seconds / 5)):
        frozen.tick(timedelta(seconds=5))
        supervisor.tick()
        agent.step()


def test_it_is_short() -> None:
    assert len(Path(example.__file__).read_text().splitlines()) <= 200


def test_it_trades_and_survives_the_story_of_faults(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = Supervisor.for_tradier(
            TOKEN, DEFAULT_ACCOUNT, settings=EXACT, home=tmp_path, adapter=SimulatorAdapter(simulator), orders=True
        )
        agent = Agent(supervisor)
        agent.step()
        assert "no buy" in agent.lines[-1]
        supervisor.tick()
        trading(frozen, supervisor, agent, 300)
        assert agent.opened >= 2
        assert agent.closed >= 2
        for fault in ("hang", "html", "token_invalid", "http_429", "lost_reset"):
            before = len(simulator.bookings)
            simulator.inject(fault, *(["order"] if fault == "lost_reset" else []))
            trading(frozen, supervisor, agent, 240)
            if fault != "lost_reset":  # those land, and are found again by their tags
                assert len(simulator.bookings) - before <= 1, fault
            simulator.clear()
            trading(frozen, supervisor, agent, 360)
        for bad in ("account_suspended", "no_buying_power", "account_closed"):
            held = simulator.account.positions
            become(simulator, bad)
            simulator.account.positions = held
            trading(frozen, supervisor, agent, 60)
            before = len([booking for booking in simulator.bookings if dict(booking.form)["side"] == "buy"])
            trading(frozen, supervisor, agent, 240)
            assert len([b for b in simulator.bookings if dict(b.form)["side"] == "buy"]) == before, bad
            become(simulator, "healthy_margin")
            simulator.account.positions = held
            trading(frozen, supervisor, agent, 360)
        assert any(line.startswith("told: detected") for line in agent.lines)
        opened = agent.opened
        trading(frozen, supervisor, agent, 480)
        assert agent.opened > opened
        assert 0 <= agent.opened - agent.closed <= 1
        assert agent.held == simulator.account.held("AAPL") == Decimal(agent.opened - agent.closed)
        tags = [dict(booking.form)["tag"] for booking in simulator.bookings]
        assert len(tags) == len(set(tags))
        supervisor.stop()


def test_the_demo_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["run", "--demo", "--with-agent", "--for", "4", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any("agent" in line for line in lines)


def test_a_line_is_written_whole_so_that_threads_do_not_mix_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    class Out(StringIO):
        written: ClassVar[list[str]] = []

        def write(self, text: str) -> int:
            self.written.extend([text] if text else [])
            return len(text)

    monkeypatch.setattr("sys.stdout", Out())
    line({"agent": "buys"})
    assert Out.written == ['{"agent": "buys"}\n']


def test_what_the_agent_holds_outlives_every_scene_of_the_demos_story() -> None:
    simulator = preset("healthy_margin")
    simulator.account.positions = bought = {
        "AAPL": Position(1, "AAPL", Decimal(1), Decimal(200), simulator.account.opened)
    }
    for scene in STORY:
        scene.act(simulator)
        assert simulator.account.positions == bought, scene.caption


def test_it_is_never_let_loose_on_a_real_account(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["run", "--with-agent"]) != 0
    assert "--demo only" in "".join(capsys.readouterr())
