"""A few lively days on record: faults, a hold, an acknowledgement, signals, restarts and a kill, with a frozen clock."""

from pathlib import Path
from typing import Any

import attrs
from freezegun import freeze_time
from supervisor.config import Settings
from supervisor.core.event import Event
from supervisor.journal.home import Home
from supervisor.journal.store import Journal
from supervisor.monitor.memory import Memory
from supervisor.monitor.supervisor import Supervisor
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator, preset

from monitor.test_monitor_days import MONDAY, run
from monitor.watching import EXACT, Watched

FAULTS = ("hang", "html", "http_429", "token_invalid", "http_500_backend", "slow", "margin_call")


def memory(root: Path) -> Memory:
    return Memory(root, account=DEFAULT_ACCOUNT, environment="sandbox", secrets=("first-token",))


def start(simulator: Simulator, root: Path, settings: Settings = EXACT, **options: Any) -> Supervisor:
    return Supervisor(Watched(simulator), settings=settings, memory=memory(root), inline=True, **options)


def raises(event: Event) -> None:
    """A callback that can't do what it should."""
    raise RuntimeError("no route to the pager")


def die(supervisor: Supervisor) -> None:
    """Ends without a word, as by a kill: the lock and the file are let go, nothing more is written."""
    supervisor.memory.close()


@attrs.frozen
class Lived:
    """What was lived: where it is on record, and what the gate was at some instants, as seen then."""

    home: Home
    seen: list[tuple[float, int, str]]

    def journal(self) -> Journal:
        return Journal.open(self.home.journal, read_only=True)


def live(root: Path, hours: int = 14, settings: Settings = EXACT) -> Lived:
    """Lives that many hours. Every quarter of an hour the gate is looked at. A pager that raises is told in the first."""
    simulator = preset("healthy_margin")
    seen: list[tuple[float, int, str]] = []
    with freeze_time(MONDAY) as frozen:
        supervisor = start(simulator, root, settings)
        supervisor.subscribe(lambda event: None, name="agent")
        unplug = supervisor.subscribe(raises, name="pager")
        for hour in range(hours):
            simulator.inject(FAULTS[hour % len(FAULTS)], seconds=200 + 40 * hour)
            for quarter in range(4):
                run(frozen, supervisor, 900 - 7)
                seen.append((supervisor.now(), int(supervisor.gate.permits_now()), supervisor.gate.verdict.status))
                run(frozen, supervisor, 7)
                if (hour, quarter) == (0, 1):
                    unplug()
                if quarter == 1:
                    supervisor.tell("callback", "agent", "raised" if hour % 2 else "worked", "said so")
            if hour % 5 == 1:
                supervisor.hold("reduce", why="lunch", who="ann")
                supervisor.acknowledge("operator_hold", why="mine", who="ann")
                run(frozen, supervisor, 90)
                supervisor.release(why="back", who="ann")
            if hour % 5 == 3:
                if hour % 2:
                    supervisor.stop()
                else:
                    die(supervisor)
                frozen.tick(1800 if hour % 10 == 3 else 8000)
                supervisor = start(simulator, root, settings)
        supervisor.tick()
        supervisor.stop()
    return Lived(memory(root).home, seen)
