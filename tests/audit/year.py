"""How fast is a year of a lively account replayed, and any instant of it explained?

`python tests/audit/year.py [--inputs 3000000] [--folder DIR] [--keep]` makes the journal (some gigabytes), then measures.
Not a part of `make test`.
"""

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from supervisor.cli.entries import told_of
from supervisor.concerns.facts import Account, Balances, Endpoint, Keeping, Place, Profile, Record
from supervisor.config import DEFAULTS
from supervisor.core.reading import Failure, Kind, Reading, Round
from supervisor.core.snapshot import dump
from supervisor.journal.chain import Entry, EntryKind
from supervisor.journal.codec import encode_round
from supervisor.journal.query import Where, newest
from supervisor.journal.store import Journal
from supervisor.monitor.making import book_for
from supervisor.monitor.past import explained, standing
from supervisor.monitor.past_record import measured, stretch
from supervisor.monitor.past_replay import compare
from supervisor.monitor.recorder import SNAPSHOT_EVERY, about, entries_of

BEGIN = 1767225600.0
YEAR = 365 * 86400.0
WHOLE = 3_000_000
STEP = YEAR / WHOLE
"""Seconds between rounds; fewer inputs are a shorter part of the same year."""
BATCH = 2000
PROFILE = Profile((Account("****5678", True, "active", 2, "margin"),))
ENDPOINT = Endpoint(Place.SANDBOX, Place.SANDBOX, "sandbox.tradier.com")
WRITTEN = Record(Keeping.WRITTEN)
ORDERS = 2500
OUTAGES = 700


def rounds(inputs: int, chance: random.Random) -> Iterator[tuple[float, Round | None]]:
    """Rounds through a year, and None where an order lives its life; now and then an outage of some rounds."""
    left = 0
    for n in range(inputs):
        at = BEGIN + n * STEP
        if left:
            left -= 1
        elif chance.random() < OUTAGES / WHOLE:
            left = chance.randint(4, 40)
        if chance.random() < ORDERS / WHOLE:
            yield at, None
        if left:
            down = Failure(Kind.UNREACHABLE, "connection refused")
            answers = [Reading("profile", at, 0.1, failure=down), Reading("balances", at, 0.1, failure=down)]
        else:
            cash = Decimal(chance.randrange(10_000_00, 200_000_00)) / 100
            money = Balances("margin", cash * 2, cash, Decimal(0), cash, cash)
            took = chance.random() / 3
            answers = [
                Reading("profile", at, took, PROFILE, skew=took / 9),
                Reading("balances", at, took, money, skew=took / 7),
            ]
        yield at, Round.of(*answers, Reading("endpoint", at, 0.0, ENDPOINT), Reading("journal", at, 0.0, WRITTEN))


def make(path: Path, inputs: int) -> None:
    """Writes the year, as a recorder would, many sweeps at a time."""
    chance = random.Random(1)
    book = book_for(DEFAULTS, now=BEGIN)
    waiting: list[Entry] = []
    since = order = 0
    with Journal.open(path, account="VA12345678", environment="sandbox", durable=False) as journal:
        body = {"last": BEGIN, "window": 3600.0, "concerns": [s.concern.name for s in book.slots], **about(DEFAULTS)}
        waiting += entries_of(book.resume(BEGIN, BEGIN), EntryKind.START, body, BEGIN)
        for at, round_ in rounds(inputs, chance):
            tick = book.tick(at)
            if tick is not None:
                waiting += entries_of(tick, "", {}, at, book.fold())
            if round_ is None:
                order += 1
                for signal in ("was_sent", "was_acknowledged", "seen_filled"):
                    told = {"life": "order", "key": f"o{order}|SPY", "signal": signal, "evidence": ""}
                    sweep = book.tell("order", told["key"], signal, at)
                    waiting += entries_of(sweep, "signal", told, at, book.fold())
            else:
                sweep = book.feed(round_, at)
                waiting += entries_of(sweep, "round", encode_round(round_), at, book.fold() if sweep.moves else None)
            since += 1
            if since >= SNAPSHOT_EVERY:
                since, book.entry = 0, book.entry + 1
                waiting.append(Entry(book.entry, at, EntryKind.SNAPSHOT, None, dump(book)))
            if len(waiting) >= BATCH:
                journal.append(waiting)
                waiting = []
        journal.append(waiting)


