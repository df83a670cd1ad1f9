"""What does an agent's adapter say of itself: which account, where, with which token?

Any of it may be missing, and any access may raise: then it is not said, and the environment is asked instead.
"""

import os
from typing import Any

import attrs

from supervisor.concerns.facts import Place
from supervisor.errors import ConfigError
from supervisor.monitor.tradier import account_number, environment
from supervisor.monitor.wiring import said
from supervisor.tradier.endpoints import base_url_for, intended_place, parse_base


@attrs.frozen
class Facts:
    """Whom and where an adapter trades for. None is what it does not say."""

    account: str | None
    sandbox: bool | None
    base: str | None

    @property
    def where(self) -> bool:
        """Whether it says where it sends."""
        return self.base is not None or self.sandbox is not None


def held_by(agent: Any) -> Any:
    """The agent's own `tradier_adapter`; None where it has none that says anything of account or place."""
    adapter = said(agent, "tradier_adapter")
    facts = Source(adapter).facts()
    return adapter if facts.account is not None or facts.where else None


class Source:
    """An agent's adapter, or none, as where account, place and token come from. Its token is never kept here."""

    def __init__(self, adapter: Any) -> None:
        self.adapter = adapter

    def facts(self) -> Facts:
        """What it says just now. Never raises."""
        account, sandbox = said(self.adapter, "account_id"), said(self.adapter, "sandbox")
        base = said(self.adapter, "rest_client", "api_base")
        if isinstance(account, int) and not isinstance(account, bool):
            account = str(account)
        return Facts(
            account.strip() or None if isinstance(account, str) else None,
            sandbox if isinstance(sandbox, bool) else None,
            base.strip() or None if isinstance(base, str) else None,
        )

    def token(self) -> str:
        """The token as it is now: the adapter's, else TRADIER_API_KEY; "" where there is none."""
        token = said(self.adapter, "oauth", "access_token")
        if isinstance(token, str) and token.strip():
            return token.strip()
        return environment("TRADIER_API_KEY") or ""

    def intended(self) -> Place:
        """Where the owner means to trade: TRADIER_SANDBOX, else the adapter's own flag, else the sandbox. ConfigError."""
        return intended_place(os.environ.get("TRADIER_SANDBOX"), self.facts().sandbox)

    def base(self) -> str:
        """The base URL in use: the adapter's, else what its flag stands for, else as the environment says. ConfigError."""
        facts = self.facts()
        if facts.base is not None:
            return facts.base
        if facts.sandbox is not None:
            return base_url_for(Place.SANDBOX if facts.sandbox else Place.LIVE)
        return environment("TRADIER_BASE_URL") or base_url_for(self.intended())

    def account(self) -> str | None:
        """The account: the adapter's, else TRADIER_ACCOUNT_ID, else None. ConfigError where it can't be one."""
        return account_number(self.facts().account)

    def checked(self) -> None:
        """Raises ConfigError where it is plain at once that the broker can't be asked."""
        parse_base(self.base())
        self.intended()
        self.account()
        if not self.token():
            raise ConfigError("there is no token: neither the adapter's oauth.access_token nor TRADIER_API_KEY is set")
