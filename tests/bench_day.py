"""How long does a frozen day of faults take, is its replay the same, and what does the record cost?"""

import sqlite3
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from supervisor.journal.chain import Entry
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify
from supervisor.monitor.past_replay import compare
from supervisor.monitor.supervisor import Supervisor
from supervisor.simulator import DEFAULT_ACCOUNT, become, preset
from supervisor.testing.clocks import Frozen
from supervisor.testing.records import fast_folder
from supervisor.testing.runner import Outcome, run
from supervisor.testing.scenario import load

from bench_figures import Figure, Took, timed
from monitor.test_monitor_memory import memory
from monitor.watching import EXACT, Told, Watched

MONDAY = "2026-11-23T00:00:00+00:00"
# fmt: off
DAY: tuple[tuple[int, str, list[str]], ...] = (
    (0, "healthy_margin", []),
    (3, "hang",           ["detected connection_failed"]),
    (4, "healthy_margin", ["resolved connection_failed"]),
    (6, "token_bad",      ["detected credentials_rejected"]),
    (8, "healthy_margin", ["resolved credentials_rejected"]),
    (10, "no_cash",       ["detected no_buying_power"]),
    (11, "healthy_margin", ["resolved no_buying_power"]),
    (13, "html",          ["detected connection_error"]),
    (14, "healthy_margin", ["resolved connection_error"]),
    (16, "account_suspended", ["detected account_restricted"]),
    (17, "healthy_margin", ["resolved account_restricted"]),
    (19, "balances_fail", ["detected buying_power_unreadable"]),
    (20, "healthy_margin", ["resolved buying_power_unreadable"]),
    (21, "skewed_date",   ["detected clock_skew"]),
    (22, "healthy_margin", ["resolved clock_skew"]),
    (24, "healthy_margin", []),
)
# fmt: on


def live_a_day(root: Path) -> tuple[Took, int]:
    """How long a whole day took, every expectation checked; and how many rounds it had."""
    simulator = preset("healthy_margin")
    with timed() as took, Frozen(MONDAY) as frozen:
        supervisor = Supervisor(Watched(simulator), settings=EXACT, memory=memory(root), inline=True)
        told = Told(supervisor)
        midnight = supervisor.now()
        supervisor.tick()
        for (_, name, events), (until, *_) in pairwise(DAY):
            become(simulator, name)
            frozen.run(supervisor, midnight + until * 3600 - supervisor.now())
            assert told.take() == events, name
            assert supervisor.can_trade() == (name == "healthy_margin"), name
        supervisor.stop()
    return took, supervisor.book.stats.total_checks


def as_a_scenario() -> str:
    """The same day as a scenario's file: each hour's fault, and what it must have led to by its end."""
    hours = "".join(
        f"""
  - at: {begins:02}:00
    become: {name}
  - at: {until - 1:02}:59:59
    expect:
      events: [{", ".join(events)}]
      open: {"yes" if name == "healthy_margin" else "no"}"""
        for (begins, name, events), (until, *_) in pairwise(DAY)
    )
    return f"""scenario: A day of faults and recoveries
start: {MONDAY[:10]} 00:00
zone: UTC
timeline:{hours}
"""


def tell_a_day(root: Path) -> tuple[Took, Outcome]:
    """How long the day took as a scenario: every rule checked after each move, the record verified and replayed at the end."""
    path = root / "day.scenario.yaml"
    path.write_text(as_a_scenario(), encoding="utf-8")
    with timed() as took:
        outcome = run(load(path))
    assert outcome.passed, outcome.text()
    return took, outcome


def the_day(*, quick: bool) -> Iterator[Figure]:
    """A frozen day: its record kept in memory, as the lab keeps it, and synced to this disk; and its replay."""
    days, synced = [], []
    for _ in range(1 if quick else 3):
        with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
            days.append(live_a_day(Path(folder)))
            path = memory(Path(folder)).home.journal
            with Journal.open(path, read_only=True) as journal:
                assert verify(journal).ok
                with timed() as took:
                    found = compare(journal, EXACT, processes=1)
            assert found.identical, found
        with tempfile.TemporaryDirectory() as folder:
            synced.append(live_a_day(Path(folder)))
    yield Figure(
        "a simulated day of faults, its record as the lab keeps it: CPU", min(day.cpu for day, _ in days), "s", 2
    )
    yield Figure("  by the clock", min(day.seconds for day, _ in days), "s")
    yield Figure("  each round synced to this disk: CPU", min(day.cpu for day, _ in synced), "s")
    yield Figure("  each round synced to this disk: by the clock", min(day.seconds for day, _ in synced), "s")
    yield Figure("  rounds in it", days[0][1], "")
    yield Figure("moves that its replay gives differently", 0 if found.identical else 1, "", 0)
    yield Figure("  moves on record", found.moves, "")
    yield Figure("  the replay", took.seconds, "s")


def the_day_told(*, quick: bool) -> Iterator[Figure]:
    """The same day as users tell one: a scenario's file, through the runner."""
    with tempfile.TemporaryDirectory() as folder:
        told = [tell_a_day(Path(folder)) for _ in range(1 if quick else 3)]
    yield Figure("the same day as a scenario, every rule checked: CPU", min(took.cpu for took, _ in told), "s", 2)
    yield Figure("  by the clock", min(took.seconds for took, _ in told), "s")
    yield Figure("  rounds in it", told[0][1].rounds, "")


def appending(*, quick: bool) -> Iterator[Figure]:
    """A sweep of three entries, durably, beside three bare rows in SQLite, as durably."""
    sweeps = 100 if quick else 1000
    body = {"readings": {"profile": {"value": "x" * 200}, "balances": {"value": "y" * 200}}}
    with tempfile.TemporaryDirectory() as folder:
        with Journal.open(Path(folder, "journal.db"), account=DEFAULT_ACCOUNT, environment="sandbox") as journal:
            first = journal.head.number + 1
            began = perf_counter()
            for number in range(first, first + 3 * sweeps, 3):
                journal.append([Entry(number + i, 1e9, "note", None, body) for i in range(3)])
            ours = (perf_counter() - began) / sweeps
        database = sqlite3.connect(Path(folder, "bare.db"), isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE entries (number INTEGER PRIMARY KEY, body TEXT)")
        began = perf_counter()
        for number in range(0, 3 * sweeps, 3):
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO entries VALUES (?, ?)", [(number + i, "x" * 480) for i in range(3)])
            database.execute("COMMIT")
        bare = (perf_counter() - began) / sweeps
        database.close()
    yield Figure("journal: a sweep of three entries / three bare rows", ours / bare, "x")
    yield Figure("  a sweep of three entries", ours * 1e3, "ms")
    yield Figure("  three bare rows, as durable", bare * 1e3, "ms")


def all_of_the_day(*, quick: bool) -> Iterator[Figure]:
    """Every figure of this file."""
    yield from the_day(quick=quick)
    yield from the_day_told(quick=quick)
    yield from appending(quick=quick)
