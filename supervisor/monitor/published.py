"""What has the monitor published? What agents and dashboards read, without a lock and without waiting."""

from collections.abc import Mapping

from supervisor.config import Settings
from supervisor.core.book import Book
from supervisor.core.reading import Reading
from supervisor.core.words import ALL
from supervisor.monitor.gate import Gate
from supervisor.monitor.status import AccountState, Health, account_state, health_of, standings, views


class Published:
    """The gate, the concerns and the last good readings as last published."""

    def __init__(self, book: Book, settings: Settings, now: float) -> None:
        self.book = book
        self.settings = settings
        self._gate = Gate.of(book.fold(), permits=ALL, as_of=now, until=0.0, until_wall=0.0)
        self._shown = (self._gate, standings(book))
        """The gate with the concerns it was folded from: one object, so that no reader sees half of each."""
        self._facts: dict[str, Reading] = {}
        self._completed = False

    @property
    def gate(self) -> Gate:
        """The verdict as last published."""
        return self._gate

    @property
    def stale(self) -> bool:
        """Whether the monitor has fallen silent."""
        return self._silent(self._gate)

    def _silent(self, gate: Gate) -> bool:
        return self._completed and not gate.fresh()

    def health(self) -> Health:
        """How healthy it is, with every concern."""
        gate, stood = self._shown
        return health_of(gate, views(stood), self.current_state(), self.book.stats, stale=self._silent(gate))

    def current_state(self) -> AccountState | None:
        """The account as last read."""
        connection = next(state.name for name, state, *_ in self._shown[1] if name == "connection")
        ok = connection in {"up", "slow", "throttled", "recovering"}
        return account_state(dict(self._facts), level=self.settings.option_level, connection_ok=ok)

    @property
    def facts(self) -> Mapping[str, Reading]:
        """The last good reading of each source."""
        return dict(self._facts)
