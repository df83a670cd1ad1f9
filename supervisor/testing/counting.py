"""How often was the broker asked, and when did it last answer? The simulator's transport, counting."""

from typing import Any

from requests import PreparedRequest, Response

from supervisor.simulator import SimulatorAdapter


class CountingAdapter(SimulatorAdapter):
    """The simulator's transport, counting every request by method."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sent: dict[str, int] = {}
        self.answered_at = float("-inf")
        """When the broker last gave account data (epoch seconds, by its own clock)."""

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]  # as in its base
        """As in its base, counted."""
        method = request.method or "GET"
        self.sent[method] = self.sent.get(method, 0) + 1
        response = super().send(request, **options)
        if response.status_code == 200 and method == "GET":
            self.answered_at = self._now()
        return response
