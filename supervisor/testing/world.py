"""What surrounds a supervisor in a test? A simulated broker, a journal, an agent's token, and two frozen clocks."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from supervisor.concerns.facts import Place
from supervisor.config import Settings
from supervisor.core.concern import Concern, Life
from supervisor.core.event import Event, Move
from supervisor.errors import ConfigError, SupervisorError
from supervisor.journal import inbox
from supervisor.journal.home import Home
from supervisor.monitor.supervisor import Supervisor
from supervisor.monitor.tradier import TradierBroker
from supervisor.orders import order_settings
from supervisor.simulator import DEFAULT_ACCOUNT, become, preset
from supervisor.simulator.control import MONEY, SETTABLE
from supervisor.simulator.faults import Fault
from supervisor.testing.callbacks import Callback
from supervisor.testing.clocks import Frozen
from supervisor.testing.counting import CountingAdapter
from supervisor.testing.witness import WitnessMemory
from supervisor.tradier.client import Reader
from supervisor.tradier.endpoints import base_url_for

EXACT = Settings(live_jitter=False)
"""The default settings, without chance."""
FIRST_TOKEN = "agents-token-000001"  # noqa: S105 - made up, and known to the simulator alone
POKE = 0.5
"""Seconds after which a running supervisor's thread would look at its inbox and its token again."""
LAST_MOVES = 400


