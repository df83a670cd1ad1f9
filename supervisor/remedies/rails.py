"""May there be one more repair just now, and if not, why not? Pure.

Intensity per concern: so many in a window and in a day, with a cool-down that doubles, and begins anew after a stretch
of health, not after a repair. Sources: OTP, systemd, node-problem-detector (defaults 4.6).
"""

from collections.abc import Sequence

import attrs

from supervisor.concerns.repair import DAY
from supervisor.config import Settings
from supervisor.remedies.ledger import Repair


@attrs.frozen
class Refusal:
    """Why there may be none just now; `spent` says that the budget is: then a person should look."""

    words: str
    spent: bool = False


def spent(repairs: Sequence[Repair], concern: str, since: float) -> list[Repair]:
    """The repairs of that concern that began then or later, oldest first. What never began costs nothing."""
    return [r for r in repairs if r.concern == concern and r.began is not None and r.began >= since]


def in_a_row(repairs: Sequence[Repair], concern: str, detected: float, reset: float) -> list[Repair]:
    """The repairs of that concern since it was last healthy for `reset` seconds; its present issue dates from `detected`."""
    found: list[Repair] = []
    next_trouble = detected
    for repair in reversed(spent(repairs, concern, float("-inf"))):
        ended = repair.ended if repair.ended is not None else repair.began or repair.planned
        if next_trouble - ended >= reset:
            break
        found.insert(0, repair)
        next_trouble = repair.detected
    return found


def cools_until(repairs: Sequence[Repair], concern: str, detected: float, settings: Settings) -> float:
    """Until when that concern is left alone after its last repair (epoch seconds); minus infinity where it is not."""
    row = in_a_row(repairs, concern, detected, settings.repair_reset)
    if not row:
        return float("-inf")
    last = row[-1]
    doubled = settings.repair_cooldown * 2.0 ** min(len(row) - 1, 30)
    return (last.ended or last.began or last.planned) + min(settings.repair_cooldown_cap, doubled)


def refusal(
    repairs: Sequence[Repair], concern: str, detected: float, now: float, settings: Settings, *, storm: bool, root: bool
) -> Refusal | None:
    """Why there may be no repair of that concern just now, in words; None where there may."""
    if any(repair.under_way for repair in repairs):
        return Refusal("another repair is under way")
    if storm and not root:
        return Refusal(f"more than {settings.repair_storm:.0%} of the concerns are bad, and this is not their root")
    lately = len(spent(repairs, concern, now - settings.repair_window))
    if lately >= settings.repair_limit:
        return Refusal(f"{concern} was repaired {lately} times within {settings.repair_window:g} s", spent=True)
    today = len(spent(repairs, concern, now - DAY))
    if today >= settings.repair_day_limit:
        return Refusal(f"{concern} was repaired {today} times within a day", spent=True)
    until = cools_until(repairs, concern, detected, settings)
    if now < until:
        return Refusal(f"{concern} was repaired a short while ago; the next one may be in {until - now:.0f} s")
    return None
