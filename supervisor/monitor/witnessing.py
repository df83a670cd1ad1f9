"""Who outside this machine's folder is told where the record ends? What `supervisor log verify` compares with later."""

from collections.abc import Callable

from supervisor import log
from supervisor.config import Settings
from supervisor.errors import ConfigError
from supervisor.journal.chain import Head
from supervisor.journal.witness import Syslog, Witness

Hear = Callable[[Head], object]


def witness_for(name: str, settings: Settings, hear: Hear | None) -> Witness | None:
    """A witness that tells `hear` and the syslog of the settings of each new head; None where there is neither.

    ConfigError where the syslog's address cannot be one. One that does not answer is said, and asked again at each head.
    """
    syslog = _Reaching(name, address_of(settings.witness_syslog)) if settings.witness_syslog else None
    if syslog is None:
        return None if hear is None else Witness(hear)

    def tell(head: Head) -> None:
        try:
            if hear is not None:
                hear(head)
        finally:
            syslog(head)

    return Witness(tell, syslog.close)


def address_of(said: str) -> str | tuple[str, int]:
    """A local socket's path, or host and UDP port. ConfigError where it is neither."""
    if said.startswith("/"):
        return said
    host, _, port = said.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigError(f"witness_syslog is {said!r}: give a path like /dev/log, or host:port")
    return host, int(port)


class _Reaching:
    """A syslog that is looked for when there is something to say, and again after it failed."""

    def __init__(self, name: str, address: str | tuple[str, int]) -> None:
        self._name, self._address = name, address
        self._syslog: Syslog | None = None
        self._silent = False

    def __call__(self, head: Head) -> None:
        try:
            if self._syslog is None:
                self._syslog = Syslog(self._name, self._address)
            self._syslog(head)
        except OSError as error:
            self.close()
            if not self._silent:
                log.error("witness", problem=f"the syslog at {self._address} does not hear: {error}")
            self._silent = True
            raise
        self._silent = False

    def close(self) -> None:
        """Lets the socket go, until there is something to say."""
        syslog, self._syslog = self._syslog, None
        if syslog is not None:
            syslog.close()
