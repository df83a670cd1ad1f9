"""Are the quirks of Tradier's replies there: lists, XML, parameters, tokens, foreign accounts?"""

import json
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from supervisor.simulator import Account, AccountKind, Request, Simulator

from simulator.asking import ACCOUNT, HEADERS, NOON, Desk, at


def test_several_accounts_come_as_a_list_in_their_order() -> None:
    desk = Desk(Account("VA1111"), Account("VA2222", kind=AccountKind.PDT), ours="VA2222")
    accounts = desk.get("user/profile")["profile"]["account"]
    assert [account["account_number"] for account in accounts] == ["VA1111", "VA2222"]
    assert accounts[1]["type"] == "margin"
    assert accounts[1]["day_trader"] is True


def test_a_missing_status_or_level_is_a_missing_key() -> None:
    row = Desk(Account(status=None, option_level=None)).get("user/profile")["profile"]["account"]
    assert "status" not in row
    assert "option_level" not in row


@pytest.mark.parametrize("kind", list(AccountKind))
def test_balances_carry_exactly_the_sub_object_of_their_type(kind: AccountKind) -> None:
    body = Desk(Account(kind=kind, cash=Decimal(12000))).mine("balances")["balances"]
    assert body["account_type"] == kind.value
    assert [name for name in ("cash", "margin", "pdt") if name in body] == [kind.value]
    assert body["equity"] == 0
    assert body["total_equity"] == 12000


def test_margin_buys_twice_as_much_stock_as_options_and_a_day_trader_four_times() -> None:
    body = Desk(Account(kind=AccountKind.PDT, cash=Decimal(30000))).mine("balances")["balances"]["pdt"]
    assert (body["option_buying_power"], body["stock_buying_power"]) == (30000, 60000)
    assert body["day_trade_buying_power"] == 120000


def test_decimals_keep_their_tail_of_zeros_and_a_price_never_made_is_in_scientific_form() -> None:
    desk = Desk(Account(cash=Decimal("17798.36")))
    raw = desk.ask("GET", f"accounts/{ACCOUNT}/balances").body
    assert b'"total_cash":17798.360000000000000000000000' in raw
    desk.order(type="limit", price="1.50")
    assert b'"last_fill_price":0E-8' in desk.ask("GET", f"accounts/{ACCOUNT}/orders").body


@pytest.mark.parametrize("accept", ["", "*/*", "application/xml"])
def test_without_a_wish_for_json_the_reply_is_xml(accept: str) -> None:
    headers = {"Authorization": "Bearer any", **({"Accept": accept} if accept else {})}
    desk = Desk()
    desk.placed(desk.order(quantity=2))
    desk.placed(desk.order(symbol="F"))
    reply = desk.ask("GET", f"accounts/{ACCOUNT}/positions", headers=headers)
    assert reply.headers["Content-Type"].startswith("application/xml")
    root = ET.fromstring(reply.body)
    assert root.tag == "positions"
    assert [position.findtext("symbol") for position in root.findall("position")] == ["AAPL", "F"]
    empty = ET.fromstring(desk.ask("GET", f"accounts/{ACCOUNT}/history", headers=headers).body)
    assert (empty.tag, empty.text) == ("history", "null")


def test_xml_escapes_what_json_need_not() -> None:
    reply = Desk().ask("GET", "markets/quotes?symbols=SPY", headers={"Authorization": "Bearer any"})
    assert ET.fromstring(reply.body).findtext("quote/description") == "SPDR S&P 500"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer "}])
def test_without_a_bearer_token_every_endpoint_is_401(headers: dict[str, str]) -> None:
    reply = Desk().ask("GET", "markets/clock", headers={**headers, "Accept": "application/json"})
    assert reply.status == 401
    assert json.loads(reply.body)["fault"]["detail"]["errorcode"] == "oauth.v2.InvalidAccessToken"


def test_any_token_is_good_until_told_otherwise() -> None:
    desk = Desk()
    faults = {}

    def status(token: str) -> int:
        reply = desk.ask("GET", "user/profile", headers={**HEADERS, "authorization": f"bearer {token}"})
        faults[token] = reply.body
        return reply.status

    assert status("one") == status("two") == 200
    desk.simulator.revoke("one")
    desk.simulator.expire("two")
    assert [status("one"), status("two"), status("three")] == [401, 401, 200]
    assert b"invalid_access_token" in faults["one"]
    assert b"access_token_expired" in faults["two"]
    desk.simulator.allow_only("four")
    assert [status("three"), status("four")] == [401, 200]
    desk.simulator.allow_only()
    assert status("one") == 200


