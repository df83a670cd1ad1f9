"""How does a user test tables, faults and whole courses of events? Stories, scenarios, frozen clocks and sweeps.

With pytest, installing this package is enough: `*.scenario.yaml` files are collected, and the fixtures `broker`,
`frozen` and `supervised` are there (see `supervisor.testing.plugin`).

The names below are imported when first asked for, so that a project's pytest pays nothing for the plugin being there.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from supervisor.testing.clocks import Frozen
    from supervisor.testing.runner import Failure, Outcome, run
    from supervisor.testing.scenario import Scenario, load, read
    from supervisor.testing.story import Story, given
    from supervisor.testing.text import ScenarioError
    from supervisor.testing.world import World

_WHERE = {
    "Failure": "runner",
    "Frozen": "clocks",
    "Outcome": "runner",
    "Scenario": "scenario",
    "ScenarioError": "text",
    "Story": "story",
    "World": "world",
    "given": "story",
    "load": "scenario",
    "read": "scenario",
    "run": "runner",
}

__all__ = [
    "Failure",
    "Frozen",
    "Outcome",
    "Scenario",
    "ScenarioError",
    "Story",
    "World",
    "given",
    "load",
    "read",
    "run",
]


def __getattr__(name: str) -> Any:
    """The exported name, imported now."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = found
    return found
