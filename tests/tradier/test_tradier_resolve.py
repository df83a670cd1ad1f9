"""Is a look-up waited for no longer than there is time, and shared by those who wait?"""

import socket
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from supervisor.concerns.facts import Place
from supervisor.core.reading import Kind
from supervisor.tradier import resolve as module
from supervisor.tradier.client import Reader
from supervisor.tradier.resolve import resolve


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A name server that answers nobody until the test is over; the list of names it was asked."""
    asked: list[str] = []
    over = threading.Event()

    def never(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        over.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    yield asked
    over.set()
    for lookup in list(module._under_way.values()):
        lookup.join(2)


def test_a_hanging_name_server_ends_at_the_deadline(hanging: list[str]) -> None:
    reader = Reader("https://sandbox.tradier.com", lambda: "tok-secret", "VA12345678", intended=Place.SANDBOX)
    began = monotonic()
    reading = reader.profile(0.2)
    assert 0.2 <= monotonic() - began < 0.5
    assert reading.failure is not None
    assert reading.failure.kind is Kind.TIMEOUT


def test_many_who_wait_share_one_look_up(hanging: list[str]) -> None:
    before = threading.active_count()
    for _ in range(20):
        with pytest.raises(TimeoutError):
            resolve("api.example.invalid", 443, 0.01)
    assert hanging == ["api.example.invalid"]
    assert threading.active_count() == before + 1


def test_an_address_needs_no_look_up() -> None:
    before = threading.active_count()
    assert resolve("127.0.0.1", 80, 1)[0][4] == ("127.0.0.1", 80)
    assert resolve("::1", 80, 1)[0][4][:2] == ("::1", 80)
    assert threading.active_count() == before


def test_localhost_is_found() -> None:
    assert {address[4][0] for address in resolve("localhost", 80, 5)} <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "..", "exa mple"])
def test_a_name_that_cannot_be_is_an_error(host: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - any errno will do, whatever the platform calls it
        resolve(host, 80, 5)
