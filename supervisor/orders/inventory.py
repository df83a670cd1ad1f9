"""What is held, and does everything we know of explain it?

Expected positions are those first read, moved by every fill that any listed order shows, ours or not. A difference
counts only when two readings of positions, with a reading of orders between them, show the same one.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from supervisor.orders.claims import BUYS, ZERO
from supervisor.orders.ports import Listed
from supervisor.orders.proof import leaves
from supervisor.orders.symbols import root_of

APART = 3.0
"""Seconds that the two readings must lie apart: positions may show a fill later than the order does."""


class Inventory:
    """Positions as read, and as they should be. `positions` is None until a reading succeeded."""

    def __init__(self) -> None:
        self.positions: dict[str, Decimal] | None = None
        self.unexplained: dict[str, Decimal] = {}
        self._expected: dict[str, Decimal] | None = None
        self._counted: dict[str, Decimal] = {}
        self._suspects: dict[str, tuple[Decimal, float, int]] = {}
        self._lists = 0
        self._soft = False

    @property
    def expected(self) -> dict[str, Decimal] | None:
        """What should be held; None until positions were read."""
        return None if self._expected is None else dict(self._expected)

    @property
    def suspicious(self) -> bool:
        """Whether another look should come soon."""
        return bool(self._suspects)

    def differs(self, names: Collection[str]) -> bool:
        """Whether something about these underlyings is unexplained, be it for certain or not yet."""
        return any(root_of(name) in names for name in (*self.unexplained, *self._suspects))

    def unexplained_by(self, symbol: str) -> Decimal:
        """By how much what is held of a symbol differs from what should be."""
        if self.positions is None or self._expected is None:
            return ZERO
        return self.positions.get(symbol, ZERO) - self._expected.get(symbol, ZERO)

    def explain(self, symbol: str, by: Decimal) -> None:
        """Something was found that explains that much."""
        if self._expected is not None:
            self._expected[symbol] = self._expected.get(symbol, ZERO) + by
        self.unexplained.pop(symbol, None)
        self._suspects.pop(symbol, None)

    def take_up(self, expected: Mapping[str, Decimal], counted: Mapping[str, Decimal]) -> None:
        """What should be held and which fills that counts, from before a restart."""
        self._expected = dict(expected)
        self._counted = dict(counted)

    def counted(self) -> dict[str, Decimal]:
        """The fills counted so far, by the broker's order id."""
        return dict(self._counted)

    def rows_seen(self, rows: Sequence[Listed]) -> bool:
        """Counts new fills; whether there were any."""
        moved = False
        for leaf in leaves(rows):
            name, done = leaf.option_symbol or leaf.symbol, leaf.exec_quantity or ZERO
            more = done - self._counted.get(leaf.order_id, ZERO)
            if not more or name is None or leaf.side is None:
                continue
            self._counted[leaf.order_id] = done
            moved = True
            if self._expected is not None:
                self._expected[name] = self._expected.get(name, ZERO) + (more if leaf.side in BUYS else -more)
        self._lists += 1
        if self._soft:
            self._soft = False
            if moved:
                self._expected = None  # the fill fell between the two readings: begin anew with the next
        return moved

    def positions_seen(self, held: Mapping[str, Decimal], at: float) -> None:
        """Compares what is held with what should be."""
        self.positions = {symbol: quantity for symbol, quantity in held.items() if quantity}
        if self._expected is None:
            self._expected = dict(self.positions)
            self._soft = True
            self._suspects.clear()
            return
        names = {*self.positions, *self._expected}
        found = {name: self.positions.get(name, ZERO) - self._expected.get(name, ZERO) for name in names}
        differ = {name: by for name, by in found.items() if by}
        suspects = {}
        self.unexplained = {name: by for name, by in self.unexplained.items() if differ.get(name) == by}
        for name, by in differ.items():
            first = self._suspects.get(name)
            if first is None or first[0] != by:
                first = (by, at, self._lists)
            if name not in self.unexplained:
                suspects[name] = first
                if at - first[1] >= APART and self._lists > first[2]:
                    self.unexplained[name] = by
                    del suspects[name]
        self._suspects = suspects

    def acknowledge(self) -> None:
        """A person looked at what is unexplained: from here on it is expected."""
        for name, by in self.unexplained.items():
            if self._expected is not None:
                self._expected[name] = self._expected.get(name, ZERO) + by
        self.unexplained = {}

    def words(self) -> tuple[str, ...]:
        """Each unexplained change in words."""
        return tuple(f"{by.normalize():+f} {name}" for name, by in sorted(self.unexplained.items()))
