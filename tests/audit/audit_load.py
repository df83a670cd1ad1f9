"""A supervisor under load that can be killed: run as a program, it forks one child for each line it reads.

Each line is "<folder> <seed>". A child lives on where the record ends, says its pid once its first sweep was
acknowledged, writes one line to its own file for each that was, and goes on until it is killed. So imports and the
freezing of the clock are paid for once.
"""

import os
import random
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun import freeze_time
from supervisor.errors import SupervisorError
from supervisor.monitor.memory import Memory
from supervisor.monitor.supervisor import Supervisor
from supervisor.simulator import preset

from audit.audit_world import start
from monitor.test_monitor_days import MONDAY

FAULTS = ("hang", "html", "http_429", "token_invalid", "refuse", "margin_call")
ERA = timedelta(hours=12)
"""How much later than the last each life begins."""


def live(frozen: Any, root: Path, seed: int) -> None:
    """Lives as fast as it can, acknowledging each commit."""
    chance = random.Random(seed)
    simulator = preset("healthy_margin")
    frozen.move_to(datetime.fromisoformat(MONDAY).astimezone(UTC) + ERA * seed)
    with (root / "acknowledged").open("a", encoding="ascii", buffering=1) as said:
        supervisor = start(simulator, root)
        supervisor._open()
        assert isinstance(supervisor.memory, Memory)
        assert supervisor.memory.journal is not None
        supervisor.memory.journal._witness = lambda head: print(head.number, head.hash, file=said)
        supervisor.tick()
        say(f"{os.getpid()}")
        while True:
            frozen.tick(chance.choice((40.0, 15.0, 5.0, 1.0)))
            if chance.random() < 0.1:
                simulator.clear()
            if chance.random() < 0.15:
                simulator.inject(chance.choice(FAULTS), seconds=chance.choice((30, 120, 400)))
            supervisor.tick()
            with suppress(SupervisorError):
                somebody_speaks(supervisor, chance)


def say(word: str) -> None:
    """One line to whoever started us."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def somebody_speaks(supervisor: Supervisor, chance: random.Random) -> None:
    """Now and then somebody else says something too."""
    roll = chance.random()
    if roll < 0.1:
        supervisor.tell("callback", f"agent{chance.randrange(3)}", chance.choice(("raised", "worked")), "said so")
    elif roll < 0.15:
        supervisor.hold("reduce", why="w", who="ann")
    elif roll < 0.2:
        supervisor.release(why="w", who="ann")
    elif roll < 0.25:
        supervisor.acknowledge("operator_hold", why="w", who="ann")


def main() -> None:
    """Forks a child for each line."""
    with freeze_time(MONDAY) as frozen:
        while line := sys.stdin.readline():
            folder, seed = line.split()
            pid = os.fork()
            if pid == 0:
                live(frozen, Path(folder), int(seed))
            os.waitpid(pid, 0)
            say("ended")


if __name__ == "__main__":
    main()
