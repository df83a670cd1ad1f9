"""Does `requests` meet the same broker in-process, without waiting and under frozen time?"""

import threading
from collections.abc import Iterator
from time import monotonic, time
from typing import Any

import pytest
import requests
import urllib3
from freezegun import freeze_time
from supervisor.simulator import Simulator, SimulatorAdapter

from simulator.asking import ACCOUNT, HEADERS, NOON

URL = "https://sandbox.tradier.com/v1/user/profile"


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


@pytest.fixture
def session(simulator: Simulator) -> Iterator[requests.Session]:
    with requests.Session() as one:
        one.trust_env = False
        one.headers.update(HEADERS)
        one.mount("https://", SimulatorAdapter(simulator, now=lambda: NOON))
        yield one


def test_a_reply_is_an_ordinary_response(session: requests.Session) -> None:
    reply = session.get(URL, timeout=5)
    assert reply.json()["profile"]["account"]["account_number"] == ACCOUNT
    assert (reply.status_code, reply.reason, reply.url, reply.encoding) == (200, "OK", URL, "UTF-8")
    assert reply.headers["content-type"] == "application/json;charset=UTF-8"
    assert reply.request.headers["Authorization"] == HEADERS["Authorization"]


def test_a_streamed_reply_is_read_in_pieces(session: requests.Session) -> None:
    reply = session.get(URL, timeout=5, stream=True)
    assert b"".join(reply.iter_content(7)).startswith(b'{"profile"')
    raw = session.get(URL, timeout=5, stream=True).raw
    assert raw.read(2) == b'{"'


def test_forms_reach_the_broker(session: requests.Session, simulator: Simulator) -> None:
    form = {"class": "equity", "symbol": "F", "side": "buy", "quantity": 1, "type": "market", "duration": "day"}
    reply = session.post(f"https://sandbox.tradier.com/v1/accounts/{ACCOUNT}/orders", data=form, timeout=5)
    assert reply.json()["order"]["status"] == "ok"
    assert simulator.bookings[0].at == NOON


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("refuse", requests.ConnectionError),
        ("reset", requests.ConnectionError),
        ("reset_in_headers", requests.ConnectionError),
        ("reset_in_body", requests.exceptions.ChunkedEncodingError),
        ("cut_body", requests.exceptions.ChunkedEncodingError),
        ("hang", requests.ReadTimeout),
        ("drip_header", requests.ReadTimeout),
        ("drip_body", requests.ReadTimeout),
    ],
)
def test_the_same_exceptions_are_raised_as_on_the_wire_and_at_once(
    fault: str, error: type[Exception], session: requests.Session, simulator: Simulator
) -> None:
    simulator.inject(fault, count=1)
    begun = monotonic()
    with pytest.raises(error):
        session.get(URL, timeout=30)
    assert monotonic() - begun < 1
    assert session.get(URL, timeout=30).status_code == 200


def test_a_hang_ends_even_without_a_timeout(session: requests.Session, simulator: Simulator) -> None:
    simulator.inject("hang")
    with pytest.raises(requests.ReadTimeout):
        session.get(URL)


@pytest.mark.parametrize("timeout", [3.0, (1.0, 3.0), urllib3.Timeout(connect=1, read=3)])
def test_a_reply_as_slow_as_the_timeout_is_a_timeout(
    timeout: Any, session: requests.Session, simulator: Simulator
) -> None:
    simulator.inject("slow", by=3.0)
    with pytest.raises(requests.ReadTimeout):
        session.get(URL, timeout=timeout)


def test_a_slow_reply_comes_at_once_and_says_how_long_it_took(session: requests.Session, simulator: Simulator) -> None:
    simulator.inject("slow", by=2.5)
    begun = monotonic()
    reply = session.get(URL, timeout=5)
    assert monotonic() - begun < 1
    assert reply.elapsed.total_seconds() == 2.5


def test_frozen_time_stands_still_for_the_broker_too(simulator: Simulator) -> None:
    with freeze_time("2026-11-23T17:00:00Z") as clock, requests.Session() as session:
        session.trust_env = False
        session.headers.update(HEADERS)
        session.mount("https://", SimulatorAdapter(simulator))
        threads = threading.active_count()
        simulator.inject("http_503_empty", seconds=60)
        assert session.get(URL, timeout=5).status_code == 503
        assert simulator.requests[0].at == time()
        clock.tick(59)
        assert session.get(URL, timeout=5).status_code == 503
        clock.tick(1)
        reply = session.get(URL, timeout=5)
        assert reply.status_code == 200
        assert reply.headers["Date"] == "Mon, 23 Nov 2026 17:01:00 GMT"
        assert threading.active_count() == threads


def test_a_length_too_short_cuts_the_body(session: requests.Session, simulator: Simulator) -> None:
    whole = session.get(URL, timeout=5).content
    simulator.inject("wrong_length", count=1)
    assert session.get(URL, timeout=5).content == whole[:-10]
