"""Would today's code decide the same, and is every way in which it would not found?"""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import attrs
import pytest
from freezegun import freeze_time
from supervisor.errors import JournalBroken
from supervisor.journal.chain import EntryKind, canonical
from supervisor.journal.query import Where, entries
from supervisor.journal.store import Journal
from supervisor.monitor import past_replay
from supervisor.monitor.past_replay import compare
from supervisor.monitor.recall import known, register_input
from supervisor.monitor.recorder import Recorder
from supervisor.simulator import preset

from audit.audit_world import Lived, live, memory, start
from monitor.test_monitor_days import MONDAY, run
from monitor.watching import EXACT


def test_a_lively_day_replays_to_the_same_moves_events_and_verdicts(lived: Lived) -> None:
    with lived.journal() as journal:
        found = compare(journal, attrs.evolve(EXACT, fall=9))  # what is on record rules, not what is asked
        moves = list(entries(journal, Where(kind=EntryKind.MOVE)))
        inputs = {e.kind for e in entries(journal)} - {"move", "stop", "told"}
    assert found.identical, found.difference
    assert found.moves == len(moves) > 200
    assert found.events == sum(len(move.body["events"]) for move in moves) > 40
    assert found.verdicts > 100
    assert {"round", "command", "notice", "signal", "ack", "start"} <= inputs


def test_a_part_replays_from_the_snapshot_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supervisor.monitor.recorder.SNAPSHOT_EVERY", 40)
    found = live(tmp_path, hours=4)
    with found.journal() as journal:
        whole = compare(journal, EXACT)
        part = compare(journal, EXACT, since=found.seen[8][0], until=found.seen[10][0])
        assert whole.identical, whole.difference
        assert part.identical, part.difference
        assert whole.snapshots > 5
        assert 0 < part.inputs < whole.inputs / 2


def test_a_long_record_is_shared_out_and_comes_out_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supervisor.monitor.recorder.SNAPSHOT_EVERY", 40)
    found = live(tmp_path, hours=4)
    with found.journal() as journal:
        alone = compare(journal, EXACT, processes=1)
        monkeypatch.setattr(past_replay, "WORTH_SPLITTING", 1)
        assert compare(journal, EXACT, processes=2) == alone


def forged(lived: Lived, folder: Path, change: Any) -> Journal:
    """A copy of the record in which one entry says something else; the hash chain is not what is tested here."""
    path = folder / "journal.db"
    shutil.copy(lived.home.journal, path)
    database = sqlite3.connect(path, isolation_level=None)
    number, kind, text = change(database)
    database.execute("UPDATE entries SET body = ?, kind = ? WHERE number = ?", (text, kind, number))
    database.close()
    return Journal.open(path, read_only=True)


def forge(field: str, value: Any) -> Any:
    def change(database: sqlite3.Connection) -> tuple[int, str, str]:
        number, text = database.execute(
            "SELECT number, body FROM entries WHERE kind = 'move' AND json_extract(body, '$.issue') IS NOT NULL"
            " AND json_extract(body, '$.verdict') IS NOT NULL AND json_array_length(body, '$.events') > 0 LIMIT 1 OFFSET 7"
        ).fetchone()
        body = json.loads(text)
        body[field] = value
        return number, "move", canonical(body)

    return change


@pytest.mark.parametrize(
    "field, value",
    [
        ("target", "nowhere"), ("signal", "guessed"), ("evidence", "none"), ("after", 0), ("before", 1), ("events", []),
        ("issue", "x-1"), ("verdict", {"permits": 31, "blocks": [], "score": 0.11, "status": "healthy"}),
    ],
)  # fmt: skip
def test_any_field_of_a_move_that_comes_out_otherwise_is_the_first_difference(
    lived: Lived, tmp_path: Path, field: str, value: Any
) -> None:
    with forged(lived, tmp_path, forge(field, value)) as journal:
        difference = compare(journal, EXACT).difference
    assert difference is not None
    assert difference.recorded[field] == value
    assert difference.replayed[field] != value
    assert difference.entry == difference.recorded["entry"]


