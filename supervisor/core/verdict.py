"""May the agent trade, how healthy is it, and why? The fold of all cursors at one instant."""

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from supervisor.core.issue import Issue, at
from supervisor.core.words import ALL, CLOSING, OPENING, Mode, Permit, Severity, Status, permit_names

WEIGHTS = {Severity.CRITICAL: 8, Severity.ERROR: 4, Severity.WARNING: 2, Severity.INFO: 1}
HEALTHY, BLOCKED, DEGRADED = 0.7, 0.5, 0.3
"""The owner's bands: 0.7 healthy, 0.3 degraded, below unhealthy; opening is blocked below 0.5."""


@attrs.frozen
class Reason:
    """Why some permits are closed: which concern or block, its state, since when, and what would open them again."""

    permits: int
    concern: str
    state: str
    since: float
    why: str
    opens_when: str
    scope: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "permits": permit_names(self.permits),
            "concern": self.concern,
            "state": self.state,
            "since": at(self.since).isoformat(),
            "why": self.why,
            "opens_when": self.opens_when,
            **({"scope": self.scope} if self.scope else {}),
        }


@attrs.frozen
class Verdict:
    """The fold of all cursors: what is permitted, what is blocked more narrowly, how healthy it is, and why.

    `permits` are the open ones; `blocks` are reasons with a scope ("symbol:AAPL"); `score` is 0.0 to 1.0 and `items`
    itemises it as (code, severity); `reasons` say why each closed permit is closed.
    """

    permits: Permit
    blocks: tuple[Reason, ...]
    score: float
    status: Status
    items: tuple[tuple[str, Severity], ...]
    reasons: tuple[Reason, ...]
    issues: tuple[Issue, ...]

    @property
    def mode(self) -> Mode:
        """The gate in one word."""
        return mode_of(self.permits, blocked=bool(self.blocks))


def mode_of(permits: int, *, blocked: bool = False) -> Mode:
    """The gate in one word: halted, reduce_only, restricted or open."""
    if permits & CLOSING != CLOSING:
        return Mode.HALTED
    if not permits & OPENING:
        return Mode.REDUCE_ONLY
    if blocked or permits & OPENING != OPENING:
        return Mode.RESTRICTED
    return Mode.OPEN


def score_of(severities: Iterable[Severity]) -> float:
    """The score of these open issues, in the owner's bands: each severity has a band, more issues sink within it.

    1.0 with none; else `lo + (hi - lo) * 10 / (10 + 8C + 4E + 2W + I)`.
    """
    counts = dict.fromkeys(WEIGHTS, 0)
    for severity in severities:
        counts[severity] += 1
    load = sum(WEIGHTS[severity] * n for severity, n in counts.items())
    if not load:
        return 1.0
    if counts[Severity.CRITICAL]:
        lo, hi = 0.0, 0.29
    elif counts[Severity.ERROR] >= 2:
        lo, hi = 0.30, 0.49
    elif counts[Severity.ERROR]:
        lo, hi = 0.50, 0.69
    else:
        lo, hi = 0.70, 0.99
    return lo + (hi - lo) * 10 / (10 + load)


def status_of(score: float) -> Status:
    """The owner's band of a score."""
    if score >= HEALTHY:
        return Status.HEALTHY
    return Status.DEGRADED if score >= DEGRADED else Status.UNHEALTHY


def fold(
    permits: int, reasons: Sequence[Reason], blocks: Sequence[Reason], issues: Sequence[Issue], *, never_read: str
) -> Verdict:
    """The verdict of these permits (already ANDed over all cursors), their reasons, and the open issues.

    `never_read` names a concern that was never read, "" when there is none: with no issue open that is score 0.0.
    Then the owner's rule: opening is blocked below 0.5 or while anything is CRITICAL.
    """
    score = score_of(issue.severity for issue in issues)
    if not issues and never_read:
        score = 0.0
    critical = next((issue for issue in issues if issue.severity is Severity.CRITICAL), None)
    told = list(reasons)
    if (critical or score < BLOCKED) and permits & OPENING:
        worst = critical or (max(issues, key=lambda issue: issue.severity) if issues else None)
        told.append(
            Reason(
                permits & OPENING,
                "score",
                status_of(score).value,
                worst.detected if worst else 0.0,
                f"{critical.code} is CRITICAL" if critical else f"the score {score:.2f} is below {BLOCKED}",
                "when no issue is CRITICAL and the score is 0.50 or more",
            )
        )
        permits &= ~OPENING
    return Verdict(
        permits=Permit(permits & ALL),
        blocks=tuple(blocks),
        score=score,
        status=status_of(score),
        items=tuple((issue.code, issue.severity) for issue in issues),
        reasons=tuple(told),
        issues=tuple(issues),
    )
