"""Is every reply about the market, or about an order just asked for, read for what it says?"""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from supervisor.core.reading import Failure, Kind
from supervisor.tradier import markets, records
from supervisor.tradier.bodies import decode


def said(value: Any) -> Any:
    return decode(json.dumps(value))


def garbled(shaped: Any) -> bool:
    return isinstance(shaped, Failure) and shaped.kind is Kind.GARBLED


def quotes(answer: Any) -> records.Quotes:
    shaped = markets.quotes(said(answer))
    assert not isinstance(shaped, Failure)
    return shaped


def test_an_option_is_quoted_whole(samples: dict[str, Any]) -> None:
    shaped = quotes(samples["quotes_many"]["body"])
    assert [quote.symbol for quote in shaped.quotes] == ["AAPL", "SPY", "AAPL261218C00205000"]
    option = shaped.quotes[2]
    assert (option.bid, option.ask, option.close) == (Decimal("4.05"), Decimal("4.15"), None)
    assert (option.underlying, option.root, option.strike, option.right) == ("AAPL", "AAPL", Decimal(205), "call")
    assert (option.expires, option.contract_size) == (date(2026, 12, 18), Decimal(100))
    assert option.traded_at == 1795447001.002


def test_unmatched_symbols_come_alone_or_beside_quotes_as_text_or_list(samples: dict[str, Any]) -> None:
    assert quotes(samples["quotes_none"]["body"]) == records.Quotes((), ("ZZZZQ",))
    both = quotes(samples["quotes_one_plus_unmatched"]["body"])
    assert (len(both.quotes), both.unmatched) == (1, ("ZZZZQ",))
    assert quotes({"quotes": {"unmatched_symbols": {"symbol": ["A", "B"]}}}).unmatched == ("A", "B")
    assert quotes({"quotes": {"quote": {"symbol": "A"}, "unmatched_symbols": None}}).unmatched == ()


@pytest.mark.parametrize(
    "none", [{}, {"quotes": None}, {"quotes": "null"}, {"quotes": {}}, {"quotes": {"quote": None}}]
)
def test_an_expired_option_may_have_no_quote_at_all(none: Any) -> None:
    assert quotes(none) == records.Quotes((), ())


@pytest.mark.parametrize(
    "odd",
    [
        {"else": 1},
        {"quotes": 5},
        {"quotes": {"else": 1}},
        {"quotes": {"quote": {"last": 5}}},
        {"quotes": {"quote": {"symbol": "A", "last": "NaN"}}},
        {"quotes": {"quote": {"symbol": "A", "bid": []}}},
        {"quotes": {"unmatched_symbols": {"symbol": 7}}},
        {"quotes": {"unmatched_symbols": "ZZZZQ"}},
    ],
)
def test_quotes_in_no_known_shape_are_garbled(odd: Any) -> None:
    assert garbled(markets.quotes(said(odd)))


@pytest.mark.parametrize("state", ["open", "closed", "premarket", "postmarket"])
def test_the_clock_says_where_the_market_stands(state: str, samples: dict[str, Any]) -> None:
    shaped = markets.market_clock(said(samples[f"clock_{state}"]["body"]))
    assert not isinstance(shaped, Failure)
    assert shaped.state == state
    assert shaped.at is not None


@pytest.mark.parametrize(
    "odd", [{}, {"clock": None}, {"clock": {}}, {"clock": {"state": None}}, {"clock": {"state": 5}}]
)
def test_a_clock_without_a_state_is_garbled(odd: Any) -> None:
    assert garbled(markets.market_clock(said(odd)))


def test_a_lookup_finds_none_one_or_many(samples: dict[str, Any]) -> None:
    found = {
        name: markets.securities(said(samples[name]["body"])) for name in ("lookup_none", "lookup_one", "lookup_many")
    }
    assert found["lookup_none"] == ()
    assert found["lookup_one"] == (records.Security("GOOGL", "stock", "Q", "Alphabet Inc Class A"),)
    assert isinstance(found["lookup_many"], tuple)
    assert len(found["lookup_many"]) == 3
    assert garbled(markets.securities(said({"securities": {"security": {"type": "stock"}}})))


