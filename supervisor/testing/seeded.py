"""Can the proof fail? Faults planted on purpose, each of which it must find.

Most are tables that contradict themselves in a way that only shows once they are walked; some are altered behind the
back of the checks that would have refused to build them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from supervisor.core.concern import Concern
from supervisor.core.explore import Proof, prove
from supervisor.core.guards import Guard, held, in_a_row, lately, silent
from supervisor.core.table import Arrow, Family, State, Table
from supervisor.core.words import ALL, CANCELLING, CLOSING, CRITICAL, ERROR, KEEP, OK, TIME, WARNING, Permit

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
    """A planted fault: what is wrong, how to build it, and the words of the finding that must name it."""

    fault: str
    build: Callable[[], tuple[Concern, ...]]
    finding: str


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


# fmt: off
SEEDED = (
    Seeded("unknown permits opening",                _one(lambda: concern(states={"unknown": State("unknown", OK, ALL, issue=KEEP, means="?")})), "permits opening"),
    Seeded("silence is forgotten in a state that permits", _one(lambda: concern(
        states={"busy": State("busy", OK, ALL, means="Busy.")},
        arrows={"busy": Arrow("up", "worked", "busy"), "idle": Arrow("busy", "answered", "up"), "miss_busy": Arrow("busy", MISSED, "unsteady")})), "'busy' permits opening without a fresh reading"),
    Seeded("the first miss closes nothing",          _one(lambda: concern(arrows={"miss": None, "slip": Arrow("up", MISSED, "unsteady", only_if=in_a_row(2))})), "still permits opening after 'failed'"),
    Seeded("misses without end are never told",      _one(lambda: concern(arrows={"fall": None})), "misses in a row leave 'unsteady' without an issue"),
    Seeded("an outage ends by one answer",           _one(lambda: concern(arrows={"rise": Arrow("down", "answered", "up"), "pause": Arrow("up", "paused", "recovering")})), "opens at once"),
    Seeded("a guard that can never hold",            _one(lambda: concern(arrows={"rise": _guarded(lately(4, 3, "answered"))})), "is never true"),
    Seeded("a way back that can't be walked",        _one(lambda: concern(arrows={"rise": _guarded(lately(4, 3, "answered"))})), "no way back to healthy"),
    Seeded("a guard that always holds",              _one(lambda: concern(arrows={"fall": Arrow("unsteady", MISSED, "down", only_if=in_a_row(1)), "lost": None, "relapse": None})), "is never false"),
    Seeded("closing is closed for a trifle",         _one(lambda: concern(states={"poor": POOR}, arrows={"poor": Arrow("up", "read_poor", "poor"), "rich": Arrow("poor", "answered", "recovering")})), "closes closing without an issue of ERROR"),
    Seeded("a state blinds for nothing",             _one(lambda: concern(states={"recovering": State("recovering", OK, CLOSING, blinds=True, means="Up again.")})), "blinds without an issue of ERROR"),
    Seeded("a CRITICAL state permits opening",       _one(lambda: altered("down", permits=ALL)), "permits opening and is CRITICAL"),
    Seeded("cancelling is blocked",                  _one(lambda: altered("recovering", permits=Permit.CLOSE_EQUITY | Permit.CLOSE_OPTION)), "blocks cancelling"),
    Seeded("a miss gives a permit back",             _one(lambda: altered("recovering", permits=CANCELLING)), "on 'failed' adds"),
    Seeded("a miss ends an issue",                   _one(lambda: altered("down", issue=None)), "without an issue of ERROR"),
    Seeded("time ends an issue",                     _one(_fading), "on '(time)' recovers an issue"),
    Seeded("the machine goes another way",           _one(rerouted), "the table says otherwise"),
    Seeded("time tells of a child that is masked",   _child_that_tells, "time opens or ends an issue of it while sound is 'down'"),
)
# fmt: on


def unfound(seeded: Iterable[Seeded] = SEEDED) -> Iterator[str]:
    """Every planted fault that the proof does not find."""
    for one in seeded:
        proof: Proof = prove(one.build())
        if not any(one.finding in finding.words for finding in proof.findings):
            yield one.fault
