"""Does an account change as it would when options end or somebody else trades in it?"""

from collections.abc import Mapping
from decimal import Decimal as D
from typing import Any

import pytest
import requests
from supervisor.errors import SupervisorError
from supervisor.simulator import Account, AccountKind, Position, Simulator, serve

from simulator.asking import ACCOUNT, NOON, Desk, at, legs, parts

CALL, PUT, FAR = "SPY261204C00690000", "SPY261204P00690000", "SPY261218C00690000"
INDEX = "SPXW261204C06800000"
EXPIRED = at("2026-12-04 16:00")


def desk(held: Mapping[str, int] | None = None, now: float = NOON, kind: AccountKind = AccountKind.MARGIN) -> Desk:
    """A desk whose account holds so much, at a premium of 5 per share of options and 600 per share of stock."""
    account = Account(kind=kind)
    for number, (symbol, quantity) in enumerate((held or {}).items()):
        each = 500 if symbol[-1].isdecimal() else 600
        account.positions[symbol] = Position(number, symbol, D(quantity), D(quantity * each), NOON - 86400)
    return Desk(account, now=now)


def after(one: Desk) -> dict[str, Any]:
    """What is held after it, and by how much the cash has moved."""
    cash = one.account.cash - Account().cash
    return {symbol: int(held.quantity) for symbol, held in one.account.positions.items()} | {"cash": int(cash)}


@pytest.mark.parametrize(
    ("held", "count", "left"),
    [
        ({CALL: -1}, 1, {"SPY": -100, "cash": 69000}),
        ({CALL: -3}, 2, {CALL: -1, "SPY": -200, "cash": 138000}),
        ({CALL: -1, "SPY": 100}, 1, {"cash": 69000}),
        ({CALL: -1, "SPY": 40}, 1, {"SPY": -60, "cash": 69000}),
        ({PUT: -1}, 1, {"SPY": 100, "cash": -69000}),
        ({PUT: -1, "SPY": -150}, 1, {"SPY": -50, "cash": -69000}),
        ({INDEX: -2}, 2, {"cash": -16240}),
    ],
)
def test_an_assignment_delivers_shares_at_the_strike_or_cash(
    held: dict[str, int], count: int, left: dict[str, int]
) -> None:
    one = desk(held)
    one.simulator.assign(next(iter(held)), count)
    assert after(one) == left
    assert one.mine("orders") == {"orders": "null"}
    assert one.simulator.bookings == []


def test_what_delivery_turns_over_costs_the_strike_and_not_what_was_closed() -> None:
    one = desk({CALL: -1, "SPY": 40})
    one.simulator.assign(CALL, 1, now=NOON)
    assert (one.account.positions["SPY"].cost, one.account.positions["SPY"].acquired) == (D(-41400), NOON)
    gains = {row["symbol"]: row["gain_loss"] for row in one.account.gains}
    assert gains == {CALL: D(500), "SPY": D(40 * 90)}


@pytest.mark.parametrize(
    ("symbol", "count", "part"),
    [
        ("SPY", 1, "is no option symbol"),
        (CALL, 2, "1 are short"),
        (CALL, 0, "1 are short"),
        (CALL, D("0.5"), "1 are short"),
        (FAR, 1, "0 are short"),
        (PUT, 1, "0 are short"),
    ],
)
def test_only_what_is_short_can_be_assigned(symbol: str, count: Any, part: str) -> None:
    one = desk({CALL: -1, FAR: 1})
    with pytest.raises(SupervisorError, match=part):
        one.simulator.assign(symbol, count)
    assert after(one) == {CALL: -1, FAR: 1, "cash": 0}


@pytest.mark.parametrize(
    ("held", "spot", "left"),
    [
        ({CALL: 1}, "690.01", {"SPY": 100, "cash": -69000}),
        ({CALL: 1}, "690.00", {"cash": 0}),
        ({CALL: -1}, "690.01", {"SPY": -100, "cash": 69000}),
        ({CALL: -1}, "690.00", {"cash": 0}),
        ({PUT: 2}, "689.99", {"SPY": -200, "cash": 138000}),
        ({PUT: -1}, "600.00", {"SPY": 100, "cash": -69000}),
        ({PUT: -1}, "690.00", {"cash": 0}),
        ({CALL: 1, FAR: -1, "SPY": 7}, "1.00", {FAR: -1, "SPY": 7, "cash": 0}),
    ],
)
def test_at_expiry_a_cent_in_the_money_is_delivered_and_the_rest_is_worthless(
    held: dict[str, int], spot: str, left: dict[str, int]
) -> None:
    one = desk(held)
    one.simulator.quotes.set("SPY", last=spot)
    one.simulator.expire_options(EXPIRED)
    assert after(one) == left


