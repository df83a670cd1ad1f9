"""What is remembered of one order while it may still matter?"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from supervisor.core.cursor import Cursor
from supervisor.orders import life
from supervisor.orders.claims import Claim, of_order, of_row
from supervisor.orders.handle import Handle, Outcome, Result
from supervisor.orders.order import Order
from supervisor.orders.ports import Listed
from supervisor.orders.proof import UNSURE, filled_quantity, reason_of, signal_of
from supervisor.orders.records import UNJOURNALLED, Intention
from supervisor.orders.tidy import Fix

OUTCOMES = {
    "drafted": Outcome.UNKNOWN,
    "previewed": Outcome.UNKNOWN,
    "sent": Outcome.UNKNOWN,
    "ambiguous": Outcome.UNKNOWN,
    "refused": Outcome.REFUSED,
    "rejected": Outcome.REFUSED,
    "absent": Outcome.ABSENT,
}
"""By the state of its life; every other state means that the broker has it, or had it."""

ELSEWHERE = "x-"
"""Begins our id of an order placed elsewhere, before the broker's. No id of an order of ours holds a hyphen."""
CERTAIN_AFTER = 2.0
"""Seconds after the request from which `pending` is the broker's word: its risk check takes less (M5)."""


@attrs.define(eq=False)
class Tracked:
    """One order, ours or found. Times are epoch seconds; guarded by the desk's lock.

    `order` and `intention` are None for an order that is not ours. `row` is how the broker last showed it; `proofs` are
    the readings that agree that it is not there; `by_hand` says that it was settled as landed without an id: by a person,
    or by positions and history.
    """

    key: str
    our_id: str
    cursor: Cursor
    order: Order | None = None
    intention: Intention | None = None
    handle: Handle[Result] | None = None
    fixes: tuple[Fix, ...] = ()
    warnings: tuple[str, ...] = ()
    order_id: str | None = None
    posted: float | None = None
    ended: float | None = None
    row: Listed | None = None
    seen: float = 0.0
    """When the row was seen."""
    looked: int = 0
    next_look: float | None = None
    proofs: list[float] = attrs.field(factory=list)
    errors: tuple[str, ...] = ()
    cause: str = ""
    by: str = ""
    by_hand: bool = False
    counted: str = ""
    """Among which orders it was counted: successful, failed, or not yet."""

    @property
    def state(self) -> str:
        """Where its life stands."""
        return self.cursor.state

    @property
    def tag(self) -> str | None:
        """The tag it was sent with."""
        return self.intention.tag if self.intention else getattr(self.row, "tag", None)

    @property
    def over(self) -> bool:
        """Whether nothing more is to be looked for."""
        return self.state in life.FINAL or self.by_hand

    @property
    def unsettled(self) -> bool:
        """Whether the broker may have it, and we don't know."""
        return self.state in life.UNSETTLED

    @property
    def verdict(self) -> bool:
        """Whether the broker has spoken: it is over, or works in a state that no refusal follows any more."""
        if self.over:
            return True
        if self.state not in life.LIVE or self.row is None:
            return False
        return self.row.status not in UNSURE or self.seen >= (self.ended or 0.0) + CERTAIN_AFTER

    @property
    def opens(self) -> bool:
        """Whether it was sent to open."""
        return self.intention is not None and self.intention.opens

    @property
    def cost(self) -> Decimal:
        """Dollars at worst where they were known when it was sent, else 0."""
        cost = self.intention.cost if self.intention else None
        return Decimal(cost) if cost and self.opens else Decimal(0)

    def claims(self) -> tuple[Claim, ...]:
        """What it may still take from, or add to, what is held."""
        if self.over:
            return ()
        if self.row is not None:
            return of_row(self.row)
        return of_order(self.order) if self.order else ()

    def result(self) -> Result:
        """The last word on it so far."""
        outcome = OUTCOMES.get(self.state, Outcome.LANDED)
        status = self.row.status if self.row is not None and outcome is Outcome.LANDED else self.state
        unjournalled = (UNJOURNALLED,) if self.intention and self.intention.kept == UNJOURNALLED else ()
        return Result(
            outcome=outcome,
            order_id=self.order_id,
            tag=self.tag if self.state not in ("drafted", "previewed", "refused") else None,
            status=status,
            errors=() if outcome is Outcome.LANDED else self.errors,
            warnings=(*self.warnings, *(self.errors if outcome is Outcome.LANDED else ()), *unjournalled),
            fixes_applied=self.fixes,
            by=self.by,
            cause="" if outcome is Outcome.LANDED else self.cause,
            filled=filled_quantity(self.row),
            final=self.over,
        )

    def facts(self) -> Mapping[str, Any]:
        """What a restart needs besides the intention."""
        return {
            "our_id": self.our_id,
            "order_id": self.order_id,
            "posted": self.posted,
            "ended": self.ended,
            "by_hand": self.by_hand,
        }

    def recall(self, facts: Mapping[str, Any]) -> None:
        """Takes up what a Tell before the restart said."""
        self.order_id = facts.get("order_id") or self.order_id
        self.posted = facts.get("posted") or self.posted
        self.ended = facts.get("ended") or self.ended
        self.by_hand = bool(facts.get("by_hand", self.by_hand))


def result_of(row: Listed) -> Result:
    """What the broker shows of an order that no record has."""
    refused = signal_of(row) == life.REJECTED
    reason = reason_of(row)
    return Result(
        outcome=Outcome.REFUSED if refused else Outcome.LANDED,
        order_id=row.order_id,
        tag=row.tag,
        status=row.status,
        errors=(reason,) if reason else (),
        by="broker" if refused else "",
        filled=filled_quantity(row),
        final=row.final,
    )
