"""What outlives this process, and how is it taken up again?

The journal, the hold file, the lock that makes us the one writer, and the inbox where other processes leave commands.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from supervisor import log
from supervisor.concerns.facts import Action, Command, Keeping, Record
from supervisor.core.book import Book
from supervisor.core.reading import Reading, Round
from supervisor.core.slot import Sweep
from supervisor.core.snapshot import carry_over
from supervisor.errors import JournalError, SupervisorError
from supervisor.journal import inbox
from supervisor.journal.anchor import anchor_path
from supervisor.journal.chain import Entry, canonical, genesis, masked
from supervisor.journal.codec import encode_round
from supervisor.journal.files import write_atomically
from supervisor.journal.hold import Hold, read_hold, write_hold
from supervisor.journal.home import Home
from supervisor.journal.lock import WriterLock
from supervisor.journal.query import Where, entries
from supervisor.journal.store import Journal
from supervisor.journal.witness import Witness
from supervisor.monitor.recall import recall
from supervisor.monitor.recorder import Recorder
from supervisor.orders.records import base36

Opened = list[tuple[Sweep, str, Mapping[str, Any], float]]
"""What opening led to, still to be put on record: sweep, kind, body, instant."""

LAST_WORDS = 0.5
"""Seconds the witness has, at most, to hear of the last head when we stop."""
UNNAMED = "unnamed"
"""Stands for the account in the folder's name while no one named it."""

Answer = Callable[[Mapping[str, Any]], None]


class NoMemory:
    """Keeps nothing: for one look, and for tests."""

    def open(self, book: Book, now: float) -> Opened:  # noqa: ARG002 - there is nothing to take up
        """Nothing is taken up."""
        return []

    def recorder(self, book: Book) -> Recorder:
        """A recorder that keeps nothing and does not mind."""
        return Recorder(book, None)

    def encode(self, round_: Round) -> Mapping[str, Any]:  # noqa: ARG002 - as above
        """Nothing, since nothing is kept."""
        return {}

    def keep_hold(self, order: Command, now: float) -> str | None:  # noqa: ARG002 - as above
        """Keeps nothing, and has no trouble doing so."""
        return None

    def commands(self) -> Iterator[tuple[Mapping[str, Any], Answer]]:
        """No one can leave commands."""
        return iter(())

    @property
    def salt(self) -> str:
        """Letters by which tags of this run differ from those of another."""
        return "m"

    def order_records(self) -> tuple[list[Entry], list[Mapping[str, Any]]]:
        """What the order desk left on record, and in side files: nothing."""
        return [], []

    def spool(self, name: str, body: Mapping[str, Any]) -> None:
        """Keeps nothing."""

    def close(self) -> None:
        """Nothing is held open."""


def held_round(home: Home, book: Book, now: float, *, lost: bool) -> Round | None:
    """What the hold file says and the book does not, as a round; after a lost journal at least `reduce`."""
    hold = read_hold(home.hold)
    if lost and hold.mode is None:
        hold = Hold(Action.REDUCE, "supervisor", "the journal was lost: check positions and orders, then release")
    if book.cursor("operator").state == (hold.mode.value if hold.mode else "free"):
        return None
    said = Command(hold.mode or Action.RELEASE, hold.who or "supervisor", hold.why or "as in the hold file")
    return Round.of(Reading("operator", now, 0.0, said))


def lost_journal(home: Home) -> bool:
    """Whether there was a journal and it is gone."""
    return anchor_path(home.journal).exists() and not home.journal.exists()


ORDER_ENTRIES = ("intent", "expected", "signal")
ORDER_LIVES = frozenset({"order", "breaker", "failure"})
"""What the order desk takes up after a restart."""

OUTLIVING = ("operator", "order", "breaker", "failure", "repair", "repeated", "positions")
"""What one cold look reads from the record: holds, trips, working and ambiguous orders, repairs."""


