"""Which instrument does an agent's spelling name?

Tradier writes class shares with a slash (`BRK/B`), option roots without it (`BRKB`), and OCC codes without padding
(tradier-api §8). Nothing is guessed: what can't be read is named as a fault.
"""

import re
from datetime import date

from supervisor.core.occ import Option, parse_option

_EQUITY = re.compile(r"[A-Z][A-Z0-9]{0,7}(?:[/-][A-Z0-9]{1,4})?")
_CLASS_SHARE = re.compile(r"([A-Z]{1,5})[. ]([A-Z])")
_LIKE_OCC = re.compile(r"[A-Z0-9]{1,6} *\d{6}[CP]\d{8}")
_SHORTEST_OCC = 16

INDEX_ROOTS = {
    "SPXW": "SPX",
    "NDXP": "NDX",
    "RUTW": "RUT",
    "VIXW": "VIX",
    "DJXW": "DJX",
    "XSPW": "XSP",
    "OEXW": "OEX",
    "MRUTW": "MRUT",
}
"""Roots of index options that settle in the afternoon or weekly, and the index they are on."""

SHARE_ROOTS = {"BRKA": "BRK/A", "BRKB": "BRK/B", "BFA": "BF/A", "BFB": "BF/B"}
"""Option roots of class shares whose slash an OCC code can't hold."""


def clean(text: str) -> str:
    """Upper case, without blanks around it."""
    return text.strip().upper()


def equity_symbol(text: str) -> str:
    """The equity spelling: class shares written with a point or a blank get Tradier's slash."""
    name = clean(text)
    found = _CLASS_SHARE.fullmatch(name)
    return f"{found[1]}/{found[2]}" if found else name


def plain(symbol: str) -> str:
    """A symbol without the marks that an option root can't hold: `BRK/B` and `BRKB` are one underlying."""
    return symbol.replace("/", "").replace(".", "").replace(" ", "")


def root_of(symbol: str) -> str:
    """What a position in that symbol is on, as option roots spell it: `BRKB` for `BRK/B` and for its options."""
    option = parse_option(symbol)
    return plain(underlying_of(option)) if option else plain(symbol)


def underlying_of(option: Option) -> str:
    """The underlying's own symbol as far as the OCC root says it: `SPXW` is on SPX, `AAPL1` on AAPL, `BRKB` on BRK/B."""
    root = option.root
    if root in INDEX_ROOTS:
        return INDEX_ROOTS[root]
    bare = root.rstrip("0123456789") or root
    return SHARE_ROOTS.get(bare, bare)


def on_underlying(option: Option, symbol: str) -> bool:
    """Whether an option may be on that underlying. Adjusted roots (with a digit) may be on anything after a merger."""
    name = plain(symbol)
    if any(letter.isdigit() for letter in option.root):
        return True
    return option.root in (name, plain(equity_symbol(symbol))) or underlying_of(option) in (name, symbol)


def looks_like_option(text: str) -> bool:
    """Whether the text can only be meant as an OCC code, right or wrong."""
    name = clean(text)
    return _LIKE_OCC.fullmatch(name) is not None or (len(name) >= _SHORTEST_OCC and name[-8:].isdigit())


def equity_fault(symbol: str) -> str | None:
    """What is wrong with an equity symbol; None when nothing is."""
    if looks_like_option(symbol):
        return f"symbol {symbol[:40]!r} is an option code in a place for shares"
    if _EQUITY.fullmatch(symbol) is None:
        return f"symbol {symbol[:40]!r} is no ticker"
    return None


def option_fault(text: str, today: date | None) -> str | None:
    """What is wrong with an OCC code, an expired one said as such; None when nothing is."""
    option = parse_option(text)
    if option is not None:
        if today is not None and option.expires < today:
            return f"option {option.symbol} expired on {option.expires.isoformat()}"
        return None
    name = clean(text)
    if _LIKE_OCC.fullmatch(name) is None:
        return f"option_symbol {text[:40]!r} is no OCC code: root, YYMMDD, C or P, strike times 1000 in 8 digits"
    return f"option_symbol {text[:40]!r} names no day in the calendar, a strike of zero, or no root"
