"""Are positions and orders read in every way they come, and is nothing else taken for an empty list?"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from supervisor.core.reading import Failure, Kind
from supervisor.tradier import shapes
from supervisor.tradier.bodies import decode


def said(value: Any) -> Any:
    """The value as it comes off the wire, decimals and all."""
    return decode(json.dumps(value))


def garbled(shaped: Any, words: str = "") -> bool:
    return isinstance(shaped, Failure) and shaped.kind is Kind.GARBLED and words in shaped.words


LISTS: list[tuple[Callable[[Any], Any], str, str, dict[str, Any]]] = [
    (shapes.positions, "positions", "position", {"symbol": "MSFT", "quantity": 8.0}),
    (shapes.orders, "orders", "order", {"id": 39000101, "status": "open"}),
]


@pytest.mark.parametrize(("shape", "outer", "inner", "row"), LISTS)
def test_an_account_list_is_read_in_every_way_it_comes(shape: Any, outer: str, inner: str, row: dict[str, Any]) -> None:
    nothings: list[Any] = [{}, {outer: "null"}, {outer: None}, {outer: {}}, {outer: []}, {outer: ""}]
    inners: list[Any] = [None, "null", [], {}]
    nothings += [{outer: {inner: nothing}} for nothing in inners]
    for answer in nothings:
        assert shape(said(answer)) == ()
    assert len(shape(said({outer: {inner: row}}))) == 1
    assert len(shape(said({outer: {inner: [row]}}))) == 1
    assert len(shape(said({outer: {inner: [row, row, row]}}))) == 3


@pytest.mark.parametrize(("shape", "outer", "inner", "row"), LISTS)
def test_an_account_list_that_is_none_of_these_is_garbled(
    shape: Any, outer: str, inner: str, row: dict[str, Any]
) -> None:
    for odd in (
        {"else": 1},
        {outer: 0},
        {outer: False},
        {outer: "none"},
        {outer: [row]},
        {outer: {"else": [row]}},
        {outer: {inner: 7}},
        {outer: {inner: "text"}},
        {outer: {inner: [row, None]}},
        {outer: {inner: [row, {}]}},
        {outer: {inner: [[row]]}},
        {outer: {inner: {"else": 1}}},
    ):
        assert garbled(shape(said(odd))), odd


def test_positions_carry_sign_and_cost(samples: dict[str, Any]) -> None:
    long, short = shapes.positions(said(samples["positions_many"]["body"]))  # type: ignore[misc] # a failure fails the test
    assert (long.symbol, long.quantity, long.cost_basis, long.position_id) == ("MSFT", 8, Decimal("1512.3"), "880112")
    assert (short.symbol, short.quantity, short.cost_basis) == ("XSP261218P00540000", -1, -245)
    assert short.acquired_at == 1795104164.901


def test_an_order_row_is_read_whole(samples: dict[str, Any]) -> None:
    row = shapes.order(said(samples["order_single"]["body"]))
    assert not isinstance(row, Failure)
    assert (row.order_id, row.status, row.kind, row.type, row.side) == (
        "39000101",
        "partially_filled",
        "equity",
        "limit",
        "buy",
    )
    assert (row.quantity, row.exec_quantity, row.price, row.avg_fill_price) == (
        Decimal(10),
        Decimal(4),
        Decimal("201.5"),
        Decimal("201.48"),
    )
    assert (row.tag, row.duration, row.symbol, row.created_at) == ("intent-1", "day", "AAPL", 1795447211.482)
    assert not row.final


def test_a_tag_is_passed_on_byte_for_byte() -> None:
    row = shapes.order(said({"order": {"id": 1, "status": "open", "tag": "VA12345678-" + "a" * 240}}))
    assert not isinstance(row, Failure)
    assert row.tag == "VA12345678-" + "a" * 240


def test_legs_come_as_a_list_or_as_one(samples: dict[str, Any]) -> None:
    body = samples["orders_with_legs"]["body"]
    (parent,) = shapes.orders(said(body))  # type: ignore[misc] # a failure fails the test
    assert [leg.order_id for leg in parent.legs] == ["39000121", "39000122"]
    assert parent.legs[0].option_symbol == "SPY261204P00650000"
    body["orders"]["order"]["leg"] = body["orders"]["order"]["leg"][0]
    (parent,) = shapes.orders(said(body))  # type: ignore[misc] # a failure fails the test
    assert len(parent.legs) == 1
    body["orders"]["order"]["leg"]["leg"] = {"id": 5, "status": "open"}
    assert garbled(shapes.orders(said(body)), "leg")


def test_a_sparse_parent_is_an_order() -> None:
    row = shapes.order(said({"order": {"id": 7, "status": "OPEN", "class": "oco", "leg": "null"}}))
    assert not isinstance(row, Failure)
    assert (row.status, row.symbol, row.quantity, row.legs) == ("open", None, None, ())


def test_a_rejected_order_says_why(samples: dict[str, Any]) -> None:
    (row,) = shapes.orders(said(samples["orders_rejected"]["body"]))  # type: ignore[misc] # a failure fails the test
    assert row.final
    assert row.reason == (
        "Sell short order cannot be placed while you have a current long position, please check open orders."
    )
    told = shapes.order(said({"order": {"id": 7, "status": "rejected", "errors": {"error": ["No.", "InitialMargin"]}}}))
    assert not isinstance(told, Failure)
    assert told.reason == "No. InitialMargin"


@pytest.mark.parametrize("status", ["filled", "canceled", "expired", "rejected", "error"])
def test_some_states_are_final(status: str) -> None:
    row = shapes.order(said({"order": {"id": 7, "status": status}}))
    assert not isinstance(row, Failure)
    assert row.final


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"order": None},
        {"order": "null"},
        {"order": []},
        {"order": {"status": "open"}},
        {"order": {"id": 1}},
        {"order": {"id": 0, "status": "open"}},
        {"order": {"id": "x y", "status": "open"}},
        {"order": {"id": 1, "status": "open", "quantity": "many"}},
        {"order": {"id": 1, "status": "open", "leg": 5}},
    ],
)
def test_an_order_in_no_known_shape_is_garbled(answer: Any) -> None:
    assert garbled(shapes.order(said(answer)))
