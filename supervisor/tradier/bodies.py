"""What does this body say, whatever its status and content type claim?

Errors come as JSON faults, XML faults, error objects, bare sentences, HTML pages and nothing at all, all on a client that
asked for JSON (tradier-api §1, §10). So the form is told from the bytes.
"""

import html
import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import attrs

from supervisor.log import mask, mask_account

LONGEST_WORDS = 300
MOST_SENTENCES = 20

_TITLE = re.compile(r"<title[^<>]*>([^<>]*)</title", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z][\w.-]{0,40})", re.ASCII)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_FAULTSTRING = re.compile(r"<faultstring>([^<>]*)</faultstring>", re.IGNORECASE)
_ERRORCODE = re.compile(r"<errorcode>([^<>]*)</errorcode>", re.IGNORECASE)
_NAMED_ACCOUNT = re.compile(r"(?i)(unauthorized account:?\s*)(\S+)")


class Form(StrEnum):
    """What a body turned out to be."""

    EMPTY = "nothing"
    FAULT = "a gateway fault"
    ERROR = "an error object"
    ERRORS = "an object of errors"
    JSON = "JSON"
    BROKEN = "JSON that is cut off or malformed"
    XML = "XML"
    HTML = "an HTML page"
    TEXT = "bare text"


@attrs.frozen
class Said:
    """A body, read: its form, the broker's words, a fault's code, and the JSON value where it was JSON."""

    form: Form
    words: str = ""
    code: str = ""
    value: Any = attrs.field(default=None, repr=False)


JSON_BLANKS = " \t\r\n"
"""What may stand around JSON. Python's own blanks include control characters, and those make a body a broken one."""


def tidy(text: str, secrets: Iterable[str] = (), accounts: Iterable[str] = ()) -> str:
    """The text fit to keep: masked first, then blanks folded and cut short; without a lone surrogate."""
    text = mask(text, secrets, accounts)
    text = _NAMED_ACCOUNT.sub(lambda found: found[1] + mask_account(found[2]), text)
    text = _BLANKS.sub(" ", text.encode("utf-8", "replace").decode()).strip()
    return text if len(text) <= LONGEST_WORDS else text[: LONGEST_WORDS - 1] + "…"


def _refuse(constant: str) -> Any:
    """NaN and the infinities are neither JSON nor an amount of money. Raises ValueError."""
    raise ValueError(f"{constant} is no number")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


def decode(text: str) -> Any:
    """The JSON value with decimals as Decimal. Raises ValueError for all that is not JSON: NaN and endless depth too."""
    try:
        return _DECODER.decode(text)
    except (RecursionError, InvalidOperation) as error:
        raise ValueError(f"not readable as JSON: {type(error).__name__}") from None


def sentences(value: Any) -> tuple[str, ...]:
    """Every sentence inside an `errors` value, whether text, list, object or nested, in order and without blanks around."""
    found: list[str] = []
    todo = [value]
    while todo and len(found) < MOST_SENTENCES:
        part = todo.pop(0)
        if isinstance(part, dict):
            todo[:0] = part.values()
        elif isinstance(part, list):
            todo[:0] = part
        elif isinstance(part, str) and part.strip().lower() not in ("", "null"):
            found.append(part.strip())
    return tuple(found)


def _said_in_object(value: dict[str, Any]) -> Said:
    """An object's form: a gateway fault, one of two error objects, or an answer."""
    fault = value.get("fault")
    if fault is not None:
        inner = fault if isinstance(fault, dict) else {"faultstring": fault}
        detail = inner.get("detail")
        code = detail.get("errorcode") if isinstance(detail, dict) else None
        return Said(
            Form.FAULT, " ".join(sentences(inner.get("faultstring"))), code if isinstance(code, str) else "", value
        )
    if sentences(value.get("errors")) and "order" not in value:
        return Said(Form.ERRORS, " ".join(sentences(value["errors"])), "", value)
    told = [value[key] for key in ("message", "error") if isinstance(value.get(key), str)]
    if told and not any(isinstance(part, dict | list) for part in value.values()):
        return Said(Form.ERROR, ": ".join(told), "", value)
    return Said(Form.JSON, "", "", value)


def _said_in_markup(text: str) -> Said:
    """An XML fault, other XML, or a page (its title)."""
    faultstring, errorcode = _FAULTSTRING.search(text), _ERRORCODE.search(text)
    if faultstring or errorcode:
        words = html.unescape(faultstring[1]) if faultstring else ""
        return Said(Form.FAULT, words, html.unescape(errorcode[1]) if errorcode else "")
    start = text[:2000].lower()
    if "<html" in start or "<!doctype html" in start:
        title = _TITLE.search(text)
        return Said(Form.HTML, html.unescape(title[1]).strip() if title else "")
    root = _ROOT.search(text)
    return Said(Form.XML, root[1] if root else "")  # its name alone: an answer's contents are nobody's words


def read_body(body: bytes) -> Said:
    """What a body is and says. Never raises."""
    text = body.removeprefix(BOM_UTF8).decode("utf-8", "replace").strip(JSON_BLANKS)
    if not text:
        return Said(Form.EMPTY)
    if text.startswith("<"):
        return _said_in_markup(text)
    try:
        value = decode(text)
    except ValueError:
        return Said(Form.BROKEN) if text[0] in "{[" else Said(Form.TEXT, text)
    if isinstance(value, dict):
        return _said_in_object(value)
    if isinstance(value, str):
        return Said(Form.TEXT, value, "", value)
    return Said(Form.JSON, "", "", value)
