"""How does the broker write a value down, as JSON and as XML?

The broker makes its JSON out of its XML: a list of one comes as the bare element, an empty account list as the word
"null" (MEAS M1), and decimals keep whatever zeros they had (`17798.360000000000000000000000`, `0E-8`).
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any
from xml.sax.saxutils import escape

EMPTY = "null"
"""What stands for an account list without rows: the four-letter word, not a JSON null (MEAS M1)."""


def to_json(value: Any) -> str:
    """The value as JSON; a Decimal is written digit by digit as it is."""
    match value:
        case str():
            return _quoted(value)
        case Decimal():
            return str(value)
        case dict() | Mapping():  # a plain dict is told apart at once, any other mapping takes longer
            return "{" + ",".join([f"{_quoted(str(key))}:{to_json(item)}" for key, item in value.items()]) + "}"
        case list() | tuple():
            return "[" + ",".join([to_json(item) for item in value]) + "]"
        case bool() | float() | None:
            return json.dumps(value)
        case int():
            return str(value)
        case _:
            return json.dumps(value)


def to_xml(value: Mapping[str, Any]) -> str:
    """The value as XML; rows of a list repeat their element."""
    return "<?xml version='1.0' encoding='UTF-8'?>" + "".join(_element(name, item) for name, item in value.items())


def _element(name: str, value: Any) -> str:
    match value:
        case list() | tuple():
            return "".join(_element(name, item) for item in value)
        case Mapping():
            inner = "".join(_element(str(key), item) for key, item in value.items())
        case None:
            inner = EMPTY
        case bool():
            inner = "true" if value else "false"
        case _:
            inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


def rows(outer: str, inner: str, items: Sequence[Any], empty: str | None = EMPTY) -> dict[str, Any]:
    """A list as the broker wraps it: none is `empty`, one is the bare element, several are an array."""
    if not items:
        return {outer: empty}
    return {outer: {inner: items[0] if len(items) == 1 else list(items)}}


def tail(amount: Decimal, places: int = 24) -> Decimal:
    """The same amount with the long tail of zeros that balances have (FIX UV)."""
    whole, _, cents = f"{amount:f}".partition(".")
    return Decimal(f"{whole}.{cents.ljust(places, '0')}") if amount else amount


def plain(amount: Decimal) -> Decimal:
    """The amount with at least one decimal place, as prices and quantities come: `8.0`, `201.37`."""
    short = amount.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal("0.1")) if isinstance(exponent, int) and exponent > -1 else short