def test_history_keeps_the_details_named_after_the_type() -> None:
    trade = {"commission": 0, "price": 10.5, "quantity": -100, "symbol": "AAPL", "trade_type": "Equity"}
    event = {"amount": -1050.0, "date": "2026-11-18T00:00:00Z", "type": "trade", "trade": trade}
    shaped = markets.history(said({"history": {"event": event}}))
    assert not isinstance(shaped, Failure)
    assert (shaped[0].kind, shaped[0].amount, shaped[0].details["symbol"]) == ("trade", Decimal(-1050), "AAPL")
    assert markets.history(said({"history": "null"})) == ()
    assert garbled(markets.history(said({"history": {"event": {"amount": 5}}})))


def test_a_preview_says_what_it_would_cost(samples: dict[str, Any]) -> None:
    shaped = markets.preview(said(samples["preview_ok"]["body"]))
    assert not isinstance(shaped, Failure)
    assert (shaped.cost, shaped.order_cost, shaped.margin_change) == (Decimal(2015), Decimal(2015), Decimal("1007.5"))
    assert (shaped.commission, shaped.fees, shaped.day_trades, shaped.extended_hours) == (
        Decimal(0),
        Decimal(0),
        0,
        False,
    )


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"order": None},
        {"order": {"status": "ok"}},
        {"order": {"status": "ok", "result": False, "cost": 1}},
        {"order": {"status": "Bad Request", "cost": 1}},
        {"order": {"status": "ok", "cost": "much"}},
    ],
)
def test_a_preview_that_says_nothing_clear_is_garbled(odd: Any) -> None:
    assert garbled(markets.preview(said(odd)))


def test_an_acknowledgement_names_the_order(samples: dict[str, Any]) -> None:
    receipt = markets.acknowledgement(said(samples["order_ok_with_partner_id"]["body"]))
    assert receipt == records.Acknowledgement("135900301", "ok", "5d7f1a2e-40c1-4f6b-8a55-2f1d1b0e7711")
    for name in ("order_ok", "modify_ok", "cancel_ok"):
        assert not isinstance(markets.acknowledgement(said(samples[name]["body"])), Failure)
    for odd in ({}, {"order": {"status": "ok"}}, {"order": {"id": None}}, {"order": [{"id": 5}]}):
        assert garbled(markets.acknowledgement(said(odd)))


@pytest.mark.parametrize(("answer", "told"), [
    ({"errors": {"error": "No. "}},                                    ("No.",)),
    ({"errors": {"error": ["No.", "InitialMargin"]}},                  ("No.", "InitialMargin")),
    ({"errors": "No."},                                                ("No.",)),
    ({"errors": ["No.", "InitialMargin"]},                             ("No.", "InitialMargin")),
    ({"errors": {"error": {"code": "InitialMargin"}}},                 ("InitialMargin",)),
    ({"errors": {"error": [{"text": "No."}, "X"]}},                    ("No.", "X")),
    ({"order": {"errors": "No.", "result": False, "status": "Bad"}},   ("No.",)),
    ({"order": {"errors": {"error": ["No."]}, "id": 5}},               ("No.",)),
    ({"order": {"result": False, "status": "Bad Request"}},            ("Bad Request",)),
    ({"order": {"result": False}},                                     ("the preview's result is false",)),
    ({"errors": None, "order": {"id": 5}},                             ()),
    ({"errors": "null"},                                               ()),
    ({"errors": {}},                                                   ()),
    ({"errors": {"error": ["", None]}},                                ()),
    ({},                                                               ()),
])  # fmt: skip
def test_refusals_are_found_in_every_shape(answer: Any, told: tuple[str, ...]) -> None:
    assert markets.refusals(said(answer)) == told
