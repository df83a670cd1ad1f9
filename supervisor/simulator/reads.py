"""What does the broker answer about an account? Everything that is asked with GET below `/v1/user` and `/v1/accounts`."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import attrs

from supervisor.simulator import bodies
from supervisor.simulator.call import Call, Refused
from supervisor.simulator.encode import EMPTY, rows
from supervisor.simulator.faults import Fault
from supervisor.simulator.hours import eastern
from supervisor.simulator.orders import Order
from supervisor.simulator.state import Broker

Met = Sequence[Fault]
PAGE = 100


def profile(broker: Broker, _: Call, met: Met) -> Any:
    """All accounts the token may see; one alone is an object (FIX UV)."""
    accounts = [broker.seen(number, met) for number in broker.accounts]
    listed = [account.profile_row() for account in accounts if account.listed]
    body: dict[str, Any] = {"account": listed[0] if len(listed) == 1 else listed} if listed else {}
    return {"profile": {**body, "id": "id-sb-s1mul8or", "name": "Sam Sample"}}


def balances(broker: Broker, call: Call, met: Met) -> Any:
    """The account's money."""
    return broker.money(broker.account(call, met), call.now).body()


def positions(broker: Broker, call: Call, met: Met) -> Any:
    """What the account holds."""
    return broker.account(call, met).positions_body()


def orders(broker: Broker, call: Call, met: Met) -> Any:
    """The orders created on the present Eastern calendar day (MEAS M1), newest last."""
    account = broker.account(call, met)
    today = eastern(call.now).date()
    listed = [
        order
        for order in broker.orders[account.number]
        if eastern(order.created).date() == today and _visible(order, call, met)
    ]
    tags = call.request.flag("includeTags")
    return rows("orders", "order", [order.row(tags=tags) for order in _page(call, listed)])


def order_status(broker: Broker, call: Call, met: Met) -> Any:
    """One order of any day, or leg, by its id; an unknown one is a 401 (MEAS M1)."""
    account = broker.account(call, met)
    order = find(broker, account.number, call.order_id)
    if order is None or not _visible(order, call, met):
        raise Refused(bodies.unauthorized(call.account))
    return {"order": order.row(tags=call.request.flag("includeTags"))}


def find(broker: Broker, account: str, order_id: str) -> Order | None:
    """The order of that id, or the leg of a conditional order; the legs of a multileg stand for nothing alone."""
    for order in broker.orders[account]:
        for one in (order, *order.parts()):
            if str(one.id) == order_id:
                return one
    return None


def gainloss(broker: Broker, call: Call, met: Met) -> Any:
    """Closed positions, from the nightly batch: those of earlier Eastern days, whose symbol has those letters (UV)."""
    account = broker.account(call, met)
    today = eastern(call.now).date().isoformat()
    symbol, asked = call.request.param("symbol").upper(), _days(call)
    batch = [row for row in account.gains if row["close_date"][:10] < today]
    closed = [row for row in batch if symbol in row["symbol"] and asked(row["close_date"])]
    key = "open_date" if call.request.param("sortBy") == "openDate" else "close_date"
    closed.sort(key=lambda row: row[key])
    if call.request.param("sort", "desc").lower() != "asc":
        closed.reverse()
    return rows("gainloss", "closed_position", _page(call, closed))


def history(broker: Broker, call: Call, met: Met) -> Any:
    """The account's events; none unless given, as in the sandbox."""
    kinds = {kind.strip() for kind in call.request.param("type").split(",") if kind.strip()}
    symbol, exact, asked = call.request.param("symbol").upper(), call.request.flag("exactMatch"), _days(call)
    events = []
    for event in broker.account(call, met).history:
        traded = event.get(event["type"], {}).get("symbol", "")
        if (not kinds or event["type"] in kinds) and asked(event["date"]):
            events += [event] if not symbol or (traded == symbol if exact else symbol in traded) else []
    return rows("history", "event", _page(call, events), EMPTY)


def everywhere(handler: Callable[[Broker, Call, Met], Any]) -> Callable[[Broker, Call, Met], Any]:
    """The same of all accounts that the token owns, each under its number (D1, RB); an older way, still asked for."""

    def told(broker: Broker, call: Call, met: Met) -> Any:
        owned = [number for number in broker.accounts if broker.seen(number, met).owned]
        every = [
            {"account_number": number, **handler(broker, attrs.evolve(call, account=number), met)} for number in owned
        ]
        return rows("accounts", "account", every)

    return told


def _visible(order: Order, call: Call, met: Met) -> bool:
    late = max((float(fault.params["by"]) for fault in met if fault.spec.name == "late_listing"), default=0.0)
    return call.now >= order.created + late


def _days(call: Call) -> Callable[[str], bool]:
    """Whether a date lies from `start` to `end`, both days included; either may be left out."""
    bounds = {}
    for name, default in (("start", "0001-01-01"), ("end", "9999-12-31")):
        try:
            bounds[name] = date.fromisoformat(call.request.param(name, default)[:10] or default)
        except ValueError:
            raise Refused(bodies.invalid(name, "is not valid.")) from None
    return lambda text: bounds["start"] <= date.fromisoformat(text[:10]) <= bounds["end"]


def _page(call: Call, items: Sequence[Any]) -> Sequence[Any]:
    """The page asked for, of 100 where no limit is given; all where neither is."""
    limit, page = _number(call, "limit"), _number(call, "page")
    size = limit or (PAGE if page else len(items))
    start = (max(page, 1) - 1) * size
    return items[start : start + size]


def _number(call: Call, name: str) -> int:
    text = call.request.param(name)
    if text and not text.isdecimal():
        raise Refused(bodies.invalid(name, "is not valid."))
    return int(text or 0)
