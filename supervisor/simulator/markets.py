"""What does the broker answer about the markets? Everything below `/v1/markets`, and the streaming sessions."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from supervisor.simulator import bodies, hours
from supervisor.simulator.call import Call, Refused
from supervisor.simulator.encode import rows
from supervisor.simulator.faults import Fault
from supervisor.simulator.occ import expirations as listed_expirations
from supervisor.simulator.occ import monthly, root_of
from supervisor.simulator.quotes import Listing
from supervisor.simulator.state import Broker

Met = Sequence[Fault]


def quotes(broker: Broker, call: Call, _: Met) -> Any:
    """Quotes; symbols without one come under `unmatched_symbols`, with or without a `quote` beside them (FIX AT)."""
    symbols = [part.strip().upper() for part in _needed(call, "symbols").split(",") if part.strip()]
    greeks = call.request.flag("greeks")
    found = [row for symbol in symbols if (row := broker.quotes.row(symbol, call.now, greeks=greeks))]
    unmatched = [symbol for symbol in symbols if broker.quotes.price(symbol, call.now) is None]
    body: dict[str, Any] = {}
    if found:
        body["quote"] = found[0] if len(found) == 1 else found
    if unmatched:
        body |= rows("unmatched_symbols", "symbol", unmatched)
    return {"quotes": body}


def lookup(broker: Broker, call: Call, _: Met) -> Any:
    """Symbols that begin with the letters asked for."""
    start = call.request.param("q").upper()
    exchanges, kinds = _set(call, "exchanges"), _set(call, "types")
    found = [
        listing
        for listing in broker.quotes.listings.values()
        if listing.symbol.startswith(start)
        and (not exchanges or listing.exchange.lower() in exchanges)
        and (not kinds or listing.kind in kinds)
    ]
    return _securities(found)


def search(broker: Broker, call: Call, _: Met) -> Any:
    """Symbols and names that hold the words asked for; indexes only where wanted."""
    words = call.request.param("q").upper()
    indexes = call.request.flag("indexes")
    found = [
        listing
        for listing in broker.quotes.listings.values()
        if (words in listing.symbol or words in listing.description.upper()) and (indexes or listing.kind != "index")
    ]
    return _securities(found)


def clock(_: Broker, call: Call, __: Met) -> Any:
    """Whether the market is open, on the Eastern clock."""
    return hours.clock(call.now)


def calendar(_: Broker, call: Call, __: Met) -> Any:
    """The sessions of one month, this one unless told."""
    today = hours.eastern(call.now)
    month = call.request.param("month", str(today.month))
    year = call.request.param("year", str(today.year))
    if not (month.isdecimal() and 1 <= int(month) <= 12):
        raise Refused(bodies.invalid("month", "is not valid."))
    if not (year.isdecimal() and 1970 <= int(year) <= 2100):
        raise Refused(bodies.invalid("year", "is not valid."))
    return hours.calendar(int(year), int(month))


def chains(broker: Broker, call: Call, _: Met) -> Any:
    """All contracts of one expiration; a true null where there are none."""
    symbols = broker.quotes.chain(_needed(call, "symbol").upper(), _day(call, "expiration"), call.now)
    greeks = call.request.flag("greeks")
    return rows("options", "option", [broker.quotes.row(symbol, call.now, greeks=greeks) for symbol in symbols], None)


def expirations(broker: Broker, call: Call, _: Met) -> Any:
    """The days on which options of a symbol expire: plain dates, or rows where any extra is asked for."""
    symbol = _needed(call, "symbol").upper()
    if symbol not in broker.quotes.listings:
        return {"expirations": None}
    days = listed_expirations(hours.eastern(call.now).date())
    if not call.request.flag("includeAllRoots"):
        days = [day for day in days if root_of(symbol, day) == root_of(symbol)]
    extras = {name: call.request.flag(name) for name in ("strikes", "contractSize", "expirationType")}
    if not any(extras.values()):
        return rows("expirations", "date", [day.isoformat() for day in days], None)
    found = []
    for day in days:
        row: dict[str, Any] = {"date": day.isoformat()}
        if extras["contractSize"]:
            row["contract_size"] = 100
        if extras["expirationType"]:
            row["expiration_type"] = "standard" if monthly(day) else "weeklys"
        if extras["strikes"]:
            row |= rows("strikes", "strike", broker.quotes.strikes(symbol, day, call.now), None)
        found.append(row)
    return rows("expirations", "expiration", found, None)


def strikes(broker: Broker, call: Call, _: Met) -> Any:
    """The strikes of one expiration; a true null where there are none."""
    listed = broker.quotes.strikes(_needed(call, "symbol").upper(), _day(call, "expiration"), call.now)
    return rows("strikes", "strike", listed, None)


def option_lookup(broker: Broker, call: Call, _: Met) -> Any:
    """All option symbols of an underlying: a true array, unlike the rest (FIX AT)."""
    underlying = _needed(call, "underlying").upper()
    days = listed_expirations(hours.eastern(call.now).date())
    roots: dict[str, list[str]] = {}
    for day in days:
        roots.setdefault(root_of(underlying, day), []).extend(broker.quotes.chain(underlying, day, call.now))
    return {"symbols": [{"rootSymbol": root, "options": held} for root, held in roots.items() if held] or None}


def account_session(broker: Broker, call: Call, _: Met) -> Any:
    """A streaming session for account events; nothing serves it."""
    _with_length(call)
    return {"stream": {"url": "wss://ws.tradier.com/v1/accounts/events", "sessionid": broker.uuid()}}


def market_session(broker: Broker, call: Call, _: Met) -> Any:
    """A streaming session for market events; nothing serves it."""
    _with_length(call)
    return {"stream": {"url": "https://stream.tradier.com/v1/markets/events", "sessionid": broker.uuid()}}


def _with_length(call: Call) -> None:
    """A POST without a body must still say its length, 0 (DOC D1); which words refuse it was not recorded."""
    if call.request.headers.keys().isdisjoint({"content-length", "transfer-encoding"}):
        raise Refused(bodies.nginx(411, "Length Required"))


def _securities(found: Sequence[Listing]) -> Any:
    row = [
        {"symbol": one.symbol, "exchange": one.exchange, "type": one.kind, "description": one.description}
        for one in found
    ]
    return rows("securities", "security", row, None)


def _needed(call: Call, name: str) -> str:
    text = call.request.param(name)
    if not text:
        raise Refused(bodies.invalid(name, "is required."))
    return text


def _day(call: Call, name: str) -> date:
    try:
        return date.fromisoformat(_needed(call, name))
    except ValueError:
        raise Refused(bodies.invalid(name, "is not valid.")) from None


def _set(call: Call, name: str) -> set[str]:
    return {part.strip().lower() for part in call.request.param(name).split(",") if part.strip()}
