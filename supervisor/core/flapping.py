"""Does a concern come and go too often to be believed? The first life: one cursor per concern that changed lately.

Two rules, since each is blind to what the other sees: the share of the last 20 rounds that changed (weighted towards
the present; starts at 30 %, ends at 20 %), and hard changes by the clock (3 in 15 minutes or 6 in 60).
Source: Nagios' published formula and the simulation in the project's defaults.
"""

from collections import deque
from functools import lru_cache

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
MOST_HARD = 50
"""Hard changes remembered: no limit may be above it."""


@attrs.frozen
class Rules:
    """When it is too often. Times are seconds; shares are 0 to 1 of the last 20 rounds, weighted to the present."""

    start: float = 0.30
    end: float = 0.20
    short: float = 900.0
    short_limit: int = 3
    long: float = 3600.0
    long_limit: int = 6
    calm: float = 600.0
    """Seconds without a change before flapping ends."""


DEFAULT_RULES = Rules()

_WEIGHTS = tuple(0.75 + 0.5 * i / (SAMPLES - 1) for i in range(SAMPLES))

# fmt: off
STATES = (
    State("quiet",    OK,      ALL,                             means="Changes seldom enough to be believed."),
    State("flapping", WARNING, CLOSING, issue="{key}_flapping", means="Comes and goes too often to be believed.",
          says="{key} comes and goes too often to be believed"),
)
# fmt: on


@lru_cache(maxsize=16)
def flapping_table(calm: float) -> Table:
    """The life's table; flapping ends after `calm` seconds without a change."""
    # fmt: off
    arrows = (
        Arrow("quiet",    RATTLED,            "flapping"),
        Arrow("flapping", (RATTLED, CHANGED), "flapping"),
        Arrow("flapping", SETTLED,            "quiet", only_if=held(calm)),
    )
    # fmt: on
    return Table(
        "flapping",
        STATES,
        arrows,
        life=True,
        about="Does a concern come and go too often to be believed?",
        words={SETTLED: "it stays as it is"},
    )


FLAPPING = flapping_table(DEFAULT_RULES.calm)


@attrs.define
class Watch:
    """What is remembered of one concern's changes."""

    flags: deque[int] = attrs.field(factory=lambda: deque(maxlen=SAMPLES))
    hard: deque[float] = attrs.field(factory=lambda: deque(maxlen=MOST_HARD))

    def share(self) -> float:
        """The weighted share of the last samples that changed, 0 to about 1."""
        offset = SAMPLES - len(self.flags)
        return sum(_WEIGHTS[offset + i] for i, flag in enumerate(self.flags) if flag) / SAMPLES

    def note(self, now: float, rules: Rules, *, changed: bool, hard: bool) -> str | None:
        """The signal of one more sample; None where there is nothing to say."""
        if not changed and not self.flags:
            return SETTLED
        self.flags.append(int(changed))
        if hard:
            self.hard.append(now)
        if changed:
            return RATTLED if self._too_often(now, rules) else CHANGED
        if not any(self.flags):
            self.flags.clear()
        return SETTLED if self.share() <= rules.end else None

    def _too_often(self, now: float, rules: Rules) -> bool:
        def within(seconds: float, limit: int) -> bool:
            return len(self.hard) >= limit and now - self.hard[-limit] <= seconds

        return (
            within(rules.short, rules.short_limit)
            or within(rules.long, rules.long_limit)
            or self.share() >= rules.start
        )
