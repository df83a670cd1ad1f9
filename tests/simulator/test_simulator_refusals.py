"""Does the broker refuse what Tradier refuses, in its words?"""

from decimal import Decimal
from typing import Any

import pytest
from supervisor.simulator import Account, AccountKind

from simulator.asking import OPTION, Desk, at, coded, error, legs, parts

NO_LONG = "Sell order cannot be placed unless you are closing a long position, please check open orders. "
NO_SHORT = "Sell short order cannot be placed while you have a current long position, please check open orders."
PUT = "SPY261204P00650000"
LOWER = "SPY261204P00645000"
TARGET = {"symbol": "AAPL", "side": "sell", "quantity": 5, "type": "limit", "price": "250.00"}
STOP = {"symbol": "AAPL", "side": "sell", "quantity": 5, "type": "stop", "stop": "150.00"}
ENTRY = {"symbol": "AAPL", "side": "buy", "quantity": 5, "type": "limit", "price": "190.00"}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"class": None}, "class: is required."),
        ({"class": "stock"}, "class: is not valid."),
        ({"symbol": None}, "symbol: is required."),
        ({"symbol": OPTION}, "symbol: is not valid."),
        ({"side": None}, "side: is required."),
        ({"side": "buy_to_open"}, "side: is not valid."),
        ({"side": "Buy"}, "side: is not valid."),
        ({"quantity": None}, "quantity: is required."),
        ({"quantity": "0.5"}, "quantity: decimal places are not allowed."),
        ({"quantity": "ten"}, "quantity: is not valid."),
        ({"quantity": "NaN"}, "quantity: is not valid."),
        ({"quantity": "1e999999"}, "quantity: is not valid."),
        ({"type": "trailing"}, "type: is not valid."),
        ({"type": "limit"}, "price: is required."),
        ({"type": "limit", "price": "3.125"}, "price: must use up to 2 decimal place(s)"),
        ({"type": "limit", "price": "-1"}, "price: must be greater than 0"),
        ({"type": "stop"}, "stop: is required."),
        ({"duration": None}, "duration: is required."),
        ({"duration": "ioc"}, "duration: is not valid."),
        ({"duration": "pre", "type": "limit", "price": "1"}, "duration: pre market no longer available."),
        ({"duration": "post", "type": "limit", "price": "1"}, "duration: post market no longer available."),
        ({"tag": "a.b"}, "tag: contains invalid characters."),
        ({"tag": "a b"}, "tag: contains invalid characters."),
        ({"tag": "x" * 256}, "tag: contains more than 255 characters."),
        ({"class": "option", "option_symbol": None, "side": "buy_to_open"}, "option_symbol: is required."),
        ({"class": "option", "option_symbol": "SPY", "side": "buy_to_open"}, "option_symbol: is not valid."),
        ({"class": "option", "option_symbol": OPTION, "side": "buy_to_open"}, "option_symbol: is not valid."),
    ],
)
def test_a_wrong_parameter_is_a_400_of_one_bare_sentence(form: dict[str, Any], words: str) -> None:
    desk = Desk()
    reply = desk.order(**form)
    assert (reply.status, reply.body.decode()) == (400, f"Invalid parameter, {words}")
    assert reply.headers["Content-Type"] == "text/plain"
    assert not desk.simulator.bookings


def test_a_pre_order_needs_a_limit_even_in_its_session() -> None:
    assert Desk(now=at("08:00")).order(duration="pre").body == b"Invalid parameter, type: is not valid."


@pytest.mark.parametrize("whole", ["10", "10.0", "10.00"])
def test_a_whole_quantity_may_be_written_with_zeros(whole: str) -> None:
    desk = Desk()
    desk.placed(desk.order(quantity=whole))
    assert desk.held() == {"AAPL": 10}


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"side": "sell"}, NO_LONG),
        ({"side": "buy_to_cover"}, coded("UnexpectedBuyToCoverOrder")),
        ({"symbol": "XYZ"}, "Undefined symbol: XYZ"),
        ({"quantity": 0}, coded("IncorrectOrderQuantity")),
        ({"quantity": 10_000_001}, coded("IncorrectOrderQuantity")),
        ({"quantity": 5000}, coded("InitialMargin")),
        (
            {"side": "sell_short", "duration": "gtc", "type": "limit", "price": "300"},
            "GTC not permitted for sell short orders",
        ),
        ({"side": "sell_short", "symbol": "SIRI"}, coded("SellShortOrderLastPriceBelow5")),
        ({"type": "stop", "stop": "201.45"}, coded("BuyStopOrderStopPriceLessAsk")),
    ],
)
def test_a_flat_account_is_refused_in_the_known_words(form: dict[str, Any], refusal: Any) -> None:
    desk = Desk()
    assert error(desk.order(**form)) == refusal
    assert not desk.simulator.bookings
    assert desk.mine("orders") == {"orders": "null"}


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"side": "sell", "quantity": 11}, coded("LongPositionCrossZero")),
        ({"side": "sell_short"}, NO_SHORT),
        ({"side": "buy_to_cover"}, coded("UnexpectedBuyToCoverOrder")),
        ({"side": "sell", "type": "stop", "stop": "201.43"}, coded("SellStopOrderStopPriceGreaterBid")),
    ],
)
def test_a_long_position_is_never_flipped(form: dict[str, Any], refusal: Any) -> None:
    desk = Desk()
    desk.placed(desk.order(quantity=10))
    assert error(desk.order(**form)) == refusal


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"side": "buy"}, coded("UnexpectedBuyOrder")),
        ({"side": "sell"}, NO_LONG),
        ({"side": "buy_to_cover", "quantity": 11}, coded("ShortPositionCrossZero")),
    ],
)
def test_a_short_position_is_never_flipped(form: dict[str, Any], refusal: Any) -> None:
    desk = Desk()
    desk.placed(desk.order(side="sell_short", quantity=10))
    assert error(desk.order(**form)) == refusal