@attrs.frozen
class Strike:
    """A fault to come: which, where, how often or for how many seconds, and its own parameters."""

    name: str
    endpoint: str | None = None
    seconds: float | None = None
    count: int | None = None
    method: str | None = None
    params: dict[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Told:
    """An event as it was told, and when that really was."""

    at: float
    event: Event

    @property
    def line(self) -> str:
        """As an expectation says it."""
        return f"{self.event.kind} {self.event.issue.code}"


def fast_folder() -> str | None:
    """Where a folder for a moment costs no waiting for a disk; None: wherever temporary files go."""
    memory = "/dev/shm"  # noqa: S108 - only TemporaryDirectory makes anything in it
    return memory if os.access(memory, os.W_OK) else None


class World:
    """One account's world. `supervisor` is None while no process watches; a new one is made at each start.

    `checks` are called with this world after everything that happens.
    """

    def __init__(
        self,
        frozen: Frozen,
        folder: Path,
        *,
        broker: str = "healthy_margin",
        settings: Settings = EXACT,
        intends: Place = Place.SANDBOX,
        uses: str | None = None,
        desk: bool = False,
        concerns: Sequence[Concern] = (),
        lives: Sequence[Life] = (),
        checks: Sequence[Callable[["World"], None]] = (),
    ) -> None:
        self.frozen = frozen
        self.folder = folder
        self.simulator = preset(broker)
        self.adapter = CountingAdapter(self.simulator, now=lambda: frozen.true)
        self.settings = settings
        self.intends = intends
        self.uses = uses or base_url_for(intends)
        self.desk = desk
        self.token = FIRST_TOKEN
        self.tokens = [FIRST_TOKEN]
        self.checks = list(checks)
        self.told: list[Told] = []
        self.moves: deque[Move] = deque(maxlen=LAST_MOVES)
        self.newest: list[Move] = []
        self.callback = Callback()
        self.refused = ""
        self.hung = False
        self.by_hand = False
        self.rounds = 0
        self.submitted = 0
        self.lost = 0
        """How often a process began without all of the record: what is not on record is forgotten then."""
        self.supervisor: Supervisor | None = None
        self.orders: dict[str, str] = {}
        """The tag (or what stands for it) of each order the agent gave a name to."""
        self.answers: dict[str, Any] = {}
        self.own = (tuple(concerns), tuple(lives))
        self._seen: list[Any] = []
        self._ends: list[tuple[float, Fault]] = []
        self._poke: float | None = None

    # ---------------------------------------------------------------- processes

    def _memory(self) -> WitnessMemory:
        memory = WitnessMemory(
            self.folder,
            account=DEFAULT_ACCOUNT,
            environment=self.intends.value,
            window=self.settings.restart_window,
            secrets=tuple(self.tokens),
        )
        memory.seen = self._seen
        return memory

    def made(self) -> Supervisor:
        """A supervisor of this account, as a new process would have it; not started."""
        reader = Reader(self.uses, lambda: self.token, DEFAULT_ACCOUNT, intended=self.intends, adapter=self.adapter)
        broker = TradierBroker(reader, lambda: self.token, intended=self.intends, adapter=self.adapter)
        concerns, lives = self.own
        return Supervisor(
            broker,
            settings=self.settings,
            memory=self._memory(),
            concerns=concerns,
            lives=lives,
            orders=order_settings(self.settings) if self.desk else None,
            inline=True,
        )

    @property
    def home(self) -> Home:
        """The account's folder."""
        return self._memory().home

    def start(self) -> None:
        """A process begins to watch. SupervisorError where one does already."""
        if self.supervisor is not None:
            raise SupervisorError("a supervisor runs already")
        self.supervisor = self.made()
        self.supervisor.subscribe(self.callback, name="agent")
        self.tick()

    def stop(self) -> None:
        """The process ends as it should."""
        self._unrecorded()
        self.running.stop()
        self._gone()

    def kill(self) -> None:
        """The process is gone, with no word to anyone; the system lets its lock and its files go."""
        self._unrecorded()
        self.running.memory.close()
        self._gone()

    def _unrecorded(self) -> None:
        self.lost += self.running.unrecorded is not None

    def _gone(self) -> None:
        self.callback.let_go()
        self.supervisor = None
        self.hung = False

    def second(self) -> None:
        """Another process tries to watch the same account; what it hears is in `refused`."""
        other = self.made()
        try:
            other.tick()
        except SupervisorError as error:
            self.refused = str(error)
        finally:
            other.stop()

    @property
    def running(self) -> Supervisor:
        """The supervisor. SupervisorError where none runs."""
        if self.supervisor is None:
            raise SupervisorError("no supervisor runs at that time")
        return self.supervisor

    # ---------------------------------------------------------------- time

    def tick(self) -> None:
        """Runs what is due, as the monitor's thread would."""
        supervisor = self.supervisor
        if supervisor is None or self.hung:
            return
        if self.callback.hanging:
            supervisor._tick(inline=False)  # noqa: SLF001 - a callback that hangs needs a thread, as in life
            if any(sweep.events for sweep in self._seen):
                self.callback.wait_entered()
        else:
            supervisor.tick()
        self.note()

    def look(self) -> None:
        """Takes one round now, whatever is due."""
        self.running.look()
        self.note()

    def note(self) -> None:
        """Takes in what was put on record since, and runs every check."""
        self.newest = []
        for sweep in self._seen:
            self.newest += sweep.moves
            self.told += [Told(event.at, event) for event in sweep.events]
        self._seen.clear()
        self.moves.extend(self.newest)
        if self.supervisor is not None:
            self.rounds = self.supervisor.book.stats.total_checks
        for check in self.checks:
            check(self)

    def run_to(self, until: float) -> None:
        """Lets time pass until then, running what is due and ending faults at their time."""
        while (instant := self._next()) is not None and instant <= until:
            self.frozen.advance_to(instant)
            self._end_faults()
            if self._poke is not None and self._poke <= self.frozen.true:
                self._poke = None
            self.tick()
            if self.supervisor and not self.by_hand and self.supervisor.due_at() <= self.supervisor.now():
                self.frozen.advance(0.001)
        self.frozen.advance_to(until)
        self._end_faults()

    def _next(self) -> float | None:
        found = [at for at, _ in self._ends]
        if self.supervisor is not None and not self.hung and not self.by_hand:
            wait = self.supervisor.due_at() - self.supervisor.now()
            found.append(self.frozen.true + max(0.0, wait))
            found += [] if self._poke is None else [self._poke]
        return min(found, default=None)

    def touched(self) -> None:
        """Something was done: a running supervisor looks at its inbox and its token half a second later."""
        self._poke = self.frozen.true + POKE
        self.note()

    # ---------------------------------------------------------------- the broker's side

    def strike(self, strike: Strike) -> None:
        """A fault from now on. SupervisorError names what is unknown."""
        self.simulator.inject(strike.name, strike.endpoint, count=strike.count, method=strike.method, **strike.params)
        if strike.seconds is not None:
            self._ends.append((self.frozen.true + strike.seconds, self.simulator.faults.active[-1]))
            self._ends.sort(key=lambda end: end[0])

    def _end_faults(self) -> None:
        while self._ends and self._ends[0][0] <= self.frozen.true:
            _, fault = self._ends.pop(0)
            left = self.simulator.faults.active
            self.simulator.faults.active = [other for other in left if other is not fault]

    def clear(self, name: str | None = None) -> None:
        """All faults end, or those of that name."""
        self.simulator.clear(name)
        self._ends = [(at, fault) for at, fault in self._ends if name is not None and fault.spec.name != name]

    def become(self, name: str) -> None:
        """The broker is as that preset from now on."""
        self._ends = []
        become(self.simulator, name)

    def set_account(self, changes: dict[str, Any]) -> None:
        """Our account is otherwise from now on. ConfigError names an attribute there is not."""
        unknown = changes.keys() - SETTABLE
        if unknown:
            raise ConfigError(f"an account has no {', '.join(sorted(unknown))}: it has {', '.join(sorted(SETTABLE))}")
        for name, value in changes.items():
            money = name in MONEY and value is not None
            setattr(self.simulator.account, name, Decimal(str(value)) if money else value)

    # ---------------------------------------------------------------- the agent's side

    def submit(self, name: str, order: dict[str, Any]) -> None:
        """The agent hands in an order, and calls it by that name from here on."""
        self.submitted += 1
        answer = self._desk().submit(order)
        self.orders[name] = answer.tag or ""
        self.answers[name] = answer

    def cancel(self, name: str) -> None:
        """The agent cancels the order of that name."""
        known = self.standing(name)
        self.answers[name] = self._desk().cancel(known.order_id or known.tag or "")

    def standing(self, name: str) -> Any:
        """The last word on the order of that name."""
        if name not in self.orders:
            raise SupervisorError(f"no order is called {name!r} (there are: {', '.join(self.orders) or 'none'})")
        tag = self.orders[name]
        return self._desk().status(tag) if tag else self.answers[name]

    def _desk(self) -> Any:
        desk = self.running.orders
        if desk is None:
            raise SupervisorError("this supervisor has no order desk: say desk: yes")
        return desk

    # ---------------------------------------------------------------- the machine's and the owner's side

    def renew_token(self) -> None:
        """The owner puts a new token in place, good at the broker."""
        self.token = f"agents-token-{len(self.tokens) + 1:06d}"
        self.tokens.append(self.token)

    def disk(self, *, full: bool) -> None:
        """The disk under the journal takes nothing more, or takes it again."""
        journal = getattr(self.running.memory, "journal", None)
        if journal is None:
            raise SupervisorError("there is no journal whose disk could be full")
        journal._database.execute(f"PRAGMA query_only = {'ON' if full else 'OFF'}")  # noqa: SLF001 - fails as a full disk does, and at once

    def lose_journal(self) -> None:
        """The journal's files are gone, but for what stands beside them."""
        self.lost += 1
        for file in self.home.folder.glob("journal.db*"):
            if not file.name.endswith("head"):
                file.unlink()

    def leave(self, command: dict[str, str]) -> None:
        """Another process leaves a command in the inbox."""
        inbox.leave(self.home.inbox, command)

    def close(self) -> None:
        """Ends what runs."""
        self.callback.let_go()
        if self.supervisor is not None:
            self.supervisor.stop()
            self.supervisor = None
