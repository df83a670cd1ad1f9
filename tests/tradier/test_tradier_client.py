"""Does the reader ask for the right thing, say how it went, and keep its secrets?"""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime, formatdate
from time import time
from typing import Any

import pytest
from freezegun import freeze_time
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ChunkedEncodingError, ReadTimeout
from requests.exceptions import ConnectionError as Unreachable
from supervisor.concerns.facts import Balances, Place, Profile
from supervisor.core.reading import Kind, Retry
from supervisor.errors import ConfigError
from supervisor.tradier.client import Reader
from supervisor.tradier.quota import Category, Purpose, Quota

TOKEN = "tok-Zq81secretsecret"
ACCOUNT = "VA12345678"
NOW = datetime(2026, 11, 23, 15, 20, 11, tzinfo=UTC)


class Raises(BaseAdapter):
    """Raises the same error for every request."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        raise self.error

    def close(self) -> None:
        """Nothing to close."""


ASKS: dict[str, tuple[Callable[[Reader], Any], str]] = {
    "profile": (lambda reader: reader.profile(), "/v1/user/profile"),
    "accounts": (lambda reader: reader.accounts(), "/v1/user/profile"),
    "balances": (lambda reader: reader.balances(), f"/v1/accounts/{ACCOUNT}/balances"),
    "positions": (lambda reader: reader.positions(), f"/v1/accounts/{ACCOUNT}/positions"),
    "orders": (lambda reader: reader.orders(), f"/v1/accounts/{ACCOUNT}/orders?includeTags=true"),
    "orders without tags": (
        lambda reader: reader.orders(include_tags=False),
        f"/v1/accounts/{ACCOUNT}/orders?includeTags=false",
    ),
    "order": (lambda reader: reader.order("390-1"), f"/v1/accounts/{ACCOUNT}/orders/390-1?includeTags=true"),
    "quotes": (
        lambda reader: reader.quotes(["AAPL", "BRK/B"]),
        "/v1/markets/quotes?symbols=AAPL%2CBRK%2FB&greeks=false",
    ),
    "market_clock": (lambda reader: reader.market_clock(), "/v1/markets/clock"),
    "lookup": (lambda reader: reader.lookup("goog&x=1"), "/v1/markets/lookup?q=goog%26x%3D1"),
    "search": (lambda reader: reader.search("alpha bet"), "/v1/markets/search?q=alpha+bet&indexes=false"),
    "history": (
        lambda reader: reader.history(start=date(2026, 11, 1), symbol="BRK/B"),
        f"/v1/accounts/{ACCOUNT}/history?page=1&limit=100&start=2026-11-01&symbol=BRK%2FB",
    ),
}


@pytest.mark.parametrize("name", ASKS)
def test_each_question_is_one_get_at_its_place(name: str, canned: Any, reader: Callable[..., Reader]) -> None:
    ask, place = ASKS[name]
    adapter = canned(200, {})
    reading = ask(reader(adapter))
    (request,) = adapter.requests
    assert (request.method, request.path_url, request.body) == ("GET", place, None)
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert reading.source == name.split(maxsplit=1)[0]


def test_good_samples_read_well(sample: Any, reader: Callable[..., Reader]) -> None:
    assert isinstance(reader(sample("profile_one_account"), "VA90010001").profile().value, Profile)
    assert isinstance(reader(sample("balances_margin")).balances().value, Balances)
    assert reader(sample("positions_none")).positions().value == ()
    assert reader(sample("orders_none")).orders().value == ()
    assert len(reader(sample("orders_with_tags")).orders().value) == 2
    assert reader(sample("clock_open")).market_clock().value.state == "open"


def test_a_reader_without_an_account_takes_the_only_one_listed(
    sample: Any, canned: Any, reader: Callable[..., Reader]
) -> None:
    asker = reader(sample("profile_one_account"), None)
    withheld = asker.balances()
    assert withheld.failure is not None
    assert withheld.failure.kind is Kind.WITHHELD
    assert "profile" in withheld.failure.words
    assert asker.profile().value.ours().label == "****0001"
    assert asker.account_id == "VA90010001"
    several = reader(canned(200, {"profile": {"account": [{"account_number": "A1"}, {"account_number": "B2"}]}}), None)
    assert several.profile().value.ours() is None
    assert several.account_id is None


@pytest.mark.parametrize("account", ["..", ".", "...."])
def test_an_account_that_would_walk_the_path_is_not_asked_for(
    account: str, canned: Any, reader: Callable[..., Reader]
) -> None:
    adapter = canned(200, {})
    assert reader(adapter, account).balances().failure is not None
    assert adapter.requests == []


def test_an_account_is_percent_encoded(canned: Any, reader: Callable[..., Reader]) -> None:
    adapter = canned(200, {})
    reader(adapter, "a/../b?c#d").balances()
    assert adapter.requests[0].path_url == "/v1/accounts/a%2F..%2Fb%3Fc%23d/balances"


@pytest.mark.parametrize("order_id", ["", "..", "1/2", "1?x", "1 2", "x" * 41, "1\n"])
def test_what_is_no_order_id_is_not_asked_for(order_id: str, canned: Any, reader: Callable[..., Reader]) -> None:
    adapter = canned(200, {})
    reading = reader(adapter).order(order_id)
    assert reading.failure is not None
    assert reading.failure.kind is Kind.WITHHELD
    assert adapter.requests == []


@pytest.mark.parametrize(
    ("url", "intended"),
    [
        ("https://api.tradier.com", Place.SANDBOX),
        ("https://sandbox.tradier.com", Place.LIVE),
        ("https://api.tradier.com.evil.com", Place.LIVE),
        ("http://api.tradier.com", Place.LIVE),
        ("https://me@api.tradier.com", Place.LIVE),
        ("https://evil.com", Place.UNLISTED),
    ],
)
def test_to_a_host_that_is_not_the_intended_one_nothing_leaves(url: str, intended: Place, canned: Any) -> None:
    asked = []

    def token() -> str:
        asked.append(1)
        return TOKEN

    adapter = canned(200, {})
    reader = Reader(url, token, ACCOUNT, intended=intended, adapter=adapter)
    for ask, _ in ASKS.values():
        reading = ask(reader)
        assert reading.failure.kind is Kind.WITHHELD
        assert reading.failure.retry is Retry.AFTER_FIX
        assert reading.took == 0.0
    assert adapter.requests == []
    assert asked == []


def test_a_base_url_without_a_host_is_a_config_error() -> None:
    with pytest.raises(ConfigError):
        Reader("nonsense", lambda: TOKEN, ACCOUNT, intended=Place.SANDBOX)


@pytest.mark.parametrize("token", ["", " ", "two words", "line\nbreak", "t\u00f6ken-secret", "x" * 5000])
def test_a_token_no_header_may_hold_is_withheld_and_not_repeated(token: str, canned: Any) -> None:
    adapter = canned(200, {})
    reading = Reader("http://127.0.0.1:9", lambda: token, ACCOUNT, intended=Place.LIVE, adapter=adapter).profile()
    assert reading.failure is not None
    assert reading.failure.kind is Kind.WITHHELD
    assert "token" in reading.failure.words
    assert not token.strip() or token.strip() not in reading.failure.words
    assert adapter.requests == []


def test_a_token_source_that_fails_is_told_without_its_words(canned: Any) -> None:
    def token() -> str:
        raise ValueError(f"cannot read {TOKEN}")

    reading = Reader("http://127.0.0.1:9", token, ACCOUNT, intended=Place.LIVE, adapter=canned()).profile()
    assert reading.failure is not None
    assert reading.failure.words == "not sent: the token's source failed (ValueError)"


def test_a_rotated_token_is_picked_up(canned: Any) -> None:
    tokens = iter(["first-token", "second-token"])
    adapter = canned(200, {})
    reader = Reader("http://127.0.0.1:9", lambda: next(tokens), ACCOUNT, intended=Place.LIVE, adapter=adapter)
    reader.profile()
    reader.profile()
    assert [request.headers["Authorization"] for request in adapter.requests] == [
        "Bearer first-token",
        "Bearer second-token",
    ]


def beneath(told: Exception, cause: Exception) -> Exception:
    """The error as requests tells it of what happened beneath."""
    told.__cause__ = cause
    return told


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ReadTimeout("slow"), Kind.TIMEOUT),
        (Unreachable("refused"), Kind.UNREACHABLE),
        (OSError("no route"), Kind.UNREACHABLE),
        (RuntimeError("adapter bug"), Kind.UNREACHABLE),
        (ChunkedEncodingError("cut off"), Kind.GARBLED),
        (beneath(ChunkedEncodingError("reset"), ConnectionResetError(104, "reset")), Kind.UNREACHABLE),
        (Unreachable(f"GET /v1/accounts/{ACCOUNT}/balances with {TOKEN}"), Kind.UNREACHABLE),
    ],
)
def test_whatever_an_adapter_raises_is_a_failure(error: Exception, kind: Kind, reader: Callable[..., Reader]) -> None:
    with freeze_time(NOW):
        reading = reader(Raises(error)).balances(4.0)
    assert reading.failure is not None
    assert reading.failure.kind is kind
    assert TOKEN not in reading.failure.words
    assert ACCOUNT not in reading.failure.words
    assert reading.took == (4.0 if kind is Kind.TIMEOUT else 0.0)
    assert reading.at == NOW.timestamp()


def test_a_slow_reply_under_frozen_time_took_what_it_says(canned: Any, reader: Callable[..., Reader]) -> None:
    class Slow(BaseAdapter):
        def send(self, *args: Any, **settings: Any) -> Response:
            response: Response = canned(200, {}).send(*args, **settings)
            response.elapsed = timedelta(seconds=3.5)
            return response

        def close(self) -> None:
            """Nothing to close."""

    with freeze_time(NOW):
        assert reader(Slow()).positions().took == 3.5


@pytest.mark.parametrize(
    ("header", "skew"),
    [
        (format_datetime(NOW, usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(seconds=9), usegmt=True), 9.0),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), -3600.0),
        ("yesterday", None),
        ("", None),
        ("Mon, 99 Nov 2026 15:20:11 GMT", None),
        (None, None),
    ],
)
def test_skew_is_told_by_the_date_header_or_not_at_all(
    header: str | None, skew: float | None, canned: Any, reader: Callable[..., Reader]
) -> None:
    with freeze_time(NOW):
        reading = reader(canned(500, "", {} if header is None else {"date": header})).profile()
    assert reading.skew == skew


def test_the_allowance_left_is_told_by_the_headers_or_not_at_all(sample: Any, reader: Callable[..., Reader]) -> None:
    assert reader(sample("profile_one_account")).profile().quota_left == pytest.approx(53 / 60)
    assert reader(sample("ratelimit_exhausted_headers_on_200")).market_clock().quota_left == 0.0
    assert reader(sample("outage_502_nginx_html")).profile().quota_left is None


def test_an_exhausted_allowance_withholds_until_its_end(canned: Any, reader: Callable[..., Reader]) -> None:
    with freeze_time(NOW) as clock:
        ends = int(NOW.timestamp()) + 20
        adapter = canned(429, f"Quota Violation {ends}000")
        asker = reader(adapter)
        first = asker.positions()
        assert first.failure is not None
        assert (first.failure.kind, first.failure.retry_at) == (Kind.QUOTA, ends)
        second = asker.positions()
        assert second.failure is not None
        assert (second.failure.kind, second.failure.retry_at) == (Kind.WITHHELD, ends)
        assert asker.market_clock().failure is not None
        assert len(adapter.requests) == 2
        clock.tick(21)
        asker.positions()
        assert len(adapter.requests) == 3


def test_readers_of_one_token_share_one_allowance(canned: Any) -> None:
    quota = Quota({Category.STANDARD: 60})
    adapter = canned(200, {})

    def make(purpose: Purpose) -> Reader:
        return Reader(
            "http://127.0.0.1:9",
            lambda: TOKEN,
            ACCOUNT,
            intended=Place.LIVE,
            adapter=adapter,
            quota=quota,
            purpose=purpose,
        )

    with freeze_time(NOW):
        strategy = [make(Purpose.STRATEGY).positions().failure is None for _ in range(60)]
        health = [make(Purpose.HEALTH).positions().failure is None for _ in range(60)]
    assert strategy.count(True) == 36
    assert health.count(True) == 5


def test_a_read_tells_no_secret_to_any_log(
    serve: Any, reader: Callable[..., Reader], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = b'{"balances":{"cash":{"cash_available":1}}}'
    date_line = formatdate(time(), usegmt=True).encode()
    server = serve(b"HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Length: %d\r\n\r\n%s" % (date_line, len(body), body))
    asker = reader(server.url)
    reading = asker.balances(2)
    asker.close()
    assert reading.value is not None
    assert reading.skew is not None
    assert abs(reading.skew) < 3
    assert ACCOUNT.encode() in server.requests[0]
    for told in (caplog.text, repr(asker), str(asker), repr(reading), repr(vars(asker))):
        assert TOKEN not in told
        assert ACCOUNT not in told.replace(repr(asker.account_id), "")


def test_an_error_of_the_network_repeats_no_secret(serve: Any, reader: Callable[..., Reader]) -> None:
    server = serve(b"")
    server.close()
    reading = reader(server.url).balances(1)
    assert reading.failure is not None
    assert TOKEN not in repr(reading)
    assert ACCOUNT not in repr(reading)
