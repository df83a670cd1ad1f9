"""How is the simulator reached over real HTTP, misbehaviour of the wire included?

Loopback only. HTTP/1.1 with kept-alive connections, one thread each. The control API (`control`) is on the same port
under `/_control/`, and on a port of its own (`control_url`) that still answers while the broker refuses connections.
"""

import ipaddress
import selectors
import socket
import struct
import threading
from collections.abc import Callable
from typing import BinaryIO, Self

from supervisor.clock import wall
from supervisor.errors import SupervisorError
from supervisor.simulator import control
from supervisor.simulator.broker import Simulator
from supervisor.simulator.hearing import BAD_REQUEST, Garbled, head, hear, packed
from supervisor.simulator.wire import Act, Reply

BACKLOG = 128
REOPEN_EVERY = 0.2
"""Seconds between two attempts to listen again where another program took the port meanwhile."""
_ABORT = struct.pack("ii", 1, 0)


class Server:
    """A running loopback server: `.url`, `.control_url`, `.close()`; also a context manager."""

    def __init__(self, simulator: Simulator, port: int, host: str, now: Callable[[], float]) -> None:
        self.simulator = simulator
        self.accepted = 0
        """Connections accepted so far, those for control not counted."""
        self._now = now
        self._host = host
        self._lock = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._spared: set[socket.socket] = set()
        """Connections for control: a broker that refuses does not cut them."""
        self._stopping = threading.Event()
        self._listener: socket.socket | None = _listen(host, port)
        self.port = self._listener.getsockname()[1]
        self._control = _listen(host, 0)
        self._woken, self._waker = socket.socketpair()
        simulator.watchers.append(self._wake)
        self._thread = threading.Thread(target=self._accept_all, name="simulator-accept", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The broker's base URL, without `/v1`."""
        return f"http://{_bracketed(self._host)}:{self.port}"

    @property
    def control_url(self) -> str:
        """The base URL of the control API that works in every fault."""
        return f"http://{_bracketed(self._host)}:{self._control.getsockname()[1]}"

    def close(self) -> None:
        """Ends everything at once: no thread and no socket is left. May be called twice."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self.simulator.watchers.remove(self._wake)
        self._wake()
        self._thread.join()
        for listener in (self._listener, self._control, self._woken, self._waker):
            if listener is not None:
                listener.close()
        for thread in self._cut(set()):
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wake(self) -> None:
        self._waker.send(b"!")

    def _accept_all(self) -> None:
        while not self._stopping.is_set():
            pause = self._open_or_refuse()
            with selectors.DefaultSelector() as selector:
                for listener in (self._listener, self._control, self._woken):
                    if listener is not None:
                        selector.register(listener, selectors.EVENT_READ)
                ready = [key.fileobj for key, _ in selector.select(pause)]
            if self._woken in ready:
                self._woken.recv(4096)
            for listener in (self._listener, self._control):
                if listener is not None and listener in ready:
                    self._accept(listener)

    def _open_or_refuse(self) -> float | None:
        """Listens, or not, as the faults say; the seconds after which to look again, None for when woken."""
        now = self._now()
        with self.simulator.lock:
            until = self.simulator.faults.refused_until(now)
        if until is None:
            if self._listener is None:
                try:
                    self._listener = _listen(self._host, self.port)
                except SupervisorError:
                    return REOPEN_EVERY
            return None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            self._cut(self._spared)
        return None if until == float("inf") else max(until - now, 0.0)

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # the client went away between select and accept
            return
        own = listener is self._control
        self.accepted += not own
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        thread = threading.Thread(target=self._serve, args=(connection, own), name="simulator-serve", daemon=True)
        with self._lock:
            self._open = {one: its for one, its in self._open.items() if its.is_alive()}
            self._spared &= self._open.keys()
            thread.start()
            self._open[connection] = thread
            if own:
                self._spared.add(connection)

    def _cut(self, spared: set[socket.socket]) -> list[threading.Thread]:
        """Shuts every other connection down; all threads that may still run."""
        with self._lock:
            for connection in self._open.keys() - spared:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # it is gone already
                    continue
            return list(self._open.values())

    def _serve(self, connection: socket.socket, own: bool) -> None:
        try:
            with connection.makefile("rb") as incoming:
                while not self._stopping.is_set() and self._one(connection, incoming, own):
                    pass
        except (OSError, ValueError):
            pass  # a client that goes away ends its own connection only
        finally:
            connection.close()

    def _one(self, connection: socket.socket, incoming: BinaryIO, own: bool) -> bool:
        """Serves one request; False when the connection is over."""
        try:
            heard = hear(incoming, connection.sendall)
        except Garbled:
            self._act(connection, BAD_REQUEST)
            return False
        if heard is None:
            return False
        request = heard.request
        if own or request.path.startswith(control.PREFIX):
            with self._lock:
                self._spared.add(connection)
            return self._act(connection, control.answer(self.simulator, request, heard.body, self._now())) and own
        answer = packed(self.simulator.respond(request, self._now()), request)
        return self._act(connection, answer) and heard.keeps

    def _act(self, connection: socket.socket, answer: Reply) -> bool:
        """Sends the reply as it is meant to arrive; False when the connection is over."""
        if answer.delay and not self._idle(connection, answer.delay):
            return False
        start, body = head(answer), answer.body
        every = answer.behaviour.seconds if answer.behaviour else 0.0
        match answer.behaviour.act if answer.behaviour else None:
            case None:
                connection.sendall(start + body)
                return True
            case Act.REFUSE | Act.RESET:
                return _abort(connection)
            case Act.RESET_IN_HEADERS:
                connection.sendall(start[: len(start) // 2])
                return _abort(connection)
            case Act.RESET_IN_BODY:
                connection.sendall(start + body[: len(body) // 2])
                return _abort(connection)
            case Act.CUT_BODY:
                connection.sendall(start + body[: len(body) // 2])
                return False
            case Act.HANG:
                return self._idle(connection, None) and False
            case Act.DRIP_HEADER:
                return self._drip(connection, start + body, every)
            case Act.DRIP_BODY:
                connection.sendall(start)
                return self._drip(connection, body, every)

    def _drip(self, connection: socket.socket, data: bytes, every: float) -> bool:
        for index in range(len(data)):
            if not self._idle(connection, every):
                return False
            connection.sendall(data[index : index + 1])
        return True

    def _idle(self, connection: socket.socket, seconds: float | None) -> bool:
        """Waits, for ever where None; False as soon as the client has gone or the server is closing."""
        connection.settimeout(seconds)
        try:
            here = connection.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return not self._stopping.is_set()
        finally:
            connection.settimeout(None)
        return bool(here) and not self._stopping.wait(seconds)


def serve(simulator: Simulator, port: int = 0, host: str = "127.0.0.1", now: Callable[[], float] = wall) -> Server:
    """Serves the simulator on loopback, on a free port unless one is given, until `close()`.

    `now` gives the instant of each request in epoch seconds. SupervisorError where the port is taken or the host is not
    loopback.
    """
    return Server(simulator, port, host, now)


def _listen(host: str, port: int) -> socket.socket:
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise SupervisorError(f"The simulator serves loopback only, not {host!r}; use 127.0.0.1.")
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(address), port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        why = getattr(error, "strerror", None) or str(error)
        raise SupervisorError(f"The simulator cannot listen on {host} port {port}: {why}.") from error
    return listener


def _abort(connection: socket.socket) -> bool:
    """Makes the coming close a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
    return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
