"""Would today's code decide the same? The recorded inputs, fed again, beside what was recorded."""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import attrs

from supervisor.config import Settings
from supervisor.core.book import Book
from supervisor.core.reading import Round
from supervisor.core.slot import Sweep
from supervisor.core.snapshot import dump
from supervisor.journal.chain import LARGEST, Entry, EntryKind, canonical, masked
from supervisor.journal.query import Where, entries, from_row, newest, numbers, rows
from supervisor.journal.store import Journal
from supervisor.monitor.past import Own, Rules, lives_known, must_be_known, own_known, rules_at, rules_of
from supervisor.monitor.recall import ROUNDS, begun, fed_again, known, replayed, round_of, understood
from supervisor.monitor.recorder import entries_of

WORTH_SPLITTING = 100_000
"""Entries from which a replay is shared out among processes, at the snapshots."""
DECODED_AHEAD = 32
"""Rounds decoded before the first of them is fed: a processor does one thing many times faster than two in turn."""
NAMING = {"ack": "target", "mend": "issue"}
"""Inputs that name an issue, and in which field."""
USUAL = ROUNDS | {EntryKind.MOVE.value, "signal", "ack", "mend"}


@attrs.frozen
class Difference:
    """Where the record and today's code part: the entry, and both sides (None: that side has nothing there)."""

    entry: int
    recorded: Any
    replayed: Any


@attrs.frozen
class Compared:
    """How a replay went. `unknown` counts entries by kinds that this version does not know: they can't be judged."""

    inputs: int = 0
    moves: int = 0
    events: int = 0
    verdicts: int = 0
    snapshots: int = 0
    difference: Difference | None = None
    unknown: dict[str, int] = attrs.field(factory=dict)

    @property
    def identical(self) -> bool:
        """Whether everything was judged, and came out the same."""
        return self.difference is None and not self.unknown

    def and_then(self, later: "Compared") -> "Compared":
        """The sum of both; the first difference is this one's."""
        if self.difference is not None:
            return self
        unknown = dict(self.unknown)
        for kind, count in later.unknown.items():
            unknown[kind] = unknown.get(kind, 0) + count
        return Compared(
            self.inputs + later.inputs,
            self.moves + later.moves,
            self.events + later.events,
            self.verdicts + later.verdicts,
            self.snapshots + later.snapshots,
            later.difference,
            unknown,
        )


