"""Does the loopback server act out on the wire what the core says, and leave nothing behind?"""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests
from supervisor.errors import SupervisorError
from supervisor.simulator import Server, Simulator, serve

from simulator.asking import ACCOUNT, HEADERS


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


@pytest.fixture
def server(simulator: Simulator) -> Iterator[Server]:
    with serve(simulator) as running:
        yield running


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as one:
        one.trust_env = False
        one.headers.update(HEADERS)
        yield one


def profile(session: requests.Session, server: Server, timeout: float = 2.0) -> requests.Response:
    return session.get(f"{server.url}/v1/user/profile", timeout=timeout, allow_redirects=False)


def test_requests_share_one_kept_alive_connection(server: Server, session: requests.Session) -> None:
    for _ in range(20):
        assert profile(session, server).json()["profile"]["account"]["account_number"] == ACCOUNT
    assert server.accepted == 1


def test_a_form_post_books_and_an_empty_post_needs_no_body(server: Server, session: requests.Session) -> None:
    form = {"class": "equity", "symbol": "F", "side": "buy", "quantity": 1, "type": "market", "duration": "day"}
    reply = session.post(f"{server.url}/v1/accounts/{ACCOUNT}/orders", data=form, timeout=2)
    assert reply.json()["order"]["status"] == "ok"
    assert server.simulator.bookings[0].form["symbol"] == "F"
    stream = session.post(f"{server.url}/v1/markets/events/session", timeout=2)
    assert stream.json()["stream"]["sessionid"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("reset", requests.ConnectionError),
        ("reset_in_headers", requests.ConnectionError),
        ("reset_in_body", requests.exceptions.ChunkedEncodingError),
        ("cut_body", requests.exceptions.ChunkedEncodingError),
        ("hang", requests.ReadTimeout),
        ("drip_header", requests.ReadTimeout),
        ("drip_body", requests.ConnectionError),
        ("slow", requests.ReadTimeout),
    ],
)
def test_the_wire_misbehaves_as_told(
    fault: str, error: type[Exception], server: Server, session: requests.Session
) -> None:
    server.simulator.inject(fault, count=1)
    with pytest.raises(error):
        profile(session, server, timeout=0.1)
    assert profile(session, server).status_code == 200


def test_dripped_bytes_do_arrive_one_by_one(server: Server, session: requests.Session) -> None:
    server.simulator.inject("drip_header", every=0.0002)
    begun = monotonic()
    reply = profile(session, server)
    assert reply.json()["profile"]["name"] == "Sam Sample"
    assert monotonic() - begun > 0.0002 * len(reply.content)


def test_a_slow_reply_comes_late_and_whole(server: Server, session: requests.Session) -> None:
    server.simulator.inject("slow", by=0.15)
    reply = profile(session, server)
    assert reply.elapsed.total_seconds() >= 0.15
    assert reply.status_code == 200


def test_a_length_too_short_spoils_the_connection(server: Server, session: requests.Session) -> None:
    server.simulator.inject("wrong_length", count=1)
    assert not profile(session, server).text.endswith("}")
    assert profile(session, server).status_code == 200  # urllib3 drops a connection with bytes left over


