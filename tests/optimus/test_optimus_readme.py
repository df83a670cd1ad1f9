"""What the README says of embedding is so."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from freezegun import freeze_time
from supervisor import optimus
from supervisor.config import NAMES
from supervisor.simulator import SimulatorAdapter, preset

from optimus.optimus_doubles import BUY, MONDAY, Optimus, TradierBrokerAdapter

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def block(words: str) -> str:
    return str(next(text for text in BLOCKS if words in text))


def test_the_readmes_integration_runs(tmp_path: Path, monkeypatch: Any) -> None:
    simulator = preset("healthy_margin")
    made = optimus.OptimusSelfHealingIntegration

    def in_process(**given: Any) -> Any:
        integration = made(**given, home=tmp_path, transport=SimulatorAdapter(simulator))
        integration.tick()
        return integration

    monkeypatch.setattr(optimus, "OptimusSelfHealingIntegration", in_process)
    with freeze_time(MONDAY):
        names: dict[str, Any] = {"optimus": Optimus(), "adapter": TradierBrokerAdapter(), "order": dict(BUY)}
        exec(compile(block("optimus_agent="), "README.md", "exec"), names)
    assert len(simulator.bookings) == 1


def test_the_readmes_shim_runs() -> None:
    code = block("shim.install()") + "\nfrom execution.self_healing import OptimusSelfHealingIntegration\n"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_readmes_settings_are_there() -> None:
    for name in ("guard_adapter", "escalate_after", "escalate_again", "notify_command", "notify_limit"):
        assert name in README
        assert name in NAMES
