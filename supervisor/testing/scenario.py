"""What must happen when the world does this? One scenario: a world, a timeline, and what is expected when."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from supervisor.concerns.facts import Place
from supervisor.config import Settings, from_mapping
from supervisor.core.concern import Concern, Life
from supervisor.errors import ConfigError, SupervisorError
from supervisor.simulator import PRESETS
from supervisor.testing.actions import ACTIONS, Doing
from supervisor.testing.expecting import EXPECTED, Wanted
from supervisor.testing.own import own_of
from supervisor.testing.text import ScenarioError, items, line_of, nearest, parse, plain
from supervisor.testing.times import instant_of, zone_of

SUFFIX = ".scenario.yaml"
ZONE = "America/New_York"
HEAD = ("scenario", "teaches", "start", "zone", "broker", "faults", "intends", "uses", "own", "desk", "looks", "settings", "strict", "timeline")  # fmt: skip
STEP = ("at", "note", "expect")
EXACTLY: Mapping[str, Any] = {"live_jitter": False}
"""Chance is off in scenarios, so that every instant is exact."""


@attrs.frozen
class Step:
    """At `at` (epoch seconds) these things are done, and then this is expected. `line` is where it stands."""

    at: float
    line: int
    doing: tuple[Doing, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    expects: bool = False
    note: str = ""


@attrs.frozen
class Scenario:
    """A world and its timeline. `strict`: an event that nothing expected is a failure."""

    title: str
    start: float
    steps: tuple[Step, ...]
    zone: ZoneInfo
    teaches: str = ""
    broker: str = "healthy_margin"
    faults: tuple[Doing, ...] = ()
    intends: Place = Place.SANDBOX
    uses: str | None = None
    desk: bool = False
    settings: Settings = attrs.field(factory=lambda: Settings(live_jitter=False))
    strict: bool = True
    own: tuple[Concern | Life, ...] = ()
    """The user's own tables that watch along."""
    told_looks: bool = False
    """Whether rounds are taken only where a step says `look`."""
    path: str = ""
    source: Mapping[str, Any] = attrs.field(factory=dict, eq=False, repr=False)
    """What it was read from, to write it again."""

    @property
    def scripted(self) -> bool:
        """Whether its tables hear what it says, and not what a broker says."""
        return any(doing.name == "hears" for step in self.steps for doing in step.doing)

    @property
    def end(self) -> float:
        """When its last step is."""
        return self.steps[-1].at


def load(path: Path) -> Scenario:
    """The scenario in that file. ScenarioError, with file and line, where it is none."""
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: it cannot be read: {error}") from None
    return read(parse(source, str(path)), str(path))


def read(said: Any, path: str = "scenario") -> Scenario:
    """The scenario that a mapping describes: a file's, or one made in Python. ScenarioError where it is none."""
    if not isinstance(said, Mapping):
        raise ScenarioError(f"{path}: a scenario begins with `scenario: its title`")
    for key, _, line in items(said):
        if key not in HEAD:
            raise ScenarioError(f"{path}:{line}: a scenario has no {key!r}; {nearest(key, HEAD)}")
    reader = _Reader(path)
    zone = reader.get(said, "zone", zone_of, ZONE)
    title = str(said.get("scenario", "")).strip()
    if not title:
        raise ScenarioError(f"{path}:{line_of(said, 1)}: a scenario needs a title: `scenario: what it shows`")
    start = reader.get(said, "start", lambda text: instant_of(text, zone, None), "2026-11-23 09:00")
    listed = said.get("timeline", ())
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise ScenarioError(f"{path}:{line_of(said, 1)}: a scenario needs a timeline: a list of `- at: ...`")
    steps: list[Step] = []
    now = start
    for one in listed:
        step, now = reader.step(one, zone, now)
        steps.append(step)
    if not any(step.expects for step in steps):
        raise ScenarioError(f"{path}:{line_of(said, 1)}: a scenario that expects nothing shows nothing")
    return Scenario(
        title=title,
        start=start,
        steps=tuple(steps),
        zone=zone,
        teaches=" ".join(str(said.get("teaches", "")).split()),
        broker=reader.get(said, "broker", _preset, "healthy_margin"),
        faults=tuple(reader.doing("fault", fault, line_of(fault)) for fault in _listed(said.get("faults", ()))),
        intends=reader.get(said, "intends", Place, "sandbox"),
        uses=str(said["uses"]) if "uses" in said else None,
        own=reader.get(said, "own", lambda names: tuple(own_of(str(one)) for one in _listed(names)), ()),
        desk=reader.get(said, "desk", _truth, "no"),
        settings=reader.get(said, "settings", _settings, {}),
        strict=reader.get(said, "strict", _truth, "yes"),
        told_looks=reader.get(said, "looks", _looks, "due") == "told",
        path=path,
        source=said,
    )


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def _preset(name: str) -> str:
    if name not in PRESETS:
        raise ConfigError(f"there is no broker {name!r}; {nearest(name, sorted(PRESETS))}")
    return str(name)


