"""Does what one process says bind the one that watches, at once, and is it all on record afterwards?"""

import json
import os
import pty
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
from supervisor.journal.home import Home
from supervisor.simulator import DEFAULT_ACCOUNT, Reply, Request, Simulator, become, preset

from cli.commanding import Commands

HURRIED = "interval = 1\nquick = 1\nbackoff_first = 1\nbackoff_cap = 1\ndeadline = 0.5\nstale = 5\n"


def lines(process: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    """What a watching process prints, line by line."""
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def until(said: Iterator[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    """The next line in which these are so."""
    return next(line for line in said if all(line.get(name) == value for name, value in wanted.items()))


def ended(process: "subprocess.Popen[str]", name: signal.Signals) -> tuple[int, float, str]:
    """The exit code after that signal, the seconds it took, and what was said on standard error."""
    began = monotonic()
    process.send_signal(name)
    _, err = process.communicate(timeout=10)
    return process.returncode, monotonic() - began, err


def test_a_day_of_an_operator_from_another_process(command: Commands) -> None:
    command.settings(HURRIED)
    server = command.broker(preset("healthy_margin"))
    process = command.start("run")
    said = lines(process)
    first = until(said)
    assert (first["status"], first["gate"]) == ("healthy", "open")

    held = command("hold", "reduce", "--why", "earnings", "--who", "ann", "--json")
    assert held.code == 0
    assert held.took < 1.0
    assert (held.json()["bound"], held.json()["pid"], held.json()["mode"]) == (True, process.pid, "reduce_only")
    assert until(said, gate="reduce_only")["active_issues"] == ["operator_hold"]
    looked = command("check", "--json")
    assert looked.code == 2
    assert [issue["code"] for issue in looked.json()["issues"]] == ["operator_hold"]

    known = command("ack", "operator_hold", "--why", "I know", "--who", "bob")
    assert (known.code, known.out) == (0, f"supervisor {process.pid} did it\n")
    unknown = command("ack", "connection_failed", "--why", "x")
    assert unknown.code == 2
    assert f"supervisor {process.pid}: no open issue is called 'connection_failed'" in unknown.out

    halted = command("hold", "halt", "--why", "worse", "--who", "ann")
    assert (halted.code, halted.out) == (0, f"supervisor {process.pid} did it\n")
    assert until(said, gate="halted")["status"] == "degraded"
    explained = command("explain")
    assert explained.code == 0
    assert "CLOSED  close equity" in explained.out
    assert "operator is halt" in explained.out

    freed = command("release", "--why", "over", "--who", "ann")
    assert freed.code == 0
    assert freed.took < 1.0
    until(said, gate="open")
    become(server.simulator, "account_suspended")
    assert until(said, event="detected")["says"].startswith("🔍 [Self-Healing] Issue detected: account_restricted - ")
    become(server.simulator, "healthy_margin")
    assert until(said, event="resolved")["says"] == "✅ [Self-Healing] Issue resolved: account_restricted"

    code, took, err = ended(process, signal.SIGTERM)
    assert (code, err) == (0, "")
    assert took < 2.0

    moves = [move for move in command("log", "--json").lines() if move["concern"] in {"operator", "account"}]
    assert [(move["before"], move["after"]) for move in moves] == [
        ("unknown", "active"),
        ("free", "reduce"),
        ("reduce", "halt"),
        ("halt", "free"),
        ("active", "restricted"),
        ("restricted", "recovering"),
    ]
    assert moves[1]["events"] == ["detected operator_hold"]
    assert "earnings" in command("log", "--concern", "operator", "--since", "1h").out
    assert len(command("log", "--concern", "operator", "-n", "1", "--json").lines()) == 1
    whole = command("log", "verify", "--json")
    assert (whole.code, whole.json()["ok"]) == (0, True)
    again = command("replay", "--json")
    assert (again.code, again.json()["identical"]) == (0, True), again.out


def test_without_a_watcher_a_hold_is_recorded_said_and_binds_the_next_look_and_the_next_run(command: Commands) -> None:
    command.settings(HURRIED)
    command.broker(preset("healthy_margin"))
    held = command("hold", "reduce", "--why", "away", "--who", "ann")
    assert held.code == 1
    assert "no supervisor is running for this account: recorded" in held.out
    assert command("check").code == 2
    run = command("run", "--for", "0.5")
    assert run.code == 0
    assert run.lines()[-1]["gate"] == "reduce_only"
    freed = command("release", "--why", "back", "--who", "ann", "--json")
    assert freed.code == 1
    assert (freed.json()["bound"], freed.json()["pid"]) == (False, None)
    assert command("check").code == 0
    assert command("run", "--for", "0.5").lines()[-1]["active_issues"] == []


def test_a_supervisor_that_hangs_is_named_and_the_command_is_kept(command: Commands) -> None:
    command.broker(preset("healthy_margin"))
    with command.watching():
        process = command.start("run", "--for", "0.1")
        process.communicate(timeout=10)
        assert process.returncode == 3  # there is one writer, and this is not it
        held = command("hold", "halt", "--why", "now", "--json")
    assert held.json()["pid"] == command.pid


def test_the_demo_says_so_first_and_prints_json_lines(command: Commands) -> None:
    command.env(TRADIER_API_KEY=None, TRADIER_ACCOUNT_ID=None)
    told = command.program("run", "--demo", "--for", "3")
    assert (told.code, told.err) == (0, "")
    first, *rest = told.lines()
    assert first["demo"] is True
    assert first["note"].startswith("DEMO")
    assert "no real account" in first["note"]
    assert any(line.get("gate") == "open" for line in rest)
    assert not any("monitor_stale" in line.get("active_issues", ()) for line in rest)
    assert command("log", "verify").code == 0, "a home that was named keeps the demo's record"


class Waiting(Simulator):
    """Tells when it was first asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = Event()

    def respond(self, request: Request, now: float) -> Reply:
        self.asked.set()
        return super().respond(request, now)


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("fault", ["hang", "drip_header"])
def test_a_polite_kill_ends_it_promptly_even_while_the_broker_hangs(
    command: Commands, name: signal.Signals, fault: str
) -> None:
    simulator = Waiting()
    simulator.inject(fault)
    command.broker(simulator)
    process = command.start("run")
    assert simulator.asked.wait(10)
    code, took, err = ended(process, name)
    assert (code, err) == (0, "")
    assert took < 2.0
    assert command("log", "verify").code == 0


def test_the_first_line_of_a_run_is_no_false_alarm(command: Commands) -> None:
    command.broker(preset("healthy_margin"))
    for _ in range(3):
        for line in command("run", "--for", "0.3").lines():
            assert (line["status"], line["active_issues"]) == ("healthy", [])


def test_several_accounts_and_none_named_end_a_run_at_once(command: Commands) -> None:
    command.broker(preset("several_accounts"))
    command.env(TRADIER_ACCOUNT_ID=None)
    told = command("run", "--for", "9")
    assert told.code == 3
    assert "****0077" in told.err
    assert "TRADIER_ACCOUNT_ID" in told.err
    assert told.took < 3.0


def test_follow_shows_a_move_as_it_comes(command: Commands) -> None:
    command.broker(preset("healthy_margin"))
    with command.watching() as supervisor:
        process = command.start("log", "--follow", "--json", "--concern", "operator")
        supervisor.hold("reduce", why="lunch", who="ann")
        shown = next(lines(process))
        assert (shown["after"], shown["events"]) == ("reduce", ["detected operator_hold"])
        code, took, err = ended(process, signal.SIGINT)
        assert (code, err) == (130, "")
        assert took < 2.0


def test_a_terminal_shows_one_live_screen(command: Commands) -> None:
    command.broker(preset("account_suspended"))
    command.env(COLUMNS="110", LINES="50", TERM="xterm")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [command.executable, "run", "--for", "1"], stdout=theirs, stderr=subprocess.PIPE, stdin=theirs
    )
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 65536):
            shown += block
    except OSError:  # the other side has closed
        pass
    finally:
        os.close(ours)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, b"")
    text = shown.decode()
    for words in ("UNHEALTHY", "open equity", "account_restricted", "connection", "which means"):
        assert words in text
    assert DEFAULT_ACCOUNT not in text


def test_a_record_that_was_edited_is_found(command: Commands) -> None:
    command.broker(preset("healthy_margin"))
    with command.watching():
        pass
    path = Home.of("loopback", DEFAULT_ACCOUNT, command.home).journal
    with sqlite3.connect(path) as database:
        database.execute("UPDATE entries SET body = replace(body, 'active', 'closed') WHERE kind = 'round'")
    database.close()
    told = command("log", "verify")
    assert told.code == 1
    assert "Entry 2 was edited" in told.out


def test_a_replay_goes_by_the_settings_on_record_and_others_can_be_tried(command: Commands, tmp_path: Path) -> None:
    command.broker(preset("level_low"))
    command.settings("option_level = 1")
    with command.watching(None):
        pass
    assert command("replay").code == 0
    command.settings("option_level = 4")
    assert command("replay").code == 0
    other = tmp_path / "other.toml"
    other.write_text("option_level = 4")
    told = command("replay", "--settings", str(other))
    assert told.code == 0
    assert "options_not_approved" in told.out
