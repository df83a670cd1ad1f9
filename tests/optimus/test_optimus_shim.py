"""The agent may keep its old imports."""

import subprocess
import sys
from pathlib import Path

import pytest
from supervisor.optimus.shim import FILES

OLD_IMPORTS = """
import execution.self_healing
import execution.self_healing as whole
from execution.self_healing import (
    AccountState, AutoFixResult, DiagnosticIssue, IssueSeverity, OptimusSelfHealingIntegration, TradierSelfHealingEngine,
)
from execution.self_healing.optimus_integration import OptimusSelfHealingIntegration as Again
from execution.self_healing.tradier_self_healing_engine import DiagnosticIssue as Issue, TradierSelfHealingEngine as Engine
from execution.order_handlers.tradier_order_handler import TradierOrderHandler
import supervisor.optimus as ours

assert Again is OptimusSelfHealingIntegration is ours.OptimusSelfHealingIntegration
assert Engine is TradierSelfHealingEngine is ours.TradierSelfHealingEngine
assert Issue is DiagnosticIssue
assert TradierOrderHandler is ours.TradierOrderHandler
assert execution.self_healing.AccountState is whole.AccountState is AccountState
assert IssueSeverity.CRITICAL > IssueSeverity.ERROR
assert IssueSeverity.CRITICAL.value == "critical"
assert AutoFixResult.NOT_APPLICABLE == "not_applicable"
"""
INSTALL = "from supervisor.optimus import shim\nshim.install()\nshim.install()\n"


def ran(code: str, folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_old_names_are_aliased_where_the_agent_has_no_such_package(tmp_path: Path) -> None:
    ran(INSTALL + OLD_IMPORTS, tmp_path)


@pytest.mark.parametrize("with_init", [True, False])
def test_the_old_names_are_aliased_within_the_agents_own_package(tmp_path: Path, with_init: bool) -> None:
    for name in ("execution", "execution/order_handlers", "execution/self_healing"):
        (tmp_path / name).mkdir()
        if with_init:
            (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / "execution" / "other.py").write_text("mine = 1\n")
    (tmp_path / "execution" / "self_healing" / "optimus_integration.py").write_text("raise SystemExit('the old one')\n")
    ran(INSTALL + OLD_IMPORTS + "\nfrom execution.other import mine\nassert mine == 1\n", tmp_path)


def test_the_agents_folder_may_come_onto_the_path_later(tmp_path: Path) -> None:
    folder = tmp_path / "agent" / "execution"
    for name in ("broker_adapters", "order_handlers", "self_healing"):
        (folder / name).mkdir(parents=True)
    (folder / "broker_adapters" / "tradier_adapter.py").write_text("class TradierBrokerAdapter: pass\n")
    (folder / "order_handlers" / "direct.py").write_text("from execution.order_handlers import tradier_order_handler\n")
    (folder / "order_handlers" / "__init__.py").write_text("from .tradier_order_handler import TradierOrderHandler\n")
    (folder / "order_handlers" / "tradier_order_handler.py").write_text("raise SystemExit('the old one')\n")
    late = "import sys\nsys.path.insert(0, 'agent')\nfrom execution.broker_adapters.tradier_adapter import TradierBrokerAdapter\n"
    used = "from execution.order_handlers.direct import tradier_order_handler as got\nassert got.TradierOrderHandler is TradierOrderHandler\n"
    ran(INSTALL + late + OLD_IMPORTS + used, tmp_path)
    ran(late + INSTALL + OLD_IMPORTS + used, tmp_path)


def test_the_old_names_can_be_loaded_anew(tmp_path: Path) -> None:
    again = "import importlib, execution.self_healing as whole\nassert importlib.reload(whole) is whole\n"
    ran(INSTALL + again + OLD_IMPORTS, tmp_path)


def test_one_line_files_do_as_well(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ran(OLD_IMPORTS, tmp_path)
