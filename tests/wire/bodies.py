"""What if the broker answered anything at all? Random and mutated bodies for every endpoint, read by the real clients.

`make bodies` gives every endpoint 100,000; `make test` a seeded sample. No body may raise, take long, hold memory, make
an emptiness or a booking of what did not say so, or permit opening unless it itself says that all is well.
"""

import gc
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from supervisor.concerns import standard
from supervisor.concerns.facts import Place
from supervisor.config import DEFAULTS
from supervisor.core.book import Book
from supervisor.core.reading import Reading, Round
from supervisor.core.words import OPENING
from supervisor.tradier.client import Reader
from supervisor.tradier.orders_wire import Outcome, Previewer, Sent, Trader

from concerns.rounds import GOOD_MONEY, OURS, profile

TOKEN = "tok-Zq81secretsecret"
ACCOUNT = "VA90010001"
SAMPLES = json.loads((Path(__file__).parent.parent / "tradier" / "samples.json").read_text())
_TRADE = {
    "commission": 0.0,
    "description": "APPLE INC",
    "price": 151.2,
    "quantity": 10.0,
    "symbol": "AAPL",
    "trade_type": "Equity",
}
_EVENT = {"amount": -1512.0, "date": "2026-11-20T00:00:00Z", "type": "trade", "trade": _TRADE}
SAMPLES |= {
    "history_one": {"status": 200, "body": {"history": {"event": _EVENT}}},
    "history_many": {"status": 200, "body": {"history": {"event": [_EVENT, _EVENT]}}},
    "history_none": {"status": 200, "body": {"history": "null"}},
}
FORM = {"class": "equity", "symbol": "AAPL", "side": "buy", "quantity": "1", "type": "market", "duration": "day"}
STATUSES = [200] * 12 + [201, 204, 302, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504, 599]
SLOWEST = 2.0
"""Seconds of this process that one body may take to be read: far more than any needs, on a busy machine too."""
GROWTH = 40e6
"""Bytes by which a process may grow over all bodies of one endpoint."""


class One(BaseAdapter):
    """Answers everything with the reply it holds."""

    status, body = 200, b""
    headers: dict[str, str] = {}  # noqa: RUF012 - replaced whole, never changed

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        response = Response()
        response.status_code, response._content = self.status, self.body
        response.headers = CaseInsensitiveDict(self.headers)
        return response

    def close(self) -> None:
        """Nothing to close."""


@attrs.frozen
class Endpoint:
    """One thing that is asked: by which call, and what the broker's good answers to it look like."""

    name: str
    ask: Callable[[One], Reading | Sent]
    samples: tuple[str, ...]
    empties: str = ""
    """The key under which an answer says that there is nothing."""


def _reader(adapter: One) -> Reader:
    return Reader("http://127.0.0.1:9", lambda: TOKEN, ACCOUNT, intended=Place.SANDBOX, adapter=adapter)


def _trader(adapter: One) -> Trader:
    return Trader("http://127.0.0.1:9", lambda: TOKEN, ACCOUNT, intended=Place.SANDBOX, adapter=adapter)


def _previewer(adapter: One) -> Previewer:
    return Previewer("http://127.0.0.1:9", lambda: TOKEN, ACCOUNT, intended=Place.SANDBOX, adapter=adapter)


