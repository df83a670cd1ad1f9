"""How is a running simulator told to fail, and asked what it saw?

All under `/_control/`; parameters as a form, in the query or as a JSON object; replies are JSON.

    GET  /_control/ alone                     this list, and the endpoints that a fault may be meant for
    GET  state                                what the broker knows and which faults are in force
    GET  faults, presets                      the names to use, one sentence each
    GET  requests, bookings                   what came in; the orders really booked
    POST fault   fault= endpoint= seconds= count= method= chance= and the fault's own parameters
    POST clear   fault=                       one fault, or all
    POST preset  preset=                      become that broker
    POST set     account= and attributes      status= option_level= cash= stock_power= option_power= kind= ...
    POST set     gains= history=              rows of closed positions and of events, in a JSON body
    POST set     symbol= last= bid= ask=      a price
    POST limits  limits=                      sandbox, live, counted or none
    POST token   revoke= | expire= | allow=   one token; `allow` without a value makes every token good again
    POST oauth   client_id= secret= refresh_token= rotate= callback=   a client that OAuth knows from now on
    POST assign  symbol= quantity= account=   so many short contracts are assigned
    POST expire_options                       contracts that have expired by now, or by now=, are gone
    POST foreign_fill  symbol= quantity= price= account=     bought or sold by somebody else
    POST code    client_id=                   a code of that client's, as a customer's consent brings it
"""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

import attrs

from supervisor.errors import SupervisorError
from supervisor.simulator.accounts import Account
from supervisor.simulator.broker import Simulator
from supervisor.simulator.faulttable import FAULTS
from supervisor.simulator.presets import PRESETS, become
from supervisor.simulator.routes import ENDPOINTS
from supervisor.simulator.wire import Reply, Request, json_reply

PREFIX = "/_control/"
MONEY = frozenset(field.name for field in attrs.fields(Account) if "Decimal" in str(field.type))
RECORDS = {"gains": ("symbol", "open_date", "close_date"), "history": ("type", "date")}
"""Lists of rows as the broker tells them, each with at least these keys."""
SETTABLE = MONEY | RECORDS.keys() | {"status", "option_level", "kind", "classification", "owned", "listed"}
TEXT = frozenset({"client_id", "secret", "refresh_token", "revoke", "expire", "account"})
"""Taken letter by letter, even where they look like numbers."""

LATEST = 32_503_680_000.0
Asked = dict[str, Any]
Handler = Callable[[Simulator, Asked], Any]


def answer(simulator: Simulator, request: Request, body: bytes, now: float) -> Reply:
    """The reply to a control request at that instant: 200 with what is now so, 400 with one clear sentence, or 404."""
    handlers = _HANDLERS | {what: partial(handler, now=now) for what, handler in _TIMED.items()}
    handler = handlers.get((request.method, request.path.removeprefix(PREFIX).strip("/")))
    if handler is None or not request.path.startswith(PREFIX):
        known = ", ".join(f"{method} {PREFIX}{name}" for method, name in handlers)
        return json_reply(404, {"error": f"There is no {request.method} {request.path}; there are: {known}."})
    try:
        return json_reply(200, handler(simulator, _asked(request, body)))
    except SupervisorError as error:
        return json_reply(400, {"error": str(error)})


def _asked(request: Request, body: bytes) -> Asked:
    if not body.lstrip().startswith(b"{"):
        return {name: text if name in TEXT else _value(text) for name, text in request.params}
    try:
        told: Asked = json.loads(body, parse_float=Decimal)
    except ValueError as error:
        raise SupervisorError(f"The body is not JSON: {error}.") from error
    params: Asked = told.pop("params", {})
    return told | params


def _value(text: str) -> Any:
    """Numbers, booleans and null as such, everything else as text."""
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text


def _help(_: Simulator, __: Asked) -> Any:
    lines = (__doc__ or "").splitlines()
    commands = [line.strip() for line in lines if line.startswith("    ")]
    return {"commands": commands, "endpoints": sorted(ENDPOINTS)}


def _state(simulator: Simulator, _: Asked) -> Any:
    return simulator.as_dict()


def _faults(_: Simulator, __: Asked) -> Any:
    return {
        name: {"means": spec.means, "endpoint": spec.endpoint, "params": dict(spec.params)}
        for name, spec in FAULTS.items()
    }


def _presets(_: Simulator, __: Asked) -> Any:
    return {name: one.means for name, one in PRESETS.items()}


def _requests(simulator: Simulator, _: Asked) -> Any:
    return [_plain(attrs.asdict(one)) for one in simulator.requests]


def _bookings(simulator: Simulator, _: Asked) -> Any:
    return [_plain(attrs.asdict(one)) for one in simulator.bookings]


def _fault(simulator: Simulator, asked: Asked) -> Any:
    name = str(asked.pop("fault", ""))
    how: dict[str, Any] = {key: asked.pop(key, None) for key in ("endpoint", "seconds", "count", "method", "chance")}
    for key in ("seconds", "chance"):
        if how[key] is not None:
            how[key] = float(_number(key, how[key]))
    if how["count"] is not None:
        how["count"] = int(_number("count", how["count"]))
    params: dict[str, Any] = {
        key: float(value) if isinstance(value, Decimal) else value for key, value in asked.items()
    }
    simulator.inject(name, **how, **params)
    return simulator.as_dict()


