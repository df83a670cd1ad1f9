"""What is one problem's whole life?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from supervisor.core.words import FixResult, Outcome, Severity


def at(instant: float) -> datetime:
    """An instant (epoch seconds) as an aware UTC datetime."""
    return datetime.fromtimestamp(instant, UTC)


@attrs.frozen
class Issue:
    """One problem, from detection to resolution. Frozen: a change is a new record with the same `issue_id`.

    `code` is the owner's name of the problem; `issue_id` is `<code>-<entry number>`, unique for ever; `description` is
    one sentence; `error_message` the evidence, with the broker's words verbatim. Instants are epoch seconds inside
    (`detected`, `resolved`) and aware UTC datetimes outside (`detected_at`, `resolved_at`).
    """

    issue_id: str
    code: str
    severity: Severity
    category: str
    description: str
    concern: str
    detected: float
    error_message: str = ""
    auto_fixable: bool = False
    auto_fix_applied: bool = False
    auto_fix_result: FixResult | None = None
    resolved: float | None = None
    outcome: Outcome | None = None
    acknowledged: str | None = None
    metadata: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def detected_at(self) -> datetime:
        """When it was detected, UTC."""
        return at(self.detected)

    @property
    def resolved_at(self) -> datetime | None:
        """When it was resolved, UTC; None while it is open."""
        return None if self.resolved is None else at(self.resolved)

    def as_dict(self) -> dict[str, Any]:
        """The owner's fields, ready for JSON."""
        return {
            "issue_id": self.issue_id,
            "code": self.code,
            "severity": self.severity.name.lower(),
            "category": self.category,
            "description": self.description,
            "concern": self.concern,
            "detected_at": self.detected_at.isoformat(),
            "error_message": self.error_message,
            "auto_fixable": self.auto_fixable,
            "auto_fix_applied": self.auto_fix_applied,
            "auto_fix_result": None if self.auto_fix_result is None else str(self.auto_fix_result),
            "resolved_at": None if self.resolved_at is None else self.resolved_at.isoformat(),
            "outcome": None if self.outcome is None else str(self.outcome),
            "acknowledged": self.acknowledged,
            "metadata": dict(self.metadata),
        }
