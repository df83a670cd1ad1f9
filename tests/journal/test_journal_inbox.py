"""Does every command left reach the writer once, in order, and does its sender hear of it?"""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from supervisor.errors import ConfigError, JournalError
from supervisor.journal import COMMANDS, answer, collect, leave, take, wait_receipt

HOLD = {"command": "hold", "mode": "reduce", "who": "ann", "why": "earnings"}
GOOD: list[dict[str, Any]] = [
    HOLD,
    {"command": "release", "who": "ann", "why": ""},
    {"command": "ack", "target": "margin_call-12", "who": "ann", "why": "known"},
    {"command": "approve", "target": "repair-3", "who": "ann", "why": "go"},
    {"command": "settle", "target": "order-4", "outcome": "never_sent", "who": "ann", "why": "asked the broker"},
    {"command": "cancel", "target": "order-4", "who": "ann", "why": "", "extra": [1, None]},
]
BAD: list[Any] = [
    [],
    {},
    {**HOLD, "command": "sell"},
    {**HOLD, "command": ["hold"]},
    {**HOLD, "mode": "stop"},
    {**HOLD, "mode": None},
    {**HOLD, "who": ""},
    {**HOLD, "why": None},
    {"command": "hold", "mode": "reduce", "why": ""},
    {"command": "ack", "who": "ann", "why": "x"},
    {"command": "settle", "target": "order-4", "who": "ann", "why": "x"},
]


def collected(inbox: Path) -> list[Mapping[str, Any]]:
    found = collect(inbox)
    assert found.rejected == ()
    return [letter.body for letter in found.letters]


def test_all_commands_arrive_in_the_order_they_were_left_and_stay_until_taken(tmp_path: Path) -> None:
    assert {command["command"] for command in GOOD} == set(COMMANDS)
    with freeze_time("2024-01-02") as clock:
        late = [leave(tmp_path, command) for command in GOOD]
        clock.move_to("2023-12-31")
        early = leave(tmp_path, {**HOLD, "why": "earlier"})
    assert collected(tmp_path) == [{**HOLD, "why": "earlier"}, *GOOD]
    assert collected(tmp_path) == [{**HOLD, "why": "earlier"}, *GOOD]
    for path in (early, *late[:-1], early):
        take(path)
    assert collected(tmp_path) == GOOD[-1:]
    assert late[-1].stat().st_mode & 0o777 == 0o600


def test_many_senders_at_once_lose_nothing(tmp_path: Path) -> None:
    def send(name: int) -> None:
        for turn in range(20):
            leave(tmp_path, {**HOLD, "who": f"{name}-{turn}"})

    senders = [threading.Thread(target=send, args=(name,)) for name in range(5)]
    for sender in senders:
        sender.start()
    seen: set[str] = set()
    while len(seen) < 100:
        for letter in collect(tmp_path).letters:
            seen.add(letter.body["who"])
            take(letter.path)
    for sender in senders:
        sender.join()
    assert len(seen) == 100


@pytest.mark.parametrize("command", BAD, ids=str)
def test_what_is_no_command_is_not_left(tmp_path: Path, command: Any) -> None:
    with pytest.raises(ConfigError, match="This command cannot be left: "):
        leave(tmp_path, command)
    assert list(tmp_path.iterdir()) == []


def test_what_json_cannot_hold_is_not_left(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not JSON-able"):
        leave(tmp_path, {**HOLD, "extra": object()})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [*(json.dumps(command).encode() for command in BAD), b"", b"{", b"\xff", b"[" * 60_000, b" " * 70_000],
    ids=range(len(BAD) + 5),
)
def test_a_malformed_file_is_moved_aside_reported_and_answered_and_holds_up_nothing(
    tmp_path: Path, content: bytes
) -> None:
    odd = tmp_path / "00000000000000000001-0000000001-000000.json"
    odd.write_bytes(content)
    leave(tmp_path, HOLD)
    with freeze_time("1970-01-01"):
        found = collect(tmp_path)
    assert [letter.body for letter in found.letters] == [HOLD]
    (rejected,) = found.rejected
    assert rejected.path == tmp_path / "rejected" / odd.name
    assert rejected.path.read_bytes() == content
    assert rejected.why
    receipt = wait_receipt(odd, 0)
    assert receipt == {"ok": False, "why": rejected.why, "pid": os.getpid()}
    assert collected(tmp_path) == [HOLD]


def test_a_file_that_cannot_be_moved_aside_is_reported_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "rejected").write_text("in the way")
    odd = tmp_path / "1-1-1.json"
    odd.write_text("{")
    (rejected,) = collect(tmp_path).rejected
    assert rejected.path == odd
    assert "cannot be moved aside" in rejected.why


def test_files_still_being_written_and_others_are_left_alone(tmp_path: Path) -> None:
    for name in (".x.json.123.tmp", "notes.txt", "README"):
        (tmp_path / name).write_text("{")
    assert collected(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 3


def test_the_sender_hears_of_its_command_once_and_who_took_it(tmp_path: Path) -> None:
    path = leave(tmp_path, HOLD)
    assert wait_receipt(path, 0) is None

    def supervise() -> None:
        (letter,) = collect(tmp_path).letters
        take(letter.path)
        answer(letter.path, {"ok": True, "entry": 7})

    thread = threading.Thread(target=supervise)
    thread.start()
    assert wait_receipt(path, 10) == {"ok": True, "entry": 7, "pid": os.getpid()}
    thread.join()
    assert wait_receipt(path, 0.05) is None
    assert list(tmp_path.iterdir()) == []


def test_waiting_ends_even_under_a_frozen_clock(tmp_path: Path) -> None:
    with freeze_time("2024-01-02"):
        assert wait_receipt(tmp_path / "1.json", 0.1) is None


def test_a_receipt_nobody_fetches_is_forgotten_after_an_hour(tmp_path: Path) -> None:
    with freeze_time("2024-01-02 00:00:00") as clock:
        path = leave(tmp_path, HOLD)
        take(path)
        answer(path, {"ok": True})
        clock.move_to("2024-01-02 00:59:59")
        collect(tmp_path)
        assert len(list(tmp_path.iterdir())) == 1
        clock.move_to("2024-01-02 01:00:01")
        collect(tmp_path)
        assert list(tmp_path.iterdir()) == []


def test_no_account_number_gets_into_the_inbox(tmp_path: Path) -> None:
    path = leave(tmp_path, {**HOLD, "why": "VA12345678 is odd"})
    answer(path, {"why": "VA12345678"})
    assert not any(b"VA12345678" in file.read_bytes() for file in tmp_path.iterdir())


def test_an_inbox_that_cannot_be_used_is_one_clear_sentence(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for use in (
        lambda: leave(missing, HOLD),
        lambda: collect(missing),
        lambda: take(missing / "1.json"),
        lambda: answer(missing / "1.json", {}),
    ):
        with pytest.raises(JournalError, match=r"missing.* cannot be (written|read|taken away): No such file"):
            use()
    (tmp_path / "1.json.done").write_text("{")
    with pytest.raises(JournalError, match="cannot be read"):
        wait_receipt(tmp_path / "1.json", 0)
