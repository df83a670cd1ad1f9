"""Does it hold for a month? An agent trades, things fail, processes end and begin, at random; the same for one seed."""

import gc
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

from supervisor.core.event import Event, Move
from supervisor.core.issue import Issue
from supervisor.errors import SupervisorError
from supervisor.journal.codec import forget
from supervisor.simulator.hours import Session, session
from supervisor.testing.actions import ACTIONS
from supervisor.testing.clocks import Frozen
from supervisor.testing.invariants import Broken, invariants
from supervisor.testing.proofs import prove
from supervisor.testing.records import fast_folder
from supervisor.testing.sweeps import FAULTS, Moment
from supervisor.testing.world import World

DAY = 86400.0
SYMBOLS = ("AAPL", "MSFT", "SPY", "QQQ")
BUSY = 600.0
"""Seconds between things that happen, about."""
OURS = tuple(
    f"supervisor.{room}" for room in ("core", "concerns", "monitor", "orders", "journal", "tradier", "remedies")
)
TOLD = (Issue, Event, Move)
"""Kept by the test itself, for its invariants."""
LASTING = frozenset({"repeated_healing"})
"""What may still be open after two hours: it looks back over a whole day."""
GROWTH = 500
"""Objects of ours that may be more at the end than early on: what the record of a day comes to."""


@attrs.frozen
class Report:
    """What came of it. `population` counts our own objects alive, day by day."""

    seed: int
    days: float
    rounds: int
    requests: int
    orders: int
    booked: int
    events: Mapping[str, int]
    happened: Mapping[str, int]
    population: tuple[int, ...]
    broken: str = ""

    @property
    def passed(self) -> bool:
        """Whether all held."""
        return not self.broken

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {**attrs.asdict(self), "passed": self.passed}

    def text(self) -> str:
        """For people."""
        told = sum(self.events.values())
        grown = f"{self.population[0]} then {self.population[-1]}" if self.population else "not counted"
        return (
            f"{self.days:g} days (seed {self.seed}): {self.rounds} rounds, {self.requests} requests, {self.orders} orders"
            f" handed in, {self.booked} booked, {told} events; objects alive: {grown}; "
            + (f"BROKEN: {self.broken}" if self.broken else "all held")
        )


def soak(
    *,
    days: float = 30.0,
    seed: int = 1,
    start: str = "2026-11-02T05:00:00+00:00",
    progress: Callable[[float], None] | None = None,
) -> Report:
    """Runs so many simulated days under the invariants; `progress` hears how many are over."""
    with Frozen(start) as frozen, tempfile.TemporaryDirectory(prefix="soak-", dir=fast_folder()) as folder:
        world = World(frozen, Path(folder), desk=True, checks=invariants())
        return _Soak(world, random.Random(seed)).run(days, seed, progress)  # noqa: S311 - the same course for the same seed


class _Soak:
    """One course of events."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance
        self._happened: Counter[str] = Counter()
        self._population: list[int] = []
        self._to_come: list[tuple[float, Moment]] = []
        self._began = world.frozen.true

    def run(self, days: float, seed: int, progress: Callable[[float], None] | None) -> Report:
        world = self._world
        broken = ""
        try:
            world.start()
            while world.frozen.true < self._began + days * DAY:
                self._something()
                world.run_to(world.frozen.true + self._chance.expovariate(1 / BUSY))
                self._due()
                if progress is not None:
                    progress((world.frozen.true - self._began) / DAY)
                if world.frozen.true >= self._began + (len(self._population) + 1) * DAY:
                    self._population.append(population())
            self._settle()
            prove(world)
            self._flat()
        except (Broken, SupervisorError) as error:
            broken = f"{error} (after {(world.frozen.true - self._began) / DAY:.2f} days)"
        finally:
            world.close()
        return Report(
            seed,
            days,
            world.rounds,
            sum(world.adapter.sent.values()),
            world.agent.submitted,
            len(world.simulator.bookings),
            Counter(told.line for told in world.told),
            self._happened,
            tuple(self._population),
            broken,
        )

    def _something(self) -> None:
        """What happens next: mostly trading while the market is open, now and then a fault."""
        if self._chance.random() < 0.15:
            name = self._chance.choice(tuple(FAULTS))
            self._happened[name] += 1
            self._to_come += [
                (self._world.frozen.true + after, moment) for moment in FAULTS[name] if (after := moment[0]) >= 0
            ]
            self._to_come.sort(key=lambda item: item[0])
            self._due()
        elif session(self._world.frozen.true) is Session.OPEN:
            self._trade()

    def _due(self) -> None:
        while self._to_come and self._to_come[0][0] <= self._world.frozen.true:
            _, (_, action, said) = self._to_come.pop(0)
            row = ACTIONS[action]
            row.do(self._world, row.read(said))
            self._world.touched()

    def _trade(self) -> None:
        world, symbol = self._world, self._chance.choice(SYMBOLS)
        held = world.simulator.account.held(symbol)
        side = "sell" if held > 0 and self._chance.random() < 0.5 else "buy"
        quantity = int(held) if side == "sell" else self._chance.randint(1, 5)
        order = {"symbol": symbol, "side": side, "quantity": quantity, "type": "market", "duration": "day"}
        allowed, booked = world.running.can_trade(order), len(world.simulator.bookings)
        world.agent.submit(f"n{world.agent.submitted}", order)
        world.note()
        self._happened[f"{side} {'allowed' if allowed else 'closed'}"] += 1
        if not allowed and len(world.simulator.bookings) > booked:
            raise Broken("a closed gate sends nothing", f"{side} {quantity} {symbol} was booked")

    def _settle(self) -> None:
        """All is well again: two hours later opening is permitted, and nothing is open."""
        world = self._world
        for at, _ in list(self._to_come):
            world.run_to(at)
            self._due()
        world.clear()
        world.run_to(world.frozen.true + 7200)
        left = [issue.code for issue in world.running.health().issues]
        if set(left) - LASTING or not world.running.can_trade():
            raise Broken(
                "two hours after the last fault all is well", f"open issues {left}; {world.running.explain().text()}"
            )

    def _flat(self) -> None:
        if len(self._population) > 3 and self._population[-1] > self._population[2] * 1.5 + GROWTH:
            raise Broken("memory is flat", f"objects of ours alive at the end of each day: {self._population}")


def population() -> int:
    """How many objects of ours are alive, but for those that the test itself keeps."""
    forget()
    gc.collect()
    return sum(
        1 for thing in gc.get_objects() if str(type(thing).__module__).startswith(OURS) and not isinstance(thing, TOLD)
    )
