"""Is an order booked once, filled, listed, changed and canceled as at Tradier?"""

import json
from decimal import Decimal

import pytest
from supervisor.simulator import Account, AccountKind

from simulator.asking import ACCOUNT, NOON, OPTION, Desk, at, legs, parts

SPREAD = legs(("SPY261204P00650000", "sell_to_open", 1), ("SPY261204P00645000", "buy_to_open", 1))
ENTRY = {"symbol": "MSFT", "side": "buy", "quantity": 5, "type": "limit", "price": "200.00"}
TARGET = {"symbol": "MSFT", "side": "sell", "quantity": 5, "type": "limit", "price": "250.00"}
STOP = {"symbol": "MSFT", "side": "sell", "quantity": 5, "type": "stop", "stop": "150.00"}


def test_a_market_order_fills_47_ms_after_it_was_created() -> None:
    desk = Desk()
    row = desk.row(desk.placed(desk.order(quantity=10)))
    assert (row["status"], row["exec_quantity"], row["remaining_quantity"]) == ("filled", 10, 0)
    assert row["avg_fill_price"] == Decimal("201.45")
    assert row["create_date"] == "2026-11-23T17:00:01.000Z"
    assert row["transaction_date"] == "2026-11-23T17:00:01.047Z"
    assert "price" not in row
    assert "tag" not in row


def test_a_new_order_is_open_in_session_and_pending_outside_until_the_open() -> None:
    desk = Desk()
    inside = desk.placed(desk.order())
    desk.now -= 0.999
    assert desk.row(inside)["status"] == "open"
    desk = Desk(now=at("2026-11-21 12:00"))  # Saturday
    weekend = desk.placed(desk.order())
    assert desk.row(weekend)["status"] == "pending"
    desk.now = at("09:29:58")
    assert desk.row(weekend)["status"] == "pending"
    desk.now = at("09:30:01")
    row = desk.row(weekend)
    assert row["status"] == "filled"
    assert row["transaction_date"] == "2026-11-23T14:30:00.047Z"


def test_fills_move_cash_and_positions_and_a_close_leaves_nothing() -> None:
    desk = Desk()
    desk.placed(desk.order(quantity=10))
    desk.placed(desk.order(quantity=5))
    assert desk.held() == {"AAPL": 15}
    assert desk.account.cash == 100000 - 15 * Decimal("201.45")
    desk.placed(desk.order(side="sell", quantity=15))
    assert desk.held() == {}
    assert desk.account.cash == 100000 - 15 * Decimal("0.02")


def test_a_short_is_a_negative_quantity_with_a_negative_cost() -> None:
    desk = Desk()
    desk.placed(desk.order(side="sell_short", quantity=10))
    row = desk.mine("positions")["positions"]["position"]
    assert (row["quantity"], row["cost_basis"]) == (-10, Decimal("-2014.3"))
    desk.placed(desk.order(side="buy_to_cover", quantity=10))
    assert desk.held() == {}


def test_one_option_contract_is_a_hundred_shares() -> None:
    desk = Desk()
    desk.simulator.quotes.set(OPTION, last="2.00")
    desk.placed(desk.option(quantity=2))
    assert desk.held() == {OPTION: 2}
    assert desk.account.cash == 100000 - 2 * 100 * Decimal("2.01")
    assert desk.row(desk.simulator.bookings[0].order_id)["option_symbol"] == OPTION


def test_a_limit_waits_for_its_price_and_then_fills_at_the_quote() -> None:
    desk = Desk()
    order = desk.placed(desk.order(type="limit", price="195.00"))
    assert desk.row(order)["status"] == "open"
    desk.simulator.quotes.set("AAPL", last="194.00")
    row = desk.row(order)
    assert (row["status"], row["avg_fill_price"]) == ("filled", Decimal("194.01"))


def test_a_stop_waits_for_its_trigger_and_a_stop_limit_for_both() -> None:
    desk = Desk()
    desk.placed(desk.order(quantity=20))
    stop = desk.placed(desk.order(side="sell", quantity=10, type="stop", stop="190.00"))
    both = desk.placed(desk.order(side="sell", quantity=10, type="stop_limit", stop="190.00", price="189.50"))
    assert desk.row(stop)["status"] == "open"
    desk.simulator.quotes.set("AAPL", last="189.00")
    assert (desk.row(stop)["status"], desk.row(both)["status"]) == ("filled", "open")
    desk.simulator.quotes.set("AAPL", last="190.50")
    assert desk.row(both)["status"] == "filled"


