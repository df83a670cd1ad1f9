"""What is written to the log, and what must never be.

One line a move, none a check. Secrets and account numbers are masked here, on the way out and at the edges where the
broker's and people's words come in. What is a secret is known in one place: whoever holds one hides it, and `mask` then
knows it for good, in the log, the journal, the hold file and whatever else goes through it.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable
from functools import cache, lru_cache
from threading import Lock
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

_standard = logging.getLogger("supervisor")
_standard.addHandler(logging.NullHandler())

_ACCOUNT = re.compile(r"\b(?:VA\d{4,}|6YA[A-Z0-9]{3,})\b")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}")
SHORTEST_SECRET = 6
"""Strings shorter than this are not masked as secrets: they would blot out ordinary words."""
MOST_HIDDEN = 2000
"""Spellings of secrets remembered, the newest: a source that gives another token at each call must not fill the memory."""

_hiding = Lock()
_spellings: dict[str, None] = {}
_hidden: tuple[str, ...] = ()


def hide(*secrets: str) -> None:
    """From now on `mask` masks these wherever they turn up in this process, also as URLs, forms and JSON spell them."""
    global _hidden  # noqa: PLW0603 - one process has one set of secrets, whoever holds them
    found: set[str] = set()
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            found |= _spelled(secret)
    if found <= _spellings.keys():
        return
    with _hiding:
        _spellings.update(dict.fromkeys(found))
        for oldest in list(_spellings)[:-MOST_HIDDEN]:
            del _spellings[oldest]
        _hidden = tuple(sorted(_spellings, key=len, reverse=True))  # so that no part of a longer one is left over


@lru_cache(maxsize=64)
def _spelled(secret: str) -> frozenset[str]:
    """The secret as itself, and as URLs, forms and JSON spell it, JSON within JSON too."""
    in_json = _in_json(secret)
    return frozenset({secret, quote(secret, safe=""), quote_plus(secret), in_json, _in_json(in_json)})


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def hidden() -> tuple[str, ...]:
    """What is masked now, longest first."""
    return _hidden


def mask_account(number: str) -> str:
    """An account number with only its last four characters left: `****5678`."""
    return "****" + number[-4:] if len(number) > 4 else "****"


def mask(text: str, secrets: Iterable[str] = (), accounts: Iterable[str] = ()) -> str:
    """The text without what is hidden and the given secrets, without bearer tokens, account numbers cut to their last four."""
    for secret in _hidden:
        if secret in text:
            text = text.replace(secret, "[secret]")
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "[secret]")
    for account in accounts:
        if account and account in text:
            text = text.replace(account, mask_account(account))
    lowered = text.lower()
    if "bearer" in lowered or "basic" in lowered:
        text = _BEARER.sub(lambda found: f"{found[1]} [secret]", text)
    if "VA" in text or "6YA" in text:
        text = _ACCOUNT.sub(lambda found: mask_account(found[0]), text)
    return text


def _masked(_: Any, __: str, line: Any) -> str:
    """The line as it would be written, masked: so whatever is nested in it is too."""
    return mask(line)


def info(event: str, **facts: Any) -> None:
    """One line for people and machines who follow. Silent until a handler is set, by the agent or by `configure`."""
    if _standard.isEnabledFor(logging.INFO):
        _logger().info(event, **facts)


def error(event: str, *, trace: bool = False, **facts: Any) -> None:
    """One line about something that went wrong on our side; with the traceback being handled if asked."""
    if _standard.isEnabledFor(logging.ERROR):
        _logger().error(event, exc_info=trace, **facts)


@cache
def _logger() -> Any:
    """Structlog over the standard logger "supervisor", so that an agent's own set-up rules it."""
    import structlog  # noqa: PLC0415 - it costs a fifth of a second, which importing this package must not

    return structlog.wrap_logger(
        _standard,
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _rendered,
            _masked,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _rendered(log: Any, name: str, line: Any) -> Any:
    """JSON where asked for, else one line to read."""
    import structlog  # noqa: PLC0415 - as above

    if _form["json"]:
        return structlog.processors.JSONRenderer()(log, name, line)
    event, at, level = line.pop("event"), line.pop("timestamp"), line.pop("level")
    rest = " ".join(f"{key}={value}" for key, value in line.items() if value not in (None, ""))
    return f"{at} {level:7} {event} {rest}"


_form = {"json": False}


def configure(*, as_json: bool, stream: TextIO | None = None, level: str = "info") -> None:
    """Sends our log to `stream` (standard error by default), as JSON lines or for reading at a console."""
    _form["json"] = as_json
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _standard.handlers = [handler]
    _standard.setLevel(level.upper())
    _standard.propagate = False
