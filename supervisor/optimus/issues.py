"""How does old code make an issue, and know one? `DiagnosticIssue`, with the old engine's fields."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from supervisor.clock import wall
from supervisor.core.issue import Issue
from supervisor.core.words import FixResult, Severity


class _AnyIssue(type):
    """Every issue of ours is one, whoever made it."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Issue)


class DiagnosticIssue(Issue, metaclass=_AnyIssue):
    """An issue, made from the old engine's fields. Those that callbacks and methods hand out have `code` as well.

    `severity` is an `IssueSeverity` or its word; `detected_at` and `resolved_at` are aware datetimes, now where none is
    given for the first. It is on no record.
    """

    __slots__ = ()

    def __init__(
        self,
        issue_id: str,
        severity: Severity | str,
        category: str,
        description: str,
        detected_at: datetime | None = None,
        error_message: str | None = None,
        auto_fixable: bool = False,
        auto_fix_applied: bool = False,
        auto_fix_result: FixResult | str | None = None,
        resolved_at: datetime | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            issue_id=issue_id,
            code=issue_id,
            severity=Severity(severity),  # type: ignore[arg-type]  # also by its word
            category=category,
            description=description,
            concern=category,
            detected=wall() if detected_at is None else detected_at.timestamp(),
            error_message=error_message or "",
            auto_fixable=auto_fixable,
            auto_fix_applied=auto_fix_applied,
            auto_fix_result=None if auto_fix_result is None else FixResult(auto_fix_result),
            resolved=None if resolved_at is None else resolved_at.timestamp(),
            metadata=dict(metadata or {}),
        )