def test_a_day_order_expires_at_the_close_and_a_gtc_order_lives_on() -> None:
    desk = Desk()
    day = desk.placed(desk.order(type="limit", price="1.50"))
    gtc = desk.placed(desk.order(type="limit", price="1.50", duration="gtc"))
    desk.now = at("18:00")
    row = desk.row(day)
    assert (row["status"], row["remaining_quantity"]) == ("expired", 0)
    assert row["transaction_date"] == "2026-11-23T21:00:00.000Z"
    desk.now = at("2026-12-01 12:00")
    assert desk.row(gtc)["status"] == "open"
    desk.simulator.quotes.set("AAPL", last="1.00")
    assert desk.row(gtc)["status"] == "filled"


def test_a_price_seen_only_after_the_close_fills_nothing() -> None:
    desk = Desk()
    gtc = desk.placed(desk.order(type="limit", price="195.00", duration="gtc"))
    assert desk.row(gtc)["status"] == "open"
    desk.simulator.quotes.set("AAPL", last="190.00")
    desk.now = at("18:00")
    assert desk.row(gtc)["status"] == "open"
    desk.now = at("2026-11-24 09:31")
    assert desk.row(gtc)["status"] == "filled"


def test_pre_and_post_orders_fill_in_their_own_session() -> None:
    desk = Desk(now=at("08:00"))
    pre = desk.placed(desk.order(duration="pre", type="limit", price="210.00"))
    low = desk.placed(desk.order(duration="pre", type="limit", price="1.50"))
    assert desk.row(pre)["status"] == "filled"
    desk.now = at("09:25")
    assert desk.row(low)["status"] == "expired"
    desk.now = at("17:00")
    assert desk.row(desk.placed(desk.order(duration="post", type="limit", price="210.00")))["status"] == "filled"


def test_the_term_of_a_closed_position_is_in_days() -> None:
    desk = Desk()
    desk.placed(desk.order())
    desk.held()
    desk.now = at("2026-11-30 12:00")
    desk.placed(desk.order(side="sell"))
    desk.now = at("2026-12-01 12:00")
    assert desk.mine("gainloss")["gainloss"]["closed_position"]["term"] == 7


def test_tags_come_back_byte_for_byte_and_only_when_asked_for() -> None:
    desk = Desk()
    tag = "Az-09-" + "x" * 249
    order = desk.placed(desk.order(tag=tag))
    assert desk.row(order)["tag"] == tag
    assert "tag" not in desk.row(order, tags=False)
    assert desk.placed(desk.order(tag=tag)) == order + 1  # a tag does not deduplicate


def test_bookings_list_every_order_really_booked_with_what_was_sent() -> None:
    desk = Desk()
    order = desk.placed(desk.order(tag="t-1"))
    desk.order(quantity="0.5")
    desk.order(side="sell", quantity=99)
    desk.order(preview="true")
    (booking,) = desk.simulator.bookings
    assert (booking.order_id, booking.tag, booking.account, booking.at) == (order, "t-1", ACCOUNT, NOON + 1)
    assert (booking.order_class, booking.form["side"], booking.form["type"]) == ("equity", "buy", "market")


@pytest.mark.parametrize("said", ["true", "TRUE", "True"])
def test_a_preview_books_nothing(said: str) -> None:
    desk = Desk()
    body = json.loads(desk.order(preview=said, quantity=10).body)["order"]
    assert (body["status"], body["result"], body["order_cost"]) == ("ok", True, 2014.5)
    assert "id" not in body
    assert desk.mine("orders") == {"orders": "null"}
    assert desk.simulator.requests[0].endpoint == "preview"


