"""How does Tradier spell this symbol?

Options are compact OCC codes without padding; class shares have a slash (`BRK/B`) and their option roots nothing (`BRKB`)
(tradier-api §8, LEAN). Only spellings that cannot mean anything else are changed: a dash is left alone.
"""

import re
from datetime import date

from supervisor.core.occ import Option, parse_option

__all__ = ["Option", "expired", "option_root", "parse_option", "tradier_symbol"]

_CLASS_SHARE = re.compile(r"([A-Z]{1,5})[. /]([A-Z])")


def tradier_symbol(text: str) -> str:
    """The symbol as Tradier spells it: compact for an option, with a slash for a class share, else upper case, trimmed."""
    option = parse_option(text)
    if option is not None:
        return option.symbol
    plain = text.strip().upper()
    share = _CLASS_SHARE.fullmatch(plain)
    return f"{share[1]}/{share[2]}" if share else plain


def option_root(symbol: str) -> str:
    """The root under which a share's standard options are listed: `BRK/B` (or `BRK.B`) gives `BRKB`."""
    return tradier_symbol(symbol).replace("/", "")


def expired(symbol: str, on_date: date) -> bool:
    """Whether the symbol is an option whose last day lies before that Eastern calendar day; False for anything else."""
    option = parse_option(symbol)
    return option is not None and option.expires < on_date
