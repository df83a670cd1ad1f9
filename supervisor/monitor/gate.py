"""What does an agent read before it acts? One published record, replaced whole, read without a lock."""

from time import monotonic, time
from typing import Any

import attrs

from supervisor.core.issue import at
from supervisor.core.verdict import Verdict, mode_of
from supervisor.core.words import ALL, OPENING, Mode, Permit, permit_names

_OPENING = int(OPENING)  # a flag's own "and" takes ten times as long as a number's


@attrs.frozen
class Gate:
    """The verdict as published, with the instants until which it may be believed.

    `until` is on the monotonic clock, `until_wall` on the wall clock: whichever is past first counts, since the
    monotonic one stands still in a suspended laptop. Past them the gate answers as for unknown: opening is closed,
    closing stays as it was.
    """

    verdict: Verdict
    permits: Permit
    opens: bool
    as_of: float
    until: float
    until_wall: float

    @classmethod
    def of(cls, verdict: Verdict, *, permits: int, as_of: float, until: float, until_wall: float) -> "Gate":
        """A gate of this verdict with these permits (no more than the verdict's)."""
        allowed = verdict.permits if permits == ALL else Permit(verdict.permits & permits)
        return cls(verdict, allowed, bool(int(allowed) & _OPENING), as_of, until, until_wall)

    def fresh(self) -> bool:
        """Whether it may still be believed."""
        return monotonic() < self.until and time() < self.until_wall

    def permits_now(self) -> Permit:
        """The open permits, as of this very moment."""
        return self.permits if self.fresh() else self.permits & ~OPENING

    @property
    def mode(self) -> Mode:
        """The gate in one word, as of this very moment."""
        return mode_of(self.permits_now(), blocked=bool(self.verdict.blocks))

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "mode": self.mode.value,
            "permits": permit_names(self.permits_now()),
            "blocks": [block.as_dict() for block in self.verdict.blocks],
            "reasons": [reason.as_dict() for reason in self.verdict.reasons],
            "as_of": at(self.as_of).isoformat(),
            "valid_until": at(self.until_wall).isoformat(),
            "fresh": self.fresh(),
        }
