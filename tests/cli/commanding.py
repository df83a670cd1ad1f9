"""What does a test of the command line need? A home of its own, a token, and a broker on loopback HTTP."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import attrs
import pytest
from supervisor import Settings, Supervisor
from supervisor.cli.app import run
from supervisor.simulator import DEFAULT_ACCOUNT, Server, Simulator, serve

TOKEN = "tok-Zq81secretsecret"
VARIABLES = (
    "TRADIER_API_KEY", "TRADIER_ACCOUNT_ID", "TRADIER_SANDBOX", "TRADIER_BASE_URL", "SUPERVISOR_HOME", "SUPERVISOR_CONFIG",
)  # fmt: skip


QUICK = Settings(interval=0.3, quick=0.2, deadline=0.5, stale=5.0, backoff_first=0.3, backoff_cap=0.3)
"""A supervisor in a hurry: what takes minutes in life takes a second."""


@attrs.frozen
class Said:
    """What one command said: its exit code, both streams, and the seconds it took."""

    code: int
    out: str
    err: str
    took: float

    def json(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Commands:
    """Runs commands in a world of their own: in this process, or in one of their own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.home = home
        self._servers: list[Server] = []
        self._handlers = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
        self.pid = os.getpid()
        self.executable = str(Path(sys.executable).parent / "supervisor")
        self._processes: list[subprocess.Popen[str]] = []
        monkeypatch.chdir(home.parent)
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        self.env(TRADIER_API_KEY=TOKEN, TRADIER_ACCOUNT_ID=DEFAULT_ACCOUNT, SUPERVISOR_HOME=str(home))

    def env(self, **values: str | None) -> None:
        """Sets variables; None unsets."""
        for name, value in values.items():
            if value is None:
                self._monkeypatch.delenv(name, raising=False)
            else:
                self._monkeypatch.setenv(name, value)

    def settings(self, text: str) -> None:
        """Writes supervisor.toml."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "supervisor.toml").write_text(text, encoding="utf-8")

    def broker(self, simulator: Simulator) -> Server:
        """The simulator on loopback, and TRADIER_BASE_URL pointing there."""
        server = serve(simulator)
        self._servers.append(server)
        self.env(TRADIER_BASE_URL=server.url)
        return server

    def __call__(self, *arguments: str) -> Said:
        """Runs a command in this process."""
        self._capsys.readouterr()
        began = monotonic()
        code = run(arguments)
        took = monotonic() - began
        out, err = self._capsys.readouterr()
        assert TOKEN not in out + err
        return Said(code, out, err, took)

    @contextmanager
    def watching(self, settings: Settings | None = QUICK) -> Iterator[Supervisor]:
        """A supervisor of the same account, run by this process, that has looked at least once."""
        supervisor = Supervisor.for_tradier(settings=settings)
        supervisor.tick()
        with supervisor:
            yield supervisor

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Starts the program `supervisor` as its users do; it is ended after the test."""
        process = subprocess.Popen(
            [self.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "error"},
        )
        self._processes.append(process)
        return process

    def program(self, *arguments: str) -> Said:
        """Runs the program to its end."""
        began = monotonic()
        process = self.start(*arguments)
        out, err = process.communicate(timeout=30)
        assert TOKEN not in out + err
        return Said(process.returncode, out, err, monotonic() - began)

    def close(self) -> None:
        """Ends what was started."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
        for server in self._servers:
            server.close()
        for name, handler in self._handlers.items():
            signal.signal(name, handler)
