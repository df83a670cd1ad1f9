"""Who looks when, judges, records, publishes and tells? The machinery under a Supervisor."""

import random
from collections.abc import Iterable, Mapping
from threading import Event as Flag
from threading import RLock, Thread
from time import monotonic, time
from typing import Any, Self, Unpack

import attrs

from supervisor import clock, log
from supervisor.concerns.callback import RAISED, WORKED
from supervisor.concerns.facts import Keeping, Record
from supervisor.config import DEFAULTS, Settings
from supervisor.core.concern import Concern, Life
from supervisor.core.reading import Reading, Round
from supervisor.core.slot import Sweep
from supervisor.core.words import ALL
from supervisor.errors import JournalError, SupervisorError
from supervisor.monitor import schedule
from supervisor.monitor.commands import obey
from supervisor.monitor.gate import Gate
from supervisor.monitor.healing import Healing
from supervisor.monitor.hooks import Callbacks, telling_for
from supervisor.monitor.looking import Looker
from supervisor.monitor.making import book_for
from supervisor.monitor.memory import NoMemory
from supervisor.monitor.ports import Broker
from supervisor.monitor.probes import Probe
from supervisor.monitor.published import Published
from supervisor.monitor.status import standings
from supervisor.monitor.telling import log_moves
from supervisor.monitor.trading import ORDER_COMMANDS, Trading
from supervisor.orders import OrderSettings, Tell
from supervisor.remedies import Remedy

IDLE = 0.5
"""Seconds between looks at the inbox and at the credentials while nothing is due."""


