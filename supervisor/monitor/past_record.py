"""What does the record of one account say of a stretch of time?"""

import attrs

from supervisor import clock
from supervisor.config import Settings
from supervisor.errors import JournalError
from supervisor.journal.chain import EntryKind
from supervisor.journal.query import Where, between, entries, gaps, newest
from supervisor.journal.store import Journal
from supervisor.monitor.past import Own, rules_at, standing
from supervisor.monitor.past_measure import Measured, measure
from supervisor.monitor.past_timeline import Begin, nothing


@attrs.frozen
class Stretch:
    """From when to when, in epoch seconds."""

    since: float
    until: float


def stretch(journal: Journal, since: float | None, until: float | None) -> Stretch:
    """The stretch that is asked for, cut to what is on record: a journal's last entry ends it, unless it is still written.

    JournalError where nothing is on record of it.
    """
    first = next(entries(journal), None)
    if first is None:
        raise JournalError(f"the journal at {journal.path} has no entries yet")
    newest_at = newest(journal, 1)[0].at
    end = min(until, max(newest_at, clock.wall())) if until is not None else newest_at
    begin = first.at if since is None else max(since, first.at)
    if begin >= end:
        raise JournalError(
            f"nothing is on record of that time: the journal goes from {clock.iso(first.at)} to {clock.iso(newest_at)}"
        )
    return Stretch(begin, end)


def dark(journal: Journal, settings: Settings, over: Stretch) -> list[tuple[float, float]]:
    """When nobody watched: from when the gate could no longer be believed to the next round, in order of time.

    A wait between rounds that some cadence allows is taken for that cadence.
    """
    believed = settings.interval * (1 + settings.jitter) + min(settings.deadline, settings.quick)
    longest = max(
        believed,
        settings.backoff_cap * (1 + settings.backoff_jitter) + settings.deadline,
        settings.throttled * (1 + settings.jitter) + settings.deadline,
    )
    found = [(was + believed, at) for was, at in gaps(journal, "round", over.since, over.until, longest)]
    for stop in between(journal, Where(kind=EntryKind.STOP, since=over.since, until=over.until)):
        after = next(between(journal, Where(kind="round", since=stop.at)), None)
        found.append((stop.at, min(over.until, after.at if after else over.until)))
    last = newest(journal, 1, Where(kind="round", until=over.until))
    if over.until - (last[0].at if last else over.since) > longest:
        found.append(((last[0].at + believed) if last else over.since, over.until))
    return _merged(found)


def measured(journal: Journal, default: Settings, over: Stretch, own: Own = ()) -> Measured:
    """The numbers of that stretch. From the moves on record, so no input is fed again but a few at its beginning."""
    if newest(journal, 1, Where(until=over.since)):
        then = standing(journal, over.since, default, own)
        begin, settings = Begin.of(then.book), then.rules.settings
    else:
        rules = rules_at(journal, default, own=own)
        begin, settings = nothing(rules.book()), rules.settings
    moves = between(journal, Where(kind=EntryKind.MOVE, since=over.since, until=over.until))
    return measure(
        (move for move in moves if move.at > over.since),
        begin,
        over.since,
        over.until,
        dark(journal, settings, over),
    )


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
