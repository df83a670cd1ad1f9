"""Every scenario that comes with the package comes out as it says, and the index names each one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from supervisor.simulator import PRESETS
from supervisor.testing.clocks import Frozen
from supervisor.testing.runner import run
from supervisor.testing.scenario import load
from supervisor.testing.shelf import CATALOGUE, GROUPS, catalogue, find, index, name_of, named
from supervisor.testing.text import ScenarioError

FILES = catalogue()


@pytest.fixture(scope="module")
def frost() -> Iterator[Frozen]:
    """One frost for all of them: each run begins it anew."""
    with Frozen() as clocks:
        yield clocks


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_scenario_comes_out_as_it_says(path: Path, frost: Frozen) -> None:
    outcome = run(load(path), frozen=frost)
    assert outcome.passed, outcome.text()


def test_there_are_more_than_fifty_in_groups_that_are_told() -> None:
    assert len(FILES) >= 50
    assert {path.parent.name for path in FILES} == set(GROUPS)


def test_each_has_a_title_of_its_own_and_teaches_something() -> None:
    scenarios = [load(path) for path in FILES]
    assert len({scenario.title for scenario in scenarios}) == len(scenarios)
    assert all(scenario.teaches.endswith(".") for scenario in scenarios)


def test_the_index_is_that_of_todays_files() -> None:
    assert (CATALOGUE / "README.md").read_text(encoding="utf-8") == index(), (
        "supervisor scenario list --index > README.md"
    )


def test_every_issue_that_watching_can_raise_is_expected_somewhere() -> None:
    wanted = [one for path in FILES for step in load(path).steps for one in step.wanted]
    told = {what.split()[1] for one in wanted if one.name == "events" for _, what in one.want}
    assert told >= {
        "connection_failed", "connection_error", "broker_slow", "rate_limited", "credentials_rejected", "account_not_found",
        "account_restricted", "account_unconfirmed", "account_unreadable", "options_not_approved", "approval_unreadable",
        "no_buying_power", "low_buying_power", "margin_call", "buying_power_unreadable", "clock_skew", "endpoint_mismatch",
        "operator_hold", "operator_halt", "journal_unwritable", "callback_failing", "connection_flapping",
        "order_ambiguous", "orders_tripped",
    }  # fmt: skip


@pytest.mark.parametrize("word", ["account", "cold", "outages/hang", str(CATALOGUE / "outages")])
def test_scenarios_are_found_by_name_group_and_path(word: str) -> None:
    if word == "account":
        assert named(word) == CATALOGUE / "account"
    assert find([named(word)])


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no such scenario in the catalogue"):
        named("outages/nothing")
    with pytest.raises(ScenarioError, match="there is no scenario"):
        find([tmp_path])


def test_the_brokers_that_differ_at_the_first_look_are_shown() -> None:
    used = {load(path).broker for path in FILES if path.parent.name == "cold"}
    families = {
        "healthy_margin",
        "healthy_cash",
        "healthy_pdt",
        "several_accounts",
        "account_missing",
        "account_foreign",
        "refuse",
        "html",
    }
    assert families <= used <= set(PRESETS)