class _Comparison:
    """Feeds one stretch of the record to a book and compares; stops at the first difference."""

    def __init__(self, journal: Journal, rules: Rules, book: Book) -> None:
        self._journal = journal
        self._rules = rules
        self._book = book
        self._waiting: deque[Entry] = deque()
        self._gap = False
        self._inputs = 0
        self._counts = dict.fromkeys(("moves", "events", "verdicts", "snapshots"), 0)
        self._unknown: dict[str, int] = {}
        self._difference: Difference | None = None

    def run(self, after: int, last: int) -> Compared:
        """Compares the entries after `after`, up to `last`."""
        ahead: list[tuple[int, float, Round]] = []
        for row in rows(self._journal, after=after, last=last):
            if row[2] == "round" and not self._gap:
                ahead.append((row[0], row[1], round_of(row)))
                if len(ahead) < DECODED_AHEAD:
                    continue
            self._rounds(ahead)
            ahead.clear()
            if row[2] != "round" or self._gap:
                self._take(from_row(row))
            if self._difference is not None:
                break
        self._rounds(ahead)
        self._no_more(last)
        return Compared(self._inputs, **self._counts, difference=self._difference, unknown=self._unknown)

    def _rounds(self, ahead: list[tuple[int, float, Round]]) -> None:
        """Rounds between which nothing else is on record: so all but the last must have moved nothing."""
        for number, at, round_ in ahead:
            if self._difference is not None:
                return
            if self._waiting:
                self._no_more(number)
                return
            sweep = fed_again(self._book, number, at, round_)
            self._inputs += 1
            if sweep.moves:
                self._waiting.extend(moves_again(self._book, sweep, Entry(number, at, "round", None, {})))

    def _take(self, entry: Entry) -> None:
        must_be_known(self._book, entry)
        if entry.kind not in USUAL:
            self._unusual(entry)
        if self._waiting and entry.kind != EntryKind.MOVE:
            self._no_more(entry.number)
        if self._difference is not None:
            return
        sweep = understood(self._book, entry, after_gap=self._gap)
        if sweep is not None:
            self._inputs += sweep.entry is not None
            if sweep.moves:
                self._waiting.extend(moves_again(self._book, sweep, entry))
        if entry.kind == EntryKind.MOVE:
            self._move(entry)
        self._gap = entry.kind == EntryKind.GAP

    def _unusual(self, entry: Entry) -> None:
        if not known(entry.kind):
            self._unknown[entry.kind] = self._unknown.get(entry.kind, 0) + 1
        elif entry.kind == EntryKind.START:
            self._restart(entry)
        elif entry.kind == EntryKind.SNAPSHOT and not self._gap:
            self._no_more(entry.number)
            if self._difference is None:
                self._snapshot(entry)

    def _restart(self, start: Entry) -> None:
        """Other rules from here on: the writer took the record up under them, from the newest snapshot."""
        rules = rules_of(start, self._rules.settings, self._rules.own)
        if rules != self._rules:
            self._rules, self._book = rules, rules.book()
            for _ in replayed(self._book, self._journal, last=start.number - 1):
                pass

    def _move(self, entry: Entry) -> None:
        if not self._waiting:
            self._difference = Difference(entry.number, _shown(entry, entry.body), None)
            return
        again = self._waiting.popleft()
        body = masked(again.body)
        compared = {name: body.get(name) for name in entry.body}  # an older record holds less
        same = (again.number, again.at, again.concern) == (entry.number, entry.at, entry.concern)
        if not same or canonical(compared) != canonical(entry.body):
            self._difference = Difference(entry.number, _shown(entry, entry.body), _shown(again, compared))
            return
        self._counts["moves"] += 1
        self._counts["events"] += len(entry.body["events"])
        self._counts["verdicts"] += "verdict" in entry.body

    def _snapshot(self, entry: Entry) -> None:
        self._book.entry = entry.number
        again = masked(dump(self._book))
        if canonical(again) != canonical(entry.body):
            recorded, replayed_ = _parting(entry.body, again)
            self._difference = Difference(entry.number, recorded, replayed_)
        self._counts["snapshots"] += 1

    def _no_more(self, number: int) -> None:
        """Everything replayed so far must be on record by now."""
        if self._waiting and self._difference is None:
            again = self._waiting[0]
            self._difference = Difference(min(number, again.number), None, _shown(again, again.body))


def moves_again(book: Book, sweep: Sweep, entry: Entry) -> list[Entry]:
    """The moves of that sweep, as the record would hold them."""
    made = entries_of(sweep, entry.kind, {}, entry.at, book.fold())
    return [move for move in made if move.kind == EntryKind.MOVE]


def _shown(entry: Entry, body: Any) -> dict[str, Any]:
    return {"entry": entry.number, "at": entry.at, "concern": entry.concern, **body}


def _parting(recorded: Any, again: Any) -> tuple[Any, Any]:
    """The smallest parts of two trees that differ, by the first way that leads to one."""
    if isinstance(recorded, dict) and isinstance(again, dict) and recorded.keys() == again.keys():
        for key in recorded:
            if canonical(recorded[key]) != canonical(again[key]):
                one, other = _parting(recorded[key], again[key])
                return {key: one}, {key: other}
    if isinstance(recorded, list) and isinstance(again, list) and len(recorded) == len(again):
        for one, other in zip(recorded, again, strict=True):
            if canonical(one) != canonical(other):
                name = {"name": one.get("name")} if isinstance(one, dict) and "name" in one else {}
                first, second = _parting(one, other)
                return {**name, **first} if name else first, {**name, **second} if name else second
    return recorded, again


