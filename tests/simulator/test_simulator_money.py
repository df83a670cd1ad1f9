"""Is every dollar where a broker would have it: at the boundaries too?"""

import json
from decimal import Decimal
from typing import Any

import pytest
from supervisor.simulator import Account, AccountKind, hours
from supervisor.simulator.margin import tied

from simulator.asking import OPTION, Desk, at, coded, error, legs, parts

CALL, HIGHER, LATER = "SPY261218C00690000", "SPY261218C00700000", "SPY270115C00700000"
PUT, LOWER = "SPY261218P00650000", "SPY261218P00640000"
PRICES = {"SPY": Decimal(688), CALL: Decimal(10), PUT: Decimal(5)}


def needs(**quantities: int) -> list[float]:
    """What the stock and the options tie up, and the number of bare contracts."""
    result = tied({symbol: Decimal(quantity) for symbol, quantity in quantities.items()}, PRICES)
    return [float(result.stock), float(result.options), float(result.naked)]


def test_stock_ties_up_half_its_worth_long_or_short() -> None:
    assert needs(SPY=100) == needs(SPY=-100) == [34400, 0, 0]


def test_a_bare_short_option_ties_up_a_fifth_of_the_underlying_and_its_price() -> None:
    assert needs(**{CALL: -1}) == [0, 100 * (137.6 + 10), 1]
    assert tied({PUT: Decimal(-2)}, PRICES).secured == 2 * 65000


@pytest.mark.parametrize(
    ("held", "options", "naked"),
    [
        ({CALL: -1, "SPY": 100}, 0, 0),
        ({PUT: -1, "SPY": -100}, 0, 0),
        ({CALL: -1, "SPY": 99}, 14760, 1),
        ({CALL: -1, HIGHER: 1}, 1000, 0),
        ({CALL: -1, LATER: 1}, 1000, 0),
        ({HIGHER: -1, CALL: 1}, 0, 0),
        ({PUT: -1, LOWER: 1}, 1000, 0),
        ({LOWER: -1, PUT: 1}, 0, 0),
        ({CALL: -1, LOWER: 1}, 14760, 1),
        ({LATER: -1, CALL: 1}, 13760, 1),
        ({CALL: -2, HIGHER: 1}, 1000 + 14760, 1),
        ({CALL: -2, "SPY": 100, HIGHER: 1}, 1000, 0),
        ({CALL: -1, HIGHER: -1, "SPY": 100}, 13760, 1),
    ],
)
def test_stock_or_a_later_long_option_covers_a_short_one(held: dict[str, int], options: int, naked: int) -> None:
    _, tied_up, bare = needs(**held)
    assert [tied_up, bare] == [options, naked]


def test_money_that_just_suffices_is_enough_and_a_cent_less_is_not() -> None:
    price = {"type": "limit", "price": "100.00", "quantity": 10}
    Desk(Account(cash=Decimal(500))).placed(Desk(Account(cash=Decimal(500))).order(**price))
    assert error(Desk(Account(cash=Decimal("499.99"))).order(**price)) == coded("InitialMargin")
    option = {"type": "limit", "price": "2.00"}
    desk = Desk(Account(cash=Decimal(200)))
    desk.placed(desk.option(**option))
    assert error(Desk(Account(cash=Decimal("199.99"))).option(**option)) == coded("InitialMargin")


def test_set_buying_powers_are_obeyed_each_for_its_kind() -> None:
    desk = Desk(Account(stock_power=Decimal(0)))
    assert error(desk.order()) == coded("InitialMargin")
    desk.placed(desk.option())
    desk = Desk(Account(option_power=Decimal(0), stock_power=Decimal(1000)))
    assert error(desk.option()) == coded("InitialMargin")
    desk.placed(desk.order())


def test_a_stop_order_is_reckoned_at_its_stop() -> None:
    body = json.loads(Desk().order(type="stop", stop="300.00", quantity=10, preview="true").body)["order"]
    assert body["order_cost"] == 3000


def test_a_limited_sale_is_reckoned_at_no_less_than_its_limit() -> None:
    desk = Desk()
    desk.placed(desk.order(quantity=10))
    form = {"side": "sell", "quantity": 10, "type": "limit", "preview": "true"}
    assert json.loads(desk.order(**form, price="300.00").body)["order"]["order_cost"] == -3000
    assert json.loads(desk.order(**form, price="1.00").body)["order"]["order_cost"] == -2014.3


def test_several_units_of_a_spread_cost_so_many_times_as_much() -> None:
    rows = legs((PUT, "sell_to_open", 3), (LOWER, "buy_to_open", 6))
    form = {"class": "multileg", "symbol": "SPY", "type": "debit", "price": "1.00", "duration": "day", **rows}
    body = json.loads(Desk().send({**form, "preview": "true"}).body)["order"]
    assert (body["order_cost"], body["quantity"]) == (300, 3)