@contextmanager
def timed(words: str) -> Iterator[dict[str, object]]:
    """One figure: seconds by the clock, and of work (of this process and its children), which a busy machine leaves alone."""
    more: dict[str, object] = {}
    begin, work = time.perf_counter(), worked()
    yield more
    took = {"seconds": round(time.perf_counter() - begin, 3), "of_work": round(worked() - work, 3)}
    print(json.dumps({"what": words, **took, **more}), flush=True)  # noqa: T201 - a script


def worked() -> float:
    """Seconds that this process and its ended children have computed."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def megabytes() -> dict[str, int]:
    """The largest memory of this process, and of any of its children, so far."""
    sizes = {"own": resource.RUSAGE_SELF, "of_a_child": resource.RUSAGE_CHILDREN}
    return {f"megabytes_{name}": resource.getrusage(who).ru_maxrss // 1024 for name, who in sizes.items()}


def replay(path: Path) -> None:
    """Replays it all, in this fresh process."""
    with Journal.open(path, read_only=True) as journal, timed("replay") as more:
        found = compare(journal, DEFAULTS)
        more |= {"inputs": found.inputs, "moves": found.moves, "identical": found.identical, **megabytes()}


def ask(path: Path) -> None:
    """Asks of random instants, and the usual questions, each with every filter of `supervisor log`."""
    chance = random.Random(2)
    with Journal.open(path, read_only=True) as journal:
        tail = newest(journal, 1)[0]
        span = tail.at - BEGIN
        for _ in range(30):
            with timed("explain --at"):
                explained(journal, standing(journal, BEGIN + chance.random() * span, DEFAULTS)).text()
        one = str(newest(journal, 1, Where(event="detected"))[0].body["issue"])
        day = {"since": BEGIN + span / 2, "until": BEGIN + span / 2 + 86400}
        asked: list[dict[str, Any]] = [
            {}, {"kind": "move"}, {"kind": "round"}, {"kind": "told"}, {"concern": "connection"}, {"severity": "critical"},
            {"severity": "warning"}, {"issue": "connection_failed"}, {"issue": one}, {"event": "detected"},
            {"event": "fixed"}, {"event": "resolved"}, {"concern": "connection", "severity": "critical"},
            {"concern": "clock", "event": "resolved"}, {"issue": "connection_failed", "event": "resolved"},
        ]  # fmt: skip
        for filters in [*asked, *({**filters, **day} for filters in asked)]:
            with timed(f"log {filters}") as more:
                found = newest(journal, 50, Where(**filters))
                told_of(journal, [entry for entry in found if entry.kind == EntryKind.MOVE])
                more["found"] = len(found)
        with timed("stats and issues of the year") as more:
            measured_ = measured(journal, DEFAULTS, stretch(journal, None, None))
            more |= {"issues": len(measured_.cases), "moves": measured_.moves, "entries": tail.number, **megabytes()}


def main() -> None:
    """Makes the year, then measures it, each measurement in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=WHOLE)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--only", choices=("replay", "ask"))
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "journal.db"
    if chosen.only:
        {"replay": replay, "ask": ask}[chosen.only](path)
        return
    try:
        if not path.exists():
            with timed("make") as more:
                make(path, chosen.inputs)
                more["gigabytes"] = round(path.stat().st_size / 1e9, 2)
        for only in ("replay", "ask"):
            subprocess.run([sys.executable, __file__, "--folder", str(folder), "--only", only], check=True)
    finally:
        if not chosen.keep and not chosen.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
