"""What is held, and how do orders fare, in words no single broker owns?"""

from decimal import Decimal
from enum import StrEnum

import attrs


@attrs.frozen
class Holding:
    """One position. `quantity` is negative for a short; `symbol` is a ticker or a compact OCC code."""

    symbol: str
    quantity: Decimal


@attrs.frozen
class Holdings:
    """All positions. Value of the "positions" reading.

    `unexplained` says, in words, each change that no order we know of explains; `working` counts live orders.
    """

    positions: tuple[Holding, ...]
    unexplained: tuple[str, ...] = ()
    working: int = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is held and nothing works, so that nothing can change by itself."""
        return not self.positions and not self.working

    def words(self) -> str:
        """In words fit for a log."""
        held = ", ".join(f"{held.quantity:f} {held.symbol}" for held in self.positions[:5]) or "nothing"
        more = f" and {len(self.positions) - 5} more" if len(self.positions) > 5 else ""
        strange = f"; unexplained: {'; '.join(self.unexplained)}" if self.unexplained else ""
        return f"held: {held}{more}{strange}"


class Flow(StrEnum):
    """How orders fare."""

    FLOWING = "flowing"
    REJECTING = "rejecting"
    TRIPPED = "tripped"
    PROBING = "probing"
    AMBIGUOUS = "ambiguous"


@attrs.frozen
class OrderFlow:
    """How orders fare. Value of the "orders" reading: the list was read, and this is what it and our record come to.

    `why` names the trips, causes or orders behind it.
    """

    flow: Flow
    working: int = 0
    why: str = ""

    def words(self) -> str:
        """In words fit for a log."""
        return f"{self.flow.value}, {self.working} working" + (f" ({self.why})" if self.why else "")
