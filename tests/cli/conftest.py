"""A world of its own for each test of the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.commanding import Commands


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Commands]:
    """Runs commands with a home, a token and an account of their own."""
    commands = Commands(monkeypatch, capsys, tmp_path / "home")
    yield commands
    commands.close()
