"""What must a broker's adapter offer to be watched?"""

from collections.abc import Mapping
from typing import Protocol

from supervisor.concerns.facts import Endpoint
from supervisor.monitor.probes import Probe


class Broker(Protocol):
    """A broker as the monitor sees it. Nothing here can trade."""

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
