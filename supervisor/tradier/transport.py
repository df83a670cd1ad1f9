"""How does one request end in time, whatever the other side does?

`requests` counts its time-out per read, so a server that drips a byte a second holds it for ever. This adapter's deadline
is total and sits on the socket: connecting, the TLS handshake, each send and each receive get what is left of it; looking
up the name is waited for no longer. It speaks through the standard library's HTTP connection, so nothing below it repeats,
redirects, reads a proxy or a `.netrc`, or keeps a cookie; bodies are read whole and bounded before it returns.
"""

import http.client
import io
import socket
import ssl
import threading
import weakref
import zlib
from datetime import timedelta
from functools import cache
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.util import wait_for_read

from supervisor.tradier.resolve import resolve

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes of a decoded body; more is no answer of Tradier's."""
LARGEST_ANSWER = 2 * LARGEST_BODY
"""Bytes received for one request, headers and chunk sizes included."""
MOST_IDLE = 4
_BLOCK = 65_536

_Place = tuple[str, str, int]
"""Scheme, host and port."""


class NotConnectedError(requests.exceptions.ConnectionError):
    """No connection was made, TLS included: not one byte of the request was sent."""


class StaleConnectionError(requests.exceptions.ConnectionError):
    """A kept-alive connection turned out to be closed before a byte of an answer came."""


class UnreadableError(requests.exceptions.ContentDecodingError):
    """Something answered, but not in HTTP that can be read to its end within the bound."""


class _Attempt:
    """One request's time and luck, shared with the socket that carries it."""

    __slots__ = ("connected", "expires", "received", "reused")

    def __init__(self, seconds: float) -> None:
        self.expires = monotonic() + seconds
        self.received = 0
        self.reused = self.connected = False

    def left(self) -> float:
        """Seconds left. Raises TimeoutError when there are none."""
        left = self.expires - monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class _TimedReader(io.RawIOBase):
    """What a socket receives; each receive waits no longer than what is left."""

    def __init__(self, wire: "_Wire") -> None:
        super().__init__()
        self._wire = wire
        self._raw = wire.sock.makefile("rb", buffering=0)  # counts as a user of the socket, which so outlives its close

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Bytes received into the buffer. Raises TimeoutError at the deadline, UnreadableError beyond the bound."""
        attempt = self._wire.attempt
        self._wire.sock.settimeout(attempt.left())
        count = self._raw.readinto(buffer)
        attempt.received += count or 0
        if attempt.received > LARGEST_ANSWER:
            raise UnreadableError(f"the answer is larger than {LARGEST_ANSWER} bytes")
        return count

    def close(self) -> None:
        """Lets the socket go."""
        self._raw.close()
        super().close()


class _Wire:
    """A connected socket as `http.client` uses one, on the clock of the attempt under way."""

    def __init__(self, sock: socket.socket, attempt: _Attempt) -> None:
        self.sock = sock
        self.attempt = attempt

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What is received, buffered."""
        return io.BufferedReader(_TimedReader(self))

    def sendall(self, data: bytes) -> None:
        """Sends it all. Raises TimeoutError at the deadline."""
        rest = memoryview(data)
        while rest:
            self.sock.settimeout(self.attempt.left())
            rest = rest[self.sock.send(rest) :]

    def close(self) -> None:
        """Closes the socket once its last reader is closed."""
        self.sock.close()


@cache
def _trust() -> ssl.SSLContext:
    """TLS 1.2 or newer with verified certificates (DOC: SNI and TLS 1.2)."""
    return ssl.create_default_context(cafile=certifi.where())


def _dial(host: str, port: int, attempt: _Attempt) -> socket.socket:
    """A TCP connection to the first address that takes it; each gets a fair share of what is left. Raises OSError."""
    addresses = resolve(host, port, attempt.left())
    last: OSError = OSError(f"{host} has no address")
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(attempt.left() / (len(addresses) - index))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            last = error
        else:
            return sock
    raise last


