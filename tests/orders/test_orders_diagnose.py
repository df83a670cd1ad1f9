"""What is said of a failed order, from where, and by what can never send one."""

from decimal import Decimal
from time import time
from typing import Any

import pytest
import requests
from supervisor.concerns.facts import Place
from supervisor.core.issue import Issue
from supervisor.core.words import Severity
from supervisor.errors import SupervisorError
from supervisor.orders import Diagnoser, Diagnosis, OrderRefused
from supervisor.orders.build import understand
from supervisor.simulator import DEFAULT_ACCOUNT
from supervisor.tradier.client import Reader
from supervisor.tradier.orders_wire import Previewer, Trader

from orders.orders_room import CALL, URL, Room, buy, room, token

GENERIC = "Backoffice rejected override of the order."


def diagnoser(here: Room) -> Diagnoser:
    reader = Reader(URL, token, DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=here.adapter)
    previewer = Previewer(URL, token, DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=here.adapter)
    return Diagnoser(time, facts=here.desk.known(), lookups=reader, previews=previewer)


def plainly(order: Any, error: Any) -> Diagnosis:
    return Diagnoser(lambda: 1795446000.0).diagnose(order, error)


def test_a_way_to_submit_is_refused_wherever_it_is_handed_in() -> None:
    with room() as here:
        trader = Trader(URL, token, DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=here.adapter)
        for name in ("facts", "lookups", "previews"):
            for way in (trader, here.desk, trader.submit):
                handed: dict[str, Any] = {name: way}
                with pytest.raises(SupervisorError, match="must not be able to trade"):
                    Diagnoser(time, **handed)
        made = diagnoser(here)
        with pytest.raises(AttributeError):
            made.trades = trader  # type: ignore[attr-defined]  # that it can't be set is the point
        assert not [name for name in dir(made) if name in ("submit", "modify", "cancel", "send")]


def test_diagnosing_books_nothing_and_previews_once_at_most() -> None:
    with room() as here:
        made = diagnoser(here)
        for error in (GENERIC, "strange words", ["InitialMargin"], ValueError("?"), None):
            before = len(here.posts())
            made.diagnose(buy(), error)
            assert here.posts()[before:] in ([], ["preview"])
        assert here.bookings() == 0


def test_the_owners_fields_are_all_there() -> None:
    issue = plainly(buy(), [GENERIC, "InitialMargin"]).issue(7, 1.0)
    assert isinstance(issue, Issue)
    assert (issue.issue_id, issue.code, issue.severity) == (
        "order_failure_funds-7",
        "order_failure_funds",
        Severity.WARNING,
    )
    assert issue.category == issue.metadata["cause"] == "funds"
    assert issue.error_message == f"{GENERIC}; InitialMargin"
    assert {name: issue.metadata[name] for name in ("whose_move", "retry", "concern")} == {
        "whose_move": "account",
        "retry": "after_a_fix",
        "concern": "buying_power",
    }
    assert issue.metadata["explanation"] == "Not enough buying power for this order."


def test_both_of_the_agents_shapes_are_understood() -> None:
    order = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "market", "duration": "day", "class": "equity"}
    raw = {"symbol": "AAPL", "action": "BUY", "qty": 1, "order_type": "market", "time_in_force": "day", "reason": "x"}
    for one in (order, raw):
        found = plainly(one, ["There is not enough day trading buying power for the requested order"])
        assert found.cause == "funds"
        assert found.order == plainly(order, "x").order
    assert (
        plainly(
            {"status": "rejected", "reason_description": "Symbol does not exist. "}, "Symbol does not exist. "
        ).cause
        == "symbol"
    )


@pytest.mark.parametrize(
    ("error", "cause", "retry"),
    [
        (requests.exceptions.ReadTimeout("read timed out"), "connection", "outcome_unknown"),
        (requests.exceptions.ConnectionError("reset"), "connection", "outcome_unknown"),
        (TimeoutError("no answer"), "connection", "outcome_unknown"),
        (requests.exceptions.HTTPError("429 Client Error: Too Many Requests for url"), "rate_limit", "after_a_time"),
        (ConnectionResetError("reset by peer"), "connection", "outcome_unknown"),
        (ValueError("'<' not supported between instances"), "unknown", "never"),
        ([], "unknown", "never"),
        (None, "unknown", "never"),
        ({"errors": {"error": ["x", "OmsInternalError"]}}, "broker", "after_a_time"),
        ({"fault": {"faultstring": "Invalid Access Token"}}, "credentials", "after_a_fix"),
        (b"Invalid parameter, price: must use up to 2 decimal place(s)", "price", "after_a_fix"),
    ],
)
def test_whatever_the_error_is_it_has_a_cause(error: Any, cause: str, retry: str) -> None:
    found = plainly(buy(), error)
    assert (found.cause, found.standing.retry) == (cause, retry)


