"""What do the readings say, in words no single broker owns?

An adapter turns the broker's reply into one of these; concerns judge only these. No account number is in them: `label`
is already masked to the last four characters.
"""

from decimal import Decimal
from enum import StrEnum

import attrs


@attrs.frozen
class Account:
    """One account the token may see. `ours` marks the one this supervisor is for.

    `status` is the broker's word in lower case, None where it gave none; `option_level` an ordinal, None where not
    given; `kind` is the broker's account type ("cash", "margin").
    """

    label: str
    ours: bool
    status: str | None
    option_level: int | None
    kind: str | None = None
    classification: str | None = None


@attrs.frozen
class Profile:
    """All accounts the token may see, in the broker's order. Value of the "profile" reading."""

    accounts: tuple[Account, ...]

    def ours(self) -> Account | None:
        """The account this supervisor is for, or None where the broker does not list it."""
        for account in self.accounts:
            if account.ours:
                return account
        return None

    def words(self) -> str:
        """In words fit for a log."""
        ours = self.ours()
        if ours is None:
            return f"ours is not among the {len(self.accounts)} listed ({', '.join(a.label for a in self.accounts)})"
        level = "none stated" if ours.option_level is None else str(ours.option_level)
        return f"account {ours.label}, status {ours.status or 'not stated'}, option level {level}"


@attrs.frozen
class Balances:
    """Money in US dollars. Value of the "balances" reading.

    `kind` is named after the sub-object that was present (cash, margin, pdt), not after the label. `equity_power` and
    `option_power` are what may be spent on opening stock and option positions (both are the settled cash of a cash
    account); `day_trade_power` is there for pdt accounts whose broker says it; `unsettled` is cash that may not be
    spent yet; `calls` is the sum of maintenance and fed calls, zero when there is none.
    """

    kind: str
    equity_power: Decimal
    option_power: Decimal
    calls: Decimal
    total_equity: Decimal | None = None
    total_cash: Decimal | None = None
    unsettled: Decimal | None = None
    day_trade_power: Decimal | None = None

    def words(self) -> str:
        """In words fit for a log."""
        calls = f", margin call {self.calls:.2f}" if self.calls > 0 else ""
        return f"{self.kind}, for equities {self.equity_power:.2f}, for options {self.option_power:.2f}{calls}"


class Place(StrEnum):
    """Where requests go, or are meant to go."""

    SANDBOX = "sandbox"
    LIVE = "live"
    LOOPBACK = "loopback"
    UNLISTED = "unlisted"


@attrs.frozen
class Endpoint:
    """What the owner intends and what is really used. Value of the "endpoint" reading."""

    intended: Place
    used: Place
    host: str

    def words(self) -> str:
        """In words fit for a log."""
        return f"{self.intended.value} is intended, {self.host} ({self.used.value}) is used"


class Action(StrEnum):
    """What an operator may say."""

    REDUCE = "reduce"
    HALT = "halt"
    RELEASE = "release"
    ACK = "ack"


@attrs.frozen
class Command:
    """What an operator said, who and why. Value of the "operator" reading. `target` is an issue id for ACK."""

    action: Action
    who: str
    why: str
    target: str | None = None

    def words(self) -> str:
        """In words fit for a log."""
        return f"{self.action.value} by {self.who}: {self.why}"


class Keeping(StrEnum):
    """How the journal fares."""

    WRITTEN = "written"
    RESUMED = "resumed"
    UNWRITABLE = "unwritable"


@attrs.frozen
class Record:
    """How the journal fares. Value of the "journal" reading."""

    keeping: Keeping
    why: str = ""

    def words(self) -> str:
        """In words fit for a log."""
        return f"{self.keeping.value}: {self.why}" if self.why else self.keeping.value
