"""Credentials, account, approval, buying power, endpoint, clock, operator, journal: what each round means to them."""

from typing import Any

import pytest
from supervisor.concerns import account as account_
from supervisor.concerns import approval as approval_
from supervisor.concerns import buying_power as money_
from supervisor.concerns import clock as clock_
from supervisor.concerns import endpoint as endpoint_
from supervisor.concerns import journal as journal_
from supervisor.concerns import operator as operator_
from supervisor.concerns import standard
from supervisor.concerns.common import FAILED, GARBLED
from supervisor.concerns.credentials import ACCEPTED, REFUSED
from supervisor.concerns.facts import Account, Action, Command, Endpoint, Keeping, Place, Profile, Record
from supervisor.config import Settings
from supervisor.core.reading import Kind, Round
from supervisor.core.words import KEEP, OPENING, Permit
from supervisor.testing import given

from concerns.rounds import OURS, balances, failed, profile, reading, round_of

ALL = {concern.name: concern for concern in standard(Settings(low_buying_power=25))}  # type: ignore[arg-type]  # compares alike

MISSES = [
    (failed(Kind.TIMEOUT), FAILED),
    (failed(Kind.SERVER), FAILED),
    (failed(Kind.GARBLED), GARBLED),
    (failed(Kind.QUOTA), None),
    (failed(Kind.WITHHELD), None),
]
TWO = Profile((Account("****9", False, "closed", 0), Account("****0001", True, "active", 2)))

JUDGED: list[tuple[str, Round, str | None]] = [
    ("credentials", round_of(), ACCEPTED),
    ("credentials", round_of(failed(Kind.CREDENTIALS), failed(Kind.CREDENTIALS)), REFUSED),
    ("credentials", round_of(failed(Kind.CREDENTIALS), failed(Kind.TIMEOUT)), REFUSED),
    ("credentials", round_of(balances_=failed(Kind.CREDENTIALS)), ACCEPTED),
    ("credentials", round_of(failed(Kind.CREDENTIALS), failed(Kind.FOREIGN_ACCOUNT)), ACCEPTED),
    ("credentials", round_of(failed(Kind.TIMEOUT), failed(Kind.SERVER)), None),
    ("account", round_of(TWO), account_.ACTIVE),
    *[("account", round_of(profile(status)), account_.ACTIVE) for status in ("active", "open", "approved")],
    *[("account", round_of(profile(status)), account_.UNCONFIRMED) for status in (None, "", "unknown")],
    *[("account", round_of(profile(s)), account_.RESTRICTED) for s in ("suspended", "restricted", "frozen", "new")],
    ("account", round_of(profile("closed")), account_.CLOSED),
    ("account", round_of(profile(ours=False)), account_.MISSING),
    ("account", round_of(Profile(())), account_.MISSING),
    ("account", round_of(balances_=failed(Kind.FOREIGN_ACCOUNT)), account_.MISSING),
    ("account", round_of(failed(Kind.FOREIGN_ACCOUNT)), account_.MISSING),
    *[("account", round_of(miss), signal) for miss, signal in MISSES],
    ("account", Round.of(reading("balances", balances())), None),
    ("approval", round_of(profile(level=2)), approval_.APPROVED),
    ("approval", round_of(profile(level=1)), approval_.LOW),
    ("approval", round_of(profile(level=0)), approval_.LOW),
    ("approval", round_of(profile(level=None)), GARBLED),
    ("approval", round_of(profile(ours=False)), None),
    *[("approval", round_of(miss), signal) for miss, signal in MISSES],
    ("buying_power", round_of(), money_.FUNDED),
    ("buying_power", round_of(balances_=balances("0", "50")), money_.NO_STOCK),
    ("buying_power", round_of(balances_=balances("100", "0E-8")), money_.NO_OPTION),
    ("buying_power", round_of(balances_=balances("-1", "0")), money_.EMPTY),
    ("buying_power", round_of(balances_=balances("100", "24.99")), money_.LOW),
    ("buying_power", round_of(balances_=balances("100", "25")), money_.FUNDED),
    ("buying_power", round_of(balances_=balances("0", "0", "0.01")), money_.CALLED),
    *[("buying_power", round_of(balances_=miss), signal) for miss, signal in MISSES],
    ("endpoint", round_of(**OURS), endpoint_.MATCHED),
    ("clock", round_of(skew=5.04), clock_.AGREED),
    ("clock", round_of(skew=5.06), clock_.SKEWED),
    ("clock", round_of(skew=-9.0), clock_.SKEWED),
    ("clock", round_of(skew=9.0, took=9.0), clock_.AGREED),
    ("clock", round_of(skew=None), None),
    ("operator", round_of(), None),
    ("operator", round_of(operator=Command(Action.HALT, "a", "b")), operator_.HALT),
    ("operator", round_of(operator=Command(Action.REDUCE, "a", "b")), operator_.REDUCE),
    ("operator", round_of(operator=Command(Action.RELEASE, "a", "b")), operator_.RELEASE),
    ("operator", round_of(operator=Command(Action.ACK, "a", "b")), None),
    ("journal", round_of(journal=Record(Keeping.UNWRITABLE, "full")), journal_.UNWRITABLE),
    ("journal", round_of(), None),
]


@pytest.mark.parametrize(("name", "round_", "signal"), JUDGED)
def test_a_round_means_one_signal(name: str, round_: Round, signal: str | None) -> None:
    assert ALL[name].judge(round_) == signal


