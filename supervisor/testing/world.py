"""What surrounds a supervisor in a test? A simulated broker, a journal, an agent's token, and two frozen clocks."""

from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from requests import PreparedRequest

from supervisor.concerns.facts import Place
from supervisor.config import Settings
from supervisor.core.concern import Concern, Life
from supervisor.core.event import Move
from supervisor.errors import ConfigError, SupervisorError
from supervisor.journal import inbox
from supervisor.journal.home import Home
from supervisor.monitor.supervisor import Supervisor
from supervisor.orders import order_settings
from supervisor.simulator import DEFAULT_ACCOUNT, become, preset
from supervisor.simulator.control import MONEY, SETTABLE
from supervisor.simulator.faults import Fault
from supervisor.simulator.wire import Request
from supervisor.testing.agent import Agent
from supervisor.testing.callbacks import Callback
from supervisor.testing.clocks import Frozen
from supervisor.testing.counting import CountingAdapter
from supervisor.testing.purse import Purse
from supervisor.testing.records import Departure, Strike, Told, departure
from supervisor.testing.witness import Seen, WitnessMemory
from supervisor.tradier.endpoints import base_url_for

EXACT = Settings(live_jitter=False)
"""The default settings, without chance."""
FIRST_TOKEN = "agents-token-000001"  # noqa: S105 - made up, and known to the simulator alone
POKE = 0.5
"""Seconds after which a running supervisor's thread would look at its inbox and its token again."""
LAST_MOVES = 400


class Broken(Exception):
    """Something that may never be is so: what should always hold, and what is so instead."""

    def __init__(self, rule: str, seen: str) -> None:
        super().__init__(f"{rule}: {seen}")
        self.rule = rule
        self.seen = seen


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
        self.adapter = CountingAdapter(self.simulator, now=lambda: frozen.true, leaving=self._leaves)
        self.purse = Purse(self.simulator, self.adapter)
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
        self.seen: list[Seen] = []
        self.placed: list[str] = []
        """The tags of orders that were placed elsewhere."""
        self.departures: list[Departure] = []
        """With `newest` and `seen`: what came since everything was last checked."""
        self.callback = Callback()
        self.refused = ""
        self.called: list[tuple[float, str]] = []
        """When a person was called, and for which issue, since nobody had acknowledged it."""
        self.hung = False
        self.by_hand = False
        self.rounds = 0
        self.starts = 0
        self.released = 0
        """How often an operator said that a hold is over."""
        self.lost = 0
        """How often a process began without all of the record: what is not on record is forgotten then."""
        self.journal_lost = False
        self.supervisor: Supervisor | None = None
        self.agent = Agent(lambda: self.running)
        self.own = (tuple(concerns), tuple(lives))
        self._seen: list[Seen] = []
        self._left: list[Departure] = []
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
        memory.seen, memory.published = self._seen, lambda: None
        return memory

    def made(self) -> Supervisor:
        """A supervisor of this account, as a new process would have it; not started."""
        broker = self.purse.broker(self.uses, self.intends, lambda: self.token)
        concerns, lives = self.own
        memory = self._memory()
        made = Supervisor(
            broker,
            settings=self.settings,
            memory=memory,
            concerns=concerns,
            lives=lives,
            orders=order_settings(self.settings) if self.desk else None,
            inline=True,
            on_escalation=lambda issue, _: self.called.append((made.now(), issue.code)),
        )
        memory.published = lambda: int(made.gate.permits)
        return made

    @property
    def home(self) -> Home:
        """The account's folder."""
        return Home.of(self.intends.value, DEFAULT_ACCOUNT, self.folder)

    def start(self) -> None:
        """A process begins to watch. SupervisorError where one does already."""
        if self.supervisor is not None:
            raise SupervisorError("a supervisor runs already")
        self.supervisor = self.made()
        self.starts += 1
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
            if any(one.sweep.events for one in self._seen):
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
        self.seen, self.departures, self.newest = [*self._seen], [*self._left], []
        for one in self._seen:
            self.newest += one.sweep.moves
            self.told += [Told(event.at, event) for event in one.sweep.events]
        self._seen.clear()
        self._left.clear()
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
            if self.supervisor and not self.by_hand:
                self.frozen.past(self.supervisor.due_at() - self.supervisor.now())
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

    def elsewhere(self, order: dict[str, str]) -> None:
        """An order is placed without the agent. SupervisorError, with the broker's words, where it is refused."""
        tag = f"byhand{len(self.placed) + 1}"
        form = urlencode({"class": "equity", **order, "tag": tag})
        target = f"/v1/accounts/{DEFAULT_ACCOUNT}/orders"
        theirs = {"authorization": f"Bearer {FIRST_TOKEN}", "accept": "application/json"}
        reply = self.simulator.respond(Request.of("POST", target, body=form, headers=theirs), self.frozen.true)
        if not any(str(booking.tag) == tag for booking in self.simulator.bookings):
            raise SupervisorError(f"the broker did not book it: HTTP {reply.status}, {reply.body.decode()}")
        self.placed.append(tag)

    def _leaves(self, request: PreparedRequest) -> None:
        self._left.append(departure(request, lambda: self.home, self.agent.handing_in))

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
        self.journal_lost = True
        for file in self.home.folder.glob("journal.db*"):
            if not file.name.endswith("head"):
                file.unlink()

    def leave(self, command: dict[str, str]) -> None:
        """Another process leaves a command in the inbox."""
        self.released += command.get("command") == "release"
        inbox.leave(self.home.inbox, command)

    def close(self) -> None:
        """Ends what runs."""
        self.callback.let_go()
        if self.supervisor is not None:
            self.supervisor.stop()
            self.supervisor = None
