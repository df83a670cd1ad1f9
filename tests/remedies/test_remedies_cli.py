"""The ledger as a command, and a person's word from another process."""

import json
import threading
import time
from pathlib import Path

import pytest
from supervisor.cli import app, heal
from supervisor.config import Settings
from supervisor.errors import JournalError, SupervisorError
from supervisor.monitor.memory import Memory
from supervisor.monitor.supervisor import Supervisor
from supervisor.remedies import all_remedies
from supervisor.simulator import DEFAULT_ACCOUNT, preset, serve

from remedies.test_remedies_healer import Cure, in_real_time
from remedies.ward import ward


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TRADIER_ACCOUNT_ID", DEFAULT_ACCOUNT)
    monkeypatch.setenv("TRADIER_SANDBOX", "true")
    monkeypatch.delenv("TRADIER_BASE_URL", raising=False)
    return str(tmp_path)


def test_what_waits_is_listed_and_approved_by_another_process(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    memory = Memory(Path(home), account=DEFAULT_ACCOUNT, environment="sandbox")
    cure = Cure()
    supervisor = in_real_time(
        cure, 10, lambda s: [f for f in s.fixes() if f["state"] == "waiting"] != [], memory=memory, policy="ask"
    )
    try:
        until = time.monotonic() + 10
        told = ""
        while "waits for `supervisor approve repair-" not in told and time.monotonic() < until:
            assert heal.fixes(home=home) == 0  # it is known in memory a moment before it is on record
            told = capsys.readouterr().out
        assert "waits for `supervisor approve repair-" in told
        assert heal.approve("cure", why="go", who="ann", home=home, as_json=True) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["bound"]
        until = time.monotonic() + 5
        while "apply" not in cure.did and time.monotonic() < until:
            threading.Event().wait(0.02)
        assert heal.approve("nothing", why="go", who="ann", home=home) == 2
        assert "there is no such repair" in capsys.readouterr().out
    finally:
        supervisor.stop()
    heal.fixes(home=home, as_json=True)
    (fix,) = json.loads(capsys.readouterr().out)["fixes"]
    assert (fix["remedy"], fix["approved"]) == ("cure", "ann: go")
    with pytest.raises(SupervisorError, match="no supervisor is running"):
        heal.approve("cure", why="go", who="ann", home=home)


def test_without_a_journal_there_is_no_ledger(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(JournalError, match="nothing has watched"):
        heal.fixes(home=home)
    memory = Memory(Path(home), account=DEFAULT_ACCOUNT, environment="sandbox")
    in_real_time(Cure(), 10, lambda s: s.book.stats.total_checks > 0, memory=memory, policy="off").stop()
    assert heal.fixes(home=home) == 0
    assert "nothing was repaired within 1 day" in capsys.readouterr().out
    assert Settings().remedies == ()


@pytest.mark.parametrize(("command", "says"), [("fixes", "--days"), ("approve", "ID"), ("run", "--dry-run")])
def test_each_command_says_how_it_is_used(command: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run([command, "--help"]) == 0
    told = capsys.readouterr().out
    assert says in told
    assert "--json" in told


def test_what_cannot_be_done_is_one_sentence_and_json_where_asked(
    home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["fixes", "--home", home, "--json"]) == 3
    assert "nothing has watched" in json.loads(capsys.readouterr().out)["error"]
    assert app.run(["approve", "x", "--why", "go", "--home", home, "--json"]) == 3
    assert "no supervisor is running" in json.loads(capsys.readouterr().out)["error"]


def test_a_dry_run_plans_and_tells_and_applies_nothing(
    home: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole program against a broker on loopback that is over its quota."""
    simulator = preset("healthy_margin")
    simulator.inject("http_429")
    monkeypatch.setenv("TRADIER_API_KEY", "dry-run-token-1")
    with serve(simulator) as server:
        monkeypatch.setenv("TRADIER_BASE_URL", server.url)
        assert app.run(["run", "--dry-run", "--json", "--for", "2", "--home", home]) == 0
    assert "rate_limited" in capsys.readouterr().out
    assert app.run(["fixes", "--json", "--home", home]) == 0
    (fix,) = json.loads(capsys.readouterr().out)["fixes"]
    assert (fix["remedy"], fix["state"], fix["began"], fix["result"]) == ("quota", "rehearsed", None, None)
    assert fix["says"].startswith("dry run; it would: ask less often")
    assert app.run(["fixes", "--home", home]) == 0
    assert "rehearsed" in capsys.readouterr().out


def test_the_demo_takes_a_dry_run_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[bool] = []

    def watched(supervisor: Supervisor, *_: object, **__: object) -> int:
        seen.append(supervisor.settings.dry_run)
        return 0

    monkeypatch.setattr("supervisor.cli.watch._watch", watched)
    assert app.run(["run", "--demo", "--dry-run", "--json"]) == 0
    assert app.run(["run", "--demo", "--json"]) == 0
    assert seen == [True, False]
    assert "DEMO" in capsys.readouterr().out


MODULE = """
from supervisor.remedies.form import Applied, Manner, Plan

class Mine:
    name = "mine"
    codes = frozenset({"disk_full"})
    manner = Manner()
    def plan(self, scene): return Plan("make room")
    def apply(self, plan, scene): return Applied("made room")
    def proves(self, plan, scene): return False
    def undo(self, plan, scene): return None
"""


def test_an_installed_package_brings_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real entry point of a real distribution, as pip leaves it."""
    (tmp_path / "mine_remedy.py").write_text(MODULE)
    info = tmp_path / "mine_remedy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine-remedy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[optimus_supervisor.remedies]\nmine = mine_remedy:Mine\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [remedy.name for remedy in all_remedies()][-1] == "mine"
    with ward() as w:
        assert "mine" in w.supervisor.healing.healer.remedies
