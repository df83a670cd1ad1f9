"""Does what was acknowledged outlive a kill at any instant, and do readers see it while a writer writes?"""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from supervisor.journal import Entry, Journal, entries, verify

KILLS = 10
SEED = 11
CHILD = """
import sys
from pathlib import Path
from supervisor.journal import Entry, Journal
journal = Journal.open(Path(sys.argv[1]), account="VA12345678", environment="sandbox")
number = journal.head.number
while True:
    sweep = [Entry(number + n, 1.7e9 + number + n, "note", None, {"n": number + n, "x": "x" * 300}) for n in (1, 2, 3)]
    number = journal.append(sweep).number
    print(number, flush=True)
"""


@contextmanager
def writing(path: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True) as child:
        yield child
        child.kill()


def acknowledged(child: "subprocess.Popen[str]", count: int) -> int:
    """The last of that many numbers the child said were safe."""
    assert child.stdout is not None
    numbers = [int(child.stdout.readline()) for _ in range(count)]
    return numbers[-1]


def last_words(child: "subprocess.Popen[str]") -> int | None:
    """What else the child had acknowledged before it died; a line may be torn."""
    assert child.stdout is not None
    lines = child.stdout.read().split("\n")[:-1]
    return int(lines[-1]) if lines else None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_no_acknowledged_entry_is_lost_by_a_kill_at_any_instant_and_the_chain_verifies(path: Path) -> None:
    chance = random.Random(SEED)
    for _ in range(KILLS):
        with writing(path) as child:
            safe = acknowledged(child, chance.randint(1, 40))
            for _ in range(chance.randint(0, 20_000)):  # somewhere within a sweep, which takes about a millisecond
                pass
            child.kill()
            safe = last_words(child) or safe
        with Journal.open(path, read_only=True) as reader:
            found = verify(reader)
            assert found.ok, found
            assert reader.head.number >= safe
            assert reader.head.number % 3 == 0  # whole sweeps only
    with Journal.open(path, account="VA12345678", environment="sandbox") as journal:
        assert [entry.body["n"] for entry in entries(journal)] == list(range(1, journal.head.number + 1))
        journal.append([Entry(journal.head.number + 1, 1.7e9, "note", None, {})])
        assert verify(journal).why.endswith("follow from one another")


def test_a_reader_in_another_process_sees_every_acknowledged_entry_while_the_writer_writes(path: Path) -> None:
    with writing(path) as child:
        acknowledged(child, 1)
        with Journal.open(path, read_only=True) as reader:
            seen = 0
            for _ in range(60):
                safe = acknowledged(child, 3)
                for entry in entries(reader, after=seen):
                    assert entry.number == entry.body["n"] == seen + 1
                    seen = entry.number
                assert seen >= safe
            assert verify(reader).ok
        assert child.poll() is None