# fmt: off
ENDPOINTS = {one.name: one for one in (
    Endpoint("profile",   lambda a: _reader(a).profile(),          ("profile",)),
    Endpoint("accounts",  lambda a: _reader(a).accounts(),         ("profile",), "profile"),
    Endpoint("balances",  lambda a: _reader(a).balances(),         ("balances",)),
    Endpoint("positions", lambda a: _reader(a).positions(),        ("positions",), "positions"),
    Endpoint("orders",    lambda a: _reader(a).orders(),           ("orders_none", "orders_one", "orders_many", "orders_with"), "orders"),
    Endpoint("order",     lambda a: _reader(a).order("39000101"),  ("order_single", "order_unknown")),
    Endpoint("quotes",    lambda a: _reader(a).quotes(["AAPL"]),   ("quotes",), "quotes"),
    Endpoint("clock",     lambda a: _reader(a).market_clock(),     ("clock",)),
    Endpoint("lookup",    lambda a: _reader(a).lookup("goo"),      ("lookup",), "securities"),
    Endpoint("search",    lambda a: _reader(a).search("goo"),      ("lookup",), "securities"),
    Endpoint("history",   lambda a: _reader(a).history(),          ("history",), "history"),
    Endpoint("preview",   lambda a: _previewer(a).preview(FORM),   ("preview", "order_ok", "order_error")),
    Endpoint("submit",    lambda a: _trader(a).submit(FORM),       ("order_ok", "order_error")),
    Endpoint("modify",    lambda a: _trader(a).modify("1", FORM),  ("modify", "order_error")),
    Endpoint("cancel",    lambda a: _trader(a).cancel("1"),        ("cancel",)),
)}
# fmt: on
EVERYWHERE = ("auth", "ratelimit", "outage")

# ---------------------------------------------------------------- bodies

WORDS: list[Any] = [None, True, False, 0, -1, 1e308, -0.0, 10**400, float("nan"), float("inf"), "", "null", "NaN", "0E-8", "-1e400", "active", "ok", "\ud800", "\x00", ACCOUNT, TOKEN, [], {}, [[]], [None], {"": None}, "9" * 500, "2026-11-23", "Infinity", "1_000", "٣"]  # fmt: skip


def _samples(wanted: tuple[str, ...]) -> list[tuple[int, Any]]:
    return [(row["status"], row["body"]) for name, row in SAMPLES.items() if name.startswith(wanted)]