def test_an_account_that_is_not_ours_is_named_in_a_bare_401() -> None:
    desk = Desk(Account("VA1"), Account("VA2", owned=False))
    for path in ("balances", "positions", "orders", "orders/5", "gainloss", "history"):
        for number in ("VA2", "VA999"):
            reply = desk.ask("GET", f"accounts/{number}/{path}")
            assert (reply.status, reply.body.decode()) == (401, f"Unauthorized Account: {number}")
            assert reply.headers["Content-Type"] == "text/plain"


def test_parameters_come_in_query_or_form_and_booleans_in_any_case() -> None:
    desk = Desk()
    by_form = desk.ask("POST", "markets/quotes", {"symbols": "AAPL,F", "greeks": "false"})
    by_query = desk.ask("GET", "markets/quotes?symbols=AAPL,F", step=0)
    assert by_form.body == by_query.body
    desk.order(tag="t-1", type="limit", price="1.50")
    for word, shown in {"true": True, "True": True, "TRUE": True, "false": False, "1": False}.items():
        row = desk.mine(f"orders?includeTags={word}")["orders"]["order"]
        assert ("tag" in row) is shown


def test_the_day_list_holds_the_eastern_day_and_an_order_by_id_any_day() -> None:
    desk = Desk(now=at("23:58:00"))
    late = desk.placed(desk.order())
    assert desk.mine("orders")["orders"]["order"]["id"] == late
    desk.now = at("2026-11-24 00:00:01")
    assert desk.mine("orders") == {"orders": "null"}
    early = desk.placed(desk.order())
    desk.now = at("2026-11-24 09:20:00")
    assert desk.mine("orders")["orders"]["order"]["id"] == early
    assert desk.row(late)["create_date"].startswith("2026-11-24T04:58")  # UTC


def test_lists_are_paged() -> None:
    desk = Desk()
    ids = [desk.placed(desk.order(type="limit", price="1.50")) for _ in range(5)]

    def page(query: str) -> list[int]:
        body = desk.mine(f"orders?{query}")["orders"]
        found = [] if body == "null" else body["order"]
        return [row["id"] for row in (found if isinstance(found, list) else [found])]

    assert page("limit=2") == ids[:2]
    assert page("limit=2&page=3") == ids[4:]
    assert page("page=1") == ids
    assert page("page=2") == []
    assert desk.ask("GET", f"accounts/{ACCOUNT}/orders?page=x").status == 400


def test_gain_and_loss_come_with_the_nightly_batch_newest_first() -> None:
    desk = Desk()
    for symbol in ("F", "AAPL"):
        desk.placed(desk.order(symbol=symbol, quantity=2))
        desk.placed(desk.order(symbol=symbol, quantity=2, side="sell"))
    assert desk.mine("positions") == {"positions": "null"}
    assert desk.mine("gainloss") == {"gainloss": "null"}
    desk.now = at("2026-11-24 08:00")
    rows = desk.mine("gainloss")["gainloss"]["closed_position"]
    assert [row["symbol"] for row in rows] == ["AAPL", "F"]
    assert (rows[0]["cost"], rows[0]["proceeds"], rows[0]["gain_loss"]) == (
        Decimal("402.9"),
        Decimal("402.86"),
        Decimal("-0.04"),
    )
    assert rows[0]["term"] == 0
    assert desk.mine("gainloss?symbol=f&sort=asc")["gainloss"]["closed_position"]["symbol"] == "F"


def test_history_is_empty_as_in_the_sandbox_unless_given() -> None:
    desk = Desk()
    assert desk.mine("history") == {"history": "null"}
    desk.account.history.append({"amount": 5, "date": "2026-11-20T00:00:00Z", "type": "journal", "journal": {}})
    assert desk.mine("history?type=journal")["history"]["event"]["amount"] == 5
    assert desk.mine("history?type=trade") == {"history": "null"}


def test_a_path_that_is_not_there_is_404() -> None:
    assert Desk().ask("GET", "accounts/VA90010001/nothing").status == 404
    assert Simulator().respond(Request.of("GET", "/user/profile", headers=HEADERS), NOON).status == 404


def test_requests_are_recorded_without_their_headers() -> None:
    desk = Desk()
    desk.order(tag="seen")
    desk.get("markets/clock?delayed=true")
    first, second = desk.simulator.requests
    assert (first.method, first.endpoint, dict(first.form)["tag"]) == ("POST", "order", "seen")
    assert (second.path, second.query, second.at) == ("/v1/markets/clock", (("delayed", "true"),), desk.now)
    assert "any-token" not in repr(desk.simulator.requests)
    assert "any-token" not in repr(Request.of("GET", "/v1/x", headers=HEADERS))


def test_the_same_questions_get_the_same_answers() -> None:
    def story() -> list[bytes]:
        desk = Desk(seed=7)
        desk.order()
        asked = ("positions", "orders", "balances")
        return [desk.ask("GET", f"accounts/{ACCOUNT}/{path}").body for path in asked] + [
            desk.ask("POST", "markets/events/session").body
        ]

    assert story() == story()
