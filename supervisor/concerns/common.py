"""What do all concerns share? The signals of a failed reading, and the words for what a round showed."""

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol, runtime_checkable

from supervisor.core.reading import Failure, Kind, Reading, Round
from supervisor.core.table import Family

FAILED = "failed"
"""Asked, and nothing usable came back."""
GARBLED = "garbled"
"""Something came back, in no shape the broker is known to use."""

MISSED = Family("missed", (FAILED, GARBLED), miss=True)

OWN_SOURCES = frozenset({"endpoint", "operator", "journal"})
EXTRA = "extra:"
"""How the sources of a user's own probes begin."""


@lru_cache(maxsize=256)  # asked for every reading of every round, several times
def of_broker(source: str) -> bool:
    """Whether readings of that source are a look at the broker."""
    return source not in OWN_SOURCES and not source.startswith(EXTRA)


SILENT_KINDS = frozenset({Kind.QUOTA, Kind.WITHHELD})
"""Failures that are no signal: quota neither counts nor resets, and what was not asked says nothing."""


def missed(failure: Failure) -> str | None:
    """The signal of a failed reading to a concern that needed it; None where it says nothing."""
    if failure.kind in SILENT_KINDS:
        return None
    return GARBLED if failure.kind is Kind.GARBLED else FAILED


NOTABLE = 1.0
"""Seconds from which it is said how long an answer took."""


@runtime_checkable
class Spoken(Protocol):
    """A fact that can say itself."""

    def words(self) -> str:
        """In words fit for a log."""


def shown(reading: Reading) -> str:
    """One reading in words: what came, or why nothing did, with the broker's own words."""
    failure = reading.failure
    if failure is None:
        value = reading.value
        said = value.words() if isinstance(value, Spoken) else "answered"
        late = f" (after {reading.took:.1f} s)" if reading.took >= NOTABLE else ""
        return f"{reading.source}: {said}{late}"
    status = f"HTTP {failure.status}, " if failure.status else ""
    return f"{reading.source}: {failure.kind.value} ({status}{reading.took:.1f} s): {failure.words}"


def showing(*sources: str) -> Callable[[Round], str]:
    """The evidence of a concern that reads these sources; with none named, of every look at the broker."""

    def evidence(round_: Round) -> str:
        found = [
            reading
            for reading in round_.readings.values()
            if (reading.source in sources if sources else of_broker(reading.source))
        ]
        return "; ".join(shown(reading) for reading in found)

    return evidence
