"""What may never be, whatever the world does? Looked at after everything that happens, in every scenario.

They are told in terms of what is published and of what really passed on the wire, not of how the machine works; each
line of DESIGN's "What never bends" and "The verdict" that a run can show has its rule here. What only the end of a run
can show is in `proofs`: the record is whole, replays to the same moves, and holds no secret.
"""

from collections.abc import Callable

from supervisor.testing.rules_orders import Gentle, Once, only_to_the_intended
from supervisor.testing.rules_record import (
    Masked,
    OnlyReadingsMend,
    Outlives,
    Paired,
    nothing_secret_is_told,
    only_readings_give,
)
from supervisor.testing.rules_verdict import (
    ClosedHasReason,
    cancelling_always,
    closing_unless_harmful,
    mode_fits,
    opening_needs_all,
    opening_needs_fresh,
    restricts_at_once,
    score_in_band,
    unknown_closes,
)
from supervisor.testing.world import Broken, World

Check = Callable[[World], None]


def _running(check: Check) -> Check:
    """The check, while a process watches."""

    def checked(world: World) -> None:
        if world.supervisor is not None:
            check(world)

    return checked


def invariants() -> list[Check]:
    """All of them, fresh: for one run."""
    always: tuple[Check, ...] = (
        cancelling_always,
        opening_needs_all,
        unknown_closes,
        opening_needs_fresh,
        closing_unless_harmful,
        restricts_at_once,
        ClosedHasReason(),
        score_in_band,
        mode_fits,
        only_readings_give,
        OnlyReadingsMend(),
        Paired(),
        Masked(),
        Outlives(),
        nothing_secret_is_told,
        only_to_the_intended,
        Gentle(),
        Once(),
    )
    return [_running(check) for check in always]


__all__ = ["Broken", "Check", "invariants"]