def dial(server: Server) -> None:
    """One whole exchange, so that dialling never outruns the server's queue."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as sock:
        sock.sendall(b"GET /v1/markets/clock HTTP/1.1\r\n\r\n")
        sock.recv(1)


def eventually(wanted: bool, server: Server) -> bool:
    """Whether the port comes to listen, or to refuse, within two seconds."""
    begun = monotonic()
    while monotonic() - begun < 2:
        try:
            dial(server)
        except ConnectionRefusedError:
            if not wanted:
                return True
        except ConnectionError:  # accepted in the moment before it closed
            continue
        else:
            if wanted:
                return True
    return False


def test_a_refusing_broker_closes_its_port_and_opens_it_again(server: Server, session: requests.Session) -> None:
    assert profile(session, server).status_code == 200
    server.simulator.inject("refuse")
    assert eventually(False, server)
    with pytest.raises(requests.ConnectionError):
        profile(session, server)
    server.simulator.clear()
    assert eventually(True, server)
    assert profile(session, server).status_code == 200


def test_a_refusal_for_a_time_ends_by_itself(server: Server) -> None:
    server.simulator.inject("refuse", seconds=0.2)
    assert eventually(False, server)
    assert eventually(True, server)


def test_the_control_port_answers_while_the_broker_refuses(server: Server, session: requests.Session) -> None:
    told = session.post(f"{server.url}/_control/fault", data={"fault": "refuse"}, timeout=2)
    assert told.json()["faults"][0]["fault"] == "refuse"
    assert eventually(False, server)
    assert session.post(f"{server.control_url}/_control/clear", timeout=2).json()["faults"] == []
    assert eventually(True, server)


def test_closing_is_prompt_and_leaves_no_thread_and_no_descriptor(simulator: Simulator) -> None:
    threads, descriptors = threading.active_count(), len(list(Path("/dev/fd").iterdir()))
    for fault in ("hang", "drip_header", "slow"):
        server = serve(simulator)
        simulator.inject(fault)
        socks = [socket.create_connection(("127.0.0.1", server.port), timeout=2) for _ in range(5)]
        for sock in socks:
            sock.sendall(b"GET /v1/user/profile HTTP/1.1\r\nHost: x\r\n\r\n")
        begun = monotonic()
        server.close()
        server.close()
        assert monotonic() - begun < 0.5
        for sock in socks:
            sock.close()
        simulator.clear()
    assert threading.active_count() == threads
    assert len(list(Path("/dev/fd").iterdir())) == descriptors
    assert simulator.watchers == []


def test_a_client_that_gives_up_on_a_hang_leaves_no_thread(server: Server, session: requests.Session) -> None:
    before = threading.active_count()
    server.simulator.inject("hang")
    for _ in range(5):
        with pytest.raises(requests.ReadTimeout):
            profile(session, server, timeout=0.02)
    session.close()
    begun = monotonic()
    while threading.active_count() > before and monotonic() - begun < 2:
        threading.Event().wait(0.01)
    assert threading.active_count() == before


def test_a_busy_port_is_one_clear_sentence(server: Server) -> None:
    with pytest.raises(SupervisorError, match=rf"cannot listen on 127.0.0.1 port {server.port}: .*in use"):
        serve(Simulator(), port=server.port)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "example.com", ""])
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(SupervisorError, match="loopback only"):
        serve(Simulator(), host=host)


@pytest.mark.parametrize(
    "noise", [b"", b"\x16\x03\x01\x02\x00\x01\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
)
def test_noise_ends_its_own_connection_only(noise: bytes, server: Server, session: requests.Session) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as sock:
        sock.sendall(noise)
        sock.shutdown(socket.SHUT_WR)
        with sock.makefile("rb") as incoming:
            assert incoming.readline() == (b"HTTP/1.1 400 Bad Request\r\n" if noise else b"")
    assert profile(session, server).status_code == 200


def test_a_connection_ends_when_the_client_asks_for_it(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as sock:
        sock.sendall(b"GET /v1/markets/clock HTTP/1.1\r\nConnection: close\r\nAuthorization: Bearer x\r\n\r\n")
        received = b""
        while some := sock.recv(4096):
            received += some
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")


def control(session: requests.Session, server: Server, method: str, name: str, **kwargs: Any) -> requests.Response:
    return session.request(method, f"{server.control_url}/_control/{name}", timeout=2, **kwargs)


def test_faults_are_told_by_form_query_and_json(server: Server, session: requests.Session) -> None:
    control(session, server, "POST", "fault", data={"fault": "slow", "endpoint": "clock", "by": "0.5", "count": 3})
    control(session, server, "POST", "fault?fault=http_503_empty&seconds=60&method=GET")
    body = {"fault": "nonsense", "params": {"shape": [1]}}
    state = control(session, server, "POST", "fault", json=body).json()
    assert [(one["fault"], one["left"], one["seconds"], one["params"]) for one in state["faults"]] == [
        ("slow", 3, None, {"by": 0.5}),
        ("http_503_empty", None, 60.0, {}),
        ("nonsense", None, None, {"shape": [1]}),
    ]
    assert control(session, server, "POST", "clear", data={"fault": "slow"}).status_code == 200
    assert len(server.simulator.faults.active) == 2


def test_accounts_prices_and_tokens_are_set(server: Server, session: requests.Session) -> None:
    data = {"status": "suspended", "cash": "12.50", "option_level": "1", "kind": "cash"}
    assert control(session, server, "POST", "set", data=data).status_code == 200
    account = server.simulator.account
    assert (account.status, str(account.cash), account.option_level, account.kind.value) == (
        "suspended",
        "12.50",
        1,
        "cash",
    )
    control(session, server, "POST", "set", data={"symbol": "aapl", "last": "99.5"})
    quote = session.get(f"{server.url}/v1/markets/quotes?symbols=AAPL", timeout=2).json()
    assert quote["quotes"]["quote"]["last"] == 99.5
    control(session, server, "POST", "token", data={"revoke": "any-token"})
    assert profile(session, server).status_code == 401
    control(session, server, "POST", "token", data={"allow": ""})
    assert profile(session, server).status_code == 200


def test_what_came_in_and_what_was_booked_can_be_read(server: Server, session: requests.Session) -> None:
    form = {
        "class": "equity",
        "symbol": "F",
        "side": "buy",
        "quantity": 1,
        "type": "market",
        "duration": "day",
        "tag": "a",
    }
    session.post(f"{server.url}/v1/accounts/{ACCOUNT}/orders", data=form, timeout=2)
    bookings = control(session, server, "GET", "bookings").json()
    assert (bookings[0]["tag"], bookings[0]["form"]["symbol"]) == ("a", "F")
    seen = control(session, server, "GET", "requests").json()
    assert [one["endpoint"] for one in seen] == ["order"]
    assert "hang" in control(session, server, "GET", "faults").json()
    assert "healthy_margin" in control(session, server, "GET", "presets").json()
    assert control(session, server, "POST", "preset", data={"preset": "healthy_cash"}).status_code == 200
    assert control(session, server, "GET", "state").json()["accounts"][ACCOUNT]["kind"] == "cash"


@pytest.mark.parametrize(
    ("method", "name", "data", "status", "part"),
    [
        ("POST", "fault", {"fault": "nope"}, 400, "There is no fault 'nope'"),
        ("POST", "fault", {"fault": "slow", "seconds": "soon"}, 400, "seconds must be a number"),
        ("POST", "preset", {"preset": "nope"}, 400, "There is no scenario 'nope'"),
        ("POST", "set", {"colour": "red"}, 400, "no colour to set"),
        ("POST", "set", {"kind": "gold"}, 400, "kind cannot be 'gold'"),
        ("POST", "set", {"account": "VA777", "cash": "1"}, 400, "no account ending in A777"),
        ("POST", "set", {"symbol": "F"}, 400, "at least one of last, bid and ask"),
        ("POST", "token", {}, 400, "revoke="),
        ("POST", "clear", "{not json", 400, "not JSON"),
        ("GET", "nowhere", None, 404, "there are: GET /_control/, GET /_control/state"),
    ],
)
def test_what_control_cannot_do_is_one_sentence(
    method: str, name: str, data: Any, status: int, part: str, server: Server, session: requests.Session
) -> None:
    reply = control(session, server, method, name, data=data)
    assert reply.status_code == status
    assert part in reply.json()["error"]
