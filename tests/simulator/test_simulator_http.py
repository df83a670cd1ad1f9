"""Is the loopback server plain HTTP/1.1, as every language's client expects it?"""

import gzip
import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from supervisor.simulator import Server, Simulator, serve

from simulator.asking import ACCOUNT, HEADERS

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LIMIT_ORDER = "class=equity&symbol=F&side=buy&quantity=1&type=limit&price=1.50&duration=day"


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(Simulator()) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    yield connection
    connection.close()


def raw(server: Server, text: str) -> bytes:
    """Everything that comes back to this text on a connection of its own."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(text.encode())
        sock.shutdown(socket.SHUT_WR)
        with sock.makefile("rb") as incoming:
            return incoming.read()


def spoken(method: str, path: str, *lines: str, body: str = "") -> str:
    """One request as text."""
    every = [f"{method} {path} HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in HEADERS.items()), *lines]
    return "\r\n".join(every) + "\r\n\r\n" + body


def test_a_head_gets_the_headers_of_a_get_and_no_body(server: Server, client: http.client.HTTPConnection) -> None:
    client.request("GET", "/v1/markets/clock", headers=HEADERS)
    whole = client.getresponse().read()
    told = raw(server, spoken("HEAD", "/v1/markets/clock"))
    assert told.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"Content-Length: {len(whole)}\r\n".encode() in told
    assert told.endswith(b"\r\n\r\n")


def test_who_takes_gzip_gets_gzip(client: http.client.HTTPConnection) -> None:
    client.request("GET", "/v1/user/profile", headers={**HEADERS, "Accept-Encoding": "gzip, deflate"})
    reply = client.getresponse()
    body = reply.read()
    assert reply.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(body))["profile"]["account"]["account_number"] == ACCOUNT
    client.request("GET", "/v1/user/profile", headers=HEADERS)
    plain = client.getresponse()
    assert plain.headers["Content-Encoding"] is None
    assert json.loads(plain.read())["profile"]


@pytest.mark.parametrize("what", ["markets", "accounts"])
def test_a_session_is_refused_to_who_does_not_say_that_the_body_is_empty(server: Server, what: str) -> None:
    path = f"/v1/{what}/events/session"
    assert raw(server, spoken("POST", path)).startswith(b"HTTP/1.1 411 Length Required\r\n")
    assert raw(server, spoken("POST", path, "Content-Length: 0")).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_body_in_chunks_is_a_body(server: Server, client: http.client.HTTPConnection) -> None:
    pieces = iter([LIMIT_ORDER[:20].encode(), LIMIT_ORDER[20:].encode()])
    client.request("POST", f"/v1/accounts/{ACCOUNT}/orders", pieces, {**HEADERS, **FORM}, encode_chunked=True)
    assert json.loads(client.getresponse().read())["order"]["status"] == "ok"
    assert server.simulator.bookings[0].form["price"] == "1.50"


def test_who_waits_to_go_on_is_told_to(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock, sock.makefile("rb") as incoming:
        path = f"/v1/accounts/{ACCOUNT}/orders"
        sock.sendall(spoken("POST", path, f"Content-Length: {len(LIMIT_ORDER)}", "Expect: 100-continue").encode())
        assert incoming.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert incoming.readline() == b"\r\n"
        sock.sendall(LIMIT_ORDER.encode())
        assert incoming.readline() == b"HTTP/1.1 200 OK\r\n"


def test_half_an_order_is_no_order(server: Server) -> None:
    head = spoken("POST", f"/v1/accounts/{ACCOUNT}/orders", f"Content-Length: {len(LIMIT_ORDER) + 1}")
    assert raw(server, head + LIMIT_ORDER) == b""
    assert not server.simulator.bookings


@pytest.mark.parametrize("chunks", ["zz\r\n", "-3\r\nabc\r\n", "5\r\nabc"])
def test_chunks_that_do_not_add_up_book_nothing(server: Server, chunks: str) -> None:
    told = raw(server, spoken("POST", f"/v1/accounts/{ACCOUNT}/orders", "Transfer-Encoding: chunked", body=chunks))
    assert told == b"" or told.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert not server.simulator.requests


def test_an_empty_line_before_a_request_is_overlooked(server: Server) -> None:
    assert raw(server, "\r\n" + spoken("GET", "/v1/markets/clock")).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("PUT", "/v1/user/profile", 405, "GET"),
        ("PATCH", "/v1/markets/quotes", 405, "GET, POST"),
        ("GET", "/v1/accounts/events/session", 405, "POST"),
        ("DELETE", f"/v1/accounts/{ACCOUNT}/orders", 405, "GET, POST"),
        ("GET", "/v1/markets/prices", 404, None),
        ("GET", "/user/profile", 404, None),
    ],
)
def test_an_unknown_path_is_a_404_and_a_method_it_does_not_have_a_405(
    client: http.client.HTTPConnection, method: str, path: str, status: int, allow: str | None
) -> None:
    client.request(method, path, headers={**HEADERS, "Content-Length": "0"})
    reply = client.getresponse()
    assert (reply.status, reply.headers["Allow"]) == (status, allow)
    assert f"<title>{status} ".encode() in reply.read()


def test_a_list_of_thousands_of_symbols_comes_by_post(client: http.client.HTTPConnection) -> None:
    symbols = ",".join(["AAPL", *(f"Q{number}" for number in range(4000))])
    client.request("POST", "/v1/markets/quotes", f"symbols={symbols}&greeks=false", {**HEADERS, **FORM})
    quotes = json.loads(client.getresponse().read())["quotes"]
    assert quotes["quote"]["symbol"] == "AAPL"
    assert len(quotes["unmatched_symbols"]["symbol"]) == 4000


def test_many_clients_at_once_each_get_an_order_of_their_own(server: Server) -> None:
    def placed(number: int) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        tag = f"client-{number}"
        connection.request("POST", f"/v1/accounts/{ACCOUNT}/orders", f"{LIMIT_ORDER}&tag={tag}", {**HEADERS, **FORM})
        order = json.loads(connection.getresponse().read())["order"]["id"]
        connection.request("GET", f"/v1/accounts/{ACCOUNT}/orders/{order}?includeTags=true", headers=HEADERS)
        told = json.loads(connection.getresponse().read())["order"]["tag"]
        connection.close()
        assert told == tag
        return order, tag

    with ThreadPoolExecutor(16) as pool:
        orders = dict(pool.map(placed, range(64)))
    assert len(orders) == len(server.simulator.bookings) == 64
