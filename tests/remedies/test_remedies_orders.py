"""A failed order is offered anew, spelled, written or sized right; nothing is ever sent."""

from collections.abc import Mapping
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from supervisor.config import Settings
from supervisor.orders import OrderSettings
from supervisor.remedies.formatting import price_by
from supervisor.remedies.symbol import rank
from supervisor.tradier.records import Quote

from remedies.ward import EXACT, Ward, ward

LIMIT = {"side": "buy", "quantity": 10, "type": "limit", "price": "100", "duration": "day", "class": "equity"}
NO_BUYING_POWER = "You do not have enough buying power for this trade"


def fails(w: Ward, order: Mapping[str, Any], error: str) -> str:
    """The order failed for that; the id of the issue it led to."""
    w.run(1)
    issue = w.supervisor.diagnose_order_failure(dict(order), error)
    w.run(0.5)
    return issue.issue_id


def settings(**more: Any) -> Settings:
    return Settings(live_jitter=False, **more)


def untouched(w: Ward) -> bool:
    """Whether nothing was placed, changed or canceled."""
    asked = {(logged.method, logged.endpoint) for logged in w.simulator.requests}
    return w.simulator.bookings == [] and all(method == "GET" or end == "preview" for method, end in asked)


def test_another_spelling_of_the_same_symbol_is_offered_and_proved_by_quotes(tmp_path: Path) -> None:
    with ward(tmp_path) as w:
        issue_id = fails(w, {**LIMIT, "symbol": " brk.b "}, "Undefined symbol: brk.b")
        assert w.take() == ["detected order_failure_symbol"]
        offered = w.supervisor.offered(issue_id)
        assert offered is not None
        assert (offered["symbol"], offered["quantity"], offered["price"]) == ("BRK/B", 10, "100.00")
        w.run(31)
        assert w.take() == ["fixed order_failure_symbol", "resolved order_failure_symbol recovered"]
        assert w.fixed == 1
        assert w.states("symbol") == ["planned", "applying", "verifying", "fixed"]
        assert w.supervisor.offered(issue_id) == offered
        assert untouched(w)


def test_a_spelling_that_the_broker_forgets_again_is_withdrawn(tmp_path: Path) -> None:
    with ward(tmp_path) as w:
        issue_id = fails(w, {**LIMIT, "symbol": "aapl"}, "Undefined symbol: aapl")
        assert w.supervisor.offered(issue_id) is not None
        w.simulator.inject("http_500_backend", "quotes")
        w.run(200)
        assert w.take() == ["detected order_failure_symbol", "failed order_failure_symbol"]
        assert w.supervisor.offered(issue_id) is None
        assert w.codes() == ["order_failure_symbol"]
        assert w.states("symbol")[-2:] == ["undoing", "undone"]


def test_another_root_is_only_suggested_ranked_five_at_most() -> None:
    with ward() as w:
        issue_id = fails(w, {**LIMIT, "symbol": "GOOGLE"}, "Undefined symbol: GOOGLE")
        assert w.take() == ["detected order_failure_symbol", "partial order_failure_symbol"]
        assert w.supervisor.offered(issue_id) is None
        assert "it might be meant for GOOGL (or GOOG" in w.fix()["finish"]
    assert rank("BRKB", ["BAC", "BRK/B", "F"]) == ["BRK/B", "BAC", "F"]
    assert len(rank("A", list("BCDEFGH"))) == 5


def test_a_failed_look_up_says_nothing_about_a_symbol() -> None:
    with ward() as w:
        w.simulator.inject("http_500_backend", "quotes,lookup,search")
        issue_id = fails(w, {**LIMIT, "symbol": "zzzz"}, "Undefined symbol: zzzz")
        w.run(300)
        assert w.take() == ["detected order_failure_symbol"]
        assert (w.supervisor.fixes(), w.supervisor.offered(issue_id)) == ([], None)


def test_an_order_written_badly_is_offered_as_the_broker_wants_it(tmp_path: Path) -> None:
    raw = {"symbol": "AAPL", "action": "BUY", "qty": "5", "order_type": "LIMIT", "limit_price": "150", "tif": "Day"}
    with ward(tmp_path) as w:
        issue_id = fails(w, raw, "Invalid parameter, class: is required")
        offered = w.supervisor.offered(issue_id)
        assert offered is not None
        assert (offered["class"], offered["side"], offered["type"], offered["quantity"]) == (
            "equity",
            "buy",
            "limit",
            5,
        )
        w.run(31)
        assert w.take()[-2:] == ["fixed order_failure_order", "resolved order_failure_order recovered"]
        assert untouched(w)


MISSING = {"symbol": "AAPL", "side": "buy", "quantity": 5, "type": "limit", "duration": "day", "class": "equity"}


def test_a_missing_price_is_asked_for_unless_a_rule_is_set() -> None:
    with ward() as w:
        issue_id = fails(w, MISSING, "Limit price is not valid. Please check the price entered")
        assert w.take() == ["detected order_failure_price", "partial order_failure_price"]
        assert w.supervisor.offered(issue_id) is None
        assert "setting price_rule" in w.fix()["finish"]


