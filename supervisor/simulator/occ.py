"""Which option contract does a compact OCC symbol name?

Root, YYMMDD, C or P, strike times 1000 in eight digits; read from the right, since roots differ in length and adjusted
ones carry a digit.
"""

import re
from datetime import date, timedelta
from decimal import Decimal

import attrs

from supervisor.simulator.hours import hours

_OCC = re.compile(r"([A-Z]{1,5}[0-9]?)(\d{2})(\d{2})(\d{2})([CP])(\d{8})")
_WEEKLIES = {"SPX": "SPXW"}
"""Indexes whose contracts but the monthly ones have a root of their own (LEAN)."""
_UNDERLYINGS = {"SPXW": "SPX", "XSPW": "XSP", "NDXP": "NDX", "BRKB": "BRK/B", "BRKA": "BRK/A"}
FRIDAY = 4


@attrs.frozen
class Contract:
    """One option contract; `underlying` is the symbol its quotes and orders name."""

    symbol: str
    root: str
    expires: date
    call: bool
    strike: Decimal

    @property
    def underlying(self) -> str:
        """Weekly and class-share roots map to their underlying; an adjusted root loses its digit."""
        bare = self.root.rstrip("0123456789")
        return _UNDERLYINGS.get(bare, bare)

    @property
    def monthly(self) -> bool:
        """True for the standard expiration, the third Friday."""
        return monthly(self.expires)


def parse(symbol: str) -> Contract | None:
    """The contract of a compact OCC symbol, or None where it is not one (padding, a date that does not exist)."""
    found = _OCC.fullmatch(symbol)
    if found is None:
        return None
    root, year, month, day, kind, strike = found.groups()
    try:
        expires = date(2000 + int(year), int(month), int(day))
    except ValueError:
        return None
    if not int(strike):
        return None
    return Contract(symbol, root, expires, kind == "C", Decimal(strike) / 1000)


def compose(root: str, expires: date, *, call: bool, strike: Decimal) -> str:
    """The compact symbol of that contract."""
    return f"{root}{expires:%y%m%d}{'C' if call else 'P'}{int(strike * 1000):08d}"


def root_of(underlying: str, expires: date | None = None) -> str:
    """The option root of a symbol, of its monthly contracts unless told: class shares drop their slash (LEAN)."""
    root = underlying.replace("/", "")
    return root if expires is None or monthly(expires) else _WEEKLIES.get(root, root)


def monthly(expires: date) -> bool:
    """True for the standard expiration: the third Friday, or the day before where that is a holiday."""
    friday = expires + timedelta(days=(FRIDAY - expires.weekday()) % 7)
    return 15 <= friday.day <= 21 and (
        expires == friday or (friday - expires == timedelta(1) and not hours(friday).trades)
    )


def expirations(today: date, weeks: int = 8, months: int = 6) -> list[date]:
    """The coming Fridays and third Fridays, today included; the day before where the market is closed."""
    friday = today + timedelta(days=(FRIDAY - today.weekday()) % 7)
    days = {friday + timedelta(weeks=week) for week in range(weeks)}
    days |= {day for week in range(months * 5) if 15 <= (day := friday + timedelta(weeks=week)).day <= 21}
    return sorted(day if hours(day).trades else day - timedelta(days=1) for day in days)
