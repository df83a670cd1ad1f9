"""How do scenarios and frozen supervisors come into a project's own pytest? By installing this package.

* Files named `*.scenario.yaml` are collected as tests; what is otherwise is shown with file, line and the last moves.
* `broker` is a simulated Tradier in this process; `frozen` are both clocks, standing still; `supervised` is a World: a
  supervisor of that broker, under those clocks, already at its first look.
* `given(TABLE, "up").when(FAILED).then("unsteady")` tells a story over one table; it can also be imported, without a
  fixture: `from supervisor.testing import given`.

Everything is imported when first needed, so that a project that uses none of it pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.simulator import Simulator
    from supervisor.testing.clocks import Frozen
    from supervisor.testing.runner import Outcome
    from supervisor.testing.story import Story
    from supervisor.testing.world import World

SUFFIX = ".scenario.yaml"
OPTIONS = ("broker", "start", "desk", "settings", "intends", "uses", "concerns", "lives")
"""What the marker `supervised` may say."""


class Otherwise(Exception):
    """A scenario came out otherwise than it says."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text())


class ScenarioItem(pytest.Item):
    """One scenario as a test."""

    def runtest(self) -> None:
        """Runs it under a frozen clock."""
        from supervisor.testing.runner import run  # noqa: PLC0415 - imported by those who use it
        from supervisor.testing.scenario import load  # noqa: PLC0415 - as above

        outcome = run(load(self.path))
        if not outcome.passed:
            raise Otherwise(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was otherwise, without a traceback: the file and its line are in it."""
        from supervisor.testing.text import ScenarioError  # noqa: PLC0415 - as above

        if isinstance(excinfo.value, Otherwise | ScenarioError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it is."""
        return self.path, 0, f"scenario {self.name}"


class ScenarioFile(pytest.File):
    """A file that holds one scenario."""

    def collect(self) -> Iterator[ScenarioItem]:
        """The one test in it."""
        yield ScenarioItem.from_parent(self, name=self.path.name.removesuffix(SUFFIX))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Collects scenarios."""
    if file_path.name.endswith(SUFFIX):
        collected: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path)
        return collected
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line(
        "markers", "supervised(**options): how `supervised` and `frozen` begin: start, broker, settings, desk, ..."
    )


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    marker = request.node.get_closest_marker("supervised")
    options = dict(marker.kwargs) if marker else {}
    for name in options:
        if name not in OPTIONS:
            from supervisor.testing.text import nearest  # noqa: PLC0415 - as above

            raise pytest.UsageError(f"@pytest.mark.supervised knows no {name!r}; {nearest(name, OPTIONS)}")
    if isinstance(options.get("settings"), Mapping):
        from supervisor.config import from_mapping  # noqa: PLC0415 - as above

        options["settings"] = from_mapping({"live_jitter": False, **options["settings"]})
    return options


@pytest.fixture
def frozen(request: pytest.FixtureRequest) -> Iterator[Frozen]:
    """Both clocks, standing still: `advance`, `jump`, `suspend`, and `run(supervisor, seconds)` for what is due."""
    from supervisor.testing.clocks import Frozen  # noqa: PLC0415 - as above

    start = _options(request).get("start")
    try:
        clocks = Frozen(start) if start else Frozen()
    except ValueError:
        raise pytest.UsageError(f"start={start!r} is no instant: give one like '2026-11-23T14:00:00+00:00'") from None
    with clocks:
        yield clocks


@pytest.fixture
def supervised(frozen: Frozen, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A supervisor of a simulated broker, at its first look; `@pytest.mark.supervised(broker="no_cash")` for another."""
    from supervisor.testing.invariants import invariants  # noqa: PLC0415 - as above
    from supervisor.testing.world import World  # noqa: PLC0415 - as above

    options = {name: value for name, value in _options(request).items() if name != "start"}
    world = World(frozen, tmp_path / "supervised", checks=invariants(), **options)
    world.start()
    yield world
    world.close()


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> Simulator:
    """A simulated Tradier in this process: the one that `supervised` watches, where a test asks for both."""
    if "supervised" in request.fixturenames:
        world: World = request.getfixturevalue("supervised")
        return world.simulator
    from supervisor.simulator import preset  # noqa: PLC0415 - as above

    return preset(_options(request).get("broker", "healthy_margin"))


@pytest.fixture
def given() -> Callable[..., Story]:
    """Begins a story over one table: `given(TABLE, "up").when("failed").then("unsteady")`."""
    from supervisor.testing.story import given as begins  # noqa: PLC0415 - as above

    return begins
