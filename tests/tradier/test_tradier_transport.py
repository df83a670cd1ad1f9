"""Does every request end in time, leave nothing open, and go out once?"""

import gzip
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from supervisor.core.reading import Kind
from supervisor.tradier.client import Reader
from supervisor.tradier.transport import LARGEST_BODY, DeadlineAdapter

CLOCK = b'{"clock":{"state":"open"}}'
DEADLINE = 0.3
ROOM = 0.3


def answer(body: bytes = CLOCK, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def drip_status_line(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    server.drip(connection, b"HTTP/1.1 200 OK" + b" " * 500)


def drip_headers(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    server.drip(connection, b"X-Slow: and slower\r\n" * 50)


def drip_interim(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    while not server.stopping.wait(0.02):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def drip_body(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    server.drip(connection, b" " * 500)


def drip_chunks(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    server.drip(connection, b"1\r\n \r\n" * 200)


def drip_chunk_size(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    server.drip(connection, b"0" * 500)


def drip_trailers(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    server.drip(connection, b"X: y\r\n" * 200)


def hang(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    server.stopping.wait(5)


def hang_without_reading(server: Any, connection: socket.socket) -> None:
    server.stopping.wait(5)


NEVER_DONE = [
    drip_status_line,
    drip_headers,
    drip_interim,
    drip_body,
    drip_chunks,
    drip_chunk_size,
    drip_trailers,
    hang,
    hang_without_reading,
]


@pytest.mark.parametrize("handler", NEVER_DONE, ids=lambda handler: handler.__name__)
def test_a_drip_or_a_hang_ends_at_the_deadline(handler: Any, serve: Any, reader: Callable[..., Reader]) -> None:
    before = open_files()
    server = serve(handler)
    asker = reader(server.url)
    began = monotonic()
    reading = asker.market_clock(DEADLINE)
    assert DEADLINE <= monotonic() - began < DEADLINE + ROOM
    assert reading.failure is not None
    assert reading.failure.kind is Kind.TIMEOUT
    assert reading.took == DEADLINE
    server.close()
    assert open_files() <= before


def refuse(server: Any, connection: socket.socket) -> None:
    """Resets instead of closing: a zero linger turns the close into an RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def reset_after_reading(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    refuse(server, connection)


def reset_in_headers(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
    refuse(server, connection)


def close_without_a_word(server: Any, connection: socket.socket) -> None:
    server.hear(connection)


def cut_off(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + CLOCK)


def cut_off_in_chunk(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n" + CLOCK)


def not_http(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"220 mail.example.com ESMTP\r\n")


def endless_header_line(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n")


def too_many_headers(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n")


def endless_answer(server: Any, connection: socket.socket) -> None:
    """A chunk of size -1 makes the standard library read for ever."""
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
    while not server.stopping.is_set():
        connection.sendall(b" " * 1_000_000)


def odd_chunk(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-7\r\n" + CLOCK)


ZIPPED = gzip.compress(CLOCK)


def packed(body: bytes, coding: str = "gzip") -> bytes:
    return answer(body, "200 OK", f"Content-Encoding: {coding}")


UNREADABLE = {
    "a gzip bomb": packed(gzip.compress(b"\0" * (LARGEST_BODY + 1))),
    "half a gzip": packed(ZIPPED[:-9]),
    "no gzip": packed(CLOCK),
    "more than a gzip": packed(ZIPPED + b"tail"),
    "a coding we did not ask for": packed(zlib.compress(CLOCK), "deflate"),
    "too large": answer(b" " * (LARGEST_BODY + 1)),
}


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (reset_after_reading, Kind.UNREACHABLE),
        (reset_in_headers, Kind.UNREACHABLE),
        (close_without_a_word, Kind.UNREACHABLE),
        (cut_off, Kind.GARBLED),
        (cut_off_in_chunk, Kind.GARBLED),
        (not_http, Kind.GARBLED),
        (endless_header_line, Kind.GARBLED),
        (too_many_headers, Kind.GARBLED),
        (endless_answer, Kind.GARBLED),
        (odd_chunk, Kind.GARBLED),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_broken_answer_is_a_typed_failure_at_once(
    handler: Any, kind: Kind, serve: Any, reader: Callable[..., Reader]
) -> None:
    reading = reader(serve(handler).url).market_clock(2)
    assert reading.failure is not None
    assert reading.failure.kind is kind
    assert reading.took < 1


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_that_cannot_be_decoded_within_bounds_is_garbled(
    name: str, serve: Any, reader: Callable[..., Reader]
) -> None:
    reading = reader(serve(UNREADABLE[name]).url).market_clock(3)
    assert reading.failure is not None
    assert reading.failure.kind is Kind.GARBLED


@pytest.mark.parametrize("body", [packed(ZIPPED), packed(ZIPPED, "x-gzip"), packed(CLOCK, "identity"), answer()])
def test_a_body_is_read_however_it_is_coded(body: bytes, serve: Any, reader: Callable[..., Reader]) -> None:
    assert reader(serve(body).url).market_clock(2).value.state == "open"


def test_a_gzip_bomb_is_not_unpacked_beyond_the_bound(serve: Any, reader: Callable[..., Reader]) -> None:
    bomb = gzip.compress(b"\0" * (8 * LARGEST_BODY), 1)
    asker = reader(serve(packed(bomb)).url)
    tracemalloc.start()
    try:
        reading = asker.market_clock(3)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reading.failure is not None
    assert reading.failure.kind is Kind.GARBLED
    assert peak < 4 * LARGEST_BODY


def test_a_refused_port_is_unreachable(serve: Any, reader: Callable[..., Reader]) -> None:
    server = serve(b"")
    server.close()
    reading = reader(server.url).market_clock(2)
    assert reading.failure is not None
    assert reading.failure.kind is Kind.UNREACHABLE
    assert "refused" in reading.failure.words.lower()
    assert reading.took < 1


def test_sending_to_one_who_does_not_read_ends_at_the_deadline(serve: Any) -> None:
    from requests import Request
    from requests.exceptions import ReadTimeout

    request = Request("POST", serve(hang_without_reading).url, data=b"x" * 20_000_000).prepare()
    began = monotonic()
    with pytest.raises(ReadTimeout):
        DeadlineAdapter(keep=False).send(request, timeout=DEADLINE)
    assert DEADLINE <= monotonic() - began < DEADLINE + ROOM


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_never_followed(status: str, serve: Any, reader: Callable[..., Reader]) -> None:
    other = serve(answer())
    server = serve(answer(b"", status, f"Location: {other.url}/v1/markets/clock"))
    reading = reader(server.url).market_clock(2)
    assert reading.failure is not None
    assert reading.failure.kind is Kind.GARBLED
    assert other.connections == 0
    assert len(server.requests) == 1


def test_netrc_and_proxies_of_the_environment_are_not_heeded(
    serve: Any, reader: Callable[..., Reader], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    proxy = serve(answer(b"proxied"))
    monkeypatch.setenv("http_proxy", proxy.url)
    server = serve(answer())
    assert reader(server.url).market_clock(2).failure is None
    assert b"Authorization: Bearer tok-" in server.requests[0]
    assert proxy.connections == 0


def test_hundreds_of_failing_reads_leave_no_descriptor_and_no_thread(serve: Any, reader: Callable[..., Reader]) -> None:
    handlers = [reset_after_reading, reset_in_headers, cut_off, cut_off_in_chunk, not_http, too_many_headers]
    servers = [serve(handler) for handler in handlers]
    bomb = serve(packed(gzip.compress(b"\0" * (LARGEST_BODY + 1))))
    dead = serve(b"")
    dead.close()
    askers = [reader(server.url) for server in [*servers, dead]]
    for asker in [*askers, reader(bomb.url)]:
        asker.market_clock(2)
    threads, files = threading.active_count(), open_files()
    for _ in range(50):
        for asker in askers:
            assert asker.market_clock(2).failure is not None
    for server in servers:
        server.close()
    assert open_files() <= files
    assert threading.active_count() <= threads