def test_the_reply_in_an_exception_counts_though_an_error_reply_is_falsy() -> None:
    response = requests.Response()
    response.status_code = 400
    response._content = b"Invalid parameter, quantity: decimal places are not allowed."
    error = requests.exceptions.HTTPError("400 Client Error", response=response)
    assert plainly(buy(), error).cause == "order"
    assert "decimal places" in plainly(buy(), error).message


def test_our_own_refusal_keeps_its_cause() -> None:
    with pytest.raises(OrderRefused) as refused:
        understand(buy(price="3.125"))
    found = plainly(buy(price="3.125"), refused.value)
    assert found.cause == "price"
    assert "more than two decimals" in found.message


def test_unauthorized_account_on_an_order_path_means_an_unknown_order() -> None:
    words = "Unauthorized Account: VA12345678"
    assert plainly(buy(), words).cause == "account"
    assert plainly(buy(order_id=5), words).cause == "order"
    assert "VA12345678" not in plainly(buy(), words).message


def test_an_account_number_and_a_token_never_get_into_a_diagnosis() -> None:
    found = plainly(buy(), "order for VA12345678 failed: Bearer abcdefghijkl refused")
    assert "VA12345678" not in found.message
    assert "abcdefghijkl" not in found.message


@pytest.mark.parametrize(
    ("order", "error", "right"),
    [
        (buy(), "UnexpectedBuyOrder", {"side": "buy_to_cover"}),
        (buy(type="market", price=None), "MarketOrderIsGtc", None),
        (buy(duration="pre"), "Pre-market trading is currently unavailable.", {"duration": "day"}),
        (buy(tag="a b"), "Invalid parameter, tag: contains invalid characters.", {"tag": "a-b"}),
        (buy(symbol="brk.b"), "Invalid parameter, symbol: is not valid.", {"symbol": "BRK/B"}),
        (buy(), "InitialMargin", None),
        (buy(price="3.125"), "Invalid parameter, price: must use up to 2 decimal place(s)", None),
        (buy(), "An error occurred while communicating with the backend.", None),
    ],
)
def test_a_corrected_order_is_there_only_where_the_refusal_says_what_is_right(
    order: dict[str, Any], error: str, right: dict[str, Any] | None
) -> None:
    fixed = plainly(order, error).corrected
    assert fixed is None if right is None else fixed is not None and right.items() <= fixed.items()


def test_a_sale_of_too_many_is_corrected_to_what_is_held() -> None:
    with room() as here:
        here.hold(AAPL=7)
        here.desk.tick()
        found = diagnoser(here).diagnose(buy(side="sell"), ["x", "LongPositionCrossZero"])
        assert found.corrected is not None
        assert found.corrected["quantity"] == 7


def test_a_lookup_finds_an_unknown_symbol_behind_generic_words() -> None:
    with room() as here:
        found = diagnoser(here).diagnose(buy(symbol="ZZZZ"), GENERIC)
        assert (found.cause, found.found) == ("symbol", ("the broker does not know ZZZZ",))
        assert here.posts() == []


def test_a_preview_says_what_generic_words_do_not() -> None:
    with room(cash=Decimal(100)) as here:
        found = diagnoser(here).diagnose(buy(quantity=1000), GENERIC)
        assert found.cause == "funds"
        assert found.message == GENERIC
        assert here.posts() == ["preview"]
        assert here.bookings() == 0


def test_held_facts_make_a_bare_side_clear() -> None:
    with room() as here:
        here.hold(**{CALL: 2})
        here.desk.tick()
        found = diagnoser(here).diagnose({"symbol": CALL, "side": "sell", "quantity": 1, "price": 2}, "x")
        assert found.order is not None
        assert found.order["side"] == "sell_to_close"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"price": 100}, "Undefined symbol: XYZ"),
        ({"price": 100.5, "class": "equity"}, "LimitPriceUndefined"),
        ({"price": "100.00", "quantity": "1"}, "SecurityUndefined"),
        ({"price": 100, "class": "equity"}, "Invalid parameter, side: is not valid."),
    ],
)
def test_the_same_order_in_other_letters_is_no_correction(given: dict[str, Any], error: str) -> None:
    order = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "limit", "duration": "day"} | given
    assert Diagnoser(lambda: 0.0).diagnose(order, error).corrected is None


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"symbol": "BRK.B"}, "Undefined symbol: BRK.B"),
        ({"price": "100.5000"}, "Invalid parameter, price: must use up to 2 decimal place(s)"),
        ({}, "Invalid parameter, class: is required."),
    ],
)
def test_a_tidied_order_is_one_where_it_changes_what_was_refused(given: dict[str, Any], error: str) -> None:
    order = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "limit", "price": 1, "duration": "day"} | given
    assert Diagnoser(lambda: 0.0).diagnose(order, error).corrected is not None
