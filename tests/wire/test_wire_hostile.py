"""Over real sockets: what a hostile or broken other side does ends in time, is told for what it is, and heals."""

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Any

import attrs
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from supervisor import Supervisor
from supervisor.concerns.facts import Place
from supervisor.core.reading import Kind
from supervisor.core.words import CLOSING
from supervisor.simulator import DEFAULT_ACCOUNT
from supervisor.tradier.client import Reader
from supervisor.tradier.orders_wire import Outcome, Trader
from supervisor.tradier.transport import DeadlineAdapter

from tradier.conftest import RawServer, reply
from wire.wiring import HURRIED, hang_up

CLOCK = b'{"clock":{"state":"open"}}'
DEADLINE = 0.3
ROOM = 0.4
TOKEN = "tok-Zq81secretsecret"


@pytest.fixture
def served() -> Iterator[Callable[..., RawServer]]:
    """Starts raw servers: `served(handler)`."""
    servers: list[RawServer] = []

    def start(handler: Callable[[RawServer, socket.socket], None]) -> RawServer:
        servers.append(RawServer(handler))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def reader(url: str, trust: ssl.SSLContext | None = None) -> Reader:
    adapter = DeadlineAdapter(keep=True, trust=trust)
    return Reader(url, lambda: TOKEN, DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=adapter)


def resets(connection: socket.socket) -> None:
    """Turns the close that follows into a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def reset_before_reading(server: RawServer, connection: socket.socket) -> None:
    resets(connection)


def reset_after_reading(server: RawServer, connection: socket.socket) -> None:
    server.hear(connection)
    resets(connection)


def reset_inside_headers(server: RawServer, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
    resets(connection)


def reset_inside_body(server: RawServer, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + CLOCK)
    resets(connection)


def reset_inside_chunk(server: RawServer, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n500\r\n" + CLOCK)
    resets(connection)


RESETS = [reset_before_reading, reset_after_reading, reset_inside_headers, reset_inside_body, reset_inside_chunk]


@pytest.mark.parametrize("handler", RESETS, ids=lambda handler: handler.__name__)
def test_a_reset_anywhere_is_unreachable_at_once_and_closes_opening(
    handler: Any, served: Callable[..., RawServer]
) -> None:
    url = served(handler).url
    began = monotonic()
    reading = reader(url).market_clock(5.0)
    assert monotonic() - began < 2.0
    assert reading.failure is not None
    assert reading.failure.kind in {Kind.UNREACHABLE, Kind.GARBLED}
    supervisor = Supervisor.for_tradier(TOKEN, DEFAULT_ACCOUNT, base_url=url, settings=HURRIED, persist=False)
    for _ in range(3):
        supervisor.look(deadline=1.0)
    assert not supervisor.can_trade()
    assert supervisor.gate.permits_now() == CLOSING
    assert {issue.code for issue in supervisor.health().issues} <= {"connection_failed", "connection_error"}
    assert supervisor.health().issues
    supervisor.stop()
    hang_up(supervisor)


def a_byte_a_second(part: bytes) -> Callable[[RawServer, socket.socket], None]:
    def handle(server: RawServer, connection: socket.socket) -> None:
        server.hear(connection)
        connection.sendall(part)
        while not server.stopping.wait(1.0):
            connection.sendall(b" ")

    return handle


@pytest.mark.parametrize(
    "part",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"],
    ids=["status", "header", "body"],
)
def test_a_byte_a_second_is_waited_for_no_longer_than_the_deadline(
    part: bytes, served: Callable[..., RawServer]
) -> None:
    began = monotonic()
    reading = reader(served(a_byte_a_second(part)).url).market_clock(DEADLINE)
    assert DEADLINE <= monotonic() - began < DEADLINE + ROOM
    assert reading.failure is not None
    assert reading.failure.kind is Kind.TIMEOUT


# ---------------------------------------------------------------- wrong lengths


def raw(*head: bytes, body: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", *head]) + b"\r\n\r\n" + body


LENGTHS = {
    "too short": raw(b"Content-Length: 10", body=CLOCK),
    "twice, and different": raw(b"Content-Length: 5", b"Content-Length: 26", body=CLOCK),
    "in words": raw(b"Content-Length: many", body=CLOCK),
    "negative": raw(b"Content-Length: -26", body=CLOCK),
    "with chunks too": raw(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"1a\r\n" + CLOCK + b"\r\n0\r\n\r\n"),
    "an answer behind the answer": reply(CLOCK) + reply(b'{"clock":{"state":"closed"}}'),
}  # fmt: skip


@pytest.mark.parametrize("name", LENGTHS)
def test_what_stands_behind_a_wrong_length_is_never_the_next_answer(
    name: str, served: Callable[..., RawServer]
) -> None:
    def handle(server: RawServer, connection: socket.socket) -> None:
        if server.hear(connection):
            connection.sendall(LENGTHS[name] if server.connections == 1 else reply(CLOCK))
            if server.connections == 1:
                connection.shutdown(socket.SHUT_WR)

    server = served(handle)
    asker = reader(server.url)
    first = asker.market_clock(2.0)
    assert first.failure is not None or first.value.state == "open"
    second = asker.market_clock(2.0)
    assert second.failure is None
    assert second.value.state == "open"
    assert server.connections == 2
    asker.close()


# ---------------------------------------------------------------- half-open


BROKER = """
import sys
from supervisor.simulator import Simulator, serve
with serve(Simulator()) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


