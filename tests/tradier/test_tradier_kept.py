"""Are connections kept for reads, and is a GET asked again only where none can have been heard?"""

import socket
import threading
from collections.abc import Callable
from typing import Any

from supervisor.core.reading import Kind
from supervisor.tradier.client import Reader

CLOCK = b'{"clock":{"state":"open"}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(CLOCK), CLOCK)
DEADLINE = 0.3


def close_without_a_word(server: Any, connection: socket.socket) -> None:
    server.hear(connection)


def test_two_parallel_readers_share_two_connections_for_ever(serve: Any, reader: Callable[..., Reader]) -> None:
    server = serve(ANSWER)
    asker = reader(server.url)
    for _ in range(50):
        pair = [threading.Thread(target=asker.market_clock, args=(2,)) for _ in range(2)]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
    assert len(server.requests) == 100
    assert server.connections <= 2
    asker.close()


def test_a_kept_connection_closed_meanwhile_is_not_used(serve: Any, reader: Callable[..., Reader]) -> None:
    closed = threading.Event()

    def once(server: Any, connection: socket.socket) -> None:
        server.hear(connection)
        connection.sendall(ANSWER)
        connection.close()
        closed.set()

    server = serve(once)
    asker = reader(server.url)
    for _ in range(3):
        assert asker.market_clock(2).failure is None
        assert closed.wait(2)
        closed.clear()
    assert len(server.requests) == 3


def closes_on_the_second(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(ANSWER)
    server.hear(connection)


def test_a_get_on_a_stale_connection_is_asked_once_more(serve: Any, reader: Callable[..., Reader]) -> None:
    server = serve(closes_on_the_second)
    asker = reader(server.url)
    assert asker.market_clock(2).failure is None
    assert asker.market_clock(2).failure is None
    assert len(server.requests) == 3
    assert server.connections == 2


def test_a_get_that_fails_on_a_new_connection_is_not_asked_again(serve: Any, reader: Callable[..., Reader]) -> None:
    server = serve(close_without_a_word)
    assert reader(server.url).market_clock(2).failure is not None
    assert len(server.requests) == 1


def test_a_hang_on_a_reused_connection_is_not_asked_again(serve: Any, reader: Callable[..., Reader]) -> None:
    def answers_once(server: Any, connection: socket.socket) -> None:
        server.hear(connection)
        connection.sendall(ANSWER)
        server.hear(connection)
        server.stopping.wait(5)

    server = serve(answers_once)
    asker = reader(server.url)
    assert asker.market_clock(2).failure is None
    reading = asker.market_clock(DEADLINE)
    assert reading.failure is not None
    assert reading.failure.kind is Kind.TIMEOUT
    assert len(server.requests) == 2


def test_a_get_that_was_answered_in_part_is_not_asked_again(serve: Any, reader: Callable[..., Reader]) -> None:
    def answers_half(server: Any, connection: socket.socket) -> None:
        server.hear(connection)
        connection.sendall(ANSWER)
        server.hear(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    server = serve(answers_half)
    asker = reader(server.url)
    assert asker.market_clock(2).failure is None
    reading = asker.market_clock(2)
    assert reading.failure is not None
    assert reading.failure.kind in (Kind.UNREACHABLE, Kind.GARBLED)
    assert len(server.requests) == 2
