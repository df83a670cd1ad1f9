"""What if the settings had been others? The recorded inputs under both, side by side.

When the broker was asked stays as it was recorded: other settings would have asked at other times, and what it would
have answered then is not on record.
"""

from typing import Any

import attrs

from supervisor.config import Settings
from supervisor.journal.chain import EntryKind
from supervisor.journal.query import Where, newest
from supervisor.journal.store import Journal
from supervisor.monitor.past import Own, rules_at
from supervisor.monitor.past_measure import Measured, measure
from supervisor.monitor.past_record import Stretch, dark, measured
from supervisor.monitor.past_replay import inputs_again
from supervisor.monitor.past_timeline import Begin, nothing
from supervisor.monitor.recall import begun


@attrs.frozen
class Row:
    """One line of the table: a name, as it was, as it would have been. None where there is nothing to tell."""

    name: str
    was: float | None
    would: float | None


@attrs.frozen
class WhatIf:
    """The same stretch as it went and as it would have gone."""

    was: Measured
    would: Measured

    def rows(self) -> list[Row]:
        """The table of what changes: gate, causes, events by code, delays."""
        was, would = self.was, self.would
        rows = [Row("minutes closed for opening", _minutes(was.closed), _minutes(would.closed))]
        for cause in dict.fromkeys((*was.by_cause, *would.by_cause)):
            one, other = was.by_cause.get(cause, 0.0), would.by_cause.get(cause, 0.0)
            rows.append(Row(f"minutes closed by {cause}", _minutes(one), _minutes(other)))
        rows += [
            Row("moves", was.moves, would.moves),
            Row("issues", len(was.cases), len(would.cases)),
        ]
        codes = sorted({case.code for case in (*was.cases, *would.cases)})
        rows += [
            Row(f"issues {code}", *(sum(case.code == code for case in side.cases) for side in (was, would)))
            for code in codes
        ]
        return [
            *rows,
            Row("mean seconds to detect", was.mean_to_detect(), would.mean_to_detect()),
            Row("mean seconds to resolve", was.mean_to_resolve(), would.mean_to_resolve()),
        ]

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "was": self.was.as_dict(),
            "would": self.would.as_dict(),
            "rows": [attrs.asdict(row) for row in self.rows()],
        }


def what_if(journal: Journal, default: Settings, other: Settings, over: Stretch, own: Own = ()) -> WhatIf:
    """That stretch with the recorded inputs under other settings. `default` settings where the record tells none."""
    first = newest(journal, 1, Where(until=over.since))
    last = newest(journal, 1, Where(until=over.until))[0].number
    lived = rules_at(journal, default, last=last, own=own)
    book = attrs.evolve(lived, settings=other).book()
    begin, start = nothing(book), 0
    if first:
        start = first[0].number
        snapshots = newest(journal, 1, Where(kind=EntryKind.SNAPSHOT), last=start)
        after = begun(book, journal, last=start) if snapshots else 0
        for _ in inputs_again(journal, book, after, start):
            pass
        begin = Begin.of(book)
    moves = inputs_again(journal, book, start, last)
    would = measure(moves, begin, over.since, over.until, dark(journal, lived.settings, over))
    return WhatIf(measured(journal, default, over, own), would)


def _minutes(seconds: float) -> float:
    return round(seconds / 60, 3)
