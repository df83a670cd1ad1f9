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


def test_a_preview_says_what_it_costs_in_numbers_and_a_refused_one_exits_1(
    command: Commands, order: str, tmp_path: Path
) -> None:
    command.broker(preset("healthy_margin"))
    told = command("order", "preview", order, "--json")
    estimate = told.json()["estimate"]
    assert (told.code, estimate["clean"], estimate["refused"]) == (0, True, False)
    assert estimate["order_cost"] == 150.0
    assert "150.00" in command("order", "preview", order).out
    (tmp_path / "much.json").write_text(json.dumps(BUY | {"quantity": 1_000_000}))
    refused = command("order", "preview", str(tmp_path / "much.json"), "--json")
    assert (refused.code, refused.json()["estimate"]["refused"]) == (1, True)
    assert refused.json()["estimate"]["words"]


def test_an_order_that_is_over_and_one_placed_elsewhere_are_looked_up_at_the_broker(
    command: Commands, order: str, tmp_path: Path
) -> None:
    server = command.broker(preset("healthy_margin"))
    sent = command("order", "submit", order, "--yes", "--json").json()
    assert command("order", "cancel", sent["order_id"]).code == 0
    command.env(SUPERVISOR_HOME=str(tmp_path / "another"))
    for name in (sent["order_id"], sent["tag"]):
        looked = command("order", "status", name, "--json")
        assert (looked.code, looked.json()["outcome"], looked.json()["status"]) == (0, "landed", "canceled")
    unknown = command("order", "status", "12345678")
    assert (unknown.code, unknown.out) == (3, "")
    assert unknown.err.count("\n") == 1
    server.simulator.inject("http_500_backend")
    assert "could not be asked" in command("order", "status", sent["order_id"]).err


def test_an_order_in_doubt_on_record_is_looked_up_by_its_tag(command: Commands, order: str) -> None:
    server = command.broker(preset("healthy_margin"))
    server.simulator.inject("lost_502", "order", count=1)
    server.simulator.inject("late_listing", "orders,order_status", by=600.0)
    sent = command("order", "submit", order, "--yes", "--json", "--wait", "1")
    assert (sent.code, sent.json()["outcome"]) == (2, "unknown")
    looked = command("order", "status", sent.json()["tag"], "--json")
    assert (looked.code, looked.json()["outcome"]) == (2, "unknown")