def _segment(path: Path, default: Settings, after: int, last: int) -> Compared:
    gc.disable()  # nothing here makes rings, and looking for some among millions of readings takes a sixth of the time
    with Journal.open(path, read_only=True) as journal:
        return _compared(journal, default, after, last)


def _compared(journal: Journal, default: Settings, after: int, last: int, own: Own = ()) -> Compared:
    first = next(entries(journal, after=after, last=last), None)
    opening = first if first is not None and first.kind == EntryKind.START and not after else None
    rules = rules_of(opening, default, own) if opening else rules_at(journal, default, last=after, own=own)
    book = rules.book()
    if after:
        lives_known(book, journal, last=after)
        begun(book, journal, last=after)
    return _Comparison(journal, rules, book).run(after, last)


def compare(
    journal: Journal,
    default: Settings,
    *,
    since: float | None = None,
    until: float | None = None,
    own: Own = (),
    processes: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Compared:
    """Feeds the recorded inputs through today's code and compares moves, events, verdicts and snapshots.

    `default` settings rule where a start says nothing of its own. With `since` it begins at the newest snapshot before.
    A long record is shared out among processes, each from one snapshot to a later one; not with concerns and lives of
    one's `own`, which can't be handed to a process. JournalError where one of them, or of the record's, is not on both sides.
    `progress` hears what part of a long record is judged, 0 to 1.
    """
    own_known(journal, own)
    head = newest(journal, 1, Where(until=until))
    last = head[0].number if head else 0
    after = 0
    if since is not None:
        before = newest(journal, 1, Where(kind=EntryKind.SNAPSHOT, until=since), last=last)
        after = before[0].number if before else 0
    workers = processes if processes is not None else (os.cpu_count() or 1)
    cuts = [n for n in numbers(journal, EntryKind.SNAPSHOT) if after < n < last]
    if last - after < WORTH_SPLITTING or workers < 2 or len(cuts) < workers or own:
        return _compared(journal, default, after, last, own)
    parts = 32 * workers  # many, so that all are busy to the end
    kept = [cuts[len(cuts) * part // parts] for part in range(1, parts) if len(cuts) * part // parts < len(cuts)]
    whole = Compared()
    bounds = list(pairwise(dict.fromkeys((after, *kept, last))))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        work = [pool.submit(_segment, journal.path, default, start, end) for start, end in bounds]
        for (_, end), done in zip(bounds, work, strict=True):
            whole = whole.and_then(done.result())
            if progress is not None:
                progress((end - after) / (last - after))
            if whole.difference is not None:
                pool.shutdown(cancel_futures=True)
                break
    return whole


def inputs_again(journal: Journal, book: Book, after: int, last: int = LARGEST) -> Iterator[Entry]:
    """The moves that the recorded inputs lead to in that book, under whatever rules; not those that are on record."""
    gap = False
    for entry in entries(journal, after=after, last=last):
        if entry.kind == EntryKind.MOVE:
            continue
        named = NAMING.get(entry.kind)
        sweep = understood(book, entry, after_gap=gap) if named is None else _named(book, entry, named)
        gap = entry.kind == EntryKind.GAP
        if sweep is not None and sweep.moves:
            yield from moves_again(book, sweep, entry)


def _named(book: Book, entry: Entry, name: str) -> Sweep | None:
    """What an input does that names an issue: under other rules that has another number, or never was."""
    issue_id = str(entry.body[name])
    code = issue_id.rpartition("-")[0] or issue_id
    open_ones = [
        issue.issue_id for issue in book.issues() if code in (issue.issue_id, issue.code) or issue_id == issue.code
    ]
    if not open_ones:
        return book.tick(entry.at)
    return understood(book, attrs.evolve(entry, body={**entry.body, name: open_ones[0]}))