def glance(home: Home, book: Book, now: float) -> str | None:
    """Puts what outlives every restart into a cold book, writing nothing; one sentence where the record can't be read."""
    why, lost = None, lost_journal(home)
    if home.journal.exists():
        past = Book([slot.concern for slot in book.slots], book.lives.values(), broker=book.broker)
        try:
            with Journal.open(home.journal, read_only=True) as journal:
                recall(past, journal)
            past.tick(now)
            carry_over(past, book, OUTLIVING)
        except JournalError as error:
            why, lost = str(error), True
    round_ = held_round(home, book, now, lost=lost)
    if round_ is not None:
        book.feed(round_, now, counts=False)
    return why


def order_records(home: Home, journal: Journal | None) -> tuple[list[Entry], list[Mapping[str, Any]]]:
    """What the order desk left on record, oldest first, and in side files."""
    found: list[Entry] = []
    if journal is not None:
        found = [entry for kind in ORDER_ENTRIES for entry in entries(journal, Where(kind=kind))]
        found = [entry for entry in found if entry.kind != "signal" or entry.body["life"] in ORDER_LIVES]
    spooled = (_side_file(path) for path in sorted(home.spool.glob("*.json")))
    return sorted(found, key=lambda entry: entry.number), [body for body in spooled if body is not None]


def _side_file(path: Path) -> Mapping[str, Any] | None:
    """What a side file holds. One that is damaged is told and left: whoever holds positions must be able to start."""
    try:
        body: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        problem = "" if isinstance(body, dict) else "it holds no order"
    except (OSError, ValueError, RecursionError) as error:
        problem = f"{type(error).__name__}: {error}"
    if problem:
        log.error("order_side_file", file=str(path), problem=problem)
        return None
    return body


def glance_at_orders(home: Home) -> tuple[list[Entry], list[Mapping[str, Any]]]:
    """The same, writing nothing; nothing where there is no record. JournalError where it can't be read."""
    if not home.journal.exists():
        return [], []
    with Journal.open(home.journal, read_only=True) as journal:
        return order_records(home, journal)


