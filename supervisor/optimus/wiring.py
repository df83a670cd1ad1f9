"""How is a supervisor made for an agent's adapter? As for an account of one's own, but all of it read off the adapter."""

from collections.abc import Callable
from pathlib import Path

import attrs
from requests.adapters import BaseAdapter

from supervisor.concerns.facts import Endpoint
from supervisor.config import DEFAULTS, Settings
from supervisor.errors import ConfigError
from supervisor.journal.home import Home
from supervisor.monitor.memory import UNNAMED, Memory
from supervisor.monitor.supervisor import Supervisor
from supervisor.monitor.tradier import TradierBroker, folder, settings_for
from supervisor.optimus.source import Source
from supervisor.orders import order_settings
from supervisor.tradier.client import Reader
from supervisor.tradier.endpoints import parse_base

EVERY_MINUTE = 60
"""The old engine's interval: with it the settings' own interval rules."""


@attrs.frozen
class Wiring:
    """What an agent may say besides its adapter. `transport` stands in for the network; then nothing has a thread."""

    interval: float = EVERY_MINUTE
    auto_fix: bool = True
    settings: Settings | None = None
    home: Path | str | None = None
    persist: bool = True
    transport: BaseAdapter | None = None

    def rules(self) -> tuple[Settings, str | None]:
        """The settings to go by, and what is wrong with the settings file, in one sentence: then the defaults rule."""
        doubt = None
        chosen = self.settings
        if chosen is None:
            try:
                chosen = settings_for(folder(self.home))
            except ConfigError as error:
                chosen, doubt = DEFAULTS, f"{error} (the defaults rule meanwhile)"
        if not self.auto_fix:
            chosen = attrs.evolve(chosen, enable_auto_fix=False)
        if self.interval != EVERY_MINUTE:
            seconds = max(1.0, float(self.interval))
            chosen = attrs.evolve(chosen, interval=seconds, quick=max(1.0, seconds / 4), stale=2.5 * seconds)
        return chosen, doubt


def key_of(source: Source, wiring: Wiring) -> tuple[str, int]:
    """What makes two adapters' supervisors the same one: the folder of the account, and the network. ConfigError."""
    place = parse_base(source.base()).place
    home = Home.of(place.value, source.account() or UNNAMED, folder(wiring.home))
    return str(home.folder), id(wiring.transport)


class AdapterBroker(TradierBroker):
    """A broker looked at as the agent's adapter would; `glance` is called whenever it is read where that leads."""

    def __init__(
        self, source: Source, reader: Reader, token: Callable[[], str], wiring: Wiring, glance: Callable[[], object]
    ) -> None:
        super().__init__(reader, token, intended=reader.endpoint.intended, adapter=wiring.transport)
        self._glance = glance
        self._account = reader.account_id
        if source.facts().where:  # else it says nothing of where it sends, or raises when asked
            self.wiring.submitter = source.adapter

    def leads_to(self, source: Source) -> bool:
        """Whether that adapter trades for the account, and at the place, that is looked at."""
        try:
            return parse_base(source.base()).url == self.reader.base.url and source.account() == self._account
        except ConfigError:
            return False

    def endpoint(self) -> Endpoint:
        """What is intended and what is used."""
        self._glance()
        return super().endpoint()


def supervise(
    source: Source, wiring: Wiring, settings: Settings, token: Callable[[], str], glance: Callable[[], object]
) -> Supervisor:
    """A supervisor of the account that the adapter trades for, with an order desk. Not started. ConfigError."""
    source.checked()
    reader = Reader(source.base(), token, source.account(), intended=source.intended(), adapter=wiring.transport)
    memory = None
    if wiring.persist:
        memory = Memory(
            folder(wiring.home),
            account=reader.account_id,
            environment=reader.base.place.value,
            window=settings.restart_window,
            secrets=(token(),),
        )
    return Supervisor(
        AdapterBroker(source, reader, token, wiring, glance),
        settings=settings,
        memory=memory,
        orders=order_settings(settings),
        inline=wiring.transport is not None,
    )
