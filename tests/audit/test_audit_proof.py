"""Can the record be proved whole to somebody else, and is anything that was done to it found?"""

import gzip
import hashlib
import os
import random
import socket
import sqlite3
import sys
from pathlib import Path
from threading import Event

import pytest
from freezegun import freeze_time
from supervisor.errors import ConfigError, JournalError
from supervisor.journal.archive import bring_in, check_files, read, rows, write
from supervisor.journal.chain import Entry, Head, digest, start_of
from supervisor.journal.query import entries
from supervisor.journal.sealing import check_sealed, seal, sealed_files
from supervisor.journal.signing import check, new_key, sign
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify
from supervisor.journal.witness import Syslog, Witness, heads_in, said
from supervisor.monitor.past_replay import compare

from audit.audit_world import Lived
from monitor.watching import EXACT

TAMPERINGS = int(os.environ.get("SUPERVISOR_TAMPERINGS", "1000"))
"""`make tamper` sets 10,000."""
FLIPS = 60
MONTHS = ("2026-01", "2026-02", "2026-03")
JANUARY = 1767225600.0


def filled(path: Path, count: int, *, every: float = 1.0, begin: float = JANUARY) -> Journal:
    journal = Journal.open(path, account="VA12345678", environment="sandbox", durable=False)
    journal.append([Entry(n, begin + n * every, "note", None, {"n": n, "x": "y" * 40}) for n in range(1, count + 1)])
    return journal


# ---------------------------------------------------------------- tampering