def _settings(values: Any) -> Settings:
    if not isinstance(values, Mapping):
        raise ConfigError("settings are names with values")
    return from_mapping({**EXACTLY, **plain(values)})


def _looks(value: Any) -> str:
    if str(value) not in {"due", "told"}:
        raise ConfigError(f"looks are due (on schedule) or told (where a step says so), not {value!r}")
    return str(value)


def _truth(value: Any) -> bool:
    found = plain(value)
    if not isinstance(found, bool):
        raise ConfigError(f"{value!r} is neither yes nor no")
    return found


class _Reader:
    """Reads parts of one scenario, and says file and line of what is wrong."""

    def __init__(self, path: str) -> None:
        self._path = path

    def get(self, said: Mapping[str, Any], name: str, read_: Any, otherwise: Any) -> Any:
        """That part of it, read."""
        value = said.get(name, otherwise)
        return self._read(read_, value, line_of(value, line_of(said)))

    def _read(self, read_: Any, value: Any, line: int) -> Any:
        try:
            return read_(value)
        except ScenarioError:
            raise
        except (SupervisorError, ValueError, TypeError) as error:
            raise ScenarioError(f"{self._path}:{line}: {error}") from None

    def doing(self, name: str, value: Any, line: int) -> Doing:
        """One thing to do."""
        action = ACTIONS[name]
        arguments = self._read(action.read, value, line)
        lasts = arguments if action.lasts else 0.0
        return Doing(name, line, lasts, arguments)

    def step(self, said: Any, zone: ZoneInfo, now: float) -> tuple[Step, float]:
        """One step, and the instant at which it is over."""
        line = line_of(said)
        if not isinstance(said, Mapping) or "at" not in said:
            raise ScenarioError(f"{self._path}:{line}: a step begins with its time: `- at: 09:30`")
        at = self._read(lambda text: instant_of(str(text), zone, now), said["at"], line)
        doing: list[Doing] = []
        for key, value, key_line in items(said):
            if key in STEP:
                continue
            if key not in ACTIONS:
                raise ScenarioError(
                    f"{self._path}:{key_line}: a step has no {key!r}; {nearest(key, (*STEP, *ACTIONS))}"
                )
            several = value if ACTIONS[key].several and not isinstance(value, str | Mapping) else [value]
            doing += [self.doing(key, one, line_of(one, key_line)) for one in several]
        expected = said.get("expect", {}) or {}
        if not isinstance(expected, Mapping):
            raise ScenarioError(
                f"{self._path}:{line_of(expected, line)}: `expect` is names with what is expected: `open: no`"
            )
        wanted = tuple(self._wanted(key, value, n) for key, value, n in items(expected))
        over = at + sum(one.lasts for one in doing)
        return Step(at, line, tuple(doing), wanted, "expect" in said, " ".join(str(said.get("note", "")).split())), over

    def _wanted(self, key: str, value: Any, line: int) -> Wanted:
        reads = EXPECTED[key].read if key in EXPECTED else _state
        return Wanted(key, self._read(reads, value, line), line_of(value, line))


def _state(value: Any) -> str:
    if not isinstance(value, str):
        raise ConfigError("a concern stands in one state")
    return str(value)


__all__ = ["SUFFIX", "Scenario", "ScenarioError", "Step", "load", "read"]