PLACES = [
    (Place.SANDBOX, Place.SANDBOX, endpoint_.MATCHED),
    (Place.LIVE, Place.LIVE, endpoint_.MATCHED),
    (Place.SANDBOX, Place.LOOPBACK, endpoint_.MATCHED),
    (Place.LIVE, Place.LOOPBACK, endpoint_.MATCHED),
    (Place.SANDBOX, Place.LIVE, endpoint_.LIVE_USED),
    (Place.LIVE, Place.SANDBOX, endpoint_.SANDBOX_USED),
    (Place.LIVE, Place.UNLISTED, endpoint_.UNLISTED),
    (Place.SANDBOX, Place.UNLISTED, endpoint_.UNLISTED),
]


@pytest.mark.parametrize(("intended", "used", "signal"), PLACES)
def test_only_the_intended_place_or_loopback_matches(intended: Place, used: Place, signal: str) -> None:
    assert endpoint_.judge(Round.of(reading("endpoint", Endpoint(intended, used, "h")))) == signal


def test_a_token_refused_once_is_doubted_and_twice_rejected() -> None:
    given(ALL["credentials"], "accepted").when(REFUSED).then("doubted", issue=None)
    given(ALL["credentials"], "accepted").when(REFUSED, ACCEPTED).then("accepted", events=())
    given(ALL["credentials"], "accepted").when(REFUSED, REFUSED).then("rejected", issue="credentials_rejected")


def test_an_accepted_token_after_a_rejection_waits_before_opening() -> None:
    story = given(ALL["credentials"], "rejected", step_seconds=60).when(ACCEPTED)
    story.then("recovering", issue=None, events=("resolved credentials_rejected",)).when(ACCEPTED).then("recovering")
    story.when(ACCEPTED).then("accepted")


def test_bad_facts_about_the_account_act_at_once() -> None:
    for signal, state in ((account_.CLOSED, "closed"), (account_.RESTRICTED, "restricted")):
        given(ALL["account"], "active").when(signal).then(state, issue="account_restricted")
    given(ALL["account"], "unconfirmed").when(account_.CLOSED).then("closed", issue="account_restricted")


def test_the_same_code_in_another_state_is_the_same_issue_in_other_words() -> None:
    given(ALL["account"], "restricted").when(account_.CLOSED).then("closed", events=("changed account_restricted",))
    given(ALL["buying_power"], "empty").when(money_.NO_STOCK).then("no_stock", events=("changed no_buying_power",))


@pytest.mark.parametrize("name", ["account", "approval", "buying_power"])
def test_what_cannot_be_read_three_times_is_unreadable(name: str) -> None:
    story = given(ALL[name], "unknown").when(FAILED, GARBLED).then("unknown", issue=None).when(FAILED)
    story.then("unreadable", issue=f"{name}_unreadable")


def test_a_failed_read_never_resolves_a_problem_of_funds() -> None:
    story = given(ALL["buying_power"], "no_stock").when(FAILED).then("unsteady", issue="no_buying_power", events=())
    story.when(FAILED, FAILED).then("unreadable", issue="buying_power_unreadable")
    assert [str(event.issue.outcome) for event in story.events if event.kind == "resolved"] == ["superseded"]
    given(ALL["buying_power"], "called").when(FAILED, FAILED, FAILED, 1e6).then("called", issue="margin_call")


def test_money_that_comes_back_opens_at_once() -> None:
    given(ALL["buying_power"], "empty").when(money_.FUNDED).then("funded", issue=None)


def test_a_level_raised_again_keeps_equities_open_while_waiting() -> None:
    story = given(ALL["approval"], "low", step_seconds=60).when(approval_.APPROVED).then("recovering", issue=None)
    assert story.table.states["recovering"].permits & OPENING == Permit.OPEN_EQUITY
    story.when(FAILED).then("unsettled").when(approval_.APPROVED).then("recovering")


def test_a_clock_needs_two_differences_and_none_without_a_date() -> None:
    given(ALL["clock"], "agreed").when(clock_.SKEWED).then("doubted").when(clock_.SKEWED).then(
        "skewed", issue="clock_skew"
    )
    assert ALL["clock"].table.states["undated"].permits & OPENING == OPENING


@pytest.mark.parametrize("name", ["operator", "endpoint"])
def test_these_never_age(name: str) -> None:
    table = ALL[name].table
    assert not any(table.waits[state] for state in table.states)


@pytest.mark.parametrize("name", ["connection", "credentials", "account", "approval", "buying_power"])
def test_every_state_that_permits_opening_goes_unknown_in_silence(name: str) -> None:
    table = ALL[name].table
    for state in table.states.values():
        if state.permits & OPENING and state.name != "recovering":
            assert [edge.to for _, edge in table.waits[state.name]] == ["unknown"], state.name


BLINDING = {
    "endpoint_mismatch",
    "connection_failed",
    "connection_error",
    "credentials_rejected",
    "account_not_found",
}


def test_exactly_the_named_issues_blind_what_is_below() -> None:
    for concern in ALL.values():
        for state in concern.table.states.values():
            assert state.blinds == (state.issue in BLINDING), (concern.name, state.name)


def test_unknown_and_unsteady_bear_keep() -> None:
    kept: list[Any] = [
        state.issue
        for concern in ALL.values()
        for state in concern.table.states.values()
        if state.name in {"unknown", "unsteady"}
    ]
    assert kept
    assert set(kept) == {KEEP}


def test_a_restart_waits_for_two_rounds_on_record() -> None:
    story = given(ALL["journal"], "kept").when(journal_.RESUMED).then("resumed").when(journal_.WRITTEN).then("resumed")
    story.when(journal_.WRITTEN).then("kept")
    given(ALL["journal"], "unwritable").when(journal_.RESUMED).then("unwritable", issue="journal_unwritable")
