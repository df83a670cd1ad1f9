"""Books as the tests of core need them: toy concerns, and the real tables driven by named signals."""

from functools import cache

import attrs
from supervisor.concerns import standard
from supervisor.config import Settings
from supervisor.core.book import Book
from supervisor.core.concern import Concern, Life
from supervisor.core.event import Event, EventKind
from supervisor.core.guards import held, in_a_row, silent
from supervisor.core.reading import Reading, Round
from supervisor.core.slot import Sweep
from supervisor.core.table import Arrow, Family, State, Table
from supervisor.core.words import ALL, CLOSING, CRITICAL, ERROR, KEEP, OK, TIME, WARNING

MISSED = Family("missed", ("failed", "garbled"), miss=True)

# fmt: off
STATES = (
    State("unknown",    OK,       CLOSING, issue=KEEP,              means="Not read."),
    State("good",       OK,       ALL,                              means="Good."),
    State("unsteady",   OK,       CLOSING, issue=KEEP,              means="Missed."),
    State("recovering", OK,       CLOSING,                          means="Good again."),
    State("poor",       WARNING,  ALL,     issue="{own}_poor",      means="Poor.", says="{{key}} at {{broker}} is poor"),
    State("down",       CRITICAL, CLOSING, issue="{own}_down",      means="Down.", blinds=True),
)
ARROWS = (
    Arrow("unknown",    "answered", "good"),
    Arrow("good",       MISSED,     "unsteady"),
    Arrow("good",       TIME,       "unknown",    only_if=silent(150)),
    Arrow("good",       "read_poor", "poor"),
    Arrow("unsteady",   "answered", "good"),
    Arrow("unsteady",   MISSED,     "down",       only_if=in_a_row(3)),
    Arrow("unsteady",   "read_poor", "poor"),
    Arrow("poor",       "answered", "good"),
    Arrow("poor",       MISSED,     "unsteady"),
    Arrow("poor",       TIME,       "unknown",    only_if=silent(150)),
    Arrow("recovering", "answered", "good",       only_if=(in_a_row(2), held(60))),
    Arrow("recovering", MISSED,     "down",       only_if=in_a_row(3)),
    Arrow("down",       "answered", "recovering"),
)
# fmt: on


def toy(name: str, *parents: str, fixable: bool = False) -> Concern:
    """A concern whose round's signal is the reading of its own name."""
    states = [
        attrs.evolve(
            state,
            issue=state.issue.format(own=name) if state.issue else None,
            says=state.says.replace("{{key}}", name).replace("{{", "{").replace("}}", "}"),
        )
        for state in STATES
    ]
    table = Table(name, states, ARROWS, families=(MISSED,), neutral=("throttled",), depends_on=parents)
    return scripted(
        Concern(table, lambda _: None, "test", fixable=frozenset({f"{name}_down"}) if fixable else frozenset())
    )


def scripted(concern: Concern) -> Concern:
    """The concern, judging a round by the signal named in it."""
    name = concern.name

    def judge(round_: Round) -> str | None:
        reading = round_.get(name)
        return None if reading is None else str(reading.value)

    def evidence(round_: Round) -> str:
        return f"{name} {judge(round_)}"

    return attrs.evolve(concern, judge=judge, evidence=evidence)


def says(**signals: str) -> Round:
    """A round that means these signals, by concern."""
    return Round.of(*(Reading(name, 0.0, 0.1, signal) for name, signal in signals.items()))


# fmt: off
OPEN_FOR = Table("trouble", (
    State("none", OK,      ALL,                              means="None."),
    State("open", WARNING, CLOSING, issue="trouble_{key}",   means="Open."),
    State("bad",  ERROR,   CLOSING, issue="trouble_{key}",   means="Bad.", says="{key} is bad"),
), (
    Arrow("none", "happened", "open"),
    Arrow("open", "happened", "open"),
    Arrow("open", "worsened", "bad"),
    Arrow("bad",  "eased",    "open"),
    Arrow("open", "ended",    "none"),
    Arrow("open", TIME,       "none", only_if=held(100)),
), life=True)
# fmt: on

TROUBLE = Life(OPEN_FOR, "test", scope=lambda key: f"symbol:{key}" if key.isupper() else "")


@cache
def real() -> tuple[Concern, ...]:
    """The standard concerns, driven by named signals."""
    return tuple(scripted(concern) for concern in standard(Settings()))


def real_book(now: float = 0.0) -> Book:
    return Book(real(), (TROUBLE,), now=now)


def told(*sweeps: Sweep | None) -> list[str]:
    """The events of these sweeps, each as "kind code"."""
    return [f"{e.kind} {e.issue.code}" for sweep in sweeps if sweep is not None for e in sweep.events]


def moves(*sweeps: Sweep | None) -> list[tuple[object, ...]]:
    """The moves of these sweeps, whole."""
    return [attrs.astuple(move) for sweep in sweeps if sweep is not None for move in sweep.moves]


def ended(events: list[Event]) -> list[Event]:
    return [event for event in events if event.kind is EventKind.RESOLVED]
