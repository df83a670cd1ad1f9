"""What happened, to be drawn over a ladder?"""

from collections.abc import Iterable, Mapping

import attrs


@attrs.frozen
class Step:
    """One move of the path taken: its number, from where, to where, when in words; `signal` where it is known."""

    n: int
    source: str
    target: str
    at: str = ""
    signal: str = ""


def _steps(value: "Iterable[Step | tuple[int, str, str, str]]") -> tuple[Step, ...]:
    return tuple(step if isinstance(step, Step) else Step(*step) for step in value)


@attrs.frozen
class Overlay:
    """What is drawn over a table's ladder.

    `now` is the current state; `path` the moves taken, as Steps or (n, source, target, time in words); `counts` how
    often each (source, signal, target) moved; `heat` each state's share of the time, 0 to 1; `masked` says that a
    parent blinds it, `stale` that nothing good was heard lately.
    """

    now: str | None = None
    path: tuple[Step, ...] = attrs.field(default=(), converter=_steps)
    counts: Mapping[tuple[str, str, str], int] = attrs.field(factory=dict)
    heat: Mapping[str, float] = attrs.field(factory=dict)
    masked: bool = False
    stale: bool = False


PLAIN = Overlay()
"""Nothing: the table alone."""
