"""Does the broker answer, and soon enough?"""

import pytest
from supervisor.concerns.common import FAILED, GARBLED
from supervisor.concerns.connection import ANSWERED, LAGGED, SLOW, THROTTLED, connection
from supervisor.config import Settings
from supervisor.core.reading import Kind, Round
from supervisor.testing import given

from concerns.rounds import failed, profile, reading, round_of

CONNECTION = connection(Settings())


def test_three_misses_in_a_row_are_an_outage() -> None:
    given(CONNECTION, "up").when(FAILED).then("unsteady", issue=None).when(FAILED).then("unsteady", issue=None)
    given(CONNECTION, "up").when(FAILED, FAILED, FAILED).then(
        "down", issue="connection_failed", events=("detected connection_failed",)
    )


def test_failed_and_garbled_count_together_and_the_last_names_the_problem() -> None:
    given(CONNECTION, "up").when(FAILED, FAILED, GARBLED).then("nonsense", issue="connection_error")
    given(CONNECTION, "up").when(GARBLED, GARBLED, FAILED).then("down", issue="connection_failed")


def test_one_answer_between_misses_starts_the_count_anew() -> None:
    given(CONNECTION, "up").when(FAILED, FAILED, ANSWERED, FAILED, FAILED).then("unsteady", issue=None)


def test_a_quota_fault_neither_counts_nor_resets() -> None:
    story = given(CONNECTION, "up").when(FAILED, FAILED, THROTTLED).then("throttled", issue="rate_limited")
    story.when(FAILED).then("down", issue="connection_failed")
    given(CONNECTION, "up").when(FAILED, THROTTLED, FAILED).then("unsteady")


def test_from_unknown_one_answer_suffices_and_three_misses_are_an_outage() -> None:
    given(CONNECTION, "unknown").when(ANSWERED).then("up", events=())
    given(CONNECTION, "unknown").when(FAILED, FAILED).then("unknown").when(FAILED).then("down")


def test_an_outage_ends_with_two_answers_and_opening_waits_for_three_and_two_minutes() -> None:
    story = given(CONNECTION, "down", step_seconds=15).when(ANSWERED).then("down")
    story.when(ANSWERED).then("recovering", issue=None, events=("resolved connection_failed",))
    story.when(ANSWERED, ANSWERED).then("recovering").when(90.0, ANSWERED).then("up")


def test_a_miss_while_recovering_starts_the_wait_anew_and_three_are_an_outage_again() -> None:
    story = given(CONNECTION, "recovering", step_seconds=15).when(*[ANSWERED] * 7, FAILED).then("recovering")
    story.when(*[ANSWERED] * 7).then("recovering").when(ANSWERED).then("up")
    given(CONNECTION, "recovering").when(FAILED, FAILED, FAILED).then("down", issue="connection_failed")


def test_an_outage_never_turns_into_a_milder_problem_by_a_miss() -> None:
    given(CONNECTION, "down").when(GARBLED, GARBLED, GARBLED, 9999.0).then("down", events=())


def test_nonsense_turns_into_an_outage_and_the_change_is_told_as_superseded() -> None:
    story = given(CONNECTION, "nonsense").when(FAILED, FAILED, FAILED)
    story.then("down", events=("resolved connection_error", "detected connection_failed"))
    assert story.events[0].issue.outcome == "superseded"


def test_slow_is_three_of_the_last_five_and_ends_with_three_prompt_answers() -> None:
    story = given(CONNECTION, "up").when(SLOW, ANSWERED, SLOW, ANSWERED).then("up").when(SLOW)
    story.then("slow", issue="broker_slow").when(ANSWERED, ANSWERED).then("slow").when(LAGGED).then("slow")
    story.when(ANSWERED, ANSWERED).then("slow").when(ANSWERED).then("up", issue=None)


def test_silence_makes_what_permits_unknown_and_leaves_problems() -> None:
    given(CONNECTION, "up").when(ANSWERED, 149.0).then("up").when(1.0).then("unknown", issue=None)
    given(CONNECTION, "slow").when(SLOW, 150.0).then("unknown", issue="broker_slow", events=())
    given(CONNECTION, "nonsense").when(1e6).then("nonsense", issue="connection_error")


def test_a_miss_keeps_what_was_open() -> None:
    given(CONNECTION, "slow").when(FAILED).then("unsteady", issue="broker_slow", events=())


CASES = [
    (round_of(), ANSWERED),
    (round_of(took=1.6), LAGGED),
    (round_of(took=2.1), SLOW),
    (round_of(failed(Kind.TIMEOUT), failed(Kind.GARBLED)), FAILED),
    (round_of(failed(Kind.GARBLED), failed(Kind.GARBLED)), GARBLED),
    (round_of(failed(Kind.SERVER), failed(Kind.UNREACHABLE)), FAILED),
    (round_of(failed(Kind.TIMEOUT)), ANSWERED),
    (round_of(failed(Kind.CREDENTIALS), failed(Kind.CREDENTIALS)), ANSWERED),
    (round_of(failed(Kind.FOREIGN_ACCOUNT), failed(Kind.SERVER)), ANSWERED),
    (round_of(failed(Kind.QUOTA)), THROTTLED),
    (round_of(failed(Kind.QUOTA), failed(Kind.SERVER)), THROTTLED),
    (round_of(failed(Kind.WITHHELD), failed(Kind.WITHHELD)), None),
    (Round.of(reading("operator", profile())), None),
]


@pytest.mark.parametrize(("round_", "signal"), CASES)
def test_a_round_means_one_signal(round_: Round, signal: str | None) -> None:
    assert CONNECTION.judge(round_) == signal


def test_a_hanging_endpoint_beside_an_answering_one_is_not_slowness() -> None:
    round_ = Round.of(reading("profile", profile()), reading("balances", failed(Kind.TIMEOUT), took=10.0))
    assert CONNECTION.judge(round_) == ANSWERED


def test_a_slow_round_says_how_slow_it_was() -> None:
    assert CONNECTION.evidence(round_of(took=2.34)).count("(after 2.3 s)") == 2
    assert "after" not in CONNECTION.evidence(round_of(took=0.2))
