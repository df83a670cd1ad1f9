"""Does the broker answer, and soon enough?

Answered if any endpoint gave a known body; else failed if any failed; else garbled. A quota fault is an answer too, but
one that neither counts nor resets anything.
"""

from supervisor.concerns.common import FAILED, GARBLED, MISSED, of_broker, showing
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.guards import held, in_a_row, lately, silent
from supervisor.core.reading import Kind, Round
from supervisor.core.table import Arrow, Family, State, Table
from supervisor.core.words import ALL, CLOSING, CRITICAL, ERROR, KEEP, OK, TIME, WARNING

ANSWERED = "answered"
LAGGED = "lagged"
"""Answered, neither promptly nor slowly: enough to go on, not enough to be called prompt again."""
SLOW = "slow"
THROTTLED = "throttled"

HEARD = Family("heard", (ANSWERED, LAGGED, SLOW))

KNOWN_BODY = frozenset({Kind.CREDENTIALS, Kind.FOREIGN_ACCOUNT, Kind.DECLINED})


def connection(settings: Settings) -> Concern:
    """The concern and its table."""
    missed_often = in_a_row(settings.fall)
    again = (in_a_row(settings.reopen_rounds), held(settings.dwell))
    slow_often = lately(settings.slow_rounds, settings.slow_window, SLOW)
    prompt_again = lately(settings.slow_rounds, settings.slow_rounds, ANSWERED)
    stale = silent(settings.stale)
    cannot = "Cannot connect to {broker} API"
    # fmt: off
    states = (
        State("unknown",    OK,       CLOSING, issue=KEEP,                means="Not heard from yet, or not lately."),
        State("up",         OK,       ALL,                                means="Answers, and soon enough."),
        State("unsteady",   OK,       CLOSING, issue=KEEP,                means="Missed once or twice; looking again quickly."),
        State("recovering", OK,       CLOSING,                            means="Answers again; opening waits until it lasts."),
        State("slow",       WARNING,  ALL,     issue="broker_slow",       means="Answers, but slowly.",
              says="{broker} API answers slowly"),
        State("throttled",  WARNING,  ALL,     issue="rate_limited",      means="Answers that we ask too often; asking less.",
              says="{broker} API says we ask too often"),
        State("nonsense",   ERROR,    CLOSING, issue="connection_error",  means="Answers nothing that can be read.", blinds=True,
              says="{broker} API answers nothing that can be read"),
        State("down",       CRITICAL, CLOSING, issue="connection_failed", means="Missed several times in a row.", blinds=True,
              says=cannot),
    )
    arrows = (
        Arrow("unknown",    HEARD,     "up"),
        Arrow("unknown",    THROTTLED, "throttled"),
        Arrow("unknown",    FAILED,    "down",       only_if=missed_often),
        Arrow("unknown",    GARBLED,   "nonsense",   only_if=missed_often),
        Arrow("up",         SLOW,      "slow",       only_if=slow_often),
        Arrow("up",         THROTTLED, "throttled"),
        Arrow("up",         MISSED,    "unsteady"),
        Arrow("up",         TIME,      "unknown",    only_if=stale),
        Arrow("unsteady",   SLOW,      "slow",       only_if=slow_often),
        Arrow("unsteady",   HEARD,     "up"),
        Arrow("unsteady",   THROTTLED, "throttled"),
        Arrow("unsteady",   FAILED,    "down",       only_if=missed_often),
        Arrow("unsteady",   GARBLED,   "nonsense",   only_if=missed_often),
        Arrow("recovering", HEARD,     "up",         only_if=again),
        Arrow("recovering", FAILED,    "down",       only_if=missed_often),
        Arrow("recovering", GARBLED,   "nonsense",   only_if=missed_often),
        Arrow("recovering", MISSED,    "recovering"),
        Arrow("slow",       ANSWERED,  "up",         only_if=prompt_again),
        Arrow("slow",       THROTTLED, "throttled"),
        Arrow("slow",       MISSED,    "unsteady"),
        Arrow("slow",       TIME,      "unknown",    only_if=stale),
        Arrow("throttled",  HEARD,     "up"),
        Arrow("throttled",  FAILED,    "down",       only_if=missed_often),
        Arrow("throttled",  GARBLED,   "nonsense",   only_if=missed_often),
        Arrow("throttled",  MISSED,    "unsteady"),
        Arrow("throttled",  TIME,      "unknown",    only_if=stale),
        Arrow("nonsense",   HEARD,     "recovering", only_if=in_a_row(settings.rise)),
        Arrow("nonsense",   FAILED,    "down",       only_if=missed_often),
        Arrow("down",       HEARD,     "recovering", only_if=in_a_row(settings.rise)),
    )
    # fmt: on
    table = Table(
        "connection",
        states,
        arrows,
        families=(HEARD, MISSED),
        neutral=(THROTTLED,),
        depends_on=("endpoint",),
        about="Does the broker answer, and soon enough?",
        words={ANSWERED: "the broker answers"},
    )

    def judge(round_: Round) -> str | None:
        answered = failed = garbled = throttled = False
        slowest = 0.0
        for reading in round_.readings.values():
            if not of_broker(reading.source):
                continue
            failure = reading.failure
            if failure is None or failure.kind in KNOWN_BODY:
                answered = True
                slowest = max(slowest, reading.took)
            elif failure.kind is Kind.QUOTA:
                throttled = True
            elif failure.kind is Kind.GARBLED:
                garbled = True
            elif failure.kind is not Kind.WITHHELD:
                failed = True
        if throttled:
            return THROTTLED
        if not answered:
            return FAILED if failed else GARBLED if garbled else None
        if slowest > settings.slow:
            return SLOW
        return ANSWERED if slowest <= settings.prompt else LAGGED

    return Concern(table, judge, "connection", showing())
