"""How does the order desk stand in the supervisor? Its record, its gate, its readings, its restart.

The desk decides nothing about the gate, and the watcher nothing about orders: here the one is handed to the other.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import attrs

from supervisor.concerns.facts import Profile
from supervisor.config import Settings
from supervisor.core.book import Book
from supervisor.core.event import Event, EventKind
from supervisor.core.intent import Decision, Held, Intent, decide
from supervisor.core.reading import Reading
from supervisor.core.words import Outcome
from supervisor.errors import JournalError
from supervisor.journal.chain import Entry
from supervisor.monitor.gate import Gate
from supervisor.monitor.memory import NoMemory
from supervisor.orders import Desk, Intention, OrderSettings, Tell, ports
from supervisor.remedies.form import Policy, policy_of
from supervisor.remedies.formatting import FormattingRemedy
from supervisor.remedies.symbol import SymbolRemedy

INTENT, EXPECTED = "intent", "expected"
"""Entries that the desk alone needs: an order about to be sent, and what should be held."""
ORDER_COMMANDS = frozenset({"cancel", "settle"})
SOURCES = ("orders", "positions")
RESOLVED_HERE = frozenset({Outcome.RECOVERED, Outcome.SUPERSEDED})


class Record(Protocol):
    """What the watcher offers its desk."""

    book: Book
    settings: Settings
    memory: NoMemory

    @property
    def gate(self) -> Gate:
        """The verdict as last published."""

    @property
    def facts(self) -> Mapping[str, Reading]:
        """The last good reading of each source."""

    def must_note(self, kind: str, body: Mapping[str, Any]) -> None:
        """Durable when it returns. JournalError otherwise."""

    def hear(self, tell: Tell) -> None:
        """One signal to a life, on record."""

    def count_orders(self, successful: int, failed: int) -> None:
        """How many orders this desk saw succeed and fail."""

    def now(self) -> float:
        """The instant (epoch seconds)."""


def switched(orders: OrderSettings, settings: Settings) -> OrderSettings:
    """The desk's settings with the switches of `symbol` and `formatting`: only with `auto` it tidies by itself.

    Nobody can be asked while an order waits to be sent, so `ask` and `dry_run` refuse too, saying what would be right.
    """
    return attrs.evolve(
        orders,
        tidy_symbols=orders.tidy_symbols and policy_of(SymbolRemedy(), settings) is Policy.AUTO,
        tidy_fields=orders.tidy_fields and policy_of(FormattingRemedy(), settings) is Policy.AUTO,
    )


class _Ledger:
    """The desk's record is the watcher's."""

    def __init__(self, record: Record) -> None:
        self._record = record

    @property
    def salt(self) -> str:
        return self._record.memory.salt

    def number(self) -> int:
        return self._record.book.entry

    def intend(self, intention: Intention) -> None:
        self._record.must_note(INTENT, intention.as_dict())

    def spool(self, intention: Intention) -> None:
        self._record.memory.spool(intention.our_id, intention.as_dict())

    def tell(self, tell: Tell) -> None:
        self._record.hear(tell)


class _Gate:
    """The desk's gate is the published one, at the very moment of sending."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def decide(self, intent: Intent) -> Decision:
        gate = self._record.gate
        return decide(gate.verdict, intent, int(gate.permits_now()))

    def option_level(self) -> int | None:
        profile = self._record.facts.get("profile")
        account = profile.value.ours() if profile and isinstance(profile.value, Profile) else None
        return account.option_level if account else None


