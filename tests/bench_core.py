"""What do asking, judging and remembering cost, without a wire?"""

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from time import monotonic, time
from timeit import repeat

from supervisor import Settings, Supervisor
from supervisor.concerns import standard
from supervisor.concerns.facts import Endpoint, Place
from supervisor.config import DEFAULTS
from supervisor.core.book import Book
from supervisor.core.reading import Reading, Round
from supervisor.simulator import Simulator, SimulatorAdapter

from bench_figures import Figure, timed
from concerns.rounds import OURS, profile
from concerns.rounds import balances as funds

TOKEN = "bench-token-0123456789"
YEAR = 525_600
ACCOUNTS = 10_000
WEIGHED = 1_000


def watched(settings: Settings = DEFAULTS) -> Supervisor:
    """A supervisor that has looked once, in this thread."""
    supervisor = Supervisor.for_tradier(TOKEN, settings=settings, persist=False, adapter=SimulatorAdapter(Simulator()))
    supervisor.tick()
    return supervisor


def best(statement: str, names: dict[str, object], loops: int) -> float:
    """Seconds of one execution, the best of seven tries."""
    return min(repeat(statement, globals=names, number=loops, repeat=7)) / loops


def asking(*, quick: bool) -> Iterator[Figure]:
    """What `can_trade()` costs."""
    supervisor = watched()
    loops = 50_000 if quick else 200_000
    names: dict[str, object] = {"s": supervisor, "can": supervisor.can_trade, "monotonic": monotonic, "time": time}
    least = best("s.settings; monotonic(); time()", names, loops)
    asked = best("can()", names, loops)
    assert supervisor.can_trade()
    order = {"symbol": "AAPL", "side": "buy", "quantity": 1}
    checked = best("can(order)", {**names, "order": order}, loops // 20)
    yield Figure("can_trade() / (attribute + monotonic() + time())", asked / least, "x", 3)
    yield Figure("  can_trade()", asked * 1e9, "ns")
    yield Figure("  one attribute, monotonic() and time()", least * 1e9, "ns")
    yield Figure("  can_trade(order)", checked * 1e6, "us")


def ticking(*, quick: bool) -> Iterator[Figure]:
    """What a tick costs with nothing due."""
    supervisor = watched()
    loops = 5_000 if quick else 50_000
    yield Figure("a tick with nothing due", best("tick()", {"tick": supervisor.tick}, loops) * 1e6, "us", 10)


def _round(at: float) -> Round:
    endpoint = Endpoint(Place.SANDBOX, Place.SANDBOX, "sandbox.tradier.com")
    return Round.of(
        Reading("profile", at, 0.1, PROFILE, skew=0.0),
        Reading("balances", at, 0.1, MONEY, skew=0.0),
        Reading("endpoint", at, 0.0, endpoint),
        Reading("journal", at, 0.0, OURS["journal"]),
    )


PROFILE = profile()
MONEY = funds()


def a_year(*, quick: bool) -> Iterator[Figure]:
    """525,600 healthy rounds through core."""
    rounds = YEAR // 10 if quick else YEAR
    book = Book(standard(DEFAULTS), now=0.0)
    with timed() as took:
        for minute in range(rounds):
            book.feed(_round(minute * 60.0), minute * 60.0)
            book.fold()
    assert book.stats.total_checks == rounds
    assert book.fold().score == 1.0
    yield Figure("525,600 healthy rounds through core", took.cpu * YEAR / rounds, "s", 15)
    yield Figure("  one of them", took.cpu / rounds * 1e6, "us")


def many_accounts(*, quick: bool) -> Iterator[Figure]:
    """10,000 accounts of nine concerns."""
    accounts = ACCOUNTS // 10 if quick else ACCOUNTS
    concerns = standard(DEFAULTS)
    with timed() as took:
        books = [Book(concerns, now=0.0) for _ in range(accounts)]
    assert len(books) == accounts
    assert len(books[0].slots) == 9
    del books
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    weighed = [Book(concerns, now=0.0) for _ in range(WEIGHED)]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield Figure("10,000 accounts x 9 concerns, built", took.cpu * ACCOUNTS / accounts, "s", 1)
    yield Figure("10,000 accounts x 9 concerns, kept", (after - before) / len(weighed) * ACCOUNTS / 1e6, "MB", 60)


def importing(*, quick: bool) -> Iterator[Figure]:
    """What `import supervisor` costs."""

    def run(code: str) -> float:
        with timed() as took:
            subprocess.run([sys.executable, "-c", code], check=True)
        return took.seconds

    tries = 3 if quick else 7
    with_it = min(run("import supervisor") for _ in range(tries))
    without = min(run("pass") for _ in range(tries))
    whole = min(run("from supervisor import Supervisor") for _ in range(tries))
    yield Figure("import supervisor", with_it - without, "s", 0.3)
    yield Figure("  from supervisor import Supervisor", whole - without, "s")


def all_of_core(*, quick: bool) -> Iterator[Figure]:
    """Every figure of this file."""
    yield from asking(quick=quick)
    yield from ticking(quick=quick)
    yield from a_year(quick=quick)
    yield from many_accounts(quick=quick)
    yield from importing(quick=quick)
