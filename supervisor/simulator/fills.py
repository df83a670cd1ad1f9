"""What has become of the working orders by now?

Looked at lazily: before each request everything due by then happens, each at its own instant. Market hours are the
Eastern clock's; a fill follows 47 ms after an order can fill (MEAS M1).
"""

from decimal import Decimal

from supervisor.simulator.accounts import Account, AccountKind, Position, multiplier
from supervisor.simulator.encode import plain
from supervisor.simulator.hours import Session, close_of, eastern, instant, midnight, next_open, session
from supervisor.simulator.margin import ZERO
from supervisor.simulator.orders import CONDITIONAL, Order, Status, Ticket
from supervisor.simulator.quotes import Price
from supervisor.simulator.state import Broker

FILL_AFTER = 0.047
DAY = 86_400.0


def settle(broker: Broker, now: float) -> None:
    """Everything due by now has happened: openings, fills, expiries, late rejections, settlement of sales."""
    for number, orders in broker.orders.items():
        account = broker.accounts.get(number)
        if account is None:
            continue
        _settle_cash(account, now)
        for order in orders:
            if order.working:
                _settle_order(broker, account, order, now)


def start(order: Order, now: float) -> None:
    """Gives an order its times: from when it can fill, and when it expires."""
    order.created = order.changed = now
    order.active_from = now if order.ticket.duration in {"pre", "post"} else next_open(now)
    order.ends = _end(order.ticket.duration, order.active_from)
    in_session = order.active_from <= now
    order.status = Status.OPEN if in_session else Status.PENDING


def _end(duration: str, active_from: float) -> float | None:
    match duration:
        case "gtc":
            return None
        case "pre":
            return instant(eastern(active_from).date(), eastern(active_from).time().replace(9, 24, 0, 0))
        case "post":
            return instant(eastern(active_from).date(), eastern(active_from).time().replace(20, 0, 0, 0))
    return close_of(active_from)


def _settle_order(broker: Broker, account: Account, order: Order, now: float) -> None:
    if order.reject_at is not None and now >= order.reject_at:
        order.end(Status.REJECTED, order.reject_at, order.reason)
        return
    if order.reject_at is not None:
        return
    if order.order_class not in CONDITIONAL:
        _settle_part(broker, account, order, now)
        return
    for _ in order.legs:  # one leg's fill may start the next one
        for leg in order.legs:
            _settle_part(broker, account, leg, now)
            _link(order, leg)
    _sum_up(order)


def _settle_part(broker: Broker, account: Account, part: Order, now: float) -> None:
    if not part.working or part.active_from is None or now < part.active_from:
        return
    if part.status is Status.PENDING:
        _open(part, part.active_from)
    first = part.active_from + FILL_AFTER
    if now >= first:
        at = now if part.looked else first
        part.looked = True
        if _trades_at(part, at):
            _try_fill(broker, account, part, at)
    if part.working and part.ends is not None and now >= part.ends:
        part.end(Status.EXPIRED, part.ends)


def _open(part: Order, at: float) -> None:
    for order in (part, *part.legs):
        order.status, order.changed = Status.OPEN, at


def _trades_at(part: Order, at: float) -> bool:
    if part.ends is not None and at >= part.ends:
        return False
    return part.ticket.duration in {"pre", "post"} or session(at) is Session.OPEN


def _link(order: Order, leg: Order) -> None:
    """What the end of one leg does to the others."""
    first = order.legs[0]
    if order.order_class in {"oto", "otoco"} and leg is first and not leg.working:
        for later in order.legs[1:]:
            if leg.status is not Status.FILLED:
                later.end(leg.status, leg.changed)
            elif later.active_from is None:
                created = later.created
                start(later, leg.changed)
                later.created = created
    alternatives = order.legs[-2:] if order.order_class in {"oco", "otoco"} else []
    if leg in alternatives and leg.filled:
        for other in alternatives:
            if other is not leg:
                other.end(Status.CANCELED, leg.changed)


def _sum_up(order: Order) -> None:
    """The parent's status follows from its legs."""
    working = [leg for leg in order.legs if leg.working]
    order.changed = max(leg.changed for leg in order.legs)
    if working:
        waits = all(leg.status is Status.PENDING for leg in working) and not any(leg.filled for leg in order.legs)
        order.status = Status.PENDING if waits else Status.OPEN
    elif any(leg.status is Status.FILLED for leg in order.legs):
        order.status = Status.FILLED
    else:
        order.status = order.legs[0].status


