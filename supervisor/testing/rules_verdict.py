"""What may never be of a verdict, whatever the world does? DESIGN "The verdict", told by what is published."""

from supervisor.core.verdict import BLOCKED
from supervisor.core.words import CLOSING, CRITICAL, OPENING, Mode, Permit, Severity, Status, permit_names
from supervisor.testing.world import Broken, World

MISMATCHED = frozenset({"sandbox_used", "live_used", "unlisted"})
HARMFUL = {
    "endpoint": MISMATCHED,
    "account": frozenset({"closed", "missing"}),
    "credentials": frozenset({"rejected"}),
    "operator": frozenset({"halt"}),
}
"""Where closing would do harm or can't exist: nothing else may close it."""
GRACE = 1.0
NEAR = 1e-9


def _permits(world: World) -> Permit:
    return world.running.gate.permits_now()


def cancelling_always(world: World) -> None:
    """The gate never blocks cancelling."""
    if not _permits(world) & Permit.CANCEL:
        raise Broken("cancelling is permitted", f"permits {permit_names(_permits(world))}")


def opening_needs_all(world: World) -> None:
    """Opening is permitted only while every concern permits it, nothing is CRITICAL, and the score is 0.5 or more."""
    open_now = _permits(world) & OPENING
    if not open_now:
        return
    health, book = world.running.health(), world.running.book
    for cursor in book.cursors():
        state = book.table(cursor.name).states[cursor.state]
        scoped = cursor.name in book.lives and book.lives[cursor.name].scope(cursor.key)
        if open_now & ~state.permits and not scoped:
            raise Broken(
                "opening needs every concern to permit it", f"{cursor.name} is {cursor.state}, and opening is permitted"
            )
    worst = next((issue for issue in health.issues if issue.severity is CRITICAL), None)
    if worst or health.score < BLOCKED:
        raise Broken(
            "a CRITICAL issue or a score below 0.5 closes opening", f"score {health.score:.2f}, {worst and worst.code}"
        )


def unknown_closes(world: World) -> None:
    """While any concern is unknown nothing opens."""
    unknown = [cursor.name for cursor in world.running.book.cursors() if cursor.state == "unknown"]
    if unknown and _permits(world) & OPENING:
        raise Broken("what is unknown closes opening", f"{', '.join(unknown)} unknown, and opening is permitted")


def opening_needs_fresh(world: World) -> None:
    """Opening rests on the broker's word, not older than a state may grow; by the world's clock, not by ours."""
    settings, now = world.settings, world.frozen.true
    age = now - world.adapter.answered_at
    if world.running.can_trade() and age > settings.stale + settings.deadline + GRACE:
        raise Broken(
            "opening rests on a fresh answer", f"opening is permitted {age:.0f} s after the broker's last answer"
        )


def closing_unless_harmful(world: World) -> None:
    """Closing is blocked only where it would do harm or can't exist."""
    if _permits(world) & CLOSING == CLOSING:
        return
    book = world.running.book
    if not any(book.cursor(name).state in states for name, states in HARMFUL.items()):
        raise Broken("closing is blocked only where it does harm", f"permits {permit_names(_permits(world))}")


def restricts_at_once(world: World) -> None:
    """What takes away is published before it is on record, what gives only afterwards."""
    for seen in world.seen:
        if seen.published is None or seen.before is None or seen.after is None:
            continue
        late, early = seen.published & ~seen.after, seen.published & ~seen.before
        moved = ", ".join(f"{move.concern} {move.source} -> {move.target}" for move in seen.sweep.moves)
        if late:
            raise Broken("what takes away is published before it is on record", f"{permit_names(late)} open at {moved}")
        if early:
            raise Broken("what gives is published once it is on record", f"{permit_names(early)} open at {moved}")


class ClosedHasReason:
    """Every closed permit says which concern or block closes it, in which state, and what would open it again."""

    def __init__(self) -> None:
        self._permits: Permit | None = None

    def __call__(self, world: World) -> None:
        """Looked at wherever something moved."""
        if not world.newest and self._permits == _permits(world):
            return
        self._permits = _permits(world)
        for view in world.running.explain().permits:
            named = view.reasons and all(r.concern and r.state and r.why and r.opens_when for r in view.reasons)
            if not view.open and not named:
                said = "; ".join(f"{r.concern} {r.state} {r.why} {r.opens_when}" for r in view.reasons)
                raise Broken(
                    "a closed permit has a reason", f"{permit_names(view.permit)} is closed by {said or 'nothing'}"
                )


def score_in_band(world: World) -> None:
    """The score is the owner's formula over the open issues, and the status its band."""
    health = world.running.health()
    lo, hi = _band([issue.severity for issue in health.issues])
    load = sum({4: 8, 3: 4, 2: 2, 1: 1}[int(issue.severity)] for issue in health.issues)
    right = lo + (hi - lo) * 10 / (10 + load) if load else 1.0
    unread = not health.issues and any(
        cursor.heard is None for cursor in world.running.book.cursors() if not cursor.key
    )
    if health.stale or (unread and health.score == 0.0):
        right = 0.0
    if abs(health.score - right) > NEAR:
        raise Broken("the score is that of the open issues", f"{health.score:.3f}, and by the issues {right:.3f}")
    status = Status.HEALTHY if right >= 0.7 else Status.DEGRADED if right >= 0.3 else Status.UNHEALTHY
    if health.status is not status:
        raise Broken("the status is the score's band", f"{health.status} at {health.score:.3f}")


def _band(found: list[Severity]) -> tuple[float, float]:
    errors = found.count(Severity.ERROR)
    if Severity.CRITICAL in found:
        return 0.0, 0.29
    return (0.30, 0.49) if errors > 1 else (0.50, 0.69) if errors else (0.70, 0.99)


def mode_fits(world: World) -> None:
    """The mode is the permits in one word."""
    gate, permits = world.running.gate, _permits(world)
    if permits & CLOSING != CLOSING:
        right = Mode.HALTED
    elif not permits & OPENING:
        right = Mode.REDUCE_ONLY
    else:
        right = Mode.OPEN if permits & OPENING == OPENING and not gate.verdict.blocks else Mode.RESTRICTED
    if gate.mode is not right:
        raise Broken("the mode is the permits in one word", f"{gate.mode} with {permit_names(permits)}")
