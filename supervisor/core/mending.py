"""What does a repair do to the issue it is for?

From when it is being applied the issue stays open, whatever its concern hears, until the repair is settled: so nothing is
told as fixed before it is proved, and nothing as recovered that a repair may still take back.
"""

import attrs

from supervisor.core.issue import Issue
from supervisor.core.words import FixResult

APPLIED = "repair_applied"
"""It is being applied: readings from here on may be its work."""
RELEASED = "repair_released"
"""Nothing was changed after all: readings count for themselves again."""
PROVED = "repair_proved"
"""Fresh readings proved it: fixed, then resolved."""
PARTIAL = "repair_partial"
"""Safer now; a person must finish."""
UNDONE = "repair_undone"
TOLD = "repair_told"
"""Nothing was changed; a person was told what to do."""
FINISHED = "repair_finished"
"""A person, or readings long after, finished what was partial: recovered, not fixed by us."""

RESULTS = {
    APPLIED: None,
    PROVED: FixResult.FIXED,
    PARTIAL: FixResult.PARTIAL,
    UNDONE: FixResult.FAILED,
    TOLD: FixResult.PARTIAL,
}


STAGE = "repair"
"""Where the metadata of an issue says how far its repair is."""


def pending(issue: Issue | None) -> bool:
    """Whether the issue waits for a repair to be settled, and so stays open."""
    return issue is not None and issue.metadata.get(STAGE) in (APPLIED, PARTIAL)


def mended(issue: Issue | None, step: str, *, free: bool) -> Issue | None:
    """The issue after that step of its repair; None where that can't be: ended, or proved while its concern shows it.

    `free` says that its concern stands in a state without an issue.
    """
    if issue is None or (step == PROVED and not free):
        return None
    return attrs.evolve(
        issue,
        auto_fix_applied=step in (APPLIED, PROVED, PARTIAL),
        auto_fix_result=RESULTS.get(step, issue.auto_fix_result),
        metadata={**issue.metadata, STAGE: step},
    )
