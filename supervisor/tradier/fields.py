"""Is this field what it should be?

Readers for single fields of a reply. A field that matters and is not right raises Garbled, which names the field and what
was seen in its place; a field that does not matter reads as None.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from supervisor.core.reading import Failure, Kind, Retry

P = ParamSpec("P")
T = TypeVar("T")

GREATEST = 15
"""Numbers of 10^15 and more are no money and no quantity."""
MOST_ROWS = 20_000

_NUMERAL = re.compile(r"[+-]?\d{1,40}(\.\d{1,60})?([eE][+-]?\d{1,3})?", re.ASCII)
_NOTHING = ("", "null")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HTTP_DATE = re.compile(
    rf"[A-Z][a-z]{{2}}, (\d\d) ({'|'.join(_MONTHS)}) ([1-9]\d{{3}}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII
)
"""The one form of a date that HTTP servers write (RFC 9110)."""


class Garbled(ValueError):
    """The reply has not the shape it should have; the text says where and what was seen."""


def or_garbled(shape: Callable[P, T]) -> Callable[P, T | Failure]:
    """The shape's value, or the GARBLED failure that its Garbled becomes."""

    @wraps(shape)
    def safely(*args: P.args, **kwargs: P.kwargs) -> T | Failure:
        try:
            return shape(*args, **kwargs)
        except Garbled as odd:
            return Failure(Kind.GARBLED, f"{shape.__name__}: {odd}", status=200, retry=Retry.AFTER_TIME)

    return safely


def seen(value: Any) -> str:
    """What a value is, in words that carry none of its contents."""
    if value is None:
        return "null"
    for kind, words in ((bool, "a truth value"), (str, "text"), (list, "a list"), (dict, "an object")):
        if isinstance(value, kind):
            return words if value or value is False else f"{words} with nothing in it"
    return "a number"


def absent(value: Any) -> bool:
    """Whether the value says "nothing": null, the string "null" (Tradier's empty list), or blank text."""
    return value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING)


def obj(value: Any, where: str) -> dict[str, Any]:
    """The value, known to be an object with something in it. Raises Garbled."""
    if not isinstance(value, dict) or not value:
        raise Garbled(f"{where} is {seen(value)}, not an object")
    return value


def rows(answer: dict[str, Any], outer: str, inner: str) -> tuple[dict[str, Any], ...]:
    """The rows of `{outer: {inner: row or rows}}`, none where the broker says none in any of its ways (§6).

    None is null, "null", an empty object or list in place of either, or a wholly empty answer. Raises Garbled where
    something else stands there, so that what cannot be read never looks like an empty list.
    """
    if not answer:
        return ()
    if outer not in answer:
        raise Garbled(f"no {outer} in the answer")
    held = answer[outer]
    if absent(held) or held in ({}, []):
        return ()
    if inner not in obj(held, outer):
        raise Garbled(f"{outer} holds no {inner}")
    return several(held[inner], f"{outer}.{inner}")


def several(value: Any, where: str) -> tuple[dict[str, Any], ...]:
    """The objects of a value that is one, several or none of them. Raises Garbled."""
    if absent(value) or value in ({}, []):
        return ()
    if not isinstance(value, list):
        return (obj(value, where),)
    if len(value) > MOST_ROWS:
        raise Garbled(f"{where} has {len(value)} rows")
    return tuple(obj(row, where) for row in value)


def number(value: Any, where: str) -> Decimal:
    """A finite number of a sane size, from a JSON number or a numeral as text. Raises Garbled."""
    if isinstance(value, str) and _NUMERAL.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Garbled(f"{where} is {seen(value)}, not a number")
    if isinstance(value, int) and abs(value) < 10**GREATEST:
        return Decimal(value)
    if isinstance(value, int) or not value.is_finite() or value.adjusted() >= GREATEST:
        raise Garbled(f"{where} is beyond any amount")
    return Decimal(0) if value == 0 else value


def money(row: dict[str, Any], name: str, where: str) -> Decimal:
    """A number that must be there. Raises Garbled."""
    if absent(row.get(name)):
        raise Garbled(f"{where}.{name} is missing")
    return number(row[name], f"{where}.{name}")


def maybe_money(row: dict[str, Any], name: str, where: str) -> Decimal | None:
    """A number, or None where the broker gives none. Raises Garbled where something else stands there."""
    return None if absent(row.get(name)) else number(row[name], f"{where}.{name}")


def text(row: dict[str, Any], name: str, where: str) -> str:
    """Text that must be there, blanks around it removed. Raises Garbled."""
    found = maybe_text(row, name)
    if found is None:
        raise Garbled(f"{where}.{name} is {seen(row.get(name)) if name in row else 'missing'}, not text")
    return found


def maybe_text(row: dict[str, Any], name: str) -> str | None:
    """Text without blanks around it, otherwise as the broker wrote it, or None where there is none."""
    value = row.get(name)
    if absent(value) or not isinstance(value, str):
        return None
    return value.encode("utf-8", "replace").decode().strip()


def word(row: dict[str, Any], name: str) -> str | None:
    """A word of a small vocabulary in lower case, or None."""
    found = maybe_text(row, name)
    return found.lower() if found else None


def identity(row: dict[str, Any], name: str, where: str) -> str:
    """An id as text, from a JSON integer or text; never masked or changed. Raises Garbled."""
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**19:
        return str(value)
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", value.strip()) and not absent(value):
        return value.strip()
    raise Garbled(f"{where}.{name} is {seen(value) if name in row else 'missing'}, not an id")


def whole(value: Any) -> int | None:
    """A whole number, from a number or a numeral as text, else None."""
    try:
        found = number(value, "")
    except Garbled:
        return None
    return int(found) if found == found.to_integral_value() else None


def instant(value: Any) -> float | None:
    """Epoch seconds from an ISO text with a zone or from epoch milliseconds; None where it is neither, or zero."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value / 1000 if 0 < value < 10**14 else None
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.astimezone(UTC).timestamp() if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def http_date(text: str) -> float:
    """Epoch seconds of an HTTP header's date. Raises ValueError where it is none."""
    found = _HTTP_DATE.fullmatch(text)
    try:
        if found is None:  # an older form, which the standard library reads, and takes ten times as long over
            return parsedate_to_datetime(text).timestamp()
        on, month, year, hour, minute, second = found.groups()
        place = _MONTHS.index(month) + 1
        return datetime(int(year), place, int(on), int(hour), int(minute), int(second), tzinfo=UTC).timestamp()
    except (TypeError, OverflowError, IndexError) as odd:
        raise ValueError("that is no date") from odd


def day(value: Any) -> date | None:
    """A calendar date from `YYYY-MM-DD`, else None."""
    try:
        return date.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None