class Memory(NoMemory):
    """One account's folder in one environment. `secrets` never get into any file of it."""

    def __init__(
        self,
        root: Path,
        *,
        account: str | None,
        environment: str,
        window: float = 3600.0,
        secrets: Iterable[str] = (),
        witness: Witness | None = None,
    ) -> None:
        self._account = account or UNNAMED
        self.home = Home.of(environment, self._account, root)
        self._inbox = self.home.inbox
        self._environment = environment
        self._window = window
        self._secrets = tuple(secrets)
        self._witness = witness
        self._lock: WriterLock | None = None
        self.journal: Journal | None = None
        self.made: Recorder | None = None
        """The recorder in use."""
        self.why: str | None = None
        """None, or why there is no journal, in one sentence."""

    def open(self, book: Book, now: float) -> Opened:
        """Becomes the writer, takes up where the record ends, and what was held. Raises WriterBusy.

        A journal that can't be opened is no reason not to watch: it is said, opening is closed, and after a lost one
        the operator must look before anything opens again.
        """
        opened: Opened = []
        lost = lost_journal(self.home)
        try:
            self.home.create()
            self._lock = WriterLock.take(self.home.lock)
            self.journal = Journal.open(
                self.home.journal,
                account=self._account,
                environment=self._environment,
                secrets=self._secrets,
                witness=self._witness,
            )
        except JournalError as error:
            self.why = str(error)
            lost = lost or self.home.journal.exists()
        if self.journal is not None:
            last = recall(book, self.journal)
            opened.append((book.resume(last or now, now, self._window), "start", self._start(last, now), now))
            if last is not None:
                resumed = Round.of(Reading("journal", now, 0.0, Record(Keeping.RESUMED)))
                opened.append((book.feed(resumed, now, counts=False), "notice", self.encode(resumed), now))
        round_ = held_round(self.home, book, now, lost=lost)
        if round_ is not None:
            opened.append((book.feed(round_, now, counts=False), "command", self.encode(round_), now))
            said = round_.readings["operator"].value
            if lost and isinstance(said, Command):
                self.keep_hold(said, now)
        return opened

    def _start(self, last: float | None, now: float) -> dict[str, Any]:
        return {"last": last if last is not None else now, "window": self._window}

    def recorder(self, book: Book) -> Recorder:
        """A recorder into this journal; one that says why where there is none."""
        self.made = Recorder(book, self.journal, why=self.why)
        return self.made

    def encode(self, round_: Round) -> Mapping[str, Any]:
        """The round as the body of an entry; the journal masks it."""
        return encode_round(round_)

    def keep_hold(self, order: Command, now: float) -> str | None:
        """Keeps a hold, or its release, in the file of its own; one sentence where that fails."""
        mode = None if order.action is Action.RELEASE else order.action
        try:
            write_hold(self.home.hold, Hold(mode, self._masked(order.who), self._masked(order.why), now))
        except JournalError as error:
            return str(error)
        return None

    def _masked(self, text: str) -> str:
        return log.mask(text, self._secrets, (self._account,))

    def commands(self) -> Iterator[tuple[Mapping[str, Any], Answer]]:
        """What other processes left, oldest first, with how to answer each; it is taken away once answered."""
        if self._lock is None:
            return
        try:
            collected = inbox.collect(self._inbox)
        except JournalError as error:
            log.error("inbox", problem=str(error))
            return
        for rejected in collected.rejected:
            log.error("inbox", problem=rejected.why)
        for letter in collected.letters:

            def answer(receipt: Mapping[str, Any], path: Path = letter.path) -> None:
                inbox.take(path)
                try:
                    inbox.answer(path, receipt)
                except SupervisorError as error:
                    log.error("inbox", problem=str(error))

            yield letter.body, answer

    @property
    def salt(self) -> str:
        """Letters of this account, environment and journal: another journal has others."""
        began = "" if self.journal is None else genesis(self.journal.meta)
        return base36(int(sha256(f"{self.home.folder.name}/{began}".encode()).hexdigest()[:6], 16))

    def order_records(self) -> tuple[list[Entry], list[Mapping[str, Any]]]:
        """What the order desk left on record, oldest first, and in side files."""
        return order_records(self.home, self.journal)

    def spool(self, name: str, body: Mapping[str, Any]) -> None:
        """Durable in a side file when it returns. JournalError otherwise."""
        try:
            write_atomically(self.home.spool / f"{name}.json", canonical(masked(body, self._secrets, (self._account,))))
        except OSError as error:
            raise JournalError(f"{self.home.spool} cannot be written: {error.strerror or error}") from error

    def let_go(self) -> None:
        """Closes the journal's file, and stays the writer."""
        if self.journal is not None:
            self.journal.close()
            self.journal = None

    def reopen(self, why: str, continues: Mapping[str, Any] | None = None) -> None:
        """The journal is open again; a fresh one, bound to what it `continues`, where none is there. JournalError."""
        try:
            self.journal = Journal.open(
                self.home.journal,
                account=self._account,
                environment=self._environment,
                secrets=self._secrets,
                settings={"continues": continues} if continues else None,
                witness=self._witness,
            )
            self.why = None
        except JournalError as error:
            self.why = why = str(error)
            raise
        finally:
            if self.made is not None:
                self.made.restart(self.journal, why)

    def try_again(self) -> None:
        """Opens what stands there; where that fails it is as when it failed first: `why` says so."""
        try:
            self.reopen("the journal was put back")
        except JournalError as error:
            log.error("journal", problem=str(error))

    def close(self) -> None:
        """Lets the journal and the lock go."""
        self.let_go()
        if self._witness is not None:
            self._witness.stop(LAST_WORDS)
        if self._lock is not None:
            self._lock.release()
            self._lock = None
