"""Which rules must hold in every situation and at every step of one table?

Each rule is a function from a walk to its findings; the first finding of a kind has the shortest path.
"""

from collections.abc import Callable, Iterator

from supervisor.core.cursor import Cursor
from supervisor.core.event import Event, EventKind
from supervisor.core.explore_said import Property, Said
from supervisor.core.explore_walk import PASSING, STOP, Step, Walk, most_in_a_row, silences
from supervisor.core.issue import Issue
from supervisor.core.table import State, Table
from supervisor.core.words import ALL, CLOSING, CRITICAL, ERROR, KEEP, OK, OPENING, TIME, Outcome, Permit, Severity

Rule = Callable[[Walk], Iterator[Said]]


def state_of(table: Table, cursor: Cursor) -> State:
    """The state in which that cursor is."""
    return table.states[cursor.state]


def open_severity(cursor: Cursor) -> Severity:
    """The severity of its open issue; OK when there is none."""
    return cursor.issue.severity if cursor.issue else OK


def fresh(table: Table, cursor: Cursor) -> bool:
    """Whether what it says was read lately enough: sooner than the longest silence any of its states bears.

    A table in which silence means nothing is always fresh.
    """
    longest = max(silences(table), default=None)
    return longest is None or (cursor.heard is not None and cursor.now < cursor.heard + longest)


def never_read(table: Table, cursor: Cursor) -> bool:
    """Whether it stands where it began, was never heard from, and so closes opening."""
    return cursor.heard is None and cursor.state == table.initial and table.states[cursor.state].permits != ALL


def _moves(walk: Walk) -> Iterator[tuple[Step, Cursor, Cursor]]:
    for step in walk.steps:
        yield step, step.before, step.after


def walking(walk: Walk) -> Iterator[Said]:
    """The engine does what the table says, time moves on, and it ends."""
    for words, where in walk.troubles:
        yield Said(Property.WALKS, words, where)


def covered(walk: Walk) -> Iterator[Said]:
    """Every state is entered, every arrow taken, every guard seen to hold and not to hold."""
    entered = {situation.cursor.state for situation in walk.situations}
    for name in walk.table.states:
        if name not in entered:
            yield Said(Property.COVERS, f"{name!r} is never entered")
    taken = walk.taken
    for edge in walk.table.edges:
        if edge not in taken:
            yield Said(
                Property.COVERS, f"the arrow from {edge.source!r} to {edge.to!r} on {edge.words()!r} is never taken"
            )
        for guard in edge.only_if:
            for outcome in (True, False):
                if (edge, guard, outcome) not in walk.outcomes:
                    yield Said(
                        Property.COVERS,
                        f"on {edge.on!r} from {edge.source!r}, {guard.words!r} is never {str(outcome).lower()}",
                    )


def takes_away(walk: Walk) -> Iterator[Said]:
    """A miss, the passing of time or a stop never adds a permit, nor lowers or ends an issue."""
    table = walk.table
    for step, before, after in _moves(walk):
        missed = step.signal in table.misses
        if not missed and step.signal not in (TIME, STOP, PASSING):
            continue
        what = f"{before.state!r} to {after.state!r} on {step.signal!r}"
        added = state_of(table, after).permits & ~state_of(table, before).permits
        if added:
            yield Said(Property.TAKES, f"{what} adds {Permit(added)!s}", step)
        if open_severity(after) < open_severity(before):
            yield Said(Property.TAKES, f"{what} lowers an issue", step)
        if any(event.issue.outcome is Outcome.RECOVERED for event in step.events):
            yield Said(Property.TAKES, f"{what} recovers an issue", step)


def cancelling(walk: Walk) -> Iterator[Said]:
    """Cancelling is always permitted."""
    for situation in walk.situations:
        if not state_of(walk.table, situation.cursor).permits & Permit.CANCEL:
            yield Said(Property.CANCELS, f"{situation.cursor.state!r} blocks cancelling", situation)


def harmless(walk: Walk) -> Iterator[Said]:
    """What closes closing, or blinds, is a known problem of ERROR or worse; what blinds or is CRITICAL closes opening."""
    for situation in walk.situations:
        cursor = situation.cursor
        state, severity = state_of(walk.table, cursor), open_severity(cursor)
        if state.permits & CLOSING != CLOSING and severity < ERROR:
            yield Said(Property.CLOSES, f"{state.name!r} closes closing without an issue of ERROR", situation)
        if state.blinds and severity < ERROR:
            yield Said(Property.CLOSES, f"{state.name!r} blinds without an issue of ERROR", situation)
        if state.permits & OPENING and (state.blinds or severity is CRITICAL):
            yield Said(Property.GRAVE, f"{state.name!r} permits opening and is CRITICAL or blind", situation)


