"""Does this text name an option? OCC symbols, read from the right.

Compact form: root (1 to 6 letters and digits), YYMMDD, C or P, strike times 1000 as 8 digits; the padded form has
blanks after the root. Adjusted roots carry a digit (AAPL1). Source: OCC's option symbology; Tradier uses it compactly.
"""

import re
from datetime import date
from decimal import Decimal

import attrs

_OCC = re.compile(r"([A-Z0-9]{1,6}) *(\d{2})(\d{2})(\d{2})([CP])(\d{8})", re.ASCII)


@attrs.frozen
class Option:
    """One listed option. `strike` is in US dollars; `right` is "C" or "P"."""

    root: str
    expires: date
    right: str
    strike: Decimal

    @property
    def symbol(self) -> str:
        """The compact OCC symbol."""
        return f"{self.root}{self.expires:%y%m%d}{self.right}{int(self.strike * 1000):08d}"


def parse_option(text: object) -> Option | None:
    """The option that the text names in compact or padded form, in any case; None where it names none.

    The date must be in the calendar and the strike above zero.
    """
    if not isinstance(text, str):
        return None
    found = _OCC.fullmatch(text.strip().upper())
    if found is None:
        return None
    root, year, month, day, right, strike = found.groups()
    try:
        expires = date(2000 + int(year), int(month), int(day))
    except ValueError:
        return None
    if int(strike) == 0 or not any(letter.isalpha() for letter in root):
        return None
    return Option(root, expires, right, Decimal(int(strike)) / 1000)
