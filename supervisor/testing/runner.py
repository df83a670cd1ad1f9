"""Does it come out as the scenario says? Runs one under frozen clocks, and says what was otherwise, where and when."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from supervisor.core.concern import Concern, Life
from supervisor.core.event import Move
from supervisor.core.words import permit_names
from supervisor.errors import SupervisorError
from supervisor.testing.clocks import Frozen
from supervisor.testing.expecting import Since, Wanted, answered, check
from supervisor.testing.invariants import Broken, invariants
from supervisor.testing.proofs import prove
from supervisor.testing.records import fast_folder
from supervisor.testing.scenario import Scenario, Step
from supervisor.testing.scripted import ScriptedWorld
from supervisor.testing.times import shown
from supervisor.testing.world import World

SHOWN_MOVES = 8

Watch = Callable[[float, str], None]
"""Hears what happens as it happens: an instant and a line."""


@attrs.frozen
class Failure:
    """One thing that was otherwise: where it stands in the file, when, what was expected and seen, the last moves."""

    path: str
    line: int
    at: str
    expected: str
    seen: str
    moves: tuple[str, ...]

    def text(self, *, moves: bool = True) -> str:
        """For people, with the last moves or without."""
        where = f"{self.path}:{self.line}: at {self.at}" if self.line else f"{self.path}: at {self.at}"
        lines = [where, f"  expected  {self.expected}", f"  seen      {self.seen}"]
        if moves:
            lines += ["  last moves", *(f"    {move}" for move in self.moves or ("none",))]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return attrs.asdict(self)


@attrs.frozen
class Outcome:
    """What came of one scenario. `lasted` are simulated seconds."""

    scenario: Scenario
    failures: tuple[Failure, ...]
    lasted: float
    rounds: int
    requests: int
    events: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.failures

    def text(self) -> str:
        """What was otherwise, for people; the last moves once."""
        last = len(self.failures) - 1
        return "\n".join(failure.text(moves=n == last) for n, failure in enumerate(self.failures))

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "path": self.scenario.path,
            "title": self.scenario.title,
            "passed": self.passed,
            "simulated_seconds": self.lasted,
            "rounds": self.rounds,
            "requests": self.requests,
            "events": list(self.events),
            "failures": [failure.as_dict() for failure in self.failures],
        }


def run(
    scenario: Scenario,
    *,
    frozen: Frozen | None = None,
    concerns: Sequence[Concern] = (),
    lives: Sequence[Life] = (),
    checks: Iterable[Callable[[World], None]] | None = None,
    watch: Watch | None = None,
    proven: bool = True,
) -> Outcome:
    """Runs the scenario to its end, or to the first step that is otherwise than expected.

    `frozen` is a frost to use, moved to the scenario's start; one of its own without. `checks` replace the invariants;
    `proven` also verifies and replays the journal at the end. Own `concerns` and `lives` watch along.
    """
    with ExitStack() as stack:
        clocks = frozen or stack.enter_context(Frozen(scenario.start))
        clocks.reset(scenario.start)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scenario-", dir=fast_folder())))
        world = (ScriptedWorld if scenario.scripted else World)(
            clocks,
            folder,
            broker=scenario.broker,
            settings=scenario.settings,
            intends=scenario.intends,
            uses=scenario.uses,
            desk=scenario.desk,
            concerns=(*concerns, *(one for one in scenario.own if isinstance(one, Concern))),
            lives=(*lives, *(one for one in scenario.own if isinstance(one, Life))),
            checks=list(checks) if checks is not None else [] if scenario.scripted else invariants(),
        )
        world.by_hand = scenario.told_looks
        stack.callback(world.close)
        return _Run(scenario, world, watch, proven=proven).outcome()


class _Run:
    """One scenario under way."""

    def __init__(self, scenario: Scenario, world: World, watch: Watch | None, *, proven: bool) -> None:
        self._scenario = scenario
        self._world = world
        self._watch = watch
        self._proven = proven
        self._heard = 0
        self._sent = 0
        self._called = 0
        self._watched = 0
        self._gate = ""
        self._lines: list[str] = []
        if watch is not None:
            world.checks.append(self._show)

    def outcome(self) -> Outcome:
        failures = self._failures()
        world = self._world
        return Outcome(
            self._scenario,
            tuple(failures),
            world.frozen.true - self._scenario.start,
            world.rounds,
            sum(world.adapter.sent.values()),
            tuple(f"{shown(told.at, self._scenario.zone)} {told.line}" for told in world.told),
        )

    def _failures(self) -> list[Failure]:
        world = self._world
        step = Step(self._scenario.start, 0)
        try:
            for fault in self._scenario.faults:
                fault.do(world)
            world.start()
            for step in self._scenario.steps:
                world.run_to(step.at)
                self._do(step)
                if step.expects and (found := self._compared(step)):
                    return found
            if self._scenario.strict and (late := world.told[self._heard :]):
                return [self._failure(step.line, "no more events", ", ".join(told.line for told in late))]
            if self._proven and not self._scenario.scripted:
                prove(world)
        except Broken as error:
            return [self._failure(step.line, f"always: {error.rule}", error.seen)]
        except SupervisorError as error:
            return [self._failure(step.line, "that this can be done", str(error))]
        return []

    def _do(self, step: Step) -> None:
        if self._watch and step.note:
            self._watch(self._world.frozen.true, step.note)
        for doing in step.doing:
            if self._watch:
                self._watch(self._world.frozen.true, f"{doing.name}: {self._written(step, doing.name)}")
            doing.do(self._world)

    def _written(self, step: Step, name: str) -> str:
        for said in self._scenario.source.get("timeline", ()):
            if getattr(said, "line", 0) == step.line and name in said:
                return str(said[name])
        return ""

    def _compared(self, step: Step) -> list[Failure]:
        world = self._world
        sent = sum(world.adapter.sent.values())
        since = Since(world.told[self._heard :], sent - self._sent, world.called[self._called :], self._clock)
        self._heard, self._sent, self._called = len(world.told), sent, len(world.called)
        wanted = step.wanted
        if self._scenario.strict and not any(one.name == "events" for one in wanted):
            wanted = (*wanted, Wanted("events", (), step.line))
        found = []
        for one in wanted:
            seen = check(world, one, since)
            if seen is not None:
                found.append(self._failure(one.line, f"{one.name}: {_text(one)}", f"{one.name}: {seen}"))
        if self._watch and not found:
            for one in step.wanted:
                self._watch(world.frozen.true, f"    as expected  {one.name}: {_text(one)}")
        return found

    def _clock(self, instant: float) -> str:
        return f"{datetime.fromtimestamp(instant, self._scenario.zone):%H:%M:%S}"

    def _failure(self, line: int, expected: str, seen: str) -> Failure:
        scenario, world = self._scenario, self._world
        at = f"{shown(world.frozen.true, scenario.zone)}, {world.frozen.true - scenario.start:g} s in"
        changes = [move for move in world.moves if move.source != move.target]  # not each try of a repair
        moves = tuple(self._move(move) for move in changes[-SHOWN_MOVES:])
        return Failure(scenario.path or scenario.title, line, at, expected, seen, moves)

    def _move(self, move: Move) -> str:
        name = f"{move.concern}/{move.key}" if move.key else move.concern
        return f"{self._clock(move.at)}  {name}: {move.source} -> {move.target}  on {move.signal}  ({move.evidence})"

    def _show(self, world: World) -> None:
        """What a watcher sees: each move with its evidence, what it was told as, and the gate where it changed."""
        if self._watch is None:
            return
        for move in world.newest:
            self._watch(move.at, self._move(move).partition("  ")[2])
        for told in world.told[self._watched :]:
            self._watch(told.at, f"    {told.line}")
        self._watched = len(world.told)
        gate = "no process watches" if world.supervisor is None else world.supervisor.gate.mode.value
        if gate != self._gate:
            self._gate = gate
            self._watch(world.frozen.true, f"    gate: {gate}")


def _text(wanted: Wanted) -> str:
    want = wanted.want
    if wanted.name == "permits":
        want = tuple(permit_names(want))
    if isinstance(want, bool):
        return "yes" if want else "no"
    if wanted.name == "may":
        return answered(want)
    if wanted.name == "score":
        return f"{want[0]:g}" if want[0] == want[1] else f"{want[0]:g} to {want[1]:g}"
    if isinstance(want, tuple) and all(isinstance(item, str) for item in want):
        return ", ".join(want) or "none"
    if isinstance(want, tuple) and all(isinstance(item, tuple) for item in want):
        return ", ".join(" ".join(str(part) for part in item if part) for item in want) or "none"
    return str(want)
