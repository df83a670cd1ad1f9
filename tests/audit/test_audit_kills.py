"""Is everything that was acknowledged still there after a kill at any instant, and does it replay as it was lived?"""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from supervisor.journal.query import entries
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify
from supervisor.monitor.past_replay import compare

from audit.audit_world import memory
from monitor.watching import EXACT

KILLS = int(os.environ.get("SUPERVISOR_KILLS", "50"))
"""`make kills` sets 1,000."""
LIVES = 25
"""Kills of one record, before a new one is begun."""
LONGEST = 0.1
"""Seconds until a kill, at most, from the first commit on: dozens of sweeps."""


@pytest.fixture
def nursery() -> Iterator["subprocess.Popen[str]"]:
    tests = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(tests)}
    with subprocess.Popen(
        [sys.executable, "-m", "audit.audit_load"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
    ) as process:  # fmt: skip
        yield process
        process.kill()


def live_and_die(nursery: "subprocess.Popen[str]", root: Path, seed: int, wait: float) -> None:
    """One life in that folder, ended by SIGKILL that long after its first commit."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{root} {seed}\n")
    nursery.stdin.flush()
    pid = int(nursery.stdout.readline())
    Event().wait(wait)
    os.kill(pid, signal.SIGKILL)
    assert nursery.stdout.readline() == "ended\n"


def acknowledged(root: Path) -> list[tuple[int, str]]:
    """Every head that was acknowledged; the last line may be torn."""
    lines = (root / "acknowledged").read_text().split("\n")[:-1]
    return [(int(number), its_hash) for number, its_hash in (line.split() for line in lines)]


def test_kills_at_random_instants_lose_nothing_and_replay_equals_what_was_lived(
    nursery: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    chance = random.Random(9)
    for kill in range(KILLS):
        root = tmp_path / str(kill // LIVES)
        root.mkdir(exist_ok=True)
        live_and_die(nursery, root, kill % LIVES, chance.random() * LONGEST)
        if kill % LIVES == LIVES - 1 or kill == KILLS - 1:
            with Journal.open(memory(root).home.journal, read_only=True) as journal:
                found = verify(journal)
                assert found.ok, (kill, found)
                hashes = dict(journal.fetch("SELECT number, hash FROM entries"))
                safe = acknowledged(root)
                assert [head for head in safe if hashes.get(head[0]) != head[1]] == []
                replayed = compare(journal, EXACT)
                assert replayed.identical, (kill, replayed.difference)
                starts = sum(entry.kind == "start" for entry in entries(journal))
            assert starts == kill % LIVES + 1
            assert len(safe) > starts  # how many more depends on the machine
            assert replayed.moves > starts
