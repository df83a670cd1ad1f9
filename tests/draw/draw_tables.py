"""Which tables are the pictures tried with? Every one that is drawn, and random ones that are sound, with random overlays."""

from hypothesis import reject
from hypothesis import strategies as st
from supervisor.cli.diagrams import every_concern
from supervisor.cli.diagrams import tables as drawn_tables
from supervisor.core.guards import Guard, held, in_a_row, lately, silent
from supervisor.core.table import Arrow, Family, State, Table, TableError
from supervisor.core.words import ALL, ANY, CANCELLING, CLOSING, KEEP, OK, TIME, Severity
from supervisor.draw.overlay import Overlay, Step

CONCERNS = every_concern()
BY_NAME = drawn_tables()
TABLES = list(BY_NAME.values())

NAMES = ["up", "a", "waiting_for_the_broker", "end", "half open"]
SIGNALS = ["ok", "failed", "read_no_option_power_of_any_kind", "x"]
GUARDS: list[tuple[Guard, ...]] = [
    (in_a_row(3),),
    (in_a_row(3), held(120)),
    (lately(3, 5, "x"),),
    (held(1234567),),
]
WAITS: st.SearchStrategy[Guard] = st.sampled_from([held(60), silent(150)])


def loaded(table: Table) -> Overlay:
    """Everything at once: the heaviest overlay a table can get."""
    return Overlay(
        now=table.initial,
        path=[(i, edge.source, edge.to, "14:02:11") for i, edge in enumerate(table.edges, 1)],
        counts={(edge.source, edge.on, edge.to): 10 * i for i, edge in enumerate(table.edges)},
        heat={name: 1 / len(table.states) for name in table.states},
        masked=True,
        stale=True,
    )


@st.composite
def states(draw: st.DrawFn, name: str) -> State:
    severity = draw(st.sampled_from(list(Severity)))
    issue = (
        draw(st.sampled_from([None, KEEP]))
        if severity == OK
        else draw(st.sampled_from(["broken", "a_long_issue_code"]))
    )
    permits = draw(st.sampled_from([ALL, CLOSING, CANCELLING]))
    return State(name, severity, permits, issue=issue, means=f"It is {name}.")


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A sound table: a ring through all states, and random arrows across it, ANY arrows, loops and time among them."""
    names = NAMES[: draw(st.integers(2, len(NAMES)))]
    first = State(names[0], OK, ALL, means="It begins here.")
    found = [first, *(draw(states(name)) for name in names[1:])]
    arrows = [Arrow(name, "next", names[(i + 1) % len(names)]) for i, name in enumerate(names)]
    pairs = st.lists(st.tuples(st.sampled_from(names), st.sampled_from(SIGNALS)), unique=True, max_size=6)
    to = st.sampled_from(names)
    for source, signal in draw(pairs):
        guarded = draw(st.lists(st.sampled_from(GUARDS), max_size=1))
        arrows += [Arrow(source, signal, draw(to), only_if=guards) for guards in guarded]
        arrows.append(Arrow(source, signal, draw(to)))
    timed = draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
    arrows += [Arrow(source, TIME, draw(to), only_if=draw(WAITS)) for source in timed]
    for i, target in enumerate(draw(st.lists(st.sampled_from(names), max_size=4))):
        arrows.append(Arrow(ANY, draw(st.sampled_from([f"any{i}", SIGNALS[i]])), target))
    try:
        return Table(
            "random", found, arrows, families=[Family("bad", ("failed", "x"))], life=True, about="What may happen?"
        )
    except TableError:  # time never came to rest in it
        reject()


@st.composite
def overlays(draw: st.DrawFn, table: Table) -> Overlay:
    """Anything that can be drawn over that table: a walk along its arrows, and steps, counts and shares of any size."""
    here = draw(st.sampled_from(list(table.states)))
    path = []
    for n in range(1, draw(st.integers(0, 25)) + 1):
        ways = [edge for edge in table.edges if edge.source == here]
        edge = draw(st.sampled_from(ways))
        signal = draw(st.sampled_from([edge.on, ""]))
        path.append(Step(n, here, edge.to, draw(st.sampled_from(["", "14:02:11", "27 Nov 14:02"])), signal))
        here = edge.to
    edges = st.sampled_from([(edge.source, edge.on, edge.to) for edge in table.edges])
    return Overlay(
        now=draw(st.sampled_from([None, here])),
        path=path,
        counts=draw(st.dictionaries(edges, st.integers(1, 10_000_000))),
        heat=draw(st.dictionaries(st.sampled_from(list(table.states)), st.floats(0, 1))),
        masked=draw(st.booleans()),
        stale=draw(st.booleans()),
    )