def test_what_is_not_clearly_a_preview_is_an_order() -> None:
    for said in ("false", "yes", ""):
        desk = Desk()
        desk.placed(desk.order(preview=said))
        assert len(desk.simulator.bookings) == 1
    twice = Desk()
    twice.ask(
        "POST",
        f"accounts/{ACCOUNT}/orders?preview=true",
        {
            "class": "equity",
            "symbol": "F",
            "side": "buy",
            "quantity": 1,
            "type": "market",
            "duration": "day",
            "preview": "false",
        },
    )
    assert len(twice.simulator.bookings) == 1


def test_a_change_keeps_the_id_and_takes_only_what_is_sent() -> None:
    desk = Desk()
    order = desk.placed(desk.order(type="limit", price="1.50", quantity=3))
    form = {"price": "1.75", "quantity": 9, "order_id": order}
    assert desk.placed(desk.ask("PUT", f"accounts/{ACCOUNT}/orders/{order}", form)) == order
    row = desk.row(order)
    assert (row["price"], row["quantity"], row["type"], row["status"]) == (Decimal("1.75"), 3, "limit", "open")
    desk.placed(desk.ask("PUT", f"accounts/{ACCOUNT}/orders/{order}", {"duration": "gtc"}))
    desk.now = at("2026-11-24 12:00")
    assert desk.row(order)["status"] == "open"
    assert len(desk.simulator.bookings) == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"price": "0"}, "price: must be greater than 0"),
        ({"price": "1.234"}, "price: must use up to 2 decimal place(s)"),
        ({"type": "stop"}, "stop: is required."),
        ({"duration": "ioc"}, "duration: is not valid."),
    ],
)
def test_a_wrong_change_is_a_400_and_changes_nothing(form: dict[str, str], words: str) -> None:
    desk = Desk()
    order = desk.placed(desk.order(type="limit", price="1.50"))
    before = desk.row(order)
    reply = desk.ask("PUT", f"accounts/{ACCOUNT}/orders/{order}", form)
    assert (reply.status, reply.body.decode()) == (400, f"Invalid parameter, {words}")
    assert desk.row(order) == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_order_is_a_401_that_names_the_account(method: str) -> None:
    reply = Desk().ask(method, f"accounts/{ACCOUNT}/orders/77", {"price": "1"} if method == "PUT" else None)
    assert (reply.status, reply.body.decode()) == (401, f"Unauthorized Account: {ACCOUNT}")


def test_a_cancel_frees_what_the_order_tied_up() -> None:
    desk = Desk(Account(cash=Decimal(1000)))
    order = desk.placed(desk.order(type="limit", price="190.00", quantity=10))
    balances = desk.mine("balances")["balances"]
    assert (balances["pending_orders_count"], balances["margin"]["stock_buying_power"]) == (1, 100)
    desk.placed(desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order}"))
    balances = desk.mine("balances")["balances"]
    assert (balances["pending_orders_count"], balances["margin"]["stock_buying_power"]) == (0, 2000)
    assert desk.row(order)["status"] == "canceled"


def test_a_spread_fills_as_a_whole_when_its_net_price_allows() -> None:
    desk = Desk()
    form = {"class": "multileg", "symbol": "SPY", "type": "credit", "duration": "day", "price": "2.00", **SPREAD}
    desk.simulator.quotes.set("SPY261204P00650000", last="4.00")
    desk.simulator.quotes.set("SPY261204P00645000", last="3.00")
    order = desk.placed(desk.send(form))
    assert desk.row(order)["status"] == "open"
    assert desk.held() == {}
    desk.simulator.quotes.set("SPY261204P00645000", last="1.90")
    row = desk.row(order)
    assert (row["status"], row["avg_fill_price"], row["strategy"], row["num_legs"]) == (
        "filled",
        Decimal("2.08"),
        "spread",
        2,
    )
    assert [leg["status"] for leg in row["leg"]] == ["filled", "filled"]
    assert [leg["id"] for leg in row["leg"]] == [order + 1, order + 2]
    assert desk.held() == {"SPY261204P00650000": -1, "SPY261204P00645000": 1}
    assert desk.account.cash == 100000 + 208


def test_a_spread_ties_up_its_width_less_its_credit() -> None:
    desk = Desk()
    form = {"class": "multileg", "symbol": "SPY", "type": "credit", "duration": "day", "price": "2.00", **SPREAD}
    preview = json.loads(desk.send({**form, "preview": "true"}).body)["order"]
    assert (preview["order_cost"], preview["margin_change"]) == (-200, 300)
    desk.send(form)
    assert desk.mine("balances")["balances"]["margin"]["option_buying_power"] == 99700


