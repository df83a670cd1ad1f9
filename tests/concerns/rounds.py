"""Rounds as the tests of concerns need them: a good one, with what is said otherwise."""

from decimal import Decimal
from typing import Any

from supervisor.concerns.facts import Account, Balances, Endpoint, Keeping, Place, Profile, Record
from supervisor.core.reading import Failure, Kind, Reading, Round

GOOD_MONEY = Balances("margin", Decimal(22416), Decimal(11208), Decimal(0))


def profile(status: str | None = "active", level: int | None = 2, *, ours: bool = True) -> Profile:
    return Profile((Account("****0001", ours, status, level, "margin"),))


def balances(equity: str = "100", option: str = "50", calls: str = "0") -> Balances:
    return Balances("margin", Decimal(equity), Decimal(option), Decimal(calls))


def failed(kind: Kind, words: str = "words", status: int | None = None) -> Failure:
    return Failure(kind, words, status)


def reading(source: str, value: Any, *, took: float = 0.1, skew: float | None = None) -> Reading:
    if isinstance(value, Failure):
        return Reading(source, 0.0, took, failure=value, skew=skew)
    return Reading(source, 0.0, took, value=value, skew=skew)


def round_of(
    profile_: Any = None, balances_: Any = None, *, took: float = 0.1, skew: float | None = 0.0, **others: Any
) -> Round:
    """A round with these two readings (good ones by default) and whatever else is named."""
    return Round.of(
        reading("profile", profile_ or profile(), took=took, skew=skew),
        reading("balances", balances_ or GOOD_MONEY, took=took, skew=skew),
        *(reading(source, value) for source, value in others.items()),
    )


OURS: dict[str, Any] = {
    "endpoint": Endpoint(Place.SANDBOX, Place.SANDBOX, "sandbox.tradier.com"),
    "journal": Record(Keeping.WRITTEN),
}
"""The readings that are no look at the broker, all well."""
