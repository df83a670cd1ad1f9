"""Which of the broker's words are in this error, whatever its shape?

Text, lists, exceptions, replies, and the dicts that agents and adapters pass around; nothing is understood here, only
found, verbatim and in order.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from supervisor.core.reading import Failure
from supervisor.log import mask

DEEPEST = 6
MOST = 20
LONGEST = 2000

TELLING = (
    "errors",
    "error",
    "fault",
    "faultstring",
    "errorcode",
    "detail",
    "message",
    "reason_description",
    "reason",
    "words",
    "codes",
    "text",
    "body",
    "order",
)
"""Keys under which brokers, adapters and agents put their words."""

TIMED_OUT = frozenset({"Timeout", "ConnectTimeout", "ReadTimeout", "TimeoutError", "ReadTimeoutError"})
CUT_OFF = frozenset({"ConnectionError", "SSLError", "ProxyError", "ChunkedEncodingError", "ProtocolError", "gaierror"})


@attrs.frozen
class Evidence:
    """The words found, verbatim but masked; the status of a reply where there was one; and what kind of exception it was.

    `path` is the path of the request where the error says it; `broken` is "timeout" or "connection" for an exception of
    the wire, else "".
    """

    texts: tuple[str, ...]
    status: int | None = None
    path: str = ""
    broken: str = ""

    @property
    def message(self) -> str:
        """All of it in one line, for a person."""
        return "; ".join(self.texts)


def evidence_of(error: Any) -> Evidence:
    """Whatever words the error holds. Never raises."""
    texts = list(dict.fromkeys(mask(text[:LONGEST]) for text in _words(error, 0) if text.strip()))[:MOST]
    reply = _reply(error)
    status = getattr(reply, "status_code", None) or getattr(reply, "status", None)
    if isinstance(error, Mapping):
        status = error.get("status_code") or error.get("http_status") or status
    url = getattr(reply, "url", None) or (error.get("path") if isinstance(error, Mapping) else None)
    return Evidence(
        tuple(texts),
        status if isinstance(status, int) and not isinstance(status, bool) else None,
        url if isinstance(url, str) else "",
        _broken(error),
    )


def _reply(error: Any) -> Any:
    """The reply that an exception carries, or the error itself. An error reply is falsy: only None means none."""
    reply = getattr(error, "response", None) if isinstance(error, BaseException) else None
    return error if reply is None else reply


def _broken(error: Any) -> str:
    if not isinstance(error, BaseException):
        return ""
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & TIMED_OUT:
        return "timeout"
    return "connection" if names & CUT_OFF else ""


def _words(value: Any, depth: int) -> Iterator[str]:
    if value is None or isinstance(value, bool) or depth > DEEPEST:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes | bytearray):
        yield bytes(value).decode("utf-8", "replace")
    elif isinstance(value, Mapping):
        yield from _of_mapping(value, depth)
    elif isinstance(value, Sequence | set | frozenset):
        for inner in list(value)[:MOST]:
            yield from _words(inner, depth + 1)
    elif isinstance(value, Failure):
        yield value.words
    elif isinstance(value, BaseException):
        yield from _of_exception(value, depth)
    elif _is_reply(value):
        yield from _of_reply(value, depth)
    else:
        yield from _of_object(value, depth)


def _of_mapping(value: Mapping[Any, Any], depth: int) -> Iterator[str]:
    for name in TELLING:
        if name in value:
            yield from _words(value[name], depth + 1)


def _of_exception(error: BaseException, depth: int) -> Iterator[str]:
    reply = getattr(error, "response", None)
    if reply is not None and _is_reply(reply):
        yield from _of_reply(reply, depth)
    refusals = getattr(error, "refusals", None)
    if refusals is not None:
        yield from (refusal.words for refusal in refusals)
        return
    yield str(error) or type(error).__name__


def _is_reply(value: Any) -> bool:
    return hasattr(value, "status_code") and hasattr(value, "text")


def _of_reply(reply: Any, depth: int) -> Iterator[str]:
    try:
        told = list(_words(reply.json(), depth + 1))
    except Exception:  # noqa: BLE001 - a reply whose JSON can't be read, by whatever library, is read as text
        told = []
    if told:
        yield from told
        return
    text = reply.text
    yield text if isinstance(text, str) and text.strip() else f"HTTP {reply.status_code} without a body"


def _of_object(value: Any, depth: int) -> Iterator[str]:
    """Our own records and others' alike: what their telling fields say, else how they print."""
    told = []
    for name in ("words", "codes", "errors", "message", "reason"):
        inner = getattr(value, name, None)
        if inner is not None and not callable(inner):
            told += list(_words(inner, depth + 1))
    yield from told or [str(value)]
