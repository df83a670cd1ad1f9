"""What can the verdict make of everything together?

A verdict sees of each table only its permits, its open issue's severity and whether it was read. So all combinations of
those classes are folded, joined one table at a time and counted once where they look alike; each keeps a witness.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Protocol

import attrs

from supervisor.core.book import Book
from supervisor.core.concern import Concern, in_order
from supervisor.core.explore_masking import place, scripted
from supervisor.core.explore_rules import Finding
from supervisor.core.explore_walk import Situation
from supervisor.core.issue import Issue
from supervisor.core.table import Table
from supervisor.core.verdict import BLOCKED, Reason, Verdict, fold, score_of, status_of
from supervisor.core.words import ALL, CRITICAL, ERROR, INFO, OK, OPENING, WARNING, Permit, Severity

COUNTED = (CRITICAL, ERROR, WARNING, INFO)
BANDS = {CRITICAL: (0.0, 0.29), ERROR: (0.30, 0.69), WARNING: (0.70, 0.99), INFO: (0.70, 0.99)}
"""The owner's bands by the worst severity; two or more ERROR stay below 0.49."""


class Class(Protocol):
    """What the verdict can see of a table."""

    @property
    def permits(self) -> Permit:
        """The permits of its state."""

    @property
    def severity(self) -> Severity:
        """The severity of its open issue."""

    @property
    def fresh(self) -> bool:
        """Whether it was read lately enough."""

    @property
    def unread(self) -> bool:
        """Whether it was never read and closes opening."""


Seen = tuple[Table, Mapping[Class, Situation]]


@attrs.frozen
class Folded:
    """How many combinations and pairs were folded, and what was wrong."""

    combinations: int
    pairs: int
    findings: tuple[Finding, ...]


@attrs.frozen
class Joint:
    """Several classes as the verdict sees them together."""

    permits: int = int(ALL)
    counts: tuple[int, ...] = (0, 0, 0, 0)
    unread: bool = False
    stale: bool = False

    def with_(self, one: Class, *, scoped: bool = False) -> "Joint":
        """These and one more. A scoped one blocks its scope only, so its permits do not count."""
        counts = tuple(n + (severity == one.severity) for n, severity in zip(self.counts, COUNTED, strict=True))
        return Joint(
            self.permits if scoped else self.permits & one.permits,
            counts,
            self.unread or one.unread,
            self.stale or not (one.fresh or one.unread),
        )

    def severities(self) -> list[Severity]:
        """One severity for each open issue, worst first."""
        return [severity for n, severity in zip(self.counts, COUNTED, strict=True) for _ in range(n)]


Witness = tuple[tuple[str, Situation], ...]


def fold_all(concerns: Sequence[Seen], lives: Sequence[Seen] = ()) -> Folded:
    """Every combination of classes, folded. A life is there with up to two keys, with a scope and without."""
    joints: dict[Joint, Witness] = {Joint(): ()}
    for table, classes in concerns:
        joined: dict[Joint, Witness] = {}
        for joint, witness in joints.items():
            for one, situation in classes.items():
                joined.setdefault(joint.with_(one), (*witness, (table.name, situation)))
        joints = joined
    for table, classes in (*lives, *lives):
        joined = dict(joints)
        for joint, witness in joints.items():
            for one, situation in classes.items():
                for scoped in (False, True):
                    joined.setdefault(joint.with_(one, scoped=scoped), (*witness, (table.name, situation)))
        joints = joined
    found: dict[str, Finding] = {}
    for joint, witness in joints.items():
        for words in _wrong(joint):
            found.setdefault(words, Finding("verdict", words, _where(witness)))
    return Folded(len(joints), 0, tuple(found.values()))


def _where(witness: Witness) -> tuple[str, ...]:
    """How each table came there; those that merely answered are left out."""
    told = [(name, situation) for name, situation in witness if len(situation.path()) > 1]
    return tuple(f"{name}: {', '.join(situation.path()[1:])} [{situation.cursor.state}]" for name, situation in told)


def _issues(severities: Sequence[Severity]) -> list[Issue]:
    return [
        Issue(f"issue-{i}", f"issue_{i}", severity, "", "", "", float(i)) for i, severity in enumerate(severities)
    ]


