"""How is a Tradier account watched? From the environment, or from arguments."""

import os
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from typing import Any

import attrs
from requests.adapters import BaseAdapter

from supervisor.concerns.facts import Endpoint, Place
from supervisor.config import Settings, load
from supervisor.core.concern import Concern, Life
from supervisor.core.reading import Reading
from supervisor.errors import ConfigError
from supervisor.journal.home import Home, home_root
from supervisor.journal.witness import named
from supervisor.monitor.memory import UNNAMED, Memory, glance, glance_at_orders
from supervisor.monitor.probes import Probe
from supervisor.monitor.supervisor import Supervisor
from supervisor.monitor.wallets import wallet_for
from supervisor.monitor.wiring import Wiring
from supervisor.monitor.witnessing import Hear, witness_for
from supervisor.orders import OrderSettings, as_table, order_settings
from supervisor.remedies import Remedy
from supervisor.remedies.tokens import TokenStore
from supervisor.remedies.wallet import Source, Wallet
from supervisor.tradier.client import Reader
from supervisor.tradier.endpoints import base_url_for, intended_place, parse_base
from supervisor.tradier.orders_wire import Previewer, Trader

SETTINGS_FILE = "supervisor.toml"
SHORTEST_KEY = 8
LONGEST_KEY = 512


class TradierBroker:
    """One Tradier account as the monitor sees it.

    The reader reads, the previewer previews, and only `trades` gives what sends; they share the token's allowance and
    the account number, which the reader may learn from the profile.
    """

    name = "Tradier"

    def __init__(
        self,
        reader: Reader,
        token: Callable[[], str],
        *,
        intended: Place,
        adapter: BaseAdapter | None = None,
        wallet: Wallet | None = None,
    ) -> None:
        self.reader = reader
        self.wallet = wallet
        self._token = token
        self._named = reader.account_id is not None
        self._previewer = Previewer(
            reader.base.url, token, reader.account_id, intended=intended, adapter=adapter, quota=reader.quota
        )
        self._trader = Trader(
            reader.base.url, token, reader.account_id, intended=intended, adapter=adapter, quota=reader.quota
        )

        fresh = None if adapter is None else (lambda: adapter)
        self.wiring = Wiring(reader, (self._previewer, self._trader), fresh=fresh)

    def repoint(self, base_url: str) -> None:
        """Every client goes there from now on. ConfigError for any place but the sandbox or loopback."""
        self.wiring.repoint(base_url)

    def reads(self) -> Reader:
        """The reads of an order desk."""
        return self.reader

    def lookups(self) -> Reader:
        """What looks symbols up."""
        return self.reader

    def previews(self) -> Previewer:
        """Previews, and can do nothing else."""
        return self._previewer

    def trades(self) -> Trader:
        """What sends. Only the order desk may hold it."""
        return self._trader

    def accounts_to_mask(self) -> tuple[str, ...]:
        """The account number, to be masked wherever people or programs mention it."""
        return self.reader.accounts_to_mask()

    def account_named(self) -> bool:
        """Whether TRADIER_ACCOUNT_ID, or an argument, named the account."""
        return self._named

    def probes(self) -> Mapping[str, Probe]:
        """Two requests a round, profile and balances; one more while the account's number is not known."""
        return {"profile": self.reader.profile, "balances": self._balances}

    def _balances(self, deadline: float) -> Reading:
        """The balances; while the account's number is not known, of the one that the profile then lists."""
        began = monotonic()
        if self.reader.account_id is None:
            self.reader.profile(deadline)
        return self.reader.balances(max(0.01, deadline - (monotonic() - began)))

    def endpoint(self) -> Endpoint:
        """What is intended and what is used."""
        self._previewer.account_id = self._trader.account_id = self.reader.account_id
        return self.wiring.endpoint()

    def credential(self) -> str:
        """A mark of the token: it changes when the token does, and tells nothing of it."""
        try:
            token = self._token()
        except Exception:  # noqa: BLE001 - the agent's own callable; the reader reports that it fails
            token = ""
        return blake2b(token.encode(), digest_size=8, key=b"supervisor").hexdigest()


def environment(name: str) -> str | None:
    """A variable's value without blanks around it; None where unset or empty."""
    return (os.environ.get(name) or "").strip() or None


def api_key(given: str | None) -> str:
    """The token to use. ConfigError, which never shows it, where there is none or it cannot be one."""
    key = (given if given is not None else environment("TRADIER_API_KEY")) or ""
    key = key.strip()
    if not key:
        raise ConfigError("TRADIER_API_KEY is not set: put your Tradier access token in it, or run with --demo")
    if not key.isascii() or not key.isprintable() or " " in key or not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ConfigError(
            f"TRADIER_API_KEY cannot be a token: it has {len(key)} characters; a token is {SHORTEST_KEY} to"
            f" {LONGEST_KEY} letters, digits and punctuation without blanks"
        )
    return key


def account_number(given: str | None) -> str | None:
    """The account to watch, None where none is named. ConfigError where it cannot be one."""
    number = given if given is not None else environment("TRADIER_ACCOUNT_ID")
    number = (number or "").strip()
    if number and not (number.isascii() and number.isalnum() and len(number) <= 32):
        raise ConfigError("TRADIER_ACCOUNT_ID cannot be an account number: it is letters and digits, like VA12345678")
    return number or None


