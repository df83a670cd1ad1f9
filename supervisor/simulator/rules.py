"""May this account place this order now? Family B: a refusal comes inside a 200.

Which refusal comes as a code and which as a sentence follows what was recorded (section 7.4). Pending orders count
against positions and money (MEAS M2).
"""

from collections.abc import Sequence
from decimal import Decimal

import attrs

from supervisor.simulator.accounts import Account, AccountKind, Money, multiplier
from supervisor.simulator.call import Refused
from supervisor.simulator.hours import eastern
from supervisor.simulator.margin import ZERO, Tied, tied
from supervisor.simulator.occ import parse
from supervisor.simulator.orders import Order, Ticket
from supervisor.simulator.state import Broker
from supervisor.simulator.tickets import Asked, coded, worded

NO_LONG = "Sell order cannot be placed unless you are closing a long position, please check open orders. "
NO_SHORT_WHILE_LONG = (
    "Sell short order cannot be placed while you have a current long position, please check open orders."
)
NO_OPTIONS = "Account is restricted for option trading. Please contact 980-272-3880 for questions or concerns."
SHORT_GTC = "GTC not permitted for sell short orders"
CHEAPEST_SHORT = 5
COVERED, LONG, SPREAD, NAKED = 1, 2, 3, 4
"""The option level from which each is allowed. What Tradier's levels mean was found nowhere: this is the common ladder."""


@attrs.frozen
class Cost:
    """What an order would cost in dollars: `cash` out of the account (negative: in), and what it would tie up."""

    cash: Decimal
    need: Decimal


def judge(broker: Broker, account: Account, asked: Asked, now: float) -> Cost:
    """What the order would cost; Refused, in the broker's words, where it may not be placed."""
    if account.status == "closed":
        raise coded("AccountDisabled")
    if account.status not in {None, "active", "open", "approved"}:
        raise coded("TradingDeniedForAccount")
    entries = asked.legs[:1] if asked.order_class in {"oto", "otoco"} else asked.tickets
    for ticket in asked.tickets:
        _known(broker, ticket, now)
    for ticket in entries:
        _position_allows(broker, account, ticket, now)
        _stop_allows(broker, ticket, now)
    alternatives = [entries] if asked.order_class != "oco" else [(leg,) for leg in asked.legs]
    costs = [_cost(broker, account, tickets, now) for tickets in alternatives]
    for tickets, cost in zip(alternatives, costs, strict=True):
        _level_allows(broker, account, tickets, now)
        _money_allows(broker.money(account, now), tickets, cost)
    return max(costs, key=lambda cost: cost.need)


def estimate(broker: Broker, ticket: Ticket, now: float) -> Decimal:
    """The price per share at which it would fill: its own limit or stop, else the other side of the quote."""
    price = broker.quotes.price(ticket.instrument, now)
    if price is None:
        return ZERO
    if ticket.type in {"limit", "stop_limit"} and ticket.price is not None:
        return max(ticket.price, price.bid) if not ticket.buys else ticket.price
    if ticket.type == "stop" and ticket.stop is not None:
        return ticket.stop
    return price.ask if ticket.buys else price.bid


def _known(broker: Broker, ticket: Ticket, now: float) -> None:
    contract = parse(ticket.option)
    if contract is not None and contract.expires < eastern(now).date():
        raise coded("InvalidOrderExpiration")
    if broker.quotes.price(ticket.instrument, now) is None:
        raise worded(f"Undefined symbol: {ticket.instrument}")


def _stop_allows(broker: Broker, ticket: Ticket, now: float) -> None:
    """A stop must lie beyond the market, or it would trigger at once."""
    price = broker.quotes.price(ticket.instrument, now)
    if price is None or ticket.stop is None:
        return
    if ticket.buys and ticket.stop <= price.ask:
        raise coded("BuyStopOrderStopPriceLessAsk")
    if not ticket.buys and ticket.stop >= price.bid:
        raise coded("SellStopOrderStopPriceGreaterBid")


def _position_allows(broker: Broker, account: Account, ticket: Ticket, now: float) -> None:
    refusal = (
        _option_refusal(broker, account, ticket) if ticket.option else _stock_refusal(broker, account, ticket, now)
    )
    if refusal is not None:
        raise refusal


def _stock_refusal(broker: Broker, account: Account, ticket: Ticket, now: float) -> Refused | None:
    held, symbol = account.held(ticket.symbol), ticket.symbol
    match ticket.side:
        case "buy":
            return coded("UnexpectedBuyOrder") if held < 0 or _pending(broker, account, symbol, "sell_short") else None
        case "sell":
            left = held - _pending(broker, account, symbol, "sell")
            if left <= 0:
                return worded(NO_LONG)
            return coded("LongPositionCrossZero") if ticket.quantity > left else None
        case "buy_to_cover":
            left = -held - _pending(broker, account, symbol, "buy_to_cover")
            if left <= 0:
                return coded("UnexpectedBuyToCoverOrder")
            return coded("ShortPositionCrossZero") if ticket.quantity > left else None
    if account.kind is AccountKind.CASH:
        return coded("ShortStockTradingDeniedForAccount")
    if ticket.duration == "gtc":
        return worded(SHORT_GTC)
    if held > 0 or _pending(broker, account, symbol, "buy"):
        return worded(NO_SHORT_WHILE_LONG)
    price = broker.quotes.price(symbol, now)
    return coded("SellShortOrderLastPriceBelow5") if price and price.last < CHEAPEST_SHORT else None


