"""Does the simulated broker satisfy other people's clients? Each test is a request that one of them really sends."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from supervisor.simulator import COUNTED, Account, AccountKind

from simulator.asking import Desk, at, legs, parts

XML = {"Authorization": "Bearer any-token"}
CALLS = ("SPY261218C00690000", "SPY261218C00695000")


def test_a_market_order_may_be_good_till_canceled() -> None:
    desk = Desk()
    order = desk.placed(desk.order(symbol="QQQ", quantity=10, duration="gtc"))  # as in the example of one of them
    assert desk.row(order)["status"] == "filled"


def test_every_acknowledgement_names_the_same_partner() -> None:
    desk = Desk()
    told = [json.loads(desk.order(symbol=symbol).body)["order"] for symbol in ("F", "BAC")]
    assert {UUID(one["partner_id"]).version for one in told} == {4}
    assert len({one["partner_id"] for one in told}) == 1


def test_a_parameter_may_come_in_the_query_and_an_empty_one_is_as_good_as_none() -> None:
    desk = Desk()
    query = "class=equity&symbol=f&side=buy&quantity=1&type=market&duration=day&price=&stop=&option_symbol="
    assert desk.placed(desk.ask("POST", f"accounts/VA90010001/orders?{query}"))


@pytest.mark.parametrize(
    ("form", "sentences"),
    [
        ({"side": "sell"}, 1),
        ({"side": "buy_to_cover"}, 2),
    ],
)
def test_a_refusal_inside_a_200_is_xml_for_who_asks_for_no_json(form: dict[str, Any], sentences: int) -> None:
    desk = Desk()
    asked = {"class": "equity", "symbol": "F", "quantity": 1, "type": "market", "duration": "day", **form}
    reply = desk.ask("POST", "accounts/VA90010001/orders", asked, headers=XML)
    tree = ET.fromstring(reply.body)
    assert (reply.status, tree.tag, len(tree.findall("error"))) == (200, "errors", sentences)
    desk.simulator.inject("backoffice")
    faulty = desk.ask("POST", "accounts/VA90010001/orders", {**asked, "side": "buy"}, headers=XML)
    assert b"<error>InitialMargin</error>" in faulty.body


def test_weekly_index_options_have_their_own_root() -> None:
    desk = Desk()
    plain = desk.get("markets/options/expirations?symbol=SPX")["expirations"]["date"]
    every = desk.get("markets/options/expirations?symbol=SPX&includeAllRoots=true")["expirations"]["date"]
    assert plain[0] == "2026-12-18"
    assert set(plain) < set(every)
    looked_up = desk.get("markets/options/lookup?underlying=SPX")["symbols"]
    assert {row["rootSymbol"] for row in looked_up} == {"SPX", "SPXW"}
    assert all(symbol.startswith(row["rootSymbol"] + "2") for row in looked_up for symbol in row["options"])
    weekly = desk.get("markets/options/chains?symbol=SPX&expiration=2026-12-04")["options"]["option"]
    assert {(row["root_symbol"], row["underlying"], row["expiration_type"]) for row in weekly} == {
        ("SPXW", "SPX", "weeklys")
    }
    assert desk.get(f"markets/quotes?symbols={weekly[0]['symbol']}")["quotes"]["quote"]["root_symbol"] == "SPXW"


def test_a_third_friday_that_is_a_holiday_leaves_the_day_before_standard() -> None:
    desk = Desk(now=at("2027-06-01 12:00"))  # Juneteenth is kept on Friday, 2027-06-18
    rows = desk.get("markets/options/expirations?symbol=SPX&expirationType=true")["expirations"]["expiration"]
    assert {"date": "2027-06-17", "expiration_type": "standard"} in rows


@pytest.mark.parametrize(
    ("interval", "days"),
    [
        ("daily", ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]),
        ("weekly", ["2026-11-16"]),
        ("monthly", ["2026-11-01"]),
    ],
)
def test_history_has_a_bar_a_day_a_week_or_a_month(interval: str, days: list[str]) -> None:
    asked = f"markets/history?symbol=AAPL&interval={interval}&start=2026-11-14&end=2026-11-20"
    told = Desk().get(asked)["history"]["day"]
    assert [row["date"] for row in (told if isinstance(told, list) else [told])] == days


def test_an_interval_that_is_none_is_refused() -> None:
    reply = Desk().ask("GET", "markets/history?symbol=AAPL&interval=hourly")
    assert (reply.status, reply.body) == (400, b"Invalid parameter, interval: is not valid.")


def test_a_change_keeps_to_the_types_of_its_class() -> None:
    desk = Desk()
    stock = desk.placed(desk.order(type="limit", price="1.50"))
    spread = {"class": "multileg", "symbol": "SPY", "type": "debit", "duration": "day", "price": "0.05"}
    both = desk.placed(
        desk.send({**spread, **legs((CALLS[0], "buy_to_open", 1), (CALLS[1], "sell_to_open", 1))}),
    )
    for order, kind in ((stock, "debit"), (both, "limit")):
        reply = desk.ask("PUT", f"accounts/VA90010001/orders/{order}", {"type": kind, "price": "1.60"})
        assert (reply.status, reply.body) == (400, b"Invalid parameter, type: is not valid.")
    for order, kind in ((stock, "limit"), (both, "debit")):
        assert desk.ask("PUT", f"accounts/VA90010001/orders/{order}", {"type": kind, "price": "0.06"}).status == 200


def test_the_session_of_a_premarket_order_cannot_be_changed() -> None:
    desk = Desk(now=at("08:00"))
    early = desk.placed(desk.order(type="limit", price="1.50", duration="pre"))
    later = desk.placed(desk.order(type="limit", price="1.50"))
    for order, duration in ((early, "day"), (early, "gtc"), (later, "pre")):
        reply = desk.ask("PUT", f"accounts/VA90010001/orders/{order}", {"duration": duration})
        assert (reply.status, reply.body) == (400, b"Invalid parameter, duration: is not valid.")
    assert desk.ask("PUT", f"accounts/VA90010001/orders/{early}", {"duration": "pre", "price": "1.60"}).status == 200


def test_a_customer_who_consents_is_sent_back_with_a_code_and_the_state() -> None:
    desk = Desk()
    desk.simulator.oauth.allow("partner-1", "secret", callback="http://127.0.0.1:9/back?x=1")
    reply = desk.ask("GET", "oauth/authorize?client_id=partner-1&scope=read,write&state=s%26t", headers={})
    back = urlsplit(reply.headers["Location"])
    assert (reply.status, back.netloc, back.path) == (302, "127.0.0.1:9", "/back")
    told = parse_qs(back.query)
    assert (told["x"], told["state"]) == (["1"], ["s&t"])
    grant = {"grant_type": "authorization_code", "code": told["code"][0]}
    basic = {"Authorization": "Basic cGFydG5lci0xOnNlY3JldA=="}
    assert json.loads(desk.ask("POST", "oauth/accesstoken", grant, headers=basic).body)["status"] == "approved"


@pytest.mark.parametrize("client", ["", "nobody", "partner-2"])
def test_who_has_no_callback_is_not_sent_anywhere(client: str) -> None:
    desk = Desk()
    desk.simulator.oauth.allow("partner-2", "secret")
    reply = desk.ask("GET", f"oauth/authorize?client_id={client}", headers={})
    assert (reply.status, "Location" in reply.headers) == (401, False)


def test_a_counted_quota_is_told_of_and_never_refuses() -> None:
    desk = Desk(limits=COUNTED)
    replies = [desk.ask("GET", "user/profile", step=0) for _ in range(300)]
    assert {reply.status for reply in replies} == {200}
    told = [
        [int(reply.headers[f"X-Ratelimit-{name}"]) for name in ("Allowed", "Used", "Available")] for reply in replies
    ]
    assert all(used + available == allowed == 120 and available > 0 for allowed, used, available in told)
    assert {len(reply.headers["X-Ratelimit-Expiry"]) for reply in replies} == {13}  # milliseconds


def test_what_every_account_has_is_told_in_one_reply() -> None:
    desk = Desk(Account("VA1"), Account("VA2", kind=AccountKind.CASH), Account("VA3", owned=False))
    desk.placed(desk.order(symbol="F"))
    told = {what: desk.get(f"user/{what}")["accounts"]["account"] for what in ("balances", "positions", "orders")}
    assert [row["account_number"] for row in told["balances"]] == ["VA1", "VA2"]
    assert [row["balances"]["account_type"] for row in told["balances"]] == ["margin", "cash"]
    assert [row["positions"] == "null" for row in told["positions"]] == [False, True]
    assert told["orders"][0]["orders"]["order"]["symbol"] == "F"
    alone = Desk().get("user/history")["accounts"]["account"]
    assert alone == {"account_number": "VA90010001", "history": "null"}
    assert Desk().get("user/gainloss")["accounts"]["account"]["gainloss"] == "null"


def test_what_was_closed_today_is_in_the_balances_and_tomorrow_among_the_gains() -> None:
    desk = Desk(now=at("2026-11-20 12:00"))
    desk.placed(desk.order(symbol="F", quantity=100))
    assert desk.held() == {"F": 100}
    desk.now = at("2026-11-23 12:00")
    desk.simulator.quotes.set("F", last="12.85")
    desk.placed(desk.order(symbol="F", quantity=100, side="sell"))
    assert desk.mine("positions") == {"positions": "null"}
    assert desk.mine("gainloss") == {"gainloss": "null"}
    assert desk.mine("balances")["balances"]["close_pl"] == 98
    desk.now = at("2026-11-24 07:00")
    gain = desk.mine("gainloss")["gainloss"]["closed_position"]
    assert (gain["open_date"], gain["close_date"]) == ("2026-11-20T00:00:00.000Z", "2026-11-23T00:00:00.000Z")
    assert (gain["gain_loss"], gain["term"]) == (98, 3)
    assert desk.mine("balances")["balances"]["close_pl"] == 0


@pytest.mark.parametrize(
    ("interval", "earliest"), [("tick", "2026-11-18"), ("1min", "2026-11-03"), ("15min", "2026-10-14")]
)
def test_time_and_sales_go_back_so_many_days_and_say_so(interval: str, earliest: str) -> None:
    desk = Desk()
    asked = f"markets/timesales?symbol=F&interval={interval}&start="
    reply = desk.ask("GET", f"{asked}2019-05-04 09:30")
    assert reply.status == 400
    assert reply.body.decode() == f"Invalid parameter, start: must be on or after {earliest} 00:00:00."
    assert desk.ask("GET", f"{asked}{earliest} 00:00&end={earliest} 09:35").status == 200


def test_a_preview_of_a_bracket_echoes_its_entry() -> None:
    rows = [
        {"symbol": "BAC", "side": "buy", "quantity": 2, "type": "limit", "price": "51.00"},
        {"symbol": "BAC", "side": "sell", "quantity": 2, "type": "limit", "price": "60.00"},
        {"symbol": "BAC", "side": "sell", "quantity": 2, "type": "stop", "stop": "40.00"},
    ]
    reply = Desk().send({"class": "otoco", "duration": "day", "preview": "true", **parts(*rows)})
    told = json.loads(reply.body)["order"]
    assert [told[name] for name in ("class", "symbol", "side", "quantity", "type", "cost")] == [
        "otoco", "BAC", "buy", 2, "limit", 102.0,
    ]  # fmt: skip


def gain(symbol: str, opened: str, closed: str) -> dict[str, Any]:
    dates = {"open_date": f"{opened}T00:00:00.000Z", "close_date": f"{closed}T00:00:00.000Z"}
    return {**dates, "symbol": symbol, "cost": 10.5, "proceeds": 12, "gain_loss": 1.5, "quantity": 1, "term": 2}


def event(kind: str, day: str, symbol: str = "") -> dict[str, Any]:
    return {"type": kind, "date": f"{day}T00:00:00Z", "amount": 1, kind: {"symbol": symbol} if symbol else {}}


@pytest.mark.parametrize(
    ("query", "symbols"),
    [
        ("", ["VLD", "VVR", "HAL"]),
        ("?sort=asc", ["HAL", "VVR", "VLD"]),
        ("?sortBy=openDate", ["VVR", "HAL", "VLD"]),
        ("?symbol=v", ["VLD", "VVR"]),
        ("?start=2026-11-04&end=2026-11-05", ["VVR"]),
        ("?end=2026-11-03", ["HAL"]),
        ("?limit=1&page=2", ["VVR"]),
        ("?symbol=ZZ", []),
    ],
)
def test_closed_positions_are_sorted_and_chosen_as_asked(query: str, symbols: list[str]) -> None:
    desk = Desk()
    desk.account.gains += [
        gain("HAL", "2026-11-02", "2026-11-03"),
        gain("VVR", "2026-11-03", "2026-11-05"),
        gain("VLD", "2026-11-01", "2026-11-06"),
    ]
    told = desk.mine(f"gainloss{query}")["gainloss"]
    rows = [] if told == "null" else told["closed_position"]
    assert [row["symbol"] for row in (rows if isinstance(rows, list) else [rows])] == symbols


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ("", 4),
        ("?type=trade", 2),
        ("?type=trade,dividend", 3),
        ("?symbol=f", 2),
        ("?symbol=f&exactMatch=true", 1),
        ("?start=2026-11-03&end=2026-11-04", 2),
        ("?limit=3", 3),
    ],
)
def test_events_are_chosen_as_asked(query: str, amounts: int) -> None:
    desk = Desk()
    desk.account.history += [
        event("trade", "2026-11-02", "F"),
        event("trade", "2026-11-03", "FCEL"),
        event("dividend", "2026-11-04"),
        event("journal", "2026-11-05"),
    ]
    told = desk.mine(f"history{query}")["history"]["event"]
    assert len(told if "type" not in told else [told]) == amounts


def test_a_day_that_is_none_is_refused() -> None:
    for path in ("gainloss?start=soon", "history?end=2026-13-01"):
        reply = Desk().ask("GET", f"accounts/VA90010001/{path}")
        assert (reply.status, reply.body.endswith(b": is not valid.")) == (400, True)
