"""Side names are not intent."""

from decimal import Decimal as D
from typing import Any

import pytest
from supervisor.core.intent import intent_of
from supervisor.core.occ import parse_option
from supervisor.core.words import Permit

CALL, LONGER, PUT = "AAPL261218C00200000", "AAPL270115C00210000", "AAPL261218P00150000"
OE, OO, CE, CO = Permit.OPEN_EQUITY, Permit.OPEN_OPTION, Permit.CLOSE_EQUITY, Permit.CLOSE_OPTION

PLAIN: list[tuple[dict[str, Any], Permit]] = [
    ({"symbol": "AAPL", "side": "buy"}, OE),
    ({"symbol": "AAPL", "side": " BUY "}, OE),
    ({"symbol": "AAPL", "side": "sell_short"}, OE),
    ({"symbol": "AAPL", "side": "sell"}, CE),
    ({"symbol": "AAPL", "side": "buy_to_cover"}, CE),
    ({"symbol": "AAPL", "option_symbol": CALL, "side": "buy_to_open"}, OO),
    ({"symbol": "AAPL", "option_symbol": CALL, "side": "sell_to_open"}, OO),
    ({"symbol": "AAPL", "option_symbol": CALL, "side": "sell_to_close"}, CO),
    ({"symbol": "AAPL", "option_symbol": CALL, "side": "buy_to_close"}, CO),
    ({"symbol": CALL, "side": "buy"}, OO),
    ({"symbol": CALL, "side": "sell"}, OO),
    ({"symbol": "AAPL  261218C00200000", "side": "sell", "quantity": 1}, OO),
    ({"symbol": "AAPL", "side": "yolo"}, OE),
    ({"symbol": "AAPL"}, OE),
    ({}, OE),
    ({"class": "option", "side": "huh"}, OO),
    ({"class": "multileg", "legs": [{"option_symbol": CALL, "side": "sell_to_close"}] * 2}, CO),
    (
        {
            "class": "multileg",
            "legs": [
                {"option_symbol": CALL, "side": "buy_to_close"},
                {"option_symbol": LONGER, "side": "sell_to_open"},
            ],
        },
        OO | CO,
    ),
    ({"class": "multileg", "option_symbol[0]": CALL, "side[0]": "buy_to_open", "quantity[0]": 1}, OO),
    (
        {
            "class": "combo",
            "legs": [{"symbol": "AAPL", "side": "buy"}, {"option_symbol": CALL, "side": "sell_to_open"}],
        },
        OE | OO,
    ),
    ({"class": "oco", "legs": [{"symbol": "AAPL", "side": "sell"}] * 2}, CE),
    ({"class": "oto", "legs": [{"symbol": "AAPL", "side": "buy"}, {"symbol": "AAPL", "side": "sell"}]}, OE),
    ({"class": "oto", "legs": [{"symbol": "AAPL", "side": "sell"}, {"symbol": "AAPL", "side": "buy"}]}, CE | OE),
]


@pytest.mark.parametrize(("order", "permits"), PLAIN)
def test_an_order_needs_these_permits(order: dict[str, Any], permits: Permit) -> None:
    assert intent_of(order).permits == permits


def test_a_bare_side_on_an_option_closes_only_what_is_surely_held() -> None:
    order = {"symbol": CALL, "side": "sell", "quantity": 2}
    assert intent_of(order, {CALL: D(2)}).permits == CO
    assert intent_of(order, {CALL: D(1)}).permits == OO
    assert intent_of(order, {}).permits == OO
    buy = {"symbol": CALL, "side": "buy", "quantity": 1}
    assert intent_of(buy, {CALL: D(-1)}).permits == CO
    assert intent_of(buy, {CALL: D(1)}).permits == OO


def test_a_close_that_uncovers_a_short_option_opens() -> None:
    covered = {"AAPL": D(100), CALL: D(-1)}
    assert intent_of({"symbol": "AAPL", "side": "sell", "quantity": 100}, covered).permits == OE
    assert intent_of({"symbol": "AAPL", "side": "sell", "quantity": 100}, {"AAPL": D(200), CALL: D(-1)}).permits == CE
    spread = {LONGER: D(1), CALL: D(-1)}
    assert intent_of({"symbol": LONGER, "side": "sell_to_close", "quantity": 1}, spread).permits == OO
    assert intent_of({"symbol": CALL, "side": "buy_to_close", "quantity": 1}, spread).permits == CO
    assert intent_of({"symbol": "AAPL", "side": "sell", "quantity": 100}, {"AAPL": D(100), PUT: D(-1)}).permits == CE


def test_closing_a_whole_package_closes() -> None:
    spread = {LONGER: D(1), CALL: D(-1)}
    legs = [
        {"option_symbol": LONGER, "side": "sell_to_close", "quantity": 1},
        {"option_symbol": CALL, "side": "buy_to_close", "quantity": 1},
    ]
    assert intent_of({"class": "multileg", "legs": legs}, spread).permits == CO
    covered = {"AAPL": D(100), CALL: D(-1)}
    combo = [
        {"symbol": "AAPL", "side": "sell", "quantity": 100},
        {"option_symbol": CALL, "side": "buy_to_close", "quantity": 1},
    ]
    assert intent_of({"class": "combo", "legs": combo}, covered).permits == CE | CO
    half = [dict(combo[0]), dict(combo[1], quantity=0)]
    assert intent_of({"class": "combo", "legs": half}, covered).opens


def test_a_block_on_an_option_root_meets_its_class_shares() -> None:
    assert "BRKB" in intent_of({"symbol": "BRK/B", "side": "buy"}).symbols


def test_class_shares_cover_their_options() -> None:
    held = {"BRK/B": D(100), "BRKB261218C00500000": D(-1)}
    assert intent_of({"symbol": "BRK/B", "side": "sell", "quantity": 100}, held).permits == OE


NOT_OPTIONS = ["AAPL", "AAPL261332C00200000", "AAPL261218X00200000", "AAPL261218C00000000", "TOOLONG261218C00200000", 7]


@pytest.mark.parametrize("text", NOT_OPTIONS)
def test_what_is_no_option_is_none(text: object) -> None:
    assert parse_option(text) is None


@pytest.mark.parametrize("text", [CALL, CALL.lower(), "AAPL  261218C00200000", "AAPL1261218C00200000"])
def test_options_are_read_from_the_right(text: str) -> None:
    option = parse_option(text)
    assert option is not None
    assert (option.expires.isoformat(), option.right, option.strike) == ("2026-12-18", "C", D(200))