class Trading:
    """One desk, and what the watcher asks of it. `held` is published: reading it waits for nothing."""

    def __init__(
        self,
        record: Record,
        reads: ports.Reads,
        previews: ports.Previews,
        trades: ports.Trades,
        *,
        settings: OrderSettings,
        inline: bool,
    ) -> None:
        self._record = record
        self.desk = Desk(
            reads=reads,
            previews=previews,
            trades=trades,
            ledger=_Ledger(record),
            gate=_Gate(record),
            now=record.now,
            settings=switched(settings, record.settings),
            inline=inline,
        )
        self.held: Held | None = None
        self._expected: dict[str, dict[str, str]] = {}
        self._look_at_positions = True

    # ---------------------------------------------------------------- rounds

    def wanted(self) -> tuple[str, ...]:
        """What the next round asks besides profile and balances: both lists at the start, on reconnecting, and while
        anything is held or works.
        """
        return SOURCES if self._look_at_positions else ()

    def taken(self, readings: Iterable[Reading]) -> list[Reading]:
        """The readings of a round as the concerns want them, with what the desk read meanwhile."""
        shown = {reading.source: self.desk.take(reading) for reading in readings}
        for reading in self.desk.readings():
            if reading.source in SOURCES:
                shown.setdefault(reading.source, reading)
        return list(shown.values())

    def judged(self, states: Mapping[str, str]) -> None:
        """Hears where the concerns stand after a round: whether positions must be read with the next one."""
        quiet = states.get("positions") == "idle" and states.get("orders") in {"flowing", "rejecting"}
        reconnecting = states.get("connection") in {"recovering", "down", "nonsense", "unsteady"}
        if reconnecting and not self._look_at_positions:
            self.desk.reconnected()
        self._look_at_positions = not quiet or reconnecting

    def tick(self) -> None:
        """Takes every look and step of the desk that is due, and publishes what is held."""
        self.desk.tick()
        self.held = self.desk.held()
        self._record.count_orders(*self.desk.counts)
        expected = self.desk.expected()
        if expected != self._expected:
            self._expected = expected
            try:
                self._record.must_note(EXPECTED, expected)
            except JournalError:
                self._expected = {}  # tried again with the next tick; the journal concern says why

    def heard(self, events: Iterable[Event]) -> None:
        """What recovered may end failures; an acknowledged position is expected from here on."""
        for event in events:
            if event.kind is EventKind.RESOLVED and event.issue.outcome in RESOLVED_HERE:
                self.desk.recovered(event.issue.concern)

    # ---------------------------------------------------------------- the operator

    def obey(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Cancels or settles an order, as an operator says; the answer for a receipt."""
        target, who, why = str(said.get("target", "")), str(said.get("who", "")), str(said.get("why", ""))
        if said["command"] == "cancel":
            return {"ok": True, **self.desk.cancel_async(target).result.as_dict()}
        return {"ok": True, **self.desk.settle(target, str(said.get("outcome")), who=who, why=why).as_dict()}

    def after(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """What a hold or an acknowledgement means to orders: resting entries are canceled, or else listed."""
        if said.get("command") == "ack":
            if str(said.get("target", "")).startswith("position_unexpected"):
                self.desk.acknowledge_positions()
            return {}
        if said.get("command") != "hold":
            return {}
        resting = [str(row["order_id"] or row["tag"]) for row in self.desk.working() if row["opens"] is not False]
        if said.get("cancel_opening"):
            for order_id in resting:
                self.desk.cancel_async(order_id)
        return {"resting": resting, "canceling": bool(said.get("cancel_opening"))}

    # ---------------------------------------------------------------- restart

    def restore(self, entries: Iterable[Entry], spooled: Iterable[Mapping[str, Any]]) -> None:
        """Takes up every order from the record, oldest first, and from the side files. Nothing is sent again."""
        expected: dict[str, dict[str, str]] = {}

        def records() -> Iterator[Intention | Tell]:
            for entry in entries:
                body = dict(entry.body)
                if entry.kind == INTENT:
                    yield Intention.from_dict(body)
                elif entry.kind == EXPECTED:
                    expected.clear()
                    expected.update(body)
                else:
                    yield Tell(
                        body["life"],
                        body["key"],
                        body["signal"],
                        entry.at,
                        body["evidence"],
                        body.get("facts", {}),
                    )
            for left in spooled:
                yield Intention.from_dict(left)

        kept = list(records())
        self._expected = expected
        self.desk.restore(kept, expected or None)
