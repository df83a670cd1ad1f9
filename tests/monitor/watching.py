"""A supervisor on a simulated broker, in process, for tests with a frozen clock."""

from collections.abc import Mapping
from typing import Any

from supervisor.concerns.facts import Endpoint, Place
from supervisor.config import Settings
from supervisor.monitor.probes import Probe
from supervisor.monitor.supervisor import Supervisor
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator, SimulatorAdapter
from supervisor.tradier.client import Reader

EXACT = Settings(live_jitter=False)
"""The defaults, without chance."""


class Watched:
    """A broker for the monitor, on the simulator; `token` may be changed."""

    name = "Tradier"

    def __init__(self, simulator: Simulator, base: str = "https://sandbox.tradier.com/v1") -> None:
        self.token = "first-token"
        self.reader = Reader(
            base,
            lambda: self.token,
            DEFAULT_ACCOUNT,
            intended=Place.SANDBOX,
            adapter=SimulatorAdapter(simulator),
        )

    def probes(self) -> Mapping[str, Probe]:
        return {"profile": self.reader.profile, "balances": self.reader.balances}

    def endpoint(self) -> Endpoint:
        return self.reader.endpoint

    def credential(self) -> str:
        return self.token[::-1]

    def account_named(self) -> bool:
        return True


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
