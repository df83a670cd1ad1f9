"""What goes into a report for an auditor? All of one stretch of the record, gathered once."""

import attrs

from supervisor.clock import wall
from supervisor.config import Settings
from supervisor.draw.ladder import svg
from supervisor.journal.chain import SCHEMA, Entry, EntryKind
from supervisor.journal.query import Where, between, newest
from supervisor.journal.store import Journal
from supervisor.journal.verify import Verification, verify
from supervisor.monitor.past import Own, Standing, standing
from supervisor.monitor.past_measure import Measured
from supervisor.monitor.past_overlay import counts_over, now_over, of_table, path_over
from supervisor.monitor.past_record import Stretch, measured
from supervisor.monitor.past_replay import Compared, compare

MOST_MOVES = 1000
"""Moves that are listed, the newest; the counts and pictures are of all."""


@attrs.frozen
class Picture:
    """One table's ladder as SVG: the path taken last, how often each arrow was gone, and the share of time in each state."""

    name: str
    svg: str
    moves: int


@attrs.frozen
class Report:
    """One stretch of one record. `made` is when it was made (epoch seconds); `starts` are the starts that ruled in it."""

    account: str
    environment: str
    schema: int
    made: float
    measured: Measured
    verification: Verification
    compared: Compared
    moves: tuple[Entry, ...]
    starts: tuple[Entry, ...]
    pictures: tuple[Picture, ...]
    end: Standing


def gather(journal: Journal, default: Settings, over: Stretch, own: Own = ()) -> Report:
    """The report of that stretch. `default` settings where the record tells none. The whole chain is verified."""
    found = measured(journal, default, over, own)
    end = standing(journal, over.until, default, own)
    moves = list(between(journal, Where(kind=EntryKind.MOVE, since=over.since, until=over.until)))
    before = newest(journal, 1, Where(kind=EntryKind.START, until=over.since))
    starts = between(journal, Where(kind=EntryKind.START, since=over.since, until=over.until))
    return Report(
        journal.account,
        journal.environment,
        SCHEMA,
        wall(),
        found,
        verify(journal),
        compare(journal, default, since=over.since, until=over.until, own=own),
        tuple(moves[-MOST_MOVES:]),
        tuple({start.number: start for start in (*before, *starts)}.values()),
        tuple(_pictures(end, found, moves)),
        end,
    )


def _pictures(end: Standing, found: Measured, moves: list[Entry]) -> list[Picture]:
    """The ladders of everything that moved, the concerns first."""
    book = end.book
    moved = {str(move.concern) for move in moves}
    names = [name for name in (*(slot.concern.name for slot in book.slots), *book.lives) if name in moved]
    pictures = []
    for name in names:
        table = book.table(name)
        its = of_table(table, (move for move in moves if move.concern == name))
        if its:
            counted = counts_over(its, found, name)
            both = attrs.evolve(path_over(its, now_over(end, name).now), counts=counted.counts, heat=counted.heat)
            pictures.append(Picture(name, svg(table, both), len(its)))
    return pictures
