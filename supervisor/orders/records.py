"""What is written down about an order, so that any restart can take it up again?

An Intention before it is sent, then a Tell for every signal to a life. Both are plain data for the journal, and the two
in their order are all that `Desk.restore` needs.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from supervisor.errors import JournalError
from supervisor.log import mask

JOURNAL, SPOOL, UNJOURNALLED = "journal", "spool", "unjournalled"
DEEP, LONG = 6, 2000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@attrs.frozen
class Intention:
    """An order about to be sent: durable before it is.

    `order` is the order as it will be sent, `agents` the dict the agent gave; `cost` is dollars at worst where known;
    `kept` says where it was written; `change` is the id of the order it modifies, None for a new order.
    """

    our_id: str
    tag: str
    key: str
    at: float
    order: Mapping[str, Any]
    agents: Mapping[str, Any]
    opens: bool
    cost: str | None = None
    fixes: Sequence[Mapping[str, str]] = ()
    kept: str = JOURNAL
    change: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return attrs.asdict(self, recurse=False) | {"fixes": [dict(fix) for fix in self.fixes]}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> "Intention":
        """The same again. Raises JournalError where a field is missing or strange."""
        try:
            return cls(**row)
        except TypeError as error:
            raise JournalError(f"an order's intention in the journal can't be read: {error}") from error


@attrs.frozen
class Tell:
    """One signal to a life at an instant, with its evidence in words and the facts that a restart needs."""

    life: str
    key: str
    signal: str
    at: float
    evidence: str = ""
    facts: Mapping[str, Any] = attrs.field(factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return attrs.asdict(self, recurse=False) | {"facts": dict(self.facts)}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> "Tell":
        """The same again. Raises JournalError where a field is missing or strange."""
        try:
            return cls(**row)
        except TypeError as error:
            raise JournalError(f"an order's signal in the journal can't be read: {error}") from error


def plain(value: Any, depth: int = 0) -> Any:
    """Whatever an agent gave, as plain data fit for the journal: masked, and cut where it is too deep or long."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 10**18:
        return value
    if isinstance(value, float | Decimal):
        return str(value)
    if depth < DEEP and isinstance(value, Mapping):
        return {mask(str(name))[:LONG]: plain(inner, depth + 1) for name, inner in list(value.items())[:100]}
    if depth < DEEP and isinstance(value, list | tuple):
        return [plain(inner, depth + 1) for inner in value[:100]]
    try:
        return mask(str(value))[:LONG]
    except Exception:  # noqa: BLE001 - an agent may hand in anything: an int too long to be written out, or what can't be
        return type(value).__name__


def base36(number: int) -> str:
    """A whole number from 0 on in digits and lower-case letters."""
    digits = _DIGITS[number % 36]
    while number := number // 36:
        digits = _DIGITS[number % 36] + digits
    return digits
