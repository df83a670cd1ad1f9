"""Is there never more than one writer, and never a lock without one?"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from supervisor.errors import JournalError, WriterBusy
from supervisor.journal import WriterLock, writer

CHILD = """
import sys
from pathlib import Path
from supervisor.journal import WriterLock
lock = WriterLock.take(Path(sys.argv[1]))
print("taken", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "writer.lock"


@contextmanager
def another_writer(path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", CHILD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "taken\n"
        yield child
        child.kill()


def test_nobody_writes_before_anybody_took_the_lock(path: Path) -> None:
    assert writer(path) is None
    assert not path.exists()


def test_the_writer_is_known_while_it_holds_the_lock_and_not_after(path: Path) -> None:
    with WriterLock.take(path) as lock:
        said = writer(path)
        assert said is not None
        assert said["pid"] == os.getpid()
        assert set(said) == {"pid", "started", "hostname"}
        assert path.stat().st_mode & 0o777 == 0o600
    assert writer(path) is None
    lock.release()
    with WriterLock.take(path):
        assert writer(path) is not None


def test_a_second_writer_is_refused_naming_the_first_even_in_one_process(path: Path) -> None:
    with WriterLock.take(path), pytest.raises(WriterBusy, match=f"^Process {os.getpid()} on .* is the writer of"):
        WriterLock.take(path)


def test_a_lock_dies_with_its_process_however_that_dies(path: Path) -> None:
    with another_writer(path) as child:
        said = writer(path)
        assert said is not None
        assert said["pid"] == child.pid
        with pytest.raises(WriterBusy, match=f"Process {child.pid} "):
            WriterLock.take(path)
        child.kill()
        child.wait()
        assert writer(path) is None
        with WriterLock.take(path):
            pass


FORKING = """
import os, sys
from pathlib import Path
from supervisor.journal import WriterLock
lock = WriterLock.take(Path(sys.argv[1]))
if os.fork() == 0:
    lock.release()
    print("forked", flush=True)
    sys.stdin.read()
    os._exit(0)
os.wait()
"""


def test_a_forked_child_neither_drops_nor_keeps_the_lock_of_its_parent(path: Path) -> None:
    command = [sys.executable, "-c", FORKING, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "forked\n"
        said = writer(path)
        assert said is not None
        assert said["pid"] == parent.pid
        parent.kill()
        parent.wait()
        assert writer(path) is None  # though its child still lives


def test_those_who_ask_who_writes_do_not_keep_a_writer_out(path: Path) -> None:
    path.touch()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            writer(path)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        for _ in range(100):
            WriterLock.take(path).release()
    finally:
        done.set()
        asker.join()
    assert writer(path) is None


@pytest.mark.parametrize("content", ["", "{", "[1]", "7"])
def test_a_writer_that_has_not_said_who_it_is_yet_is_still_a_writer(path: Path, content: str) -> None:
    with WriterLock.take(path):
        path.write_text(content)
        assert writer(path) == {"pid": None, "started": None, "hostname": None}
        with pytest.raises(WriterBusy, match="Process unknown on this machine"):
            WriterLock.take(path)


def test_words_left_by_a_dead_writer_mean_nothing(path: Path) -> None:
    path.write_text(json.dumps({"pid": 1, "started": "long ago", "hostname": "here"}))
    assert writer(path) is None
    with WriterLock.take(path):
        assert writer(path) != {"pid": 1, "started": "long ago", "hostname": "here"}


def test_a_lock_that_cannot_be_used_is_one_clear_sentence(path: Path) -> None:
    path.mkdir()
    with pytest.raises(JournalError, match="cannot be used: Is a directory"):
        WriterLock.take(path)
    with pytest.raises(JournalError, match="cannot be used: No such file"):
        WriterLock.take(path / "missing" / "writer.lock")
