"""What came of one request: an answer's bytes, or why there are none?

Also the gates: what an object may ever send is checked on the prepared request, just before it leaves, by a gate its
holder cannot reach around. A reader's gate lets GET through and nothing else; a previewer's only a body that says
`preview=true` exactly once. So whoever diagnoses holds nothing that could submit.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from time import monotonic, time
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import attrs
import requests
from requests import PreparedRequest, Request, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from supervisor.core.reading import Failure, Kind, Retry
from supervisor.log import SHORTEST_SECRET
from supervisor.tradier.bodies import Said, read_body, tidy
from supervisor.tradier.faults import classify
from supervisor.tradier.transport import LARGEST_BODY, NotConnectedError, StaleConnectionError, UnreadableError

Rule = Callable[[PreparedRequest], str | None]
"""Why a prepared request must not leave, or None where it may."""

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_PLAIN_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "optimus-supervisor"}


class NotAllowedError(requests.exceptions.RequestException):
    """A request that its holder may not send; nothing was sent."""


class Gate(BaseAdapter):
    """An adapter that sends what the rule allows, below one base URL. What it sends through is not to be had from it."""

    def __init__(self, adapter: BaseAdapter, base_url: str, rule: Rule) -> None:
        super().__init__()

        def send(request: PreparedRequest, **settings: Any) -> Response:
            outside = None if str(request.url).startswith(base_url + "/") else "its URL is not below the base URL"
            refused = outside or rule(request)
            if refused:
                raise NotAllowedError(f"not sent: {refused}")
            return adapter.send(request, **settings)

        def close() -> None:
            adapter.close()

        def at(other_url: str) -> Gate:
            return Gate(adapter, other_url, rule)

        # Functions, not bound methods: a bound method would hand out the adapter.
        self._send = send
        self._close = close
        self._at = at

    def send(self, request: PreparedRequest, *_: Any, **settings: Any) -> Response:
        """The answer. Raises NotAllowedError where the rule says no, else what the adapter raises."""
        return self._send(request, **settings)

    def at(self, base_url: str) -> "Gate":
        """A gate by the same rule below another base URL."""
        return self._at(base_url)

    def close(self) -> None:
        """Closes what lies behind."""
        self._close()


def only_get(request: PreparedRequest) -> str | None:
    """A reader's rule: GET, without a body."""
    return None if request.method == "GET" and not request.body else "a reader only gets"


def _previews(request: PreparedRequest) -> tuple[int, int]:
    """How often the encoded body says `preview=true`, and how often it, or the query, names a preview in any way."""
    body = request.body or b""
    parts = (body.encode() if isinstance(body, str) else body).split(b"&")
    parts += urlsplit(str(request.url)).query.encode().split(b"&")
    names = [unquote_plus(part.partition(b"=")[0].decode("latin-1")).strip().lower() for part in parts]
    return parts.count(b"preview=true"), sum("preview" in name for name in names)


def only_preview(request: PreparedRequest) -> str | None:
    """A previewer's rule: a POST to the orders whose encoded body holds `preview=true` exactly once, and nothing like it."""
    if request.method != "POST" or not urlsplit(str(request.url)).path.endswith("/orders"):
        return "a previewer only posts to orders"
    return None if _previews(request) == (1, 1) and request.body else "the body does not say preview=true exactly once"


def only_orders(request: PreparedRequest) -> str | None:
    """A trader's rule: POST to the orders, PUT and DELETE to one of them, and never a preview."""
    path = urlsplit(str(request.url)).path
    wanted = r"/orders" if request.method == "POST" else r"/orders/[A-Za-z0-9-]+"
    if request.method not in ("POST", "PUT", "DELETE") or not re.search(wanted + "$", path):
        return "a trader posts, puts and deletes orders"
    return None if _previews(request) == (0, 0) else "a preview is a previewer's"


@attrs.frozen
class Reply:
    """What came of one request. `failure` is of the transport or a known fault; None: `said` holds an answer's JSON.

    `took` is in seconds, `sent_at` and `received_at` are wall-clock epoch seconds; `reached` is False only where not one
    byte can have left; `told` is what an order's `errors` say, masked.
    """

    took: float
    sent_at: float
    received_at: float
    reached: bool = True
    status: int | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    said: Said | None = None
    failure: Failure | None = None
    told: tuple[str, ...] = ()


