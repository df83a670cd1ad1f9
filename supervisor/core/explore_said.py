"""What is to be proved, and what is said where it is not so?

Each property is a sentence that holds of all tables, or of all of them together. A finding names the property that does
not hold, says what was seen, and how it came there: in words, and as signals at instants, so that it can be played.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

import attrs

from supervisor.core.book import Book
from supervisor.core.event import Event, derive
from supervisor.core.explore_walk import Situation, Step
from supervisor.core.verdict import Verdict, fold, score_of
from supervisor.core.words import Severity


class Property(StrEnum):
    """What must hold, as a sentence."""

    OPENS = "opening is permitted only while every concern permits it, nothing is unknown and every reading is fresh"
    GRAVE = "an issue that is CRITICAL, or a score below 0.5, closes opening"
    CANCELS = "cancelling is always permitted"
    CLOSES = "closing is closed, and a child blinded, only by a known problem of ERROR or worse"
    TAKES = "a miss or the passing of time never adds a permit, nor lowers or ends an issue"
    SHOWS = "the first miss closes opening, and as many as any guard counts are told as ERROR or worse"
    PAIRS = "every detected has exactly one resolved, and what is told is what happened"
    RETURNS = "from every state there is a way back to healthy, but for those declared final"
    EVIDENCE = "from halted or CRITICAL nothing opens in one step without the declared evidence"
    ORDER = "the order in which tables and issues are folded does not matter"
    ROOTS = "masking never hides a root, and a root lists what it masks"
    MASKS = "what is masked hears, counts and tells nothing, and is judged afresh once it is seen"
    SCORES = "the score falls with each issue and stays in its band, and the status is the score's"
    REASONS = "every closed permit has a reason, and no open one has"
    COVERS = "every state is entered, every arrow taken, every guard seen to hold and not to hold"
    WALKS = "the engine goes where the table says, when it says, and comes to an end"


@attrs.frozen
class How:
    """What is proved besides the tables: what makes a book, tells of issues, judges and scores.

    The real ones, unless a fault is planted.
    """

    make: Callable[..., Book] = Book
    tell: Callable[..., list[Event]] = derive
    judge: Callable[..., Verdict] = fold
    scored: Callable[[Iterable[Severity]], float] = score_of


REAL = How()


class Heard(NamedTuple):
    """A signal to a table, so many seconds after the beginning; STOP stands for a long stop."""

    after: float
    table: str
    signal: str


Way = Situation | Step | None


def words_of(way: Way) -> tuple[str, ...]:
    """The shortest way there, step by step, in words."""
    if way is None:
        return ()
    return (*way.source.path(), way.words) if isinstance(way, Step) else way.path()


def heard_on(table: str, way: Way) -> tuple[Heard, ...]:
    """The shortest way there as signals at instants; of time that passed the last instant tells."""
    if way is None:
        return ()
    steps = [way] if isinstance(way, Step) else [] if way.came is None else [way.came]
    while steps and steps[-1].source.came is not None:
        steps.append(steps[-1].source.came)
    return tuple(Heard(step.after.now, table, step.signal) for step in reversed(steps))


class Said(NamedTuple):
    """What a rule says: which property does not hold, what was seen, and the way there."""

    broken: Property
    words: str
    way: Way = None


@attrs.frozen
class Finding:
    """A property that does not hold: of which table, what was seen, and the shortest path there.

    `heard` is that path as it can be played; empty where there is none, as for an arrow that is never taken.
    """

    table: str
    broken: Property
    words: str
    path: tuple[str, ...] = ()
    heard: tuple[Heard, ...] = attrs.field(default=(), repr=False)

    @classmethod
    def of(cls, table: str, said: Said) -> "Finding":
        """What a rule says of that table."""
        return cls(table, said.broken, said.words, words_of(said.way), heard_on(table, said.way))

    def __str__(self) -> str:
        return f"{self.table}: {self.words}" + (f" ({', then '.join(self.path)})" if self.path else "")


def together(ways: Sequence[tuple[str, Way]]) -> tuple[Heard, ...]:
    """Several ways as one: all end at the same instant, and of what happens at one instant the last named comes first.

    Name parents before their children, so that no child is blinded before it came to where it is.
    """
    all_heard = [heard_on(table, way) for table, way in ways]
    longest = max((heard[-1].after for heard in all_heard if heard), default=0.0)
    moved = [
        (one.after + longest - heard[-1].after, -place, n, one)
        for place, heard in enumerate(all_heard)
        for n, one in enumerate(heard)
    ]
    return tuple(one._replace(after=after) for after, _, _, one in sorted(moved))