def test_an_input_that_said_something_else_shows_where_it_led_elsewhere(lived: Lived, tmp_path: Path) -> None:
    def change(database: sqlite3.Connection) -> tuple[int, str, str]:
        number, text = database.execute(
            "SELECT number, body FROM entries WHERE kind = 'round' AND body LIKE '%\"active\"%' LIMIT 1 OFFSET 20"
        ).fetchone()
        return number, "round", text.replace('"active"', '"closed"')

    with forged(lived, tmp_path, change) as journal:
        difference = compare(journal, EXACT).difference
    assert difference is not None
    assert "account" in {(side or {}).get("concern") for side in (difference.recorded, difference.replayed)}


def test_nothing_is_passed_over_an_entry_of_an_unknown_kind_is_counted(lived: Lived, tmp_path: Path) -> None:
    def change(database: sqlite3.Connection) -> tuple[int, str, str]:
        number, text = database.execute("SELECT number, body FROM entries WHERE kind = 'told'").fetchone()
        return number, "horoscope", text

    with forged(lived, tmp_path, change) as journal:
        found = compare(journal, EXACT)
    assert (found.identical, found.difference, found.unknown) == (False, None, {"horoscope": 1})


def test_an_input_that_makes_no_sense_is_named(lived: Lived, tmp_path: Path) -> None:
    def change(database: sqlite3.Connection) -> tuple[int, str, str]:
        (number,) = database.execute("SELECT number FROM entries WHERE kind = 'signal'").fetchone()
        return number, "signal", "{}"

    with forged(lived, tmp_path, change) as journal, pytest.raises(JournalBroken, match=r"entry \d+ \(signal\)"):
        compare(journal, EXACT)


def test_a_snapshot_that_says_something_else_is_a_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supervisor.monitor.recorder.SNAPSHOT_EVERY", 20)
    found = live(tmp_path / "lived", hours=1)

    def change(database: sqlite3.Connection) -> tuple[int, str, str]:
        number, text = database.execute("SELECT number, body FROM entries WHERE kind = 'snapshot'").fetchone()
        body = json.loads(text)
        body["cursors"][3]["run"] += 1
        return number, "snapshot", canonical(body)

    (tmp_path / "copy").mkdir()
    with forged(found, tmp_path / "copy", change) as journal:
        difference = compare(journal, EXACT).difference
    assert difference is not None
    assert difference.recorded["cursors"]["run"] == difference.replayed["cursors"]["run"] + 1
    assert "name" in difference.recorded["cursors"]


def test_a_gap_is_bridged_by_its_snapshot(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = start(simulator, tmp_path)
        run(frozen, supervisor, 600)
        recorder = supervisor._recorder
        assert isinstance(recorder, Recorder)
        recorder._missed = True
        simulator.inject("hang", seconds=600)
        run(frozen, supervisor, 1800)
        supervisor.stop()
    with Lived(memory(tmp_path).home, []).journal() as journal:
        assert {"gap", "snapshot"} <= {entry.kind for entry in entries(journal)}
        assert compare(journal, EXACT).identical


def test_settings_that_change_at_a_restart_rule_the_replay_from_there_on(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        for settings in (EXACT, attrs.evolve(EXACT, fall=2, dwell=600.0, option_level=4), EXACT):
            supervisor = start(simulator, tmp_path, settings)
            run(frozen, supervisor, 300)
            simulator.inject("refuse", seconds=400)
            run(frozen, supervisor, 1800)
            supervisor.stop()
            frozen.tick(30)
    with Lived(memory(tmp_path).home, []).journal() as journal:
        found = compare(journal, EXACT)
    assert found.identical, found.difference
    assert found.moves > 20


def test_a_later_part_registers_its_own_input_once_and_for_ever() -> None:
    def feeder(*_: Any) -> Any:
        raise NotImplementedError

    def other(*_: Any) -> Any:
        raise NotImplementedError

    register_input("test_input", feeder)
    register_input("test_input", feeder)
    assert known("test_input")
    for kind in ("test_input", "round", "move", "stop"):
        with pytest.raises(ValueError, match="have a meaning already"):
            register_input(kind, other)
