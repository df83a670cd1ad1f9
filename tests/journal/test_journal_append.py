"""Is what was acknowledged on the disk, and what failed able to be tried again?"""

import json
import math
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from supervisor.errors import JournalError
from supervisor.journal import Entry, Head, Journal, entries, newest, verify
from supervisor.journal.anchor import read_anchor

ACCOUNT = "VA12345678"
TOKEN = "s3cret-token-of-ours"


def notes(first: int, count: int, size: int = 10) -> list[Entry]:
    return [Entry(number, 1.7e9 + number, "note", None, {"text": "x" * size}) for number in range(first, first + count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.open(path, account=ACCOUNT, environment="sandbox", secrets=(TOKEN,)) as journal:
        yield journal


def test_an_empty_journal_has_head_zero_bound_to_its_settings(tmp_path: Path) -> None:
    hashes = set()
    for name, settings in (("a", {"misses": 3}), ("b", {"misses": 4})):
        with Journal.open(tmp_path / name, account=ACCOUNT, environment="sandbox", settings=settings) as journal:
            assert journal.head.number == 0
            assert json.loads(journal.meta["settings"]) == settings
            hashes.add(journal.head.hash)
    assert len(hashes) == 2


def test_entries_come_back_as_they_were_in_order_and_after_reopening(path: Path, journal: Journal) -> None:
    odd = {"at": 0.1 + 0.2, "words": 'é\u2028\U0001f600 "\\\n\x00', "none": None, "deep": [{"a": [1, 2.5, True]}]}
    sweep = [Entry(1, 1700000000.1234567, "round", None, odd), Entry(2, 1700000000.2, "move", "clock", {})]
    head = journal.append(sweep)
    assert head.number == 2
    assert journal.append(notes(3, 1)).number == 3
    journal.close()
    with Journal.open(path, account=ACCOUNT, environment="sandbox") as again:
        assert list(entries(again)) == [*sweep, *notes(3, 1)]
        assert again.head.number == 3
        assert again.append(notes(4, 1)).number == 4


def test_every_commit_is_synced_to_the_disk_in_wal_mode(journal: Journal) -> None:
    assert journal.fetch("PRAGMA journal_mode") == [("wal",)]
    assert journal.fetch("PRAGMA synchronous") == [(2,)]


def test_a_number_that_does_not_continue_the_head_is_refused(journal: Journal) -> None:
    journal.append(notes(1, 2))
    for wrong in (2, 4, 1):
        with pytest.raises(JournalError, match="The journal has moved on"):
            journal.append(notes(wrong, 1))
    with pytest.raises(JournalError, match="moved on"):
        journal.append([*notes(3, 1), *notes(5, 1)])
    assert journal.head.number == 2


def test_only_a_gap_may_skip_numbers_and_only_forwards(journal: Journal) -> None:
    journal.append(notes(1, 2))
    gap = Entry(50, 1.7e9, "gap", None, {"lost": 47})
    assert journal.append([gap, *notes(51, 1)]).number == 51
    with pytest.raises(JournalError, match="moved on"):
        journal.append([Entry(51, 1.7e9, "gap", None, {})])
    assert verify(journal).ok


def test_a_writer_that_was_overtaken_says_that_the_journal_has_moved_on(path: Path, journal: Journal) -> None:
    journal.append(notes(1, 1))
    with Journal.open(path, account=ACCOUNT, environment="sandbox") as other:
        other.append(notes(2, 1))
    for mine in (notes(2, 1), [Entry(9, 1.7e9, "gap", None, {})]):
        with pytest.raises(JournalError, match=r"moved on.*is at entry 2, this writer left it at 1"):
            journal.append(mine)
    assert journal.head.number == 2


def test_a_sweep_is_stored_whole_or_not_at_all(journal: Journal) -> None:
    endless: dict[str, Any] = {}
    endless["x"] = endless
    for bad in ({"x": object()}, {"x": math.nan}, {"x": {1: 2, "1": 3}}, endless):
        with pytest.raises(JournalError, match=r"Entry 2 \(note\) cannot be stored"):
            journal.append([*notes(1, 1), Entry(2, 1.7e9, "note", None, bad)])
    for entry in (
        Entry(2, math.inf, "note", None, {}),
        Entry(2, 1.0, "", None, {}),
        Entry(2**63, 1.0, "gap", None, {}),
    ):
        with pytest.raises(JournalError, match="cannot be stored"):
            journal.append([*notes(1, 1), entry])
    with pytest.raises(JournalError, match="not JSON-able"):
        journal.append([Entry(1, 1.0, "note", "\ud800", {})])
    assert journal.head.number == 0
    assert journal.append([]).number == 0
    assert journal.append(notes(1, 2)).number == 2


def test_after_a_full_disk_the_same_sweep_goes_in_and_nothing_acknowledged_is_lost(
    path: Path, journal: Journal
) -> None:
    journal.append(notes(1, 3))
    (pages,) = journal.fetch("PRAGMA page_count")[0]
    journal.fetch(f"PRAGMA max_page_count = {pages + 2}")
    big = notes(4, 3, size=50_000)
    for _ in range(2):
        with pytest.raises(
            JournalError, match=r"journal\.db could not be written: the disk, .* is full: free some space"
        ):
            journal.append(big)
        assert journal.head.number == 3
    journal.fetch("PRAGMA max_page_count = 1000000")
    assert journal.append(big).number == 6
    with Journal.open(path, read_only=True) as reader:
        assert list(entries(reader)) == [*notes(1, 3), *big]
        assert verify(reader).ok


def test_a_lock_held_by_another_is_an_error_and_not_a_hang(path: Path, journal: Journal) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(JournalError, match=r"another process has locked it \(waited 1 s\)"):
        journal.append(notes(1, 1))
    other.execute("ROLLBACK")
    other.close()
    assert journal.append(notes(1, 1)).number == 1


def test_a_reader_sees_new_entries_and_never_blocks_the_writer(path: Path, journal: Journal) -> None:
    journal.append(notes(1, 1))
    with Journal.open(path, read_only=True) as reader:
        halfway = entries(reader)
        assert next(halfway).number == 1
        journal.append(notes(2, 5))
        assert [entry.number for entry in newest(reader, 2)] == [5, 6]
        assert reader.head == journal.head
        with pytest.raises(JournalError, match="for reading only"):
            reader.append(notes(7, 1))


def test_no_token_and_no_account_number_gets_in(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    number = "5551234567"  # of a form that only we know to be our account
    body: dict[str, Any] = {
        "words": f"no such account {number}, nor {ACCOUNT}\n{ACCOUNT}",
        number: [{"header": f"Bearer {TOKEN}"}, f"token {TOKEN}"],
    }
    with Journal.open(path, account=number, environment="live", secrets=(TOKEN,)) as journal:
        journal.append([Entry(1, 1.7e9, "note", None, body)])
        assert journal.account == "****4567"
        (stored,) = entries(journal)
    assert stored.body["words"] == "no such account ****4567, nor ****5678\n****5678"
    everything = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for secret in (number, ACCOUNT, TOKEN):
        assert secret.encode() not in everything


def test_the_anchor_repeats_the_head_after_every_commit(path: Path, journal: Journal) -> None:
    anchor = path.with_name("journal.db.head")
    for number in (1, 2, 3):
        head = journal.append(notes(number, 1))
        assert Head(**json.loads(anchor.read_text())) == head


def test_an_anchor_of_the_same_length_is_written_over_where_it_is(path: Path, journal: Journal) -> None:
    anchor = path.with_name("journal.db.head")
    files = []
    for number in range(1, 12):
        head = journal.append(notes(number, 1))
        assert Head(**json.loads(anchor.read_text())) == head
        files.append(anchor.stat().st_ino)
    assert (
        len(set(files[:9])) == len(set(files[9:])) == 1
    )  # one digit more at 10: a new file, whole before it has the name
    assert files[8] != files[9]


def test_a_copy_of_the_anchor_stays_as_it_was(path: Path, journal: Journal) -> None:
    anchor, kept = path.with_name("journal.db.head"), path.with_name("kept")
    journal.append(notes(1, 1))
    kept.hardlink_to(anchor)
    before = kept.read_text()
    head = journal.append(notes(2, 1))
    assert kept.read_text() == before
    assert read_anchor(path) == head


def test_an_anchor_is_read_until_two_readings_agree(path: Path) -> None:
    anchor, next_one = path.with_name("journal.db.head"), path.with_name("next")
    told = ['{"hash":"bbaa","number":1}', *['{"hash":"bbbb","number":2}'] * 2]

    def write() -> None:
        for text in told:
            with anchor.open("w") as pipe:  # waits for a reader
                os.mkfifo(next_one)
                next_one.replace(anchor)  # the reader's next look is at another pipe
                pipe.write(text)

    os.mkfifo(anchor)
    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    assert read_anchor(path) == Head(2, "bbbb")
    writer.join()


def test_an_anchor_that_cannot_be_written_is_told_and_costs_no_entry(path: Path, journal: Journal) -> None:
    journal.append(notes(1, 1))
    anchor = path.with_name("journal.db.head")
    anchor.unlink()
    anchor.mkdir()
    assert journal.append(notes(2, 1)).number == 2
    assert journal.trouble is not None
    assert str(anchor) in journal.trouble
    anchor.rmdir()
    journal.append(notes(3, 1))
    assert journal.trouble is None
    assert verify(journal).ok


def test_a_closed_journal_says_so_in_one_sentence(journal: Journal) -> None:
    journal.close()
    with pytest.raises(JournalError, match="closed database"):
        journal.append(notes(1, 1))
    with pytest.raises(JournalError, match="closed database"):
        assert journal.head


def test_a_bearer_in_any_case_stays_out(tmp_path: Path) -> None:
    path = tmp_path / "case.db"
    with Journal.open(path, account="VA12345678", environment="sandbox") as journal:
        journal.append([Entry(1, 1.0, "note", None, {"said": "BeArEr abcdef123456 and 6yA12345"})])
    assert b"abcdef123456" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())
