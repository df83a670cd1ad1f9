"""Which words does everything else use?"""

from enum import IntEnum, IntFlag, StrEnum


class Severity(IntEnum):
    """How bad a problem is. OK is the severity of a state that is no problem. Ordered; its `value` is the owner's word."""

    OK = 0
    INFO = 1
    WARNING = 2
    ERROR = 3
    CRITICAL = 4

    @property
    def value(self) -> str:  # type: ignore[override]  # agents read the word, `int(severity)` is the number
        """The owner's word: "warning", "error", "critical"."""
        return self.name.lower()

    @classmethod
    def _missing_(cls, value: object) -> "Severity | None":
        """By the owner's word."""
        return next((level for level in cls if level.value == value), None)


class Permit(IntFlag):
    """One thing the agent may do."""

    OPEN_EQUITY = 1
    OPEN_OPTION = 2
    CLOSE_EQUITY = 4
    CLOSE_OPTION = 8
    CANCEL = 16


OPENING = Permit.OPEN_EQUITY | Permit.OPEN_OPTION
CANCELLING = Permit.CANCEL
CLOSING = Permit.CLOSE_EQUITY | Permit.CLOSE_OPTION | Permit.CANCEL
"""Closing and cancelling; no opening."""
ALL = OPENING | CLOSING

EACH_PERMIT = tuple(Permit)
PERMIT_NAMES = {permit: str(permit.name).lower() for permit in EACH_PERMIT}


def permit_names(permits: int) -> list[str]:
    """The single permits in `permits`, by name, in their fixed order."""
    return [PERMIT_NAMES[permit] for permit in EACH_PERMIT if permits & permit]


OK, INFO, WARNING, ERROR, CRITICAL = Severity

KEEP = "(keep)"
"""As a state's issue: whatever was open stays open."""

TIME = "(time)"
"""As an arrow's signal: nothing was heard; time passed."""

ANY = "*"
"""As an arrow's source: every state that has no arrow of its own for the signal."""


class Status(StrEnum):
    """The owner's bands of the score: healthy from 0.7, degraded from 0.3, below that unhealthy."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class Mode(StrEnum):
    """The gate in one word.

    halted: a close permit is closed; reduce_only: both opens are closed; restricted: one is, or there is any block;
    open: else.
    """

    OPEN = "open"
    RESTRICTED = "restricted"
    REDUCE_ONLY = "reduce_only"
    HALTED = "halted"


class Outcome(StrEnum):
    """How an issue ended."""

    RECOVERED = "recovered"
    """A successful reading said otherwise."""
    SUPERSEDED = "superseded"
    """Another problem of the same concern took its place."""
    EXPIRED = "expired"
    """Its time ran out (lives only)."""


class FixResult(StrEnum):
    """The owner's AutoFixResult."""

    FIXED = "fixed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
