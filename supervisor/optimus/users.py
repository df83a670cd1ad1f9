"""Who uses a monitor, and what do they hear of it?"""

import weakref
from collections.abc import Callable
from typing import Any, Protocol

import attrs

from supervisor.monitor.supervisor import Supervisor
from supervisor.optimus.source import Source

TROUBLE = "trouble"
"""The kind of an ear that hears, in one sentence, why it could not be started. It must not wait for anything."""


class User(Protocol):
    """Who uses a monitor: an engine."""

    @property
    def source(self) -> Source:
        """The adapter it is about."""

    def strayed(self) -> bool:
        """Whether its adapter leads elsewhere than what is watched; then it is on its way there."""

    def again(self) -> None:
        """Its adapter says more than it did: what it leads to is tried anew, in another thread."""

    def orphan(self) -> None:
        """In a forked child: locks of its own."""


@attrs.define(eq=False)
class Ear:
    """One callback of one engine's, on whichever supervisor there is."""

    owner: "weakref.ref[Any]"
    name: str
    fn: Callable[..., Any]
    kind: str
    disconnect: Callable[[], None] | None = None

    def listen(self, supervisor: Supervisor) -> None:
        """Hears that supervisor from now on, and no other."""
        self.stop()
        if self.kind == TROUBLE:
            return
        self.disconnect = supervisor.subscribe(self.fn, name=self.name, kind=self.kind)

    def stop(self) -> None:
        """Hears nothing more."""
        if self.disconnect is not None:
            self.disconnect()
            self.disconnect = None
