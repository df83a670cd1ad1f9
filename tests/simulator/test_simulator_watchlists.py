"""Are watchlists kept and shown as documented?"""

import json
from typing import Any

import pytest

from simulator.asking import Desk


def made(desk: Desk, name: str = "My List", symbols: str = "AAPL,IBM") -> Any:
    return said(desk, "POST", "watchlists", name=name, symbols=symbols)["watchlist"]


def said(desk: Desk, method: str, path: str, **form: str) -> Any:
    reply = desk.ask(method, path, form or None)
    assert reply.status == 200, reply
    return json.loads(reply.body)


def symbols(desk: Desk, key: str) -> list[str]:
    items = desk.get(f"watchlists/{key}")["watchlist"]["items"]
    rows = [] if items == "null" else items["item"]
    return [row["symbol"] for row in (rows if isinstance(rows, list) else [rows])]


def test_no_list_is_the_word_null_one_an_object_and_two_an_array() -> None:
    desk = Desk()
    assert desk.get("watchlists") == {"watchlists": "null"}
    first = made(desk, "default")
    heading = {name: first[name] for name in ("name", "id", "public_id")}
    assert desk.get("watchlists") == {"watchlists": {"watchlist": heading}}
    made(desk, "a c d")
    assert [one["id"] for one in desk.get("watchlists")["watchlists"]["watchlist"]] == ["default", "a-c-d"]


def test_a_list_has_the_documented_shape_when_made_and_when_read() -> None:
    desk = Desk()
    created = made(desk, symbols="aapl, ibm,AAPL")
    assert list(created) == ["name", "id", "public_id", "items"]
    assert created["items"] == {"item": [{"symbol": "AAPL", "id": "aapl"}, {"symbol": "IBM", "id": "ibm"}]}
    assert created["public_id"].startswith("public-")
    assert desk.get(f"watchlists/{created['id']}") == {"watchlist": created}


def test_one_symbol_is_an_object_and_none_the_word_null() -> None:
    desk = Desk()
    assert made(desk, symbols="F")["items"] == {"item": {"symbol": "F", "id": "f"}}
    assert made(desk, "bare", "")["items"] == "null"


def test_symbols_are_added_and_removed_one_list_at_a_time() -> None:
    desk = Desk()
    mine, other = made(desk)["id"], made(desk, "other")["id"]
    said(desk, "POST", f"watchlists/{mine}/symbols", symbols="brk/b,AAPL")
    assert symbols(desk, mine) == ["AAPL", "IBM", "BRK/B"]
    for gone in ("BRK/B", "aapl", "TSLA"):
        last = said(desk, "DELETE", f"watchlists/{mine}/symbols/{gone}")
    assert last["watchlist"]["items"] == {"item": {"symbol": "IBM", "id": "ibm"}}
    assert symbols(desk, other) == ["AAPL", "IBM"]


def test_a_change_gives_name_and_symbols_and_keeps_the_id() -> None:
    desk = Desk()
    before = made(desk)
    after = said(desk, "PUT", f"watchlists/{before['id']}", name="Renamed", symbols="SPY,QQQ")["watchlist"]
    assert (after["name"], after["id"], after["public_id"]) == ("Renamed", before["id"], before["public_id"])
    assert symbols(desk, before["id"]) == ["SPY", "QQQ"]
    said(desk, "PUT", f"watchlists/{before['id']}", name="Again")
    assert symbols(desk, before["id"]) == ["SPY", "QQQ"]


def test_a_deleted_list_is_gone_and_the_reply_is_what_is_left() -> None:
    desk = Desk()
    first, second = made(desk)["id"], made(desk, "other")["id"]
    assert said(desk, "DELETE", f"watchlists/{first}")["watchlists"]["watchlist"]["id"] == second
    assert desk.ask("GET", f"watchlists/{first}").status == 400
    assert said(desk, "DELETE", f"watchlists/{second}") == {"watchlists": "null"}


@pytest.mark.parametrize(
    ("method", "path", "form", "name"),
    [
        ("GET", "watchlists/none", {}, "watchlist_id"),
        ("PUT", "watchlists/none", {"name": "x"}, "watchlist_id"),
        ("DELETE", "watchlists/none", {}, "watchlist_id"),
        ("POST", "watchlists/none/symbols", {"symbols": "F"}, "watchlist_id"),
        ("DELETE", "watchlists/none/symbols/F", {}, "watchlist_id"),
        ("POST", "watchlists", {"symbols": "F"}, "name"),
        ("POST", "watchlists", {"name": "My  list"}, "name"),
        ("POST", "watchlists", {"name": "!"}, "name"),
        ("PUT", "watchlists/my-list", {"symbols": "F"}, "name"),
    ],
)
def test_what_cannot_be_done_is_a_bare_sentence_and_changes_nothing(
    method: str, path: str, form: dict[str, str], name: str
) -> None:
    desk = Desk()
    made(desk)
    before = desk.get("watchlists")
    reply = desk.ask(method, path, form)
    assert (reply.status, reply.body.decode().partition(":")[0]) == (400, f"Invalid parameter, {name}")
    assert desk.get("watchlists") == before
    assert symbols(desk, "my-list") == ["AAPL", "IBM"]


def test_lists_come_as_xml_too_and_count_as_standard_requests() -> None:
    desk = Desk(limits="live")
    made(desk, symbols="F")
    reply = desk.ask("GET", "watchlists/my-list", headers={"Authorization": "Bearer any-token"})
    assert b"<items><item><symbol>F</symbol><id>f</id></item></items>" in reply.body
    assert reply.headers["X-Ratelimit-Allowed"] == "120"
    assert desk.ask("GET", "watchlists", headers={}).status == 401