def test_an_index_option_is_settled_in_cash_at_expiry() -> None:
    one = desk({INDEX: 1})
    one.simulator.quotes.set("SPX", last="6811.50")
    one.simulator.expire_options(EXPIRED)
    assert after(one) == {"cash": 1150}


def test_nothing_expires_before_its_close_or_without_being_told() -> None:
    one = desk({CALL: 1})
    one.simulator.expire_options(EXPIRED - 1)
    one.now = EXPIRED + 86400 * 30
    assert one.held() == {CALL: 1}
    one.simulator.expire_options(one.now)
    assert one.held() == {}


def test_expiry_befalls_every_account() -> None:
    accounts = [Account(number) for number in ("VA90010001", "VA90010002")]
    for account in accounts:
        account.positions[PUT] = Position(1, PUT, D(1), D(500), NOON)
    simulator = Simulator(accounts)
    simulator.quotes.set("SPY", last="700")
    simulator.expire_options(EXPIRED)
    assert [account.positions for account in accounts] == [{}, {}]
    assert [account.gains[0]["gain_loss"] for account in accounts] == [D(-500), D(-500)]


def test_orders_for_an_expired_contract_expire_and_others_work_on() -> None:
    one = desk({CALL: 1, FAR: 2})
    form = {"side": "sell_to_close", "type": "limit", "price": "90.00", "duration": "gtc"}
    gone, stays = (one.placed(one.option(**form, option_symbol=symbol)) for symbol in (CALL, FAR))
    rows = legs((CALL, "buy_to_open", 1), (FAR, "sell_to_close", 1))
    spread = one.placed(
        one.send({"class": "multileg", "symbol": "SPY", "type": "credit", "price": "90.00", "duration": "gtc", **rows})
    )
    one.simulator.quotes.set("SPY", last="600")
    one.simulator.expire_options(EXPIRED)
    one.now = EXPIRED
    assert [one.row(order)["status"] for order in (gone, stays, spread)] == ["expired", "open", "expired"]


def test_an_order_with_nothing_left_to_close_is_canceled_and_never_flips_a_position() -> None:
    one = desk({CALL: -2, "SPY": 100})
    limit = {"type": "limit", "duration": "gtc"}
    cover = one.placed(one.option("buy_to_close", option_symbol=CALL, quantity=2, price="0.05", **limit))
    sale = one.placed(one.order(symbol="SPY", side="sell", quantity=100, price="900.00", **limit))
    one.simulator.assign(CALL, 1)
    assert [one.row(order)["status"] for order in (cover, sale)] == ["canceled", "canceled"]
    assert one.held() == {CALL: -1}


def test_a_sale_of_what_has_become_short_is_canceled() -> None:
    one = desk({"SPY": 10})
    sale = one.placed(one.order(symbol="SPY", side="sell", quantity=10, type="limit", price="900.00"))
    one.simulator.foreign_fill("SPY", -25, 690)
    assert one.row(sale)["status"] == "canceled"
    assert one.held() == {"SPY": -15}


def test_exits_that_wait_for_their_entry_are_left_alone() -> None:
    one = desk()
    entry = {"symbol": "SPY", "side": "buy", "quantity": 10, "type": "limit", "price": "600.00"}
    leave = {"symbol": "SPY", "side": "sell", "quantity": 10, "type": "limit", "price": "800.00"}
    form = {"class": "oto", "duration": "gtc", **parts(entry, leave)}
    order = one.placed(one.send(form))
    one.simulator.foreign_fill("TSLA", 5, 400)
    assert [leg["status"] for leg in one.row(order)["leg"]] == ["open", "pending"]


def test_an_oco_whose_position_was_sold_by_somebody_else_is_over() -> None:
    one = desk({"SPY": 10})
    exit_ = {"symbol": "SPY", "side": "sell", "quantity": 10}
    prices = ({"type": "limit", "price": "900.00"}, {"type": "stop", "stop": "500.00"})
    form = {"class": "oco", "duration": "gtc", **parts(*({**exit_, **price} for price in prices))}
    order = one.placed(one.send(form))
    one.simulator.foreign_fill("SPY", -10, "690")
    row = one.row(order)
    assert [row["status"], *(leg["status"] for leg in row["leg"])] == ["canceled"] * 3


