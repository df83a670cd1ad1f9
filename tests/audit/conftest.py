"""A lively day on record, lived once for all tests that only read it."""

import shutil
from pathlib import Path

import pytest
from supervisor.journal.home import Home
from supervisor.simulator import DEFAULT_ACCOUNT

from audit.audit_world import Lived, live
from cli.commanding import Commands


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Fourteen hours of faults, holds, repairs and restarts. Read only."""
    root: Path = tmp_path_factory.mktemp("lived")
    return live(root)


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, lived: Lived
) -> Commands:
    """Commands about a copy of the lively day."""
    commands = Commands(monkeypatch, capsys, tmp_path / "home")
    commands.env(TRADIER_SANDBOX="true")
    folder = Home.of("sandbox", DEFAULT_ACCOUNT, commands.home).folder
    left_by_readers = shutil.ignore_patterns("*-wal", "*-shm")  # a test's own reader may have the original open
    shutil.copytree(lived.home.folder, folder, ignore=left_by_readers)
    return commands