def in_memory(journal: Journal) -> Journal:
    """A copy of the journal in memory, whose anchor is the original's."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    journal._database.backup(database)
    return Journal(journal.path, database, journal.meta, ((), ()))


def tamper(copy: Journal, chance: random.Random, length: int) -> None:
    """Does one random thing to it."""
    number = chance.randint(1, length)
    way = chance.randrange(6)
    if way == 0:
        (body,) = copy.fetch("SELECT body FROM entries WHERE number = ?", (number,))[0]
        at = chance.randrange(len(body))
        other = chance.choice([c for c in '0a{}" z' if c != body[at]])
        copy.fetch("UPDATE entries SET body = ? WHERE number = ?", (body[:at] + other + body[at + 1 :], number))
    elif way == 1:
        column, value = chance.choice([("at", 1.5), ("kind", "move"), ("concern", "clock"), ("account", "****0000")])
        copy.fetch(f"UPDATE entries SET {column} = ? WHERE number = ?", (value, number))
    elif way == 2:
        copy.fetch("DELETE FROM entries WHERE number = ?", (number,))
    elif way == 3:
        copy.fetch("DELETE FROM entries WHERE number >= ?", (number,))
    elif way == 4:
        one, two = chance.sample(range(1, length + 1), 2)
        copy.fetch("UPDATE entries SET number = -1 WHERE number = ?", (one,))
        copy.fetch("UPDATE entries SET number = ? WHERE number = ?", (one, two))
        copy.fetch("UPDATE entries SET number = ? WHERE number = -1", (two,))
    else:
        copy.fetch("UPDATE entries SET number = -(number + 1) WHERE number >= ?", (number,))
        copy.fetch("UPDATE entries SET number = -number WHERE number < 0")
        copy.fetch(
            "INSERT INTO entries (number, at, kind, concern, account, body, prev_hash, hash)"
            " SELECT ?, at, kind, concern, account, '{}', prev_hash, hash FROM entries WHERE number = ?",
            (number, number + 1),
        )


def test_every_random_tampering_is_found(tmp_path: Path) -> None:
    chance = random.Random(20260228)
    length = 30
    with filled(tmp_path / "journal.db", length) as journal:
        assert verify(journal).ok
        copy = in_memory(journal)
        for turn in range(TAMPERINGS):
            copy.fetch("BEGIN")
            tamper(copy, chance, length)
            found = verify(copy)
            copy.fetch("ROLLBACK")
            assert not found.ok, turn
            assert found.first_bad is not None, turn
        assert verify(copy).ok
        copy.close()


# ---------------------------------------------------------------- witnesses


def rewritten(path: Path) -> None:
    """The last five entries say something else, and chain and anchor fit: only somebody elsewhere knows better."""
    with Journal.open(path, read_only=True) as journal:
        meta, last = journal.meta, journal.head.number
        five = list(rows(journal, last - 5, last))
    database = sqlite3.connect(path, isolation_level=None)
    prev = five[0][6]
    for number, at, kind, concern, account, _, _, _ in five:
        mine = digest(1, meta["environment"], account, (number, at, kind, concern, '{"n":0}'), prev)
        database.execute(
            "UPDATE entries SET body = ?, prev_hash = ?, hash = ? WHERE number = ?", ('{"n":0}', prev, mine, number)
        )
        prev = mine
    database.close()
    path.with_name(path.name + ".head").write_text(f'{{"hash":"{prev}","number":{last}}}')


def test_a_record_rewritten_with_its_anchor_is_found_by_what_a_witness_saw(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    heard: list[Head] = []
    with Journal.open(path, account="VA12345678", environment="sandbox", witness=heard.append) as journal:
        for n in range(1, 21):
            journal.append([Entry(n, JANUARY + n, "note", None, {"n": n})])
    assert [head.number for head in heard] == list(range(1, 21))
    rewritten(path)
    with Journal.open(path, read_only=True) as journal:
        assert verify(journal).ok
        found = verify(journal, heard)
        assert (found.ok, found.first_bad) == (False, 16)
        assert "not the one a witness saw" in found.why
        assert verify(journal, heard[:15]).ok
        cut = verify(journal, [Head(25, "0" * 64)])
        assert (cut.ok, cut.first_bad) == (False, 21)
        assert "a witness saw 25, the journal ends at 20" in cut.why


def test_a_witness_that_hangs_or_raises_keeps_nobody_waiting_and_hears_the_newest(tmp_path: Path) -> None:
    entered, go = Event(), Event()
    heard: list[int] = []

    def hear(head: Head) -> None:
        heard.append(head.number)
        entered.set()
        go.wait(5)
        if head.number == 1:
            raise OSError("no route")

    witness = Witness(hear)
    with Journal.open(tmp_path / "j.db", account="VA12345678", environment="sandbox", witness=witness) as journal:
        journal.append([Entry(1, 1.0, "note", None, {})])
        assert entered.wait(5)
        for n in range(2, 10):
            journal.append([Entry(n, 1.0, "note", None, {})])
        assert heard == [1]
        go.set()
        witness.stop()
        assert heard == [1, 9]
        assert (witness.trouble, witness.told) == (None, journal.head)


def test_what_was_said_to_syslog_is_found_again(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        log.settimeout(5)
        hear = Syslog("sandbox-5678", ("127.0.0.1", log.getsockname()[1]))
        head = Head(7, "ab" * 32)
        hear(head)
        hear.close()
        line = log.recv(2000).decode()
    assert heads_in([line, "other words"], "sandbox-5678") == [head]
    assert heads_in([line], "live-5678") == []
    assert heads_in([said("x", head)], "x") == [head]


# ---------------------------------------------------------------- signatures


def test_a_signed_head_holds_for_its_journal_and_its_key_alone(tmp_path: Path) -> None:
    key = tmp_path / "key"
    public = new_key(key)
    assert key.stat().st_mode & 0o777 == 0o600
    with filled(tmp_path / "journal.db", 10) as journal, filled(tmp_path / "other.db", 3) as other:
        statement = sign(journal, key)
        assert check(statement, public, journal) == journal.head
        assert "VA12345678" not in str(statement)
        for field, value in (("number", 9), ("hash", "0" * 64), ("at", "2001-01-01"), ("account", "****1")):
            with pytest.raises(JournalError, match="not signed by that key"):
                check({**statement, field: value}, public, journal)
        with pytest.raises(JournalError, match="not signed by that key"):
            check(statement, new_key(tmp_path / "second"), journal)
        for broken in ({}, {**statement, "signature": "zz"}):
            with pytest.raises(JournalError, match="malformed"):
                check(broken, public, journal)
        assert not verify(other, [check(statement, public, journal)]).ok
    with pytest.raises(JournalError, match="there is a file"):
        new_key(key)


def test_without_the_extra_signing_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    with pytest.raises(ConfigError, match=r"optimus-supervisor\[sign\]"):
        new_key(tmp_path / "key")


# ---------------------------------------------------------------- archives


def test_an_export_proves_itself_and_comes_back_as_a_journal_that_replays(lived: Lived, tmp_path: Path) -> None:
    out = tmp_path / "all.journal.gz"
    with lived.journal() as journal:
        made = write(journal, out, start_of(journal.meta), journal.head.number)
        head, again = journal.head, list(entries(journal))
    assert check_files([out])[0] == made
    assert made.head == head
    bring_in([out], tmp_path / "back.db")
    with Journal.open(tmp_path / "back.db", read_only=True) as back:
        assert back.head == head
        assert list(entries(back)) == again
        assert verify(back).ok
        assert compare(back, EXACT).identical


def test_a_part_comes_back_with_the_hash_it_follows_from(tmp_path: Path) -> None:
    with filled(tmp_path / "journal.db", 40) as journal:
        start = Head(10, next(rows(journal, 9, 10))[7])
        write(journal, tmp_path / "part.gz", start, 30)
        bring_in([tmp_path / "part.gz"], tmp_path / "part.db")
    with Journal.open(tmp_path / "part.db", read_only=True) as part:
        assert [entry.number for entry in entries(part)] == list(range(11, 31))
        assert verify(part).ok
    with pytest.raises(JournalError, match="There is a file at"):
        bring_in([tmp_path / "part.gz"], tmp_path / "part.db")


def test_any_flipped_bit_of_an_archive_is_found(tmp_path: Path) -> None:
    with filled(tmp_path / "journal.db", 50) as journal:
        path = tmp_path / "all.gz"
        write(journal, path, start_of(journal.meta), 50)
    whole, chance = path.read_bytes(), random.Random(3)
    for _ in range(FLIPS):
        at, bit = chance.randrange(len(whole)), chance.randrange(8)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        with pytest.raises(JournalError, match="its digest differs"):
            read(path)
    path.write_bytes(whole)
    assert check_files([path])[0].entries == 50


def test_an_archive_forged_together_with_its_digest_is_found_by_its_chain(tmp_path: Path) -> None:
    with filled(tmp_path / "journal.db", 50) as journal:
        path = tmp_path / "all.gz"
        write(journal, path, start_of(journal.meta), 50)
    lines = gzip.decompress(path.read_bytes()).split(b"\n")
    for changed, words in (
        ([*lines[:20], lines[20].replace(b"yyyy", b"zzzz", 1), *lines[21:]], "Entry 20 in .* does not follow"),
        ([*lines[:20], *lines[21:]], "lacks entry 20"),
        ([*lines[:40], *lines[51:]], "does not end as its trailer says"),
        (lines[:40], "ends in the middle"),
        ([b"{}", *lines[1:]], "is no exported journal"),
        ([lines[0].replace(b'"version":1', b'"version":9'), *lines[1:]], "by a newer version"),
    ):
        path.write_bytes(gzip.compress(b"\n".join(changed)))
        beside = path.with_name(path.name + ".sha256")
        digest_now = hashlib.sha256(path.read_bytes()).hexdigest()
        beside.write_text(f"{digest_now}  {path.name}\n")
        with pytest.raises(JournalError, match=words):
            check_files([path])


# ---------------------------------------------------------------- sealed months


@pytest.fixture
def quarter(tmp_path: Path) -> Journal:
    """A journal of three months and a day, four entries a day."""
    return filled(tmp_path / "journal.db", 4 * 91, every=21600.0)


def test_months_that_are_over_are_sealed_once_and_chained(quarter: Journal, tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    made = seal(quarter, folder)
    assert [path.name for path in sealed_files(folder)] == [f"{month}.journal.gz" for month in MONTHS]
    assert [one.path for one in made] == sealed_files(folder)
    assert [one.start.number for one in made[1:]] == [one.head.number for one in made[:-1]]
    assert seal(quarter, folder) == []
    assert [one.digest for one in check_sealed(folder)] == [one.digest for one in made]
    number = quarter.head.number
    with freeze_time("2026-05-02"):
        quarter.append([Entry(number + 1, JANUARY + 121 * 86400.0, "note", None, {})])
    (april,) = seal(quarter, folder)
    assert april.path.name == "2026-04.journal.gz"
    assert len(check_sealed(folder)) == 4
    bring_in(sealed_files(folder), tmp_path / "back.db")
    with Journal.open(tmp_path / "back.db", read_only=True) as back:
        assert verify(back).ok
        assert back.head.number == april.head.number
    quarter.close()


def test_a_month_that_is_missing_changed_or_of_another_record_is_found(quarter: Journal, tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    seal(quarter, folder)
    first, second, third = sealed_files(folder)
    kept = second.read_bytes()
    second.rename(tmp_path / "aside")
    with pytest.raises(JournalError, match=r"2026-03.journal.gz does not follow from 2026-01"):
        check_sealed(folder)
    first.rename(tmp_path / "aside1")
    (tmp_path / "aside").rename(second)
    with pytest.raises(JournalError, match="is not the record's first"):
        check_sealed(folder)
    (tmp_path / "aside1").rename(first)
    second.write_bytes(kept[:-9] + bytes([kept[-9] ^ 1]) + kept[-8:])
    with pytest.raises(JournalError, match="its digest differs"):
        check_sealed(folder)
    second.write_bytes(kept)
    assert len(check_sealed(folder)) == 3
    third.with_name(third.name + ".sha256").unlink()
    with pytest.raises(JournalError, match="cannot be proved whole"):
        check_sealed(folder)
    quarter.close()
    with (
        filled(tmp_path / "other.db", 4 * 91, every=21600.0, begin=JANUARY + 1) as other,
        pytest.raises(JournalError, match=r"cannot be proved|does not hold entry"),
    ):
        seal(other, folder)


def test_no_month_is_over_in_an_empty_or_a_young_journal(tmp_path: Path) -> None:
    with filled(tmp_path / "young.db", 5) as young:
        assert seal(young, tmp_path / "sealed") == []
    with pytest.raises(JournalError, match="There are no sealed months"):
        check_sealed(tmp_path / "sealed")
