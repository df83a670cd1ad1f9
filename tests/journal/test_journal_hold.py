"""Does a hold survive everything, and is a damaged one never taken for none?"""

import json
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from supervisor.concerns.facts import Action
from supervisor.errors import JournalError
from supervisor.journal import NO_HOLD, Hold, read_hold, write_hold


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hold.json"


def test_no_file_is_no_hold(path: Path) -> None:
    assert read_hold(path) == NO_HOLD
    assert NO_HOLD.mode is None


@pytest.mark.parametrize("mode", [Action.REDUCE, Action.HALT, None])
def test_a_hold_is_read_as_it_was_written_by_its_owner_only(path: Path, mode: Action | None) -> None:
    hold = Hold(mode, "ann", "earnings tonight é", 1700000000.123)
    write_hold(path, Hold(Action.HALT, "bob", "older", 1.0))
    write_hold(path, hold)
    assert read_hold(path) == hold
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["hold.json"]


GOOD: dict[str, Any] = {"mode": "halt", "who": "ann", "why": "x", "at": 1.0}
CHANGES: list[dict[str, Any]] = [{"mode": "HALT"}, {"mode": []}, {"who": 1}, {"at": "noon"}]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"halt"',
        b"\xff\xfe",
        b"[" * 100_000,
        *(json.dumps(GOOD | change).encode() for change in CHANGES),
        *(json.dumps({key: value for key, value in GOOD.items() if key != gone}).encode() for gone in GOOD),
    ],
)
def test_a_damaged_hold_file_holds_to_closing_and_says_so(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with freeze_time("2024-01-02"):
        hold = read_hold(path)
    assert (hold.mode, hold.at) == (Action.REDUCE, 1704153600.0)
    assert f"The hold file {path} is damaged" in hold.why
    assert path.read_bytes() == content


def test_a_hold_file_that_cannot_be_read_holds_to_closing(path: Path) -> None:
    path.mkdir()
    hold = read_hold(path)
    assert hold.mode is Action.REDUCE
    assert "cannot be read" in hold.why


def test_what_is_no_hold_is_not_written(path: Path) -> None:
    with pytest.raises(JournalError, match="A hold is reduce, halt or none, not ack"):
        write_hold(path, Hold(Action.ACK, "ann", "x", 1.0))
    assert not path.exists()


def test_a_hold_that_cannot_be_written_is_an_error_and_leaves_no_litter(path: Path) -> None:
    path.mkdir()
    with pytest.raises(JournalError, match="could not be written"):
        write_hold(path, Hold(Action.HALT, "ann", "x", 1.0))
    assert list(path.parent.iterdir()) == [path]


def test_no_account_number_gets_into_the_hold_file(path: Path) -> None:
    write_hold(path, Hold(Action.HALT, "VA12345678", "VA12345678 is odd", 1.0))
    assert b"VA12345678" not in path.read_bytes()