def _try_fill(broker: Broker, account: Account, part: Order, at: float) -> None:
    wanted = part.ticket.quantity - part.filled
    if part.fill_limit is not None:
        wanted = min(wanted, part.fill_limit - part.filled)
    if wanted <= 0:
        return
    pieces = part.legs or [part]
    prices = [broker.quotes.price(piece.ticket.instrument, at) for piece in pieces]
    known = [price for price in prices if price is not None]
    if len(known) < len(pieces):
        return
    per_share = [price.ask if piece.ticket.buys else price.bid for piece, price in zip(pieces, known, strict=True)]
    if part.legs:
        _fill_spread(broker, account, part, per_share, at)
    elif _marketable(part, known[0]):
        _fill(part, wanted, per_share[0], at)
        move(broker, account, part.ticket.instrument, _signed(part.ticket, wanted), per_share[0], at)


def _fill_spread(broker: Broker, account: Account, part: Order, per_share: list[Decimal], at: float) -> None:
    """A multileg or combo fills as a whole where its net price allows it; stock legs are netted per contract."""
    units = part.ticket.quantity
    net = ZERO
    for leg, price in zip(part.legs, per_share, strict=True):
        shares = leg.ticket.quantity * multiplier(leg.ticket.instrument) / (units * 100)
        net += price * shares * (1 if leg.ticket.buys else -1)
    limit = {"debit": part.ticket.price, "credit": -(part.ticket.price or ZERO), "even": ZERO}.get(part.ticket.type)
    if limit is not None and net > limit:
        return
    for leg, price in zip(part.legs, per_share, strict=True):
        _fill(leg, leg.ticket.quantity, price, at)
        move(broker, account, leg.ticket.instrument, leg.ticket.signed, price, at)
    _fill(part, units, abs(net), at)


def _signed(ticket: Ticket, quantity: Decimal) -> Decimal:
    return quantity if ticket.buys else -quantity


def _marketable(order: Order, price: Price) -> bool:
    ticket = order.ticket
    if ticket.stop is not None and not order.triggered:
        order.triggered = price.last >= ticket.stop if ticket.buys else price.last <= ticket.stop
        if not order.triggered:
            return False
    if ticket.price is None:
        return True
    return price.ask <= ticket.price if ticket.buys else price.bid >= ticket.price


def _fill(order: Order, quantity: Decimal, price: Decimal, at: float) -> None:
    done = order.filled + quantity
    order.fill_price = (order.fill_price * order.filled + price * quantity) / done
    order.filled, order.last_quantity, order.last_price, order.changed = done, quantity, price, at
    order.status = Status.FILLED if done >= order.ticket.quantity else Status.PARTLY


def move(broker: Broker, account: Account, symbol: str, signed: Decimal, price: Decimal, at: float) -> None:
    """Cash and position after so much of the symbol came (or went, where negative) at that price per share.

    What a close earned goes into the gains. Across zero it is a close and then an opening.
    """
    before = account.held(symbol)
    if before * signed < 0 and abs(signed) > abs(before):
        move(broker, account, symbol, -before, price, at)
        signed += before
    dollars = signed * price * multiplier(symbol)
    account.cash -= dollars
    if account.kind is AccountKind.CASH and signed < 0:
        account.unsettled -= dollars
        tomorrow = instant(eastern(at).date(), eastern(at).time().replace(0, 0, 0, 0)) + DAY
        account.settling.append((next_open(tomorrow), -dollars))
    held = account.positions.get(symbol)
    if held is None:
        account.positions[symbol] = Position(broker.position_id(), symbol, signed, dollars, at)
        return
    if held.quantity * signed < 0:
        closed = min(abs(signed), abs(held.quantity))
        cost = held.cost * closed / abs(held.quantity)
        held.cost -= cost
        _gain(account, held, closed, cost, dollars, at)
    else:
        held.cost += dollars
    held.quantity += signed
    if not held.quantity:
        del account.positions[symbol]


def _gain(account: Account, held: Position, closed: Decimal, cost: Decimal, dollars: Decimal, at: float) -> None:
    """A closed position as `/gainloss` has it; `cost` and `dollars` are signed as the position is."""
    opened, closes = eastern(held.acquired).date(), eastern(at).date()
    paid, got = (cost, -dollars) if held.quantity > 0 else (dollars, -cost)
    account.gains.append(
        {
            "close_date": midnight(closes),
            "cost": plain(paid),
            "gain_loss": plain(got - paid),
            "gain_loss_percent": round(float((got - paid) / paid * 100), 2) if paid else 0,
            "open_date": midnight(opened),
            "proceeds": plain(got),
            "quantity": plain(closed if held.quantity > 0 else -closed),
            "symbol": held.symbol,
            "term": (closes - opened).days,
        }
    )


def _settle_cash(account: Account, now: float) -> None:
    """What sales brought may be spent from the next session's open on (T+1)."""
    for due in [due for due in account.settling if due[0] <= now]:
        account.settling.remove(due)
        account.unsettled -= due[1]