@pytest.mark.parametrize(
    ("quantity", "price", "left"),
    [
        (5, "700.10", {"SPY": 15, "cash": -3500}),
        (-10, 700, {"cash": 7000}),
        (-25, D(700), {"SPY": -15, "cash": 17500}),
        (1, 0, {"SPY": 11, "cash": 0}),
    ],
)
def test_somebody_elses_fill_moves_cash_and_position_and_books_nothing(
    quantity: int, price: Any, left: dict[str, int]
) -> None:
    one = desk({"SPY": 10})
    one.simulator.foreign_fill("spy", quantity, price)
    assert after(one) == left
    assert one.mine("orders") == {"orders": "null"}
    assert (one.simulator.bookings, len(one.simulator.requests)) == ([], 1)


def test_a_foreign_position_shows_with_an_id_a_date_and_its_cost() -> None:
    one = desk()
    one.simulator.foreign_fill("TSLA", 2, "400.50")
    row = one.mine("positions")["positions"]["position"]
    assert (row["symbol"], row["quantity"], row["cost_basis"]) == ("TSLA", 2, 801)
    assert row["date_acquired"] == "2023-02-14T15:04:05.000Z"
    one.held()
    one.simulator.foreign_fill("F", 1, 12)
    one.simulator.foreign_fill("BAC", 1, 50, now=NOON + 7)
    acquired = {symbol: held.acquired for symbol, held in one.account.positions.items()}
    assert (acquired["F"], acquired["BAC"]) == (NOON + 2, NOON + 7)


def test_what_was_due_before_a_happening_has_happened() -> None:
    one = desk({"SPY": 10}, now=at("09:00"))
    one.placed(one.order(symbol="SPY", side="sell", quantity=10))
    one.simulator.foreign_fill("SPY", 3, 600, now=at("09:31"))
    assert one.account.held("SPY") == 3


def test_a_sale_by_somebody_else_settles_in_a_cash_account_as_any_sale_does() -> None:
    one = desk({"SPY": 10}, kind=AccountKind.CASH)
    one.simulator.foreign_fill("SPY", -10, 700, now=NOON)
    assert one.account.unsettled == 7000
    one.now = at("2026-11-24 09:31")
    assert one.mine("balances")["balances"]["cash"]["unsettled_funds"] == 0


def test_a_fill_of_nothing_or_at_a_negative_price_or_elsewhere_is_refused() -> None:
    one = desk()
    for quantity, price in ((0, 1), (1, -1)):
        with pytest.raises(SupervisorError, match="is no fill"):
            one.simulator.foreign_fill("SPY", quantity, price)
    with pytest.raises(SupervisorError, match="no account ending in 9999"):
        one.simulator.foreign_fill("SPY", 1, 1, account="VA90019999")
    assert after(one) == {"cash": 0}


def test_positions_are_shown_that_are_not_there_and_hidden_that_are() -> None:
    one = desk({"SPY": 10, "F": 3})
    one.simulator.inject("position_foreign", symbol="tsla", quantity=-4)
    assert one.held() == {"SPY": 10, "F": 3, "TSLA": -4}
    one.simulator.inject("position_missing", symbol="SPY")
    assert one.held() == {"F": 3, "TSLA": -4}
    one.simulator.inject("position_missing")
    assert one.mine("positions") == {"positions": "null"}
    one.simulator.clear()
    assert one.held() == {"SPY": 10, "F": 3}


def test_it_all_happens_over_the_control_api() -> None:
    account = Account()
    account.positions[CALL] = Position(1, CALL, D(-1), D(-500), NOON)
    with serve(Simulator([account]), now=lambda: NOON) as server, requests.Session() as session:
        session.trust_env = False

        def tell(name: str, **form: Any) -> Any:
            return session.post(f"{server.control_url}/_control/{name}", data=form, timeout=2).json()

        def held(state: Any) -> dict[str, float]:
            return {symbol: one["quantity"] for symbol, one in state["accounts"][ACCOUNT]["positions"].items()}

        state = tell("foreign_fill", symbol=PUT, quantity=2, price="1.50", account=ACCOUNT)
        assert (held(state), state["accounts"][ACCOUNT]["cash"]) == ({CALL: -1, PUT: 2}, 99700)
        assert held(tell("expire_options")) == {CALL: -1, PUT: 2}
        assert held(tell("assign", symbol=CALL, quantity=1)) == {"SPY": -100, PUT: 2}
        assert account.positions["SPY"].acquired == NOON
        server.simulator.quotes.set("SPY", last=700)
        assert held(tell("expire_options", now=EXPIRED)) == {"SPY": -100}
        assert "quantity must be a number" in tell("assign", symbol=CALL)["error"]
        assert "quantity must be a number" in tell("assign", symbol=CALL, quantity="NaN")["error"]
        assert "before the year 3000" in tell("expire_options", now=1e20)["error"]
        assert "no symbol=" in tell("foreign_fill", quantity=1, price=1)["error"]
