"""What does an outage look like? A simulated broker on loopback HTTP, and a short story of faults."""

from collections.abc import Callable

import attrs

from supervisor.config import Settings
from supervisor.simulator import Server, Simulator, become, preset, serve

ACCOUNT = "VA90010001"
SETTINGS = Settings(
    interval=2.0, quick=1.0, deadline=1.0, backoff_first=1.0, backoff_cap=3.0, dwell=4.0, stale=6.0,
    slow=0.5, prompt=0.4, token_reread=0.5, token_retry=3.0, throttled=2.0,
    flap_short=15.0, flap_long=60.0, flap_calm=5.0,
)  # fmt: skip
"""Everything thirty times faster than in life, so that a story takes a minute."""

Act = Callable[[Simulator], None]


@attrs.frozen
class Scene:
    """At `at` seconds this happens, and this is what is said of it."""

    at: float
    caption: str
    act: Act


def _fault(name: str, endpoint: str | None = None, **how: float) -> Act:
    def act(simulator: Simulator) -> None:
        simulator.clear()
        simulator.inject(name, endpoint, **how)  # type: ignore[arg-type]  # the fault's own parameters are numbers here

    return act


def _become(name: str) -> Act:
    def act(simulator: Simulator) -> None:
        held = simulator.account.positions
        become(simulator, name)
        simulator.account.positions = held  # what an agent bought before a fault it has after it

    return act


STORY = (
    Scene(0.0, "All is well: the broker answers, the account is active and funded.", _become("healthy_margin")),
    Scene(8.0, "The broker hangs: requests are taken and never answered.", _fault("hang")),
    Scene(20.0, "It answers again. Opening waits until that lasts.", _become("healthy_margin")),
    Scene(32.0, "A maintenance page: HTTP 200, but HTML.", _fault("html")),
    Scene(40.0, "Back to normal.", _become("healthy_margin")),
    Scene(50.0, "The buying power is gone: closing stays possible.", _become("no_buying_power")),
    Scene(56.0, "Funded again: that needs no waiting.", _become("healthy_margin")),
    Scene(62.0, "The token is revoked.", _become("token_bad")),
    Scene(70.0, "A good token again. The story ends here; watching goes on.", _become("healthy_margin")),
)


class Demo:
    """The story being played on a simulated broker."""

    def __init__(self) -> None:
        self.simulator = preset("healthy_margin", ACCOUNT)
        self.server: Server = serve(self.simulator)
        self.caption = STORY[0].caption
        self._left = list(STORY)

    @property
    def url(self) -> str:
        """Where the broker listens."""
        return self.server.url

    def play(self, seconds: float) -> str | None:
        """Does what is due after that many seconds; the new caption, if there is one."""
        told = None
        while self._left and self._left[0].at <= seconds:
            scene = self._left.pop(0)
            scene.act(self.simulator)
            told = self.caption = scene.caption
        return told

    def close(self) -> None:
        """Ends the broker."""
        self.server.close()
