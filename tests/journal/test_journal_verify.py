"""Is every way of tampering found, and is the first bad entry named?"""

import hashlib
import json
import os
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from supervisor.journal import Entry, Journal, Verification, verify
from supervisor.journal.chain import digest

LENGTH = 40
TAMPERINGS = int(os.environ.get("SUPERVISOR_TAMPERINGS", "1000"))
"""`make tamper` sets 10,000."""
HEADER = ("number", "at", "kind", "concern", "account", "body", "prev_hash", "hash")


def lively(count: int) -> list[Entry]:
    kinds = ("round", "move", "note")
    return [
        Entry(
            n, 1.7e9 + n / 8, kinds[n % 3], ["clock", None][n % 2], {"n": n, "issue": f"down-{n}", "severity": "ERROR"}
        )
        for n in range(1, count + 1)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.open(path, account="VA12345678", environment="sandbox") as journal:
        journal.append(lively(LENGTH))
        yield journal


def row(journal: Journal, number: int) -> list[Any]:
    return list(journal.fetch(f"SELECT {', '.join(HEADER)} FROM entries WHERE number = ?", (number,))[0])


def put(journal: Journal, values: list[Any]) -> None:
    journal.fetch(f"INSERT INTO entries ({', '.join(HEADER)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def others(column: str, was: Any, chance: random.Random) -> list[Any]:
    """Other values for that column."""
    if column == "at":
        return [was + 1e-6 * chance.randint(1, 10**9), -was, 0.0]
    if column in {"kind", "concern"}:
        return [word for word in ("round", "move", "note", "gap", "rouns", "clock", "endpoint", "") if word != was]
    if column == "account":
        return ["****5679", "", "VA12345678"]
    if column == "body":
        return ["{}", was + " ", was[:-1] + ',"z":1}', was.replace("ERROR", "WARNING")]
    return ["", "0" * 64, was.upper() + "0", was[1:] + was[0] + "0"]


def edit(journal: Journal, chance: random.Random) -> int:
    """Changes one column of one entry to another value."""
    number = chance.randint(1, LENGTH)
    column = chance.choice(HEADER[1:])
    was = row(journal, number)[HEADER.index(column)]
    values = others(column, was, chance) + ([None] if column == "concern" and was is not None else [])
    journal.fetch(f"UPDATE entries SET {column} = ? WHERE number = ?", (chance.choice(values), number))
    return number


def drop(journal: Journal, chance: random.Random) -> int:
    """Takes one entry out, sometimes closing the numbers behind it."""
    number = chance.randint(1, LENGTH)
    journal.fetch("DELETE FROM entries WHERE number = ?", (number,))
    if chance.random() < 0.5:
        journal.fetch("UPDATE entries SET number = -(number - 1) WHERE number > ?", (number,))
        journal.fetch("UPDATE entries SET number = -number WHERE number < 0")
    return number


def swap(journal: Journal, chance: random.Random) -> int:
    """Exchanges two entries, with or without their hashes."""
    one, two = sorted(chance.sample(range(1, LENGTH + 1), 2))
    first, second = row(journal, one), row(journal, two)
    kept = slice(1, chance.choice([6, 8]))
    journal.fetch("DELETE FROM entries WHERE number IN (?, ?)", (one, two))
    first[kept], second[kept] = second[kept], first[kept]
    put(journal, first)
    put(journal, second)
    return one


def insert(journal: Journal, chance: random.Random) -> int:
    """Puts an entry in between and renumbers what follows; sometimes its own hash is right."""
    number = chance.randint(1, LENGTH)
    forged = row(journal, number)
    journal.fetch("UPDATE entries SET number = -(number + 1) WHERE number >= ?", (number,))
    journal.fetch("UPDATE entries SET number = -number WHERE number < 0")
    forged[5] = '{"forged":true}'
    if chance.random() < 0.5:
        bare = (forged[0], forged[1], forged[2], forged[3], forged[5])
        forged[7] = digest(1, "sandbox", forged[4], bare, forged[6])
        put(journal, forged)
        return number + 1  # itself it fits; the entry it pushed away does not
    put(journal, forged)
    return number


def cut(journal: Journal, chance: random.Random) -> int:
    """Takes the newest entries away."""
    number = chance.randint(1, LENGTH)
    journal.fetch("DELETE FROM entries WHERE number >= ?", (number,))
    return number


def rewrite(journal: Journal, chance: random.Random) -> int:
    """Changes one entry and makes the whole chain behind it fit again: only the anchor knows better."""
    number = chance.randint(1, LENGTH)
    prev = row(journal, number)[6]
    for n in range(number, LENGTH + 1):
        values = row(journal, n)
        body = '{"never":"happened"}' if n == number else values[5]
        mine = digest(1, "sandbox", values[4], (n, values[1], values[2], values[3], body), prev)
        journal.fetch("UPDATE entries SET body = ?, prev_hash = ?, hash = ? WHERE number = ?", (body, prev, mine, n))
        prev = mine
    return LENGTH


WAYS = (edit, drop, swap, insert, cut, rewrite)


def test_an_untouched_journal_is_whole(journal: Journal) -> None:
    assert verify(journal) == Verification(True, LENGTH, None, "All 40 entries follow from one another")


def test_the_hash_is_sha256_over_a_text_anybody_can_write_down(journal: Journal) -> None:
    text = (
        '[1,40,"1700000005.0","move","clock","****5678","sandbox",'
        '"{\\"issue\\":\\"down-40\\",\\"n\\":40,\\"severity\\":\\"ERROR\\"}","' + row(journal, LENGTH)[6] + '"]'
    )
    assert hashlib.sha256(text.encode()).hexdigest() == journal.head.hash


def test_an_empty_journal_is_whole(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db", account="VA12345678", environment="live") as empty:
        assert verify(empty).ok


def test_every_one_of_many_random_tamperings_is_found_and_its_first_bad_entry_named(journal: Journal) -> None:
    chance = random.Random(20240229)
    for turn in range(TAMPERINGS):
        way = WAYS[turn % len(WAYS)]
        journal.fetch("BEGIN")
        bad = way(journal, chance)
        found = verify(journal)
        journal.fetch("ROLLBACK")
        assert (found.ok, found.first_bad) == (False, bad), (turn, way.__name__, found)
    assert verify(journal).ok


@pytest.mark.parametrize("key", ["account", "environment", "created", "settings", "hash"])
def test_a_changed_setting_in_the_meta_table_breaks_the_first_entry(path: Path, journal: Journal, key: str) -> None:
    journal.close()
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("UPDATE meta SET value = value || 'x' WHERE key = ?", (key,))
    database.close()
    with Journal.open(path, read_only=True) as reader:
        found = verify(reader)
    assert (found.ok, found.entries, found.first_bad) == (False, 0, 1)


def test_text_that_is_no_text_and_types_never_written_are_named_too(journal: Journal) -> None:
    for number, value in ((7, "CAST(x'ff' AS TEXT)"), (LENGTH, "x'ff00'")):
        journal.fetch("BEGIN")
        journal.fetch(f"UPDATE entries SET account = {value} WHERE number = ?", (number,))
        found = verify(journal)
        journal.fetch("ROLLBACK")
        assert (found.ok, found.entries, found.first_bad) == (False, number - 1, number)


def test_an_index_that_hides_an_entry_is_found(path: Path, journal: Journal) -> None:
    journal.close()
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA writable_schema = ON")
    database.execute("UPDATE sqlite_master SET sql = replace(sql, '(kind, at)', '(concern, at)')")
    database.close()
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("REINDEX entries_kind_at")
    database.execute("PRAGMA writable_schema = ON")
    database.execute(
        "UPDATE sqlite_master SET sql = replace(sql, '(concern, at)', '(kind, at)') WHERE name LIKE '%kind_at'"
    )
    database.close()
    with Journal.open(path, read_only=True) as reader:
        found = verify(reader)
    assert (found.ok, found.entries, found.first_bad) == (False, LENGTH, None)
    assert "SQLite finds damage" in found.why


def test_a_missing_or_damaged_anchor_is_not_passed_over(path: Path, journal: Journal) -> None:
    anchor = path.with_name("journal.db.head")
    for content in ("{}", None):
        if content is None:
            anchor.unlink()
        else:
            anchor.write_text(content)
        found = verify(journal)
        assert (found.ok, found.entries, found.first_bad) == (False, LENGTH, None)
        assert "whether a tail was cut cannot be told" in found.why


def test_an_anchor_that_lags_behind_is_whole_and_said(path: Path, journal: Journal) -> None:
    old = row(journal, LENGTH - 2)[7]
    path.with_name("journal.db.head").write_text(json.dumps({"number": LENGTH - 2, "hash": old}))
    found = verify(journal)
    assert found.ok
    assert found.why.endswith("the anchor stops at 38")


def test_a_journal_without_all_its_entries_is_found_by_the_anchor(journal: Journal) -> None:
    journal.fetch("DELETE FROM entries")
    found = verify(journal)
    assert (found.ok, found.entries, found.first_bad) == (False, 0, 1)
    assert "the anchor saw 40, the journal ends at 0" in found.why
