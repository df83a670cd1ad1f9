"""Which host may hear from us, and is it the one the owner means?

Only two hosts are Tradier's; loopback is our own. Anything else is unlisted, whatever it looks like, and no request and
no token ever goes there. What the owner intends is said by `TRADIER_SANDBOX`, else by the adapter, else it is sandbox.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

import attrs

from supervisor.concerns.facts import Endpoint, Place
from supervisor.errors import ConfigError

HOSTS = {"api.tradier.com": Place.LIVE, "sandbox.tradier.com": Place.SANDBOX}
"""Tradier's REST hosts (DOC)."""

_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0"})
_LONGEST_WORD = 12
_VERSION = re.compile(r"/v1$")


@attrs.frozen
class Base:
    """A base URL as it will be used: `url` ends in `/v1`; `host` is fit to show (no userinfo; the port where odd)."""

    url: str
    host: str
    place: Place


def _is_loopback(host: str) -> bool:
    """Whether the host is ours by its spelling alone: localhost, ::1 or a full dotted 127.x.x.x."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address == ipaddress.IPv6Address("::1")
    return address.is_loopback


def _place(parts: SplitResult, host: str, port: int | None, prefix: str) -> Place:
    """Where such a URL leads; UNLISTED unless nothing at all about it is odd."""
    if "@" in parts.netloc or parts.query or parts.fragment:
        return Place.UNLISTED
    if _is_loopback(host):
        return Place.LOOPBACK if parts.scheme in ("http", "https") else Place.UNLISTED
    if parts.scheme == "https" and port in (None, 443) and not prefix:
        return HOSTS.get(host, Place.UNLISTED)
    return Place.UNLISTED


def parse_base(url: str) -> Base:
    """The base URL, with or without `/v1` or a trailing slash, taken apart and put together again safely.

    Raises ConfigError where no host can be read from it at all.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if not host or parts.scheme not in ("http", "https"):
        raise ConfigError(
            "TRADIER_BASE_URL is not an http(s) URL with a host; it should read like " + base_url_for(Place.SANDBOX)
        )
    prefix = _VERSION.sub("", parts.path.rstrip("/")).rstrip("/")
    place = _place(parts, host, port, prefix)
    shown = f"[{host}]" if ":" in host else host
    if port is not None and not (parts.scheme == "https" and port == 443):
        shown = f"{shown}:{port}"
    return Base(url=f"{parts.scheme}://{shown}{prefix}/v1", host=shown, place=place)


def base_url_for(place: Place) -> str:
    """The base URL of the sandbox or of the live host. Raises ConfigError for any other place: those have none."""
    for host, known in HOSTS.items():
        if known is place:
            return f"https://{host}/v1"
    raise ConfigError(f"There is no Tradier host called {place}; it is sandbox or live.")


def intended_place(sandbox: str | None, adapter_sandbox: bool | None = None) -> Place:
    """Where the owner means to trade: `TRADIER_SANDBOX` (its value, None when unset), else the adapter's flag, else sandbox.

    Raises ConfigError on a value that is neither yes nor no, an empty one included: what is meant must be said.
    """
    if sandbox is None:
        return Place.LIVE if adapter_sandbox is False else Place.SANDBOX
    word = sandbox.strip().lower()
    if word in _TRUE:
        return Place.SANDBOX
    if word in _FALSE:
        return Place.LIVE
    seen = repr(sandbox) if len(sandbox) <= _LONGEST_WORD else "something long"  # a key may have been pasted there
    raise ConfigError(f"TRADIER_SANDBOX is {seen}; it must be true (sandbox) or false (live money), or be left unset.")


def endpoint(base_url: str, intended: Place) -> Endpoint:
    """What is intended and what that URL really leads to; the value of the "endpoint" reading. Raises ConfigError."""
    base = parse_base(base_url)
    return Endpoint(intended=intended, used=base.place, host=base.host)


def may_send(fact: Endpoint) -> bool:
    """Whether a request may leave: loopback always, else only to the very place that is intended."""
    return fact.used is Place.LOOPBACK or (fact.used is fact.intended and fact.used is not Place.UNLISTED)
