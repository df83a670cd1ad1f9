"""What may a remedy touch? Narrow ports; not one of them can place, change or cancel an order, or lead towards live money."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import attrs

from supervisor.concerns.facts import Place
from supervisor.core.reading import Reading


@attrs.frozen
class Standing:
    """Where requests go: what is intended, what the monitor's client uses, and what the agent's submitting adapter uses.

    `submitter` is None where no adapter is known. `account` is the environment that the account's own number tells.
    """

    intended: Place
    client: Place
    submitter: Place | None
    account: Place | None


class Wiring(Protocol):
    """The client that reads, and the agent's adapter that submits."""

    def standing(self) -> Standing:
        """As it is now."""
        ...

    def to_sandbox(self) -> None:
        """Points both at the sandbox host. There is no way back from here: nothing leads towards live."""
        ...

    def ask(self, deadline: float) -> Reading:
        """One reading on the session in use."""
        ...

    def ask_afresh(self, deadline: float) -> Reading:
        """One reading on a session of its own: new connection, name looked up anew. It is kept for `renew`."""
        ...

    def renew(self) -> None:
        """The session in use is another one from now on: the one that `ask_afresh` made, or a new one."""
        ...


@attrs.frozen
class Refreshed:
    """What came of a refresh, in words; `finish` is what a person must do, `used` whether the new token is in use."""

    words: str
    finish: str = ""
    used: bool = True


class Tokens(Protocol):
    """Where the token in use comes from. Tokens themselves never pass through here."""

    def others(self) -> Sequence[str]:
        """The names of sources whose token is neither the one in use nor one that was rejected, best first."""
        ...

    def take(self, source: str) -> None:
        """The token in use is that source's from now on. Raises SupervisorError where it has none."""
        ...

    def put_back(self) -> bool:
        """Uses the token from before the last `take` or `refresh` again; False where there is none to go back to."""
        ...

    def keep(self) -> None:
        """What is in use is proved: the old one need not be kept any longer."""
        ...

    def rejected(self) -> None:
        """The broker rejects the token in use: it is not offered again."""
        ...

    def can_refresh(self) -> bool:
        """Whether there are refresh credentials, which are the owner's consent."""
        ...

    def refresh(self, deadline: float, wanted: Callable[[], bool]) -> Refreshed:
        """Asks once for a new pair and keeps it beside the old one. Raises SupervisorError where none came.

        Where `wanted` is false by the time it came, or the owner changed the token meanwhile, it is not used.
        """
        ...

    def expires_at(self) -> float | None:
        """When the token in use expires (epoch seconds); None where that is not known."""
        ...


class Allowance(Protocol):
    """How much of the broker's allowance may be used."""

    def hold_back(self) -> None:
        """Rounds come at the throttled cadence, and strategy reads wait: the rest is for cancels and read-backs."""
        ...

    def let_go(self) -> None:
        """As before."""
        ...


class RecordKeeper(Protocol):
    """The journal."""

    def trouble(self) -> str | None:
        """Why it can't be written; None where it can."""
        ...

    def start_anew(self, aside: str) -> str:
        """The file is moved aside under that name, and a fresh one linked to its last hash; says so. JournalError."""
        ...

    def put_back(self, aside: str) -> bool:
        """The file moved aside stands where it stood, the fresh one is kept beside it; False where nothing was moved."""
        ...

    def sound(self) -> bool:
        """Whether the journal in use can be written and its chain holds."""
        ...


class Market(Protocol):
    """Questions about the market and the money. Each gives a Reading and never raises."""

    def quotes(self, symbols: Sequence[str], deadline: float) -> Reading:
        """Quotes and unmatched symbols."""
        ...

    def lookup(self, words: str, deadline: float) -> Reading:
        """Securities whose symbols resemble the words."""
        ...

    def search(self, words: str, deadline: float) -> Reading:
        """Securities whose names resemble the words."""
        ...

    def balances(self, deadline: float) -> Reading:
        """The balances."""
        ...


class Failed(Protocol):
    """Orders that failed, and what is offered instead. Nothing is ever sent from here."""

    def order(self, issue_id: str) -> Mapping[str, Any] | None:
        """The dict that failed; None where it is not known."""
        ...

    def offer(self, issue_id: str, order: Mapping[str, Any]) -> None:
        """That order is offered to the agent instead."""
        ...

    def offered(self, issue_id: str) -> Mapping[str, Any] | None:
        """What is offered."""
        ...

    def withdraw(self, issue_id: str) -> None:
        """Nothing is offered any longer."""
        ...

    def held(self) -> Any:
        """What is held and live, as `orders.tidy.Held`; None where that is not freshly known."""
        ...


@attrs.frozen
class Ports:
    """All of them; None where there is nothing behind one."""

    wiring: Wiring | None = None
    tokens: Tokens | None = None
    allowance: Allowance | None = None
    record: RecordKeeper | None = None
    market: Market | None = None
    failed: Failed | None = None


NOTHING = Ports()
