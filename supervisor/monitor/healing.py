"""How does the healer stand in the monitor? It is handed rounds, issues, the record and the callbacks; no lock is held.

Also foreseen here: a token about to expire and an allowance nearly used up, so that they can be prevented as anything
else is repaired.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from threading import RLock
from typing import Any, Protocol

from supervisor import log
from supervisor.concerns import repair as life
from supervisor.config import Settings
from supervisor.core.book import Book
from supervisor.core.cursor import Cursor
from supervisor.core.event import EventKind
from supervisor.core.guards import InARow
from supervisor.core.issue import Issue
from supervisor.core.reading import Kind, Reading, Round
from supervisor.core.slot import Sweep
from supervisor.core.table import Table
from supervisor.core.words import TIME, FixResult
from supervisor.errors import ConfigError, JournalError, SupervisorError
from supervisor.journal.chain import masked
from supervisor.monitor.memory import NoMemory
from supervisor.monitor.repairing import LEDGER, FailedOrders, KeptRecord, RestrainedQuota, read_ledger
from supervisor.monitor.schedule import Pace
from supervisor.monitor.telling import Telling
from supervisor.orders import Tell
from supervisor.orders.life import CLEARED, FAILED, FAILURE
from supervisor.remedies import Remedy, all_remedies
from supervisor.remedies.healer import Healer
from supervisor.remedies.ledger import Repair
from supervisor.remedies.ports import Ports
from supervisor.remedies.quota import left_of
from supervisor.remedies.wallet import Wallet

EMPTY = Round({})
STRETCHED = 65.0
"""Seconds between rounds while the allowance is held back: its window is a minute."""


def counts_towards_health(table: Table, cursor: Cursor) -> bool:
    """Whether more rounds like the last would move it to a state without an issue."""
    return not cursor.masked and any(
        isinstance(guard, InARow) and 0 < cursor.run < guard.n
        for edge in table.edges
        if edge.source == cursor.state
        and edge.on != TIME
        and table.states[edge.to].issue is None
        and table.family_of.get(edge.on, edge.on) == cursor.family
        for guard in edge.only_if
    )


class Watching(Protocol):
    """What the healer's side needs of the watcher."""

    book: Book
    settings: Settings
    memory: NoMemory
    broker: Any

    @property
    def facts(self) -> Mapping[str, Reading]:
        """The last good reading of each source."""

    @property
    def unrecorded(self) -> str | None:
        """None while the journal can be written, else why not."""

    @property
    def running(self) -> bool:
        """Whether a thread of ours is watching."""

    def now(self) -> float:
        """The instant (epoch seconds)."""

    def hear(self, tell: Tell) -> object:
        """One signal to a life, on record."""

    def mend(self, issue_id: str, step: str, words: str) -> Sweep:
        """An open issue hears of its repair, on record."""

    def must_note(self, kind: str, body: Mapping[str, Any]) -> None:
        """An entry that moves nothing is durable when this returns. JournalError otherwise."""