def prepare(
    method: str, url: str, token: str, *, params: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
) -> PreparedRequest:
    """The request as it will go out, asking for JSON. Raises ValueError on a token no header may hold, without naming it."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("the token is empty or holds characters that no header may hold")
    headers = {**_PLAIN_HEADERS, "Authorization": f"Bearer {token}"}
    if method != "GET" or form:
        return Request(method, url, headers=headers, params=dict(params or {}), data=dict(form or {})).prepare()
    request = PreparedRequest()  # nothing but its URL is left to prepare, and a round asks for the same ones for ever
    request.method, request.url = method, _prepared_url(url, tuple((params or {}).items()))
    request.headers = CaseInsensitiveDict(headers)
    return request


@lru_cache(maxsize=64)
def _prepared_url(url: str, params: tuple[tuple[str, str], ...]) -> str:
    """The URL as requests spells it, its parameters in the query. Raises ValueError where it is none."""
    return str(Request("GET", url, params=dict(params)).prepare().url)


def _was_reset(error: BaseException | None) -> bool:
    """Whether a reset or a close lies beneath: requests tells a reset inside a body as it tells a cut-off one."""
    while error is not None:
        if isinstance(error, ConnectionError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _why(error: Exception) -> Failure:
    """The failure an adapter's exception stands for."""
    if isinstance(error, requests.exceptions.Timeout):
        return Failure(Kind.TIMEOUT, "the deadline passed before the answer was whole")
    if isinstance(error, NotAllowedError):
        return Failure(Kind.WITHHELD, str(error), retry=Retry.NEVER)
    garbled = (UnreadableError, requests.exceptions.ContentDecodingError, requests.exceptions.ChunkedEncodingError)
    kind = Kind.GARBLED if isinstance(error, garbled) and not _was_reset(error) else Kind.UNREACHABLE
    return Failure(kind, str(error) or type(error).__name__)


def _answer(adapter: BaseAdapter, request: PreparedRequest, deadline: float) -> Response:
    """The response, asked for once more where a kept-alive connection proved closed before it carried a GET."""
    begun = monotonic()
    try:
        response = adapter.send(request, timeout=deadline)
    except StaleConnectionError:
        if request.method != "GET":
            raise
        response = adapter.send(request, timeout=deadline - (monotonic() - begun))
    if len(response.content) > LARGEST_BODY:
        raise UnreadableError(f"the body is larger than {LARGEST_BODY} bytes")
    return response


def _without(body: bytes, secrets: Iterable[str]) -> bytes:
    """The body without our token, wherever a broker may echo it: what is read from it is kept."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            body = body.replace(secret.encode(), b"[secret]")
    return body


def exchange(
    adapter: BaseAdapter,
    request: PreparedRequest,
    deadline: float,
    *,
    secrets: Iterable[str] = (),
    accounts: Iterable[str] = (),
) -> Reply:
    """Sends the request and says what came of it, within `deadline` seconds in all. Never raises.

    Nothing but a GET on a stale kept-alive connection is ever asked twice.
    """
    sent_at, begun = time(), monotonic()
    try:
        response = _answer(adapter, request, deadline)
        took, now = monotonic() - begun, time()
        said = read_body(_without(response.content, secrets))
        known = classify(response.status_code, response.headers, said, now=now, secrets=secrets, accounts=accounts)
    except Exception as error:  # noqa: BLE001 - the adapter may be anybody's; whatever it raises is a failure to report
        failure = _why(error)
        return Reply(
            took=max(deadline, 0.0) if failure.kind is Kind.TIMEOUT else monotonic() - begun,
            sent_at=sent_at,
            received_at=time(),
            reached=not isinstance(error, NotConnectedError | NotAllowedError | requests.exceptions.ConnectTimeout),
            failure=attrs.evolve(failure, words=tidy(failure.words, secrets, accounts)),
        )
    return Reply(
        took=max(took, response.elapsed.total_seconds()),
        sent_at=sent_at,
        received_at=now,
        status=response.status_code,
        headers=response.headers,
        said=said,
        failure=known,
    )