def _option_refusal(broker: Broker, account: Account, ticket: Ticket) -> Refused | None:
    held, symbol = account.held(ticket.option), ticket.option
    match ticket.side:
        case "buy_to_open":
            if held < 0 or _pending(broker, account, symbol, "sell_to_open"):
                return coded("UnexpectedBuyOrderOption")
            return None
        case "sell_to_open":
            if held > 0 or _pending(broker, account, symbol, "buy_to_open"):
                return coded("UnexpectedSellShortOrderOption")
            return None
        case "sell_to_close":
            left = held - _pending(broker, account, symbol, "sell_to_close")
            if left <= 0:
                return worded(NO_LONG)  # the equity wording, as recorded
            return coded("LongPositionCrossZero") if ticket.quantity > left else None
    left = -held - _pending(broker, account, symbol, "buy_to_close")
    if left <= 0:
        return coded("UnexpectedBuyToCoverOrderOption")
    return coded("ShortPositionCrossZero") if ticket.quantity > left else None


def _pending(broker: Broker, account: Account, instrument: str, side: str) -> Decimal:
    """How much of that instrument is about to be bought or sold in that way; the legs of an OCO count once."""
    total = ZERO
    for order in broker.orders[account.number]:
        parts = [part for part in order.parts() if part.working and part.active_from is not None]
        amounts = [_remaining(part, instrument, side) for part in parts]
        alternatives = order.order_class in {"oco", "otoco"}
        total += max(amounts, default=ZERO) if alternatives else sum(amounts, ZERO)
    return total


def _remaining(part: Order, instrument: str, side: str) -> Decimal:
    return sum(
        (
            order.remaining
            for order in part.legs or [part]
            if order.ticket.instrument == instrument and order.ticket.side == side
        ),
        ZERO,
    )


def _after(account: Account, tickets: Sequence[Ticket]) -> dict[str, Decimal]:
    """What would be held once these have filled."""
    quantities = {symbol: position.quantity for symbol, position in account.positions.items()}
    for ticket in tickets:
        quantities[ticket.instrument] = quantities.get(ticket.instrument, ZERO) + ticket.signed
    return quantities


def _tied_then(broker: Broker, account: Account, tickets: Sequence[Ticket], now: float) -> tuple[Tied, Tied]:
    """What the positions tie up before and after."""
    quantities = _after(account, tickets)
    prices = broker.prices(quantities, now)
    prices |= {ticket.instrument: estimate(broker, ticket, now) for ticket in tickets}
    before = {symbol: position.quantity for symbol, position in account.positions.items()}
    return tied(before, prices), tied(quantities, prices)


def _cost(broker: Broker, account: Account, tickets: Sequence[Ticket], now: float) -> Cost:
    cash = sum(
        (ticket.signed * estimate(broker, ticket, now) * multiplier(ticket.instrument) for ticket in tickets), ZERO
    )
    whole = tickets[0]
    if len(tickets) > 1 and whole.price is not None:
        units = min(ticket.quantity for ticket in tickets)
        cash = whole.price * units * 100 * (1 if whole.type == "debit" else -1)
    before, after = _tied_then(broker, account, tickets, now)
    if account.kind is AccountKind.CASH:
        return Cost(cash, cash + after.secured - before.secured)
    stock = sum(
        (ticket.signed * estimate(broker, ticket, now) for ticket in tickets if not ticket.option),
        ZERO,
    )
    return Cost(cash, cash - stock + after.stock - before.stock + after.options - before.options)


def _level_allows(broker: Broker, account: Account, tickets: Sequence[Ticket], now: float) -> None:
    """Closing is allowed at any level above none; opening by what it would leave uncovered."""
    options = [ticket for ticket in tickets if ticket.option]
    if not options:
        return
    level = account.option_level or 0
    if level == 0:
        raise worded(NO_OPTIONS)
    opening = [ticket for ticket in options if ticket.opens]
    before, after = _tied_then(broker, account, tickets, now)
    cash = account.kind is AccountKind.CASH
    if cash and after.naked_calls > before.naked_calls:
        raise coded("ShortOptionTradingDeniedForAccount")
    if after.naked_calls > before.naked_calls or (after.naked_puts > before.naked_puts and not cash):
        needed = NAKED
    elif any(not ticket.buys for ticket in opening) and len(opening) > 1:
        needed = SPREAD
    elif any(ticket.buys for ticket in opening):
        needed = LONG
    else:
        needed = COVERED
    if level < needed:
        raise coded("OptionLevelRestriction")


def _money_allows(money: Money, tickets: Sequence[Ticket], cost: Cost) -> None:
    if cost.need <= 0 or not any(ticket.opens for ticket in tickets):
        return  # a way out is never refused for want of money
    cash = money.account.kind is AccountKind.CASH
    stock_only = not any(ticket.option for ticket in tickets)
    enough = cost.need * 2 <= money.stock_power if stock_only and not cash else cost.need <= money.option_power
    if not enough:
        pdt = money.account.kind is AccountKind.PDT
        raise coded("DayTradingBuyingPowerExceeded" if pdt else "InitialMargin")
