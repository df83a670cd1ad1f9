"""Is it on record what ruled, who was told what, and whether it arrived? As a supervisor in life puts it there."""

import json
import socket
from pathlib import Path
from threading import Event as Flag
from threading import enumerate as threads_alive
from typing import Any

import attrs
import pytest
from freezegun import freeze_time
from supervisor import Settings, Supervisor
from supervisor.errors import ConfigError
from supervisor.journal.chain import Entry, Head
from supervisor.journal.query import Where, entries
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify
from supervisor.journal.witness import heads_in
from supervisor.monitor.past import rules_at
from supervisor.monitor.past_replay import compare
from supervisor.monitor.recorder import about
from supervisor.monitor.witnessing import address_of
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator, SimulatorAdapter, preset

from audit.audit_world import memory, raises, start
from monitor.test_monitor_days import MONDAY, run
from monitor.watching import EXACT, Watched

OTHER = attrs.evolve(
    EXACT, fall=2, dwell=30.0, stale=90.0, option_level=4, low_buying_power=Settings().low_buying_power + 7,
    remedies=(("journal", "dry_run"),), notify_command="true --key hush-hush",
)  # fmt: skip


def journal_of(root: Path) -> Journal:
    return Journal.open(memory(root).home.journal, read_only=True)


def told(root: Path) -> list[tuple[int, str, str, str | None]]:
    with journal_of(root) as journal:
        return [tuple(item) for entry in entries(journal, Where(kind="told")) for item in entry.body["deliveries"]]


def moves(root: Path) -> dict[int, Entry]:
    with journal_of(root) as journal:
        return {entry.number: entry for entry in entries(journal, Where(kind="move"))}


def test_every_start_says_what_rules_and_a_replay_and_the_past_go_by_it(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = start(simulator, tmp_path, OTHER)
        run(frozen, supervisor, 300)
        simulator.inject("hang", seconds=900)
        run(frozen, supervisor, 3600)
        supervisor.stop()
    with journal_of(tmp_path) as journal:
        ruled = rules_at(journal, Settings()).settings
        assert ruled == attrs.evolve(OTHER, notify_command="")
        found = compare(journal, Settings())
        assert found.identical, found.difference
        assert found.moves > 10
        assert "hush-hush" not in "".join(json.dumps(dict(entry.body)) for entry in entries(journal))
        (first,) = entries(journal, Where(kind="start"))
    assert first.body["version"] == about(EXACT)["version"]


def test_what_was_told_to_whom_is_on_record_with_the_move_it_was_about(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    heard: list[str] = []
    with freeze_time(MONDAY) as frozen:
        supervisor = start(
            simulator, tmp_path, EXACT,
            on_issue_detected=lambda issue: heard.append(issue.code), on_verdict_changed=lambda health: None,
        )  # fmt: skip
        supervisor.subscribe(raises, name="pager")
        run(frozen, supervisor, 300)
        simulator.inject("refuse", seconds=400)
        run(frozen, supervisor, 1800)
        supervisor.stop()
    every, by_number = told(tmp_path), moves(tmp_path)
    assert heard == ["connection_failed", "callback_failing"]
    for number, what, to, problem in every:
        if what == "verdict":
            assert (to, problem) == ("on_verdict_changed", None)
            continue
        assert what in [event["kind"] for event in by_number[number].body["events"]]
        assert to in {"on_issue_detected", "pager"}
        assert problem == ("raised RuntimeError: no route to the pager" if to == "pager" else None)
    events = sum(len(move.body["events"]) for move in by_number.values())
    assert sum(to == "pager" for _, _, to, _ in every) == events > 2
    assert sum(to == "on_verdict_changed" for _, _, to, _ in every) >= 3
    with journal_of(tmp_path) as journal:
        assert verify(journal).ok
        assert compare(journal, EXACT).identical


def test_what_hangs_when_it_stops_is_said_not_to_have_arrived(tmp_path: Path) -> None:
    entered, go = Flag(), Flag()

    def hangs(event: Any) -> None:
        entered.set()
        go.wait(20)

    supervisor = Supervisor(Watched(preset("account_suspended")), settings=EXACT, memory=memory(tmp_path))
    supervisor.subscribe(hangs, name="pager")
    supervisor.subscribe(lambda event: None, name="agent")
    supervisor.start()
    assert entered.wait(20)
    supervisor.stop()
    go.set()
    by_whom = {to: problem for _, _, to, problem in told(tmp_path)}
    assert by_whom == {"pager": "had not arrived when the supervisor stopped", "agent": None}


# ---------------------------------------------------------------- witnesses


def watched(simulator: Simulator, home: Path, **options: Any) -> Supervisor:
    return Supervisor.for_tradier(
        "first-token", DEFAULT_ACCOUNT, sandbox=True, adapter=SimulatorAdapter(simulator), home=home, **options
    )


def test_a_witness_and_a_syslog_elsewhere_hear_of_the_heads_and_find_a_rewritten_record(tmp_path: Path) -> None:
    seen: list[Head] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as syslog:
        syslog.bind(("127.0.0.1", 0))
        syslog.settimeout(10)
        settings = attrs.evolve(EXACT, witness_syslog=f"127.0.0.1:{syslog.getsockname()[1]}")
        supervisor = watched(preset("healthy_margin"), tmp_path, settings=settings, witness=seen.append)
        supervisor.tick()
        supervisor.stop()
        lines = [syslog.recv(4000).decode()]
        syslog.setblocking(False)
        while True:
            try:
                lines.append(syslog.recv(4000).decode())
            except BlockingIOError:
                break
    heads = heads_in(lines, f"sandbox-{DEFAULT_ACCOUNT[-4:]}")
    assert heads == seen
    (path,) = tmp_path.glob("*/journal.db")
    with Journal.open(path, read_only=True) as journal:
        assert heads[-1] == journal.head
        assert verify(journal, heads).ok
        assert not verify(journal, [*heads, Head(heads[-1].number, "0" * 64)]).ok


@pytest.mark.parametrize("said", ["nowhere", "host:", "host:0", "host:99999", ":514"])
def test_a_syslog_that_can_not_be_one_is_named(tmp_path: Path, said: str) -> None:
    assert address_of("/dev/log") == "/dev/log"
    with pytest.raises(ConfigError, match="give a path like /dev/log, or host:port"):
        watched(preset("healthy_margin"), tmp_path, settings=attrs.evolve(EXACT, witness_syslog=said))


def test_a_syslog_that_does_not_hear_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = attrs.evolve(EXACT, witness_syslog=str(tmp_path / "no-such-socket"))
    supervisor = watched(preset("healthy_margin"), tmp_path, settings=settings)
    with caplog.at_level("ERROR", "supervisor"):
        supervisor.tick()
        assert supervisor.can_trade()
        supervisor.stop()  # it waits for the witness, but on a busy machine not until it has spoken
        for thread in threads_alive():
            if thread.name == "supervisor-witness":
                thread.join(10)
    assert "does not hear" in caplog.text