def test_a_credit_exactly_met_fills() -> None:
    desk = Desk()
    desk.simulator.quotes.set(PUT, bid="4.00", ask="4.10")
    desk.simulator.quotes.set(LOWER, bid="2.90", ask="3.00")
    rows = legs((PUT, "sell_to_open", 1), (LOWER, "buy_to_open", 1))
    form = {"class": "multileg", "symbol": "SPY", "type": "credit", "duration": "day", **rows}
    assert desk.row(desk.placed(desk.send({**form, "price": "1.01"})))["status"] == "open"
    desk = Desk()
    desk.simulator.quotes.set(PUT, bid="4.00", ask="4.10")
    desk.simulator.quotes.set(LOWER, bid="2.90", ask="3.00")
    assert desk.row(desk.placed(desk.send({**form, "price": "1.00"})))["status"] == "filled"


def test_a_stop_triggers_at_its_price() -> None:
    desk = Desk()
    stop = desk.placed(desk.order(type="stop", stop="210.00"))
    desk.simulator.quotes.set("AAPL", last="210.00")
    assert desk.row(stop)["status"] == "filled"


def test_pending_covers_count() -> None:
    desk = Desk()
    desk.placed(desk.order(side="sell_short", quantity=10))
    desk.placed(desk.order(side="buy_to_cover", quantity=6, type="limit", price="1.50"))
    assert error(desk.order(side="buy_to_cover", quantity=5)) == coded("ShortPositionCrossZero")
    desk.placed(desk.option("sell_to_open", quantity=2))
    desk.placed(desk.option("buy_to_close", quantity=2, type="limit", price="0.10"))
    assert error(desk.option("buy_to_close")) == coded("UnexpectedBuyToCoverOrderOption")


def test_a_stock_of_just_five_dollars_may_be_sold_short() -> None:
    desk = Desk()
    desk.simulator.quotes.set("SIRI", last="5.00")
    desk.placed(desk.order(side="sell_short", symbol="SIRI"))


def test_a_second_put_is_secured_beside_the_first() -> None:
    desk = Desk(Account(kind=AccountKind.CASH, cash=Decimal(130000)))
    desk.placed(desk.option("sell_to_open", option_symbol=PUT))
    desk.placed(desk.option("sell_to_open", option_symbol=LOWER))
    assert error(desk.option("sell_to_open", option_symbol=LOWER)) == coded("InitialMargin")
    assert desk.mine("balances")["balances"]["cash"]["cash_available"] < 65000


def test_an_oco_ties_up_the_dearer_of_its_orders() -> None:
    desk = Desk(Account(cash=Decimal(2000)))
    low = {"symbol": "F", "side": "buy", "quantity": 10, "type": "limit", "price": "10.00"}
    high = {"symbol": "F", "side": "buy", "quantity": 10, "type": "stop", "stop": "14.00"}
    desk.placed(desk.send({"class": "oco", "duration": "day", **parts(low, high)}))
    balances = desk.mine("balances")["balances"]
    assert (balances["pending_cash"], balances["pending_orders_count"]) == (70, 1)


def test_open_profit_is_what_the_positions_gained() -> None:
    desk = Desk()
    desk.placed(desk.order(quantity=10))
    desk.mine("positions")
    desk.simulator.quotes.set("AAPL", last="211.45")
    balances = desk.mine("balances")["balances"]
    assert (balances["open_pl"], balances["total_equity"]) == (100, 100100)


def test_a_close_of_a_part_keeps_its_share_of_the_cost() -> None:
    desk = Desk()
    desk.placed(desk.order(quantity=10))
    desk.placed(desk.order(side="sell", quantity=4))
    row = desk.mine("positions")["positions"]["position"]
    assert (row["quantity"], row["cost_basis"]) == (6, Decimal("1208.7"))


def test_cheap_options_never_have_a_negative_bid() -> None:
    quote = Desk().get("markets/quotes?symbols=SPY261204C00990000")["quotes"]["quote"]
    assert (quote["bid"], quote["ask"]) == (0, Decimal("0.02"))


def test_roots_are_listed_with_their_weeklies() -> None:
    rows = Desk().get("markets/quotes?symbols=SPX,BRK/B")["quotes"]["quote"]
    assert [row["root_symbols"] for row in rows] == ["SPX,SPXW", "BRKB"]


STRATEGIES = [
    ("straddle", [("SPY261218C00690000", "buy_to_open", 1), ("SPY261218P00690000", "buy_to_open", 1)]),
    ("strangle", [("SPY261218C00700000", "buy_to_open", 1), ("SPY261218P00650000", "buy_to_open", 1)]),
    ("butterfly", [(CALL, "buy_to_open", 1), (HIGHER, "sell_to_open", 2), ("SPY261218C00710000", "buy_to_open", 1)]),
    (
        "condor",
        [(CALL, "buy_to_open", 1), (HIGHER, "sell_to_open", 1), (PUT, "sell_to_open", 1), (LOWER, "buy_to_open", 1)],
    ),
]


