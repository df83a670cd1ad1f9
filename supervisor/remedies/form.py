"""What is a remedy? Four methods, and the plain data that passes between them and whoever runs them.

A remedy answers some codes of issues. `plan` says what it would do, or None where it can do nothing; `apply` does it;
`proves` says after each fresh round whether what was read proves it; `undo` takes it back. The healer does the rest:
switches, rails, the record, the clock, and the verdict. A remedy is never believed: an issue is told as fixed only when
its own concern, by successful readings, no longer shows it **and** `proves` said yes to two rounds, one after the other.

Everything in a plan is journalled before anything is applied. So `undo` must make do with the plan: after a crash it is
called with nothing else, whether `apply` had begun, ended or never started. Words and data are masked, but keep secrets
out of them all the same. An example is in `supervisor.remedies.example`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import attrs

from supervisor.config import DEFAULTS, Settings
from supervisor.core.issue import Issue
from supervisor.core.reading import Reading, Round
from supervisor.errors import SupervisorError
from supervisor.remedies.ports import NOTHING, Ports


class Policy(StrEnum):
    """When a remedy may be applied."""

    AUTO = "auto"
    ASK = "ask"
    """After `supervisor approve`."""
    OFF = "off"
    DRY_RUN = "dry_run"
    """It is planned and told, and never applied."""


class RepairOver(SupervisorError):
    """The healer gave this step up (it took too long): nothing more may be done in its name."""


@attrs.frozen
class Plan:
    """What would be done: in words, and in data that JSON can hold.

    `finish` says what only a person can do; with it the result is PARTIAL at best. `acts` is False where nothing can be
    done but to say so. `ask` makes `auto` into `ask` for this once.
    """

    words: str
    data: Mapping[str, Any] = attrs.field(factory=dict)
    finish: str = ""
    acts: bool = True
    ask: bool = False


@attrs.frozen
class Applied:
    """It was done; `words` say what. `finish` as in a plan, where it shows only now.

    `clears` is for issues that no reading of a concern ends (a failed order's): its cause counts as gone, until proved or
    undone.
    """

    words: str
    finish: str = ""
    clears: bool = False


@attrs.frozen
class Later:
    """Not done yet, nothing was changed: `apply` is to be called again after these seconds. A ladder is one repair."""

    words: str
    seconds: float


@attrs.frozen
class Nothing:
    """Nothing was changed, and nothing is to be: it turned out not to apply."""

    words: str


Outcome = Applied | Later | Nothing


def _always() -> bool:
    return True


@attrs.frozen
class Scene:
    """What a remedy sees: the issue, the instant, the last round and the last good readings, and what it may touch.

    `tries` counts the calls of `apply` before this one. `wanted` turns false once the healer has given the step up.
    """

    issue: Issue
    now: float
    round: Round
    facts: Mapping[str, Reading] = attrs.field(factory=dict)
    ports: Ports = NOTHING
    settings: Settings = DEFAULTS
    tries: int = 0
    wanted: Callable[[], bool] = _always

    def insist(self) -> None:
        """Raises RepairOver where the step was given up: ask before every change."""
        if not self.wanted():
            raise RepairOver("this step of the repair took too long and was given up; nothing more is done")


@runtime_checkable
class Remedy(Protocol):
    """One repair. Each method may raise, hang or lie: that harms nothing, and is reported."""

    name: str
    """As in settings, ledger and log."""
    codes: frozenset[str]
    """The issues it answers."""

    def plan(self, scene: Scene) -> Plan | None:
        """What it would do; None where it can do nothing. Changes nothing."""
        ...

    def apply(self, plan: Plan, scene: Scene) -> Outcome:
        """Does it."""
        ...

    def proves(self, plan: Plan, scene: Scene) -> bool:
        """Whether the round in the scene proves it, as far as this remedy can tell. Changes nothing."""
        ...

    def undo(self, plan: Plan, scene: Scene) -> str | None:
        """Takes back whatever of it was done, perhaps nothing; None once all is as before, else what is not."""
        ...


@runtime_checkable
class Settles(Protocol):
    """A remedy with something to do once it is proved: to let go of what it held, or of what it kept for undoing."""

    def settled(self, plan: Plan, scene: Scene) -> None:
        """It was proved."""
        ...


@attrs.frozen
class Manner:
    """How a remedy wants to be run; a remedy may have one as its attribute `manner`.

    `policy` holds where no setting says otherwise. `within` and `pace` are seconds: how long proving may take, and from
    one round to the next until one was good (None: as the settings say; after a good one always at the quick cadence).
    """

    policy: Policy = Policy.AUTO
    within: float | None = None
    pace: float | None = None


def manner_of(remedy: Remedy) -> Manner:
    """The remedy's manner, or the usual one."""
    found = getattr(remedy, "manner", None)
    return found if isinstance(found, Manner) else Manner()


def policy_of(remedy: Remedy, settings: Settings) -> Policy:
    """When this remedy may be applied: as the settings say, else as it says itself."""
    if not settings.enable_auto_fix:
        return Policy.OFF
    said = dict(settings.remedies).get(remedy.name)
    policy = Policy(said) if said else manner_of(remedy).policy
    return Policy.DRY_RUN if settings.dry_run and policy is not Policy.OFF else policy
