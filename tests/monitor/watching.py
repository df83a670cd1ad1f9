"""A supervisor on a simulated broker, in process, for tests with a frozen clock."""

from typing import Any

from supervisor.concerns.facts import Place
from supervisor.config import Settings
from supervisor.monitor.supervisor import Supervisor
from supervisor.monitor.tradier import TradierBroker
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator, SimulatorAdapter
from supervisor.tradier.client import Reader

EXACT = Settings(live_jitter=False)
"""The defaults, without chance."""


class Watched(TradierBroker):
    """A broker for the monitor, on the simulator; `token` may be changed."""

    def __init__(self, simulator: Simulator, base: str = "https://sandbox.tradier.com/v1") -> None:
        self.token = "first-token"
        adapter = SimulatorAdapter(simulator)
        reader = Reader(base, lambda: self.token, DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=adapter)
        super().__init__(reader, lambda: self.token, intended=Place.SANDBOX, adapter=adapter)


def watch(simulator: Simulator, **options: Any) -> Supervisor:
    """A supervisor of it, in this thread."""
    return Supervisor(Watched(simulator), settings=options.pop("settings", EXACT), inline=True, **options)


class Told:
    """What a supervisor told, in order."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.lines: list[str] = []
        supervisor.subscribe(lambda event: self.lines.append(f"{event.kind} {event.issue.code}"), name="told")

    def take(self) -> list[str]:
        """What was told since last asked."""
        lines, self.lines = self.lines, []
        return lines