def intended(sandbox: bool | None) -> Place:
    """Where the owner means to trade: the argument, else TRADIER_SANDBOX, else the sandbox."""
    if sandbox is not None:
        return Place.SANDBOX if sandbox else Place.LIVE
    return intended_place(os.environ.get("TRADIER_SANDBOX"))


def reader_for(
    *,
    api_key_: str | None = None,
    account_id: str | None = None,
    sandbox: bool | None = None,
    base_url: str | None = None,
    adapter: BaseAdapter | None = None,
    token_sources: Mapping[str, Source] | None = None,
    token_store: TokenStore | None = None,
) -> tuple[Reader, Wallet]:
    """A reader of the account that arguments and environment name, and the wallet its token comes from.

    Without an argument the token is read from the environment at each use, so that a changed one is picked up.
    """
    first = api_key(api_key_)
    place = intended(sandbox)
    url = base_url or environment("TRADIER_BASE_URL") or base_url_for(place)

    def token() -> str:
        return first if api_key_ is not None else environment("TRADIER_API_KEY") or ""

    wallet = wallet_for(
        token, lambda: reader.base, intended=place, adapter=adapter, sources=token_sources, store=token_store
    )
    reader = Reader(url, wallet.current, account_number(account_id), intended=place, adapter=adapter)
    return reader, wallet


def folder(home: Path | str | None) -> Path:
    """Where journal and settings live: the argument, else SUPERVISOR_HOME, else the platform's user data folder."""
    return Path(home).expanduser() if home is not None else home_root()


def home_of(home: Path | str | None = None) -> Home:
    """The folder of the account that the environment names; needs no token."""
    place = parse_base(environment("TRADIER_BASE_URL") or base_url_for(intended(None))).place
    return Home.of(place.value, account_number(None) or UNNAMED, folder(home))


def settings_for(home: Path) -> Settings:
    """The settings file's numbers: SUPERVISOR_CONFIG, else supervisor.toml in the home folder."""
    named = environment("SUPERVISOR_CONFIG")
    if named is not None and not Path(named).is_file():
        raise ConfigError(f"SUPERVISOR_CONFIG names {named}, which is no file")
    found = load(Path(named) if named else home / SETTINGS_FILE)
    order_settings(found)  # what is wrong in [orders] is named at the start, desk or none
    return found


def for_tradier(
    api_key: str | None = None,
    account_id: str | None = None,
    *,
    sandbox: bool | None = None,
    base_url: str | None = None,
    settings: Settings | None = None,
    home: Path | str | None = None,
    persist: bool = True,
    adapter: BaseAdapter | None = None,
    concerns: tuple[Concern, ...] = (),
    lives: tuple[Life, ...] = (),
    probes: Mapping[str, Probe] | None = None,
    orders: bool | OrderSettings = False,
    remedies: Iterable[Remedy] = (),
    submitter: Any = None,
    token_sources: Mapping[str, Source] | None = None,
    token_store: TokenStore | None = None,
    witness: Hear | None = None,
    **callbacks: Any,
) -> Supervisor:
    """A supervisor of one Tradier account, from arguments or the TRADIER_* environment. Not started yet.

    `home` holds the journal (SUPERVISOR_HOME, else the platform's user data folder); `persist=False` keeps none.
    `concerns`, `lives` and `probes` are your own: a probe's reading comes as source "extra:<name>".
    `orders` gives it a desk (`supervisor.orders`) that sends each order once and follows it; positions are then watched.
    True takes its numbers from `[orders]` in the settings.
    `remedies` are repairs of your own; `submitter` is your own adapter that submits (its `sandbox` and
    `rest_client.api_base` are compared with what is intended); `token_store` keeps refreshed OAuth tokens, and
    `token_sources` are callables by name that give another token, or None, when the one in use is rejected.
    `witness` hears of each new head of the journal, for `supervisor log verify --head` (so does `witness_syslog`).
    `adapter` stands in for the network (the in-process simulator); then everything runs in the caller's thread.
    ConfigError, one sentence, where something cannot be right.
    """
    reader, wallet = reader_for(
        api_key_=api_key,
        account_id=account_id,
        sandbox=sandbox,
        base_url=base_url,
        adapter=adapter,
        token_sources=token_sources,
        token_store=token_store,
    )
    root = folder(home)
    chosen = settings or settings_for(root)
    if isinstance(orders, OrderSettings):
        chosen = attrs.evolve(chosen, orders=as_table(orders))  # on record with the rest, so that a replay knows them
    memory = (
        Memory(
            root,
            account=reader.account_id,
            environment=reader.base.place.value,
            window=chosen.restart_window,
            witness=witness_for(named(reader.base.place.value, reader.account_id or UNNAMED), chosen, witness),
        )
        if persist
        else None
    )
    broker = TradierBroker(reader, wallet.current, intended=reader.endpoint.intended, adapter=adapter, wallet=wallet)
    broker.wiring.submitter = submitter
    return Supervisor(
        broker,
        settings=chosen,
        memory=memory,
        concerns=concerns,
        lives=lives,
        probes=probes,
        orders=order_settings(chosen) if orders else None,
        remedies=remedies,
        inline=adapter is not None,
        **callbacks,
    )


def remembered(supervisor: Supervisor, home: Path | str | None = None) -> str | None:
    """Puts what outlives every restart into a supervisor that keeps nothing; one sentence where it can't be read."""
    place = home_of(home)
    why = glance(place, supervisor.book, supervisor.now())
    if why is None and supervisor.trading is not None:
        supervisor.trading.restore(*glance_at_orders(place))
    return why
