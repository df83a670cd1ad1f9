"""Which instant, and how long, does a person mean? `09:30`, `Mon 09:30`, `2026-11-27 13:00`, `+5m`; `90s`, `1h30m`."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from supervisor.errors import ConfigError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LASTS = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")
_CLOCK = re.compile(
    r"(?:(?P<date>\d{4}-\d\d-\d\d)[ T]+|(?P<day>[A-Za-z]{3})[a-z]*,? +)?(?P<time>\d\d?:\d\d(?::\d\d(?:\.\d+)?)?)"
)


def seconds_of(text: str) -> float:
    """How many seconds `1d2h3m4.5s` are. ConfigError where it is no such text."""
    found = _LASTS.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        raise ConfigError(f"{text!r} is no length of time: give 90s, 5m, 1h30m or 2d")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def lasting(seconds: float) -> str:
    """Those seconds, as `seconds_of` reads them."""
    left = round(seconds, 3)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        whole, left = divmod(left, size)
        parts += [f"{whole:.0f}{unit}"] if whole else []
    if left or not parts:
        parts.append(f"{left:.3f}".rstrip("0").rstrip(".") + "s")
    return "".join(parts)


def zone_of(name: str) -> ZoneInfo:
    """That time zone. ConfigError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f"there is no time zone {name!r}: give one like America/New_York or UTC") from None


def instant_of(text: str, zone: ZoneInfo, after: float | None) -> float:
    """The instant (epoch seconds) that a person means there: the first such one not before `after`.

    A time alone is one of the same day. Without `after` only a whole date and time will do. ConfigError where there is
    no such instant, or it is over.
    """
    said = text.strip()
    if after is not None and said == "start":
        return after
    if after is not None and said.startswith("+"):
        return after + seconds_of(said[1:])
    found = _CLOCK.fullmatch(said)
    if found is None or (found["day"] and found["day"].lower() not in DAYS):
        raise ConfigError(f"{text!r} is no time: give 09:30, 09:30:15, Mon 09:30, 2026-11-27 13:00, or +5m")
    if found["date"] is None and after is None:
        raise ConfigError(f"{text!r} has no date: give one like 2026-11-23 09:30")
    hour, _, rest = found["time"].partition(":")
    for day in _days(found["date"], found["day"], zone, after):
        instants = _instants(f"{day} {hour:0>2}:{rest}", zone)
        if not instants:
            raise ConfigError(f"there was no {found['time']} on {day} in {zone.key}: clocks went forward over it")
        for instant in instants:
            if after is None or instant >= after:
                return instant
        if after is not None and found["date"] is None and found["day"] is None:
            now = local(after, zone)  # a slip of the hand, more often than a wait of a day
            raise ConfigError(
                f"{text!r} is over by then (it is {now:%a %H:%M:%S}): write '{now + timedelta(days=1):%a} {found['time']}',"
                " or the date, if the next day is meant"
            )
    raise ConfigError(f"{text!r} is over by then: times go forward")


def _days(date: str | None, day: str | None, zone: ZoneInfo, after: float | None) -> Iterator[str]:
    """The days that can be meant, in order."""
    if date is not None:
        yield date
        return
    first = datetime.fromtimestamp(after or 0.0, zone).date()
    for n in range(8 if day else 1):
        candidate = first + timedelta(days=n)
        if day is None or DAYS[candidate.weekday()] == day.lower():
            yield candidate.isoformat()


def _instants(local: str, zone: ZoneInfo) -> list[float]:
    """When that wall time was shown there: once, twice where clocks went back over it, or never."""
    try:
        naive = datetime.fromisoformat(local)
    except ValueError as error:
        raise ConfigError(f"{local!r} is no date and time: {error}") from None
    found = []
    for fold in (0, 1):
        at = naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if at.astimezone(zone).replace(tzinfo=None) == naive and at.timestamp() not in found:
            found.append(at.timestamp())
    return found


def local(instant: float, zone: ZoneInfo) -> datetime:
    """That instant there; the second of two equal wall times is told apart, which freezegun's datetimes forget."""
    at = datetime.fromtimestamp(instant, zone)
    return at if abs(at.timestamp() - instant) < 1 else at.replace(fold=1)


def shown(instant: float, zone: ZoneInfo) -> str:
    """That instant for people: `Mon 2026-11-23 09:30:00 EST`."""
    at = local(instant, zone)
    fraction = f"{at:.%f}".rstrip("0") if at.microsecond else ""
    return f"{at:%a %Y-%m-%d %H:%M:%S}{fraction} {at:%Z}"


def written(instant: float, zone: ZoneInfo) -> str:
    """That instant as `instant_of` reads it, whole: `2026-11-23 09:30:00`."""
    at = local(instant, zone)
    return f"{at:%Y-%m-%d %H:%M:%S}" + (f".{at.microsecond // 1000:03d}" if at.microsecond else "")
