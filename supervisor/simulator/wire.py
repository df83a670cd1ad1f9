"""What does one request to the broker, and one reply, consist of?

Plain records without sockets: the shells turn bytes into a `Request` and act out a `Reply`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from wsgiref.handlers import format_date_time

import attrs

from supervisor.simulator.encode import to_json, to_xml

JSON_TYPE = "application/json;charset=UTF-8"
XML_TYPE = "application/xml;charset=UTF-8"
TEXT_TYPE = "text/plain"

Pairs = tuple[tuple[str, str], ...]
SECRET = frozenset({"code", "refresh_token", "client_secret"})
"""Fields whose values are kept nowhere."""


def starred(pairs: Pairs) -> Pairs:
    """The same fields with their secrets starred out."""
    return tuple((name, "***" if name in SECRET else value) for name, value in pairs)


class Act(StrEnum):
    """How the shell misbehaves on the wire."""

    REFUSE = "refuse"
    """Nobody listens."""
    RESET = "reset"
    """The connection is reset before any byte of the reply."""
    RESET_IN_HEADERS = "reset_in_headers"
    RESET_IN_BODY = "reset_in_body"
    HANG = "hang"
    """The connection stays open and no byte ever comes."""
    DRIP_HEADER = "drip_header"
    """One byte at a time from the first on, `seconds` apart."""
    DRIP_BODY = "drip_body"
    """The headers at once, then the body byte by byte, `seconds` apart."""
    CUT_BODY = "cut_body"
    """Half the body, then the connection ends: fewer bytes than Content-Length says."""


@attrs.frozen
class Behaviour:
    """What the shell is to act out. `seconds` lie between two dripped bytes."""

    act: Act
    seconds: float = 0.5


@attrs.frozen
class Request:
    """One request as the broker reads it.

    `path` is decoded and has no query; `query` and `form` keep the order and repetitions of the wire; header names are
    in lower case.
    """

    method: str
    path: str
    query: Pairs = attrs.field(default=(), repr=lambda pairs: repr(starred(pairs)))
    form: Pairs = attrs.field(default=(), repr=lambda pairs: repr(starred(pairs)))
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    @classmethod
    def of(cls, method: str, target: str, *, body: bytes | str | None = None, headers: Any = ()) -> "Request":
        """A request from its target (path and query, or a whole URL), its headers and its form-encoded body."""
        parts = urlsplit(target)
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body or ""
        items: Iterable[tuple[Any, Any]] = headers.items() if hasattr(headers, "items") else headers
        return cls(
            method.upper(),
            unquote(parts.path),
            tuple(parse_qsl(parts.query, keep_blank_values=True)),
            tuple(parse_qsl(text, keep_blank_values=True)),
            {_text(name).lower(): _text(value) for name, value in items},
        )

    @property
    def params(self) -> Pairs:
        """All parameters: the broker takes them from the form and from the query alike."""
        return self.form + self.query

    def param(self, name: str, default: str = "") -> str:
        """The first value of that parameter, without blanks around it."""
        return next((value.strip() for key, value in self.params if key == name), default)

    def flag(self, name: str) -> bool:
        """That parameter as a boolean, in any case of letters; false when absent."""
        return self.param(name).lower() == "true"


@attrs.frozen
class Reply:
    """One reply: `delay` is the seconds the broker takes over it, `behaviour` what goes wrong on the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    behaviour: Behaviour | None = None
    delay: float = 0.0

    def with_headers(self, extra: Mapping[str, str]) -> "Reply":
        """The same reply with more headers."""
        return Reply(self.status, {**self.headers, **extra}, self.body, self.behaviour, self.delay)

    def bodiless(self) -> "Reply":
        """What a HEAD gets of it: the headers, its length among them, and no body."""
        return attrs.evolve(self, headers={"Content-Length": str(len(self.body)), **self.headers}, body=b"")


def reply(status: int, body: bytes | str, content_type: str = TEXT_TYPE, **more: Any) -> Reply:
    """A reply of these bytes."""
    raw = body.encode() if isinstance(body, str) else body
    return Reply(status, {"Content-Type": content_type}, raw, **more)


def json_reply(status: int, value: Any) -> Reply:
    """A reply of this value as JSON, whatever was asked for."""
    return reply(status, to_json(value), JSON_TYPE)


def encoded(request: Request, value: Any) -> Reply:
    """A 200 of this value: JSON only where the request accepts it, else XML (DOC D1: XML is the default)."""
    if "application/json" in request.headers.get("accept", "").lower():
        return json_reply(200, value)
    return reply(200, to_xml(value), XML_TYPE)


def http_date(now: float) -> str:
    """That instant as a `Date` header has it."""
    return format_date_time(now)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