class _Connection(http.client.HTTPConnection):
    """One connection, plain or TLS, on the clock of the attempt under way."""

    def __init__(self, host: str, port: int, trust: ssl.SSLContext | None) -> None:
        self.default_port = 443 if trust else 80
        super().__init__(host, port)
        self._trust = trust
        self._wire: _Wire | None = None
        self._attempt = _Attempt(0)

    def connect(self) -> None:
        """Connects, shakes hands, and only then counts as connected. Raises OSError."""
        sock = _dial(self.host, self.port, self._attempt)
        try:
            if self._trust:
                sock.settimeout(self._attempt.left())  # OpenSSL counts this over the whole handshake
                sock = self._trust.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise
        self._attempt.connected = True
        self._wire = _Wire(sock, self._attempt)
        self.sock = self._wire  # http.client asks no more of a socket than a _Wire has

    def dropped(self) -> bool:
        """Whether an idle connection was closed, or spoken on, by the other side."""
        return self._wire is None or self.sock is None or wait_for_read(self._wire.sock, 0.0)

    def ask(self, request: PreparedRequest, attempt: _Attempt) -> tuple[http.client.HTTPResponse, bytes]:
        """Sends the request once and reads its answer whole. Raises OSError, HTTPException or UnreadableError."""
        self._attempt = attempt
        if self.sock is None or self._wire is None:
            self.connect()
        else:
            self._wire.attempt = attempt
            attempt.connected = attempt.reused = True
        self.request(str(request.method), request.path_url, request.body, dict(request.headers))
        answer = self.getresponse()
        try:
            return answer, _read(answer)
        finally:
            answer.close()


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The whole body, decoded. Raises UnreadableError where it is cut off, too large or coded as we did not ask."""
    coding = (answer.headers.get("Content-Encoding") or "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise UnreadableError(f"the body is coded as {coding[:20]!r}")
    unzip = None if coding == "identity" else zlib.decompressobj(16 + zlib.MAX_WBITS)
    body = bytearray()
    began = False
    while block := answer.read(_BLOCK):
        began = True
        body += unzip.decompress(block, LARGEST_BODY + 1 - len(body)) if unzip else block
        if len(body) > LARGEST_BODY:
            raise UnreadableError(f"the body is larger than {LARGEST_BODY} bytes")
    if answer.length:
        raise UnreadableError(f"the body ends {answer.length} bytes early")
    if unzip and began and (not unzip.eof or unzip.unused_data):
        raise UnreadableError("the body is no whole gzip")
    return bytes(body)


class DeadlineAdapter(BaseAdapter):
    """Sends one prepared request within `timeout` seconds in all.

    `keep` keeps connections alive for the next request (reads); without it each request has a connection of its own
    (orders). `trust` replaces the certificates that are trusted. `verify`, `cert` and `proxies` are not heeded:
    verification cannot be turned off.
    """

    def __init__(self, *, keep: bool, trust: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self._keep = keep
        self._trust = trust
        self._idle: dict[_Place, list[_Connection]] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _close_idle, self._idle, self._lock)  # whoever forgets to close leaks nothing

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the signature is BaseAdapter's
        timeout: Any = None,
        verify: Any = True,  # noqa: ARG002 - as above
        cert: Any = None,  # noqa: ARG002 - as above
        proxies: Any = None,  # noqa: ARG002 - as above
    ) -> Response:
        """The answer with its body read. Raises what requests raises: Timeout, ConnectionError, ContentDecodingError."""
        begun = monotonic()
        attempt = _Attempt(float(timeout))
        place, connection = self._take(str(request.url))
        whole = False
        try:
            answer, body = connection.ask(request, attempt)
            whole = True
        except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
            raise self._told(error, attempt) from None
        finally:
            if whole and self._keep and not answer.will_close:
                self._put(place, connection)
            else:
                connection.close()
        return _response(request, answer, body, monotonic() - begun)

    def _take(self, url: str) -> tuple[_Place, _Connection]:
        """An idle connection that still stands, or a new one not yet connected."""
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        place = (parts.scheme, parts.hostname or "", parts.port or (443 if secure else 80))
        with self._lock:
            idle = self._idle.get(place, [])
            while idle:
                connection = idle.pop()
                if not connection.dropped():
                    return place, connection
                connection.close()
        return place, _Connection(place[1], place[2], (self._trust or _trust()) if secure else None)

    def _put(self, place: _Place, connection: _Connection) -> None:
        """Keeps the connection for the next request, unless enough are kept."""
        with self._lock:
            idle = self._idle.setdefault(place, [])
            if len(idle) < MOST_IDLE:
                idle.append(connection)
                return
        connection.close()

    def _told(self, error: Exception, attempt: _Attempt) -> Exception:
        """The error as requests would tell it; a stale connection also ends its idle siblings."""
        if isinstance(error, TimeoutError):
            kind = requests.exceptions.ReadTimeout if attempt.connected else requests.exceptions.ConnectTimeout
            return kind("the deadline passed")
        if isinstance(error, requests.exceptions.RequestException):
            return error
        if isinstance(error, OSError):
            words = error.strerror or str(error) or type(error).__name__
            if not attempt.connected:
                return NotConnectedError(words)
            if attempt.reused and not attempt.received:
                self.close()
                return StaleConnectionError(words)
            return requests.exceptions.ConnectionError(words)
        return UnreadableError(f"{type(error).__name__}: {str(error)[:100]}")

    def close(self) -> None:
        """Closes every idle connection. Those in use are not touched."""
        _close_idle(self._idle, self._lock)


def _close_idle(idle: dict[_Place, list[_Connection]], lock: threading.Lock) -> None:
    """Closes them and forgets them."""
    with lock:
        kept = [connection for each in idle.values() for connection in each]
        idle.clear()
    for connection in kept:
        connection.close()


def _response(request: PreparedRequest, answer: http.client.HTTPResponse, body: bytes, took: float) -> Response:
    """The answer as requests has it, with its content in memory."""
    response = Response()
    response.status_code = answer.status
    response.reason = answer.reason
    response.headers = CaseInsensitiveDict(answer.headers.items())
    response.url = str(request.url)
    response.request = request
    response.elapsed = timedelta(seconds=took)
    response.raw = io.BytesIO(body)
    response._content = body  # noqa: SLF001 - as requests' own adapters do; there is no public way
    response._content_consumed = True  # type: ignore[attr-defined] # noqa: SLF001 - as above
    return response
