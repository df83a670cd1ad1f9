"""Does the broker know the symbol by another spelling?

Applied by itself only where the spelling alone differs: case, blanks, a class share's slash, OCC padding. Anything that
might be another instrument is only suggested, ranked.
"""

from difflib import SequenceMatcher

from supervisor.core.occ import parse_option
from supervisor.core.reading import Reading
from supervisor.orders.order import Order
from supervisor.orders.symbols import equity_symbol, plain
from supervisor.remedies.form import Manner, Outcome, Plan, Scene
from supervisor.remedies.orders import (
    DEADLINE,
    failed_order,
    is_offered,
    known,
    named,
    offer,
    offering,
    quotes_of,
    understood,
    withdraw,
)
from supervisor.remedies.ports import Market
from supervisor.tradier.records import Security

MOST = 5
"""The best and up to four more."""


class SymbolRemedy:
    """Symbol lookup and correction."""

    name = "symbol"
    codes = frozenset({"order_failure_symbol"})
    manner = Manner()

    def plan(self, scene: Scene) -> Plan | None:
        """The same order in the broker's spelling, or suggestions."""
        raw, order, market = failed_order(scene), understood(scene), scene.ports.market
        if raw is None or market is None:
            return None
        symbols = named(order) if isinstance(order, Order) else _spelled(raw.get("option_symbol"), raw.get("symbol"))
        found = quotes_of(scene, symbols) if symbols else None
        if found is None:
            return None  # a failed read says nothing about the symbol
        unknown = [symbol for symbol in symbols if symbol not in found]
        given = [raw.get("symbol"), raw.get("option_symbol")]
        if not unknown:
            if not isinstance(order, Order) or all(symbol in given for symbol in symbols):
                return None
            return offering(f"spell it {' / '.join(symbols)}, as the broker does", order.as_dict(), symbols=symbols)
        return _suggesting(market, unknown[0])

    def apply(self, plan: Plan, scene: Scene) -> Outcome:
        """Offers it."""
        return offer(plan, scene)

    def proves(self, plan: Plan, scene: Scene) -> bool:
        """The broker quotes the spelling offered."""
        return is_offered(plan, scene) and known(scene, list(plan.data["symbols"]))

    def undo(self, _: Plan, scene: Scene) -> str | None:
        """Withdraws it."""
        withdraw(scene)
        return None


def _spelled(*given: object) -> list[str]:
    """The symbols of an order that can't be understood, in the broker's spelling."""
    found = []
    for text in given:
        if isinstance(text, str) and text.strip():
            option = parse_option(text)
            found.append(option.symbol if option else equity_symbol(text))
    return found


def _suggesting(market: Market, symbol: str) -> Plan | None:
    """What it might be meant for. Nothing is applied: it may be another instrument."""
    option = parse_option(symbol)
    words = option.root.rstrip("0123456789") if option else symbol
    readings: list[Reading] = []
    for part in dict.fromkeys((words, words[:-1] or words, words[: max(2, len(words) // 2)])):
        readings += [market.lookup(part, DEADLINE), market.search(part, DEADLINE)]
    if all(reading.failure is not None for reading in readings):
        return None
    securities = [row for r in readings if isinstance(r.value, tuple) for row in r.value if isinstance(row, Security)]
    ranked = rank(words, [row.symbol for row in securities])
    if not ranked:
        return None
    more = f" (or {', '.join(ranked[1:])})" if ranked[1:] else ""
    return Plan(
        f"the broker does not know {symbol}",
        {"symbol": symbol, "suggestions": ranked},
        finish=f"{symbol} is not known to the broker; it might be meant for {ranked[0]}{more}: say which",
        acts=False,
    )


def rank(wanted: str, symbols: list[str]) -> list[str]:
    """The symbols most like the wanted one, best first, five at most."""

    def distance(symbol: str) -> tuple[float, int, str]:
        return (-SequenceMatcher(None, plain(wanted), plain(symbol)).ratio(), len(symbol), symbol)

    return sorted(dict.fromkeys(symbols), key=distance)[:MOST]
