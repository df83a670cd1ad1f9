"""What befalls an account without any order of its own: assignment, expiry, somebody else's fill?

Plain readings of the usual US rules (no Tradier recording): an option a cent in the money at expiry is exercised, stock
is delivered at the strike, an index is settled in cash. An order that has nothing left to close is canceled.
"""

from decimal import Decimal
from typing import Any

from supervisor.errors import SupervisorError
from supervisor.simulator.accounts import Account
from supervisor.simulator.fills import move
from supervisor.simulator.hours import hours, instant
from supervisor.simulator.margin import CONTRACT, ZERO
from supervisor.simulator.occ import Contract, parse
from supervisor.simulator.orders import Order, Status, Ticket
from supervisor.simulator.quotes import CENT
from supervisor.simulator.state import Broker


def assign(broker: Broker, account: Account, symbol: str, quantity: Any, at: float) -> None:
    """So many short contracts are exercised by who holds them."""
    contract, count = parse(symbol), Decimal(str(quantity))
    if contract is None:
        raise SupervisorError(f"{symbol} is no option symbol; one reads like SPY261218C00690000.")
    short = max(-account.held(symbol), ZERO)
    if not 0 < count <= short or count % 1:
        raise SupervisorError(f"{count} of {symbol} cannot be assigned: {short} are short.")
    _exercise(broker, account, contract, -count, at)
    _withdraw(broker, account, at)


def foreign_fill(broker: Broker, account: Account, symbol: str, quantity: Any, price: Any, at: float) -> None:
    """So much was bought, or sold where negative, at that price per share."""
    count, paid = Decimal(str(quantity)), Decimal(str(price))
    if not count or paid < 0:
        raise SupervisorError(f"{count} of {symbol} at {paid} is no fill: it takes a quantity, and no negative price.")
    move(broker, account, symbol, count, paid, at)
    _withdraw(broker, account, at)


def expire(broker: Broker, now: float) -> None:
    """Every contract whose last session has ended by now comes to its end."""
    for account in broker.accounts.values():
        for order in broker.orders[account.number]:
            for part in order.parts():
                if part.working and any(_over(ticket.option, now) for ticket in _tickets(part)):
                    part.end(Status.EXPIRED, now)
        for symbol in [symbol for symbol in account.positions if _over(symbol, now)]:
            contract = parse(symbol)
            if contract is not None:
                _end(broker, account, contract, now)
        _withdraw(broker, account, now)


def _end(broker: Broker, account: Account, contract: Contract, at: float) -> None:
    held = account.held(contract.symbol)
    if _intrinsic(broker, contract, at) >= CENT:
        _exercise(broker, account, contract, held, at)
    else:
        move(broker, account, contract.symbol, -held, ZERO, at)


def _exercise(broker: Broker, account: Account, contract: Contract, held: Decimal, at: float) -> None:
    """That many contracts (negative: of the short ones) turn into what they are worth: shares, or cash for an index."""
    listing = broker.quotes.listings.get(contract.underlying)
    if listing is not None and listing.kind == "index":
        move(broker, account, contract.symbol, -held, _intrinsic(broker, contract, at), at)
        return
    move(broker, account, contract.symbol, -held, ZERO, at)
    shares = held * CONTRACT * (1 if contract.call else -1)
    move(broker, account, contract.underlying, shares, contract.strike, at)


def _intrinsic(broker: Broker, contract: Contract, at: float) -> Decimal:
    """What exercising brings per share; nothing where the underlying has no price."""
    spot = broker.quotes.price(contract.underlying, at)
    if spot is None:
        return ZERO
    return max(spot.last - contract.strike if contract.call else contract.strike - spot.last, ZERO)


def _over(symbol: str, now: float) -> bool:
    contract = parse(symbol)
    return contract is not None and now >= instant(contract.expires, hours(contract.expires).close)


def _withdraw(broker: Broker, account: Account, at: float) -> None:
    """Working orders that would close more than is held are canceled: positions are never flipped.

    Those that wait for the order before them are left: what they close is yet to come.
    """
    for order in broker.orders[account.number]:
        for part in order.parts():
            waits = part.active_from is None
            if part.working and not waits and any(_excessive(account, part, ticket) for ticket in _tickets(part)):
                part.end(Status.CANCELED, at)


def _excessive(account: Account, part: Order, ticket: Ticket) -> bool:
    held = account.held(ticket.instrument)
    closable = max(-held if ticket.buys else held, ZERO)
    return not ticket.opens and ticket.quantity - part.filled > closable


def _tickets(part: Order) -> list[Ticket]:
    """What an order trades: its legs together, or itself."""
    return [leg.ticket for leg in part.legs] or [part.ticket]
