"""What can the verdict make of everything together?

A verdict sees of each table only its permits, its open issue's severity and whether it was read. So all combinations of
those classes are folded, joined one table at a time and counted once where they look alike; each keeps a witness.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import attrs

from supervisor.core.book import Book
from supervisor.core.concern import Concern, in_order
from supervisor.core.explore_masking import place, scripted
from supervisor.core.explore_said import REAL, Finding, How, Property, Said, together
from supervisor.core.explore_walk import Situation
from supervisor.core.issue import Issue
from supervisor.core.table import Table
from supervisor.core.verdict import BLOCKED, Reason, Verdict, score_of, status_of
from supervisor.core.words import ALL, CRITICAL, ERROR, INFO, OK, OPENING, WARNING, Permit, Severity

COUNTED = (CRITICAL, ERROR, WARNING, INFO)
BANDS = {OK: (1.0, 1.0), CRITICAL: (0.0, 0.29), ERROR: (0.30, 0.69), WARNING: (0.70, 0.99), INFO: (0.70, 0.99)}
"""The owner's bands by the worst severity; two or more ERROR stay below 0.49."""


@attrs.frozen
class Observable:
    """What the verdict can see of a table: permits, whether it blinds, its open issue's severity, whether it is fresh.

    `unread` says that it stands where it began, was never heard from, and closes opening.
    """

    permits: Permit
    blinds: bool
    severity: Severity
    fresh: bool
    unread: bool


Seen = tuple[Table, Mapping[Observable, Situation]]
"""A table, and one situation for everything the verdict can tell apart of it."""


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

    def with_(self, permits: int, place: int | None, *, unread: bool, stale: bool) -> "Joint":
        """These and one more, whose open issue counts in that place of COUNTED."""
        counts = self.counts
        if place is not None:
            counts = (*counts[:place], counts[place] + 1, *counts[place + 1 :])
        return Joint(self.permits & permits, counts, self.unread or unread, self.stale or stale)

    def severities(self) -> list[Severity]:
        """One severity for each open issue, worst first."""
        return [severity for n, severity in zip(self.counts, COUNTED, strict=True) for _ in range(n)]


Witness = tuple[tuple[str, Situation], ...]


def fold_all(concerns: Sequence[Seen], lives: Sequence[Seen] = (), how: How = REAL) -> Folded:
    """Every combination of classes, folded. Of all lives up to two keys stand open, with a scope and without."""
    joints: dict[Joint, Witness] = {Joint(): ()}
    for table, classes in concerns:
        joints = _joined(joints, [(table.name, one, situation, int(one.permits)) for one, situation in classes.items()])
    # a key's permits count unless they have a scope, and then only its issue does
    keys = {
        (permits, one.severity): (table.name, one, situation, permits)
        for table, classes in lives
        for one, situation in classes.items()
        for permits in (int(one.permits), int(ALL))
    }
    for _ in range(2 if keys else 0):
        joints = _joined(joints, [*keys.values()])
    found: dict[str, Finding] = {}
    for joint, witness in joints.items():
        for said in _wrong(joint, how):
            if said.words not in found:
                found[said.words] = _finding(said, witness)
    return Folded(len(joints), 0, tuple(found.values()))


def _finding(said: Said, witness: Witness) -> Finding:
    return Finding("verdict", said.broken, said.words, _where(witness), together(witness))


def _joined(
    joints: dict[Joint, Witness], more: Sequence[tuple[str, Observable, Situation, int]]
) -> dict[Joint, Witness]:
    joined: dict[Joint, Witness] = {}
    for name, one, situation, permits in more:
        place = COUNTED.index(one.severity) if one.severity else None
        stale = not (one.fresh or one.unread)
        for joint, witness in joints.items():
            both = joint.with_(permits, place, unread=one.unread, stale=stale)
            if both not in joined:
                joined[both] = (*witness, (name, situation))
    return joined


def _where(witness: Witness) -> tuple[str, ...]:
    """How each table came there; those that merely answered are left out."""
    told = [(name, situation) for name, situation in witness if len(situation.path()) > 1]
    return tuple(f"{name}: {', '.join(situation.path()[1:])} [{situation.cursor.state}]" for name, situation in told)


def _issues(severities: Sequence[Severity]) -> list[Issue]:
    return [Issue(f"issue-{i}", f"issue_{i}", severity, "", "", "", float(i)) for i, severity in enumerate(severities)]


