"""Is the record being kept?

After a restart opening waits for two fresh rounds on record.
"""

from supervisor.concerns.common import showing
from supervisor.concerns.facts import Keeping, Record
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.guards import in_a_row
from supervisor.core.reading import Round
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, ANY, CLOSING, ERROR, KEEP, OK

WRITTEN = Keeping.WRITTEN.value
RESUMED = Keeping.RESUMED.value
UNWRITABLE = Keeping.UNWRITABLE.value


def journal(_: Settings) -> Concern:
    """The concern and its table."""
    # fmt: off
    states = (
        State("unknown",    OK,    CLOSING, issue=KEEP, means="Nothing has been written yet."),
        State("kept",       OK,    ALL,                 means="Every move is on record before it is acted on."),
        State("resumed",    OK,    CLOSING, issue=KEEP, means="Taken up after a stop; opening waits for two fresh rounds."),
        State("unwritable", ERROR, CLOSING, issue="journal_unwritable", means="The journal can't be written.",
              says="The journal cannot be written: free the disk or fix its folder"),
    )
    arrows = (
        Arrow("unknown",    WRITTEN,    "kept"),
        Arrow("resumed",    WRITTEN,    "kept", only_if=in_a_row(2)),
        Arrow("unwritable", WRITTEN,    "kept"),
        Arrow("unwritable", RESUMED,    "unwritable"),
        Arrow(ANY,          RESUMED,    "resumed"),
        Arrow(ANY,          UNWRITABLE, "unwritable"),
    )
    # fmt: on
    table = Table(
        "journal", states, arrows, about="Is the record being kept?", words={WRITTEN: "the record is written again"}
    )
    return Concern(table, judge, "system", showing("journal"), flaps=False)


def judge(round_: Round) -> str | None:
    """The round's signal to this concern."""
    reading = round_.get("journal")
    return reading.value.keeping.value if reading and isinstance(reading.value, Record) else None
