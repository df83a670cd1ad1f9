"""What is written to the log, and what must never be.

One line a move, none a check. Secrets and account numbers are masked here, on the way out and at the edges where the
broker's words come in.
"""

import logging
import re
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any, TextIO

_standard = logging.getLogger("supervisor")
_standard.addHandler(logging.NullHandler())

_ACCOUNT = re.compile(r"\b(?:VA\d{4,}|6YA[A-Z0-9]{3,})\b")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}")
SHORTEST_SECRET = 6
"""Strings shorter than this are not masked as secrets: they would blot out ordinary words."""


def mask_account(number: str) -> str:
    """An account number with only its last four characters left: `****5678`."""
    return "****" + number[-4:] if len(number) > 4 else "****"


def mask(text: str, secrets: Iterable[str] = (), accounts: Iterable[str] = ()) -> str:
    """The text without the given secrets, without bearer tokens and with account numbers cut to their last four."""
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


def _masked(_: Any, __: str, line: Any) -> Any:
    """Masks every string of a log line."""
    return {key: mask(value) if isinstance(value, str) else value for key, value in line.items()}


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
            _masked,
            _rendered,
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
