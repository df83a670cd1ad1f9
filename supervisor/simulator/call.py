"""Which endpoint is asked, of which account, when?"""

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
    """The broker answers with this reply and does nothing."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.body[:80]!r}")
        self.reply = reply
