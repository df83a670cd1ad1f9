"""What may never be, whatever the world does? Looked at after everything that happens, in every scenario.

They are told in terms of what is published and of what really passed on the wire, not of how the machine works.
"""

from collections import deque
from collections.abc import Callable

from supervisor.concerns.common import FAILED, GARBLED
from supervisor.core.event import EventKind
from supervisor.core.verdict import BLOCKED, status_of
from supervisor.core.words import CLOSING, CRITICAL, OPENING, TIME, Permit, permit_names
from supervisor.testing.world import World

Check = Callable[[World], None]

MISMATCHED = frozenset({"sandbox_used", "live_used", "unlisted"})
HARMFUL = {
    "endpoint": MISMATCHED,
    "account": frozenset({"closed", "missing"}),
    "credentials": frozenset({"rejected"}),
    "operator": frozenset({"halt"}),
}
"""Where closing would do harm or can't exist: nothing else may close it."""
QUOTA = 60
"""Requests a minute that the sandbox grants to a category."""
GRACE = 1.0


class Broken(Exception):
    """Something that may never be is so."""

    def __init__(self, rule: str, seen: str) -> None:
        super().__init__(f"{rule}: {seen}")
        self.rule = rule
        self.seen = seen


def _permits(world: World) -> Permit:
    return Permit(world.running.gate.permits_now())


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


def only_readings_give(world: World) -> None:
    """In a concern's table a miss, or the passing of time, never gives a permit."""
    for move in world.newest:
        if move.key or move.signal not in {FAILED, GARBLED, TIME}:
            continue
        given = move.permits_after & ~move.permits_before
        if given:
            seen = f"{move.concern} {move.source} -> {move.target} on {move.signal} gave {permit_names(given)}"
            raise Broken("a miss or time never gives a permit", seen)


def closed_has_a_reason(world: World) -> None:
    """Every closed permit says which concern or block closes it."""
    if not world.newest:
        return
    for view in world.running.explain().permits:
        if not view.open and not view.reasons:
            raise Broken("a closed permit has a reason", f"{permit_names(view.permit)} is closed without any")


def score_in_band(world: World) -> None:
    """The status is the score's band."""
    health = world.running.health()
    if health.status != status_of(health.score) or not 0.0 <= health.score <= 1.0:
        raise Broken("the status is the score's band", f"{health.status} at {health.score}")


class Paired:
    """Each problem is detected once and resolved once, and the open ones are those told and not ended."""

    def __init__(self) -> None:
        self._told = 0
        self._open: set[str] = set()
        self._ever: set[str] = set()
        self._lives = 0

    def __call__(self, world: World) -> None:
        """Hears what was told since."""
        if world.lost != self._lives:
            self._lives, self._ever = world.lost, set()
            self._open = {issue.issue_id for issue in world.running.book.issues()}
        for told in world.told[self._told :]:
            name, kind = told.event.issue.issue_id, told.event.kind
            if kind is EventKind.DETECTED:
                if name in self._ever:
                    raise Broken("a problem is detected once", f"{name} was detected again")
                self._open.add(name)
                self._ever.add(name)
            elif kind is EventKind.RESOLVED:
                if name not in self._open:
                    raise Broken("a problem is resolved once, after it was detected", f"{name} was resolved")
                self._open.remove(name)
        self._told = len(world.told)
        shown = {issue.issue_id for issue in world.running.book.issues()}
        if shown != self._open:
            raise Broken(
                "the open issues are those told and not ended", f"open {sorted(shown)}, told {sorted(self._open)}"
            )


class Gentle:
    """Never more requests a minute than the sandbox grants, and none at all to a host that is not intended."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque([(float("-inf"), 0)])
        self._mismatched = False

    def __call__(self, world: World) -> None:
        """Counts what left since."""
        now, sent = world.frozen.true, sum(world.adapter.sent.values())
        while len(self._counts) > 1 and self._counts[1][0] <= now - 60:
            self._counts.popleft()
        if sent - self._counts[0][1] > QUOTA:
            raise Broken(f"at most {QUOTA} requests a minute", f"{sent - self._counts[0][1]} were sent")
        mismatched = world.running.book.cursor("endpoint").state in MISMATCHED
        if mismatched and self._mismatched and sent > self._counts[-1][1]:
            raise Broken("to a mismatched host no request leaves", f"{sent - self._counts[-1][1]} were sent")
        self._mismatched = mismatched
        self._counts.append((now, sent))


class Once:
    """No order is ever sent twice, and nothing is sent that the agent did not hand in."""

    def __call__(self, world: World) -> None:
        """Counts what was booked."""
        bookings = world.simulator.bookings if world.adapter.sent.get("POST") else []
        tags = [booking.tag for booking in bookings]
        if len(set(tags)) != len(tags) or len(tags) > world.submitted:
            raise Broken("an order is booked once at most", f"{world.submitted} handed in, booked {tags}")


def _running(check: Check) -> Check:
    """The check, while a process watches."""

    def checked(world: World) -> None:
        if world.supervisor is not None:
            check(world)

    return checked


def invariants() -> list[Check]:
    """All of them, fresh: for one run."""
    always = (
        cancelling_always,
        opening_needs_all,
        opening_needs_fresh,
        closing_unless_harmful,
        only_readings_give,
        closed_has_a_reason,
        score_in_band,
    )
    return [_running(check) for check in (*always, Paired(), Gentle(), Once())]