def paired(walk: Walk) -> Iterator[Said]:
    """Detected and resolved pair up, and what is told is what happened to the open issue."""
    for step, before, after in _moves(walk):
        kept, told = before.issue, list(step.events)
        for event in told:
            kept, fault = _follow(kept, event)
            if fault:
                yield Said(Property.PAIRS, f"{fault} from {before.state!r} to {after.state!r}", step)
        if kept != after.issue:
            yield Said(Property.PAIRS, f"the issue changed untold from {before.state!r} to {after.state!r}", step)
        expired = any(event.issue.outcome is Outcome.EXPIRED for event in told)
        if expired and not (walk.table.life and step.signal == TIME):
            yield Said(Property.PAIRS, f"an issue expires on {step.signal!r}", step)


def _follow(kept: Issue | None, event: Event) -> tuple[Issue | None, str]:
    """The open issue after that event, and what is wrong with the event, "" for nothing."""
    if event.kind is EventKind.DETECTED:
        return event.issue, "" if kept is None else "detected while another is open"
    if kept is None or kept.issue_id != event.issue.issue_id:
        return kept, f"{event.kind} of what is not open"
    if event.kind is EventKind.RESOLVED:
        return None, "" if event.issue.outcome and event.issue.resolved is not None else "resolved without an outcome"
    return event.issue, ""


def way_back(walk: Walk) -> Iterator[Said]:
    """From every situation there is a way to one without an issue that permits all, but for what is declared final."""
    table = walk.table
    backward: list[list[int]] = [[] for _ in walk.situations]
    for source, targets in enumerate(walk.onward):
        for target in targets:
            backward[target].append(source)
    well = [s.number for s in walk.situations if s.cursor.issue is None and state_of(table, s.cursor).permits == ALL]
    seen = set(well)
    while well:
        fresh_ones = [n for n in backward[well.pop()] if n not in seen]
        seen.update(fresh_ones)
        well += fresh_ones
    for situation in walk.situations:
        if situation.number not in seen and not state_of(table, situation.cursor).final:
            yield Said(Property.RETURNS, f"from {situation.cursor.state!r} there is no way back to healthy", situation)


def first_miss(walk: Walk) -> Iterator[Said]:
    """The first miss already takes the opening permits."""
    for step, before, after in _moves(walk):
        if step.signal in walk.table.misses and state_of(walk.table, after).permits & OPENING:
            yield Said(Property.SHOWS, f"{before.state!r} still permits opening after {step.signal!r}", step)


def misses_show(walk: Walk) -> Iterator[Said]:
    """As many misses in a row as any guard asks for leave an issue of ERROR or worse open."""
    table = walk.table
    missing = {family.name for family in table.families if family.miss}
    most = most_in_a_row(table)
    for situation in walk.situations:
        cursor = situation.cursor
        if cursor.family in missing and cursor.run >= most and open_severity(cursor) < ERROR:
            yield Said(
                Property.SHOWS, f"{most} misses in a row leave {cursor.state!r} without an issue of ERROR", situation
            )


def no_sudden_opening(walk: Walk) -> Iterator[Said]:
    """From halted or CRITICAL opening comes back in one step only by a fact that says so wherever one stands."""
    table = walk.table
    everywhere = {
        (signal, name)
        for signal in table.signals
        for name in table.states
        if all(
            any(edge.to == name and not edge.only_if for edge in table.out.get((other, signal), ()))
            for other in table.states
            if other != name
        )
    }
    for step, before, after in _moves(walk):
        state = state_of(table, before)
        grave = open_severity(before) is CRITICAL or state.permits & CLOSING != CLOSING
        opened = state_of(table, after).permits & OPENING & ~state.permits
        if grave and opened and (step.signal, after.state) not in everywhere:
            yield Said(Property.EVIDENCE, f"{before.state!r} opens at once as {after.state!r} on {step.signal!r}", step)


def ages(walk: Walk, never_ages: frozenset[str] = frozenset()) -> Iterator[Said]:
    """What permits opening knows better than what was, and was read lately enough; but for states declared otherwise."""
    table = walk.table
    for situation in walk.situations:
        state = state_of(table, situation.cursor)
        if state.permits & OPENING and state.name not in never_ages:
            if state.issue == KEEP:
                yield Said(
                    Property.OPENS, f"{state.name!r} knows nothing better than what was, and permits opening", situation
                )
            if not fresh(table, situation.cursor):
                yield Said(Property.OPENS, f"{state.name!r} permits opening without a fresh reading", situation)


CONCERN_RULES: tuple[Rule, ...] = (
    walking,
    covered,
    takes_away,
    cancelling,
    harmless,
    paired,
    way_back,
    first_miss,
    misses_show,
    no_sudden_opening,
)
LIFE_RULES: tuple[Rule, ...] = (walking, covered, cancelling, paired, way_back)
