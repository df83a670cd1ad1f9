"""Who looks when, judges, records, publishes and tells? The machinery under a Supervisor."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from threading import Event as Flag
from threading import RLock, Thread
from time import monotonic, time
from typing import Any, Self

import attrs

from supervisor import clock, log
from supervisor.concerns.callback import RAISED, WORKED
from supervisor.concerns.facts import Keeping, Record
from supervisor.config import DEFAULTS, Settings
from supervisor.core.concern import Concern, Life
from supervisor.core.event import EventKind
from supervisor.core.issue import Issue
from supervisor.core.reading import Reading, Round
from supervisor.core.slot import Sweep
from supervisor.core.words import ALL
from supervisor.errors import SupervisorError
from supervisor.monitor import schedule
from supervisor.monitor.commands import obey
from supervisor.monitor.gate import Gate
from supervisor.monitor.looking import Looker
from supervisor.monitor.making import book_for
from supervisor.monitor.memory import NoMemory
from supervisor.monitor.ports import Broker
from supervisor.monitor.probes import Probe
from supervisor.monitor.status import AccountState, Health, account_state, health_of, views
from supervisor.monitor.telling import VERDICT, Telling

IDLE = 0.5
"""Seconds between looks at the inbox and at the credentials while nothing is due."""


class Watcher:
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
        inline: bool = False,
        on_issue_detected: Callable[[Issue], Any] | None = None,
        on_issue_resolved: Callable[[Issue], Any] | None = None,
        on_auto_fix_applied: Callable[[Issue, str], Any] | None = None,
        on_verdict_changed: Callable[[Health], Any] | None = None,
    ) -> None:
        self.broker = broker
        self.settings = settings
        self._inline = inline
        self._now = clock.Now()
        self.book = book_for(settings, now=self._now(), broker=broker.name, concerns=concerns, lives=lives)
        self.memory = memory or NoMemory()
        self._recorder = self.memory.recorder(self.book)
        self._lock = RLock()
        self._looker = Looker(broker, settings, probes or {}, inline=inline)
        self._facts: dict[str, Reading] = {}
        self._telling = Telling()
        for name, fn, kind in (
            ("on_issue_detected", on_issue_detected, EventKind.DETECTED),
            ("on_issue_resolved", on_issue_resolved, EventKind.RESOLVED),
            ("on_auto_fix_applied", on_auto_fix_applied, EventKind.FIXED),
            ("on_verdict_changed", on_verdict_changed, VERDICT),
        ):
            if fn is not None:
                self._telling.connect(name, fn, kind)
        self._thread: Thread | None = None
        self._stopping = Flag()
        self._opened = False
        self._completed = False
        self._next_round = 0.0
        self._next_idle = 0.0
        self._span = 0.0
        self._gate = Gate.of(self.book.fold(), permits=ALL, as_of=self._now(), until=0.0, until_wall=0.0)
        self._views = views(self.book)
        self._told_band = (self._gate.permits, self._gate.verdict.status)

    @property
    def gate(self) -> Gate:
        """The verdict as last published."""
        return self._gate

    @property
    def stale(self) -> bool:
        """Whether the monitor has fallen silent."""
        return self._completed and not self._gate.fresh()

    def health(self) -> Health:
        """How healthy it is, with every concern."""
        return health_of(self._gate, self._views, self.current_state(), self.book.stats, stale=self.stale)

    def current_state(self) -> AccountState | None:
        """The account as last read."""
        ok = self._views["connection"].state in {"up", "slow", "throttled", "recovering"}
        return account_state(dict(self._facts), level=self.settings.option_level, connection_ok=ok)

    @property
    def facts(self) -> Mapping[str, Reading]:
        """The last good reading of each source."""
        return dict(self._facts)

    @property
    def running(self) -> bool:
        """Whether a thread of ours is watching right now."""
        return self._thread is not None and self._thread.is_alive() and not self._stopping.is_set()

    def _dispatch(self, sweeps: Iterable[Sweep], *, inline: bool) -> None:
        """Tells everyone, outside every lock."""
        for sweep in sweeps:
            self._telling.events(sweep.events, inline=inline)
        band = (self._gate.permits, self._gate.verdict.status)
        if band != self._told_band:
            self._told_band = band
            self._telling.verdict(self.health, inline=inline)

    def _report_callbacks(self, *, inline: bool) -> None:
        for name, problem in self._telling.news():
            if problem or ("callback", name) in self.book.living:
                self.tell("callback", name, RAISED if problem else WORKED, problem or "", inline=inline)

    # ---------------------------------------------------------------- watching

    def start(self) -> Self:
        """Watches from a daemon thread. Once is enough: a second call changes nothing.

        Raises WriterBusy, naming the process, where another one watches this account.
        """
        with self._lock:
            if self.running:
                return self
            self._open()
            self._stopping = Flag()
            self._looker.renew()
            self._thread = Thread(target=self._watch, args=(self._stopping,), name="supervisor-monitor", daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """Stops watching, promptly; opening is closed from here on."""
        self._stopping.set()
        self._looker.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout=2.0)
        with self._lock:
            if self._opened:
                self._recorder.note("stop", {}, self._now())
                self.memory.close()
                self._opened = False
            self._publish(until=(0.0, 0.0))
        self._telling.stop()

    def __enter__(self) -> Self:
        """Starts."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stops."""
        self.stop()

    def tick(self) -> None:
        """Runs what is due now, in this thread; callbacks too."""
        self._tick(inline=True)

    def now(self) -> float:
        """The instant (epoch seconds) by the supervisor's own clock."""
        return self._now()

    def due_at(self) -> float:
        """The instant (epoch seconds) at which the next tick has something to do."""
        wake = self.book.wake_at()
        return self._next_round if wake is None else min(self._next_round, wake)

    def _watch(self, stopping: Flag) -> None:
        while not stopping.is_set():
            try:
                self._tick(inline=False)
            except Exception:  # the boundary of the thread: say it, go on; the gate closes by itself  # noqa: BLE001
                log.error("tick_failed", trace=True)
            stopping.wait(max(0.01, min(IDLE, self.due_at() - self._now())))

    def _tick(self, *, inline: bool) -> None:
        if not self._opened:
            with self._lock:
                self._open()
        if time() - self._now() > self.settings.skew:  # a suspend, or a step forward: what was heard is that much older
            self._now.re_anchor()
        now = self._now()
        if now >= self._next_idle:
            self._next_idle = now + IDLE
            self._idle(now, inline=inline)
        if (wake := self.book.wake_at()) is not None and now >= wake:
            with self._lock:
                sweep = self.book.tick(now)
                if sweep is not None:
                    self._commit(sweep, "", {}, now)
            self._dispatch([sweep] if sweep else [], inline=inline)
        if now >= self._next_round:
            self.look(inline=inline)
        self._report_callbacks(inline=inline)

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
        readings = self._looker.ask(limit, self.book.cursor("credentials"), self._now())
        if self._stopping.is_set():
            return
        with self._lock:
            now = self._now()
            readings.append(Reading("endpoint", now, 0.0, self._looker.endpoint()))
            readings.append(Reading("journal", now, 0.0, self._record()))
            round_ = Round.of(*readings)
            for reading in readings:
                if reading.failure is None:
                    self._facts[reading.source] = reading
            sweep = self.book.feed(round_, now)
            pace = schedule.pace(self.book, self.settings, round_, now)
            self._span = pace.longest + limit
            self._completed = True
            chance = random.random() if self.settings.live_jitter else 0.5  # noqa: S311 - spreads load, keeps no secret
            self._next_round = now + pace.drawn(chance)
            self._commit(sweep, "round", self.memory.encode(round_), now, renew=True)
        self._dispatch([sweep], inline=inline)

    # ---------------------------------------------------------------- the record

    def _open(self) -> None:
        """Takes up where the record ends. Raises WriterBusy."""
        if self._opened:
            return
        sweeps = self.memory.open(self.book, self._now())
        self._recorder = self.memory.recorder(self.book)
        self._opened = True
        for sweep, kind, body, at in sweeps:
            self._commit(sweep, kind, body, at)

    @property
    def unrecorded(self) -> str | None:
        """None while the journal can be written, else why not."""
        return self._recorder.why

    def _record(self) -> Record:
        why = self._recorder.why
        return Record(Keeping.UNWRITABLE, why) if why else Record(Keeping.WRITTEN)

    def _commit(self, sweep: Sweep, kind: str, body: Mapping[str, Any], now: float, *, renew: bool = False) -> None:
        """Publishes what takes away at once, writes, then publishes what gives."""
        if sweep.moves:
            self._publish(int(self._gate.permits))
        if sweep.entry is None and not sweep.moves:
            return
        written = self._recorder.write(sweep, kind, body, now)
        if not written and self.book.cursor("journal").state != "unwritable":
            failed = Round.of(Reading("journal", now, 0.0, Record(Keeping.UNWRITABLE, self._recorder.why or "")))
            more = self.book.feed(failed, now, counts=False)
            sweep.moves += more.moves
            sweep.events += more.events
        self._views = views(self.book)
        self._publish(renew=renew)
        for move in sweep.moves:
            log.info(
                "move",
                concern=move.concern if not move.key else f"{move.concern}:{move.key}",
                before=move.source,
                signal=move.signal,
                after=move.target,
                issue=move.issue_id,
                evidence=move.evidence,
                entry=move.entry,
            )

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

    def tell(self, life: str, key: str, signal: str, evidence: str = "", *, inline: bool = True) -> Sweep:
        """One keyed cursor of a life hears a signal; on record before anyone is told."""
        with self._lock:
            now = self._now()
            sweep = self.book.tell(life, key, signal, now, evidence)
            self._commit(sweep, "signal", {"life": life, "key": key, "signal": signal, "evidence": evidence}, now)
        self._dispatch([sweep], inline=inline)
        return sweep

    def _obey(self, said: Mapping[str, Any], *, inline: bool) -> dict[str, Any]:
        """Does what an operator says, on record; the answer for a receipt. SupervisorError where it can't be done."""
        with self._lock:
            self._open()
            now = self._now()
            done = obey(said, self.book, self.memory, now)
            if done.takes_away:
                self._publish(int(self._gate.permits))
            trouble = done.before()
            self._commit(done.sweep, done.kind, done.body, now)
            trouble = done.after() or trouble
            if trouble:
                log.error("hold_file", problem=trouble)
        self._dispatch([done.sweep], inline=inline)
        return {"ok": True, "mode": self._gate.mode.value, **({"trouble": trouble} if trouble else {})}
