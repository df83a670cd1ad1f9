"""Which endpoint does a path mean, and against which quota does it count?"""

import re

from supervisor.simulator.call import Call
from supervisor.simulator.wire import Request

_ACCOUNT = r"/v1/accounts/(?P<account>[^/]+)"
_WATCHLIST = r"/v1/watchlists/(?P<watchlist>[^/]+)"
_TABLE: tuple[tuple[str, str, str, str], ...] = (
    ("GET", r"/v1/user/profile", "profile", "standard"),
    ("GET", r"/v1/user/balances", "user_balances", "standard"),
    ("GET", r"/v1/user/positions", "user_positions", "standard"),
    ("GET", r"/v1/user/orders", "user_orders", "standard"),
    ("GET", r"/v1/user/gainloss", "user_gainloss", "standard"),
    ("GET", r"/v1/user/history", "user_history", "standard"),
    ("GET", _ACCOUNT + r"/balances", "balances", "standard"),
    ("GET", _ACCOUNT + r"/positions", "positions", "standard"),
    ("GET", _ACCOUNT + r"/orders", "orders", "standard"),
    ("GET", _ACCOUNT + r"/orders/(?P<order_id>[^/]+)", "order_status", "standard"),
    ("GET", _ACCOUNT + r"/gainloss", "gainloss", "standard"),
    ("GET", _ACCOUNT + r"/history", "history", "standard"),
    ("POST", _ACCOUNT + r"/orders", "order", "trading"),
    ("PUT", _ACCOUNT + r"/orders/(?P<order_id>[^/]+)", "modify", "trading"),
    ("DELETE", _ACCOUNT + r"/orders/(?P<order_id>[^/]+)", "cancel", "trading"),
    ("GET", r"/v1/markets/quotes", "quotes", "market"),
    ("POST", r"/v1/markets/quotes", "quotes", "market"),
    ("GET", r"/v1/markets/lookup", "lookup", "market"),
    ("GET", r"/v1/markets/search", "search", "market"),
    ("GET", r"/v1/markets/clock", "clock", "market"),
    ("GET", r"/v1/markets/history", "bars", "market"),
    ("GET", r"/v1/markets/timesales", "timesales", "market"),
    ("GET", r"/v1/markets/etb", "etb", "market"),
    ("GET", r"/v1/markets/calendar", "calendar", "market"),
    ("GET", r"/v1/markets/options/chains", "chains", "market"),
    ("GET", r"/v1/markets/options/expirations", "expirations", "market"),
    ("GET", r"/v1/markets/options/strikes", "strikes", "market"),
    ("GET", r"/v1/markets/options/lookup", "option_lookup", "market"),
    ("POST", r"/v1/accounts/events/session", "account_session", "standard"),
    ("POST", r"/v1/markets/events/session", "market_session", "market"),
    ("GET", r"/v1/watchlists", "watchlists", "standard"),
    ("POST", r"/v1/watchlists", "watchlist_create", "standard"),
    ("GET", _WATCHLIST, "watchlist", "standard"),
    ("PUT", _WATCHLIST, "watchlist_change", "standard"),
    ("DELETE", _WATCHLIST, "watchlist_delete", "standard"),
    ("POST", _WATCHLIST + "/symbols", "watchlist_add", "standard"),
    ("DELETE", _WATCHLIST + "/symbols/(?P<symbol>.+)", "watchlist_remove", "standard"),
    ("GET", r"/v1/oauth/authorize", "authorize", "oauth"),
    ("POST", r"/v1/oauth/accesstoken", "accesstoken", "oauth"),
    ("POST", r"/v1/oauth/refreshtoken", "refreshtoken", "oauth"),
)
_ROUTES = tuple((method, re.compile(path), name, category) for method, path, name, category in _TABLE)

UNKNOWN = "unknown"
OAUTH = "oauth"
"""The category of the endpoints that ask for a client instead of a token; it has no quota."""
PREVIEW = "preview"
ENDPOINTS = frozenset({row[2] for row in _TABLE} | {row[3] for row in _TABLE} | {PREVIEW, UNKNOWN})
"""What a fault may be meant for: every endpoint's name, and the categories standard, market, trading, oauth."""


def route(request: Request, now: float) -> Call:
    """The call that a request makes; an unlisted path is the endpoint `unknown`."""
    path = request.path.rstrip("/")
    wanted = "GET" if request.method == "HEAD" else request.method
    for method, pattern, name, category in _ROUTES:
        found = pattern.fullmatch(path) if method == wanted else None
        if found:
            endpoint = PREVIEW if name == "order" and previews(request) else name
            return Call(request, endpoint, category, now, **found.groupdict())
    return Call(request, UNKNOWN, "standard", now)


def methods(path: str) -> list[str]:
    """The methods that path is there for; none where there is no such path."""
    return [method for method, pattern, *_ in _ROUTES if pattern.fullmatch(path.rstrip("/"))]


def previews(request: Request) -> bool:
    """True where the request asks for a preview only: said at least once, and never said otherwise."""
    said = [value.strip().lower() for name, value in request.params if name == PREVIEW]
    return bool(said) and set(said) == {"true"}
