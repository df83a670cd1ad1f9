"""What did one look at the world bring back: a value, or a typed failure?

A reading never holds an empty guess. Whoever reads it asks `failure` first; there is no third case.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs


class Kind(StrEnum):
    """Why a reading brought no value, whoever the broker is."""

    UNREACHABLE = "unreachable"
    """Refused, reset, no such name, no route, TLS failure: nothing answered."""
    TIMEOUT = "timeout"
    """The total deadline passed, whatever had dripped in by then."""
    SERVER = "server"
    """The broker's own machinery failed: a 5xx, or a server fault wearing another status."""
    GARBLED = "garbled"
    """Something answered, but not in any shape the broker is known to use."""
    CREDENTIALS = "credentials"
    """Our token was refused: bad, expired, revoked, or meant for the other environment."""
    FOREIGN_ACCOUNT = "foreign_account"
    """The token is known, the account (or order) named in the path is not ours."""
    QUOTA = "quota"
    """Asked too often. Never a failure: it neither counts as a miss nor resets one."""
    DECLINED = "declined"
    """A known, definite refusal of this one request."""
    WITHHELD = "withheld"
    """We did not ask: wrong host, a token known to be rejected, or quota held back."""


class Retry(StrEnum):
    """When asking again may help."""

    NEVER = "never"
    AFTER_FIX = "after_a_fix"
    AFTER_TIME = "after_a_time"
    OUTCOME_UNKNOWN = "outcome_unknown"


@attrs.frozen
class Failure:
    """Why there is no value.

    `words` are the broker's own, verbatim but for masked secrets and account numbers; `status` is the HTTP status
    when there was one; `retry_at` is the instant (epoch seconds) from which the broker said to ask again, if it did.
    """

    kind: Kind
    words: str
    status: int | None = None
    retry: Retry = Retry.AFTER_TIME
    retry_at: float | None = None


@attrs.frozen
class Reading:
    """What one probe brought back: `value` or `failure`, never both and never neither.

    `source` names the question ("profile", "balances"…); `at` is when the answer was complete (epoch seconds); `took`
    is how long it took in seconds; `skew` is the broker's clock minus ours in seconds where the reply said;
    `quota_left` is the fraction (0 to 1) of the broker's allowance still available where the reply said.
    """

    source: str
    at: float
    took: float
    value: Any = None
    failure: Failure | None = None
    skew: float | None = None
    quota_left: float | None = None

    def heard(self, source: str, at: float) -> "Reading":
        """The same as the answer to that question, complete at that instant by the listener's own clock."""
        return Reading(source, at, self.took, self.value, self.failure, self.skew, self.quota_left)


@attrs.frozen
class Round:
    """The readings of one look at the broker, by source, judged together."""

    readings: Mapping[str, Reading]

    @classmethod
    def of(cls, *readings: Reading) -> "Round":
        """A round of these readings."""
        return cls({reading.source: reading for reading in readings})

    def get(self, source: str) -> Reading | None:
        """The reading of that source, or None where this round did not ask it."""
        return self.readings.get(source)
