"""Has a person said to stop?

A hold is not a reading of the world: it never ages, it outlives every restart, and only a person's release ends it.
"""

from supervisor.concerns.common import showing
from supervisor.concerns.facts import Action, Command
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.reading import Round
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, ANY, CANCELLING, CLOSING, ERROR, OK, WARNING

REDUCE = "held"
HALT = "halted"
RELEASE = "released"

SAID = {Action.REDUCE: REDUCE, Action.HALT: HALT, Action.RELEASE: RELEASE}


def operator(_: Settings) -> Concern:
    """The concern and its table."""
    # fmt: off
    states = (
        State("free",   OK,      ALL,        means="No one holds trading."),
        State("reduce", WARNING, CLOSING,    issue="operator_hold", means="A person allows closing only.",
              says="Held to closing only by an operator: release it with `supervisor release`"),
        State("halt",   ERROR,   CANCELLING, issue="operator_halt", means="A person halted trading.",
              says="Halted by an operator: release it with `supervisor release`"),
    )
    arrows = (
        Arrow(ANY, REDUCE,  "reduce"),
        Arrow(ANY, HALT,    "halt"),
        Arrow(ANY, RELEASE, "free"),
    )
    # fmt: on
    table = Table(
        "operator",
        states,
        arrows,
        about="Has a person said to stop?",
        words={RELEASE: "a person releases the hold", REDUCE: "a person allows closing"},
    )
    return Concern(table, judge, "operator", showing("operator"), flaps=False)


def judge(round_: Round) -> str | None:
    """The round's signal to this concern."""
    reading = round_.get("operator")
    return SAID.get(reading.value.action) if reading and isinstance(reading.value, Command) else None
