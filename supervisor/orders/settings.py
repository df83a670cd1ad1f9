"""Which numbers rule orders, and where do they come from?

They come from the table `[orders]` of `supervisor.toml`. Times are seconds. Sources: the project's defaults, 4.4 and 4.5.
"""

from typing import Any

import attrs

from supervisor.config import Settings, checked, setting


@attrs.frozen
class OrderSettings:
    """Every number the order desk goes by, with its default."""

    wait: float = setting(5.0, "seconds a caller waits for a verdict at most", 0, 600)
    deadline: float = setting(10.0, "seconds one request to the broker may take in all", 0.05, 60)
    looks: tuple[float, ...] = setting(
        (2.0, 5.0, 10.0, 20.0, 40.0, 60.0), "seconds between looks at an order just sent: the last is after 137 s", 0.1
    )
    poll: float = setting(15.0, "seconds between looks at orders that work: a late rejection is found by then", 1)
    doubt: float = setting(60.0, "seconds between looks at orders still in doubt after the last of looks", 1)
    calm: float = setting(30.0, "seconds after a request from which a look may prove absence; two lie half of it apart")
    midnight: float = setting(
        120.0, "seconds from an Eastern midnight in which the day list proves no absence: clocks differ"
    )
    fresh: float = setting(30.0, "seconds that what is held, owed and ordered may be old for a new order", 1)
    positions_every: float = setting(60.0, "seconds between looks at positions while anything is held or working", 1)
    duplicate: float = setting(60.0, "seconds in which the same order again is a duplicate")
    trip_count: int = setting(3, "refusals for one cause within trip_window that trip its scope", 1, 1000)
    trip_window: float = setting(600.0, "seconds in which they count, and ambiguous orders too", 1)
    ambiguous_count: int = setting(2, "ambiguous orders within trip_window that halt openings", 1, 1000)
    rest: float = setting(60.0, "seconds a trip lasts until the next opening order may probe it")
    failure_expires: float = setting(1800.0, "seconds after which an order failure is over if nothing else ended it", 1)
    cancel_pauses: tuple[float, ...] = setting(
        (1.0, 2.0, 5.0), "seconds until each reading back after each try to cancel; as many tries as pauses", 0.1
    )
    option_level: int = setting(2, "lowest option level for opening options", 0, 10)
    market_when_closed: bool = setting(
        default=False, why="whether an opening market order may be sent while the market is not open"
    )
    tidy_symbols: bool = setting(
        default=True, why="whether symbols may be respelled; if not (as when the remedy `symbol` is not auto), refused"
    )
    tidy_fields: bool = setting(
        default=True, why="the same of every other word and of missing fields: the remedy `formatting`"
    )
    preview_always: bool = setting(
        default=False, why="whether every order is previewed, not only openings whose cost only a preview tells"
    )


DEFAULTS = OrderSettings()


def order_settings(settings: Settings) -> OrderSettings:
    """What `[orders]` says, else the defaults. ConfigError names every fault at once."""
    return checked(OrderSettings, {"option_level": settings.option_level, **dict(settings.orders)}, "[orders]")


def as_table(orders: OrderSettings) -> tuple[tuple[str, Any], ...]:
    """All of them as `Settings.orders` holds them, so that they are on record with the rest."""
    return tuple(attrs.asdict(orders).items())