def test_a_broker_whose_process_stands_still_closes_opening_in_time_and_is_seen_again() -> None:
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", BROKER], stdin=pipe, stdout=pipe, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        patient = attrs.evolve(HURRIED, deadline=20.0, quick=20.0, stale=300.0)
        supervisor = Supervisor.for_tradier(TOKEN, DEFAULT_ACCOUNT, base_url=url, settings=patient, persist=False)
        supervisor.look()
        supervisor.look()
        assert supervisor.can_trade()
        os.kill(process.pid, signal.SIGSTOP)  # its connections stay open, and nobody answers on them
        for _ in range(3):
            began = monotonic()
            supervisor.look(deadline=DEADLINE)
            assert monotonic() - began < DEADLINE + ROOM
            assert not supervisor.can_trade()
        assert [issue.code for issue in supervisor.health().issues] == ["connection_failed"]
        assert supervisor.gate.permits_now() == CLOSING
        os.kill(process.pid, signal.SIGCONT)
        for _ in range(3):
            supervisor.look()
        assert supervisor.health().issues == ()
        supervisor.stop()
        hang_up(supervisor)
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.communicate()


# ---------------------------------------------------------------- TLS


def certificate(folder: Path, *, name: str = "127.0.0.1", days: int = 1) -> Path:
    """A certificate that signs itself, with its key, in one file; `days` until it expires."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=days)
    names: list[x509.GeneralName] = [x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)]
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=10))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "both.pem"
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return pem


def over_tls(pem: Path) -> Callable[[RawServer, socket.socket], None]:
    def handle(server: RawServer, connection: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        with context.wrap_socket(connection, server_side=True) as tls:
            while server.hear(tls):
                tls.sendall(reply(CLOCK))

    return handle


@pytest.mark.parametrize(
    ("made", "trusted", "words"),
    [
        ({}, True, None),
        ({}, False, "self-signed certificate"),
        ({"days": -1}, True, "certificate has expired"),
        ({"name": "broker.example"}, True, "certificate is not valid for '127.0.0.1'"),
    ],
    ids=["sound", "self-signed", "expired", "wrong name"],
)
def test_a_certificate_must_be_trusted_current_and_ours(
    made: dict[str, Any], trusted: bool, words: str | None, served: Callable[..., RawServer], tmp_path: Path
) -> None:
    pem = certificate(tmp_path, **made)
    server = served(over_tls(pem))
    url, trust = server.url.replace("http:", "https:"), ssl.create_default_context(cafile=str(pem)) if trusted else None
    asker = reader(url, trust)
    reading = asker.market_clock(2.0)
    if words is None:
        assert reading.value.state == "open"
        asker.close()
        return
    assert reading.failure is not None
    assert reading.failure.kind is Kind.UNREACHABLE
    assert words in reading.failure.words
    adapter = DeadlineAdapter(keep=False, trust=trust)
    trader = Trader(url, lambda: TOKEN, DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=adapter)
    assert trader.submit({"class": "equity"}, 2.0).kind is Outcome.UNSENT
    assert server.requests == []


# ---------------------------------------------------------------- redirects


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_no_redirect_takes_the_token_or_an_order_to_another_host(status: str, served: Callable[..., RawServer]) -> None:
    def answers(server: RawServer, connection: socket.socket) -> None:
        while server.hear(connection):
            connection.sendall(reply(CLOCK))

    other = served(answers)

    def redirects(server: RawServer, connection: socket.socket) -> None:
        while server.hear(connection):
            connection.sendall(reply(b"", status, f"Location: {other.url.replace('127.0.0.1', 'localhost')}/v1/x"))

    server = served(redirects)
    reading = reader(server.url).market_clock(2.0)
    assert reading.failure is not None
    adapter = DeadlineAdapter(keep=False)
    trader = Trader(server.url, lambda: TOKEN, DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=adapter)
    for sent in (
        trader.submit({"class": "equity"}, 2.0),
        trader.modify("1", {"price": "1"}, 2.0),
        trader.cancel("1", 2.0),
    ):
        assert sent.kind is Outcome.UNKNOWN
    assert other.connections == 0
    assert len(server.requests) == 4
