"""Which faults are there? One row each: the name, what happens, one sentence."""

from decimal import Decimal
from typing import Any

import attrs

from supervisor.simulator import bodies
from supervisor.simulator.accounts import Account, Position, multiplier
from supervisor.simulator.call import Call
from supervisor.simulator.faults import FaultSpec, Params
from supervisor.simulator.wire import JSON_TYPE, Act, Behaviour, Reply, encoded, http_date, json_reply, reply

NOTHING = Reply(200, {}, b"")
FOREIGN_ID = 990_001
"""The id of a position that is only shown."""


def _always(answer: Reply) -> Any:
    """An answer that is always the same."""

    def given(_: Call, __: Params) -> Reply:
        return answer

    return given


def _act(act: Act) -> Any:
    """Misbehaviour instead of any answer."""

    def acted(_: Call, params: Params) -> Reply:
        return attrs.evolve(NOTHING, behaviour=Behaviour(act, float(params.get("every", 0.5))))

    return acted


def _spoil(act: Act) -> Any:
    """Misbehaviour while the true answer is being sent."""

    def spoilt(answer: Reply, _: Call, params: Params) -> Reply:
        return attrs.evolve(answer, behaviour=Behaviour(act, float(params.get("every", 0.5))))

    return spoilt


def _account(**changes: Any) -> Any:
    """The account, shown with these attributes instead of its own."""

    def shown(account: Account, _: Params) -> Account:
        return attrs.evolve(account, **changes)

    return shown


def _shown_as(attribute: str, param: str, kind: Any = lambda value: value) -> Any:
    def shown(account: Account, params: Params) -> Account:
        return attrs.evolve(account, **{attribute: kind(params[param])})

    return shown


def _money(account: Account, amount: Any) -> Account:
    money = Decimal(str(amount))
    return attrs.evolve(account, stock_power=money, option_power=money, day_trade_power=money, cash_available=money)


def _called(account: Account, params: Params) -> Account:
    return attrs.evolve(
        account,
        maintenance_call=Decimal(str(params["maintenance"])),
        fed_call=Decimal(str(params["fed"])),
    )


def _foreign_position(account: Account, params: Params) -> Account:
    symbol, quantity = str(params["symbol"]).upper(), Decimal(str(params["quantity"]))
    cost = quantity * Decimal(str(params["price"])) * multiplier(symbol)
    foreign = Position(FOREIGN_ID, symbol, quantity, cost, account.opened)
    return attrs.evolve(account, positions={**account.positions, symbol: foreign})


def _missing_position(account: Account, params: Params) -> Account:
    hidden = str(params["symbol"]).upper()
    shown = {symbol: held for symbol, held in account.positions.items() if hidden not in {"*", symbol}}
    return attrs.evolve(account, positions=shown)


def _slow(answer: Reply, _: Call, params: Params) -> Reply:
    return attrs.evolve(answer, delay=answer.delay + float(params["by"]))


