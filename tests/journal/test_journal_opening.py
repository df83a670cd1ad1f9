"""What does opening say of a file that is not a healthy journal of ours, and does it leave the file alone?"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from supervisor.errors import JournalBroken, JournalError
from supervisor.journal import Entry, Journal, entries, verify

NOBODY = 65534


def opened(path: Path, *, read_only: bool = False) -> Journal:
    if read_only:
        return Journal.open(path, read_only=True)
    return Journal.open(path, account="VA12345678", environment="sandbox")


def filled(path: Path, count: int = 40) -> Path:
    with opened(path) as journal:
        journal.append([Entry(n, 1.7e9 + n, "note", None, {"text": "x" * 500}) for n in range(1, count + 1)])
    return path


def changed(path: Path, *statements: str) -> Path:
    database = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        database.execute(statement)
    database.close()
    return path


def patched(path: Path, offset: int, data: bytes) -> Path:
    whole = bytearray(path.read_bytes())
    whole[offset : offset + len(data)] = data
    path.write_bytes(whole)
    return path


def text_file(path: Path) -> Path:
    path.write_text("Dear diary, this is a text and by no means a journal. " * 5)
    return path


def empty(path: Path) -> Path:
    path.touch()
    return path


def another_programs(path: Path) -> Path:
    return changed(path, "CREATE TABLE songs (title TEXT)")


def newer(path: Path) -> Path:
    return changed(filled(path), "PRAGMA user_version = 2")


def with_a_trigger(path: Path) -> Path:
    return changed(filled(path), "CREATE TRIGGER forget AFTER INSERT ON entries BEGIN DELETE FROM entries; END")


def without_its_index(path: Path) -> Path:
    return changed(filled(path), "DROP INDEX entries_at")


def without_its_words(path: Path) -> Path:
    return changed(filled(path), "DELETE FROM meta")


def with_a_damaged_first_page(path: Path) -> Path:
    return patched(filled(path), 100, b"\xff" * 3000)


def truncated(path: Path) -> Path:
    filled(path)
    path.write_bytes(path.read_bytes()[: 4096 + 100])
    return path


BAD: list[tuple[Callable[[Path], Path], str]] = [
    (empty, "is empty: move it aside"),
    (text_file, "is not a journal"),
    (another_programs, "a database of another program"),
    (newer, r"newer version \(schema 2, this one knows up to 1\)"),
    (with_a_trigger, r"tables that are not as this version makes them \(forget\)"),
    (without_its_index, r"tables that are not as this version makes them \(entries_at\)"),
    (without_its_words, "does not say what it is"),
    (with_a_damaged_first_page, "damaged"),
    (truncated, "damaged"),
]


@pytest.mark.parametrize("read_only", [False, True], ids=["writer", "reader"])
@pytest.mark.parametrize("made, sentence", BAD, ids=[made.__name__ for made, _ in BAD])
def test_a_file_that_is_no_journal_of_ours_is_named_and_left_as_it_is(
    tmp_path: Path, made: Callable[[Path], Path], sentence: str, read_only: bool
) -> None:
    path = made(tmp_path / "journal.db")
    before = path.read_bytes()
    with pytest.raises(JournalError, match=sentence) as caught:
        opened(path, read_only=read_only)
    said = str(caught.value)
    assert str(path) in said
    assert "\n" not in said
    assert caught.value.__cause__ is None
    assert path.read_bytes() == before


def test_a_page_damaged_in_the_middle_is_refused_by_a_writer_and_found_by_verify(tmp_path: Path) -> None:
    path = filled(tmp_path / "journal.db", 400)
    patched(path, 4096 * (path.stat().st_size // 4096 // 2), b"\xa5" * 4096)
    before = path.read_bytes()
    with pytest.raises(JournalError, match="is damaged"):
        opened(path)
    with opened(path, read_only=True) as reader:
        found = verify(reader)
    assert not found.ok
    assert path.read_bytes() == before


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.mkdir()
    with pytest.raises(JournalError, match="is not a file"):
        opened(path)


def test_a_reader_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"no journal at .* yet"):
        opened(tmp_path / "journal.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_new_journal_must_know_whose_it_is(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="needs to know its account"):
        Journal.open(tmp_path / "journal.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("account, environment", [("VA00000001", "sandbox"), ("VA12345678", "live")])
def test_a_journal_of_another_account_or_environment_is_refused(tmp_path: Path, account: str, environment: str) -> None:
    path = filled(tmp_path / "journal.db")
    with pytest.raises(JournalError, match=r"is of account \*\*\*\*5678 \(sandbox\), not of"):
        Journal.open(path, account=account, environment=environment)


def test_a_new_journal_is_for_its_owner_only(tmp_path: Path) -> None:
    path = filled(tmp_path / "journal.db")
    with opened(path) as journal:
        journal.append([Entry(41, 1.7e9, "note", None, {})])
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["journal.db", "journal.db-wal", "journal.db-shm", "journal.db.head"], 0o600)


def test_a_journal_locked_by_another_is_an_error_and_not_a_hang(tmp_path: Path) -> None:
    path = filled(tmp_path / "journal.db")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(JournalError, match="could not be opened: another process has locked it"):
        opened(path)
    with opened(path, read_only=True) as reader:
        assert reader.head.number == 40
    other.close()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="could not be opened: No such file or directory"):
        opened(tmp_path / "nowhere" / "journal.db")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write anywhere: so be somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def test_a_read_only_folder_or_file_is_an_error_for_a_writer_and_none_for_a_reader(shared: Path) -> None:
    path = filled(shared / "journal.db")
    path.chmod(0o444)
    (shared / "journal.db.head").chmod(0o444)
    shared.chmod(0o555)
    with as_nobody():
        with pytest.raises(JournalError, match=r"could not be opened: .*(read-only|writing)"):
            opened(path)
        with pytest.raises(JournalError, match="could not be opened: Permission denied"):
            opened(shared / "new.db")
        with opened(path, read_only=True) as reader:
            assert len(list(entries(reader))) == 40
            assert verify(reader).ok
    assert sorted(file.name for file in shared.iterdir()) == ["journal.db", "journal.db.head"]


def test_a_file_this_user_may_not_read_is_named(shared: Path) -> None:
    path = filled(shared / "journal.db")
    path.chmod(0o000)
    with as_nobody(), pytest.raises(JournalError, match="could not be opened: Permission denied"):
        opened(path)


def test_a_writer_refuses_a_cut_tail_rather_than_hide_it(tmp_path: Path) -> None:
    path = changed(filled(tmp_path / "journal.db"), "DELETE FROM entries WHERE number > 37")
    for _ in range(2):
        with pytest.raises(JournalBroken, match="ends at entry 37 and its anchor says 40: a tail was cut"):
            opened(path)


def test_a_writer_refuses_an_edited_or_replaced_head(tmp_path: Path) -> None:
    path = changed(filled(tmp_path / "one.db"), "UPDATE entries SET body = '{}' WHERE number = 40")
    with pytest.raises(JournalBroken, match="newest entry, 40, was changed"):
        opened(path)
    other = filled(tmp_path / "two.db", 41)
    (tmp_path / "two.db.head").write_bytes((tmp_path / "one.db.head").read_bytes())
    changed(other, "UPDATE entries SET body = '{}' WHERE number = 1")
    (tmp_path / "two.db.head").write_text('{"hash":"00","number":40}')
    with pytest.raises(JournalBroken, match="entry 40 is not the one its anchor saw"):
        opened(other)


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"number":"1","hash":1}', "\xff"])
def test_a_missing_or_damaged_anchor_is_told_and_made_anew(tmp_path: Path, content: str | None) -> None:
    path = filled(tmp_path / "journal.db")
    anchor = tmp_path / "journal.db.head"
    if content is None:
        anchor.unlink()
    else:
        anchor.write_text(content, "latin-1")
    with opened(path) as journal:
        assert journal.trouble is not None
        assert journal.trouble.startswith(f"The anchor at {anchor} is ")
        assert verify(journal).ok


def test_after_a_lost_journal_a_new_one_is_made_and_says_so(tmp_path: Path) -> None:
    path = filled(tmp_path / "journal.db")
    path.unlink()
    with opened(path) as journal:
        assert journal.lost is not None
        assert "was lost" in journal.lost
        assert journal.head.number == 0
    assert (tmp_path / "journal.db.head.lost").exists()
    with opened(path) as journal:
        assert journal.lost is None
