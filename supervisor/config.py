"""Which numbers rule, and where do they come from?

Every threshold is a setting with a documented default. They come from `supervisor.toml` (in SUPERVISOR_HOME or named by
SUPERVISOR_CONFIG) and from the environment; what is unknown or cannot be right is named, with what would be right.
"""

import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import attrs

from supervisor.core.flapping import Rules
from supervisor.errors import ConfigError

S = TypeVar("S", bound=attrs.AttrsInstance)


def setting(default: Any, why: str, lowest: float = 0.0, highest: float = 1e9, words: tuple[str, ...] = ()) -> Any:
    """A field of settings: its default, what it rules and in which unit, and what it may be."""
    return attrs.field(default=default, metadata={"why": why, "lowest": lowest, "highest": highest, "words": words})


@attrs.frozen
class Settings:
    """Every number that rules, with its default. Times are seconds, money is US dollars."""

    interval: float = setting(60.0, "seconds between rounds while all is well", 1)
    jitter: float = setting(0.10, "share by which that may vary, so that many agents do not ask at once", 0, 0.5)
    quick: float = setting(15.0, "seconds between rounds while something is unsure: a quarter of the interval", 1)
    backoff_first: float = setting(30.0, "seconds to the next round once the broker is down; doubles", 1)
    backoff_cap: float = setting(300.0, "longest seconds between rounds while the broker is down", 1)
    backoff_jitter: float = setting(0.20, "share by which that may vary", 0, 0.5)
    deadline: float = setting(10.0, "total seconds one probe may take", 0.05, 60)
    fall: int = setting(3, "consecutive misses until a problem is certain; the first only closes opening", 2, 20)
    rise: int = setting(2, "consecutive answers until an outage is over", 1, 20)
    reopen_rounds: int = setting(3, "consecutive good rounds until opening is permitted after a problem", 1, 50)
    dwell: float = setting(120.0, "seconds until opening is permitted after a problem")
    stale: float = setting(150.0, "seconds without a good reading until a state is unknown: 2.5 intervals", 1)
    slow: float = setting(2.0, "seconds from which an answer is slow", 0.01)
    slow_rounds: int = setting(3, "slow rounds among the last ones that make the broker slow", 1, 50)
    slow_window: int = setting(5, "how many last rounds those are", 1, 50)
    prompt: float = setting(1.5, "seconds up to which an answer is prompt again", 0.01)
    skew: float = setting(5.0, "seconds by which the broker's clock may differ from ours", 0.5)
    option_level: int = setting(2, "lowest option level the agent needs", 0, 10)
    low_buying_power: Decimal = setting(Decimal(0), "buying power below this is low; 0 switches it off")
    token_retry: float = setting(300.0, "seconds until a rejected token is tried again unchanged", 1)
    token_reread: float = setting(5.0, "seconds until a token refused once is tried again", 0.1)
    throttled: float = setting(120.0, "seconds between rounds while over quota", 1)
    restart_window: float = setting(3600.0, "seconds a stop may last for counters to be taken up again")
    flap_start: float = setting(0.30, "share of the last 20 rounds that changed from which a concern flaps", 0.01, 1)
    flap_end: float = setting(0.20, "share at which flapping may end", 0, 1)
    flap_short: float = setting(900.0, "seconds in which flap_short_limit certain changes are flapping", 1)
    flap_short_limit: int = setting(3, "certain changes within flap_short", 2, 50)
    flap_long: float = setting(3600.0, "seconds in which flap_long_limit certain changes are flapping", 1)
    flap_long_limit: int = setting(6, "certain changes within flap_long", 2, 50)
    flap_calm: float = setting(600.0, "seconds without a change before flapping ends", 1)
    live_jitter: bool = setting(default=True, why="whether cadences vary by chance; off for exact tests")
    enable_auto_fix: bool = setting(default=True, why="whether repairs may be applied by themselves")
    dry_run: bool = setting(default=False, why="whether repairs are only planned and told, never applied")
    remedies: tuple[tuple[str, str], ...] = setting(
        (), "by remedy: auto, ask, off or dry_run, as a table [remedies]", words=("auto", "ask", "off", "dry_run")
    )
    repair_limit: int = setting(3, "repairs of one concern within repair_window", 1, 50)
    repair_window: float = setting(900.0, "seconds in which there may be repair_limit repairs of one concern", 1)
    repair_day_limit: int = setting(6, "repairs of one concern within a day", 1, 500)
    repair_cooldown: float = setting(120.0, "seconds between two repairs of one concern; doubles")
    repair_cooldown_cap: float = setting(1800.0, "longest seconds between two repairs of one concern")
    repair_reset: float = setting(600.0, "seconds of health after which that begins anew")
    repair_verify: float = setting(180.0, "seconds in which two fresh good readings must prove a repair", 1)
    repair_storm: float = setting(0.40, "share of concerns that are bad above which only a root is repaired", 0, 1)
    repair_repeated: int = setting(
        3, "repairs of one concern within a day from which that is a fault of its own", 2, 50
    )
    repair_step: float = setting(30.0, "seconds one step of a repair may take", 0.05, 600)
    token_ahead: float = setting(900.0, "seconds before its expiry from which an OAuth token is refreshed")
    quota_low: float = setting(0.15, "share of the broker's allowance below which it is asked less", 0, 0.9)
    price_rule: str = setting(
        "off", "how a missing price is filled from a fresh quote", words=("off", "mid", "marketable")
    )
    price_band: float = setting(0.005, "share of the quote by which a marketable price may be worse than it", 0, 0.05)
    size_cushion: float = setting(0.02, "share of the buying power that a reduced order leaves unspent", 0, 0.9)
    escalate_after: float = setting(120.0, "seconds until a CRITICAL issue that nobody acknowledged is escalated", 1)
    escalate_again: float = setting(1800.0, "seconds until that is repeated, while the market is open", 1)
    notify_command: str = setting("", "program run on CRITICAL and gate changes, the event as JSON on its input")
    witness_syslog: str = setting("", "syslog that hears of each new head: a path like /dev/log, or host:port (UDP)")
    notify_limit: float = setting(10.0, "seconds that program may take", 0.1, 600)
    orders: tuple[tuple[str, Any], ...] = setting((), "numbers of the order desk, as a table [orders]")
    guard_adapter: bool = setting(default=True, why="whether what an agent sends through its own adapter is guarded")


