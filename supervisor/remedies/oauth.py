"""How is a new pair of tokens asked for? One POST with Basic auth to `/oauth/refreshtoken`, never repeated (tradier-api §2).

It goes through a gate of its own that lets nothing else out, and only to the host that is intended.
"""

from base64 import b64encode
from collections.abc import Callable
from urllib.parse import urlsplit

import attrs
from requests import PreparedRequest, Request
from requests.adapters import BaseAdapter

from supervisor.concerns.facts import Place
from supervisor.errors import SupervisorError
from supervisor.remedies.tokens import Pair
from supervisor.tradier.endpoints import Base, endpoint, may_send
from supervisor.tradier.exchange import Gate, exchange
from supervisor.tradier.transport import DeadlineAdapter

PATH = "/oauth/refreshtoken"
LONGEST = 24 * 3600.0
"""An access token lives for a day, whatever happens (DOC)."""


@attrs.frozen
class Client:
    """The partner's own credentials, by which tokens are refreshed."""

    client_id: str = attrs.field(repr=False)
    secret: str = attrs.field(repr=False)


def only_refresh(request: PreparedRequest) -> str | None:
    """The rule of its gate: a POST to refresh a token, and nothing else."""
    path = urlsplit(str(request.url)).path
    body = request.body or ""
    text = body.decode() if isinstance(body, bytes) else str(body)
    if request.method != "POST" or not path.endswith(PATH) or not text.startswith("grant_type=refresh_token&"):
        return "this only refreshes tokens"
    return None


class Refresher:
    """Asks for new pairs. `base` says where, at each time; `intended` where the owner means to trade."""

    def __init__(
        self, client: Client, base: Callable[[], Base], *, intended: Place, adapter: BaseAdapter | None = None
    ) -> None:
        self._client = client
        self._base = base
        self._intended = intended
        self._adapter = adapter or DeadlineAdapter(keep=False)

    def __repr__(self) -> str:
        return "<Refresher>"

    def secrets(self) -> tuple[str, ...]:
        """What must be masked wherever it turns up."""
        pair = f"{self._client.client_id}:{self._client.secret}"
        return (self._client.secret, self._client.client_id, b64encode(pair.encode()).decode())

    def refresh(self, pair: Pair, deadline: float) -> Pair:
        """A new pair, asked for once. SupervisorError, one sentence without secrets, where none came."""
        base = self._base()
        if not may_send(endpoint(base.url, self._intended)):
            raise SupervisorError(f"no new token was asked for: {base.host} is not where {self._intended} is")
        credentials = self.secrets()[-1]
        request = Request(
            "POST",
            base.url + PATH,
            headers={"Accept": "application/json", "Authorization": f"Basic {credentials}"},
            data={"grant_type": "refresh_token", "refresh_token": pair.refresh},
        ).prepare()
        gate = Gate(self._adapter, base.url, only_refresh)
        reply = exchange(gate, request, deadline, secrets=(*self.secrets(), pair.refresh, pair.access))
        if reply.failure is not None:
            raise SupervisorError(f"no new token came: {reply.failure.kind.value}: {reply.failure.words}")
        told = reply.said.value if reply.said is not None else None
        access = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(told, dict) or not isinstance(access, str) or not access:
            raise SupervisorError("no new token came: the reply holds none")
        lasts = told.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int) and 0 < lasts <= LONGEST else LONGEST
        again = told.get("refresh_token")
        return Pair(access, again if isinstance(again, str) and again else pair.refresh, reply.received_at + seconds)
