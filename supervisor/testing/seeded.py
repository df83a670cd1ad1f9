"""Can the proof fail? Faults planted on purpose, each of which it must find.

Most are tables that contradict themselves in a way that only shows once they are walked; some are altered behind the
back of the checks that would have refused to build them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from supervisor.core.book import Book
from supervisor.core.concern import Concern
from supervisor.core.cursor import Cursor
from supervisor.core.event import Event, EventKind, derive
from supervisor.core.explore import REAL, How, Proof, Property, prove
from supervisor.core.guards import Guard, held, in_a_row, lately, silent
from supervisor.core.issue import Issue
from supervisor.core.reading import Round
from supervisor.core.slot import Sweep
from supervisor.core.table import Arrow, Family, State, Table
from supervisor.core.verdict import Verdict, fold, score_of
from supervisor.core.words import (
    ALL,
    CANCELLING,
    CLOSING,
    CRITICAL,
    ERROR,
    KEEP,
    OK,
    OPENING,
    TIME,
    WARNING,
    Permit,
    Severity,
    Status,
)

MISSED = Family("missed", ("failed",), miss=True)

# fmt: off
STATES = {
    "unknown":    State("unknown",    OK,       CLOSING, issue=KEEP,    means="Not read."),
    "up":         State("up",         OK,       ALL,                    means="Up."),
    "unsteady":   State("unsteady",   OK,       CLOSING, issue=KEEP,    means="Missed."),
    "recovering": State("recovering", OK,       CLOSING,                means="Up again."),
    "down":       State("down",       CRITICAL, CLOSING, issue="down",  means="Down.", blinds=True),
}
ARROWS = {
    "first":   Arrow("unknown",    "answered", "up"),
    "lost":    Arrow("unknown",    MISSED,     "down",     only_if=in_a_row(3)),
    "miss":    Arrow("up",         MISSED,     "unsteady"),
    "stale":   Arrow("up",         TIME,       "unknown",  only_if=silent(150)),
    "steady":  Arrow("unsteady",   "answered", "up"),
    "fall":    Arrow("unsteady",   MISSED,     "down",     only_if=in_a_row(3)),
    "waited":  Arrow("recovering", "answered", "up",       only_if=(in_a_row(3), held(120))),
    "relapse": Arrow("recovering", MISSED,     "down",     only_if=in_a_row(3)),
    "rise":    Arrow("down",       "answered", "recovering"),
}
# fmt: on


def concern(
    name: str = "sound",
    *parents: str,
    states: dict[str, State | None] | None = None,
    arrows: dict[str, Arrow | None] | None = None,
) -> Concern:
    """A sound concern with these states and arrows changed, added, or (None) left out."""
    changed_states = {**STATES, **(states or {})}
    changed_arrows = {**ARROWS, **(arrows or {})}
    table = Table(
        name,
        [attrs.evolve(s, issue=f"{name}_{s.issue}" if s.severity else s.issue) for s in changed_states.values() if s],
        [arrow for arrow in changed_arrows.values() if arrow],
        families=(MISSED, Family("answers", ("answered",))),
        depends_on=parents,
    )
    return Concern(table, lambda _: None, "seeded")


def altered(state: str, **changes: Any) -> Concern:
    """A sound concern whose state was changed behind the back of the checks."""
    found = concern()
    found.table.states[state] = attrs.evolve(found.table.states[state], **changes)
    return found


def rerouted() -> Concern:
    """A concern whose machine goes another way than its table says."""
    found = concern()
    pair = ("up", "failed")
    found.table.out[pair] = tuple(attrs.evolve(edge, to="down") for edge in found.table.out[pair])
    return found


def _guarded(guard: Guard) -> Arrow:
    return Arrow("down", "answered", "recovering", only_if=guard)


POOR = State("poor", WARNING, CANCELLING, issue="poor", means="Poor.")


@attrs.frozen
class Seeded:
    """A planted fault: what is wrong, the property it breaks, how to build it, and the words of the finding.

    `how` is where it is planted, if not in a table.
    """

    fault: str
    breaks: Property
    build: Callable[[], tuple[Concern, ...]]
    finding: str
    how: How = REAL


def _one(build: Callable[[], Concern]) -> Callable[[], tuple[Concern, ...]]:
    return lambda: (build(),)


def _fading() -> Concern:
    ill = State("ill", ERROR, CLOSING, issue="ill", means="Ill.")
    arrows = {
        "ill": Arrow("up", "read_ill", "ill"),
        "well": Arrow("ill", "answered", "recovering"),
        "fade": Arrow("ill", TIME, "unknown", only_if=silent(300)),
    }
    found = concern(states={"ill": ill}, arrows=dict(arrows))
    found.table.states["unknown"] = attrs.evolve(found.table.states["unknown"], issue=None)
    return found


def _child_that_tells() -> tuple[Concern, ...]:
    lost = {"lost": State("lost", ERROR, CLOSING, issue="lost", means="Lost.")}
    arrows = {
        "stale": Arrow("up", TIME, "lost", only_if=silent(150)),
        "found": Arrow("lost", "answered", "recovering"),
    }
    return concern(), concern("child", "sound", states=dict(lost), arrows=dict(arrows))


def _milder() -> tuple[Concern, ...]:
    """A miss that makes of a CRITICAL problem a milder one."""
    found = concern(
        states={"worn": State("worn", CRITICAL, CLOSING, issue="worn", means="Worn.")},
        arrows={
            "wear": Arrow("down", "read_worn", "worn"),
            "mild": Arrow("worn", MISSED, "down"),
            "mend": Arrow("worn", "answered", "recovering"),
        },
    )
    found.table.states["down"] = attrs.evolve(found.table.states["down"], severity=ERROR)
    return (found,)


# ---------------------------------------------------------------- faults of what tells, and of what folds the tables


def _told_once(state: State, cursor: Cursor, *rest: Any, **more: Any) -> list[Event]:
    """What is told, but for the end of it."""
    return [event for event in derive(state, cursor, *rest, **more) if event.kind is not EventKind.RESOLVED]


def _told_twice(state: State, cursor: Cursor, *rest: Any, **more: Any) -> list[Event]:
    return derive(state, cursor, *rest, **more) * 2


def _silent_about_critical(permits: int, *rest: Any, never_read: str) -> Verdict:
    """A verdict that gives every opening back."""
    found = fold(permits, *rest, never_read=never_read)
    return attrs.evolve(found, permits=found.permits | permits & OPENING)


def _generous(permits: int, *rest: Any, never_read: str) -> Verdict:
    return attrs.evolve(fold(permits, *rest, never_read=never_read), permits=ALL)


def _strangling(permits: int, *rest: Any, never_read: str) -> Verdict:
    found = fold(permits, *rest, never_read=never_read)
    return attrs.evolve(found, permits=found.permits & ~Permit.CANCEL if found.score < 1 else found.permits)


def _stranding(permits: int, *rest: Any, never_read: str) -> Verdict:
    found = fold(permits, *rest, never_read=never_read)
    return attrs.evolve(found, permits=found.permits & CANCELLING if found.score < 1 else found.permits)


def _of_the_first(permits: int, reasons: Any, blocks: Any, issues: list[Issue], *, never_read: str) -> Verdict:
    """A verdict scored by the first issue alone."""
    found = fold(permits, reasons, blocks, issues, never_read=never_read)
    return attrs.evolve(found, score=score_of(issue.severity for issue in issues[:1])) if issues else found


def _always_fine(permits: int, *rest: Any, never_read: str) -> Verdict:
    return attrs.evolve(fold(permits, *rest, never_read=never_read), score=0.75, status=Status.HEALTHY)


def _mislabelled(permits: int, *rest: Any, never_read: str) -> Verdict:
    return attrs.evolve(fold(permits, *rest, never_read=never_read), status=Status.DEGRADED)


def _worst_only(severities: Iterable[Severity]) -> float:
    return score_of([max(severities, default=OK)])


class Unmasking(Book):
    """A book that forgets to mask."""

    def feed(self, round_: Round, now: float, *, counts: bool = True) -> Sweep:
        """As its base, with no parents."""
        for slot in self.slots:
            slot.parents = ()
        return super().feed(round_, now, counts=counts)


class Hiding(Book):
    """A book whose verdict tells of no problem that masks another."""

    def fold(self) -> Verdict:
        """As its base, without the roots."""
        found = super().fold()
        return attrs.evolve(found, issues=tuple(issue for issue in found.issues if "masks" not in issue.metadata))


class Wordless(Book):
    """A book whose verdict gives no reason."""

    def fold(self) -> Verdict:
        """As its base, without reasons."""
        return attrs.evolve(super().fold(), reasons=())


class Partial(Book):
    """A book that folds the first half of its concerns only."""

    def fold(self) -> Verdict:
        """A verdict by the concerns that happen to come first."""
        found, half = super().fold(), self.slots[: max(1, len(self.slots) // 2)]
        permits = int(ALL)
        for slot in half:
            permits &= slot.table.states[slot.cursor.state].permits
        return attrs.evolve(found, permits=Permit(permits))


def _sound() -> tuple[Concern, ...]:
    return (concern(),)


def _three() -> tuple[Concern, ...]:
    poor = {"poor": attrs.evolve(POOR, permits=ALL)}
    arrows = {
        "poor": Arrow("up", "read_poor", "poor"),
        "rich": Arrow("poor", "answered", "up"),
        "miss_poor": Arrow("poor", MISSED, "unsteady"),
        "fade": Arrow("poor", TIME, "unknown", only_if=silent(150)),
    }
    return concern(), concern("child", "sound"), concern("apart", states=dict(poor), arrows=dict(arrows))


# fmt: off
SEEDED = (
    Seeded("unknown permits opening",                Property.OPENS, _one(lambda: concern(states={"unknown": State("unknown", OK, ALL, issue=KEEP, means="?")})), "permits opening"),
    Seeded("silence is forgotten in a state that permits", Property.OPENS, _one(lambda: concern(
        states={"busy": State("busy", OK, ALL, means="Busy.")},
        arrows={"busy": Arrow("up", "worked", "busy"), "idle": Arrow("busy", "answered", "up"), "miss_busy": Arrow("busy", MISSED, "unsteady")})), "'busy' permits opening without a fresh reading"),
    Seeded("the verdict permits what a table does not", Property.OPENS, _sound, "permits what some table does not", How(judge=_generous)),
    Seeded("a CRITICAL state permits opening",       Property.GRAVE, _one(lambda: altered("down", permits=ALL)), "permits opening and is CRITICAL"),
    Seeded("a CRITICAL issue leaves opening open",   Property.GRAVE, _one(lambda: altered("down", permits=ALL)), "while an issue is CRITICAL", How(judge=_silent_about_critical)),
    Seeded("a low score leaves opening open",        Property.GRAVE, _one(lambda: altered("down", permits=ALL)), "while the score is below 0.5", How(judge=_silent_about_critical)),
    Seeded("cancelling is blocked",                  Property.CANCELS, _one(lambda: altered("recovering", permits=Permit.CLOSE_EQUITY | Permit.CLOSE_OPTION)), "blocks cancelling"),
    Seeded("the verdict blocks cancelling",          Property.CANCELS, _sound, "cancelling is blocked", How(judge=_strangling)),
    Seeded("closing is closed for a trifle",         Property.CLOSES, _one(lambda: concern(states={"poor": POOR}, arrows={"poor": Arrow("up", "read_poor", "poor"), "rich": Arrow("poor", "answered", "recovering")})), "closes closing without an issue of ERROR"),
    Seeded("a state blinds for nothing",             Property.CLOSES, _one(lambda: concern(states={"recovering": State("recovering", OK, CLOSING, blinds=True, means="Up again.")})), "blinds without an issue of ERROR"),
    Seeded("the verdict closes closing",             Property.CLOSES, _sound, "closes closing that every table permits", How(judge=_stranding)),
    Seeded("a miss gives a permit back",             Property.TAKES, _one(lambda: altered("recovering", permits=CANCELLING)), "on 'failed' adds"),
    Seeded("a miss lowers an issue",                 Property.TAKES, _milder, "lowers an issue"),
    Seeded("time ends an issue",                     Property.TAKES, _one(_fading), "on '(time)' recovers an issue"),
    Seeded("time tells of a child that is masked",   Property.MASKS, _child_that_tells, "time opens or ends an issue of it while sound is 'down'"),
    Seeded("the first miss closes nothing",          Property.SHOWS, _one(lambda: concern(arrows={"miss": None, "slip": Arrow("up", MISSED, "unsteady", only_if=in_a_row(2))})), "still permits opening after 'failed'"),
    Seeded("misses without end are never told",      Property.SHOWS, _one(lambda: concern(arrows={"fall": None})), "misses in a row leave 'unsteady' without an issue"),
    Seeded("a miss ends an issue",                   Property.SHOWS, _one(lambda: altered("down", issue=None)), "without an issue of ERROR"),
    Seeded("the end of an issue is not told",        Property.PAIRS, _sound, "the issue changed untold", How(tell=_told_once)),
    Seeded("an issue is told twice",                 Property.PAIRS, _sound, "detected while another is open", How(tell=_told_twice)),
    Seeded("a way back that can't be walked",        Property.RETURNS, _one(lambda: concern(arrows={"rise": _guarded(lately(4, 3, "answered"))})), "no way back to healthy"),
    Seeded("an outage ends by one answer",           Property.EVIDENCE, _one(lambda: concern(arrows={"rise": Arrow("down", "answered", "up"), "pause": Arrow("up", "paused", "recovering")})), "opens at once"),
    Seeded("the score is that of the issue folded first", Property.ORDER, _three, "the order in which it is folded matters", How(judge=_of_the_first)),
    Seeded("the tables folded first decide",         Property.ORDER, _three, "the order in which it is folded matters", How(make=Partial)),
    Seeded("a root is not told",                     Property.ROOTS, _three, "blinds, and its issue is not told", How(make=Hiding)),
    Seeded("a child is not masked",                  Property.MASKS, _three, "it hears 'answered' while sound is 'down'", How(make=Unmasking)),
    Seeded("the score leaves its band",              Property.SCORES, _sound, "is out of its band", How(judge=_always_fine)),
    Seeded("a second issue costs nothing",           Property.SCORES, _three, "does not lower the score", How(scored=_worst_only)),
    Seeded("the status is not the score's",          Property.SCORES, _sound, "the status is not that of the score", How(judge=_mislabelled)),
    Seeded("a closed permit has no reason",          Property.REASONS, _three, "a closed permit has no reason", How(make=Wordless)),
    Seeded("a guard that can never hold",            Property.COVERS, _one(lambda: concern(arrows={"rise": _guarded(lately(4, 3, "answered"))})), "is never true"),
    Seeded("a guard that always holds",              Property.COVERS, _one(lambda: concern(arrows={"fall": Arrow("unsteady", MISSED, "down", only_if=in_a_row(1)), "lost": None, "relapse": None})), "is never false"),
    Seeded("the machine goes another way",           Property.WALKS, _one(rerouted), "the table says otherwise"),
)
# fmt: on


def unfound(seeded: Iterable[Seeded] = SEEDED) -> Iterator[str]:
    """Every planted fault that the proof does not find, or finds as another property's."""
    for one in seeded:
        proof: Proof = prove(one.build(), how=one.how)
        if not any(one.finding in finding.words and one.breaks is finding.broken for finding in proof.findings):
            yield one.fault
