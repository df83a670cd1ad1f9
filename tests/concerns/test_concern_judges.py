"""What does a round mean to each concern when a reading is not there, or holds what it should not?"""

from decimal import Decimal
from typing import Any

import pytest
from supervisor.concerns import standard, trading
from supervisor.concerns.facts import (
    Account,
    Action,
    Balances,
    Command,
    Endpoint,
    Keeping,
    Place,
    Profile,
    Record,
)
from supervisor.concerns.order_facts import Flow, Holding, Holdings, OrderFlow
from supervisor.config import DEFAULTS
from supervisor.core.reading import Kind, Round

from concerns.rounds import failed, profile, reading

CONCERNS = {concern.name: concern for concern in (*standard(DEFAULTS), *trading(DEFAULTS))}
F = Holding("F", Decimal(-10))
SOURCES = {
    "account": "profile",
    "approval": "profile",
    "buying_power": "balances",
    "orders": "orders",
    "positions": "positions",
}


@pytest.mark.parametrize("name", [*SOURCES, "credentials", "endpoint", "connection", "clock"])
def test_a_round_without_its_reading_says_nothing_to_a_concern(name: str) -> None:
    assert CONCERNS[name].judge(Round({})) is None


@pytest.mark.parametrize("name", SOURCES)
def test_a_reading_of_another_kind_is_garbled_and_never_good(name: str) -> None:
    # of a profile that is none the account's concern tells; the approval says nothing
    expected = None if name == "approval" else "garbled"
    assert CONCERNS[name].judge(Round.of(reading(SOURCES[name], object()))) == expected


@pytest.mark.parametrize("name", SOURCES)
def test_a_failed_reading_is_a_miss(name: str) -> None:
    assert CONCERNS[name].judge(Round.of(reading(SOURCES[name], failed(Kind.SERVER)))) == "failed"


def test_what_no_broker_said_tells_nothing_of_the_token() -> None:
    judge = CONCERNS["credentials"].judge
    assert judge(Round.of(reading("endpoint", object()), reading("extra:weather", "sunny"))) is None
    assert judge(Round.of(reading("profile", failed(Kind.CREDENTIALS)))) == "refused"
    assert judge(Round.of(reading("profile", failed(Kind.CREDENTIALS)), reading("balances", object()))) == "accepted"


def test_an_account_that_is_not_listed_is_missing() -> None:
    assert CONCERNS["account"].judge(Round.of(reading("profile", profile(ours=False)))) == "not_found"


@pytest.mark.parametrize(("fact", "words"), [
    (profile(),                                                  "account ****0001, status active, option level 2"),
    (profile(None, None),                                        "account ****0001, status not stated, option level none stated"),
    (profile(ours=False),                                        "ours is not among the 1 listed (****0001)"),
    (Balances("cash", Decimal("10.5"), Decimal(0), Decimal(0)),  "cash, for equities 10.50, for options 0.00"),
    (Balances("margin", Decimal(1), Decimal(2), Decimal(300)),   "margin, for equities 1.00, for options 2.00, margin call 300.00"),
    (Endpoint(Place.LIVE, Place.SANDBOX, "sandbox.tradier.com"), "live is intended, sandbox.tradier.com (sandbox) is used"),
    (Command(Action.HALT, "ann", "news"),                        "halt by ann: news"),
    (Holdings(()),                                               "held: nothing"),
    (Holdings((F,) * 6, ("+7 NVDA",)),                           f"held: {', '.join(['-10 F'] * 5)} and 1 more; unexplained: +7 NVDA"),
    (OrderFlow(Flow.FLOWING, 2),                                 "flowing, 2 working"),
    (OrderFlow(Flow.TRIPPED, 0, "funds|"),                       "tripped, 0 working (funds|)"),
    (Record(Keeping.WRITTEN),                                    "written"),
    (Record(Keeping.UNWRITABLE, "the disk is full"),             "unwritable: the disk is full"),
])  # fmt: skip
def test_every_fact_can_be_put_in_words_fit_for_a_log(fact: Any, words: str) -> None:
    assert fact.words() == words


def test_ours_is_the_one_account_marked_so() -> None:
    mine = Account("****0002", True, "active", 2, "margin")
    assert Profile((Account("****0001", False, "active", 2, "cash"), mine)).ours() is mine


@pytest.mark.parametrize(
    ("holdings", "signal"),
    [
        (Holdings(()), "read_idle"),
        (Holdings((F,)), "read_expected"),
        (Holdings((), working=1), "read_expected"),
        (Holdings((), ("+7 NVDA",)), "read_unexpected"),
    ],
)
def test_positions_are_idle_expected_or_strange(holdings: Holdings, signal: str) -> None:
    assert CONCERNS["positions"].judge(Round.of(reading("positions", holdings))) == signal


def test_a_reading_heard_by_another_clock_keeps_all_but_its_instant_and_source() -> None:
    made = reading("orders", 7).heard("positions", 9.0)
    assert (made.source, made.at, made.value) == ("positions", 9.0, 7)
