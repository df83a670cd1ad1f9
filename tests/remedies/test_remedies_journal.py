"""A broken journal is moved aside, never deleted; a fresh one goes on from its last hash, and a person must look."""

import json
from pathlib import Path

import pytest
from supervisor.core.words import FixResult, Mode
from supervisor.journal.anchor import read_anchor
from supervisor.journal.chain import Head
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify
from supervisor.remedies.rails import spent

from remedies.ward import Ward, ward

CODE = "journal_unwritable"


def broken(w: Ward) -> Path:
    """The last page of the journal is overwritten while nobody runs."""
    w.run(61)
    w.supervisor.stop()
    path = w.memory().home.journal
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)
    return path


def test_a_damaged_journal_is_moved_aside_and_a_fresh_one_linked_to_it(tmp_path: Path) -> None:
    with ward(tmp_path) as w:
        path = broken(w)
        damaged, anchor = path.read_bytes(), read_anchor(path)
        assert isinstance(anchor, Head)
        w.start()
        w.run(1)
        assert w.take() == ["detected operator_hold", f"detected {CODE}"]
        w.run(31)
        assert w.take() == [f"fixed {CODE}", f"resolved {CODE} recovered"]
        assert w.fixed == 1
        (aside,) = path.parent.glob("journal.*.aside")
        assert aside.read_bytes() == damaged
        assert w.supervisor.gate.mode is Mode.REDUCE_ONLY
        assert "check positions and orders, then release" in w.supervisor.explain().text()
        with Journal.open(path, read_only=True) as journal:
            assert verify(journal).ok
            link = json.loads(journal.meta["settings"])["continues"]
        assert link == {"number": anchor.number, "hash": anchor.hash, "aside": aside.name}
        w.supervisor.release(why="looked", who="ann")
        w.run(120)
        assert w.supervisor.can_trade()
        w.restart()
        w.run(130)
        assert w.supervisor.can_trade()
        assert [fix["remedy"] for fix in w.supervisor.fixes()] == ["journal"]


def test_where_no_fresh_journal_can_be_made_the_old_one_stands_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ward(tmp_path) as w:
        path = broken(w)
        damaged = path.read_bytes()
        w.start()

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("supervisor.journal.schema.create", full)
        w.run(100)
        assert w.take() == ["detected operator_hold", f"detected {CODE}", f"failed {CODE}"]
        assert (CODE in w.codes(), w.fixed) == (True, 0)
        assert path.read_bytes() == damaged
        assert list(path.parent.glob("*.aside")) == []
        assert not w.supervisor.can_trade()
        (repair,) = w.supervisor.healing.healer.ledger.repairs
        assert (repair.state, repair.result) == ("undone", FixResult.FAILED)
        assert spent([repair], "journal", w.supervisor.now() - 900) == [repair], "it cost its budget"


@pytest.mark.parametrize("text", ["my diary", ""])
def test_a_file_that_is_no_journal_of_ours_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    with ward(tmp_path) as w:
        home = w.memory().home.create()
        home.journal.write_text(text)
        w.run(300)
        assert w.take() == ["detected operator_hold", f"detected {CODE}"]
        assert home.journal.read_text() == text
        assert list(home.folder.glob("*.aside")) == []


def test_a_journal_that_is_only_locked_for_a_while_is_not_moved(tmp_path: Path) -> None:
    with ward(tmp_path) as w:
        w.run(1)
        w.supervisor._recorder.journal.append = _locked  # type: ignore[union-attr, method-assign]  # as a lock does
        w.run(120)
        assert w.take() == [f"detected {CODE}"]
        assert list(tmp_path.rglob("*.aside")) == []


def _locked(*_: object) -> Head:
    from supervisor.errors import JournalError

    raise JournalError("The journal could not be written: another process has locked it")