def test_pending_orders_count_against_positions() -> None:
    desk = Desk()
    desk.order(type="limit", price="1.50", symbol="F")
    assert error(desk.order(side="sell_short", symbol="F")) == NO_SHORT
    desk.order(side="sell_short", type="limit", price="300")
    assert error(desk.order()) == coded("UnexpectedBuyOrder")
    desk.placed(desk.order(symbol="MSFT", quantity=10))
    desk.placed(desk.order(symbol="MSFT", side="sell", quantity=6, type="limit", price="300"))
    assert error(desk.order(symbol="MSFT", side="sell", quantity=5)) == coded("LongPositionCrossZero")
    desk.placed(desk.order(symbol="MSFT", side="sell", quantity=4, type="limit", price="300"))
    assert error(desk.order(symbol="MSFT", side="sell")) == NO_LONG


def test_the_legs_of_an_oco_count_once() -> None:
    desk = Desk()
    desk.placed(desk.order(quantity=10))
    desk.placed(desk.send({"class": "oco", "duration": "day", **parts(TARGET, STOP)}))
    assert error(desk.order(side="sell", quantity=6)) == coded("LongPositionCrossZero")
    desk.placed(desk.order(side="sell", quantity=5))


def test_pending_orders_count_against_money() -> None:
    desk = Desk(Account(cash=Decimal(1000)))
    desk.placed(desk.order(type="limit", price="190", quantity=6))
    assert error(desk.order(type="limit", price="190", quantity=5)) == coded("InitialMargin")
    desk.placed(desk.order(type="limit", price="190", quantity=4))


@pytest.mark.parametrize(
    ("side", "held", "refusal"),
    [
        ("sell_to_close", "", NO_LONG),
        ("buy_to_close", "", coded("UnexpectedBuyToCoverOrderOption")),
        ("sell_to_open", "buy_to_open", coded("UnexpectedSellShortOrderOption")),
        ("buy_to_open", "sell_to_open", coded("UnexpectedBuyOrderOption")),
        ("buy_to_close", "buy_to_open", coded("UnexpectedBuyToCoverOrderOption")),
        ("sell_to_close", "sell_to_open", NO_LONG),
    ],
)
def test_option_sides_must_fit_what_is_held(side: str, held: str, refusal: Any) -> None:
    desk = Desk()
    if held:
        desk.placed(desk.option(held))
    assert error(desk.option(side)) == refusal


def test_closing_more_contracts_than_held_is_refused() -> None:
    desk = Desk()
    desk.placed(desk.option())
    assert error(desk.option("sell_to_close", quantity=2)) == coded("LongPositionCrossZero")
    desk.placed(desk.option("sell_to_close"))


def test_an_expired_contract_is_named_as_such() -> None:
    assert error(Desk().option(option_symbol="SPY261120C00690000")) == coded("InvalidOrderExpiration")


def spread(**more: Any) -> dict[str, Any]:
    rows = legs((PUT, "sell_to_open", 1), (LOWER, "buy_to_open", 1))
    return {"class": "multileg", "symbol": "SPY", "type": "market", "duration": "day", **rows, **more}


@pytest.mark.parametrize(
    ("level", "allowed"),
    [
        (0, set()),
        (1, {"covered"}),
        (2, {"covered", "long"}),
        (3, {"covered", "long", "spread"}),
        (4, {"covered", "long", "spread", "naked"}),
    ],
)
def test_each_option_level_allows_what_the_one_below_does_and_more(level: int, allowed: set[str]) -> None:
    def reply(kind: str) -> Any:
        desk = Desk(Account(option_level=level))
        desk.placed(desk.order(symbol="SPY", quantity=100))
        if kind == "covered":
            return desk.option("sell_to_open")
        if kind == "long":
            return desk.option()
        return desk.send(spread()) if kind == "spread" else desk.option("sell_to_open", quantity=2)

    for kind in ("covered", "long", "spread", "naked"):
        if kind in allowed:
            assert b'"status":"ok"' in reply(kind).body, kind
        else:
            words = error(reply(kind))
            restricted = (
                "Account is restricted for option trading. Please contact 980-272-3880 for questions or concerns."
            )
            assert words == (coded("OptionLevelRestriction") if level else restricted), kind


