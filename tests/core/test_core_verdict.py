"""The score keeps to the owner's bands, and the owner's rule closes opening."""

from itertools import product

import pytest
from supervisor.core.issue import Issue
from supervisor.core.verdict import Reason, fold, mode_of, score_of, status_of
from supervisor.core.words import ALL, CLOSING, CRITICAL, ERROR, INFO, WARNING, Mode, Permit, Severity, Status

BANDS = [(CRITICAL, 1, 0.0, 0.29), (ERROR, 2, 0.30, 0.49), (ERROR, 1, 0.50, 0.69), (INFO, 0, 0.70, 0.99)]


def issue(severity: Severity, code: str = "x") -> Issue:
    return Issue(f"{code}-1", code, severity, "c", "d", "concern", 5.0)


def severities(counts: tuple[int, ...]) -> list[Severity]:
    return [s for s, n in zip((CRITICAL, ERROR, WARNING, INFO), counts, strict=True) for _ in range(n)]


def test_no_issue_is_perfect() -> None:
    assert score_of([]) == 1.0


@pytest.mark.parametrize("counts", [c for c in product(range(4), repeat=4) if any(c)])
def test_every_mix_stays_in_its_band_and_sinks_with_each_further_issue(counts: tuple[int, ...]) -> None:
    critical, errors, _, _ = counts
    lo, hi = (0.0, 0.29) if critical else (0.30, 0.49) if errors >= 2 else (0.50, 0.69) if errors else (0.70, 0.99)
    score = score_of(severities(counts))
    assert lo <= score <= hi
    for i in range(4):
        more = tuple(n + (i == j) for j, n in enumerate(counts))
        assert score_of(severities(more)) < score


def test_status_follows_the_bands() -> None:
    assert [status_of(s) for s in (1.0, 0.7, 0.699, 0.3, 0.299, 0.0)] == [
        Status.HEALTHY,
        Status.HEALTHY,
        Status.DEGRADED,
        Status.DEGRADED,
        Status.UNHEALTHY,
        Status.UNHEALTHY,
    ]


def test_a_critical_issue_closes_opening_whatever_its_concern_permits() -> None:
    verdict = fold(ALL, [], [], [issue(CRITICAL)], never_read="")
    assert verdict.permits == CLOSING
    assert [r.concern for r in verdict.reasons] == ["score"]


def test_two_errors_close_opening_and_one_does_not() -> None:
    assert fold(ALL, [], [], [issue(ERROR), issue(ERROR)], never_read="").permits == CLOSING
    assert fold(ALL, [], [], [issue(ERROR)], never_read="").permits == ALL


def test_warnings_alone_never_pull_below_healthy() -> None:
    assert fold(ALL, [], [], [issue(WARNING)] * 500, never_read="").status is Status.HEALTHY


def test_never_read_without_an_issue_is_zero() -> None:
    verdict = fold(CLOSING, [], [], [], never_read="account")
    assert (verdict.score, verdict.status) == (0.0, Status.UNHEALTHY)


def test_never_read_with_an_issue_is_judged_by_the_issue() -> None:
    assert fold(CLOSING, [], [], [issue(WARNING)], never_read="account").status is Status.HEALTHY


def test_modes() -> None:
    assert mode_of(ALL) is Mode.OPEN
    assert mode_of(ALL, blocked=True) is Mode.RESTRICTED
    assert mode_of(ALL & ~Permit.OPEN_OPTION) is Mode.RESTRICTED
    assert mode_of(CLOSING) is Mode.REDUCE_ONLY
    assert mode_of(ALL & ~Permit.CLOSE_OPTION) is Mode.HALTED
    assert mode_of(Permit.CANCEL) is Mode.HALTED


def test_the_score_is_itemised() -> None:
    verdict = fold(ALL, [], [], [issue(ERROR, "a"), issue(WARNING, "b")], never_read="")
    assert verdict.items == (("a", ERROR), ("b", WARNING))


def test_a_block_makes_the_gate_restricted() -> None:
    block = Reason(int(Permit.OPEN_EQUITY), "failure:funds", "open", 1.0, "why", "when", "symbol:AAPL")
    assert fold(ALL, [], [block], [], never_read="").mode is Mode.RESTRICTED