@pytest.mark.parametrize("rule", ["mid", "marketable"])
def test_a_missing_price_is_filled_by_the_rule_set_from_a_fresh_quote(rule: str) -> None:
    with ward(settings=settings(price_rule=rule)) as w:
        w.simulator.quotes.set("AAPL", bid=D("200.00"), ask=D("200.10"), last=D("200.05"))
        issue_id = fails(w, MISSING, "Limit price is not valid. Please check the price entered")
        offered = w.supervisor.offered(issue_id)
        assert offered is not None
        assert offered["price"] == {"mid": "200.05", "marketable": "201.10"}[rule]
        w.run(31)
        assert w.fixed == 1


def test_a_filled_price_that_the_market_left_behind_is_withdrawn() -> None:
    with ward(settings=settings(price_rule="mid")) as w:
        issue_id = fails(w, MISSING, "Limit price is not valid. Please check the price entered")
        w.simulator.quotes.set("AAPL", bid=D("300.00"), ask=D("300.10"), last=D("300.05"))
        w.run(200)
        assert w.take() == ["detected order_failure_price", "failed order_failure_price"]
        assert (w.supervisor.offered(issue_id), w.codes()) == (None, ["order_failure_price"])


def test_a_missing_stop_is_never_filled() -> None:
    with ward(settings=settings(price_rule="mid")) as w:
        fails(w, {**MISSING, "type": "stop"}, "Stop price is not defined")
        assert w.take()[-1] == "partial order_failure_price"
        assert "say the stop" in w.fix()["finish"]


@pytest.mark.parametrize(
    ("rule", "side", "bid", "ask", "price"),
    [
        ("mid", "buy", "1.00", "1.01", "1.00"),
        ("mid", "sell", "1.00", "1.01", "1.01"),
        ("marketable", "buy", "10.00", "10.00", "10.05"),
        ("marketable", "sell", "10.00", "10.00", "9.95"),
        ("mid", "buy", "0", "1.01", None),
        ("mid", "buy", "2.00", "1.00", None),
    ],
)
def test_a_price_by_rule_is_never_worse_than_its_band(
    rule: str, side: str, bid: str, ask: str, price: str | None
) -> None:
    found = price_by(rule, side, Quote("AAPL", bid=D(bid), ask=D(ask)), EXACT)
    assert found == (D(price) if price is not None else None)


def test_size_is_only_reduced_where_that_was_opted_for() -> None:
    order = {**LIMIT, "symbol": "AAPL", "quantity": 1_000_000}
    with ward() as w:
        assert w.supervisor.offered(fails(w, order, NO_BUYING_POWER)) is None
        w.run(300)
        assert w.supervisor.fixes() == []


def test_an_order_too_large_for_the_money_is_offered_smaller(tmp_path: Path) -> None:
    order = {**LIMIT, "symbol": "AAPL", "quantity": 1000, "price": "200"}
    with ward(tmp_path, settings=settings(remedies=(("order_size", "auto"),))) as w:
        w.simulator.account.stock_power = D(20_000)
        issue_id = fails(w, order, NO_BUYING_POWER)
        offered = w.supervisor.offered(issue_id)
        assert offered is not None
        assert offered["quantity"] == 98
        assert w.fix()["plan"] == "reduce it from 1000 to 98"
        w.run(31)
        assert w.take()[-2:] == ["fixed order_failure_funds", "resolved order_failure_funds recovered"]
        assert untouched(w)


def test_an_order_that_no_longer_fits_is_withdrawn() -> None:
    order = {**LIMIT, "symbol": "AAPL", "quantity": 1000, "price": "200"}
    with ward(settings=settings(remedies=(("order_size", "auto"),))) as w:
        w.simulator.account.stock_power = D(20_000)
        issue_id = fails(w, order, NO_BUYING_POWER)
        w.simulator.account.stock_power = D(10_000)
        w.run(200)
        assert "failed order_failure_funds" in w.take()
        assert w.supervisor.offered(issue_id) is None


@pytest.mark.parametrize(("power", "size"), [("399", None), ("1000", 1), ("5000000", None)])
def test_size_counts_the_contracts_multiplier_and_is_never_below_one(power: str, size: int | None) -> None:
    order = {
        "class": "option", "symbol": "AAPL", "option_symbol": "AAPL261218C00200000", "side": "buy_to_open",
        "quantity": 3, "type": "limit", "price": "5.00", "duration": "day",
    }  # fmt: skip
    with ward(settings=settings(remedies=(("order_size", "auto"),))) as w:
        w.simulator.account.option_power = D(power)
        offered = w.supervisor.offered(fails(w, order, NO_BUYING_POWER))
        assert (None if offered is None else offered["quantity"]) == size


def test_a_close_is_never_offered_for_more_than_is_held() -> None:
    order = {**LIMIT, "symbol": "AAPL", "side": "sell", "quantity": 10}
    with ward(settings=settings(remedies=(("order_size", "auto"),)), orders=OrderSettings()) as w:
        w.run(1)
        sent = w.supervisor.trading.desk.submit({**LIMIT, "symbol": "AAPL", "quantity": 4, "price": "300"})  # type: ignore[union-attr]  # it was asked for
        assert sent.order_id
        w.run(130)
        booked = len(w.simulator.bookings)
        words = "Sell order is for more shares than your current long position"
        offered = w.supervisor.offered(fails(w, order, words + ", please review current position quantity"))
        assert offered is not None
        assert offered["quantity"] == 4
        assert len(w.simulator.bookings) == booked
