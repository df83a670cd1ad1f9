"""Is the account approved for the options the agent trades?"""

from supervisor.concerns.common import GARBLED, MISSED, missed, showing
from supervisor.concerns.facts import Profile
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.guards import held, in_a_row, silent
from supervisor.core.reading import Round
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, ANY, CLOSING, ERROR, KEEP, OK, TIME, Permit

APPROVED = "read_approved"
LOW = "read_low"


def approval(settings: Settings) -> Concern:
    """The concern and its table."""
    missed_often = in_a_row(settings.fall)
    stale = silent(settings.stale)
    again = (in_a_row(settings.reopen_rounds), held(settings.dwell))
    equities = CLOSING | Permit.OPEN_EQUITY
    # fmt: off
    states = (
        State("unknown",    OK,    CLOSING,  issue=KEEP, means="The option level has not been read, or not lately."),
        State("approved",   OK,    ALL,                  means="The option level is high enough."),
        State("unsteady",   OK,    CLOSING,  issue=KEEP, means="Could not be read once or twice; looking again quickly."),
        State("recovering", OK,    equities,             means="High enough again; option openings wait until it lasts."),
        State("unsettled",  OK,    CLOSING,              means="Could not be read while recovering; looking again quickly."),
        State("low",        ERROR, equities, issue="options_not_approved",
              means=f"The option level is below {settings.option_level}: equities only.",
              says=f"The account's option level is below {settings.option_level}: option openings are blocked"),
        State("unreadable", ERROR, CLOSING,  issue="approval_unreadable",
              means="The option level could not be read several times in a row.",
              says="The account's option level cannot be read from {broker}"),
    )
    arrows = (
        Arrow("unknown",    APPROVED, "approved"),
        Arrow("unknown",    MISSED,   "unreadable", only_if=missed_often),
        Arrow("approved",   MISSED,   "unsteady"),
        Arrow("approved",   TIME,     "unknown",    only_if=stale),
        Arrow("unsteady",   APPROVED, "approved"),
        Arrow("unsteady",   MISSED,   "unreadable", only_if=missed_often),
        Arrow("recovering", APPROVED, "approved",   only_if=again),
        Arrow("recovering", MISSED,   "unsettled"),
        Arrow("recovering", TIME,     "unknown",    only_if=stale),
        Arrow("unsettled",  APPROVED, "recovering"),
        Arrow("unsettled",  MISSED,   "unreadable", only_if=missed_often),
        Arrow("low",        APPROVED, "recovering"),
        Arrow("low",        MISSED,   "unsteady"),
        Arrow("low",        TIME,     "unknown",    only_if=stale),
        Arrow("unreadable", APPROVED, "recovering"),
        Arrow(ANY,          LOW,      "low"),
    )
    # fmt: on
    table = Table(
        "approval",
        states,
        arrows,
        families=(MISSED,),
        depends_on=("account",),
        about="Is the account approved for the options the agent trades?",
        words={APPROVED: "the broker shows the option level that the agent needs"},
    )

    def judge(round_: Round) -> str | None:
        reading = round_.get("profile")
        if reading is None:
            return None
        if reading.failure is not None:
            return missed(reading.failure)
        ours = reading.value.ours() if isinstance(reading.value, Profile) else None
        if ours is None:
            return None  # the account concern judges that
        if ours.option_level is None:
            return GARBLED
        return APPROVED if ours.option_level >= settings.option_level else LOW

    return Concern(table, judge, "permissions", showing("profile"))
