"""Which numbers rule orders, and where do they come from?

Times are seconds. The sources are the project's defaults, 4.4 and 4.5.
"""

import attrs


@attrs.frozen
class OrderSettings:
    """Every number the order desk goes by, with its default."""

    wait: float = 5.0
    """How long a caller waits for a verdict at most."""
    deadline: float = 10.0
    """How long one request to the broker may take in all."""
    looks: tuple[float, ...] = (2.0, 5.0, 10.0, 20.0, 40.0, 60.0)
    """Pauses between looks at an order just sent (defaults 4.5): the last one is 137 s after the sending."""
    poll: float = 15.0
    """Between looks at orders that work: a late rejection is found by then."""
    doubt: float = 60.0
    """Between looks at orders still in doubt after the last of `looks`."""
    calm: float = 30.0
    """From how long after the request was over a look may prove absence; and how far apart two proofs must lie, at least half of it."""
    midnight: float = 120.0
    """How far from an Eastern midnight a request and a look must be for the day list to prove absence: clocks differ."""
    fresh: float = 30.0
    """How old what is held, owed and ordered may be for a new order (defaults 4.2)."""
    positions_every: float = 60.0
    """Between looks at positions while anything is held or working."""
    duplicate: float = 60.0
    """Within which the same order again is a duplicate."""
    trip_count: int = 3
    """So many refusals for one cause …"""
    trip_window: float = 600.0
    """… within this trip its scope; and two ambiguous orders within this halt openings."""
    ambiguous_count: int = 2
    """So many ambiguous orders within the window halt openings."""
    rest: float = 60.0
    """How long a trip lasts until the next opening order may probe it."""
    failure_expires: float = 1800.0
    """After which an order failure is over if nothing else ended it."""
    cancel_pauses: tuple[float, ...] = (1.0, 2.0, 5.0)
    """Until each reading back after each try to cancel; as many tries as pauses."""
    option_level: int = 2
    """Lowest option level for opening options."""
    market_when_closed: bool = False
    """Whether an opening market order may be sent while the market is not open."""
    preview_always: bool = False
    """Whether every order is previewed, not only opening ones whose cost only a preview tells."""


DEFAULTS = OrderSettings()
