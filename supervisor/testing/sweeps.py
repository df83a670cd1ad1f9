"""Does it hold whatever goes wrong, in whatever order? Every fault, ordered pair and ordered triple, and a shrinker.

Each sequence is a scenario: its faults overlap, and an agent opens and closes while each of them lasts; then all is well
for a while. On the way the invariants hold after everything that happens; at the end it is healthy again, all is permitted,
and the record is whole and replays to the same moves. After a single fault it is also seen that no issue is left.
"""

import itertools
import multiprocessing
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from supervisor.testing.clocks import Frozen
from supervisor.testing.runner import Outcome, run
from supervisor.testing.scenario import SUFFIX, read
from supervisor.testing.times import lasting
from supervisor.testing.writing import dump

GAP = 150
"""Seconds between the beginnings of two faults; each lasts longer, so that they overlap."""
LASTS = "4m"
SETTLE = "20m"
"""After the last thing that happened; by then flapping is over too. Then the agent opens once more, which ends a trip."""
SOON, CALM = "5m", "35m"
"""From there on nothing happens. Soon all is permitted again; in a while also what orders failed for is over."""
STOCK = "AAPL"
"""What the agent bought before anything failed, and sells one share of under each fault; it opens in `OTHERS`."""
OTHERS = ("MSFT", "SPY", "QQQ")

SHARE = 8
"""Sequences that a process takes at a time."""

Moment = tuple[int, str, Any]
"""Seconds after the fault's beginning, an action, and its argument."""
Sequenced = tuple[str, ...]


def _fault(said: str) -> tuple[Moment, ...]:
    return ((0, "fault", f"{said} for {LASTS}"),)


def _with(name: str, **params: Any) -> tuple[Moment, ...]:
    return ((0, "fault", {"name": name, "for": LASTS, **params}),)


# fmt: off
FAULTS: dict[str, tuple[Moment, ...]] = {
    "silence":      _fault("hang"),
    "refusal":      _fault("refuse"),
    "server_error": _fault("http_500_backend"),
    "page":         _fault("html"),
    "quota":        _fault("http_429_bare"),
    "token":        _fault("token_invalid"),
    "closed":       _fault("account_closed"),
    "foreign":      _fault("unauthorized_account"),
    "no_money":     _fault("funds_gone"),
    "called":       _fault("margin_call"),
    "skewed":       _with("date_skewed", by=30),
    "half_blind":   _fault("http_500_backend on balances"),
    "slow":         _with("slow", by=3),
    "lost":         _fault("lost_reset"),
    "refusing":     _fault("refusal on order"),
    "late_no":      _fault("rejected_later"),
    "level":        _with("level", level=1),
    "suspend":      ((0, "suspend", "10m"),),
    "jump":         ((0, "jump", "+1h"), (200, "jump", "-1h")),
    "restart":      ((0, "restart", "1m"),),
    "kill":         ((0, "kill", "at once"),),
    "disk":         ((0, "journal", "full"), (200, "journal", "ok")),
    "hold":         ((0, "hold", "halt, sweep, a drill"), (200, "release", "sweep, over")),
}
# fmt: on
"""What can go wrong: what a broker does, and what befalls machine, process and operator."""
OF_BROKER = ("silence", "refusal", "page", "quota", "token", "closed", "foreign", "no_money", "called", "skewed", "half_blind", "lost")  # fmt: skip
"""Twelve that differ in kind, for threes in a row."""


def _order(name: str, side: str, symbol: str, quantity: int) -> dict[str, Any]:
    return {"as": name, "symbol": symbol, "side": side, "quantity": quantity, "type": "market", "duration": "day"}


def _moments(sequence: Sequence[str]) -> Iterator[Moment]:
    """What happens when: faults, and the agent's orders while they last."""
    yield 20, "submit", _order("first", "buy", STOCK, 10)
    for n, name in enumerate(sequence):
        begins = 60 + GAP * n
        yield from ((begins + after, action, argument) for after, action, argument in FAULTS[name])
        yield begins + 25, "submit", _order(f"open{n + 1}", "buy", OTHERS[n % len(OTHERS)], 1)
        yield begins + 95, "submit", _order(f"close{n + 1}", "sell", STOCK, 1)