def _halved(answer: Reply, _: Call, __: Params) -> Reply:
    return attrs.evolve(answer, body=answer.body[: len(answer.body) // 2])


def _short_length(answer: Reply, _: Call, __: Params) -> Reply:
    return answer.with_headers({"Content-Length": str(max(len(answer.body) - 10, 0))})


def _typed(answer: Reply, _: Call, params: Params) -> Reply:
    return answer.with_headers({"Content-Type": str(params["content_type"])})


def _skewed(answer: Reply, call: Call, params: Params) -> Reply:
    return answer.with_headers({"Date": http_date(call.now + float(params["by"]))})


def _dateless(answer: Reply, _: Call, __: Params) -> Reply:
    return attrs.evolve(answer, headers={name: value for name, value in answer.headers.items() if name != "Date"})


def _quota_end(call: Call) -> int:
    return (int(call.now) // 60 + 1) * 60_000


def _limited(call: Call, _: Params) -> Reply:
    end = _quota_end(call)
    used = {"X-Ratelimit-Allowed": "120", "X-Ratelimit-Used": "120", "X-Ratelimit-Available": "0"}
    return reply(429, f"Quota Violation {end}").with_headers({**used, "X-Ratelimit-Expiry": str(end)})


def _limited_bare(call: Call, _: Params) -> Reply:
    return reply(429, f"Quota Violation {_quota_end(call)}")


def _limited_fault(_: Call, params: Params) -> Reply:
    return bodies.fault(int(params["status"]), (bodies.QUOTA[0].format("app"), bodies.QUOTA[1]))


def _foreign(call: Call, _: Params) -> Reply:
    return bodies.unauthorized(call.account or "VA00000000")


def _nonsense(_: Call, params: Params) -> Reply:
    return json_reply(200, params["shape"])


_NGINX_502 = bodies.nginx(502, "Bad Gateway")
_PLACING = "order,preview"
_BEARER = "standard,market,trading"
"""All but OAuth, whose endpoints take no token."""
_OAUTH = "oauth"

# fmt: off
_ROWS: tuple[FaultSpec, ...] = (
    FaultSpec("refuse", "Nobody listens on the port.", answer=_act(Act.REFUSE)),
    FaultSpec("reset", "The connection is reset before any byte of a reply; nothing was done.", answer=_act(Act.RESET)),
    FaultSpec("hang", "The request is taken and no byte ever comes; nothing was done.", answer=_act(Act.HANG)),
    FaultSpec("reset_in_headers", "The connection is reset inside the headers, after the work was done.", twist=_spoil(Act.RESET_IN_HEADERS)),
    FaultSpec("reset_in_body", "The connection is reset inside the body, after the work was done.", twist=_spoil(Act.RESET_IN_BODY)),
    FaultSpec("drip_header", "Every byte of the reply, headers included, comes `every` seconds.", twist=_spoil(Act.DRIP_HEADER), params={"every": 0.5}),
    FaultSpec("drip_body", "The headers come at once, each byte of the body `every` seconds.", twist=_spoil(Act.DRIP_BODY), params={"every": 0.5}),
    FaultSpec("cut_body", "The connection ends after half the body that Content-Length announced.", twist=_spoil(Act.CUT_BODY)),
    FaultSpec("wrong_length", "Content-Length is ten bytes short of the body; the rest spoils the kept-alive connection.", twist=_short_length),
    FaultSpec("slow", "The true answer comes `by` seconds late.", twist=_slow, params={"by": 3.0}),

    FaultSpec("token_revoked", "Every token is refused as revoked: 401 with the invalid-token fault.", answer=_always(bodies.fault(401, bodies.INVALID_TOKEN)), endpoint=_BEARER),
    FaultSpec("token_invalid", "401 with the invalid-token fault in JSON.", answer=_always(bodies.fault(401, bodies.INVALID_TOKEN)), endpoint=_BEARER),
    FaultSpec("token_invalid_text", "401 with the bare text `Invalid Access Token`.", answer=_always(reply(401, "Invalid Access Token")), endpoint=_BEARER),
    FaultSpec("token_invalid_lower", "401 with the bare text in small letters.", answer=_always(reply(401, "Invalid access token")), endpoint=_BEARER),
    FaultSpec("token_invalid_xml", "401 with the invalid-token fault in XML.", answer=_always(bodies.xml_fault(401, bodies.INVALID_TOKEN)), endpoint=_BEARER),
    FaultSpec("token_expired", "401 with the expired-token fault.", answer=_always(bodies.fault(401, bodies.EXPIRED_TOKEN)), endpoint=_BEARER),
    FaultSpec("token_expired_500", "500 with the expired-token fault.", answer=_always(bodies.fault(500, bodies.EXPIRED_TOKEN)), endpoint=_BEARER),
    FaultSpec("wrong_environment", "401 with the apiproduct fault: a token of the other environment.", answer=_always(bodies.fault(401, bodies.WRONG_PRODUCT)), endpoint=_BEARER),
    FaultSpec("oauth_invalid_token", "401 with the gateway's own fault, as without a token.", answer=_always(bodies.fault(401, bodies.MISSING_TOKEN)), endpoint=_BEARER),
    FaultSpec("oauth_invalid_key", "401 with the gateway's fault for a bad key.", answer=_always(bodies.fault(401, bodies.INVALID_KEY)), endpoint=_BEARER),
    FaultSpec("scope_missing", "403: the token lacks the scope.", answer=_always(bodies.fault(403, bodies.SCOPE)), endpoint=_BEARER),
    FaultSpec("unauthorized_account", "401 `Unauthorized Account`, naming the account in the path.", answer=_foreign, endpoint="balances"),

    FaultSpec("client_refused", "OAuth refuses the client: 401 `ClientId is Invalid`.", answer=_always(bodies.BAD_CLIENT), endpoint=_OAUTH),
    FaultSpec("client_refused_fault", "OAuth refuses the client with a gateway fault.", answer=_always(bodies.fault(401, bodies.INVALID_CLIENT)), endpoint=_OAUTH),
    FaultSpec("refresh_refused", "The refresh token is refused: 400 `Invalid Refresh Token`.", answer=_always(bodies.BAD_REFRESH), endpoint="refreshtoken"),
    FaultSpec("refresh_useless", "A refresh succeeds, and every request with the new token is refused.", endpoint="refreshtoken"),

    FaultSpec("http_500_backend", "500 with the text of the backend outages; nothing was done.", answer=_always(reply(500, bodies.BACKEND))),
    FaultSpec("http_500_empty", "500 without a body.", answer=_always(reply(500, ""))),
    FaultSpec("http_500_datastore", "500 with the Datastore Error fault.", answer=_always(bodies.fault(500, bodies.DATASTORE))),
    FaultSpec("http_400_unexpected", "A broker fault that wears a 400: `Unexpected server error`.", answer=_always(json_reply(400, bodies.UNEXPECTED))),
    FaultSpec("http_400_invalid", "400 with a bare `Invalid parameter` sentence: one definite refusal.", answer=_always(bodies.invalid("symbol", "is not valid."))),
    FaultSpec("http_404", "404 with an empty body, as seen for temporary faults.", answer=_always(reply(404, ""))),
    FaultSpec("http_408", "408 from the proxy.", answer=_always(bodies.nginx(408, "Request Time-out"))),
    FaultSpec("http_502_nginx", "502 with the proxy's web page.", answer=_always(_NGINX_502)),
    FaultSpec("http_503_empty", "503 with an empty body.", answer=_always(reply(503, ""))),
    FaultSpec("http_504_xml", "504 with an XML fault although JSON was asked for.", answer=_always(bodies.xml_fault(504, bodies.TIMEOUT))),
    FaultSpec("too_big_body", "500 with the TooBigBody fault.", answer=_always(bodies.fault(500, bodies.TOO_BIG))),
    FaultSpec("redirect", "302 to another host.", answer=_always(reply(302, "").with_headers({"Location": "https://example.com/"}))),

    FaultSpec("docs_html", "200 with the page of the documentation site.", answer=_always(bodies.html(200, bodies.DOCS_SITE))),
    FaultSpec("html", "200 with some web page.", answer=_always(bodies.html(200, bodies.MAINTENANCE))),
    FaultSpec("xml", "200 with XML although JSON was asked for.", answer=_always(bodies.xml(200, "<?xml version='1.0' encoding='UTF-8'?><answer><unexpected>true</unexpected></answer>"))),
    FaultSpec("empty", "200 with an empty body.", answer=_always(reply(200, "", JSON_TYPE))),
    FaultSpec("nonsense", "200 with JSON of no known shape (`shape`).", answer=_nonsense, params={"shape": {"unexpected": [1, "two", None]}}),
    FaultSpec("truncated_json", "200 with half of the true JSON and a Content-Length that fits it.", twist=_halved),
    FaultSpec("wrong_content_type", "The true body under another Content-Type.", twist=_typed, params={"content_type": "text/html"}),

    FaultSpec("http_429", "429 `Quota Violation` with the rate-limit headers.", answer=_limited),
    FaultSpec("http_429_bare", "429 `Quota Violation` without any rate-limit header.", answer=_limited_bare),
    FaultSpec("http_429_fault", "The gateway's quota fault in JSON, with `status` 429 or another.", answer=_limited_fault, params={"status": 429}),

    FaultSpec("account_closed", "The profile says the account is closed.", patch=_account(status="closed")),
    FaultSpec("account_status", "The profile gives the account the status `status`.", patch=_shown_as("status", "status"), params={"status": "suspended"}),
    FaultSpec("status_missing", "The profile gives the account no status.", patch=_account(status=None)),
    FaultSpec("account_missing", "The profile does not list the account.", patch=_account(listed=False)),
    FaultSpec("level", "The profile gives the account the option level `level`, and orders are judged by it.", patch=_shown_as("option_level", "level"), params={"level": 1}),
    FaultSpec("funds", "Every buying power reads `amount`, and orders are judged by it.", patch=lambda account, params: _money(account, params["amount"]), params={"amount": "50"}),
    FaultSpec("funds_gone", "Every buying power reads zero.", patch=lambda account, _: _money(account, 0)),
    FaultSpec("margin_call", "The account has a maintenance or a fed call.", patch=_called, params={"maintenance": "1250.00", "fed": "0"}),

    FaultSpec("position_foreign", "The account shows one position more: `quantity` of `symbol`, which no order brought, and orders are judged by it.", patch=_foreign_position, params={"symbol": "TSLA", "quantity": 10, "price": "400"}),
    FaultSpec("position_missing", "The account does not show its position in `symbol`, or any where that is `*`, and orders are judged by it.", patch=_missing_position, params={"symbol": "*"}),

    FaultSpec("date_skewed", "The Date header is `by` seconds ahead of the truth.", twist=_skewed, params={"by": 30.0}),
    FaultSpec("date_missing", "There is no Date header.", twist=_dateless),

    FaultSpec("lost_502", "The order is booked; the reply is the proxy's 502.", answer=_always(_NGINX_502), params={"after": True}, endpoint="order"),
    FaultSpec("lost_reset", "The order is booked; the connection is reset before the reply.", answer=_act(Act.RESET), params={"after": True}, endpoint="order"),
    FaultSpec("lost_hang", "The order is booked; the reply never comes.", answer=_act(Act.HANG), params={"after": True}, endpoint="order"),
    FaultSpec("lost_empty", "The order is booked; the reply is an empty 200.", answer=_always(reply(200, "")), params={"after": True}, endpoint="order"),
    FaultSpec("order_500", "The order is not booked: 500 with the backend text.", answer=_always(reply(500, bodies.BACKEND)), endpoint=_PLACING),
    FaultSpec("fake_400", "The order is not booked: the 400 that wears `Unexpected server error`.", answer=_always(json_reply(400, bodies.UNEXPECTED)), endpoint=_PLACING),
    FaultSpec("fake_400_booked", "The order is booked, and the reply is the 400 that wears `Unexpected server error`.", answer=_always(json_reply(400, bodies.UNEXPECTED)), params={"after": True}, endpoint="order"),
    FaultSpec("late_listing", "A new order shows in the list and by its id only `by` seconds after it was booked.", params={"by": 5.0}, endpoint="orders,order_status"),
    FaultSpec("zombie", "Working orders refuse to be canceled or changed: `order not available to be canceled`.", endpoint="cancel,modify"),
    FaultSpec("stuck_pending", "A new order stays `pending` for ever, whatever the hour.", endpoint="order"),
    FaultSpec("phantom", "A new multileg order shows its legs `filled` and itself `open` for ever; no position comes of it.", endpoint="order"),
    FaultSpec("rejected_later", "A new order is acknowledged and `by` seconds later rejected with `reason`.", params={"by": 1.0, "reason": "You do not have enough buying power for this trade. "}, endpoint="order"),
    FaultSpec("backoffice", "A new order is refused inside a 200 with the code `code`.", answer=lambda call, params: encoded(call.request, bodies.errors(["Backoffice rejected override of the order.", params["code"]])), params={"code": "InitialMargin"}, endpoint=_PLACING),
    FaultSpec("refusal", "A new order is refused inside a 200 with the bare sentence `words`.", answer=lambda call, params: encoded(call.request, bodies.errors(params["words"])), params={"words": "Account is restricted for trading. Please contact 980-272-3880 for questions or concerns."}, endpoint=_PLACING),
    FaultSpec("unfilled", "A new order stays unfilled until the fault is cleared.", endpoint="order"),
    FaultSpec("partial_fill", "A new order fills only up to `quantity` until the fault is cleared.", params={"quantity": 1}, endpoint="order"),
)
# fmt: on

FAULTS: dict[str, FaultSpec] = {row.name: row for row in _ROWS}
"""Every fault by its name."""
