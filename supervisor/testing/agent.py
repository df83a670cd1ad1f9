"""What does the agent do in a test? It hands in orders, gives each a name, and asks what became of it."""

from collections.abc import Callable
from typing import Any

from supervisor.errors import SupervisorError
from supervisor.monitor.supervisor import Supervisor


class Agent:
    """One agent of the supervisor that runs."""

    def __init__(self, running: Callable[[], Supervisor]) -> None:
        self._running = running
        self.submitted = 0
        self.handing_in: bool | None = None
        """Whether the gate lets the order pass that is being handed in right now; None while none is."""
        self._tags: dict[str, str] = {}
        """The tag of each order that has a name; "" where it never got one."""
        self._answers: dict[str, Any] = {}
        """What became of those that never got a tag: of the others the desk knows."""

    def submit(self, name: str, order: dict[str, Any]) -> None:
        """Hands in an order, which is called by that name from here on."""
        desk = self._desk()
        self.submitted += 1
        self.handing_in = self._running().can_trade(order)
        try:
            answer = desk.submit(order)
        finally:
            self.handing_in = None
        self._tags[name] = answer.tag or ""
        if not answer.tag:
            self._answers[name] = answer

    def cancel(self, name: str) -> None:
        """Cancels the order of that name."""
        known = self.standing(name)
        answer = self._desk().cancel(known.order_id or known.tag or "")
        if not self._tags[name]:
            self._answers[name] = answer

    def standing(self, name: str) -> Any:
        """The last word on the order of that name."""
        if name not in self._tags:
            raise SupervisorError(f"no order is called {name!r} (there are: {', '.join(self._tags) or 'none'})")
        tag = self._tags[name]
        return self._desk().status(tag) if tag else self._answers[name]

    def tag(self, name: str) -> str:
        """The tag of the order of that name; "" where there is no such order, or it never got one."""
        return self._tags.get(name, "")

    def _desk(self) -> Any:
        desk = self._running().orders
        if desk is None:
            raise SupervisorError("this supervisor has no order desk: say desk: yes")
        return desk