def scenario_of(sequence: Sequence[str], note: str = "") -> dict[str, Any]:
    """The scenario of these faults, one after the other, as a mapping to be read or written."""
    timeline: list[dict[str, Any]] = []
    cursor = 0.0
    for at, action, argument in sorted(_moments(sequence), key=lambda moment: moment[0]):
        wait = max(0.0, at - cursor)
        timeline.append({"at": f"+{lasting(wait)}", action: argument})
        cursor = max(cursor, at) + (600 if action == "suspend" else 60 if action == "restart" else 0)
    timeline.append({"at": f"+{SETTLE}", "submit": _order("last", "buy", OTHERS[-1], 2)})
    well = {"open": "yes", "status": "healthy", "permits": "all", "became": {"last": "landed filled"}}
    timeline.append({"at": f"+{SOON}", "expect": well})
    if len(sequence) == 1:
        timeline.append({"at": f"+{CALM}", "expect": {**well, "issues": []}})
    return {
        "scenario": f"After {', then '.join(sequence) or 'nothing'}",
        "teaches": note or "Whatever went wrong: half an hour later all is permitted again.",
        "start": "2026-11-23 10:00",
        "desk": "yes",
        "strict": "no",
        "timeline": timeline,
    }


def sequences(depth: int, names: Sequence[str] = OF_BROKER) -> Iterator[Sequenced]:
    """Every ordered sequence of that many different faults."""
    yield from itertools.permutations(names, depth)


def sample(depth: int, count: int, seed: int, names: Sequence[str] = tuple(FAULTS)) -> list[Sequenced]:
    """So many of them, the same ones for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a sample for tests
    return [tuple(chance.sample(list(names), depth)) for _ in range(count)]


@attrs.frozen
class Found:
    """A sequence that breaks something, its shortest form, and what came of that."""

    sequence: Sequenced
    shortest: Sequenced
    outcome: Outcome


def sweep(
    wanted: Iterable[Sequenced],
    *,
    attempt: Callable[[Sequenced, Frozen], Outcome] | None = None,
    save: Path | None = None,
    processes: int = 1,
    progress: Callable[[float], None] | None = None,
) -> tuple[int, list[Found]]:
    """Runs each; how many, and those that break something, shrunk, and saved as scenarios where a folder is given.

    With several `processes` they share the work; `attempt` is then the usual one. `progress` hears how many are tried.
    """
    trying, tell = attempt or _attempt, progress or (lambda _: None)
    found: dict[Sequenced, Found] = {}
    listed = list(wanted)
    failing: list[Sequenced] = []
    if processes > 1:
        failing = _shared(listed, processes, tell)
    else:
        with Frozen() as frozen:
            for n, sequence in enumerate(listed, start=1):
                failing += [] if trying(sequence, frozen).passed else [sequence]
                tell(n)
    with Frozen() as frozen:
        for sequence in failing:
            shortest = shrunk(sequence, lambda shorter: trying(shorter, frozen).passed)
            if shortest not in found:
                found[shortest] = Found(sequence, shortest, trying(shortest, frozen))
    if save is not None:
        for one in found.values():
            write(one, save)
    return len(listed), list(found.values())


def _shared(listed: Sequence[Sequenced], processes: int, tell: Callable[[float], None]) -> list[Sequenced]:
    """Those that break something, tried by so many processes."""
    parts = [listed[n : n + SHARE] for n in range(0, len(listed), SHARE)]
    found: list[Sequenced] = []
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for n, failing in enumerate(pool.imap_unordered(_part, parts), start=1):
            found += failing
            tell(n * SHARE)
    return found


def _part(part: Sequence[Sequenced]) -> list[Sequenced]:
    with Frozen() as frozen:
        return [sequence for sequence in part if not _attempt(sequence, frozen).passed]


def _attempt(sequence: Sequenced, frozen: Frozen) -> Outcome:
    return run(read(scenario_of(sequence)), frozen=frozen)


def shrunk(sequence: Sequenced, passes: Callable[[Sequenced], bool]) -> Sequenced:
    """The shortest sequence, with faults left out one by one, that still does not pass."""
    for n in range(len(sequence)):
        shorter = (*sequence[:n], *sequence[n + 1 :])
        if shorter and not passes(shorter):
            return shrunk(shorter, passes)
    return sequence


def write(found: Found, folder: Path) -> Path:
    """Saves it as a scenario that fails until the fault is mended; the path."""
    folder.mkdir(parents=True, exist_ok=True)
    first = found.outcome.failures[0]
    path = folder / f"{'-'.join(found.shortest)}{SUFFIX}"
    note = f"Found by a sweep: expected {first.expected}; seen {first.seen.strip()}"
    path.write_text(dump(scenario_of(found.shortest, note)), encoding="utf-8")
    return path
