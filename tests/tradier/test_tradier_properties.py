"""Can any body at all make an exception, or an emptiness that nobody stated?"""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from supervisor.concerns.facts import Place
from supervisor.core.reading import Failure, Reading
from supervisor.tradier import records
from supervisor.tradier.client import Reader
from supervisor.tradier.orders_wire import Outcome, Previewer, Sent, Trader

T = TypeVar("T", Trader, Previewer)
TOKEN = "tok-Zq81secretsecret"
ACCOUNT = "VA12345678"

NAMES = st.sampled_from(
    [
        "profile",
        "account",
        "account_number",
        "status",
        "option_level",
        "type",
        "balances",
        "margin",
        "cash",
        "pdt",
        "cash_available",
        "fed_call",
        "maintenance_call",
        "stock_buying_power",
        "option_buying_power",
        "positions",
        "position",
        "symbol",
        "quantity",
        "orders",
        "order",
        "id",
        "leg",
        "errors",
        "error",
        "fault",
        "faultstring",
        "detail",
        "errorcode",
        "message",
        "quotes",
        "quote",
        "unmatched_symbols",
        "clock",
        "state",
        "timestamp",
        "securities",
        "security",
        "history",
        "event",
        "trade",
        "date",
        "amount",
        "result",
        "cost",
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["null", "", "NaN", "0E-8", ACCOUNT, TOKEN, f"Unauthorized Account: {ACCOUNT}", "\ud800", "-1e400"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
OUTERS = ("profile", "balances", "positions", "orders", "order", "quotes", "clock", "securities", "history", "errors")
LIKELY = st.sampled_from(OUTERS).flatmap(
    lambda outer: st.fixed_dictionaries({outer: VALUES | st.dictionaries(NAMES, VALUES, max_size=4)})
)
BODIES = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    (VALUES | LIKELY).map(lambda value: json.dumps(value).encode()),
    (VALUES | LIKELY).map(lambda value: json.dumps(value).encode()[:-3]),
    st.text(max_size=30).map(lambda text: f"<fault><faultstring>{text}</faultstring>".encode("utf-8", "replace")),
)
STATUSES = st.sampled_from([200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504, 599])
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Date",
            "X-Ratelimit-Allowed",
            "X-Ratelimit-Used",
            "X-Ratelimit-Available",
            "X-Ratelimit-Expiry",
            "Retry-After",
        ]
    ),
    st.one_of(
        st.text(max_size=12),
        st.integers().map(str),
        st.just("Mon, 23 Nov 2026 15:20:11 GMT"),
        st.just("Mon, 99 Nov 99999 15:20:11 GMT"),
    ),
)


class One(BaseAdapter):
    """Answers everything with one reply."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        super().__init__()
        self.sent = 0
        self._reply = (status, body, headers)

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        self.sent += 1
        response = Response()
        response.status_code, response._content, headers = self._reply
        response.headers = CaseInsensitiveDict(headers)
        return response

    def close(self) -> None:
        """Nothing to close."""


def reads(reader: Reader) -> list[tuple[str, Reading]]:
    asks: dict[str, Callable[[], Reading]] = {
        "profile": reader.profile,
        "account": reader.accounts,
        "balances": reader.balances,
        "position": reader.positions,
        "order": reader.orders,
        "single": lambda: reader.order("1"),
        "quote": lambda: reader.quotes(["A"]),
        "clock": reader.market_clock,
        "security": lambda: reader.lookup("a"),
        "event": reader.history,
    }
    return [(name, ask()) for name, ask in asks.items()]


def said_nothing(body: bytes, inner: str) -> bool:
    """Whether the body itself says, in a known way, that there are no such rows."""
    answer = json.loads(body)
    if answer == {}:
        return True
    held = next(iter(answer.values())) if len(answer) == 1 else answer.get(_OUTER[inner])
    nothing: tuple[Any, ...] = (None, "null", "", [], {})
    blank = isinstance(held, str) and held.strip().lower() in nothing
    if held in nothing or blank:
        return True
    if inner == "account" and "account" not in held:
        return "id" in held
    row = held.get(inner)
    return inner in held and (row in nothing or (isinstance(row, str) and row.strip().lower() in nothing))


_OUTER = {
    "position": "positions",
    "order": "orders",
    "security": "securities",
    "event": "history",
    "account": "profile",
}


@settings(max_examples=100, deadline=None)
@given(status=STATUSES, body=BODIES, headers=HEADERS, account=st.sampled_from([ACCOUNT, None]))
def test_no_reply_makes_a_read_raise_or_invent_an_emptiness(
    status: int, body: bytes, headers: dict[str, str], account: str | None
) -> None:
    adapter = One(status, body, headers)
    reader = Reader("http://127.0.0.1:9", lambda: TOKEN, account, intended=Place.SANDBOX, adapter=adapter)
    for name, reading in reads(reader):
        assert (reading.value is None) != (reading.failure is None)
        if isinstance(reading.failure, Failure):
            reading.failure.words.encode()
            assert TOKEN not in reading.failure.words
            assert ACCOUNT not in reading.failure.words
            assert 0 < len(reading.failure.words) <= 400
        elif reading.value == ():
            assert 200 <= status < 300
            assert said_nothing(body, name)
    assert TOKEN not in repr(reader)
    assert ACCOUNT not in repr(reader)


@settings(max_examples=100, deadline=None)
@given(status=STATUSES, body=BODIES, headers=HEADERS)
def test_no_reply_makes_an_order_request_raise_repeat_or_claim_what_was_not_said(
    status: int, body: bytes, headers: dict[str, str]
) -> None:
    adapter = One(status, body, headers)

    def made(kind: type[T]) -> T:
        return kind("http://127.0.0.1:9", lambda: TOKEN, ACCOUNT, intended=Place.SANDBOX, adapter=adapter)

    form = {"class": "equity", "symbol": "AAPL"}
    acts: list[Callable[[], Sent]] = [
        lambda: made(Trader).submit(form),
        lambda: made(Trader).modify("1", form),
        lambda: made(Trader).cancel("1"),
        lambda: made(Previewer).preview(form),
    ]
    for number, act in enumerate(acts, 1):
        sent = act()
        assert adapter.sent == number
        assert sent.kind is not Outcome.UNSENT
        assert TOKEN not in repr(sent)
        assert ACCOUNT not in sent.words
        if status >= 500 or status in (408, 429):
            assert sent.kind is Outcome.UNKNOWN
        if sent.kind is Outcome.ACKNOWLEDGED:
            assert 200 <= status < 300
            assert sent.order_id or isinstance(sent.preview, records.Preview)
