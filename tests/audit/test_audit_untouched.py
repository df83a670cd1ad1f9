"""Does any command that looks back leave a good or a bad file exactly as it was, and say in one sentence what is wrong?"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest
from supervisor.testing.clocks import Frozen
from supervisor.testing.world import World

from cli.commanding import Commands, Said

NOBODY = 65534

Look = dict[str, tuple[int, int, bytes]]


def look(folder: Path) -> Look:
    """Every file below, with the time it was changed, its mode and its bytes."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_mode, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xaa" * (len(content) - 4096)
    path.write_bytes(content)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 3 * 4096 + 17])


def newer(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()


def foreign(path: Path) -> None:
    path.unlink()
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE songs (title TEXT)")
    database.commit()
    database.close()


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


@contextmanager
def as_nobody(path: Path) -> Iterator[None]:
    """Root may read anything: so be somebody else for a moment, who may come up to the file and not read it."""
    path.chmod(0)
    if os.geteuid():
        yield
        return
    opened_up = [folder for folder in path.parents if not folder.stat().st_mode & 0o001]
    modes = {folder: folder.stat().st_mode for folder in opened_up}
    for folder in opened_up:
        folder.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        for folder, mode in modes.items():
            folder.chmod(mode & 0o7777)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program has the file for itself."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("BEGIN IMMEDIATE")
    yield
    database.close()


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "a text": (lambda path: path.write_text("dear diary, " * 500), "is not a journal"),
    "of another program": (foreign, "is a database of another program"),
    "of a newer version": (newer, "written by a newer version"),
    "truncated": (truncated, "damaged"),
    "damaged": (damaged, "damaged"),
    "missing": (Path.unlink, "no journal at"),
    "a folder": (folder_instead, "is not a file"),
    "forbidden": (lambda path: None, "Permission denied"),
    "locked": (lambda path: None, "another process has locked it"),
}
MEANWHILE: dict[str, Callable[[Path], AbstractContextManager[object]]] = {"forbidden": as_nobody, "locked": locked}
AT = "2026-11-23T16:00Z"


def asking(path: Path, out: Path) -> tuple[tuple[str, ...], ...]:
    """Every command that reads a journal: the account's own, or a file that is named."""
    (out / "s.toml").write_text("dwell = 60\n")
    (out / "key").write_text("11" * 32)
    settings, key = str(out / "s.toml"), str(out / "key")
    return (
        ("log",), ("log", "--json"), ("log", "--kind", "all"), ("log", "verify"), ("log", "verify", str(path)),
        ("log", "seal", "--out", str(out / "sealed")), ("log", "export", str(out / "x.gz")), ("log", "sign", "--key", key),
        ("log", "sign", "--key", key, str(path)), ("issues",), ("stats",), ("explain", "--at", AT), ("replay",),
        ("replay", str(path)), ("replay", "--settings", settings), ("replay", str(path), "--settings", settings),
        ("report", "--out", str(out / "r.html")), ("diagram", "clock", "--overlay", "now"),
        ("diagram", "clock", "--overlay", "path"), ("diagram", "clock", "--overlay", "counts"), ("fixes",),
        ("scenario", "record", str(path), "--out", str(out / "x.yaml")),
    )  # fmt: skip


def journal_of(commands: Commands) -> Path:
    (path,) = commands.home.rglob("journal.db")
    return path


def made(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()} - {"s.toml", "key", "home"}


def check(told: Said, arguments: tuple[str, ...], words: str) -> None:
    said = told.err or told.out
    assert told.code != 0, arguments
    assert words in said, (arguments, said)
    assert said.count("\n") == 1, (arguments, said)
    assert "Traceback" not in said


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_no_good_journal_is_one_sentence_and_stays_as_it_is(
    command: Commands,
    tmp_path: Path,
    case: str,
) -> None:
    spoil, words = BAD[case]
    path = journal_of(command)
    spoil(path)
    before = look(command.home)
    every = asking(path, tmp_path)
    if case == "locked":
        every = tuple(arguments for arguments in every if arguments[:2] in {("log",), ("replay",), ("stats",)})
    with MEANWHILE.get(case, nullcontext)(path):
        for arguments in every:
            check(command(*arguments), arguments, words)
    if case == "forbidden":
        path.chmod(0o600)
    if case == "locked":  # the other program's own files are gone with it
        assert {name: what[2] for name, what in look(command.home).items()} == {n: w[2] for n, w in before.items()}
    else:
        assert look(command.home) == before
    assert made(tmp_path) == set()