def flapping_rules(settings: Settings) -> Rules:
    """When coming and going is a fault of its own."""
    return Rules(
        settings.flap_start,
        settings.flap_end,
        settings.flap_short,
        settings.flap_short_limit,
        settings.flap_long,
        settings.flap_long_limit,
        settings.flap_calm,
    )


DEFAULTS = Settings()
NAMES = tuple(field.name for field in attrs.fields(Settings))


def load(path: Path | None) -> Settings:
    """The settings of a TOML file, or the defaults where there is none.

    ConfigError names the file, the key, what was seen and what would be right.
    """
    if path is None or not path.exists():
        return DEFAULTS
    try:
        with path.open("rb") as file:
            return from_mapping(tomllib.load(file), str(path))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: it is not UTF-8 text: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    except RecursionError:
        raise ConfigError(f"{path} is nested too deeply to be settings") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error


def from_mapping(values: Mapping[str, Any], where: str = "settings") -> Settings:
    """Settings from names and values. ConfigError names every fault at once."""
    settings = checked(Settings, values, where)
    found = _together(settings)
    if found:
        raise ConfigError(f"{where}: " + "; ".join(found))
    return settings


def checked(kind: type[S], values: Mapping[str, Any], where: str) -> S:
    """A record of settings from names and values. ConfigError names every fault at once."""
    fields = attrs.fields_dict(kind)
    found: list[str] = []
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name not in fields:
            found.append(f"unknown setting {name!r} (known: {', '.join(fields)})")
            continue
        try:
            given[name] = _value(fields[name], value)
        except ConfigError as error:
            found.append(str(error))
    if found:
        raise ConfigError(f"{where}: " + "; ".join(found))
    return kind(**given)


def _value(field: "attrs.Attribute[Any]", value: Any) -> Any:
    right = f"{field.name} must be {_right(field)}, not {value!r}"
    words = field.metadata["words"]
    if field.default == ():
        return _table(value, words, right)
    if isinstance(field.default, tuple):
        if not isinstance(value, tuple | list) or not value:
            raise ConfigError(right)
        return tuple(_number(field, float, one, right) for one in value)
    if isinstance(field.default, str):
        if not isinstance(value, str) or not (value in words if words else value.isprintable()):
            raise ConfigError(right)
        return value
    if isinstance(field.default, bool):
        if not isinstance(value, bool):
            raise ConfigError(right)
        return value
    return _number(field, type(field.default), value, right)


def _number(field: "attrs.Attribute[Any]", kind: Any, value: Any, right: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ConfigError(right)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ConfigError(right) from None
    lowest, highest = field.metadata["lowest"], field.metadata["highest"]
    within = number.is_finite() and Decimal(str(lowest)) <= number <= Decimal(str(highest))  # as written: 0.1 is 0.1
    if not within or (kind is int and number != int(number)):
        raise ConfigError(right)
    return kind(number)


def _table(value: Any, words: tuple[str, ...], right: str) -> tuple[tuple[str, Any], ...]:
    """Names and values, of those words where there are any, from a table or from pairs."""
    pairs = tuple(value.items()) if isinstance(value, Mapping) else value
    if not isinstance(pairs, tuple | list):
        raise ConfigError(right)
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise ConfigError(right)
        if words and pair[1] not in words:
            raise ConfigError(right)
    return tuple((name, tuple(said) if isinstance(said, list) else said) for name, said in pairs)


def _right(field: "attrs.Attribute[Any]") -> str:
    words = ", ".join(field.metadata["words"])
    if field.default == ():
        return f"a table of names, each with one of {words}" if words else "a table of names and values"
    if isinstance(field.default, str):
        return f"one of {words}" if words else "text in one line"
    if isinstance(field.default, bool):
        return "true or false"
    limits = f"from {field.metadata['lowest']:g} to {field.metadata['highest']:g}"
    if isinstance(field.default, tuple):
        return f"a list of numbers {limits}"
    return f"{'a whole number' if isinstance(field.default, int) else 'a number'} {limits}"


def _together(settings: Settings) -> list[str]:
    """Faults that only show when settings are seen side by side."""
    found = []
    if settings.stale < settings.interval * (1 + settings.jitter):
        found.append(
            f"stale ({settings.stale:g}) must be longer than one interval with its jitter"
            f" ({settings.interval * (1 + settings.jitter):g}), or every state is unknown between rounds"
        )
    if settings.slow_rounds > settings.slow_window:
        found.append(f"slow_rounds ({settings.slow_rounds}) must not exceed slow_window ({settings.slow_window})")
    if settings.prompt > settings.slow:
        found.append(f"prompt ({settings.prompt:g}) must not exceed slow ({settings.slow:g})")
    return found
