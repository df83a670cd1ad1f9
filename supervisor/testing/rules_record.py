"""What may never be of issues, restarts and words, whatever the world does? DESIGN "Events" and "What never bends"."""

from supervisor.concerns.common import FAILED, GARBLED
from supervisor.core.book import Book
from supervisor.core.event import EventKind
from supervisor.core.words import TIME, Outcome, permit_names
from supervisor.orders.life import BREAKER, LIVE, ORDER, UNSETTLED
from supervisor.simulator import DEFAULT_ACCOUNT
from supervisor.testing.world import Broken, World

NO_SUCCESS = frozenset({FAILED, GARBLED, TIME})
STRICTNESS = {"free": 0, "reduce": 1, "halt": 2}


def only_readings_give(world: World) -> None:
    """In a concern's table a miss, or the passing of time, never gives a permit."""
    for move in world.newest:
        if move.key or move.signal not in {FAILED, GARBLED, TIME}:
            continue
        given = move.permits_after & ~move.permits_before
        if given:
            seen = f"{move.concern} {move.source} -> {move.target} on {move.signal} gave {permit_names(given)}"
            raise Broken("a miss or time never gives a permit", seen)


class OnlyReadingsMend:
    """Nothing recovers by a miss or by the passing of time."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, world: World) -> None:
        """Hears what ended since."""
        signals = {move.entry: move.signal for move in world.newest}
        for told in world.told[self._told :]:
            event = told.event
            recovered = event.kind is EventKind.RESOLVED and event.issue.outcome is Outcome.RECOVERED
            if recovered and signals.get(event.entry) in NO_SUCCESS:
                raise Broken(
                    "nothing recovers but by a successful reading",
                    f"{event.issue.issue_id} recovered on {signals[event.entry]}",
                )
        self._told = len(world.told)


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


class Masked:
    """While a parent blinds, nothing is told of a child."""

    def __init__(self) -> None:
        self._before: frozenset[str] = frozenset()

    def __call__(self, world: World) -> None:
        """A child that was and is masked told nothing in between."""
        masked = frozenset(slot.concern.name for slot in world.running.book.slots if slot.cursor.masked)
        for seen in world.seen:
            for event in seen.sweep.events:
                if event.issue.concern in masked & self._before and event.kind is not EventKind.CHANGED:
                    raise Broken("a masked concern tells nothing", f"{event.kind} {event.issue.issue_id}")
        self._before = masked


class Outlives:
    """Holds, trips, acknowledgements and orders that work or are in doubt outlive every restart."""

    def __init__(self) -> None:
        self._starts = self._released = self._lost = 0
        self._hold = "free"
        self._known: frozenset[str] = frozenset()
        self._acked: dict[str, str] = {}

    def __call__(self, world: World) -> None:
        """Compares across a restart; else remembers."""
        book = world.running.book
        if world.starts != self._starts and self._starts:
            self._restarted(world, book)
        self._starts, self._released, self._lost = world.starts, world.released, world.lost
        self._hold = book.cursor("operator").state
        self._known = frozenset(
            f"{cursor.name}/{cursor.key}"
            for cursor in book.living.values()
            if (cursor.name == ORDER and cursor.state in LIVE | UNSETTLED)
            or (cursor.name == BREAKER and cursor.state != "closed")
        )
        self._acked = {i.issue_id: i.acknowledged for i in book.issues() if i.acknowledged is not None}

    def _restarted(self, world: World, book: Book) -> None:
        hold, least = book.cursor("operator").state, self._hold
        if world.journal_lost:
            least, world.journal_lost = max(least, "reduce", key=STRICTNESS.__getitem__), False
        if STRICTNESS[hold] < STRICTNESS[least] and world.released == self._released:
            raise Broken("a hold outlives every restart", f"the operator said {least}, and it begins {hold}")
        if world.lost != self._lost:
            return  # what was not on record can't be known
        gone = [name for name in self._known if tuple(name.split("/", 1)) not in book.living]
        freed = [name for name in self._known - set(gone) if name.startswith(BREAKER) and _closed(book, name)]
        if gone or freed:
            raise Broken("orders and trips outlive every restart", f"{', '.join(sorted(gone + freed))} was forgotten")
        for issue in book.issues():
            if issue.issue_id in self._acked and issue.acknowledged is None:
                raise Broken("an acknowledgement outlives every restart", f"that of {issue.issue_id} was forgotten")


def _closed(book: Book, name: str) -> bool:
    life, key = name.split("/", 1)
    return book.living[life, key].state == "closed"


def nothing_secret_is_told(world: World) -> None:
    """No token and no whole account number is in anything that is shown."""
    if not world.newest:
        return
    shown = f"{world.running.health().as_dict()} {world.running.explain().text()} {[t.event for t in world.told[-20:]]}"
    for secret in (*world.tokens, DEFAULT_ACCOUNT):
        if secret in shown:
            at = shown.index(secret)
            raise Broken("no secret is told", f"...{shown[max(0, at - 60) : at]}(here)")