def test_a_combo_buys_stock_and_writes_the_call() -> None:
    desk = Desk()
    form = {
        "class": "combo",
        "symbol": "AAPL",
        "type": "market",
        "duration": "day",
        "side[0]": "buy",
        "quantity[0]": 100,
        "option_symbol[1]": "AAPL261218C00210000",
        "side[1]": "sell_to_open",
        "quantity[1]": 1,
    }
    row = desk.row(desk.placed(desk.send(form)))
    assert (row["status"], row["strategy"]) == ("filled", "covered_call")
    assert desk.held() == {"AAPL": 100, "AAPL261218C00210000": -1}


def test_an_oco_parent_is_sparse_and_one_fill_cancels_the_other() -> None:
    desk = Desk()
    desk.placed(desk.order(symbol="MSFT", quantity=5))
    order = desk.placed(desk.send({"class": "oco", "duration": "day", **parts(TARGET, STOP)}))
    row = desk.row(order)
    assert not {"symbol", "side", "type", "quantity", "price", "exec_quantity"} & set(row)
    assert [leg["id"] for leg in row["leg"]] == [order + 1, order + 2]
    desk.simulator.quotes.set("MSFT", last="260.00")
    row = desk.row(order)
    assert (row["status"], [leg["status"] for leg in row["leg"]]) == ("filled", ["filled", "canceled"])
    assert desk.held() == {}


def test_an_oto_starts_its_second_order_when_the_first_has_filled() -> None:
    desk = Desk()
    entry = {**ENTRY, "price": "180.00"}
    order = desk.placed(desk.send({"class": "oto", "duration": "day", **parts(entry, TARGET)}))
    assert [leg["status"] for leg in desk.row(order)["leg"]] == ["open", "pending"]
    desk.simulator.quotes.set("MSFT", last="179.00")
    assert [leg["status"] for leg in desk.row(order)["leg"]] == ["filled", "open"]
    assert desk.row(order)["status"] == "open"
    desk.simulator.quotes.set("MSFT", last="251.00")
    assert desk.row(order)["status"] == "filled"
    assert desk.held() == {}


def test_an_otoco_whose_entry_is_canceled_is_over() -> None:
    desk = Desk()
    entry = {**ENTRY, "price": "180.00"}
    order = desk.placed(desk.send({"class": "otoco", "duration": "gtc", **parts(entry, TARGET, STOP)}))
    desk.placed(desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order + 1}"))
    row = desk.row(order)
    assert (row["status"], {leg["status"] for leg in row["leg"]}) == ("canceled", {"canceled"})


def test_a_leg_is_read_changed_and_canceled_by_its_own_id() -> None:
    desk = Desk()
    desk.placed(desk.order(symbol="MSFT", quantity=5))
    order = desk.placed(desk.send({"class": "oco", "duration": "day", **parts(TARGET, STOP)}))
    desk.placed(desk.ask("PUT", f"accounts/{ACCOUNT}/orders/{order + 1}", {"price": "240.00"}))
    assert desk.row(order + 1)["price"] == 240
    desk.placed(desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order + 2}"))
    assert [leg["status"] for leg in desk.row(order)["leg"]] == ["open", "canceled"]
    desk.placed(desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order}"))
    assert {leg["status"] for leg in desk.row(order)["leg"]} == {"canceled"}


def test_a_cash_account_may_spend_a_sale_on_the_next_trading_day() -> None:
    desk = Desk(Account(kind=AccountKind.CASH, cash=Decimal(500)), now=at("2026-11-27 10:00"))  # a Friday
    desk.placed(desk.order(quantity=2))
    desk.placed(desk.order(side="sell", quantity=2))
    cash = desk.mine("balances")["balances"]["cash"]
    assert (cash["cash_available"], cash["unsettled_funds"]) == (Decimal("97.10"), Decimal("402.86"))
    desk.now = at("2026-11-30 09:31")
    cash = desk.mine("balances")["balances"]["cash"]
    assert (cash["cash_available"], cash["unsettled_funds"]) == (Decimal("499.96"), 0)
