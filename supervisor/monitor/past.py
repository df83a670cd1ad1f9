"""Where did everything stand at an instant that is past? From the newest snapshot before it, and the inputs since."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from supervisor.clock import iso
from supervisor.config import Settings
from supervisor.core.book import Book
from supervisor.core.concern import Concern, Life
from supervisor.core.reading import Round
from supervisor.core.verdict import Verdict, mode_of
from supervisor.core.words import OPENING, Permit
from supervisor.errors import JournalError
from supervisor.journal.chain import LARGEST, Entry, EntryKind
from supervisor.journal.codec import decode_round
from supervisor.journal.query import Where, entries, newest
from supervisor.journal.store import Journal
from supervisor.monitor.explain import Explanation, permit_views, silence
from supervisor.monitor.making import book_for
from supervisor.monitor.recall import replayed, unknown_life
from supervisor.monitor.schedule import pace
from supervisor.orders import order_settings

LOOKED_AT = 50
"""Moves of one concern or life looked through for the one that led to where it is."""


Own = Sequence[Concern | Life]
"""Concerns and lives of the user's own, which no record holds: only their names."""


def not_known(what: str, name: str) -> JournalError:
    """The error where a concern or a life of the user's own is on record, and is not at hand."""
    return JournalError(
        f"the {what} {name!r} is part of this record and not known here: "
        "hand it in (--own MODULE:NAME, or SUPERVISOR_OWN), or it can't be judged"
    )


def must_be_known(book: Book, entry: Entry) -> None:
    """JournalError, naming it, where that entry is of a life that is not known here."""
    life = unknown_life(book, entry)
    if life is not None:
        raise not_known("life", life)


@attrs.frozen
class Rules:
    """What ruled a stretch of the record: the settings, whether an order desk was there, and which concerns.

    `named` are the concerns on record, empty where it names none; `own` what is at hand of the user's own; `version` is
    that of the code that wrote it.
    """

    settings: Settings
    desk: bool = False
    named: tuple[str, ...] = ()
    own: tuple[Concern | Life, ...] = attrs.field(default=(), eq=False)
    version: str = ""

    def book(self) -> Book:
        """A fresh book under these rules. JournalError, naming it, where a concern is on one side only."""
        concerns = [one for one in self.own if isinstance(one, Concern) and (not self.named or one.name in self.named)]
        book = book_for(
            self.settings,
            concerns=concerns,
            lives=[one for one in self.own if isinstance(one, Life)],
            orders=order_settings(self.settings) if self.desk else None,
        )
        if self.named:
            for name in self.named:
                if name not in book.place:
                    raise not_known("concern", name)
            for name in book.place:
                if name not in self.named:
                    made = f", made by version {self.version}" if self.version else ""
                    raise JournalError(
                        f"the concern {name!r} is known here and was no part of this record{made}: only that can judge it"
                    )
        return book


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


def rules_of(start: Entry, default: Settings, own: Own = ()) -> Rules:
    """What a start entry says ruled from there on; `default` where it says nothing. What today knows no more is passed over."""
    told = start.body.get("settings")
    settings = default
    if isinstance(told, Mapping):  # as they ruled then: today's limits are no reason not to replay
        kinds: dict[str, Any] = {field.name: type(field.default) for field in attrs.fields(Settings)}
        settings = Settings(**{name: _of_kind(kinds[name], value) for name, value in told.items() if name in kinds})
    named = tuple(start.body.get("concerns", ()))
    return Rules(settings, "orders" in named, named, tuple(own), str(start.body.get("version", "")))


def _of_kind(kind: Any, value: Any) -> Any:
    """The value as a setting of that kind; a table of names came through JSON as lists."""
    return _frozen(value) if kind is tuple else kind(value)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list | tuple) else value


def rules_at(journal: Journal, default: Settings, *, last: int = LARGEST, own: Own = ()) -> Rules:
    """What ruled at entry `last`."""
    starts = newest(journal, 1, Where(kind=EntryKind.START), last=last)
    return rules_of(starts[0], default, own) if starts else Rules(default, own=tuple(own))


def lives_known(book: Book, journal: Journal, *, last: int) -> None:
    """JournalError, naming it, where the newest snapshot up to entry `last` holds a life that is not known here."""
    for snapshot in newest(journal, 1, Where(kind=EntryKind.SNAPSHOT), last=last):
        for saved in snapshot.body["cursors"]:
            if saved["key"] and saved["name"] not in book.lives:
                raise not_known("life", saved["name"])


def own_known(journal: Journal, own: Own) -> None:
    """JournalError, naming it, where a concern that is at hand is no part of that record."""
    starts = list(entries(journal, Where(kind=EntryKind.START)))
    named = {name for start in starts for name in start.body.get("concerns", ())}
    for one in own:
        if named and isinstance(one, Concern) and one.name not in named:
            raise JournalError(
                f"the concern {one.name!r} is no part of this record: leave it out, or it can't be judged"
            )


def standing(journal: Journal, at: float, default: Settings, own: Own = ()) -> Standing:
    """Where everything stood then. JournalError where nothing is on record from that long ago, or it can't be judged."""
    tail = newest(journal, 1, Where(until=at))
    if not tail:
        raise JournalError(f"nothing is on record by {iso(at)}: the journal at {journal.path} begins later")
    last = tail[0].number
    rules = rules_at(journal, default, last=last, own=own)
    book = rules.book()
    lives_known(book, journal, last=last)
    believed = None
    for entry, _ in replayed(book, journal, last=last):
        must_be_known(book, entry)
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
