"""One order from the command line: previewed, sent once, looked up, canceled, diagnosed."""

import json
from pathlib import Path
from typing import Any

import pytest
from supervisor.simulator import Server, preset

from cli.commanding import Commands

BUY = {"symbol": "aapl", "side": "buy", "quantity": 1, "type": "limit", "price": 150.0, "duration": "day"}


@pytest.fixture
def order(tmp_path: Path) -> str:
    path = tmp_path / "order.json"
    path.write_text(json.dumps(BUY))
    return str(path)


def bookings(server: Server) -> int:
    return len(server.simulator.bookings)


def test_an_order_is_sent_once_looked_up_and_canceled(command: Commands, order: str) -> None:
    server = command.broker(preset("healthy_margin"))
    refused = command("order", "submit", order)
    assert (refused.code, bookings(server)) == (3, 0)
    assert "say --yes" in refused.err
    sent = command("order", "submit", order, "--yes", "--json")
    told: dict[str, Any] = sent.json()
    assert (sent.code, told["outcome"], bookings(server)) == (0, "landed", 1)
    assert {"outcome", "order_id", "tag", "status", "errors", "warnings", "fixes_applied"} <= set(told)
    looked = command("order", "status", told["order_id"], "--json")
    assert looked.json()["outcome"] == "landed"
    gone = command("order", "cancel", told["order_id"], "--json")
    assert (gone.code, gone.json()["outcome"]) == (0, "canceled")
    assert bookings(server) == 1


def test_a_preview_and_a_diagnosis_send_nothing(command: Commands, order: str) -> None:
    server = command.broker(preset("healthy_margin"))
    assert command("order", "preview", order, "--json").json()["order"]["symbol"] == "AAPL"
    told = command("diagnose", order, "--error", "InitialMargin", "--json").json()
    assert (told["code"], told["category"], told["severity"]) == ("order_failure_funds", "funds", "warning")
    assert "InitialMargin" in told["error_message"]
    assert bookings(server) == 0


def test_a_closed_gate_refuses_and_says_which_concern(command: Commands, order: str) -> None:
    server = command.broker(preset("account_suspended"))
    told = command("order", "submit", order, "--yes", "--json")
    assert (told.code, told.json()["outcome"], bookings(server)) == (1, "refused", 0)
    assert any("account is restricted" in words for words in told.json()["errors"])


def test_what_is_no_order_is_one_sentence(command: Commands, tmp_path: Path) -> None:
    command.broker(preset("healthy_margin"))
    for text in ("not json", "[1]"):
        (tmp_path / "bad.json").write_text(text)
        told = command("order", "submit", str(tmp_path / "bad.json"), "--yes")
        assert told.code == 3
        assert told.err.count("\n") == 1
    assert "cannot be read" in command("diagnose", str(tmp_path / "none.json")).err
