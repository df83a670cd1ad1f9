"""Do we know what is held, and is it all ours?

Read at start, on reconnecting, after fills, and with every round while anything is held or works. A round in which the
broker answered nothing at all is a miss here too: after an outage opening waits for one good reading of positions.
"""

from supervisor.concerns.common import FAILED, GARBLED, MISSED, SILENT_KINDS, missed, of_broker, showing
from supervisor.concerns.order_facts import Holdings
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.guards import in_a_row, silent
from supervisor.core.reading import Round
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, ANY, CLOSING, ERROR, KEEP, OK, TIME

IDLE = "read_idle"
"""Nothing is held and nothing works."""
EXPECTED = "read_expected"
UNEXPECTED = "read_unexpected"


def positions(settings: Settings) -> Concern:
    """The concern and its table."""
    missed_often = in_a_row(settings.fall)
    stale = silent(settings.stale)
    # fmt: off
    states = (
        State("unknown",    OK,    CLOSING, issue=KEEP, means="Positions have not been read, or not lately."),
        State("idle",       OK,    ALL,                 means="Nothing is held and no order works."),
        State("known",      OK,    ALL,                 means="Our orders explain all that is held."),
        State("unsteady",   OK,    CLOSING, issue=KEEP, means="Could not be read; opening waits for one good reading."),
        State("unreadable", ERROR, CLOSING, issue="positions_unreadable",
              means="Positions could not be read several times in a row.", says="Positions cannot be read from {broker}"),
        State("unexpected", ERROR, CLOSING, issue="position_unexpected",
              means="Something is held that no order of ours explains.",
              says="Positions at {broker} changed in a way that no order of ours explains: look, then acknowledge it"),
    )
    arrows = (
        Arrow("unknown",    MISSED,     "unreadable", only_if=missed_often),
        Arrow("idle",       MISSED,     "unsteady"),
        Arrow("known",      MISSED,     "unsteady"),
        Arrow("known",      TIME,       "unknown",    only_if=stale),
        Arrow("unsteady",   MISSED,     "unreadable", only_if=missed_often),
        Arrow(ANY,          IDLE,       "idle"),
        Arrow(ANY,          EXPECTED,   "known"),
        Arrow(ANY,          UNEXPECTED, "unexpected"),
    )
    # fmt: on
    table = Table(
        "positions",
        states,
        arrows,
        families=(MISSED,),
        depends_on=("account",),
        about="Do we know what is held, and is it all ours?",
        words={IDLE: "positions are read and all that is held is explained"},
    )
    return Concern(table, judge, "positions", showing("positions"), flaps=False)


def judge(round_: Round) -> str | None:
    """The round's signal to this concern."""
    reading = round_.get("positions")
    if reading is None:
        return _outage(round_)
    if reading.failure is not None:
        return missed(reading.failure)
    if not isinstance(reading.value, Holdings):
        return GARBLED
    if reading.value.unexplained:
        return UNEXPECTED
    return IDLE if reading.value.idle else EXPECTED


def _outage(round_: Round) -> str | None:
    """A miss, where the broker was asked other things and answered none of them."""
    asked = [
        reading
        for reading in round_.readings.values()
        if of_broker(reading.source) and not (reading.failure is not None and reading.failure.kind in SILENT_KINDS)
    ]
    return FAILED if asked and all(reading.failure is not None for reading in asked) else None