def test_a_lowered_level_still_lets_a_position_be_closed() -> None:
    desk = Desk()
    desk.placed(desk.option())
    desk.simulator.inject("level", level=1)
    assert error(desk.option()) == coded("OptionLevelRestriction")
    desk.placed(desk.option("sell_to_close"))


def test_an_account_without_funds_may_still_close() -> None:
    desk = Desk()
    desk.placed(desk.option("sell_to_open"))
    desk.simulator.inject("funds_gone")
    assert error(desk.option()) == coded("UnexpectedBuyOrderOption")
    desk.placed(desk.option("buy_to_close"))


@pytest.mark.parametrize(
    ("account", "form", "refusal"),
    [
        (Account(kind=AccountKind.CASH), {"side": "sell_short"}, coded("ShortStockTradingDeniedForAccount")),
        (Account(kind=AccountKind.CASH, cash=Decimal(200)), {}, coded("InitialMargin")),
        (Account(kind=AccountKind.PDT, cash=Decimal(100)), {}, coded("DayTradingBuyingPowerExceeded")),
        (Account(status="closed"), {}, coded("AccountDisabled")),
        (Account(status="suspended"), {}, coded("TradingDeniedForAccount")),
    ],
)
def test_the_account_itself_may_stand_in_the_way(account: Account, form: dict[str, Any], refusal: Any) -> None:
    assert error(Desk(account).order(**form)) == refusal


def test_a_cash_account_writes_puts_against_cash_and_no_bare_calls() -> None:
    desk = Desk(Account(kind=AccountKind.CASH, cash=Decimal(66000)))
    assert error(desk.option("sell_to_open")) == coded("ShortOptionTradingDeniedForAccount")
    desk.placed(desk.option("sell_to_open", option_symbol=PUT))
    assert error(desk.option("sell_to_open", option_symbol=LOWER)) == coded("InitialMargin")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"class": "multileg", "symbol": "SPY", "type": "limit"}, "type: is not valid."),
        ({"class": "multileg", "symbol": "SPY", "type": "credit"}, "price: is required."),
        ({"class": "multileg", "symbol": "SPY", "type": "market"}, "side[0]: is required."),
        (
            {
                "class": "multileg",
                "symbol": "F",
                "type": "market",
                **legs((PUT, "sell_to_open", 1), (LOWER, "buy_to_open", 1)),
            },
            "option_symbol[0]: is not valid.",
        ),
        (
            {"class": "multileg", "symbol": "SPY", "type": "market", **legs(*[(PUT, "buy_to_open", 1)] * 5)},
            "side[4]: is not valid.",
        ),
        ({"class": "otoco", "symbol": "AAPL", **parts(ENTRY, TARGET, STOP)}, "symbol: is not valid."),
        ({"class": "oto", **parts({**ENTRY, "option_symbol": OPTION}, TARGET)}, "symbol: is not valid."),
        ({"class": "oco", **parts(TARGET, {**STOP, "symbol": "F"})}, "symbol: is not valid."),
        ({"class": "oco", **parts(TARGET, {**TARGET, "price": "260"})}, "type: is not valid."),
        ({"class": "otoco", **parts(ENTRY, TARGET)}, "side[2]: is required."),
        ({"class": "oco", **parts(TARGET, {**STOP, "stop": "1.234"})}, "stop: must use up to 2 decimal place(s)"),
    ],
)
def test_orders_of_several_parts_are_checked_part_by_part(form: dict[str, Any], words: str) -> None:
    desk = Desk()
    desk.placed(desk.order(quantity=10))
    reply = desk.send({"duration": "day", **form})
    assert (reply.status, reply.body.decode()) == (400, f"Invalid parameter, {words}")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"class": "oto", **parts({**ENTRY, "type": "market"}, TARGET)}, "OtoFirstLesIsMarketNotAllowed"),
        ({"class": "oco", **parts({**TARGET, "type": "market"}, STOP)}, "OtoOcoMarketNotAllowed"),
        ({"class": "oco", **parts(TARGET, {**STOP, "side": "buy"})}, "OcoOrderWithOppositeLegs"),
        ({"class": "oco", **parts(TARGET, {**STOP, "duration": "gtc"})}, "OcoExpirationTypeNotTheSame"),
    ],
)
def test_conditional_orders_have_rules_of_their_own(form: dict[str, Any], code: str) -> None:
    desk = Desk()
    desk.placed(desk.order(quantity=10))
    assert error(desk.send({"duration": "day", **form})) == coded(code)


def test_a_preview_is_refused_as_the_order_would_be() -> None:
    desk = Desk()
    for form in ({"side": "sell"}, {"quantity": 5000}, {"symbol": "XYZ"}, {"tag": "a_b"}):
        assert desk.order(**form, preview="true").body == desk.order(**form).body
