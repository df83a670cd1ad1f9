"""What does a client say on the wire, and can it be understood?

One HTTP/1.1 request off a connection: its line, its headers, its body by Content-Length or in chunks; `Expect:
100-continue` is answered so that who waits for it goes on. And back: a reply's bytes, packed where the client takes gzip.
"""

import gzip
import http.client
from collections.abc import Callable
from typing import BinaryIO

import attrs

from supervisor.simulator.bodies import nginx
from supervisor.simulator.wire import Reply, Request

LONGEST_LINE = 65536
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
BAD_REQUEST = nginx(400, "Bad Request")


@attrs.frozen
class Heard:
    """One request as it came, and whether the client keeps the connection for another."""

    request: Request
    body: bytes
    keeps: bool


class Garbled(Exception):
    """What came is no HTTP request."""


def hear(incoming: BinaryIO, send: Callable[[bytes], None]) -> Heard | None:
    """The next request, or None where the client has gone; Garbled where it is none. `send` says to go on."""
    line = incoming.readline(LONGEST_LINE)
    if line in {b"\r\n", b"\n"}:  # one empty line before a request is to be overlooked (RFC 9112, 2.2)
        line = incoming.readline(LONGEST_LINE)
    if not line:
        return None
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        raise Garbled
    method, target, version = words
    try:
        headers = http.client.parse_headers(incoming)
        if headers.get("Expect", "").lower() == "100-continue":
            send(CONTINUE)
        body = _body(incoming, headers)
        request = Request.of(method, target, body=body, headers=headers)
    except (ValueError, http.client.HTTPException) as error:
        raise Garbled from error
    closes = headers.get("Connection", "").lower() == "close" or version == "HTTP/1.0"
    return Heard(request, body, not closes)


def _body(incoming: BinaryIO, headers: http.client.HTTPMessage) -> bytes:
    if headers.get("Transfer-Encoding", "").lower() != "chunked":
        return _whole(incoming, int(headers.get("Content-Length") or 0))
    pieces = []
    while size := int(incoming.readline(LONGEST_LINE).partition(b";")[0], 16):
        pieces.append(_whole(incoming, size))
        incoming.readline(LONGEST_LINE)
    while incoming.readline(LONGEST_LINE).strip():  # trailers
        pass
    return b"".join(pieces)


def _whole(incoming: BinaryIO, size: int) -> bytes:
    """So many bytes; a client that goes away before the last has asked for nothing."""
    if size < 0:
        raise ValueError(size)
    body = incoming.read(size)
    if len(body) < size:
        raise ConnectionError
    return body


def packed(answer: Reply, request: Request) -> Reply:
    """The reply in gzip where the client takes that (EVG); one that is to misbehave, or lies of its length, stays."""
    takes = "gzip" in request.headers.get("accept-encoding", "").lower()
    if not takes or not answer.body or answer.behaviour or "Content-Length" in answer.headers:
        return answer
    body = gzip.compress(answer.body, compresslevel=1, mtime=0)
    return attrs.evolve(answer, body=body).with_headers({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


def head(answer: Reply) -> bytes:
    """The status line and the headers of a reply, as they go out."""
    reason = http.client.responses.get(answer.status, "Unknown")
    headers = {"Content-Length": str(len(answer.body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
