"""How much of an account's money do its positions tie up?

A plain reading of the usual US rules, good enough to say no where a broker would: half of stock long or short; nothing
for covered short options, the width for a short option that a long one limits, a fifth of the underlying for the rest.
"""

from collections.abc import Mapping
from decimal import Decimal

import attrs

from supervisor.simulator.occ import Contract, parse

ZERO = Decimal(0)
HALF = Decimal("0.5")
CONTRACT = 100
NAKED_SHARE = Decimal("0.2")


@attrs.frozen
class Tied:
    """What positions tie up, in dollars, and how many short contracts nothing covers.

    `stock` and `options` are margin requirements; `secured` is the strike worth of uncovered puts, for cash accounts.
    """

    stock: Decimal = ZERO
    options: Decimal = ZERO
    naked_calls: Decimal = ZERO
    naked_puts: Decimal = ZERO
    secured: Decimal = ZERO

    @property
    def naked(self) -> Decimal:
        """Short contracts that neither stock nor a long option covers."""
        return self.naked_calls + self.naked_puts


def tied(quantities: Mapping[str, Decimal], prices: Mapping[str, Decimal]) -> Tied:
    """What positions of these quantities tie up at these prices (per share; underlyings included)."""
    if not quantities:
        return Tied()
    shares = {symbol: quantity for symbol, quantity in quantities.items() if parse(symbol) is None}
    stock = sum((abs(quantity) * prices.get(symbol, ZERO) for symbol, quantity in shares.items()), ZERO) * HALF
    contracts = {contract: quantities[contract.symbol] for symbol in quantities if (contract := parse(symbol))}
    longs = {contract: quantity for contract, quantity in contracts.items() if quantity > 0}
    options = calls = puts = secured = ZERO
    for contract in sorted(contracts, key=lambda one: one.symbol):
        left = max(-contracts[contract], ZERO)
        left -= _take_shares(shares, contract, left)
        for long in _covers(longs, contract):
            taken = min(left, longs[long])
            longs[long] -= taken
            left -= taken
            options += taken * CONTRACT * _width(contract, long)
        spot = prices.get(contract.underlying, contract.strike)
        options += left * CONTRACT * (spot * NAKED_SHARE + prices.get(contract.symbol, ZERO))
        if contract.call:
            calls += left
        else:
            puts += left
            secured += left * CONTRACT * contract.strike
    return Tied(stock, options, calls, puts, secured)


def _take_shares(shares: dict[str, Decimal], contract: Contract, wanted: Decimal) -> Decimal:
    """Covers calls with shares held, puts with shares sold short; the contracts covered."""
    held = shares.get(contract.underlying, ZERO) * (1 if contract.call else -1)
    taken = min(wanted, max(held, ZERO) // CONTRACT)
    if taken:
        shares[contract.underlying] -= taken * CONTRACT * (1 if contract.call else -1)
    return taken


def _covers(longs: Mapping[Contract, Decimal], short: Contract) -> list[Contract]:
    """The long contracts that limit what a short one can lose, the nearest first."""
    fit = [
        long
        for long in longs
        if long.underlying == short.underlying and long.call is short.call and long.expires >= short.expires
    ]
    return sorted(fit, key=lambda long: (_width(short, long), long.symbol))


def _width(short: Contract, long: Contract) -> Decimal:
    """What the pair can lose per share, premiums aside."""
    return max(long.strike - short.strike if short.call else short.strike - long.strike, ZERO)