class Watcher(Published):
    """Watches one account: probes on schedule, the book, the record, the published gate, and who is told."""

    def __init__(
        self,
        broker: Broker,
        *,
        settings: Settings = DEFAULTS,
        memory: NoMemory | None = None,
        concerns: Iterable[Concern] = (),
        lives: Iterable[Life] = (),
        probes: Mapping[str, Probe] | None = None,
        orders: OrderSettings | None = None,
        remedies: Iterable[Remedy] = (),
        inline: bool = False,
        **callbacks: Unpack[Callbacks],
    ) -> None:
        self._now = clock.Now()
        now = self._now()
        book = book_for(settings, now=now, broker=broker.name, concerns=concerns, lives=lives, orders=orders)
        super().__init__(book, settings, now)
        self.broker = broker
        self.memory = memory or NoMemory()
        self._recorder = self.memory.recorder(self.book)
        self._lock = RLock()
        reads = broker.reads() if orders is not None else None
        listed = {} if reads is None else {"orders": reads.orders, "positions": reads.positions}
        self._looker = Looker(broker, settings, probes or {}, wanted=listed, inline=inline, now=self._now)
        self.trading: Trading | None = None
        if orders and reads:
            self.trading = Trading(self, reads, broker.previews(), broker.trades(), settings=orders, inline=inline)
        self._telling = telling_for(callbacks, settings)
        self.healing = Healing(self, self._telling, self._lock, remedies, inline=inline)
        self._thread: Thread | None = None
        self._stopping = Flag()
        self._opened = False
        self._orders_before = (0, 0)
        self._next_round = 0.0
        self._next_idle = 0.0
        self._span = 0.0
        self._told_band = (self._gate.permits, self._gate.verdict.status)

    @property
    def running(self) -> bool:
        """Whether a thread of ours is watching right now."""
        return self._thread is not None and self._thread.is_alive() and not self._stopping.is_set()

    def _dispatch(self, sweeps: Iterable[Sweep], *, inline: bool) -> None:
        """Tells everyone, outside every lock."""
        about = self.book.entry
        for sweep in sweeps:
            about = sweep.moves[-1].entry if sweep.moves else about
            self._telling.events(sweep.events, inline=inline)
            if self.trading:
                self.trading.heard(sweep.events)
        band = (self._gate.permits, self._gate.verdict.status)
        if band != self._told_band:
            self._told_band = band
            self._telling.verdict(self.health, about, inline=inline)

    def _report_callbacks(self, *, inline: bool) -> None:
        for name, problem in self._telling.news():
            if problem or ("callback", name) in self.book.living:
                self.tell("callback", name, RAISED if problem else WORKED, problem or "", inline=inline)
        with self._lock:
            self._recorder.told(self._telling.deliveries(), self._now())

    # ---------------------------------------------------------------- watching

    def start(self) -> Self:
        """Watches from a daemon thread; a second call changes nothing. WriterBusy, naming the process that is the writer."""
        opened = self._open()
        with self._lock:
            if self.running:
                return self
            self._stopping = Flag()
            self._looker.renew()
            self._thread = Thread(target=self._watch, args=(self._stopping,), name="supervisor-monitor", daemon=True)
            self._thread.start()
        self._dispatch(opened, inline=False)
        return self

    def stop(self) -> None:
        """Stops watching, promptly; opening is closed from here on."""
        self._stopping.set()
        self._looker.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout=2.0)
        told = self._telling.stop()
        with self._lock:
            if self._opened:
                self._recorder.stop(told, self._now())
                self.memory.close()
                self._opened = False
            self._publish(until=(0.0, 0.0))

    def tick(self) -> None:
        """Runs what is due now, in this thread; callbacks too."""
        self._tick(inline=True)

    def now(self) -> float:
        """The instant (epoch seconds) by the supervisor's own clock."""
        return self._now()

    def due_at(self) -> float:
        """The instant (epoch seconds) at which the next tick has something to do."""
        desk = self.trading.desk.wake_at() if self.trading else None
        with self._lock:  # it goes through every life, and another thread may begin one
            time_alone = self.book.wake_at()
        wakes = (self._next_round, time_alone, desk, self._telling.wake_at(), self.healing.wake_at())
        return min(wake for wake in wakes if wake is not None)

    def _watch(self, stopping: Flag) -> None:
        while not stopping.is_set():
            pause = IDLE
            try:
                self._tick(inline=False)
                pause = max(0.01, min(IDLE, self.due_at() - self._now()))
            except Exception:  # the boundary of the thread: say it, go on; the gate closes by itself  # noqa: BLE001
                log.error("tick_failed", trace=True)
            stopping.wait(pause)

    def _tick(self, *, inline: bool) -> None:
        if not self._opened:
            self._dispatch(self._open(), inline=inline)
        if time() - self._now() > self.settings.skew:  # a suspend, or a step forward: what was heard is that much older
            self._now.re_anchor()
        now = self._now()
        if now >= self._next_idle:
            self._next_idle = now + IDLE
            self._idle(now, inline=inline)
        with self._lock:
            sweep = self.book.tick(now)
            if sweep is not None:
                self._commit(sweep, "", {}, now)
        self._dispatch([sweep] if sweep else [], inline=inline)
        if now >= self._next_round:
            self.look(inline=inline)
        if self.trading is not None:
            self.trading.tick()
        self._next_round = self.healing.tick(self._next_round)
        self._report_callbacks(inline=inline)
        self._telling.escalate(self._gate.verdict.issues, self._now(), self.book.entry, inline=inline)

    def _idle(self, now: float, *, inline: bool) -> None:
        for command, answer in self.memory.commands():
            try:
                answer(self._obey(command, inline=inline))
            except SupervisorError as error:
                answer({"ok": False, "error": str(error)})
        rejected = self.book.cursor("credentials").state == "rejected"
        if rejected and self._next_round > now and self._looker.has_new_credentials():
            self._next_round = now

    def look(self, *, deadline: float | None = None, inline: bool = True) -> None:
        """Takes one whole round now: asks the broker, judges, records, publishes, tells."""
        limit = min(deadline or self.settings.deadline, self.settings.quick)
        wanted = self.trading.wanted() if self.trading else ()
        readings = self._looker.ask(limit, self.book.cursor("credentials"), self._now(), wanted)
        if self._stopping.is_set():
            return
        if self.trading is not None:
            readings = self.trading.taken(readings)
        with self._lock:
            now = self._now()
            readings.append(Reading("endpoint", now, 0.0, self._looker.endpoint()))
            keeping = Keeping.UNWRITABLE if self.unrecorded else Keeping.WRITTEN
            readings.append(Reading("journal", now, 0.0, Record(keeping, self.unrecorded or "")))
            self.healing.round = round_ = Round.of(*readings)
            for reading in readings:
                if reading.failure is None:
                    self._facts[reading.source] = reading
            sweep = self.book.feed(round_, now)
            pace = self.healing.paced(schedule.pace(self.book, self.settings, round_, now))
            self._span = pace.longest + limit
            chance = random.random() if self.settings.live_jitter else 0.5  # noqa: S311 - spreads load, keeps no secret
            self._next_round = now + pace.drawn(chance)
            self._commit(sweep, "round", self.memory.encode(round_), now, renew=True)
            self._completed = True
        if self.trading is not None:
            self.trading.judged({name: state.name for name, state, *_ in self._shown[1]})
        self._dispatch([sweep], inline=inline)

    # ---------------------------------------------------------------- the record

    def _open(self) -> list[Sweep]:
        """Takes up where the record ends; what that led to, still to be told. Raises WriterBusy."""
        with self._lock:
            if self._opened:
                return []
            opened = self.memory.open(self.book, self._now())
            self._recorder = self.memory.recorder(self.book).ruled_by(self.settings)
            self._opened = True
            self._orders_before = (self.book.stats.successful_orders, self.book.stats.failed_orders)
            for sweep, kind, body, at in opened:
                self._commit(sweep, kind, body, at)
        if self.trading is not None:
            self.trading.restore(*self.memory.order_records())
        self.healing.restore()
        return [sweep for sweep, *_ in opened]

    @property
    def unrecorded(self) -> str | None:
        """None while the journal can be written, else why not."""
        return self._recorder.why

    def _commit(self, sweep: Sweep, kind: str, body: Mapping[str, Any], now: float, *, renew: bool = False) -> None:
        """Publishes what takes away at once, writes, then publishes what gives."""
        if sweep.moves:
            self._publish(int(self._gate.permits))
        if sweep.entry is None and not sweep.moves:
            return
        if not self._recorder.write(sweep, kind, body, now):
            self._unwritable(sweep, now)
        self._publish(renew=renew)
        log_moves(sweep.moves)

    def _unwritable(self, sweep: Sweep, now: float) -> None:
        """The journal can't be written: the concern hears of it at once, and the sweep tells it."""
        if self.book.cursor("journal").state != "unwritable":
            failed = Round.of(Reading("journal", now, 0.0, Record(Keeping.UNWRITABLE, self._recorder.why or "")))
            more = self.book.feed(failed, now, counts=False)
            sweep.moves += more.moves
            sweep.events += more.events

    def _publish(self, permits: int = ALL, *, renew: bool = False, until: tuple[float, float] | None = None) -> None:
        """Publishes the book's verdict with no more than these permits; what was blocked stays so unless all is given."""
        old, verdict = self._gate, self.book.fold()
        if permits != ALL and old.verdict.blocks:
            verdict = attrs.evolve(verdict, blocks=tuple(dict.fromkeys((*verdict.blocks, *old.verdict.blocks))))
        if renew:
            until = (monotonic() + self._span, time() + self._span)
        self._gate = Gate.of(
            verdict,
            permits=permits,
            as_of=self.book.now if renew else old.as_of,
            until=until[0] if until else old.until,
            until_wall=until[1] if until else old.until_wall,
        )
        self._shown = (self._gate, standings(self.book))

    def tell(self, life: str, key: str, signal: str, evidence: str = "", *, inline: bool = True) -> Sweep:
        """One keyed cursor of a life hears a signal; on record before anyone is told."""
        return self._hear(Tell(life, key, signal, self._now(), str(self.healing.plain(evidence))), inline=inline)

    def _hear(self, tell: Tell, *, inline: bool) -> Sweep:
        with self._lock:
            now = max(tell.at, self.book.now)
            sweep = self.book.tell(tell.life, tell.key, tell.signal, now, tell.evidence)
            self._commit(sweep, "signal", {**tell.as_dict(), "at": now}, now)
        self._dispatch([sweep], inline=inline)
        return sweep

    def mend(self, issue_id: str, step: str, words: str) -> Sweep:
        """An open issue hears of its repair, on record. KeyError where it is not open."""
        with self._lock:
            now = max(self._now(), self.book.now)
            sweep = self.book.mend(issue_id, step, now, words)
            self._commit(sweep, "mend", {"issue": issue_id, "step": step, "words": words}, now)
        self._dispatch([sweep], inline=not self.running)
        return sweep

    # ---------------------------------------------------------------- what the desk needs: trading.Record

    def must_note(self, kind: str, body: Mapping[str, Any]) -> None:
        """An entry that moves nothing is durable when this returns. JournalError otherwise."""
        with self._lock:
            now = self._now()
            if self._recorder.must_note(kind, body, now):
                return
            sweep = Sweep()
            self._unwritable(sweep, now)
            self._publish()
            why = self._recorder.why
        self._dispatch([sweep], inline=not self.running)
        raise JournalError(f"the journal can't be written: {why}")

    def count_orders(self, successful: int, failed: int) -> None:
        """How many orders the desk of this run saw succeed and fail, added to those before."""
        stats, (before, lost) = self.book.stats, self._orders_before
        stats.successful_orders, stats.failed_orders = before + successful, lost + failed

    def hear(self, tell: Tell) -> None:
        """One signal to a life, on record."""
        self._hear(tell, inline=not self.running)

    def _obey(self, said: Mapping[str, Any], *, inline: bool) -> dict[str, Any]:
        """Does what an operator says, on record; the answer for a receipt. SupervisorError where it can't be done."""
        opened, said = self._open(), self.healing.plain(said)
        if said.get("command") == "approve":
            return self.healing.approve(said)
        if said.get("command") in ORDER_COMMANDS:
            if self.trading is None:
                raise SupervisorError("this supervisor has no order desk")
            return self.trading.obey(said)
        with self._lock:
            now = self._now()
            done = obey(said, self.book, self.memory, now)
            if done.takes_away:
                self._publish(int(self._gate.permits))
            trouble = done.before()
            self._commit(done.sweep, done.kind, done.body, now)
            trouble = done.after() or trouble
            if trouble:
                log.error("hold_file", problem=trouble)
        self._dispatch([*opened, done.sweep], inline=inline)
        receipt = {"ok": True, "mode": self._gate.mode.value, **({"trouble": trouble} if trouble else {})}
        return receipt if self.trading is None else {**receipt, **self.trading.after(said)}