class Healing:
    """The healer's host: see `remedies.host`. `round` is the last round judged; the watcher sets it."""

    def __init__(
        self, watching: Watching, telling: Telling, lock: RLock, remedies: Iterable[Remedy], *, inline: bool
    ) -> None:
        self._watching = watching
        self._telling = telling
        self._lock = lock
        self._heard = EMPTY
        self._recorded = True
        self.round = EMPTY
        self.failed = FailedOrders()
        self._record = KeptRecord(watching, lock, getattr(watching, "hold", None))
        broker = watching.broker
        self._wallet: Wallet | None = getattr(broker, "wallet", None)
        self._quota = RestrainedQuota(broker)
        known = all_remedies(remedies)
        unknown = {name for name, _ in watching.settings.remedies} - {remedy.name for remedy in known}
        if unknown:
            names = ", ".join(remedy.name for remedy in known)
            raise ConfigError(
                f"settings name remedies that are not there: {', '.join(sorted(unknown))} (known: {names})"
            )
        self.healer = Healer(self, known, watching.settings, inline=inline)

    # ---------------------------------------------------------------- called by the watcher

    def tick(self, next_round: float) -> float:
        """Heals what is due, outside every lock; when the next round is due after that (epoch seconds)."""
        now = self._watching.now()
        if self.round is not self._heard:
            self._heard = self.round
            if self._wallet is not None:
                self._wallet.learn()
            self._foresee(now)
            self._keep_ledger()
            self.healer.heard(self.round, now)
        elif self.failed.news:
            self.failed.news = False
            self.healer.consider(now)
        else:
            self.healer.step(now)
        wanted = self.healer.wants_look()
        return next_round if wanted is None else min(next_round, wanted)

    def paced(self, pace: Pace) -> Pace:
        """That pace, stretched while the allowance is held back."""
        return Pace(max(pace.seconds, STRETCHED), pace.jitter) if self._quota.held else pace

    def wake_at(self) -> float | None:
        """When time matters next (epoch seconds)."""
        return self.healer.wake_at()

    def restore(self) -> None:
        """Takes up the record of repairs; what was cut short is undone."""
        self.healer.restore(read_ledger(self._watching.memory, self._watching.now()), self._watching.now())

    def approve(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Approves a repair, as an operator says; the answer for a receipt. SupervisorError where it can't be."""
        target, who, why = str(said.get("target", "")), str(said.get("who", "")), str(said.get("why", ""))
        if not who or not why:
            raise SupervisorError("approve needs both who and why: they go on record")
        return {"ok": True, "says": self.healer.approve(target, who, why, self._watching.now())}

    def fixes(self) -> list[dict[str, Any]]:
        """The ledger, oldest first, ready for JSON."""
        return [repair.shown() for repair in self.healer.ledger.repairs]

    # ---------------------------------------------------------------- remedies.host.Host

    def ports(self) -> Ports:
        """What remedies may touch."""
        broker = self._watching.broker
        lookups = getattr(broker, "lookups", None)
        self.failed.desk = getattr(self._watching, "trading", None)
        return Ports(
            wiring=getattr(broker, "wiring", None),
            tokens=self._wallet,
            allowance=self._quota if self._quota.there else None,
            record=self._record if self._record.there else None,
            market=lookups() if callable(lookups) else None,
            failed=self.failed,
        )

    def facts(self) -> Mapping[str, Reading]:
        """The last good reading of each source."""
        return self._watching.facts

    def issues(self) -> Sequence[Issue]:
        """Those open and not masked, oldest first."""
        book = self._watching.book
        with self._lock:
            return [
                issue
                for issue in book.issues()
                if issue.concern not in book.place or not book.cursor(issue.concern).masked
            ]

    def issue(self, issue_id: str) -> Issue | None:
        """That issue while it is open."""
        with self._lock:
            return next((issue for issue in self._watching.book.issues() if issue.issue_id == issue_id), None)

    def free(self, issue_id: str) -> bool:
        """Whether its concern, by its readings, no longer shows it."""
        book = self._watching.book
        with self._lock:
            for cursor in book.cursors():
                if cursor.issue is not None and cursor.issue.issue_id == issue_id:
                    return not cursor.masked and book.table(cursor.name).states[cursor.state].issue is None
        return False

    def hopeful(self, issue_id: str) -> bool:
        """Whether its concern no longer shows it, or is counting good readings towards that."""
        book = self._watching.book
        with self._lock:
            cursor = next((c for c in book.cursors() if c.issue is not None and c.issue.issue_id == issue_id), None)
            return cursor is not None and (
                self.free(issue_id) or counts_towards_health(book.table(cursor.name), cursor)
            )

    def storm(self) -> bool:
        """Whether more concerns are bad than repairs may be made among; masked ones don't count."""
        book = self._watching.book
        with self._lock:
            bad = sum(slot.cursor.issue is not None and not slot.cursor.masked for slot in book.slots)
            return bad > self._watching.settings.repair_storm * len(book.slots)

    def root(self, concern: str) -> bool:
        """Whether that concern masks others and is masked by none."""
        book = self._watching.book
        with self._lock:
            return concern in book.place and bool(book.masked_by(concern))

    def recorded(self) -> bool:
        """Whether what happens can be put on record."""
        return self._watching.unrecorded is None

    def number(self) -> int:
        """The number of the last entry."""
        return self._watching.book.entry

    def unfinished(self) -> Sequence[str]:
        """The keys of repairs that, by the book, are not over."""
        with self._lock:
            living = self._watching.book.living.items()
            return [key for (name, key), cursor in living if name == life.REPAIR and cursor.state not in life.ENDED]

    def tell(self, repair: Repair, signal: str, words: str) -> bool:
        """The repair hears that, on record with all that is known of it."""
        self._watching.hear(
            Tell(life.REPAIR, repair.key, signal, self._watching.now(), words, {"repair": repair.as_dict()})
        )
        return self.recorded()

    def orphan(self, key: str, signal: str, words: str) -> None:
        """As `tell`, for a repair of which only its key is known."""
        self._watching.hear(Tell(life.REPAIR, key, signal, self._watching.now(), words))

    def mend(self, issue_id: str, step: str, words: str) -> bool:
        """The issue hears of its repair; whether that told it as fixed."""
        try:
            sweep = self._watching.mend(issue_id, step, words)
        except KeyError:
            return False
        return any(event.kind is EventKind.FIXED for event in sweep.events)

    def clear(self, issue_id: str, *, gone: bool) -> None:
        """The cause of a failed order is gone, or is not after all; what was foreseen is looked at afresh."""
        issue = self.issue(issue_id)
        if issue is None:
            return
        if issue.concern == FAILURE:
            self._hear(FAILURE, str(issue.metadata.get("key", "")), CLEARED if gone else FAILED, issue.error_message)
        elif issue.concern == life.FORESEEN and not gone:
            self._foresee(self._watching.now())

    def repeated(self, concern: str, signal: str, words: str) -> None:
        """The concern needed repair again, or too often."""
        self._hear(life.REPEATED, concern, signal, words)

    def result(self, issue: Issue, result: FixResult) -> None:
        """Whoever wants to hear of results hears of this one."""
        self._telling.result(issue, result, self._watching.book.entry, inline=not self._watching.running)

    def plain(self, tree: Any) -> Any:
        """What JSON can hold of it, masked."""
        if self._wallet is not None:
            self._wallet.learn()  # what lies ready to be used is hidden too, before anyone mentions it
        accounts: tuple[str, ...] = getattr(self._watching.broker, "accounts_to_mask", tuple)()
        return json.loads(json.dumps(masked(tree, (), accounts), allow_nan=False))

    # ---------------------------------------------------------------- inside

    def _hear(self, name: str, key: str, signal: str, words: str) -> None:
        self._watching.hear(Tell(name, key, signal, self._watching.now(), str(self.plain(words))))

    def _foresee(self, now: float) -> None:
        """Tells what is about to go wrong, and what no longer is."""
        settings = self._watching.settings
        left = left_of(self.round)
        over = any(r.failure is not None and r.failure.kind is Kind.QUOTA for r in self.round.readings.values())
        if left is not None and self._quota.there and not over:  # being over it has an issue of its own
            self._due(life.QUOTA_LOW, f"{left:.0%} of the allowance is left", due=left < settings.quota_low)
        expires = self._wallet.expires_at() if self._wallet is not None and self._wallet.can_refresh() else None
        if expires is not None:
            words = f"the token expires in {max(0.0, expires - now):.0f} s"
            self._due(life.TOKEN_EXPIRING, words, due=expires - now < settings.token_ahead)

    def _due(self, code: str, words: str, *, due: bool) -> None:
        cursor = self._watching.book.living.get((life.FORESEEN, code))
        if due != (cursor is not None and cursor.state == "due"):
            self._hear(life.FORESEEN, code, life.DUE if due else life.PASSED, words)

    def _keep_ledger(self) -> None:
        """After a time without a record, the repairs of the day are put on record anew."""
        recorded = self.recorded()
        if recorded and not self._recorded:
            try:
                body = {"repairs": [repair.as_dict() for repair in self.healer.ledger.repairs]}
                self._watching.must_note(LEDGER, body)
            except JournalError as error:
                log.error("ledger", problem=str(error))
                recorded = False
        self._recorded = recorded
