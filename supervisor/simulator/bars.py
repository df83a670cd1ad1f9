"""What did a symbol cost in the past? Bars of a market that stood still: enough for a client that asks, no more."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from supervisor.simulator import bodies, hours
from supervisor.simulator.call import Call, Refused
from supervisor.simulator.encode import rows
from supervisor.simulator.faults import Fault
from supervisor.simulator.quotes import Price
from supervisor.simulator.state import Broker

VOLUME = 18223011
MOST_BARS = 2000
_SPANS: Mapping[str, Callable[[date], date]] = {
    "daily": lambda day: day,
    "weekly": lambda day: day - timedelta(days=day.weekday()),
    "monthly": lambda day: day.replace(day=1),
}
"""On which day the bar begins that a day belongs to."""
STEPS = {"tick": 60, "1min": 60, "5min": 300, "15min": 900}
REACHES = {"tick": 5, "1min": 20, "5min": 40, "15min": 40}
"""How many days back each interval goes (GT; the sentence that refuses more is LEAN's)."""


def history(broker: Broker, call: Call, _: Sequence[Fault]) -> Any:
    """Bars of the trading days asked for, up to yesterday, one a day, week or month; a true null where there are none."""
    price = _price(broker, call)
    yesterday = hours.eastern(call.now).date() - timedelta(days=1)
    first = _day(call, "start", yesterday - timedelta(days=30))
    last = min(_day(call, "end", yesterday), yesterday)
    spans = _SPANS.get(call.request.param("interval", "daily"))
    if spans is None:
        raise Refused(bodies.invalid("interval", "is not valid."))
    days = [first + timedelta(days=offset) for offset in range(min((last - first).days + 1, MOST_BARS))]
    begun = dict.fromkeys(spans(day) for day in days if hours.hours(day).trades)
    return rows("history", "day", [{"date": day.isoformat(), **_bar(price)} for day in begun if price], None)


def timesales(broker: Broker, call: Call, _: Sequence[Fault]) -> Any:
    """Bars of one session or less, in Eastern time without a zone; a true null where there are none."""
    price = _price(broker, call)
    interval = call.request.param("interval", "tick")
    step = STEPS.get(interval)
    if step is None:
        raise Refused(bodies.invalid("interval", "is not valid."))
    today = hours.eastern(call.now).date()
    earliest = today - timedelta(days=REACHES[interval])
    first = _moment(call, "start", today, hours.OPEN)
    if first < hours.instant(earliest, time()):
        raise Refused(bodies.invalid("start", f"must be on or after {earliest} 00:00:00."))
    last = min(_moment(call, "end", today, hours.CLOSE), call.now)
    moments = [first + step * index for index in range(min(max(int((last - first) // step), 0), MOST_BARS))]
    bars = [_moment_bar(price, moment) for moment in moments if price and hours.session(moment) is hours.Session.OPEN]
    return rows("series", "data", bars, None)


def easy_to_borrow(broker: Broker, _: Call, __: Sequence[Fault]) -> Any:
    """The securities that may be sold short: all but the indexes."""
    listed = [
        {"symbol": one.symbol, "exchange": one.exchange, "type": one.kind, "description": one.description}
        for one in broker.quotes.listings.values()
        if one.kind != "index"
    ]
    return rows("securities", "security", listed, None)


def _price(broker: Broker, call: Call) -> Price | None:
    symbol = call.request.param("symbol").upper()
    if not symbol:
        raise Refused(bodies.invalid("symbol", "is required."))
    return broker.quotes.price(symbol, call.now)


def _bar(price: Price) -> dict[str, Any]:
    return {"open": price.last, "high": price.ask, "low": price.bid, "close": price.last, "volume": VOLUME}


def _moment_bar(price: Price, moment: float) -> dict[str, Any]:
    local = hours.eastern(moment).replace(tzinfo=None)
    return {
        "time": local.isoformat(timespec="seconds"),
        "timestamp": int(moment),
        "price": price.last,
        **_bar(price),
        "vwap": price.last,
    }


def _day(call: Call, name: str, default: date) -> date:
    text = call.request.param(name)
    try:
        return date.fromisoformat(text[:10]) if text else default
    except ValueError:
        raise Refused(bodies.invalid(name, "is not valid.")) from None


def _moment(call: Call, name: str, day: date, at: time) -> float:
    text = call.request.param(name)
    try:
        local = datetime.fromisoformat(text) if text else datetime.combine(day, at)
    except ValueError:
        raise Refused(bodies.invalid(name, "is not valid.")) from None
    return local.replace(tzinfo=hours.EASTERN).timestamp()
