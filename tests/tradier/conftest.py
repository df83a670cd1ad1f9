"""What do the tests of the wire need: raw servers on loopback, canned replies, the broker's samples."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from supervisor.concerns.facts import Place
from supervisor.tradier.client import Reader

TOKEN = "tok-Zq81secretsecret"
ACCOUNT = "VA12345678"


def reply(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    """A whole HTTP reply with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawServer:
    """A loopback server that does to each connection whatever its handler says, and remembers what it heard."""

    def __init__(self, handler: Callable[["RawServer", socket.socket], None]) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._handler = handler
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._handler(self, connection)
        except OSError:
            pass
        finally:
            connection.close()

    def hear(self, connection: socket.socket) -> bytes:
        """One whole request, remembered; empty when the client has gone."""
        heard = b""
        while b"\r\n\r\n" not in heard:
            block = connection.recv(65536)
            if not block:
                return b""
            heard += block
        head, _, body = heard.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                while len(body) < int(value):
                    body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]

    def drip(self, connection: socket.socket, data: bytes) -> None:
        """A byte every 20 ms, until the client or the test is gone."""
        for byte in data:
            connection.sendall(bytes([byte]))
            if self.stopping.wait(0.02):
                return

    def close(self) -> None:
        """Ends every connection and thread."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(2)


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    """Starts raw servers: `serve(handler)` with `handler(server, connection)`, or `serve(reply_bytes)` for keep-alive."""
    servers = []

    def start(what: Any) -> RawServer:
        def answer(server: RawServer, connection: socket.socket) -> None:
            while server.hear(connection):
                connection.sendall(what)

        servers.append(RawServer(answer if isinstance(what, bytes) else what))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


class Canned(BaseAdapter):
    """Answers every request with the same reply, in memory, and keeps the requests."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        super().__init__()
        self.requests: list[PreparedRequest] = []
        self._reply = (status, body, headers)

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        self.requests.append(request)
        response = Response()
        response.status_code, response._content, headers = self._reply
        response.headers = CaseInsensitiveDict(headers)
        return response

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def canned() -> Callable[..., Any]:
    """`canned(status, body, headers)`: an adapter with one answer. A dict body is sent as JSON."""

    def make(status: int = 200, body: Any = b"{}", headers: dict[str, str] | None = None) -> Canned:
        data = (
            body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        )
        return Canned(status, data, headers or {})

    return make


@pytest.fixture
def reader() -> Callable[..., Reader]:
    """`reader(adapter or url)`: a Reader of our account."""

    def make(of: Any, account_id: str | None = ACCOUNT) -> Reader:
        adapter = of if isinstance(of, BaseAdapter) else None
        url = "http://127.0.0.1:9" if adapter else of
        return Reader(url, lambda: TOKEN, account_id, intended=Place.SANDBOX, adapter=adapter)

    return make


@pytest.fixture
def samples() -> dict[str, Any]:
    """The broker's replies as recorded or documented."""
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / "samples.json").read_text())
    return loaded


@pytest.fixture
def sample(samples: dict[str, Any], canned: Callable[..., Any]) -> Callable[[str], Any]:
    """`sample(name)`: an adapter that answers with that sample."""

    def make(name: str) -> Any:
        row = samples[name]
        return canned(row["status"], row["body"], row["headers"])

    return make
