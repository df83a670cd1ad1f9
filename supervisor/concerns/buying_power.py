"""Is there money to open with?

Judged by what may be spent: settled cash, or the option and stock buying power of a margin account. It comes and goes
with the agent's own trading, so there is no dwell, and flapping is not a fault of its own.
"""

from decimal import Decimal

from supervisor.concerns.common import GARBLED, MISSED, missed, showing
from supervisor.concerns.facts import Balances
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.guards import in_a_row, silent
from supervisor.core.reading import Round
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, ANY, CLOSING, ERROR, KEEP, OK, TIME, WARNING, Permit

FUNDED = "read_funded"
LOW = "read_low"
NO_STOCK = "read_no_stock_power"
NO_OPTION = "read_no_option_power"
EMPTY = "read_empty"
CALLED = "read_margin_call"

ZERO = Decimal(0)


def buying_power(settings: Settings) -> Concern:
    """The concern and its table."""
    missed_often = in_a_row(settings.fall)
    stale = silent(settings.stale)
    no_stock = ALL & ~Permit.OPEN_EQUITY
    no_option = ALL & ~Permit.OPEN_OPTION
    # fmt: off
    states = (
        State("unknown",     OK,      CLOSING,   issue=KEEP, means="Balances have not been read, or not lately."),
        State("funded",      OK,      ALL,                   means="There is money to open with."),
        State("unsteady",    OK,      CLOSING,   issue=KEEP, means="Could not be read once or twice; looking again quickly."),
        State("low",         WARNING, ALL,       issue="low_buying_power", means="Less buying power than the floor set.",
              says="Buying power is below the floor set"),
        State("no_option",   WARNING, no_option, issue="no_buying_power",  means="No buying power for options.",
              says="No buying power for options"),
        State("no_stock",    WARNING, no_stock,  issue="no_buying_power",  means="No buying power for equities.",
              says="No buying power for equities"),
        State("empty",       WARNING, CLOSING,   issue="no_buying_power",  means="No buying power at all.",
              says="No buying power"),
        State("called",      ERROR,   CLOSING,   issue="margin_call",      means="The broker demands money: a margin call.",
              says="{broker} shows a margin call"),
        State("unreadable",  ERROR,   CLOSING,   issue="buying_power_unreadable",
              means="Balances could not be read several times in a row.", says="Balances cannot be read from {broker}"),
    )
    arrows = (
        Arrow("unknown",   MISSED,    "unreadable", only_if=missed_often),
        Arrow("funded",    MISSED,    "unsteady"),
        Arrow("funded",    TIME,      "unknown",    only_if=stale),
        Arrow("unsteady",  MISSED,    "unreadable", only_if=missed_often),
        Arrow("low",       MISSED,    "unsteady"),
        Arrow("low",       TIME,      "unknown",    only_if=stale),
        Arrow("no_option", MISSED,    "unsteady"),
        Arrow("no_option", TIME,      "unknown",    only_if=stale),
        Arrow("no_stock",  MISSED,    "unsteady"),
        Arrow("no_stock",  TIME,      "unknown",    only_if=stale),
        Arrow("empty",     MISSED,    "unreadable", only_if=missed_often),
        Arrow(ANY,         FUNDED,    "funded"),
        Arrow(ANY,         LOW,       "low"),
        Arrow(ANY,         NO_OPTION, "no_option"),
        Arrow(ANY,         NO_STOCK,  "no_stock"),
        Arrow(ANY,         EMPTY,     "empty"),
        Arrow(ANY,         CALLED,    "called"),
    )
    # fmt: on
    table = Table(
        "buying_power",
        states,
        arrows,
        families=(MISSED,),
        depends_on=("account",),
        about="Is there money to open with?",
        words={FUNDED: "the broker shows money to open with"},
    )

    def judge(round_: Round) -> str | None:
        reading = round_.get("balances")
        if reading is None:
            return None
        if reading.failure is not None:
            return missed(reading.failure)
        if not isinstance(reading.value, Balances):
            return GARBLED
        return _signal(reading.value, settings.low_buying_power)

    return Concern(table, judge, "funds", showing("balances"), flaps=False)


def _signal(money: Balances, floor: Decimal) -> str:
    if money.calls > ZERO:
        return CALLED
    stock, option = money.equity_power <= ZERO, money.option_power <= ZERO
    if stock and option:
        return EMPTY
    if stock:
        return NO_STOCK
    if option:
        return NO_OPTION
    return LOW if min(money.equity_power, money.option_power) < floor else FUNDED
