"""What happens to an order that is sent, previewed, changed or canceled?"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import attrs

from supervisor.simulator import bodies
from supervisor.simulator.accounts import Account
from supervisor.simulator.call import Call, Refused
from supervisor.simulator.encode import plain
from supervisor.simulator.faults import Fault
from supervisor.simulator.fills import start
from supervisor.simulator.hours import eastern
from supervisor.simulator.margin import ZERO
from supervisor.simulator.occ import Contract, parse
from supervisor.simulator.orders import CONDITIONAL, Booking, Order, Status, Ticket
from supervisor.simulator.reads import find
from supervisor.simulator.rules import Cost, judge
from supervisor.simulator.state import Broker
from supervisor.simulator.tickets import Asked, new_terms, read, worded
from supervisor.simulator.wire import reply

Met = Sequence[Fault]
PARTNER = "2d6f0c1e-7b3a-4c58-9e1f-6a4b8d2c9f07"
"""The one whose program sends the order: the same for all of a token's orders (FIX UV)."""


def place(broker: Broker, call: Call, met: Met) -> Any:
    """Books the order or refuses it; `ok` means received, no more (DOC D2)."""
    account = broker.account(call, met)
    asked = read(call.request, call.now)
    cost = judge(broker, account, asked, call.now)
    order = _book(broker, account, asked, cost, call)
    for fault in met:
        _mark(order, fault, call.now)
    return {"order": {"id": order.id, "status": "ok", "partner_id": PARTNER}}


def preview(broker: Broker, call: Call, met: Met) -> Any:
    """Judges the order and books nothing (DOC D1 preview-order)."""
    account = broker.account(call, met)
    asked = read(call.request, call.now)
    cost = judge(broker, account, asked, call.now)
    whole = asked.whole
    body = {
        "status": "ok",
        "commission": Decimal("0.0"),
        "cost": plain(cost.cash),
        "fees": 0,
        "symbol": whole.symbol,
        "quantity": int(whole.quantity),
        "side": whole.side,
        "type": whole.type,
        "duration": whole.duration,
        "result": True,
        "order_cost": plain(cost.cash),
        "margin_change": plain(cost.need),
        "request_date": eastern(call.now).replace(tzinfo=None).isoformat(timespec="milliseconds"),
        "extended_hours": whole.duration in {"pre", "post"},
        "class": asked.order_class,
        "strategy": _strategy(asked),
        "day_trades": 0,
    }
    return {"order": body}


def modify(broker: Broker, call: Call, met: Met) -> Any:
    """Changes type, duration, price or stop of a working order; the id stays (CODE)."""
    order = _working(broker, call, met)
    if order.order_class in CONDITIONAL:
        raise worded("Change of order's contingent is not allowed")
    terms = new_terms(call.request, order.order_class, order.ticket, call.now)
    order.ticket, order.changed = terms, call.now
    for leg in order.legs:
        leg.ticket = attrs.evolve(leg.ticket, type=terms.type, duration=terms.duration, price=terms.price)
    if order.active_from is not None:
        _retime(order)
    return {"order": {"id": order.id, "status": "ok"}}


def cancel(broker: Broker, call: Call, met: Met) -> Any:
    """Cancels a working order, or leg (MEAS M1)."""
    order = _working(broker, call, met)
    order.end(Status.CANCELED, call.now)
    return {"order": {"id": order.id, "status": "ok"}}


def _working(broker: Broker, call: Call, met: Met) -> Order:
    account = broker.account(call, met)
    order = find(broker, account.number, call.order_id)
    if order is None:
        raise Refused(bodies.unauthorized(call.account))
    if not order.working:
        raise Refused(reply(400, f"order already in finalized state: {order.status.value}"))
    if any(fault.spec.name == "zombie" for fault in met):
        raise Refused(reply(400, "order not available to be canceled"))
    return order


def _retime(order: Order) -> None:
    """A changed duration moves the end; creation and status stay."""
    created, status, changed, active = order.created, order.status, order.changed, order.active_from
    start(order, changed)
    order.created, order.status, order.changed = created, status, changed
    order.active_from = active


def _book(broker: Broker, account: Account, asked: Asked, cost: Cost, call: Call) -> Order:
    """The order and its legs, their ids in a row (FIX LB), with what they tie up until they are over."""
    whole = asked.whole
    order = Order(broker.order_id(), asked.order_class, whole, call.now, asked.tag, strategy=_strategy(asked))
    order.legs = [Order(broker.order_id(), "option" if leg.option else "equity", leg, call.now) for leg in asked.legs]
    for one in (order, *order.legs):
        start(one, call.now)
    bearers = {"oco": order.legs, "oto": order.legs[:1], "otoco": order.legs[:1]}.get(asked.order_class, [order])
    for bearer in bearers:
        bearer.reserve_each = max(cost.need, ZERO) / bearer.ticket.quantity
    if asked.order_class in {"oto", "otoco"}:
        for leg in order.legs[1:]:
            leg.status, leg.active_from = Status.PENDING, None
    broker.orders[account.number].append(order)
    form = dict(call.request.query) | dict(call.request.form)
    broker.bookings.append(Booking(order.id, call.now, account.number, asked.order_class, asked.tag, form))
    return order


def _mark(order: Order, fault: Fault, now: float) -> None:
    """What a fault does to the order just booked."""
    match fault.spec.name:
        case "rejected_later":
            order.reject_at = now + float(fault.params["by"])
            order.reason = str(fault.params["reason"])
        case "stuck_pending":
            for one in (order, *order.legs):
                one.status, one.active_from = Status.PENDING, None
        case "phantom":
            order.status, order.active_from = Status.OPEN, None
            for leg in order.legs:
                leg.status, leg.filled, leg.changed = Status.FILLED, leg.ticket.quantity, now
                leg.fill_price = leg.last_price = leg.ticket.price or ZERO
        case "unfilled" | "partial_fill":
            limit = Decimal(str(fault.params.get("quantity", 0)))
            for part in order.parts():
                part.fill_limit = limit


def _strategy(asked: Asked) -> str:
    """The broker's word for what the legs make together; `equity` and `option` for one alone."""
    if not asked.legs:
        return asked.order_class
    contracts = [contract for leg in asked.legs if (contract := parse(leg.option))]
    if asked.order_class in CONDITIONAL:
        return "unknown"
    if asked.order_class == "combo":
        return _combo(asked.legs, contracts)
    if len(contracts) != 2:
        return {3: "butterfly", 4: "condor"}[len(contracts)]
    one, other = contracts
    if one.call is other.call:
        return "spread"
    return "straddle" if one.strike == other.strike else "strangle"


def _combo(legs: Sequence[Ticket], contracts: Sequence[Contract]) -> str:
    if len(contracts) == 2:
        return "collar"
    if contracts[0].call:
        return "covered_call" if not legs[1].buys else "freeform"
    return "protective_put" if legs[1].buys else "freeform"
