"""Does the deadline hold through TLS, and does nothing leave before the other side has proved who it is?

`loopback.pem` is a certificate and its key for 127.0.0.1, made for these tests and trusted by nobody else.
"""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from supervisor.concerns.facts import Place
from supervisor.core.reading import Kind
from supervisor.tradier.client import Reader
from supervisor.tradier.orders_wire import Outcome, Trader
from supervisor.tradier.transport import DeadlineAdapter

PEM = Path(__file__).parent / "loopback.pem"
BODY = b'{"clock":{"state":"open"}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
DEADLINE = 0.3


def over_tls(handler: Callable[[Any, socket.socket], None]) -> Callable[[Any, socket.socket], None]:
    """The handler, spoken to over TLS."""

    def handle(server: Any, connection: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(PEM)
        with context.wrap_socket(connection, server_side=True) as tls:
            handler(server, tls)

    return handle


def answers(server: Any, connection: socket.socket) -> None:
    while server.hear(connection):
        connection.sendall(ANSWER)


def drips(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    server.drip(connection, b" " * 500)


def drips_handshake(server: Any, connection: socket.socket) -> None:
    connection.recv(65536)
    server.drip(connection, b"\x16\x03\x03\x3f\xff\x02" + b"\x00" * 500)


def never_shakes_hands(server: Any, connection: socket.socket) -> None:
    connection.recv(65536)
    server.stopping.wait(5)


def secure(server: Any, *, trusted: bool = True) -> tuple[str, DeadlineAdapter]:
    context = ssl.create_default_context(cafile=str(PEM)) if trusted else None
    return server.url.replace("http:", "https:"), DeadlineAdapter(keep=True, trust=context)


def read(server: Any, *, trusted: bool = True) -> Reader:
    url, adapter = secure(server, trusted=trusted)
    return Reader(url, lambda: "tok-secret", "VA12345678", intended=Place.SANDBOX, adapter=adapter)


def test_reads_share_one_tls_connection(serve: Any) -> None:
    server = serve(over_tls(answers))
    asker = read(server)
    for _ in range(5):
        assert asker.market_clock(2).value.state == "open"
    assert server.connections == 1
    asker.close()


def test_an_unknown_certificate_ends_it_before_the_token_leaves(serve: Any) -> None:
    server = serve(over_tls(answers))
    reading = read(server, trusted=False).market_clock(2)
    assert reading.failure is not None
    assert reading.failure.kind is Kind.UNREACHABLE
    assert "certificate" in reading.failure.words.lower()
    assert server.requests == []


@pytest.mark.parametrize("handler", [over_tls(drips), drips_handshake, never_shakes_hands])
def test_a_tls_drip_ends_at_the_deadline(handler: Any, serve: Any) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    server = serve(handler)
    asker = read(server)
    began = monotonic()
    reading = asker.market_clock(DEADLINE)
    assert DEADLINE <= monotonic() - began < DEADLINE + 0.3
    assert reading.failure is not None
    assert reading.failure.kind is Kind.TIMEOUT
    server.close()
    assert len(list(Path("/dev/fd").iterdir())) <= before


@pytest.mark.parametrize("handler", [drips_handshake, never_shakes_hands])
def test_an_order_whose_handshake_never_ended_is_unsent(handler: Any, serve: Any) -> None:
    url, adapter = secure(serve(handler))
    trader = Trader(url, lambda: "tok-secret", "VA12345678", intended=Place.SANDBOX, adapter=adapter)
    assert trader.submit({"class": "equity"}, DEADLINE).kind is Outcome.UNSENT
