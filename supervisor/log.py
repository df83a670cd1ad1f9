"""What is written to the log, and what must never be.

One line a move, none a check. Secrets and account numbers are masked here, on the way out and at the edges where the
broker's words come in.
"""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import structlog

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
        if account:
            text = text.replace(account, mask_account(account))
    text = _BEARER.sub(lambda found: f"{found[1]} [secret]", text)
    return _ACCOUNT.sub(lambda found: mask_account(found[0]), text)


def _masked(_: Any, __: str, line: Any) -> Any:
    """Masks every string of a log line."""
    return {key: mask(value) if isinstance(value, str) else value for key, value in line.items()}


def configure(*, as_json: bool, stream: TextIO | None = None, level: str = "info") -> None:
    """Sends our log lines to `stream` (standard error by default) as JSON lines or for reading at a console."""
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _masked,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def logger() -> Any:
    """The supervisor's log."""
    return structlog.get_logger("supervisor")
