"""Where else may a token of ours be? Files and refresh credentials that the environment names.

TRADIER_TOKEN_FILE: a file with the token alone; TRADIER_ENV_FILE: one with a line `TRADIER_API_KEY=...`. For OAuth, all
three of TRADIER_CLIENT_ID, TRADIER_CLIENT_SECRET and TRADIER_REFRESH_TOKEN: that they are set is the owner's consent to
refresh; TRADIER_TOKEN_STORE names the file (0600) in which new pairs are kept.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from requests.adapters import BaseAdapter

from supervisor.concerns.facts import Place
from supervisor.errors import SupervisorError
from supervisor.log import hide
from supervisor.remedies.oauth import Client, Refresher
from supervisor.remedies.tokens import FileTokenStore, Pair, TokenStore, token_in_file
from supervisor.remedies.wallet import Source, Wallet
from supervisor.tradier.endpoints import Base

FILES = ("TRADIER_TOKEN_FILE", "TRADIER_ENV_FILE")
SECRET = ("TRADIER_API_KEY", "TRADIER_CLIENT_ID", "TRADIER_CLIENT_SECRET", "TRADIER_REFRESH_TOKEN")
"""Variables that hold a secret themselves."""


def _variable(name: str) -> str:
    return (os.environ.get(name) or "").strip()


def _in_file(name: str) -> Callable[[], str | None]:
    """The token in the file that the variable names, looked for at each call."""

    def token() -> str | None:
        path = _variable(name)
        return token_in_file(Path(path).expanduser()) if path else None

    return token


def wallet_for(
    first: Callable[[], str],
    base: Callable[[], Base],
    *,
    intended: Place,
    adapter: BaseAdapter | None = None,
    sources: Mapping[str, Source] | None = None,
    store: TokenStore | None = None,
) -> Wallet:
    """The wallet of an account: `first` is where its token comes from, the environment names the rest.

    `sources` and `store` are the agent's own, before those of the environment.
    """
    others = {**(sources or {}), **{name: _in_file(name) for name in FILES}}
    client_id, secret, refresh = (
        _variable(name) for name in ("TRADIER_CLIENT_ID", "TRADIER_CLIENT_SECRET", "TRADIER_REFRESH_TOKEN")
    )
    if not (client_id and secret and (refresh or store is not None)):
        return Wallet(first, sources=others)
    kept = _variable("TRADIER_TOKEN_STORE")
    return Wallet(
        first,
        sources=others,
        store=store or (FileTokenStore(Path(kept).expanduser()) if kept else None),
        refresher=Refresher(Client(client_id, secret), base, intended=intended, adapter=adapter),
        pair=Pair(first(), refresh) if refresh else None,
    )


def hide_known() -> None:
    """Hides every secret that the environment holds or names: for a command, which has no wallet and still writes."""
    hide(*(_variable(name) for name in SECRET), *(_in_file(name)() or "" for name in FILES))
    kept = _variable("TRADIER_TOKEN_STORE")
    try:
        stored = FileTokenStore(Path(kept).expanduser()).load() if kept else None
    except SupervisorError:
        return  # whoever uses the store says what is wrong with it
    for pair in (stored.pair, stored.before) if stored is not None else ():
        if pair is not None:
            hide(pair.access, pair.refresh)
