"""Does our clock agree with the broker's?

A broker that sends no `Date` gives nothing to compare, and that is no sign of skew: so the first state permits.
"""

from supervisor.concerns.common import of_broker, showing
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.guards import held, in_a_row, silent
from supervisor.core.reading import Round
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, CLOSING, ERROR, KEEP, OK, TIME

AGREED = "agreed"
SKEWED = "skewed"


def clock(settings: Settings) -> Concern:
    """The concern and its table."""
    # fmt: off
    states = (
        State("undated",    OK,    ALL,     issue=KEEP, means="No time came from the broker lately: nothing to compare."),
        State("agreed",     OK,    ALL,                 means="Our clock agrees with the broker's."),
        State("doubted",    OK,    CLOSING, issue=KEEP, means="The clocks differed once; looking again."),
        State("recovering", OK,    CLOSING,             means="The clocks agree again; opening waits until it lasts."),
        State("skewed",     ERROR, CLOSING, issue="clock_skew", means="Our clock differs from the broker's.",
              says=f"Our clock differs from {{broker}}'s by more than {settings.skew:g} s"),
    )
    arrows = (
        Arrow("undated",    AGREED, "agreed"),
        Arrow("undated",    SKEWED, "doubted"),
        Arrow("agreed",     SKEWED, "doubted"),
        Arrow("agreed",     TIME,   "undated",    only_if=silent(settings.stale)),
        Arrow("doubted",    AGREED, "agreed"),
        Arrow("doubted",    SKEWED, "skewed",     only_if=in_a_row(2)),
        Arrow("recovering", AGREED, "agreed",     only_if=(in_a_row(settings.reopen_rounds), held(settings.dwell))),
        Arrow("recovering", SKEWED, "skewed",     only_if=in_a_row(2)),
        Arrow("recovering", SKEWED, "recovering"),
        Arrow("skewed",     AGREED, "recovering"),
    )
    # fmt: on
    table = Table(
        "clock",
        states,
        arrows,
        depends_on=("connection",),
        about="Does our clock agree with the broker's?",
        words={AGREED: "the broker's clock and ours agree"},
    )

    def judge(round_: Round) -> str | None:
        least: float | None = None
        for reading in round_.readings.values():
            skew = reading.skew
            if skew is not None and of_broker(reading.source):
                # where in a slow exchange the broker read its clock is not known
                sure = abs(skew) - reading.took / 2
                if least is None or sure < least:
                    least = sure
        if least is None:
            return None
        return SKEWED if least > settings.skew else AGREED

    def evidence(round_: Round) -> str:
        seen = [f"{r.source}: {r.skew:+.1f} s" for r in round_.readings.values() if r.skew is not None]
        return "broker's clock minus ours: " + ", ".join(seen) if seen else showing()(round_)

    return Concern(table, judge, "system", evidence)