def _wrong(joint: Joint, how: How) -> Iterator[Said]:
    issues = _issues(joint.severities())
    never = "something" if joint.unread else ""
    verdict = how.judge(joint.permits, (), (), issues, never_read=never)
    yield from unequal(verdict, how.judge(joint.permits, (), (), issues[::-1], never_read=never))
    if verdict.permits & OPENING and (joint.unread or joint.stale):
        yield Said(Property.OPENS, "opening is permitted while something is unknown or not fresh")
    yield from wrong_with(verdict, joint.permits, joint.severities())
    yield from wrong_score(joint.severities(), verdict.score, unread=joint.unread, scored=how.scored)


def unequal(verdict: Verdict, turned: Verdict) -> Iterator[Said]:
    """What is wrong where the same, the other way round, gives another verdict."""
    if (verdict.permits, verdict.score, verdict.status) != (turned.permits, turned.score, turned.status):
        yield Said(Property.ORDER, "the order in which it is folded matters")


def wrong_with(verdict: Verdict, permits: int, severities: Sequence[Severity]) -> Iterator[Said]:
    """What is wrong with this verdict, given what all tables permit and the open issues."""
    opens = verdict.permits & OPENING
    if verdict.permits & ~permits:
        yield Said(Property.OPENS, "the verdict permits what some table does not")
    if opens and CRITICAL in severities:
        yield Said(Property.GRAVE, "opening is permitted while an issue is CRITICAL")
    if opens and verdict.score < BLOCKED:
        yield Said(Property.GRAVE, "opening is permitted while the score is below 0.5")
    if not verdict.permits & Permit.CANCEL:
        yield Said(Property.CANCELS, "cancelling is blocked")
    if permits & ~verdict.permits & ~OPENING:
        yield Said(Property.CLOSES, "the verdict closes closing that every table permits")
    if verdict.status is not status_of(verdict.score):
        yield Said(Property.SCORES, "the status is not that of the score")


def wrong_score(
    severities: Sequence[Severity],
    score: float,
    *,
    unread: bool = False,
    scored: Callable[[Iterable[Severity]], float] = score_of,
) -> Iterator[Said]:
    """What is wrong with the score of these open issues; `unread`: something was never read."""
    worst = max(severities, default=OK)
    lowest, highest = BANDS[worst]
    score_alone = score
    if unread and worst is OK:
        lowest, highest, score_alone = 0.0, 0.0, 1.0
    if worst is ERROR:
        lowest, highest = (0.30, 0.49) if severities.count(ERROR) > 1 else (0.50, 0.69)
    if not lowest <= score <= highest:
        yield Said(Property.SCORES, f"the score {score:.2f} is out of its band")
    for more in COUNTED:
        if scored([*severities, more]) >= score_alone:
            yield Said(Property.SCORES, f"one more issue of {more.name} does not lower the score")


def fold_pairs(
    concerns: Sequence[Concern], classes: Mapping[str, Mapping[Observable, Situation]], how: How = REAL
) -> Folded:
    """Every two classes of two concerns in a real book, all others well: the verdict, and a reason for every permit.

    A second book holds the same concerns as far the other way round as their parents allow.
    """
    ordered = in_order(tuple(concerns))
    book = how.make([scripted(concern) for concern in ordered])
    turned = how.make([scripted(concern) for concern in in_order(ordered[::-1])])
    well = {name: situation for name, seen in classes.items() if (situation := _well(seen)) is not None}
    if len(well) < len(classes):
        return Folded(0, 0, ())  # a table without a healthy situation is a finding of its own
    found: dict[str, Finding] = {}
    pairs = 0
    for (a, ones), (b, others) in combinations(classes.items(), 2):
        for one in ones.values():
            for other in others.values():
                pairs += 1
                there = {**well, a: one, b: other}
                _set(book, there)
                _set(turned, there)
                for said in (*_wrong_in(book), *unequal(book.fold(), turned.fold())):
                    if said.words not in found:
                        found[said.words] = _finding(said, ((a, one), (b, other)))
    return Folded(0, pairs, tuple(found.values()))


def _well(seen: Mapping[Observable, Situation]) -> Situation | None:
    return next((s for one, s in seen.items() if one.permits == ALL and one.severity is OK and one.fresh), None)


def _set(book: Book, situations: Mapping[str, Situation]) -> None:
    for name, situation in situations.items():
        place(book, name, situation.cursor, 1e6)
    book.settle()


def _wrong_in(book: Book) -> Iterator[Said]:
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
        yield Said(Property.REASONS, "a closed permit has no reason, or an open one has")


def _reason(book: Book, reason: Reason) -> Iterator[Said]:
    if not (reason.why and reason.opens_when):
        yield Said(Property.REASONS, f"the reason of {reason.concern} says nothing")
    if reason.concern in book.place and reason.opens_when == "now":
        yield Said(Property.REASONS, f"{reason.concern} closes a permit that it says is open now")
