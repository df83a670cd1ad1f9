"""Which entries are these: the newest, of one concern or kind, with one issue, in a stretch of time?

Every question is answered from an index named here, so that a million entries answer in milliseconds, and in chunks, so
that no reader keeps the writer's log from being folded in.
"""

import json
from collections.abc import Iterator
from typing import Any

import attrs

from supervisor.core.words import Severity
from supervisor.errors import JournalError
from supervisor.journal.chain import LARGEST, Entry, EntryKind
from supervisor.journal.store import Journal

Row = tuple[int, float, str, str | None, str]
"""number, at, kind, concern, and the text of the body."""
_CHUNK = 1000
_INSTANTS = 100_000
_SELECT = "SELECT number, at, kind, concern, body FROM entries"
_MATCHES = (
    ("kind", "kind = ?"),
    ("concern", "concern = ?"),
    ("severity", "severity = ?"),
    ("since", "at >= ?"),
    ("until", "at <= ?"),
)


@attrs.frozen
class Where:
    """Which entries are asked for: those that fit all that is given. Instants are epoch seconds, both included.

    `issue` and `severity` are fields of a move's body; `issue` is one issue's id or a code, which means every issue of it.
    `event` is one of a move's events by its kind: `detected`, `fixed`, `resolved` or `changed`.
    """

    kind: str | None = None
    concern: str | None = None
    severity: str | None = None
    issue: str | None = None
    since: float | None = None
    until: float | None = None
    event: str | None = None


ALL = Where()
"""Every entry."""


def newest(journal: Journal, count: int, where: Where = ALL, *, last: int = LARGEST) -> list[Entry]:
    """The newest `count` entries up to entry `last` that fit, in number order, the newest last.

    With `since` or `until`, newest goes by their time; else by their number. The two differ only where the wall clock
    was set back between two runs.
    """
    timed = where.since is not None or where.until is not None
    if where.event is not None and where.severity is where.concern is where.issue is None:
        # Moves that gave an event are few, and have a severity: so looked for by each, not among all moves.
        each = (attrs.evolve(where, severity=severity.name.lower()) for severity in Severity)
        some = [entry for one in each for entry in newest(journal, count, one, last=last)]
        some.sort(key=lambda entry: (entry.at, entry.number) if timed else (entry.number, entry.number))
        return sorted(some[-count:], key=lambda entry: entry.number)
    condition, parameters = _condition(where)
    order = "at DESC, number DESC" if timed else "number DESC"
    if last < LARGEST:
        condition += " AND number <= ?"
        parameters.append(last)
    query = " ".join((_SELECT, _index(where, timed), "WHERE", condition, "ORDER BY", order, "LIMIT ?"))
    found = [from_row(row) for row in journal.fetch(query, (*parameters, count))]
    return sorted(found, key=lambda entry: entry.number)


def entries(journal: Journal, where: Where = ALL, *, after: int = 0, last: int = LARGEST) -> Iterator[Entry]:
    """All entries that fit, in number order, from the one after `after` to `last`, streamed.

    To follow a journal, ask again with the number of the last entry seen. To replay, start after a snapshot.
    """
    for row in rows(journal, where, after=after, last=last):
        yield from_row(row)


def rows(journal: Journal, where: Where = ALL, *, after: int = 0, last: int = LARGEST) -> Iterator[Row]:
    """As `entries`, with each body as the text it is: for a replay, which reads a year of rounds."""
    condition, parameters = _condition(where)
    window = "number > ? AND number <= ? AND"
    query = " ".join((_SELECT, _index(where, timed=False), "WHERE", window, condition, "ORDER BY number LIMIT ?"))
    while found := journal.fetch(query, (after, last, *parameters, _CHUNK)):
        yield from found
        after = found[-1][0]


def between(journal: Journal, where: Where) -> Iterator[Entry]:
    """All entries that fit, in order of time, streamed. For questions of a stretch of time: `entries` walks numbers."""
    condition, parameters = _condition(where)
    window = "(at, number) > (?, ?) AND"
    query = " ".join((_SELECT, _index(where, timed=True), "WHERE", window, condition, "ORDER BY at, number LIMIT ?"))
    at, number = (where.since if where.since is not None else -1e18), -1
    while found := journal.fetch(query, (at, number, *parameters, _CHUNK)):
        for row in found:
            yield from_row(row)
        number, at = found[-1][0], found[-1][1]


