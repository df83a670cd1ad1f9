"""Does a concern come and go too often to be believed? The first life: one cursor per concern that changed lately.

Two rules, since each is blind to what the other sees: the share of the last 20 rounds that changed (weighted towards
the present; starts at 30 %, ends at 20 %), and hard changes by the clock (3 in 15 minutes or 6 in 60).
Source: Nagios' published formula and the simulation in the project's defaults.
"""

from collections import deque

import attrs

from supervisor.core.guards import held
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, CLOSING, OK, WARNING

RATTLED = "rattled"
"""It changed, and that was once too often."""
CHANGED = "changed"
"""It changed once more."""
SETTLED = "settled"
"""It did not change, and the share of changes is low again."""

SAMPLES = 20
START, END = 0.30, 0.20
SHORT, SHORT_LIMIT = 900.0, 3
LONG, LONG_LIMIT = 3600.0, 6
CALM = 600.0
"""Seconds without a change before flapping ends."""

_WEIGHTS = tuple(0.75 + 0.5 * i / (SAMPLES - 1) for i in range(SAMPLES))

# fmt: off
STATES = (
    State("quiet",    OK,      ALL,                             means="Changes seldom enough to be believed."),
    State("flapping", WARNING, CLOSING, issue="{key}_flapping", means="Comes and goes too often to be believed.",
          says="{key} comes and goes too often to be believed"),
)
ARROWS = (
    Arrow("quiet",    RATTLED,            "flapping"),
    Arrow("flapping", (RATTLED, CHANGED), "flapping"),
    Arrow("flapping", SETTLED,            "quiet", only_if=held(CALM)),
)
# fmt: on
FLAPPING = Table("flapping", STATES, ARROWS, life=True, about="Does a concern come and go too often to be believed?")


@attrs.define
class Watch:
    """What is remembered of one concern's changes."""

    flags: deque[int] = attrs.field(factory=lambda: deque(maxlen=SAMPLES))
    hard: deque[float] = attrs.field(factory=lambda: deque(maxlen=LONG_LIMIT))

    def share(self) -> float:
        """The weighted share of the last samples that changed, 0 to about 1."""
        offset = SAMPLES - len(self.flags)
        return sum(_WEIGHTS[offset + i] for i, flag in enumerate(self.flags) if flag) / SAMPLES

    def note(self, now: float, *, changed: bool, hard: bool) -> str | None:
        """The signal of one more sample; None where there is nothing to say."""
        if changed or self.flags:
            self.flags.append(int(changed))
        if hard:
            self.hard.append(now)
        if changed:
            return RATTLED if self._too_often(now) else CHANGED
        if not any(self.flags):
            self.flags.clear()
        return SETTLED if self.share() <= END else None

    def _too_often(self, now: float) -> bool:
        lately = list(self.hard)
        short = len(lately) >= SHORT_LIMIT and now - lately[-SHORT_LIMIT] <= SHORT
        long = len(lately) >= LONG_LIMIT and now - lately[-LONG_LIMIT] <= LONG
        return short or long or self.share() >= START