def _encoded(value: Any) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in it."""
    todo = [value]
    while todo:
        here = todo.pop()
        for key in here if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ():
            yield here, key
            todo.append(here[key])


def _reshaped(chance: random.Random, value: Any) -> Any:
    """The answer with some of its parts replaced, gone, renamed, doubled, wrapped or put elsewhere."""
    whole = json.loads(json.dumps({"": value}))
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        places = list(_places(whole))
        holder, key = chance.choice(places)
        other, where = chance.choice(places)
        match chance.randrange(7):
            case 0 if isinstance(holder, dict) and len(holder) > 1:
                del holder[key]
            case 1:
                holder[key] = [holder[key]] * chance.choice([0, 1, 2, 5])
            case 2:
                holder[key] = {chance.choice(["x", "account", "order", "null", ""]): holder[key]}
            case 3 if isinstance(holder, dict) and holder is not whole:
                holder[f"{key}{chance.choice(['', 's', ' ', '_'])}".swapcase()] = holder.pop(key)
            case 4:
                holder[key] = json.loads(json.dumps(other[where]))
            case 5 if isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
                holder[key] = chance.choice([str(holder[key]), -holder[key], holder[key] * 10**20, 0])
            case _:
                holder[key] = deepcopy(chance.choice(WORDS))
    return whole[""]


def _mangled(chance: random.Random, body: bytes) -> bytes:
    """The bytes with some flipped, cut, doubled or put in."""
    found = bytearray(body)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        at = chance.randrange(len(found) + 1)
        to = min(len(found), at + chance.randrange(1, 20))
        match chance.randrange(5):
            case 0 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case 1:
                del found[at:to]
            case 2:
                found[at:at] = found[at:to]
            case 3:
                found[at:at] = chance.randbytes(chance.randrange(1, 6))
            case _:
                del found[at:]
    return bytes(found)


def _junk(chance: random.Random) -> bytes:
    match chance.randrange(8):
        case 0:
            return chance.randbytes(chance.randrange(200))
        case 1:
            return _encoded(chance.choice(WORDS))
        case 2:
            depth = chance.choice([10, 500, 5_000])
            return b"[" * depth + b"]" * chance.choice([depth, depth - 1])
        case 3:
            depth = chance.choice([10, 500, 3_000])
            return b'{"profile":' * depth + b"1" + b"}" * depth
        case 4:
            return b"<html><body>" + chance.randbytes(20).hex().encode() + b"</body></html>"
        case 5:
            return b"9" * chance.choice([1, 400, 5_000])
        case 6:
            return chance.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff\x00"]) + b'{"orders":"null"}'
        case _:
            return b'{"' + b'a":{"' * chance.randrange(60) + b'"'


HEADERS: list[dict[str, str]] = [
    {},
    {},
    {},
    {"Date": "Mon, 23 Nov 2026 15:20:11 GMT"},
    {"Date": "Mon, 99 Nov 99999 15:20:11 GMT"},
    {"Date": "\udcff", "X-Ratelimit-Allowed": "0", "X-Ratelimit-Used": "-1"},
    {"X-Ratelimit-Allowed": "60", "X-Ratelimit-Used": "61", "X-Ratelimit-Expiry": "1e99"},
    {"X-Ratelimit-Allowed": "9" * 5000, "X-Ratelimit-Used": "1", "X-Ratelimit-Expiry": "-5"},
    {"Retry-After": "Mon, 99 Nov 99999 15:20:11 GMT"},
    {"Retry-After": "9" * 400, "X-Ratelimit-Available": "nan"},
]


def bodies(endpoint: Endpoint, count: int, seed: int) -> Iterator[tuple[int, bytes, dict[str, str]]]:
    """So many answers to that endpoint, the same ones for the same seed: status, body, headers."""
    chance = random.Random(f"{endpoint.name} {seed}")
    own, others = _samples(endpoint.samples), _samples(EVERYWHERE)
    for _ in range(count):
        status, sample = chance.choice(own if chance.random() < 0.8 else others)
        if chance.random() < 0.2:
            status = chance.choice(STATUSES)
        kind = chance.random()
        if kind < 0.15:
            body = _junk(chance)
        elif kind < 0.45:
            body = _mangled(chance, _encoded(sample))
        else:
            body = _encoded(_reshaped(chance, sample))
            body = _mangled(chance, body) if kind > 0.95 else body
        yield status, body, chance.choice(HEADERS)


# ---------------------------------------------------------------- what may not be

NOTHING: tuple[Any, ...] = ("null", "", None, [], {})


def _wrong(endpoint: Endpoint, got: Reading | Sent, status: int, body: bytes) -> str | None:
    """What of it may not be, None if all may be."""
    shown = repr(got)
    if TOKEN in shown or (ACCOUNT in shown and getattr(got, "failure", None) is not None):
        return "it tells a secret"
    if isinstance(got, Sent):
        return _wrong_sent(got, status, body)
    if (got.value is None) == (got.failure is None):
        return "it is neither a value nor a failure"
    if got.failure is not None:
        return None if 0 < len(got.failure.words) <= 400 else "its failure has no words"
    if not 200 <= status < 300:
        return "a value of an answer that is no success"
    if got.value == () and not _says_nothing(endpoint, body):
        return "an emptiness that nobody stated"
    if endpoint.name in {"profile", "balances"}:
        return _wrong_verdict(endpoint.name, got, body)
    return None


def _wrong_sent(got: Sent, status: int, body: bytes) -> str | None:
    if got.kind is Outcome.UNSENT:
        return "it left, and is called unsent"
    if (status >= 500 or status in (408, 429)) and got.kind is not Outcome.UNKNOWN:
        return f"a server's fault is called {got.kind}"
    if got.order_id and not got.booked_by_preview and str(got.order_id).encode() not in body:
        return "an order id that the body does not hold"
    if got.kind is Outcome.ACKNOWLEDGED and not 200 <= status < 300:
        return "acknowledged by an answer that is no success"
    return None


def _says_nothing(endpoint: Endpoint, body: bytes) -> bool:
    """Whether the body itself says in a known way that there is nothing."""
    try:
        told = json.loads(body.decode("utf-8-sig", "replace"))
    except ValueError:
        return False
    while isinstance(told, dict) and told:
        blank = [value for value in told.values() if _nothing(value)]
        if blank:
            return True
        inner = [value for value in told.values() if isinstance(value, dict)]
        told = inner[0] if inner else None
    return told in ({}, None)


def _nothing(value: Any) -> bool:
    return value in NOTHING or (isinstance(value, str) and value.strip().lower() in NOTHING)


def _wrong_verdict(name: str, got: Reading, body: bytes) -> str | None:
    """A "healthy" that the body does not bear out."""
    both = {"profile": Reading("profile", 0.0, 0.1, profile()), "balances": Reading("balances", 0.0, 0.1, GOOD_MONEY)}
    both[name] = attrs.evolve(got, at=0.0, took=0.1, skew=0.0)
    book = Book(CONCERNS, now=0.0)
    own = [Reading(source, 0.0, 0.0, value) for source, value in OURS.items()]
    book.feed(Round.of(*both.values(), *own), 1.0)
    if not book.fold().permits & OPENING:
        return None
    said = body.lower()
    if name == "profile" and not (ACCOUNT.lower().encode() in said and b"active" in said):
        return "opening is permitted, and the body names no active account of ours"
    if name == "balances" and not any(digit in said for digit in b"123456789"):
        return "opening is permitted, and the body holds no money"
    return None


CONCERNS = standard(DEFAULTS)


@attrs.frozen
class Told:
    """What came of one endpoint's bodies: how many there were, what was wrong, the slowest, what the process grew by."""

    endpoint: str
    count: int
    wrong: tuple[str, ...]
    slowest: float
    grown: float
    came: dict[str, int]


