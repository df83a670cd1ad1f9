"""When is the market open, on the Eastern clock?

Sessions as Tradier's calendar gives them: premarket 07:00 to 09:24, open 09:30 to 16:00, postmarket to 20:00 (DOC D2);
half days end at 13:00 and have no postmarket worth the name (to 17:00).
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import attrs

EASTERN = ZoneInfo("America/New_York")
PRE_START, PRE_END = time(7, 0), time(9, 24)
OPEN, CLOSE, POST_END = time(9, 30), time(16, 0), time(20, 0)
HALF_CLOSE, HALF_POST_END = time(13, 0), time(17, 0)
SATURDAY = 5


class Session(StrEnum):
    """The market's state in the broker's words."""

    CLOSED = "closed"
    PREMARKET = "premarket"
    OPEN = "open"
    POSTMARKET = "postmarket"


@attrs.frozen
class Hours:
    """The Eastern day `day`: its `holiday` name where it has one, and when open and postmarket end."""

    day: date
    holiday: str | None
    close: time = CLOSE
    post_end: time = POST_END

    @property
    def trades(self) -> bool:
        """True on a day with a session."""
        return self.holiday is None and self.day.weekday() < SATURDAY


def eastern(now: float) -> datetime:
    """That instant on the Eastern clock."""
    return datetime.fromtimestamp(now, EASTERN)


def utc_iso(now: float) -> str:
    """That instant as the broker's dates come: ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def midnight(day: date) -> str:
    """That day as the dates of closed positions come: at midnight, without regard to zones (FIX UV)."""
    return f"{day}T00:00:00.000Z"


def instant(day: date, at: time) -> float:
    """Epoch seconds of that Eastern wall time."""
    return datetime.combine(day, at, EASTERN).timestamp()


def hours(day: date) -> Hours:
    """The sessions of that Eastern day."""
    half = day in _half_days(day.year)
    return Hours(day, holidays(day.year).get(day), HALF_CLOSE if half else CLOSE, HALF_POST_END if half else POST_END)


def session(now: float) -> Session:
    """The market's state at that instant; 09:24 to 09:30 still counts as premarket."""
    local = eastern(now)
    today, clock = hours(local.date()), local.time()
    if not today.trades or not PRE_START <= clock < today.post_end:
        return Session.CLOSED
    if clock < OPEN:
        return Session.PREMARKET
    return Session.OPEN if clock < today.close else Session.POSTMARKET


def accepts_pre(now: float) -> bool:
    """True while a `pre` order may be placed."""
    return session(now) is Session.PREMARKET and eastern(now).time() < PRE_END


def next_open(now: float) -> float:
    """The first instant from `now` on at which the market is open."""
    if session(now) is Session.OPEN:
        return now
    day = eastern(now).date()
    while not (hours(day).trades and instant(day, OPEN) >= now):
        day += timedelta(days=1)
    return instant(day, OPEN)


def close_of(opened: float) -> float:
    """When the session that is open at `opened` ends."""
    day = eastern(opened).date()
    return instant(day, hours(day).close)


def clock(now: float) -> dict[str, Any]:
    """The body of `/v1/markets/clock`. `next_change` has no date, as at Tradier."""
    local = eastern(now)
    today = hours(local.date())
    state = session(now)
    description, change, after = {
        Session.CLOSED: ("Market is closed", PRE_START, Session.PREMARKET),
        Session.PREMARKET: (
            "Market is in premarket hours from 07:00 to 09:24",
            PRE_END if accepts_pre(now) else OPEN,
            Session.OPEN,
        ),
        Session.OPEN: (f"Market is open from 09:30 to {today.close:%H:%M}", today.close, Session.POSTMARKET),
        Session.POSTMARKET: (
            f"Market is in postmarket hours from {today.close:%H:%M} to {today.post_end:%H:%M}",
            today.post_end,
            Session.CLOSED,
        ),
    }[state]
    return {
        "clock": {
            "date": local.date().isoformat(),
            "description": description,
            "state": state.value,
            "timestamp": int(now),
            "next_change": f"{change:%H:%M}",
            "next_state": after.value,
        }
    }


def calendar(year: int, month: int) -> dict[str, Any]:
    """The body of `/v1/markets/calendar`; closed days have no sessions."""
    days = []
    day = date(year, month, 1)
    while day.month == month:
        days.append(_calendar_day(hours(day)))
        day += timedelta(days=1)
    return {"calendar": {"month": month, "year": year, "days": {"day": days}}}


def _calendar_day(today: Hours) -> dict[str, Any]:
    row: dict[str, Any] = {"date": today.day.isoformat(), "status": "open" if today.trades else "closed"}
    if not today.trades:
        why = f" for {today.holiday}" if today.holiday else ""
        return {**row, "description": f"Market is closed{why}"}
    return {
        **row,
        "description": "Market is open",
        "premarket": {"start": f"{PRE_START:%H:%M}", "end": f"{PRE_END:%H:%M}"},
        "open": {"start": f"{OPEN:%H:%M}", "end": f"{today.close:%H:%M}"},
        "postmarket": {"start": f"{today.close:%H:%M}", "end": f"{today.post_end:%H:%M}"},
    }


def holidays(year: int) -> dict[date, str]:
    """The main US market holidays of that year, on the day they are kept."""
    kept = {
        _nth(year, 1, 0, 3): "Martin Luther King Jr. Day",
        _nth(year, 2, 0, 3): "Presidents Day",
        _easter(year) - timedelta(days=2): "Good Friday",
        _nth(year, 6, 0, 1) - timedelta(days=7): "Memorial Day",  # the last Monday of May
        _observed(date(year, 6, 19)): "Juneteenth",
        _observed(date(year, 7, 4)): "Independence Day",
        _nth(year, 9, 0, 1): "Labor Day",
        _nth(year, 11, 3, 4): "Thanksgiving Day",
        _observed(date(year, 12, 25)): "Christmas Day",
    }
    new_year = date(year, 1, 1)
    if new_year.weekday() != SATURDAY:  # a Saturday New Year is not moved into December (NYSE rule 7.2)
        kept[_observed(new_year)] = "New Years Day"
    return kept


def _half_days(year: int) -> set[date]:
    eves = {date(year, 7, 3), date(year, 12, 24), _nth(year, 11, 3, 4) + timedelta(days=1)}
    return {day for day in eves if day.weekday() < SATURDAY and day not in holidays(year)}


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _easter(year: int) -> date:
    """Easter Sunday by the anonymous Gregorian rule."""
    century, rest = divmod(year, 100)
    golden = year % 19
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
