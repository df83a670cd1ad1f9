"""Is this reply a fault, and which?

Tradier's status alone means little: a refused token comes as 401, as 403 and inside a 500; a broken backend comes as 500
and as 400. So the words are looked up first, and only then the status speaks (tradier-api §2, §3, §10).
"""

import re
from collections.abc import Iterable, Mapping

import attrs

from supervisor.core.reading import Failure, Kind, Retry
from supervisor.tradier.bodies import Form, Said, tidy
from supervisor.tradier.fields import http_date

LONGEST_WAIT = 60.0
"""Seconds. The quota's window is one minute (DOC), so whatever says longer is wrong or misread."""
MILLISECONDS_FROM = 1e11
"""A quota expiry above this is epoch milliseconds (DOC), below it seconds (two clients)."""

_RESET = re.compile(r"^quota violation\b.*\s(\d{9,20})\.?$", re.ASCII | re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"\d{1,20}(\.\d{1,9})?", re.ASCII)


@attrs.frozen
class Row:
    """One known fault: where the pattern is found in the words or the code, the reply is of this kind."""

    pattern: re.Pattern[str]
    kind: Kind
    retry: Retry
    source: str


def _row(pattern: str, kind: Kind, retry: Retry, source: str) -> Row:
    return Row(re.compile(pattern, re.IGNORECASE), kind, retry, source)


# The first row that fits decides.
# fmt: off
TABLE: tuple[Row, ...] = (
    _row(r"^quota violation\b",                           Kind.QUOTA,           Retry.AFTER_TIME, "§3 go-tradier"),
    _row(r"rate limit quota violation",                   Kind.QUOTA,           Retry.AFTER_TIME, "§3 Apigee"),
    _row(r"quotaviolation|spikearrestviolation",          Kind.QUOTA,           Retry.AFTER_TIME, "§3 Apigee"),
    _row(r"^unauthorized account\b",                      Kind.FOREIGN_ACCOUNT, Retry.AFTER_FIX,  "§2 MEAS M1"),
    _row(r"^invalid access token\b",                      Kind.CREDENTIALS,     Retry.AFTER_FIX,  "§2 MEAS M7"),
    _row(r"^access token expired\b",                      Kind.CREDENTIALS,     Retry.AFTER_FIX,  "§2 LEAN"),
    _row(r"no apiproduct match found",                    Kind.CREDENTIALS,     Retry.AFTER_FIX,  "§2 hearsay"),
    _row(r"^(steps\.)?(keymanagement|oauth)\.",           Kind.CREDENTIALS,     Retry.AFTER_FIX,  "§2 Apigee"),
    _row(r"insufficient ?scope",                          Kind.CREDENTIALS,     Retry.AFTER_FIX,  "§2 Apigee"),
    _row(r"unexpected server error",                      Kind.SERVER,          Retry.AFTER_TIME, "§10 MEAS M4"),
    _row(r"communicating with the backend",               Kind.SERVER,          Retry.AFTER_TIME, "§10 MEAS M1"),
    _row(r"error occurred while processing your request", Kind.SERVER,          Retry.AFTER_TIME, "§10 MEAS M4"),
    _row(r"^invalid parameter,",                          Kind.DECLINED,        Retry.NEVER,      "§7.4 A"),
    _row(r"^order already in finalized state\b",          Kind.DECLINED,        Retry.NEVER,      "§7.6 MEAS M1"),
    _row(r"^order not available to be cancell?ed\b",      Kind.DECLINED,        Retry.AFTER_TIME, "§7.6 MEAS M4"),
    _row(r"^\w+ must be greater than 0\b",                Kind.DECLINED,        Retry.NEVER,      "§7.4 A, M4"),
)
# fmt: on

_SPEAKING = frozenset({Form.FAULT, Form.ERROR, Form.ERRORS, Form.TEXT})
"""The forms whose words may be a known fault; the words of an answer (a tag, a description) are never searched."""


def _known(said: Said, status: int) -> Row | None:
    """The first row that fits; under a 5xx only a credentials or a quota fault outweighs the status."""
    if said.form not in _SPEAKING:
        return None
    words = said.words.strip()
    for row in TABLE:
        if row.pattern.search(words) or row.pattern.search(said.code):
            return row if status < 500 or row.kind in (Kind.CREDENTIALS, Kind.QUOTA) else None
    return None


def _by_status(status: int, form: Form) -> tuple[Kind, Retry] | None:
    """What the status says where the words are not known; None where there is no fault at all."""
    if status == 429:
        return Kind.QUOTA, Retry.AFTER_TIME
    if status >= 500 or status == 408:
        return Kind.SERVER, Retry.AFTER_TIME
    if status in (401, 403):
        return Kind.CREDENTIALS, Retry.AFTER_FIX
    if form is Form.ERRORS and not 300 <= status < 400:
        return Kind.DECLINED, Retry.NEVER
    if form is Form.FAULT:
        return Kind.SERVER, Retry.AFTER_TIME
    if 200 <= status < 300 and form is Form.JSON:
        return None
    return Kind.GARBLED, Retry.AFTER_TIME


def _instant(text: str) -> float | None:
    """Epoch seconds from a number that is epoch milliseconds or seconds; None where it is neither."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number / 1000 if number > MILLISECONDS_FROM else number


def _after(text: str, now: float) -> float | None:
    """The instant of a `Retry-After`: seconds from now, or an HTTP date."""
    if _NUMBER.fullmatch(text):
        return now + float(text)
    try:
        return http_date(text)
    except ValueError:
        return None


def quota_ends(words: str, headers: Mapping[str, str], now: float) -> float:
    """When the quota's window ends (epoch seconds): the reply's own word, within a minute; else a minute from now.

    Read in this order: the last word of `Quota Violation <ms>`, `X-Ratelimit-Expiry`, `Retry-After`.
    """
    lowered = {name.lower(): value.strip() for name, value in headers.items()}
    reset = _RESET.search(words)
    told = _instant(reset[1]) if reset else None
    if told is None:
        told = _instant(lowered.get("x-ratelimit-expiry", ""))
    if told is None:
        told = _after(lowered.get("retry-after", ""), now)
    return now + LONGEST_WAIT if told is None else min(max(told, now), now + LONGEST_WAIT)


def _words(said: Said, status: int, kind: Kind, secrets: Iterable[str], accounts: Iterable[str]) -> str:
    """The broker's own words; where there are none, or they explain nothing, what was seen."""
    if said.form is Form.JSON:
        return f"HTTP {status} with JSON that is no known answer"
    words = tidy(said.words or said.code, secrets, accounts)
    if not words:
        return f"HTTP {status} with {said.form}"
    return f"HTTP {status} with {said.form}: {words}" if kind is Kind.GARBLED else words


def classify(
    status: int,
    headers: Mapping[str, str],
    said: Said,
    *,
    now: float,
    secrets: Iterable[str] = (),
    accounts: Iterable[str] = (),
) -> Failure | None:
    """The failure a reply is, None where it is an answer to be shaped. `now` is epoch seconds. Never raises."""
    row = _known(said, status)
    verdict = (row.kind, row.retry) if row else _by_status(status, said.form)
    if verdict is None:
        if isinstance(said.value, dict):
            return None
        verdict = (Kind.GARBLED, Retry.AFTER_TIME)
    kind, retry = verdict
    return Failure(
        kind=kind,
        words=_words(said, status, kind, secrets, accounts),
        status=status,
        retry=retry,
        retry_at=quota_ends(said.words.strip(), headers, now) if kind is Kind.QUOTA else None,
    )
