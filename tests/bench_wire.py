"""Over real sockets: what does a round cost, how soon does a fault close the gate, what is left behind?"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from supervisor import Settings, Supervisor
from supervisor.simulator import DEFAULT_ACCOUNT, become

from bench_figures import Figure, timed
from wire.test_wire_readers import READERS, STORY, whole
from wire.wiring import CADENCE, HURRIED, broker, eventually, hang_up, settled

PROGRAM = str(Path(sys.executable).parent / "supervisor")
TOKEN = "bench-token-0123456789"
BATCH = 25
"""Rounds measured together; the best batch counts, since a busy machine only adds."""
FAULTS: dict[str, dict[str, Any]] = {
    "hang": {},
    "drip_header": {"every": 0.05},
    "drip_body": {"every": 0.05},
    "reset": {},
    "refuse": {},
}


@contextmanager
def elsewhere(scenario: str) -> Iterator[str]:
    """The URL of a simulated broker in a process of its own, whose CPU is not ours."""
    process = subprocess.Popen(
        [PROGRAM, "simulate", "--scenario", scenario, "--json"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["url"])
    finally:
        process.terminate()
        process.communicate()


def healthy(*, quick: bool) -> Iterator[Figure]:
    """What a healthy round costs, its record included."""
    rounds = 50 if quick else 300
    with broker() as (server, supervisor):
        for _ in range(rounds):
            supervisor.look()
        requests, connections = len(server.simulator.requests), server.accepted
    with elsewhere("healthy_margin") as url, tempfile.TemporaryDirectory() as folder:
        supervisor = Supervisor.for_tradier(TOKEN, DEFAULT_ACCOUNT, base_url=url, home=folder, settings=Settings())
        supervisor.tick()
        tries = []
        for _ in range(rounds // BATCH):
            with timed() as took:
                for _ in range(BATCH):
                    supervisor.look()
            tries.append((took.cpu / BATCH, took.seconds / BATCH))
        assert supervisor.health().score == 1.0
        supervisor.stop()
    yield Figure("a healthy round: requests", requests / rounds, "", 2)
    yield Figure(f"a healthy round: connections in {rounds} of them", connections, "", 2)
    yield Figure("a healthy round: our CPU, with its record", min(cpu for cpu, _ in tries) * 1e3, "ms", 2)
    yield Figure("  from asking to published", min(seconds for _, seconds in tries) * 1e3, "ms")


def _closed_after(supervisor: Supervisor) -> float:
    """Seconds until openings were closed: by a verdict, or at the instant until which the last one could be believed."""
    began = monotonic()
    eventually(lambda: not supervisor.can_trade())
    gate, now = supervisor.gate, monotonic()
    return (min(now, gate.until) if gate.opens else now) - began


def closing(*, quick: bool) -> Iterator[Figure]:
    """How soon each fault closes the gate for openings, as a share of one cadence with its jitter plus one deadline."""
    bound = CADENCE + HURRIED.deadline
    for name, how in FAULTS.items():
        slowest = 0.0
        for _ in range(1 if quick else 5):
            with broker() as (server, supervisor), supervisor:
                eventually(supervisor.can_trade)
                server.simulator.inject(name, **how)
                slowest = max(slowest, _closed_after(supervisor))
        yield Figure(f"{name}: gate closed after / (cadence + deadline)", slowest / bound, "x", 1)
        yield Figure(f"  {name}: after", slowest, "s")


def failing(*, quick: bool) -> Iterator[Figure]:
    """1,000 failing rounds: how long each was, and what they left behind."""
    each, deadline = (20 if quick else 200), 0.02
    longest = 0.0
    with broker() as (server, supervisor):
        supervisor.look()
        hang_up(supervisor)
        before = settled()
        with timed() as took:
            for name, how in FAULTS.items():
                server.simulator.clear()
                server.simulator.inject(name, **how)
                for _ in range(each):
                    began = monotonic()
                    supervisor.look(deadline=deadline)
                    longest = max(longest, monotonic() - began - deadline)
        server.simulator.clear()
        supervisor.look(deadline=1.0)
        hang_up(supervisor)
        after = settled()
    yield Figure("a failing round outlasts its deadline by", longest, "s", 0.5)
    yield Figure(f"threads left by {each * len(FAULTS)} failing rounds", after[0] - before[0], "", 0)
    yield Figure(f"descriptors left by {each * len(FAULTS)} failing rounds", after[1] - before[1], "", 0)
    yield Figure("  all of them", took.seconds, "s")


def reading(*, quick: bool) -> Iterator[Figure]:
    """Ten threads that ask while rounds change."""
    over, wrong, answers = Event(), [0], [0] * READERS

    def read(index: int, supervisor: Supervisor) -> None:
        while not over.is_set():
            try:
                whole(supervisor)
            except Exception:  # noqa: BLE001 - counted: the promise is that there is none
                wrong[0] += 1
            answers[index] += 1

    with broker() as (server, supervisor):
        readers = [Thread(target=read, args=(index, supervisor)) for index in range(READERS)]
        for reader in readers:
            reader.start()
        for name in STORY * (1 if quick else 5):
            become(server.simulator, name)
            supervisor.look(inline=False, deadline=0.5)
        over.set()
        for reader in readers:
            reader.join()
    yield Figure("ten readers: exceptions and torn answers", wrong[0], "", 0)
    yield Figure("  answers they read", sum(answers), "")


def checking(*, quick: bool) -> Iterator[Figure]:
    """The program `supervisor check` on a broker that hangs, at its default timeout (a shorter one if quick)."""
    timeout = 2.0 if quick else 5.0
    with elsewhere("hang") as url, tempfile.TemporaryDirectory() as folder:
        env = {
            **os.environ,
            "TRADIER_API_KEY": TOKEN,
            "TRADIER_ACCOUNT_ID": DEFAULT_ACCOUNT,
            "TRADIER_BASE_URL": url,
            "SUPERVISOR_HOME": folder,
        }
        env.pop("TRADIER_SANDBOX", None)
        with timed() as took:
            done = subprocess.run(
                [PROGRAM, "check", "--json", "--timeout", str(timeout)], env=env, check=False, capture_output=True
            )
    assert done.returncode == 2, done.stderr
    yield Figure("check of a broker that hangs / four timeouts", took.seconds / (4 * timeout), "x", 1)
    yield Figure("  at a timeout of", timeout, "s")


def all_of_the_wire(*, quick: bool) -> Iterator[Figure]:
    """Every figure of this file."""
    yield from healthy(quick=quick)
    yield from closing(quick=quick)
    yield from failing(quick=quick)
    yield from reading(quick=quick)
    yield from checking(quick=quick)
