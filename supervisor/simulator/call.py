"""Which endpoint is asked, of which account, when?"""

from collections.abc import Mapping
from typing import Any

import attrs

from supervisor.simulator.wire import Reply, Request


@attrs.frozen
class Call:
    """A request with what its path says: the endpoint's name, its quota category, the ids in the path."""

    request: Request
    endpoint: str
    category: str
    now: float
    account: str = ""
    order_id: str = ""
    watchlist: str = ""
    symbol: str = ""


class Refused(Exception):
    """The broker answers with this and does nothing: a reply as it is, or a 200 in the language asked for."""

    def __init__(self, answer: Reply | Mapping[str, Any]) -> None:
        super().__init__(f"{answer.status} {answer.body[:80]!r}" if isinstance(answer, Reply) else str(answer))
        self.answer = answer
