"""Where is this host, if it can be said in time?

`getaddrinfo` knows no deadline: it was seen to hold 8 s against one of 1 s. So it runs in a daemon thread and the side
that waits is the side that is bounded. One look-up per host at a time: whoever asks meanwhile waits for the same one, so
a name server that hangs for hours holds one thread, not one per probe.
"""

import ipaddress
import socket
import threading
from collections.abc import Sequence
from typing import Any

Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]
"""As `getaddrinfo` gives it: family, kind, protocol, canonical name, socket address."""


class _Lookup(threading.Thread):
    """One look-up under way; `found` or `error` once it is done."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(name=f"resolve {host}", daemon=True)
        self.host = host
        self.port = port
        self.done = threading.Event()
        self.found: Sequence[Address] = ()
        self.error: OSError | None = None

    def run(self) -> None:
        """Looks the host up, forgets itself, and wakes whoever waits."""
        try:
            self.found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            self.error = error
        except ValueError:  # a label too long, or a character no name may hold
            self.error = socket.gaierror(socket.EAI_NONAME, "no such host name")
        finally:
            with _lock:
                _under_way.pop((self.host, self.port), None)
            self.done.set()


_lock = threading.Lock()
_under_way: dict[tuple[str, int], _Lookup] = {}


def _is_literal(host: str) -> bool:
    """Whether the host is an address already, which needs no look-up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def resolve(host: str, port: int, within: float) -> Sequence[Address]:
    """The host's addresses. Raises TimeoutError after `within` seconds and OSError where there is no such host."""
    if _is_literal(host):
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    with _lock:
        lookup = _under_way.get((host, port))
        if lookup is None:
            lookup = _Lookup(host, port)
            lookup.start()
            _under_way[host, port] = lookup
    if within <= 0 or not lookup.done.wait(within):
        raise TimeoutError(f"looking up {host} took too long")
    if lookup.error is not None:
        raise OSError(lookup.error.errno, lookup.error.strerror)
    return lookup.found
