"""What outlives a restart, and what happens when the record can't be kept."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from supervisor.core.words import Mode
from supervisor.errors import WriterBusy
from supervisor.journal.query import entries
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify
from supervisor.monitor.making import book_for
from supervisor.monitor.memory import Memory, glance, order_records
from supervisor.monitor.recall import replayed
from supervisor.monitor.supervisor import Supervisor
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator, become, preset

from monitor.test_monitor_days import MONDAY, run
from monitor.watching import EXACT, Told, Watched


def memory(root: Path) -> Memory:
    return Memory(root, account=DEFAULT_ACCOUNT, environment="sandbox", secrets=("first-token",))


def start(simulator: Simulator, root: Path, **options: Any) -> Supervisor:
    return Supervisor(Watched(simulator), settings=EXACT, memory=memory(root), inline=True, **options)


def moves_of(root: Path) -> list[tuple[Any, ...]]:
    with Journal.open(memory(root).home.journal, read_only=True) as journal:
        return [
            (e.at, e.concern, e.body["source"], e.body["signal"], e.body["target"])
            for e in entries(journal)
            if e.kind == "move"
        ]


def test_a_short_stop_takes_up_where_it_was_and_opens_after_two_fresh_rounds(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        first = start(simulator, tmp_path)
        first.tick()
        assert first.can_trade()
        first.stop()
        assert not first.can_trade()
        frozen.tick(timedelta(minutes=5))
        second = start(simulator, tmp_path)
        told = Told(second)
        second.tick()
        assert not second.can_trade()
        assert second.health().concerns["journal"].state == "resumed"
        run(frozen, second, 15)
        assert second.can_trade()
        assert told.take() == []
        assert second.book.stats.total_checks == 3
        second.stop()


def test_a_problem_outlives_a_restart_of_any_age_with_its_id(tmp_path: Path) -> None:
    simulator = preset("account_suspended")
    with freeze_time(MONDAY) as frozen:
        first = start(simulator, tmp_path)
        first.tick()
        (issue,) = first.health().issues
        first.stop()
        frozen.tick(timedelta(days=3))
        simulator.inject("refuse")
        second = start(simulator, tmp_path)
        told = Told(second)
        second.tick()
        assert [i.issue_id for i in second.health().issues] == [issue.issue_id]
        assert told.take() == []
        second.stop()


def test_a_hold_outlives_a_restart_even_without_the_journal(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        first = start(simulator, tmp_path)
        first.tick()
        first.hold("halt", why="news", who="ann")
        first.stop()
        for file in memory(tmp_path).home.folder.glob("journal.db*"):
            file.unlink()
        frozen.tick(timedelta(days=9))
        second = start(simulator, tmp_path)
        second.tick()
        assert second.gate.mode is Mode.HALTED
        assert "halt by ann: news" in second.explain().text()
        second.stop()


def test_after_a_lost_journal_a_person_must_look_first(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        first = start(simulator, tmp_path)
        first.tick()
        first.stop()
        memory(tmp_path).home.journal.unlink()
        second = start(simulator, tmp_path)
        second.tick()
        assert second.gate.mode is Mode.REDUCE_ONLY
        assert "the journal was lost" in second.explain().text()
        second.stop()
        third = start(simulator, tmp_path)
        third.tick()
        assert "the journal was lost" in third.explain().text()
        third.release(why="looked", who="ann")
        third.stop()


def test_a_journal_that_is_no_journal_closes_opening_and_is_left_as_it_is(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    home = memory(tmp_path).home.create()
    home.journal.write_text("my diary")
    with freeze_time(MONDAY):
        supervisor = start(simulator, tmp_path)
        supervisor.tick()
        assert supervisor.gate.mode is Mode.REDUCE_ONLY
        assert {i.code for i in supervisor.health().issues} == {"journal_unwritable", "operator_hold"}
        supervisor.stop()
    assert home.journal.read_text() == "my diary"


def test_a_journal_that_fails_closes_opening_says_so_and_is_mended_with_a_gap(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = start(simulator, tmp_path)
        told = Told(supervisor)
        supervisor.tick()
        blocker = sqlite3.connect(memory(tmp_path).home.journal, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        become(simulator, "account_suspended")
        run(frozen, supervisor, 60)
        assert told.take() == ["detected account_restricted", "detected journal_unwritable"]
        assert not supervisor.can_trade()
        blocker.execute("ROLLBACK")
        blocker.close()
        run(frozen, supervisor, 120)
        assert told.take() == ["resolved journal_unwritable"]
        ids = [issue.issue_id for issue in supervisor.health().issues]
        supervisor.stop()
        with Journal.open(memory(tmp_path).home.journal, read_only=True) as journal:
            kinds = [entry.kind for entry in entries(journal)]
            assert verify(journal).ok
        assert kinds[kinds.index("gap") + 1] == "snapshot"
        again = start(simulator, tmp_path)
        again.tick()
        assert [issue.issue_id for issue in again.health().issues] == ids
        again.stop()


def test_there_is_one_writer(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    first = start(simulator, tmp_path)
    first.tick()
    with pytest.raises(WriterBusy, match="is the writer"):
        start(simulator, tmp_path).tick()
    first.stop()


def test_a_day_of_faults_replays_to_the_same_moves_at_the_same_instants(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    faults = ["hang", "html", "http_429", "token_invalid", "drip_body", "http_500_backend", "slow", "margin_call"]
    with freeze_time(MONDAY) as frozen:
        supervisor = start(simulator, tmp_path)
        for i in range(24):
            simulator.inject(faults[i % len(faults)], seconds=300 + 60 * i)
            run(frozen, supervisor, 3600)
        supervisor.stop()
        recorded = moves_of(tmp_path)
        book = book_for(EXACT)
        replay: list[tuple[Any, ...]] = []
        with Journal.open(memory(tmp_path).home.journal, read_only=True) as journal:
            assert verify(journal).ok
            for _, sweep in replayed(book, journal, whole=True):
                if sweep is not None:
                    replay += [(m.at, m.concern, m.source, m.signal, m.target) for m in sweep.moves]
    assert len(recorded) > 100
    assert replay == recorded


def test_no_token_and_no_account_number_is_in_any_file(tmp_path: Path) -> None:
    simulator = preset("account_foreign")
    with freeze_time(MONDAY):
        supervisor = start(simulator, tmp_path)
        supervisor.tick()
        supervisor.hold("reduce", why="my token is first-token", who="ann")
        supervisor.stop()
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"first-token" not in everything
    assert DEFAULT_ACCOUNT.encode() not in everything


def kept(root: Path) -> dict[Path, bytes]:
    """Every file but those in which SQLite tells readers and writers apart."""
    return {
        path: path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.suffix not in {".db-shm", ".db-wal"}
    }


def test_a_glance_reads_holds_and_writes_nothing(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        supervisor = start(simulator, tmp_path)
        supervisor.tick()
        supervisor.hold("reduce", why="w", who="ann")
        supervisor.stop()
        before = kept(tmp_path)
        cold = book_for(EXACT)
        assert glance(memory(tmp_path).home, cold, supervisor.now()) is None
        assert cold.cursor("operator").state == "reduce"
        assert cold.cursor("account").state == "unknown"
    assert kept(tmp_path) == before


def test_history_is_found_again_after_a_restart(tmp_path: Path) -> None:
    simulator = preset("no_cash")
    with freeze_time(MONDAY) as frozen:
        first = start(simulator, tmp_path)
        first.tick()
        become(simulator, "healthy_margin")
        run(frozen, first, 60)
        first.stop()
        second = start(simulator, tmp_path)
        second.tick()
        assert [issue.code for issue in second.book.history] == ["no_buying_power"]
        second.stop()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000], ids=lambda content: repr(content[:4]))
def test_a_damaged_side_file_of_an_order_is_told_and_left_where_it_is(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    home = memory(tmp_path).home.create()
    (home.spool / "good.json").write_text('{"our_id": "one"}')
    (home.spool / "bad.json").write_bytes(content)
    assert order_records(home, None) == ([], [{"our_id": "one"}])
    (told,) = caplog.messages
    assert "order_side_file" in told
    assert str(home.spool / "bad.json") in told
    assert (home.spool / "bad.json").read_bytes() == content