def resident() -> float:
    """Bytes this process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * float(os.sysconf("SC_PAGE_SIZE"))


def tried(name: str, count: int, seed: int = 1) -> Told:
    """Reads so many bodies at that endpoint, and tells what came of it."""
    endpoint, adapter = ENDPOINTS[name], One()
    came: Counter[str] = Counter()
    wrong: list[str] = []
    slowest, before = 0.0, 0.0
    for number, (status, body, headers) in enumerate(bodies(endpoint, count, seed)):
        adapter.status, adapter.body, adapter.headers = status, body, headers
        began = perf_counter()
        try:
            got = endpoint.ask(adapter)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it may not be
            wrong.append(f"raised {error!r}: {status} {body[:300]!r} {headers}")
            continue
        slowest = max(slowest, perf_counter() - began)
        came[_kind(got)] += 1
        fault = _wrong(endpoint, got, status, body)
        if fault:
            wrong.append(f"{fault}: {status} {body[:300]!r} gives {got!r}"[:900])
        if number == count // 10:
            gc.collect()
            before = resident()
    gc.collect()
    return Told(name, count, tuple(wrong), slowest, resident() - before, dict(came))


def _kind(got: Reading | Sent) -> str:
    if isinstance(got, Sent):
        return str(got.kind)
    if got.failure is None:
        return "value"
    return "not understood" if "not understood" in got.failure.words else str(got.failure.kind)


def main(arguments: list[str]) -> int:
    """Tries every endpoint, two at a time; 1 where anything is wrong."""
    count = int(arguments[0]) if arguments else 100_000
    bad = 0
    with Pool(2) as pool:
        for told in pool.imap(partial(tried, count=count), ENDPOINTS):
            bad += len(told.wrong) + (told.slowest > SLOWEST) + (told.grown > GROWTH)
            came = ", ".join(f"{n} {kind}" for kind, n in sorted(told.came.items(), key=lambda item: -item[1]))
            sys.stdout.write(
                f"{told.endpoint:10} {told.count} bodies, {len(told.wrong)} wrong; slowest {told.slowest * 1e3:.0f} ms,"
                f" grown by {told.grown / 1e6:.1f} MB; {came}\n"
            )
            sys.stdout.writelines(f"    {line}\n" for line in told.wrong[:5])
            sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
