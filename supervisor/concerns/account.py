"""Is the account ours, and may it trade?

Only "active", "open" and "approved" are good. A status the broker does not give is doubt, not a restriction.
"""

from supervisor.concerns.common import GARBLED, MISSED, missed, showing
from supervisor.concerns.facts import Profile
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.guards import held, in_a_row, silent
from supervisor.core.reading import Kind, Round
from supervisor.core.table import Arrow, Family, State, Table
from supervisor.core.words import ALL, ANY, CANCELLING, CLOSING, CRITICAL, ERROR, KEEP, OK, TIME, WARNING

ACTIVE = "read_active"
RESTRICTED = "read_restricted"
CLOSED = "read_closed"
UNCONFIRMED = "read_unconfirmed"
MISSING = "not_found"

GOOD_STATUS = frozenset({"active", "open", "approved"})
NO_STATUS = frozenset({None, "", "unknown"})
IN_ACCOUNT = ("profile", "balances", "positions", "orders")
"""Sources whose path or list names the account itself."""


def account(settings: Settings) -> Concern:
    """The concern and its table."""
    missed_often = in_a_row(settings.fall)
    stale = silent(settings.stale)
    again = (in_a_row(settings.reopen_rounds), held(settings.dwell))
    # fmt: off
    states = (
        State("unknown",     OK,       CLOSING,    issue=KEEP, means="The account has not been read, or not lately."),
        State("active",      OK,       ALL,                    means="The account is ours and active."),
        State("unsteady",    OK,       CLOSING,    issue=KEEP, means="Could not be read once or twice; looking again quickly."),
        State("recovering",  OK,       CLOSING,                means="Active again; opening waits until it lasts."),
        State("unconfirmed", WARNING,  CLOSING,    issue="account_unconfirmed",
              means="The broker gives the account no status.", says="{broker} does not say whether the account is active"),
        State("unreadable",  ERROR,    CLOSING,    issue="account_unreadable",
              means="The account could not be read several times in a row.", says="The account cannot be read from {broker}"),
        State("restricted",  CRITICAL, CLOSING,    issue="account_restricted",
              means="The broker restricts the account.", says="The account is restricted by {broker}"),
        State("closed",      CRITICAL, CANCELLING, issue="account_restricted",
              means="The account is closed.", says="The account is closed at {broker}"),
        State("missing",     CRITICAL, CANCELLING, issue="account_not_found", blinds=True,
              means="The token does not own the account.", says="The account is not among those of our token at {broker}"),
    )
    arrows = (
        Arrow("unknown",     ACTIVE,      "active"),
        Arrow("unknown",     MISSED,      "unreadable", only_if=missed_often),
        Arrow("active",      MISSED,      "unsteady"),
        Arrow("active",      TIME,        "unknown",    only_if=stale),
        Arrow("unsteady",    ACTIVE,      "active"),
        Arrow("unsteady",    MISSED,      "unreadable", only_if=missed_often),
        Arrow("recovering",  ACTIVE,      "active",     only_if=again),
        Arrow("recovering",  MISSED,      "unreadable", only_if=missed_often),
        Arrow("recovering",  MISSED,      "recovering"),
        Arrow("unconfirmed", ACTIVE,      "recovering"),
        Arrow("unconfirmed", MISSED,      "unreadable", only_if=missed_often),
        Arrow("unreadable",  ACTIVE,      "recovering"),
        Arrow("restricted",  ACTIVE,      "recovering"),
        Arrow("closed",      ACTIVE,      "recovering"),
        Arrow("missing",     ACTIVE,      "recovering"),
        Arrow(ANY,           UNCONFIRMED, "unconfirmed"),
        Arrow(ANY,           RESTRICTED,  "restricted"),
        Arrow(ANY,           CLOSED,      "closed"),
        Arrow(ANY,           MISSING,     "missing"),
    )
    # fmt: on
    table = Table(
        "account",
        states,
        arrows,
        families=(MISSED, Family("active", (ACTIVE,))),
        depends_on=("credentials",),
        about="Is the account ours, and may it trade?",
        words={ACTIVE: "the broker shows our account as active"},
    )
    return Concern(table, judge, "permissions", showing(*IN_ACCOUNT))


def judge(round_: Round) -> str | None:
    """The round's signal to this concern. An account the broker calls foreign anywhere is missing."""
    for reading in round_.readings.values():
        failure = reading.failure
        if failure is not None and failure.kind is Kind.FOREIGN_ACCOUNT and reading.source in IN_ACCOUNT:
            return MISSING
    found = round_.get("profile")
    if found is None:
        return None
    if found.failure is not None:
        return missed(found.failure)
    if not isinstance(found.value, Profile):
        return GARBLED
    ours = found.value.ours()
    if ours is None:
        return MISSING
    if ours.status in GOOD_STATUS:
        return ACTIVE
    if ours.status in NO_STATUS:
        return UNCONFIRMED
    return CLOSED if ours.status == "closed" else RESTRICTED