@pytest.mark.parametrize(("name", "rows"), STRATEGIES)
def test_spreads_are_named(name: str, rows: list[tuple[str, str, int]]) -> None:
    form = {"class": "multileg", "symbol": "SPY", "type": "market", "duration": "day", **legs(*rows), "preview": "true"}
    assert json.loads(Desk().send(form).body)["order"]["strategy"] == name


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("covered_call", [(CALL, "sell_to_open")]),
        ("protective_put", [(PUT, "buy_to_open")]),
        ("freeform", [(CALL, "buy_to_open")]),
        ("freeform", [(PUT, "sell_to_open")]),
        ("collar", [(CALL, "sell_to_open"), (PUT, "buy_to_open")]),
    ],
)
def test_combos_are_named(name: str, options: list[tuple[str, str]]) -> None:
    form: dict[str, Any] = {"class": "combo", "symbol": "SPY", "type": "market", "duration": "day", "preview": "true"}
    form |= {"side[0]": "buy", "quantity[0]": 100}
    for index, (symbol, side) in enumerate(options, 1):
        form |= {f"option_symbol[{index}]": symbol, f"side[{index}]": side, f"quantity[{index}]": 1}
    assert json.loads(Desk().send(form).body)["order"]["strategy"] == name


def test_a_conditional_order_as_a_whole_cannot_be_changed() -> None:
    desk = Desk()
    desk.placed(desk.order(symbol="F", quantity=10))
    target = {"symbol": "F", "side": "sell", "quantity": 10, "type": "limit", "price": "15.00"}
    stop = {"symbol": "F", "side": "sell", "quantity": 10, "type": "stop", "stop": "9.00"}
    order = desk.placed(desk.send({"class": "oco", "duration": "day", **parts(target, stop)}))
    reply = desk.ask("PUT", f"accounts/VA90010001/orders/{order}", {"price": "16.00"})
    assert error(reply) == "Change of order's contingent is not allowed"


def test_a_spread_is_changed_as_a_whole_and_its_legs_alone_are_unknown() -> None:
    desk = Desk()
    rows = legs((PUT, "sell_to_open", 1), (LOWER, "buy_to_open", 1))
    form = {"class": "multileg", "symbol": "SPY", "type": "credit", "price": "9.00", "duration": "day", **rows}
    order = desk.placed(desk.send(form))
    desk.placed(desk.ask("PUT", f"accounts/VA90010001/orders/{order}", {"price": "8.50"}))
    assert [leg["price"] for leg in desk.row(order)["leg"]] == [Decimal("8.5")] * 2
    assert desk.ask("DELETE", f"accounts/VA90010001/orders/{order + 1}").status == 401


def test_an_option_of_an_oto_needs_no_symbol_of_its_own() -> None:
    desk = Desk()
    entry = {"option_symbol": OPTION, "side": "buy_to_open", "quantity": 1, "type": "limit", "price": "0.10"}
    leave = {"option_symbol": OPTION, "side": "sell_to_close", "quantity": 1, "type": "limit", "price": "50.00"}
    row = desk.row(desk.placed(desk.send({"class": "oto", "duration": "gtc", **parts(entry, leave)})))
    assert [leg["symbol"] for leg in row["leg"]] == ["SPY", "SPY"]


def test_half_days_are_full_days_where_the_eve_is_a_weekend_or_holiday() -> None:
    assert hours.hours(hours.eastern(at("2022-12-24 12:00")).date()).close == hours.CLOSE  # a Saturday
    assert "New Years Day" not in hours.holidays(2022).values()
    assert hours.session(at("2026-12-24 13:30")) is hours.Session.POSTMARKET
    assert hours.session(at("2025-07-03 13:30")) is hours.Session.POSTMARKET


def test_only_a_refusal_closes_the_port() -> None:
    faults = Desk().simulator.faults
    faults.inject("hang")
    assert faults.refused_until(0.0) is None
    for how in ({"count": 1}, {"method": "GET"}, {"endpoint": "profile"}):
        faults.inject("refuse", **how)
    assert faults.refused_until(0.0) is None
    faults.inject("refuse", seconds=5)
    assert faults.refused_until(10.0) == 15.0
    faults.clear()
    faults.inject("refuse")
    assert faults.refused_until(0.0) == float("inf")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("markets/timesales?symbol=F&interval=2min", "interval: is not valid."),
        ("markets/timesales?symbol=F&start=noon", "start: is not valid."),
        ("markets/history?symbol=F&end=soon", "end: is not valid."),
        ("markets/calendar?year=99999", "year: is not valid."),
        ("markets/options/strikes?symbol=F&expiration=soon", "expiration: is not valid."),
    ],
)
def test_a_wrong_market_parameter_is_a_400(path: str, words: str) -> None:
    reply = Desk().ask("GET", path)
    assert (reply.status, reply.body.decode()) == (400, f"Invalid parameter, {words}")


def test_the_easy_to_borrow_list_has_no_index() -> None:
    rows = Desk().get("markets/etb")["securities"]["security"]
    assert {"stock", "etf"} == {row["type"] for row in rows}
