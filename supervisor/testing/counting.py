"""What really left for the broker, how often, and when did it last answer? The simulator's transport, counting."""

from collections.abc import Callable
from typing import Any

from requests import PreparedRequest, Response

from supervisor.simulator import SimulatorAdapter

Leaving = Callable[[PreparedRequest], None]


class CountingAdapter(SimulatorAdapter):
    """The simulator's transport, counting every request by method; `leaving` sees each just before it leaves."""

    def __init__(self, *args: Any, leaving: Leaving, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sent: dict[str, int] = {}
        self.answered_at = float("-inf")
        """When the broker last gave account data (epoch seconds, by its own clock)."""
        self._leaving = leaving

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]  # as in its base
        """As in its base, counted."""
        method = request.method or "GET"
        self.sent[method] = self.sent.get(method, 0) + 1
        self._leaving(request)
        response = super().send(request, **options)
        if response.status_code == 200 and method == "GET":
            self.answered_at = self._now()
        return response
