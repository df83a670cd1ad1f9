"""Is every documented reply read for what it says, and everything else garbled rather than empty?"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from supervisor.concerns.facts import Account, Balances
from supervisor.core.reading import Failure, Kind
from supervisor.tradier import shapes
from supervisor.tradier.bodies import decode
from supervisor.tradier.client import skew
from supervisor.tradier.fields import http_date


def said(value: Any) -> Any:
    """The value as it comes off the wire, decimals and all."""
    return decode(json.dumps(value))


def garbled(shaped: Any, words: str = "") -> bool:
    return isinstance(shaped, Failure) and shaped.kind is Kind.GARBLED and words in shaped.words


ROW = {"account_number": "VA90010001", "status": "Active ", "option_level": 6, "type": "margin"}
OTHER = {"account_number": 70001234, "status": "", "option_level": "2", "type": "cash", "classification": "individual"}


def profile_of(account: Any) -> Any:
    return said({"profile": {"account": account, "id": "id-x", "name": "Avery Quill"}})


def test_a_lone_account_is_an_object_and_ours() -> None:
    profile = shapes.profile(profile_of(ROW), None)
    assert not isinstance(profile, Failure)
    assert profile.ours() == Account("****0001", True, "active", 6, "margin")


def test_ours_is_the_configured_one_wherever_it_stands() -> None:
    profile = shapes.profile(profile_of([OTHER, ROW]), " VA90010001 ")
    assert not isinstance(profile, Failure)
    assert [account.ours for account in profile.accounts] == [False, True]
    assert profile.accounts[0] == Account("****1234", False, None, 2, "cash", "individual")


def test_none_is_ours_where_several_are_listed_and_none_was_named() -> None:
    profile = shapes.profile(profile_of([OTHER, ROW]), None)
    assert not isinstance(profile, Failure)
    assert profile.ours() is None


def test_a_lone_account_is_not_ours_where_another_was_named() -> None:
    profile = shapes.profile(profile_of(ROW), "VA00000009")
    assert not isinstance(profile, Failure)
    assert profile.ours() is None


@pytest.mark.parametrize("none", [[], None, "null"])
def test_a_profile_may_say_that_it_lists_no_account(none: Any) -> None:
    for answer in (profile_of(none), said({"profile": {"id": "id-x", "name": "Avery Quill"}})):
        profile = shapes.profile(answer, "VA90010001")
        assert not isinstance(profile, Failure)
        assert profile.accounts == ()


@pytest.mark.parametrize(("row", "status", "level"), [
    ({},                                          None,        None),
    ({"status": None, "option_level": None},      None,        None),
    ({"status": "null", "option_level": "null"},  None,        None),
    ({"status": "  ", "option_level": ""},        None,        None),
    ({"status": "UNKNOWN", "option_level": 0},    "unknown",   0),
    ({"status": "Suspended", "option_level": 2.0}, "suspended", 2),
    ({"status": "active", "option_level": " 3 "}, "active",    3),
    ({"status": "active", "option_level": True},  "active",    None),
    ({"status": "active", "option_level": 2.5},   "active",    None),
    ({"status": "active", "option_level": "two"}, "active",    None),
])  # fmt: skip
def test_status_and_level_are_read_or_none(row: dict[str, Any], status: str | None, level: int | None) -> None:
    profile = shapes.profile(profile_of({"account_number": "VA90010001", **row}), None)
    assert not isinstance(profile, Failure)
    assert (profile.accounts[0].status, profile.accounts[0].option_level) == (status, level)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"profile": None},
        {"profile": "null"},
        {"profile": {}},
        {"profile": []},
        {"profile": {"name": "y"}},
        {"profile": {"account": 7}},
        {"profile": {"account": "VA90010001"}},
        {"profile": {"account": [ROW, None]}},
        {"profile": {"account": [ROW, {}]}},
        {"profile": {"account": {"status": "active"}}},
        {"profile": {"account": {**ROW, "account_number": None}}},
        {"profile": {"account": {**ROW, "account_number": True}}},
        {"profile": {"account": {**ROW, "account_number": "a/b"}}},
        {"profile": {"account": {**ROW, "status": 5}}},
        {"profile": {"account": {**ROW, "status": ["active"]}}},
        {"balances": {}},
    ],
)
def test_a_profile_in_no_known_shape_is_garbled(answer: Any) -> None:
    assert garbled(shapes.profile(said(answer), None))
    assert garbled(shapes.profile(said(answer), "VA90010001"))


MARGIN = {"fed_call": 0, "maintenance_call": 0, "option_buying_power": 11208.4, "stock_buying_power": 22416.8}


def balances_of(kind: str, inner: Any, **outer: Any) -> Any:
    return shapes.balances(said({"balances": {"equity": 0, "total_equity": 25431.175, kind: inner, **outer}}))


def test_margin_power_is_read_apart_for_stock_and_options(samples: dict[str, Any]) -> None:
    assert shapes.balances(said(samples["balances_margin"]["body"])) == Balances(
        kind="margin",
        equity_power=Decimal("22416.8"),
        option_power=Decimal("11208.4"),
        calls=Decimal(0),
        total_equity=Decimal("25431.175"),
        total_cash=Decimal("13600.675"),
    )


def test_cash_power_is_the_settled_cash_and_the_rest_is_unsettled(samples: dict[str, Any]) -> None:
    assert shapes.balances(said(samples["balances_cash"]["body"])) == Balances(
        kind="cash",
        equity_power=Decimal("7320.11"),
        option_power=Decimal("7320.11"),
        calls=Decimal(0),
        total_equity=Decimal("9875.61"),
        total_cash=Decimal("8530.61"),
        unsettled=Decimal("1210.5"),
    )


def test_day_trading_power_is_there_where_the_broker_says_it() -> None:
    with_it = balances_of("pdt", {**MARGIN, "day_trade_buying_power": 44833.6})
    assert (with_it.kind, with_it.day_trade_power) == ("pdt", Decimal("44833.6"))
    assert balances_of("pdt", MARGIN).day_trade_power is None
    assert balances_of("margin", {**MARGIN, "day_trade_buying_power": 1}).day_trade_power is None


def test_the_sub_object_decides_not_the_label() -> None:
    assert balances_of("pdt", MARGIN, account_type="margin").kind == "pdt"
    assert balances_of("cash", {"cash_available": 1}, account_type="margin").kind == "cash"
    assert balances_of("margin", MARGIN, cash=None, pdt="null", account_type="pdt").kind == "margin"
    assert balances_of("margin", MARGIN, cash={}, account_type=None).kind == "margin"


def test_the_label_decides_where_two_sub_objects_are_there() -> None:
    assert balances_of("margin", MARGIN, cash={"cash_available": 1}, account_type="Margin").kind == "margin"
    assert garbled(balances_of("margin", MARGIN, cash={"cash_available": 1}), "cash and margin")


@pytest.mark.parametrize(("maintenance", "fed", "calls"), [
    (0, 0, "0"), (100.5, 0, "100.5"), (0, 20, "20"), (100, 20, "120"), (-5, 20, "20"), (-5, -7, "0"),
])  # fmt: skip
def test_calls_are_the_sum_of_what_is_called_for(maintenance: float, fed: float, calls: str) -> None:
    assert balances_of("margin", {**MARGIN, "maintenance_call": maintenance, "fed_call": fed}).calls == Decimal(calls)


@pytest.mark.parametrize(("numeral", "amount"), [
    ("0E-8", "0"), ("0.000000000000000000000000", "0"), ("17798.360000000000000000000000", "17798.36"), ("-1.5", "-1.5"),
    ("1e3", "1000"), ('"1234.5"', "1234.5"), ('"0E-8"', "0"), ("999999999999999", "999999999999999"), ("-0.0", "0"),
])  # fmt: skip
def test_a_number_is_read_exactly_in_all_its_forms(numeral: str, amount: str) -> None:
    answer = decode('{"balances": {"cash": {"cash_available": ' + numeral + "}}}")
    balances = shapes.balances(answer)
    assert not isinstance(balances, Failure)
    assert balances.equity_power == Decimal(amount)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "null",
        "",
        True,
        [],
        {},
        [1],
        {"amount": 1},
        "NaN",
        "Infinity",
        "1,000",
        "0x10",
        10**15,
        1e300,
        "1e999",
        "١٢",
    ],
)
def test_what_is_no_amount_is_garbled_and_named(value: Any) -> None:
    assert garbled(balances_of("cash", {"cash_available": value}), "cash_available")
    assert garbled(balances_of("margin", {**MARGIN, "maintenance_call": value}), "maintenance_call")


@pytest.mark.parametrize("number", ["1e999999999999999999999", "1" * 5000, "-1e400"])
def test_a_monstrous_number_is_garbled(number: str) -> None:
    try:
        answer = decode('{"balances": {"cash": {"cash_available": ' + number + "}}}")
    except ValueError:
        return
    assert garbled(shapes.balances(answer))


@pytest.mark.parametrize("field", ["fed_call", "maintenance_call", "option_buying_power", "stock_buying_power"])
def test_a_missing_amount_is_garbled_not_zero(field: str) -> None:
    assert garbled(balances_of("margin", {name: 1 for name in MARGIN if name != field}), field)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"balances": None},
        {"balances": "null"},
        {"balances": {}},
        {"balances": [{"cash": {"cash_available": 1}}]},
        {"balances": {"total_equity": 5, "account_type": "cash"}},
        {"balances": {"cash": 100}},
        {"balances": {"cash": [100, {"cash_available": 1}]}},
        {"balances": {"cash": {}}},
        {"balances": {"total_equity": "lots", "cash": {"cash_available": 1}}},
        {"profile": {}},
    ],
)
def test_balances_in_no_known_shape_are_garbled(answer: Any) -> None:
    assert garbled(shapes.balances(said(answer)))


def test_every_account_is_listed_with_its_number_for_the_chooser_and_shown_without() -> None:
    listed = shapes.accounts(profile_of([OTHER, ROW]))
    assert not isinstance(listed, Failure)
    assert [account.number for account in listed] == ["70001234", "VA90010001"]
    assert "70001234" not in repr(listed)
    assert "VA90010001" not in repr(listed)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_header_s_date_is_what_the_standard_library_reads(moment: datetime) -> None:
    written = format_datetime(moment.replace(microsecond=0), usegmt=True)
    assert http_date(written) == parsedate_to_datetime(written).timestamp()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Mon, 23 Nov 2026 14:00:00 GMT", 1795442400.0),
        ("Monday, 23-Nov-26 14:00:00 GMT", 1795442400.0),  # RFC 850
        ("Mon, 23 Nov 2026 16:00:00 +0200", 1795442400.0),
        ("Mon, 31 Feb 2026 14:00:00 GMT", None),
        ("Mon, 23 Nov 2026 24:00:00 GMT", None),
        ("Mon, 23 Nov 0000 14:00:00 GMT", 974988000.0),  # as the standard library does: a year of two digits
        ("soon", None),
        ("", None),
    ],
)
def test_a_header_s_date_is_read_in_its_older_forms_too_or_not_at_all(written: str, read: float | None) -> None:
    assert skew({"Date": written}, 0.0, 0.0) == read
