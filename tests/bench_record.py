"""Is every tampering found, and how soon is a year replayed and any instant of it explained?"""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from supervisor.journal.verify import verify

from audit.test_audit_proof import filled, in_memory, tamper
from bench_figures import Figure

YEAR = 3_000_000
"""Inputs of a lively account's year."""


def tampering(*, quick: bool) -> Iterator[Figure]:
    """Entries changed, dropped, swapped, put in, and tails cut, at random."""
    many, chance, missed = 1_000 if quick else 10_000, random.Random(7), 0
    with tempfile.TemporaryDirectory() as folder, filled(Path(folder, "journal.db"), 30) as journal:
        copy = in_memory(journal)
        for _ in range(many):
            copy.fetch("BEGIN")
            tamper(copy, chance, 30)
            missed += verify(copy).ok
            copy.fetch("ROLLBACK")
        copy.close()
    yield Figure(f"of {many:,} random tamperings not found", missed, "", 0)


def a_year(*, quick: bool) -> Iterator[Figure]:
    """A share of a year of a lively account, made, replayed and asked in processes of their own (`make year`: all of it)."""
    inputs = 6_000 if quick else 150_000
    program = Path(__file__).parent / "audit" / "year.py"
    done = subprocess.run(
        [sys.executable, str(program), "--inputs", str(inputs)], check=True, capture_output=True, text=True
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    replay = next(row for row in told if row["what"] == "replay")
    megabytes = max(replay["megabytes_own"], replay["megabytes_of_a_child"])
    slowest = max(row["seconds"] for row in told if row["what"] == "explain --at")
    yield Figure("a year replayed, from a share of it", replay["seconds"] * YEAR / inputs, "s", 90)
    yield Figure("  that share", inputs / YEAR * 100, "%")
    yield Figure("moves that the replay of it gives differently", 0 if replay["identical"] else 1, "", 0)
    yield Figure("the largest process of that replay", megabytes, "MB", 200)
    yield Figure("explain --at anywhere in it, the slowest of 30", slowest, "s", 1)


def all_of_the_record(*, quick: bool) -> Iterator[Figure]:
    """Every figure of this file."""
    yield from tampering(quick=quick)
    yield from a_year(quick=quick)
