"""Which order request is an agent's own client about to make, if any?"""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

import attrs
from requests import Response

from supervisor.errors import SupervisorError

READS = frozenset({"GET", "HEAD", "OPTIONS"})
ANSWERS = frozenset({"submit", "modify", "cancel"})
_SUBMIT = re.compile(r"/?(?:v1/)?accounts/([A-Za-z0-9-]+)/orders/?")
_ONE = re.compile(r"/?(?:v1/)?accounts/([A-Za-z0-9-]+)/orders/([A-Za-z0-9-]+)/?")
_HARMLESS = re.compile(
    r"/?(?:v1/)?(?:markets/(?:quotes|events/session)|accounts/events/session|watchlists(?:/[\w-]+){0,3}|"
    r"oauth/(?:accesstoken|refreshtoken))/?"
)
"""What is posted, put or deleted at Tradier without being an order (DOC D1)."""


@attrs.frozen
class Asked:
    """One request: its method and path, the form it would send, and what it does to which order of which account.

    `base` is where it goes, None where only a path is given.
    """

    method: str
    path: str
    form: Mapping[str, Any]
    kind: str
    order_id: str = ""
    account: str | None = None
    base: str | None = None

    @property
    def harmless(self) -> bool:
        """Whether it is one of those that are no order."""
        return _HARMLESS.fullmatch(self.path) is not None

    @property
    def previews(self) -> bool:
        """Whether it asks for a preview only."""
        return self.kind == "submit" and str(self.form.get("preview", "")).strip().lower() == "true"


def _fields(value: Any) -> dict[str, Any]:
    """A form in any of the shapes that clients take."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        return dict(parse_qsl(value, keep_blank_values=True))
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple):
        return {str(pair[0]): pair[1] for pair in value if isinstance(pair, list | tuple) and len(pair) == 2}
    return {}


def request_of(given: tuple[Any, ...], named: Mapping[str, Any], method: str = "") -> Asked:
    """The request that a call of `_request(method, path, …)` makes; of `post(path, …)` and its like, given the method."""
    rest = list(given)
    if not method:
        method = str(rest.pop(0) if rest else named.get("method", ""))
    names = ("path", "endpoint", "url", "uri")
    path = str(rest.pop(0) if rest else next((named[name] for name in names if name in named), ""))
    parts = urlsplit(path)
    form: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
    for value in (*rest, *(named[name] for name in ("params", "data", "json", "body", "form") if name in named)):
        form |= _fields(value)
    method, base = method.strip().upper(), f"{parts.scheme}://{parts.netloc}" if parts.netloc else None
    if (many := _SUBMIT.fullmatch(parts.path)) and method == "POST":
        return Asked(method, parts.path, form, "submit", account=many[1], base=base)
    if (one := _ONE.fullmatch(parts.path)) and method in ("PUT", "DELETE"):
        return Asked(method, parts.path, form, "modify" if method == "PUT" else "cancel", one[2], one[1], base)
    return Asked(method, parts.path, form, "", base=base)


def refused(what: str, why: str) -> NoReturn:
    """Raises SupervisorError: it is not sent."""
    raise SupervisorError(f"not sent: {what} through the agent's own client: {why}")


def answer(told: Mapping[str, Any]) -> Response:
    """As a session would answer."""
    response = Response()
    response.status_code = 200
    response._content = json.dumps(told, default=str).encode()  # noqa: SLF001 - requests has no other way to make one
    response.headers["Content-Type"] = "application/json"
    return response
