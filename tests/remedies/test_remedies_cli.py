"""The ledger as a command, and a person's word from another process."""

import json
import threading
import time
from pathlib import Path

import pytest
from supervisor.cli import heal
from supervisor.config import Settings
from supervisor.errors import JournalError, SupervisorError
from supervisor.monitor.memory import Memory
from supervisor.simulator import DEFAULT_ACCOUNT

from remedies.test_remedies_healer import Cure, in_real_time


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
        assert heal.fixes(home=home) == 0
        assert "waits for `supervisor approve repair-" in capsys.readouterr().out
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
