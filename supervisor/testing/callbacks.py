"""How does an agent's callback behave, well or ill?"""

from threading import Event as Flag
from typing import Any

PATIENCE = 5.0
"""Real seconds until a thread that does not call is a fault of ours."""


class Callback:
    """A subscriber that works, raises, or hangs until it is let go."""

    def __init__(self) -> None:
        self.mode = "works"
        self.calls = 0
        self._entered = Flag()
        self._go = Flag()

    @property
    def hanging(self) -> bool:
        """Whether it hangs when called: then it must be called in a thread of its own."""
        return self.mode == "hangs"

    def __call__(self, _: Any) -> None:
        """What the supervisor calls."""
        self.calls += 1
        if self.mode == "raises":
            raise ValueError("the agent's callback failed")
        if self.hanging:
            self._entered.set()
            self._go.wait()

    def become(self, mode: str) -> None:
        """Works, raises or hangs from now on."""
        if mode != "hangs":
            self.let_go()
        self.mode = mode

    def wait_entered(self) -> None:
        """Returns once a call that was made has really begun."""
        self._entered.wait(PATIENCE)

    def let_go(self) -> None:
        """Whoever hangs in it comes back."""
        self._go.set()
        self._go = Flag()
        self._entered.clear()