def fits(entry: Entry, where: Where) -> bool:
    """Whether that entry is one of those, for an entry that is at hand."""
    move = entry.kind == EntryKind.MOVE
    issue = entry.body.get("issue") if move else None
    events = entry.body.get("events", ()) if move else ()
    return (
        where.kind in (None, entry.kind)
        and where.concern in (None, entry.concern)
        and (where.severity is None or (move and entry.body.get("severity") == where.severity))
        and (where.issue is None or (issue is not None and where.issue in (issue, issue.rpartition("-")[0])))
        and (where.since is None or entry.at >= where.since)
        and (where.until is None or entry.at <= where.until)
        and (where.event is None or any(event["kind"] == where.event for event in events))
    )


def count(journal: Journal, where: Where = ALL) -> int:
    """How many entries fit."""
    condition, parameters = _condition(where)
    timed = where.since is not None or where.until is not None
    query = " ".join(("SELECT count(*) FROM entries", _index(where, timed), "WHERE", condition))
    return int(journal.fetch(query, parameters)[0][0])


def numbers(journal: Journal, kind: str) -> list[int]:
    """The numbers of all entries of that kind, in order."""
    query = "SELECT number FROM entries INDEXED BY entries_kind_number WHERE kind = ? ORDER BY number"
    return [number for (number,) in journal.fetch(query, (kind,))]


def gaps(journal: Journal, kind: str, since: float, until: float, longer: float) -> list[tuple[float, float]]:
    """Where two successive entries of that kind lie further apart than `longer` seconds: both instants, in order.

    Beside those within the stretch the last entry before it counts.
    """
    before = newest(journal, 1, Where(kind=kind, until=since))
    first = before[0].at if before else since
    query = (
        "SELECT at FROM entries INDEXED BY entries_kind_at WHERE kind = ? AND at > ? AND at <= ? ORDER BY at LIMIT ?"
    )
    found = []
    was = first
    while instants := journal.fetch(query, (kind, max(was, since), until, _INSTANTS)):
        for (at,) in instants:  # SQLite itself, asked for a window over millions of rows, takes twice as long
            if at - was > longer:
                found.append((was, at))
            was = at
    return found


def _condition(where: Where) -> tuple[str, list[Any]]:
    """The SQL that says the same, and what to bind."""
    terms, parameters = ["1"], []
    for name, term in _MATCHES:
        value = getattr(where, name)
        if value is not None:
            terms.append(term)
            parameters.append(value)
    if where.issue is not None:
        # An id is `<code>-<number>`; "." is the character after "-", so the range is exactly the ids of that code.
        terms.append("(issue = ? OR (issue >= ? AND issue < ?))")
        parameters += [where.issue, where.issue + "-", where.issue + "."]
    if where.event is not None:
        # Within a string of canonical JSON a quote stands behind a backslash: so this is found in no text.
        terms.append("kind = 'move' AND instr(body, ?) > 0")
        parameters.append(f'"kind":"{where.event}"')
    return " AND ".join(terms), parameters


def _index(where: Where, timed: bool) -> str:
    """The index that leaves least to look at, named: SQLite would have to guess."""
    order = "at" if timed else "number"
    if where.issue is not None:
        return ""  # two ranges of one index: SQLite joins them by itself
    for column in ("concern", "severity", "kind"):
        if getattr(where, column) is not None:
            return f"INDEXED BY entries_{column}_{order}"
    if where.event is not None:
        return f"INDEXED BY entries_kind_{order}"
    return "INDEXED BY entries_at" if timed else ""


def from_row(row: Row) -> Entry:
    """An entry from its row. JournalError, naming it, when its body is not what was ever written."""
    number, at, kind, concern, text = row
    try:
        body = json.loads(text)
    except (ValueError, TypeError, RecursionError) as why:
        raise JournalError(f"Entry {number} of the journal cannot be read: its body is not JSON ({why})") from None
    if not isinstance(body, dict):
        raise JournalError(f"Entry {number} of the journal cannot be read: its body is not an object")
    return Entry(number, at, kind, concern, body)
