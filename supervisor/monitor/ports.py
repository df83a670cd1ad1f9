"""What must a broker's adapter offer to be watched?"""

from collections.abc import Mapping
from typing import Protocol

from supervisor.concerns.facts import Endpoint
from supervisor.monitor.probes import Probe
from supervisor.orders import ports
from supervisor.orders.diagnose import Lookups


class Broker(Protocol):
    """A broker as the monitor sees it. Only `trades` gives what can send, and only the order desk asks for it."""

    name: str
    """As in sentences: "Cannot connect to Tradier API"."""

    def probes(self) -> Mapping[str, Probe]:
        """The probes of one round by source; "profile" and "balances" are what the standard concerns read."""
        ...

    def endpoint(self) -> Endpoint:
        """What is intended and what is really used, as it is now."""
        ...

    def credential(self) -> str:
        """An opaque mark that changes when the credentials do. Never the secret itself."""
        ...

    def account_named(self) -> bool:
        """Whether the owner named the account to watch."""
        ...

    def reads(self) -> ports.Reads:
        """The reads of an order desk."""
        ...

    def previews(self) -> ports.Previews:
        """The previews of an order desk: they can do nothing else."""
        ...

    def trades(self) -> ports.Trades:
        """What sends. Only the order desk may hold it."""
        ...

    def lookups(self) -> Lookups:
        """What looks symbols up."""
        ...
