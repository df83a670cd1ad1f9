"""What if the agent's own imports are to stay as they are? The old module names, leading here.

Either call `install()` before the agent's modules are imported, or put the files of `FILES` in the place of the old ones.
"""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from supervisor import optimus
from supervisor.optimus import handler, integration

ALIASES: dict[str, ModuleType] = {
    "execution.self_healing": optimus,
    "execution.self_healing.optimus_integration": integration,
    "execution.self_healing.tradier_self_healing_engine": optimus,
    "execution.order_handlers.tradier_order_handler": handler,
}
"""The old name of each module, and what it is now. The engine's old module held the issue's types as well."""

FILES = {
    "execution/self_healing/__init__.py": "from supervisor.optimus import *  # noqa: F403\n",
    "execution/self_healing/optimus_integration.py": "from supervisor.optimus import OptimusSelfHealingIntegration\n",
    "execution/self_healing/tradier_self_healing_engine.py": "from supervisor.optimus import *  # noqa: F403\n",
    "execution/order_handlers/tradier_order_handler.py": "from supervisor.optimus import TradierOrderHandler\n",
}
"""The same as files: one line each."""


def install() -> None:
    """The old names lead here from now on, whether or not the agent has a package `execution` of its own."""
    sys.modules.update(ALIASES)
    for name, module in ALIASES.items():
        parent, _, last = name.rpartition(".")
        setattr(_package(parent), last, module)


class _Folders:
    """Where the agent's package lies by whatever stands in `sys.path` when asked: agents add their folder late."""

    def __init__(self, name: str) -> None:
        self._parts = name.split(".")

    def __iter__(self) -> Iterator[str]:
        return iter([str(path) for folder in sys.path if (path := Path(folder or ".").joinpath(*self._parts)).is_dir()])


def _package(name: str) -> ModuleType:
    """The agent's own package; one without code of its own where it can't be found yet."""
    if name in sys.modules:
        return sys.modules[name]
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # the agent's package is there, and lacks something itself
    package = sys.modules[name] = ModuleType(name)
    package.__path__ = _Folders(name)  # type: ignore[assignment]  # the import system only iterates over it
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(_package(parent), last, package)
    return package


__all__ = ["ALIASES", "FILES", "install"]