def test_looking_back_leaves_a_good_record_as_it_is_and_nothing_beside_it(
    command: Commands,
    tmp_path: Path,
) -> None:
    before = look(command.home)
    for arguments in asking(journal_of(command), tmp_path):
        told = command(*arguments)
        assert told.err == "", (arguments, told.err)
        assert look(command.home) == before, arguments


DEEP = "[" * 9000 + "]" * 9000
NESTED: dict[str, str] = {
    "json": DEEP,
    "toml": f"fall = {DEEP}",
    "scenario.yaml": f"scenario: {DEEP}",
    "gz": DEEP,
    "key": DEEP,
    "log": DEEP,
}
SHAPES: dict[str, str] = {
    "json": "[1]",
    "toml": "fall = [1]",
    "scenario.yaml": "- 1",
    "gz": "[1]",
    "key": "[1]",
    "log": "[1]",
}
SPOILED: dict[str, Callable[[Path, str], object]] = {
    "missing": lambda path, _: None,
    "a folder": lambda path, _: path.mkdir(),
    "empty": lambda path, _: path.write_bytes(b""),
    "binary": lambda path, _: path.write_bytes(bytes(range(256)) * 8),
    "not UTF-8": lambda path, form: path.write_bytes(NESTED[form].replace("[", "caf\xe9").encode("latin-1")),
    "nested too deeply": lambda path, form: path.write_text(NESTED[form]),
    "of another shape": lambda path, form: path.write_text(SHAPES[form]),
    "a database": lambda path, _: foreign_at(path),
    "forbidden": lambda path, form: path.write_text(SHAPES[form]),
}
NAMED: dict[str, tuple[str, ...]] = {
    "explain --order": ("json", "explain", "--order", "FILE"),
    "explain --at --order": ("json", "explain", "--at", AT, "--order", "FILE"),
    "diagnose": ("json", "diagnose", "FILE"),
    "order preview": ("json", "order", "preview", "FILE"),
    "order submit": ("json", "order", "submit", "FILE", "--yes"),
    "scenario run": ("scenario.yaml", "scenario", "run", "FILE"),
    "replay --settings": ("toml", "replay", "--settings", "FILE"),
    "stats, configured": ("toml", "stats"),
    "log import": ("gz", "log", "import", "FILE", "--out", "made.db"),
    "log sign --key": ("key", "log", "sign", "--key", "FILE"),
    "log verify --witness": ("log", "log", "verify", "--witness", "FILE"),
    "log verify --signed": ("json", "log", "verify", "--public-key", "11" * 32, "--signed", "FILE"),
}
GOOD = {("replay --settings", "empty"), ("stats, configured", "empty")}
"""No settings are the default settings."""


def foreign_at(path: Path) -> None:
    path.touch()
    foreign(path)


@pytest.mark.parametrize("named", NAMED)
@pytest.mark.parametrize("case", SPOILED)
def test_any_other_file_that_is_no_good_is_one_sentence_too(
    command: Commands, tmp_path: Path, case: str, named: str
) -> None:
    form, *arguments = NAMED[named]
    path = tmp_path / "named" / f"file.{form}"
    path.parent.mkdir()
    SPOILED[case](path, form)
    (tmp_path / "named" / f"file.{form}.sha256").write_text("ab" * 32)
    if named == "stats, configured":
        command.env(SUPERVISOR_CONFIG=str(path))
    before, home = look(path.parent), look(command.home)
    with as_nobody(path) if case == "forbidden" else nullcontext():
        told = command(*(str(path) if argument == "FILE" else argument for argument in arguments))
    if case == "forbidden":
        path.chmod(0o644)
    if (named, case) in GOOD:
        assert told.code == 0
    else:
        assert (told.code, told.out, told.err.count("\n")) == (3, "", 1), told
        assert told.err.startswith("supervisor: "), told
        assert "Traceback" not in told.err
    assert {name: what[2] for name, what in look(path.parent).items()} == {
        name: what[2] for name, what in before.items()
    }
    assert look(command.home) == home
    assert not (tmp_path / "made.db").exists()


def test_a_damaged_side_file_of_an_order_keeps_nobody_from_starting(tmp_path: Path) -> None:
    with Frozen() as frozen:
        world = World(frozen, tmp_path, desk=True)
        world.home.spool.mkdir(parents=True)
        for name, content in (("cut", b'{"our_id": "a'), ("deep", DEEP.encode()), ("list", b"[]"), ("bytes", b"\xff")):
            (world.home.spool / f"{name}.json").write_bytes(content)
        before = look(world.home.spool)
        world.start()
        world.run_to(frozen.true + 120)
        assert world.running.can_trade()
        world.close()
        assert look(world.home.spool) == before
