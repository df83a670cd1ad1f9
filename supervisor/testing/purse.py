"""What else has the owner put in place besides the token: a token file, and credentials that refresh a token?"""

from collections.abc import Callable

from requests.adapters import BaseAdapter

from supervisor.concerns.facts import Place
from supervisor.monitor.tradier import TradierBroker
from supervisor.remedies.oauth import Client, Refresher
from supervisor.remedies.tokens import Pair, Stored
from supervisor.remedies.wallet import Wallet
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator
from supervisor.tradier.client import Reader

CLIENT_ID, SECRET, REFRESH = "agents-client-01", "agents-secret-01", "agents-refresh-01"


class Purse:
    """The owner's token file and stored pair. It outlives processes; each gets a wallet of it. Is its own token store."""

    def __init__(self, simulator: Simulator, adapter: BaseAdapter) -> None:
        self._simulator = simulator
        self._adapter = adapter
        self._stored: Stored | None = None
        self.filed: str | None = None
        """The token in the token file."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret in it."""
        pairs = [] if self._stored is None else [self._stored.pair, self._stored.before]
        filed = () if self.filed is None else (self.filed,)
        return (SECRET, REFRESH, *filed, *(word for pair in pairs if pair for word in (pair.access, pair.refresh)))

    def broker(self, uses: str, intends: Place, first: Callable[[], str]) -> TradierBroker:
        """The broker as a new process watches it; its token first comes from there, later from wherever it must."""
        refresher = Refresher(Client(CLIENT_ID, SECRET), lambda: reader.base, intended=intends, adapter=self._adapter)
        wallet = Wallet(first, sources={"the token file": lambda: self.filed}, store=self, refresher=refresher)
        token, adapter = wallet.current, self._adapter
        reader = Reader(uses, token, DEFAULT_ACCOUNT, intended=intends, adapter=adapter)
        return TradierBroker(reader, token, intended=intends, adapter=adapter, wallet=wallet)

    def rotate(self, token: str) -> None:
        """The broker takes only that token from now on, and the owner puts it into the token file."""
        self.filed = token
        self._simulator.allow_only(token)

    def may_refresh(self, token: str, until: float) -> None:
        """The owner gives refresh credentials for that token, which is good until then; the next process knows of them."""
        self._simulator.oauth.allow(CLIENT_ID, SECRET, REFRESH)
        self._stored = Stored(Pair(token, REFRESH, until))

    def load(self) -> Stored | None:
        """As of a token store: what is kept."""
        return self._stored

    def save(self, stored: Stored) -> None:
        """As of a token store: keeps it."""
        self._stored = stored