def _wrong(joint: Joint) -> Iterator[str]:
    issues = _issues(joint.severities())
    never = "something" if joint.unread else ""
    verdict = fold(joint.permits, (), (), issues, never_read=never)
    turned = fold(joint.permits, (), (), issues[::-1], never_read=never)
    if (verdict.permits, verdict.score) != (turned.permits, turned.score):
        yield "the order in which issues are folded matters"
    opens = verdict.permits & OPENING
    if opens and (joint.unread or joint.stale):
        yield "opening is permitted while something is unknown or not fresh"
    yield from wrong_with(verdict, joint.permits, joint.severities())
    if joint.unread and not issues and verdict.score != 0.0:
        yield "something was never read, nothing is open, and the score is not 0.0"
    if issues or not joint.unread:
        yield from _score(joint.severities(), verdict.score)


def wrong_with(verdict: Verdict, permits: int, severities: Sequence[Severity]) -> Iterator[str]:
    """What is wrong with this verdict, given what all tables permit and the open issues."""
    opens = verdict.permits & OPENING
    if verdict.permits & ~permits:
        yield "the verdict permits what some table does not"
    if opens and CRITICAL in severities:
        yield "opening is permitted while an issue is CRITICAL"
    if opens and verdict.score < BLOCKED:
        yield "opening is permitted while the score is below 0.5"
    if not verdict.permits & Permit.CANCEL:
        yield "cancelling is blocked"
    if permits & ~verdict.permits & ~OPENING:
        yield "the verdict closes closing that every table permits"
    if verdict.status is not status_of(verdict.score):
        yield "the status is not that of the score"


def _score(severities: Sequence[Severity], score: float) -> Iterator[str]:
    worst = max(severities, default=OK)
    lowest, highest = (1.0, 1.0) if worst is OK else BANDS[worst]
    if worst is ERROR:
        lowest, highest = (0.30, 0.49) if severities.count(ERROR) > 1 else (0.50, 0.69)
    if not lowest <= score <= highest:
        yield f"the score {score:.2f} is out of its band"
    for more in COUNTED:
        if score_of([*severities, more]) >= score:
            yield f"one more issue of {more.name} does not lower the score"


def fold_pairs(concerns: Sequence[Concern], classes: Mapping[str, Mapping[Class, Situation]]) -> Folded:
    """Every two classes of two concerns in a real book, all others well: the verdict, and a reason for every permit."""
    book = Book([scripted(concern) for concern in in_order(tuple(concerns))])
    well = {name: _well(seen) for name, seen in classes.items()}
    if any(situation is None for situation in well.values()):
        return Folded(0, 0, ())  # a table without a healthy situation is a finding of its own
    found: dict[str, Finding] = {}
    pairs = 0
    for (a, ones), (b, others) in combinations(classes.items(), 2):
        for one in ones.values():
            for other in others.values():
                pairs += 1
                _set(book, {**well, a: one, b: other})
                for words in _wrong_in(book):
                    witness = ((a, one), (b, other))
                    found.setdefault(words, Finding("verdict", words, _where(witness)))
    return Folded(0, pairs, tuple(found.values()))


def _well(seen: Mapping[Class, Situation]) -> Situation | None:
    return next((s for one, s in seen.items() if one.permits == ALL and one.severity is OK and one.fresh), None)


def _set(book: Book, situations: Mapping[str, Situation | None]) -> None:
    for name, situation in situations.items():
        if situation is not None:
            place(book, name, situation.cursor, 1e6)
    book.settle()


def _wrong_in(book: Book) -> Iterator[str]:
    verdict = book.fold()
    permits = int(ALL)
    for slot in book.slots:
        permits &= slot.table.states[slot.cursor.state].permits
    yield from wrong_with(verdict, permits, [issue.severity for issue in verdict.issues])
    explained = 0
    for reason in verdict.reasons:
        explained |= reason.permits
        yield from _reason(book, reason)
    if explained != ALL & ~verdict.permits:
        yield "a closed permit has no reason, or an open one has"


def _reason(book: Book, reason: Reason) -> Iterator[str]:
    if not (reason.why and reason.opens_when):
        yield f"the reason of {reason.concern} says nothing"
    if reason.concern in book.place and reason.opens_when == "now":
        yield f"{reason.concern} closes a permit that it says is open now"
