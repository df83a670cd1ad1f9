"""Instants a person means: the next such time, twice-shown hours, hours that never were; and clocks that part."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from supervisor.clock import Now
from supervisor.errors import ConfigError
from supervisor.testing.clocks import Frozen
from supervisor.testing.times import instant_of, lasting, seconds_of, shown, written, zone_of

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


MONDAY_NINE = at("2026-11-23T14:00:00")


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("start", "2026-11-23T14:00:00"),
        ("09:00", "2026-11-23T14:00:00"),
        ("09:30", "2026-11-23T14:30:00"),
        ("09:30:15.5", "2026-11-23T14:30:15.500"),
        ("9:30:15", "2026-11-23T14:30:15"),
        ("Tue 08:59", "2026-11-24T13:59:00"),
        ("Mon 09:30", "2026-11-23T14:30:00"),
        ("Mon 08:30", "2026-11-30T13:30:00"),
        ("Fri 13:00", "2026-11-27T18:00:00"),
        ("2026-12-24 13:00", "2026-12-24T18:00:00"),
        ("+1h30m", "2026-11-23T15:30:00"),
    ],
)
def test_a_time_is_the_next_such_instant(said: str, means: str) -> None:
    assert instant_of(said, NEW_YORK, MONDAY_NINE) == at(means)


def test_an_hour_shown_twice_is_the_first_and_then_the_second() -> None:
    first = instant_of("2026-11-01 01:30", NEW_YORK, at("2026-11-01T04:00:00"))
    second = instant_of("01:30", NEW_YORK, first + 1)
    assert (first, second) == (at("2026-11-01T05:30:00"), at("2026-11-01T06:30:00"))
    with Frozen(first):
        assert shown(first, NEW_YORK) == "Sun 2026-11-01 01:30:00 EDT"
        assert shown(second, NEW_YORK) == "Sun 2026-11-01 01:30:00 EST"


@pytest.mark.parametrize(
    ("said", "tomorrow"), [("08:59", "Tue 08:59"), ("00:10", "Tue 00:10"), ("8:59:30", "Tue 8:59:30")]
)
def test_a_time_that_is_over_is_not_taken_for_the_next_days(said: str, tomorrow: str) -> None:
    with pytest.raises(ConfigError) as refused:
        instant_of(said, NEW_YORK, MONDAY_NINE)
    assert str(refused.value) == (
        f"{said!r} is over by then (it is Mon 09:00:00): write {tomorrow!r}, or the date, if the next day is meant"
    )


def test_an_hour_that_never_was_is_refused() -> None:
    with pytest.raises(ConfigError, match="there was no 02:30 on 2026-03-08"):
        instant_of("2026-03-08 02:30", NEW_YORK, at("2026-03-08T05:00:00"))


@pytest.mark.parametrize("said", ["", "soon", "9", "25:00", "Xyz 09:00", "2026-13-01 09:00", "+soon"])
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(ConfigError):
        instant_of(said, NEW_YORK, MONDAY_NINE)


def test_without_a_date_nothing_begins() -> None:
    with pytest.raises(ConfigError, match="has no date"):
        instant_of("09:00", NEW_YORK, None)


@pytest.mark.parametrize(
    ("said", "seconds"), [("90s", 90), ("5m", 300), ("1h30m", 5400), ("2d", 172800), ("0.5s", 0.5)]
)
def test_lengths_of_time_read_and_write(said: str, seconds: float) -> None:
    assert seconds_of(said) == seconds
    assert seconds_of(lasting(seconds)) == seconds


@pytest.mark.parametrize("said", ["", "m", "5", "5 minutes", "-5m"])
def test_what_is_no_length_is_refused(said: str) -> None:
    with pytest.raises(ConfigError):
        seconds_of(said)


def test_written_instants_read_back() -> None:
    for instant in (MONDAY_NINE, MONDAY_NINE + 0.25, at("2026-07-01T00:00:00")):
        assert instant_of(written(instant, NEW_YORK), NEW_YORK, 0.0) == instant


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="no time zone"):
        zone_of("Nowhere")


def test_a_jump_moves_the_wall_only_and_a_suspend_everything_but_the_monotonic_clock() -> None:
    with Frozen("2026-11-23T14:00:00") as frozen:
        wall, mono, now = time.time(), time.monotonic(), Now()
        frozen.jump(3600)
        assert (time.time() - wall, time.monotonic() - mono, now() - wall) == (3600, 0, 0)
        frozen.jump(-3600)
        frozen.suspend(600)
        assert (time.time() - wall, time.monotonic() - mono, now() - wall) == (600, 0, 0)
        frozen.advance(5)
        assert (time.time() - wall, time.monotonic() - mono, now() - wall) == (605, 5, 5)
        assert datetime.now(UTC) == datetime(2026, 11, 23, 14, 10, 5, tzinfo=UTC)
        assert frozen.true == MONDAY_NINE + 605


def test_time_goes_on_afterwards() -> None:
    before = time.time()
    with Frozen("2020-01-01"):
        assert time.time() < before
    assert time.time() >= before
    assert time.monotonic() != time.time()


def test_a_frost_can_be_moved_to_another_start() -> None:
    with Frozen("2020-01-01") as frozen:
        frozen.jump(5)
        frozen.suspend(7)
        frozen.reset("2026-11-23T14:00:00")
        assert (time.time(), time.monotonic()) == (MONDAY_NINE, MONDAY_NINE)


class DueJustAfter:
    """Work that is always due a little later than these clocks can tell, as with chance in its cadence."""

    def __init__(self, frozen: Frozen) -> None:
        self._frozen = frozen
        self.ticks = 0

    def now(self) -> float:
        return self._frozen.wall

    def due_at(self) -> float:
        return self._frozen.wall + 2.4e-7

    def tick(self) -> None:
        self.ticks += 1
        assert self.ticks < 100, "the clock stands still"


def test_work_due_within_the_same_microsecond_does_not_stop_the_clock() -> None:
    with Frozen() as frozen:
        work, began = DueJustAfter(frozen), frozen.true
        frozen.run(work, 5e-6)
        assert (work.ticks, frozen.true) == (5, began + 5e-6)
