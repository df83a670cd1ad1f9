"""Do our orders reach the broker, and does it take them?

The list of orders is read at start and while any works. Trips and orders in doubt close what they must at once, as
lives of their own with issues of their own; here it is shown how orders fare as a whole, and that they can be read.
"""

from supervisor.concerns.common import GARBLED, MISSED, missed, showing
from supervisor.concerns.order_facts import Flow, OrderFlow
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.guards import in_a_row
from supervisor.core.reading import Round
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, ANY, CLOSING, ERROR, KEEP, OK

FLOWING = "read_flowing"
REJECTING = "read_rejecting"
TRIPPED = "read_tripped"
PROBING = "read_probing"
AMBIGUOUS = "read_ambiguous"

SHOWN = {
    Flow.FLOWING: FLOWING,
    Flow.REJECTING: REJECTING,
    Flow.TRIPPED: TRIPPED,
    Flow.PROBING: PROBING,
    Flow.AMBIGUOUS: AMBIGUOUS,
}


def orders(settings: Settings) -> Concern:
    """The concern and its table."""
    missed_often = in_a_row(settings.fall)
    # fmt: off
    states = (
        State("unknown",    OK,    CLOSING, issue=KEEP, means="The list of orders has not been read."),
        State("flowing",    OK,    ALL,                 means="The broker takes our orders."),
        State("rejecting",  OK,    ALL,                 means="Some orders were refused lately."),
        State("probing",    OK,    ALL,                 means="After a trip, one previewed order probes whether they are taken again."),
        State("ambiguous",  OK,    ALL,                 means="An order is in doubt; nothing opens on its symbol."),
        State("tripped",    OK,    CLOSING,             means="Too many orders were refused for one cause."),
        State("unsteady",   OK,    CLOSING, issue=KEEP, means="Could not be read once or twice; looking again quickly."),
        State("unreadable", ERROR, CLOSING, issue="orders_unreadable",
              means="The list of orders could not be read several times in a row.", says="Orders cannot be read from {broker}"),
    )
    arrows = (
        Arrow("unknown",    MISSED,    "unreadable", only_if=missed_often),
        Arrow("flowing",    MISSED,    "unsteady"),
        Arrow("rejecting",  MISSED,    "unsteady"),
        Arrow("probing",    MISSED,    "unsteady"),
        Arrow("ambiguous",  MISSED,    "unsteady"),
        Arrow("tripped",    MISSED,    "unsteady"),
        Arrow("unsteady",   MISSED,    "unreadable", only_if=missed_often),
        Arrow(ANY,          FLOWING,   "flowing"),
        Arrow(ANY,          REJECTING, "rejecting"),
        Arrow(ANY,          PROBING,   "probing"),
        Arrow(ANY,          AMBIGUOUS, "ambiguous"),
        Arrow(ANY,          TRIPPED,   "tripped"),
    )
    # fmt: on
    table = Table(
        "orders",
        states,
        arrows,
        families=(MISSED,),
        depends_on=("account",),
        about="Do our orders reach the broker, and does it take them?",
        words={FLOWING: "orders pass again: none is in doubt and no trip is open"},
    )
    return Concern(table, judge, "order", showing("orders"), flaps=False)


def judge(round_: Round) -> str | None:
    """The round's signal to this concern."""
    reading = round_.get("orders")
    if reading is None:
        return None
    if reading.failure is not None:
        return missed(reading.failure)
    return SHOWN[reading.value.flow] if isinstance(reading.value, OrderFlow) else GARBLED
