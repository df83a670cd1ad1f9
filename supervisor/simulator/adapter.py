"""How does `requests` talk to the simulator without sockets or threads?

Nothing waits: a hang, a drip or a reply slower than the caller's timeout is a ReadTimeout at once, and a slow reply
comes at once with an `elapsed` of that many seconds. So frozen time works.
"""

import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from http.client import responses
from typing import Any, NoReturn

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ReadTimeout
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from supervisor.clock import wall
from supervisor.simulator.broker import Simulator
from supervisor.simulator.wire import Act, Reply, Request

FRAMING = frozenset({"Content-Length", "Content-Encoding", "Transfer-Encoding"})
"""Headers that say how a body is to be read: the simulator writes them where a reply needs, or falsifies, one."""
TIMED_OUT = frozenset({Act.HANG, Act.DRIP_HEADER, Act.DRIP_BODY})


class SimulatedResponse(Response):
    """A response whose `elapsed` is what the simulated broker took; Session.send cannot overwrite it."""

    took = timedelta(0)

    @property
    def elapsed(self) -> timedelta:
        """How long the broker took over it."""
        return self.took

    @elapsed.setter
    def elapsed(self, _: timedelta) -> None:
        """Session.send sets what it measured, which is next to nothing here."""


class _Broken(io.BytesIO):
    """A body that is reset once its bytes are read."""

    def read(self, size: int | None = -1, /) -> bytes:
        some = super().read(size)
        if not some:
            raise ConnectionResetError(104, "Connection reset by peer")
        return some


class SimulatorAdapter(BaseAdapter):
    """Mount it on a Session in place of HTTP: `session.mount("https://", SimulatorAdapter(simulator))`.

    `now` gives the instant of each request in epoch seconds; the wall clock unless told.
    """

    def __init__(self, simulator: Simulator, now: Callable[[], float] = wall) -> None:
        super().__init__()
        self.simulator = simulator
        self._now = now

    def send(  # type: ignore[override]  # requests names these arguments, and passes them by name
        self,
        request: PreparedRequest,
        *,
        timeout: Any = None,
        stream: bool = False,
        verify: Any = True,  # noqa: ARG002 - there is no TLS in here
        cert: Any = None,  # noqa: ARG002 - as above
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - as above
    ) -> Response:
        """The simulator's reply as a Response, or the exception that `requests` would raise on such a wire."""
        headers = request.headers or CaseInsensitiveDict()
        asked = Request.of(
            request.method or "GET", request.url or "/", body=_body(request.body), headers=headers.lower_items()
        )
        answer = self.simulator.respond(asked, self._now())
        self._misbehave(request, answer, _read_timeout(timeout))
        return _response(self, request, answer, stream=stream)

    def close(self) -> None:
        """Nothing is open."""

    @staticmethod
    def _misbehave(request: PreparedRequest, answer: Reply, limit: float | None) -> None:
        act = answer.behaviour.act if answer.behaviour else None
        if act is Act.REFUSE:
            refused = "Failed to establish a new connection: [Errno 111] Connection refused"
            raise RequestsConnectionError(refused, request=request)
        if act in {Act.RESET, Act.RESET_IN_HEADERS}:
            _reset(request)
        if act in TIMED_OUT or (limit is not None and answer.delay >= limit):
            raise ReadTimeout(f"Read timed out. (read timeout={limit})", request=request)


def _reset(request: PreparedRequest) -> NoReturn:
    cause = ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
    raise RequestsConnectionError(cause, request=request)


def _response(adapter: SimulatorAdapter, request: PreparedRequest, answer: Reply, *, stream: bool) -> Response:
    headers = {"Content-Length": str(len(answer.body)), **answer.headers}
    response = SimulatedResponse()
    response.took = timedelta(seconds=answer.delay)
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.reason = responses.get(answer.status, "Unknown")
    if stream or answer.behaviour is not None or not answer.headers.keys().isdisjoint(FRAMING):
        response.raw = _raw(request, answer, headers, response.reason)
    else:  # read whole, as any adapter hands it over that has nothing to unpack and nothing to miss
        response.raw = io.BytesIO()
        response._content = answer.body  # noqa: SLF001 - as requests' own adapters do; there is no public way
        response._content_consumed = True  # type: ignore[attr-defined] # noqa: SLF001 - as above
    response.url = request.url or ""
    response.request = request
    response.connection = adapter  # type: ignore[assignment]  # any BaseAdapter does: requests only closes it
    return response


def _raw(request: PreparedRequest, answer: Reply, headers: Mapping[str, str], reason: str) -> HTTPResponse:
    """The body as urllib3 reads it off a wire that cuts it, resets it, packs it or lies about its length."""
    act = answer.behaviour.act if answer.behaviour else None
    body = answer.body[: int(headers["Content-Length"])]
    if act in {Act.RESET_IN_BODY, Act.CUT_BODY}:
        body = body[: len(body) // 2]
    return HTTPResponse(
        body=_Broken(body) if act is Act.RESET_IN_BODY else io.BytesIO(body),
        headers=headers,
        status=answer.status,
        reason=reason,
        preload_content=False,
        request_method=request.method,
        enforce_content_length=True,
    )


def _body(body: Any) -> bytes | str | None:
    """The body as it goes out; forms are never streamed."""
    return body if isinstance(body, bytes | str) else None


def _read_timeout(timeout: Any) -> float | None:
    """The seconds that a caller waits for bytes: a number, a pair, or urllib3's Timeout."""
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    limit = getattr(timeout, "read_timeout", timeout)
    return float(limit) if isinstance(limit, int | float) else None
