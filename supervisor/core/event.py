"""What is told when a table moves? Derived from the open issue and the entered state, never written by hand."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs

from supervisor.core.cursor import Cursor
from supervisor.core.issue import Issue
from supervisor.core.table import State
from supervisor.core.words import KEEP, FixResult, Outcome


class EventKind(StrEnum):
    """The owner's three words, and CHANGED for an issue whose severity or sentence alone moved."""

    DETECTED = "detected"
    FIXED = "fixed"
    RESOLVED = "resolved"
    CHANGED = "changed"


@attrs.frozen
class Move:
    """A transition that happened. `entry` is its number in the journal; gates are permits before and after it."""

    entry: int
    at: float
    concern: str
    key: str
    source: str
    signal: str
    target: str
    evidence: str
    permits_before: int
    permits_after: int
    issue_id: str | None = None


@attrs.frozen
class Event:
    """Something to be told. `issue` is the issue as it is after the event; `entry` is the move's."""

    kind: EventKind
    issue: Issue
    at: float
    entry: int


@attrs.frozen
class Bearing:
    """What an issue of this concern is called besides its code. `words` fill "{broker}" and "{key}"."""

    concern: str
    category: str
    fixable: frozenset[str]
    words: Mapping[str, str]


def derive(
    state: State, cursor: Cursor, bearing: Bearing, *, entry: int, now: float, evidence: str, expired: bool
) -> list[Event]:
    """The events of entering `state` with the cursor's open issue; updates the cursor's issue."""
    if state.issue == KEEP:
        return []
    events: list[Event] = []
    code = None if state.issue is None else state.issue.format(**bearing.words)
    if cursor.issue is not None and cursor.issue.code == code:
        said = (state.says or state.means).format(**bearing.words)
        worse_or_better = cursor.issue.severity != state.severity
        if worse_or_better or said != cursor.issue.description:
            cursor.issue = attrs.evolve(
                cursor.issue,
                severity=state.severity,
                description=said,
                error_message=evidence,
                acknowledged=None if worse_or_better else cursor.issue.acknowledged,
            )
            events.append(Event(EventKind.CHANGED, cursor.issue, now, entry))
        return events
    if cursor.issue is not None:
        outcome = Outcome.SUPERSEDED if code else Outcome.EXPIRED if expired else Outcome.RECOVERED
        events += closed(cursor.issue, outcome, now, entry, evidence)
        cursor.issue = None
    if code is not None:
        metadata: dict[str, Any] = {"evidence": evidence} if evidence else {}
        if cursor.key:
            metadata["key"] = cursor.key
        cursor.issue = Issue(
            issue_id=f"{code}-{entry}",
            code=code,
            severity=state.severity,
            category=bearing.category.format(**bearing.words),
            description=(state.says or state.means).format(**bearing.words),
            concern=bearing.concern,
            detected=now,
            error_message=evidence,
            auto_fixable=code in bearing.fixable,
            metadata=metadata,
        )
        events.append(Event(EventKind.DETECTED, cursor.issue, now, entry))
    return events


def closed(issue: Issue, outcome: Outcome, now: float, entry: int, evidence: str) -> list[Event]:
    """The events that end an issue: `fixed` first where a repair was applied and fresh readings proved it.

    What ended it is kept in the metadata under "end".
    """
    events = []
    issue = attrs.evolve(issue, metadata={**issue.metadata, "end": evidence})
    if issue.auto_fix_applied and outcome is Outcome.RECOVERED:
        issue = attrs.evolve(issue, auto_fix_result=FixResult.FIXED)
        events.append(Event(EventKind.FIXED, issue, now, entry))
    ended = attrs.evolve(issue, resolved=now, outcome=outcome)
    return [*events, Event(EventKind.RESOLVED, ended, now, entry)]