def _clear(simulator: Simulator, asked: Asked) -> Any:
    simulator.clear(asked.get("fault"))
    return simulator.as_dict()


def _preset(simulator: Simulator, asked: Asked) -> Any:
    become(simulator, str(asked.get("preset", "")))
    return simulator.as_dict()


def _set(simulator: Simulator, asked: Asked) -> Any:
    with simulator.lock:
        if "symbol" in asked:
            prices = {side: _number(side, asked[side]) for side in ("last", "bid", "ask") if side in asked}
            if not prices:
                raise SupervisorError("A price needs at least one of last, bid and ask.")
            price = simulator.quotes.set(str(asked["symbol"]).upper(), **prices)
            return {"symbol": asked["symbol"], **attrs.asdict(price)}
        _set_account(simulator, asked)
    return simulator.as_dict()


def _set_account(simulator: Simulator, asked: Asked) -> None:
    number = str(asked.pop("account", simulator.account.number))
    account = simulator.accounts.get(number)
    if account is None:
        raise SupervisorError(f"There is no account ending in {number[-4:]} here.")
    unknown = ", ".join(sorted(asked.keys() - SETTABLE))
    if unknown:
        raise SupervisorError(f"An account has no {unknown} to set; it has: {', '.join(sorted(SETTABLE))}.")
    for name, value in asked.items():
        if name in RECORDS and not _rows(value, RECORDS[name]):
            raise SupervisorError(f"{name} must be a JSON list of objects with {', '.join(RECORDS[name])}.")
        money = name in MONEY and value is not None
        try:
            setattr(account, name, _number(name, value) if money else value)
        except ValueError as error:
            raise SupervisorError(f"{name} cannot be {value!r}: {error}.") from error


def _rows(value: Any, keys: Sequence[str]) -> bool:
    """True for a list of objects that have these keys, each with a text."""
    if not isinstance(value, list):
        return False
    return all(isinstance(row, dict) and all(isinstance(row.get(key), str) for key in keys) for row in value)


def _limits(simulator: Simulator, asked: Asked) -> Any:
    kind = _told(asked, "limits")
    simulator.limit(None if kind == "none" else kind)
    return simulator.as_dict()


def _token(simulator: Simulator, asked: Asked) -> Any:
    if "revoke" in asked:
        simulator.revoke(str(asked["revoke"]))
    elif "expire" in asked:
        simulator.expire(str(asked["expire"]))
    elif "allow" in asked:
        simulator.allow_only(*[str(token) for token in [asked["allow"]] if token])
    else:
        raise SupervisorError("A token is told with revoke=, expire= or allow=.")
    return simulator.as_dict()


def _oauth(simulator: Simulator, asked: Asked) -> Any:
    client, secret = _told(asked, "client_id"), _told(asked, "secret")
    refresh, callback = asked.get("refresh_token") or None, asked.get("callback") or None
    simulator.oauth.allow(client, secret, refresh, rotate=bool(asked.get("rotate")), callback=callback)
    return simulator.as_dict()


def _code(simulator: Simulator, asked: Asked, now: float) -> Any:
    return {"code": simulator.oauth.authorize(_told(asked, "client_id"), now)}


def _assign(simulator: Simulator, asked: Asked, now: float) -> Any:
    quantity = _number("quantity", asked.get("quantity"))
    simulator.assign(_told(asked, "symbol"), quantity, account=asked.get("account"), now=now)
    return simulator.as_dict()


def _expire_options(simulator: Simulator, asked: Asked, now: float) -> Any:
    until = float(_number("now", asked.get("now", now)))
    if not 0 <= until < LATEST:
        raise SupervisorError(f"now must be epoch seconds before the year 3000, not {until:g}.")
    simulator.expire_options(until)
    return simulator.as_dict()


def _foreign_fill(simulator: Simulator, asked: Asked, now: float) -> Any:
    quantity, price = (_number(name, asked.get(name)) for name in ("quantity", "price"))
    simulator.foreign_fill(_told(asked, "symbol"), quantity, price, account=asked.get("account"), now=now)
    return simulator.as_dict()


def _told(asked: Asked, name: str) -> str:
    if not asked.get(name):
        raise SupervisorError(f"There is no {name}= here, which this needs.")
    return str(asked[name])


def _number(name: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise SupervisorError(f"{name} must be a number, not {value!r}.")
    return number


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: [list(pair) for pair in value] if isinstance(value, tuple) else value for key, value in record.items()}


_HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", ""): _help,
    ("GET", "state"): _state,
    ("GET", "faults"): _faults,
    ("GET", "presets"): _presets,
    ("GET", "requests"): _requests,
    ("GET", "bookings"): _bookings,
    ("POST", "fault"): _fault,
    ("POST", "clear"): _clear,
    ("POST", "preset"): _preset,
    ("POST", "set"): _set,
    ("POST", "limits"): _limits,
    ("POST", "token"): _token,
    ("POST", "oauth"): _oauth,
}
_TIMED: dict[tuple[str, str], Callable[..., Any]] = {
    ("POST", "code"): _code,
    ("POST", "assign"): _assign,
    ("POST", "expire_options"): _expire_options,
    ("POST", "foreign_fill"): _foreign_fill,
}
