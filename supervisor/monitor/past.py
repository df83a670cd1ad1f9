"""Where did everything stand at an instant that is past? From the newest snapshot before it, and the inputs since."""

from collections.abc import Mapping
from typing import Any

import attrs

from supervisor.clock import iso
from supervisor.config import Settings
from supervisor.core.book import Book
from supervisor.core.reading import Round
from supervisor.core.verdict import Verdict, mode_of
from supervisor.core.words import OPENING, Permit
from supervisor.errors import JournalError
from supervisor.journal.chain import LARGEST, Entry, EntryKind
from supervisor.journal.codec import decode_round
from supervisor.journal.query import Where, newest
from supervisor.journal.store import Journal
from supervisor.monitor.explain import Explanation, permit_views, silence
from supervisor.monitor.making import book_for
from supervisor.monitor.recall import replayed
from supervisor.monitor.schedule import pace
from supervisor.orders import order_settings

LOOKED_AT = 50
"""Moves of one concern or life looked through for the one that led to where it is."""


@attrs.frozen
class Rules:
    """What ruled a stretch of the record: the settings, and whether an order desk was there."""

    settings: Settings
    desk: bool = False

    def book(self) -> Book:
        """A fresh book under these rules."""
        return book_for(self.settings, orders=order_settings(self.settings) if self.desk else None)


@attrs.frozen
class Standing:
    """Where everything stood at the instant `at`. `permits` are as the gate answered then.

    `entry` is the newest one by then; `silent` is since when nothing could be believed any more, None while it could.
    """

    at: float
    entry: int
    book: Book
    rules: Rules
    verdict: Verdict
    permits: Permit
    silent: float | None


def rules_of(start: Entry, default: Settings) -> Rules:
    """What a start entry says ruled from there on; `default` where it says nothing. What today knows no more is passed over."""
    told = start.body.get("settings")
    settings = default
    if isinstance(told, Mapping):  # as they ruled then: today's limits are no reason not to replay
        kinds: dict[str, Any] = {field.name: type(field.default) for field in attrs.fields(Settings)}
        settings = Settings(**{name: _of_kind(kinds[name], value) for name, value in told.items() if name in kinds})
    return Rules(settings, "orders" in start.body.get("concerns", ()))


def _of_kind(kind: Any, value: Any) -> Any:
    """The value as a setting of that kind; a table of names came through JSON as lists."""
    return _frozen(value) if kind is tuple else kind(value)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list | tuple) else value


def rules_at(journal: Journal, default: Settings, *, last: int = LARGEST) -> Rules:
    """What ruled at entry `last`."""
    starts = newest(journal, 1, Where(kind=EntryKind.START), last=last)
    return rules_of(starts[0], default) if starts else Rules(default)


def standing(journal: Journal, at: float, default: Settings) -> Standing:
    """Where everything stood then. JournalError where nothing is on record from that long ago."""
    tail = newest(journal, 1, Where(until=at))
    if not tail:
        raise JournalError(f"nothing is on record by {iso(at)}: the journal at {journal.path} begins later")
    last = tail[0].number
    rules = rules_at(journal, default, last=last)
    book = rules.book()
    believed = None
    for entry, _ in replayed(book, journal, last=last):
        believed = _believed(book, rules.settings, entry, believed)
    if believed is None:  # nothing but notes since the snapshot
        heard = [e for kind in ("round", "start", "stop") for e in newest(journal, 1, Where(kind=kind), last=last)]
        if heard:
            believed = _believed(book, rules.settings, max(heard, key=lambda e: e.number), None)
    book.tick(at)
    verdict = book.fold()
    silent = None if believed is not None and at < believed else believed or at
    permits = verdict.permits if silent is None else verdict.permits & ~OPENING
    return Standing(at, last, book, rules, verdict, Permit(permits), silent)


def _believed(book: Book, settings: Settings, entry: Entry, before: float | None) -> float | None:
    """Until when the gate may be believed after that entry, as the monitor itself works it out."""
    if entry.kind == "round":
        throttled = book.cursor("connection").state == "throttled"
        round_ = decode_round(entry.body, entry.number) if throttled else Round.of()
        limit = min(settings.deadline, settings.quick)
        return entry.at + pace(book, settings, round_, entry.at).longest + limit
    return entry.at if entry.kind in {EntryKind.START, "stop"} else before


def explained(journal: Journal, then: Standing) -> Explanation:
    """Each permit at that instant: open or closed, by which concern, since when, on what evidence, what would open it."""
    verdict = then.verdict
    reasons = verdict.reasons if then.silent is None else (silence(then.silent), *verdict.reasons)
    evidence = {
        reason.concern: _evidence(journal, reason.concern, then.entry) for reason in (*reasons, *verdict.blocks)
    }
    return Explanation(
        verdict.status,
        verdict.score,
        mode_of(then.permits, blocked=bool(verdict.blocks)),
        permit_views(then.permits, reasons),
        verdict.blocks,
        verdict.issues,
        then.at,
        {name: words for name, words in evidence.items() if words},
    )


def _evidence(journal: Journal, name: str, last: int) -> str:
    """What was seen when that concern, or life and key, came to the state it is in."""
    concern, _, key = name.partition(":")
    moves = newest(journal, LOOKED_AT, Where(kind=EntryKind.MOVE, concern=concern), last=last)
    came = (m.body for m in reversed(moves) if m.body["key"] == key and m.body["source"] != m.body["target"])
    return next((str(body["evidence"]) for body in came), "")
