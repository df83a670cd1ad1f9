"""Does the broker accept our token?

Refused only where some endpoint refused it and none accepted it. The first refusal closes opening, the second closing
too: tokens blip, but hammering a dead one is worse.
"""

from supervisor.concerns.common import of_broker, showing
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.guards import held, in_a_row, silent
from supervisor.core.reading import Kind, Round
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, CANCELLING, CLOSING, CRITICAL, KEEP, OK, TIME

ACCEPTED = "accepted"
REFUSED = "refused"

TOKEN_KNOWN = frozenset({Kind.FOREIGN_ACCOUNT, Kind.DECLINED})
"""Refusals that a broker only gives once it knows the token."""


def credentials(settings: Settings) -> Concern:
    """The concern and its table."""
    stale = silent(settings.stale)
    # fmt: off
    states = (
        State("unknown",    OK,       CLOSING,    issue=KEEP, means="Our token has not been tried, or not lately."),
        State("accepted",   OK,       ALL,                    means="The broker accepts our token."),
        State("doubted",    OK,       CLOSING,    issue=KEEP, means="Our token was refused once; trying it once more."),
        State("recovering", OK,       CLOSING,                means="Our token is accepted again; opening waits until it lasts."),
        State("rejected",   CRITICAL, CANCELLING, issue="credentials_rejected", blinds=True,
              means="Our token was refused twice: bad, expired, or for the other environment.",
              says="{broker} rejects our token: put a valid one in TRADIER_API_KEY"),
    )
    arrows = (
        Arrow("unknown",    ACCEPTED, "accepted"),
        Arrow("unknown",    REFUSED,  "doubted"),
        Arrow("accepted",   REFUSED,  "doubted"),
        Arrow("accepted",   TIME,     "unknown",    only_if=stale),
        Arrow("doubted",    ACCEPTED, "accepted"),
        Arrow("doubted",    REFUSED,  "rejected",   only_if=in_a_row(2)),
        Arrow("recovering", ACCEPTED, "accepted",   only_if=(in_a_row(settings.reopen_rounds), held(settings.dwell))),
        Arrow("recovering", REFUSED,  "rejected",   only_if=in_a_row(2)),
        Arrow("recovering", REFUSED,  "recovering"),
        Arrow("rejected",   ACCEPTED, "recovering"),
    )
    # fmt: on
    table = Table(
        "credentials",
        states,
        arrows,
        depends_on=("connection",),
        about="Does the broker accept our token?",
        words={ACCEPTED: "the broker accepts the token"},
    )

    def judge(round_: Round) -> str | None:
        refused = False
        for reading in round_.readings.values():
            if not of_broker(reading.source):
                continue
            if reading.failure is None or reading.failure.kind in TOKEN_KNOWN:
                return ACCEPTED
            refused = refused or reading.failure.kind is Kind.CREDENTIALS
        return REFUSED if refused else None

    return Concern(table, judge, "credentials", showing())
