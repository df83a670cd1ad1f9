"""What must others provide so that orders can be sent and followed?

Four ports: the broker's reads, previews and trades (an adapter's), and the ledger and gate (the monitor's). Whatever
is not named here this folder does not know.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from supervisor.core.intent import Decision, Intent
from supervisor.core.reading import Failure, Reading
from supervisor.orders.claims import Row
from supervisor.orders.records import Intention, Tell


class Listed(Row, Protocol):
    """One order as the broker lists it."""

    @property
    def tag(self) -> str | None:
        """The tag it was sent with, exactly; None where the broker names none."""

    @property
    def reason(self) -> str | None:
        """The broker's sentence for a refusal."""

    @property
    def price(self) -> Decimal | None:
        """Its limit, US dollars."""

    @property
    def stop(self) -> Decimal | None:
        """Its stop, US dollars."""

    @property
    def duration(self) -> str | None:
        """How long it lasts."""

    @property
    def type(self) -> str | None:
        """Its type."""

    @property
    def created_at(self) -> float | None:
        """When the broker made it, epoch seconds."""

    @property
    def legs(self) -> Sequence["Listed"]:
        """Its legs."""


class PositionRow(Protocol):
    """One position as the broker lists it."""

    @property
    def symbol(self) -> str:
        """Ticker or compact OCC code."""

    @property
    def quantity(self) -> Decimal:
        """Negative for a short."""


class Booked(Protocol):
    """One booking in the account's history."""

    @property
    def at(self) -> float | None:
        """When, epoch seconds."""

    @property
    def details(self) -> Mapping[str, Any]:
        """What the broker says of it: for a trade its `symbol` and signed `quantity`."""


class Reads(Protocol):
    """The broker's reads. Each gives a Reading with a value or a failure within its deadline and never raises."""

    def orders(self, deadline: float) -> Reading:
        """A sequence of `Listed`: the day's orders with their tags."""

    def order(self, order_id: str, deadline: float) -> Reading:
        """One `Listed`. FOREIGN_ACCOUNT means that there is no such order of ours."""

    def positions(self, deadline: float) -> Reading:
        """A sequence of `PositionRow`."""

    def balances(self, deadline: float) -> Reading:
        """A `facts.Balances`."""

    def market_clock(self, deadline: float) -> Reading:
        """Something whose `state` is open, premarket, postmarket or closed."""

    def history(self, deadline: float, *, start: date, kind: str) -> Reading:
        """A sequence of `Booked` from that Eastern day on, of that kind ("trade")."""


class Sent(Protocol):
    """What came of one order request, sent at most once."""

    @property
    def kind(self) -> str:
        """acknowledged, refused, unknown or unsent."""

    @property
    def words(self) -> str:
        """The broker's own, masked."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The bare codes among them."""

    @property
    def order_id(self) -> str | None:
        """The id the broker gave, where it gave one."""

    @property
    def status(self) -> int | None:
        """The HTTP status or its like."""

    @property
    def failure(self) -> Failure | None:
        """Why it is unknown, refused or unsent."""


class Quoted(Protocol):
    """What a clean preview says, US dollars."""

    @property
    def order_cost(self) -> Decimal | None:
        """What it costs without commission and fees."""

    @property
    def margin_change(self) -> Decimal | None:
        """What margin it takes."""


class PreviewSent(Sent, Protocol):
    """What came of a preview: acknowledged with `preview`, else as `Sent`."""

    @property
    def preview(self) -> Quoted | None:
        """What it would cost."""

    @property
    def booked_by_preview(self) -> bool:
        """Whether the reply names an order: it must then be taken for booked."""


class Previews(Protocol):
    """Asks what an order would cost, and can do nothing else."""

    def preview(self, form: Mapping[str, str], deadline: float) -> PreviewSent:
        """The broker's word on that form. Never raises."""


class Trades(Protocol):
    """Submits, modifies, cancels: each call is one request at most. Never raises."""

    def submit(self, form: Mapping[str, str], deadline: float) -> Sent:
        """Places the order."""

    def modify(self, order_id: str, form: Mapping[str, str], deadline: float) -> Sent:
        """Changes the order."""

    def cancel(self, order_id: str, deadline: float) -> Sent:
        """Cancels the order."""


class Ledger(Protocol):
    """The record. Called under the desk's lock: it must not wait for anything that waits for the desk."""

    @property
    def salt(self) -> str:
        """A few letters or digits of this account, environment and journal; another journal has others."""

    def number(self) -> int:
        """The number of the last entry, counted on in memory where it can't be written."""

    def intend(self, intention: Intention) -> None:
        """Durable when it returns. Raises JournalError where it could not be written."""

    def spool(self, intention: Intention) -> None:
        """As `intend`, in a side file, for a close while the journal can't be written. Raises JournalError."""

    def tell(self, tell: Tell) -> None:
        """Journals it and tells the book. Never raises: what can't be written is the ledger's own concern."""


class Gate(Protocol):
    """What may be sent just now."""

    def decide(self, intent: Intent) -> Decision:
        """The gate's word on an order of that intent, at this moment. Never raises."""

    def option_level(self) -> int | None:
        """The account's option level by the last good profile; None where not known."""
