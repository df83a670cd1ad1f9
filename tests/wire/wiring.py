"""A supervisor with threads on a simulated broker over loopback HTTP, in a hurry; and what this process holds open."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from supervisor import Settings, Supervisor
from supervisor.simulator import DEFAULT_ACCOUNT, Server, Simulator, serve

HURRIED = Settings(
    interval=0.3, quick=0.3, deadline=0.3, backoff_first=0.3, backoff_cap=0.3, dwell=0.2, stale=5.0, jitter=0.1
)
CADENCE = HURRIED.interval * (1 + HURRIED.jitter)
BUSY = 0.15
"""Seconds granted to a busy machine for waking a thread."""


@contextmanager
def broker(
    simulator: Simulator | None = None, settings: Settings = HURRIED, **options: Any
) -> Iterator[tuple[Server, Supervisor]]:
    """A broker on loopback and a supervisor of it, not started."""
    with serve(simulator or Simulator()) as server:
        supervisor = Supervisor.for_tradier(
            "wire-test-token", DEFAULT_ACCOUNT, base_url=server.url, settings=settings, persist=False, **options
        )
        try:
            yield server, supervisor
        finally:
            supervisor.stop()
            hang_up(supervisor)


def hang_up(supervisor: Supervisor) -> None:
    """Closes the connections it keeps alive: one or two, as it happens."""
    supervisor.broker.reader.close()  # type: ignore[attr-defined]  # a TradierBroker has one


def settled() -> tuple[int, int]:
    """Threads and descriptors of this process, once they have been the same for a while: the broker's side of a
    connection ends a little after ours."""
    idle, last, same = Event(), (0, 0), 0
    for _ in range(200):
        now = threads(), descriptors()
        last, same = now, same + 1 if now == last else 0
        if same >= 10:
            break
        idle.wait(0.02)
    return last


def eventually(true: Callable[[], bool], within: float = 5.0) -> float:
    """The seconds until it is true; fails where it never is."""
    began, idle = monotonic(), Event()
    while not true():
        assert monotonic() - began < within, "it never came true"
        idle.wait(0.002)
    return monotonic() - began


def listens(server: Server) -> bool:
    """Whether anybody takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
    except ConnectionRefusedError:
        return False
    return True


def threads() -> int:
    """How many threads this process has."""
    return threading.active_count()


def descriptors() -> int:
    """How many files and sockets this process holds open."""
    return sum(1 for _ in Path("/dev/fd").iterdir())
