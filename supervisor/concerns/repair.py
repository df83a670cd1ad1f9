"""What becomes of a repair, does a concern keep needing one, and what is about to go wrong? Three lives.

* `repair`: `<concern>:<remedy>`; how far the last repair of that concern by that remedy is. It closes nothing: the issue
  it is for stays open until it is settled, and that closes what it must.
* `repeated`: the concern that keeps needing repair, even though each one worked.
* `foreseen`: the code of what is about to go wrong, so that it can be prevented as anything else is repaired.
"""

from supervisor.core.concern import Life
from supervisor.core.guards import held
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, INFO, OK, TIME, WARNING

REPAIR, REPEATED, FORESEEN = "repair", "repeated", "foreseen"
DAY = 86400.0

PLANNED = "was_planned"
REHEARSED = "was_rehearsed"
"""A dry run: told, and never applied."""
ASKED = "asked_a_person"
BEGUN = "was_begun"
APPLIED = "was_applied"
PROVED = "was_proved"
"""Two fresh good readings, one after the other."""
FAILED = "failed"
"""It raised, hung, was not proved in time, or its process ended half-way."""
UNDONE = "was_undone"
LEFT = "was_left_to_a_person"
FINISHED = "was_finished"
"""By a person, or by readings that came later."""
DROPPED = "was_dropped"
"""Nothing was changed: not applicable, no longer needed, or refused."""

ENDED = frozenset({"idle", "rehearsed", "fixed", "undone", "partial", "finished", "dropped"})
"""Where nothing is under way."""


def repair_table() -> Table:
    """A repair's own table."""
    # fmt: off
    states = (
        State("idle",      OK, ALL, means="Nothing was ever repaired here."),
        State("planned",   OK, ALL, means="It is known what would be done."),
        State("rehearsed", OK, ALL, means="A dry run: it was told what would be done, and nothing was."),
        State("waiting",   OK, ALL, means="Waits for a person's approval."),
        State("applying",  OK, ALL, means="Is being applied."),
        State("verifying", OK, ALL, means="Applied; fresh readings must prove it."),
        State("undoing",   OK, ALL, means="Failed, and is being undone."),
        State("fixed",     OK, ALL, means="Proved by fresh readings."),
        State("undone",    OK, ALL, means="Not proved, and undone: all is as before."),
        State("partial",   OK, ALL, means="Safer now; a person must finish it."),
        State("finished",  OK, ALL, means="Was partial, and is finished."),
        State("dropped",   OK, ALL, means="Nothing was changed."),
    )
    arrows = (
        *(Arrow(source, PLANNED, "planned") for source in sorted(ENDED)),
        Arrow("planned",   REHEARSED, "rehearsed"),
        Arrow("planned",   ASKED,     "waiting"),
        Arrow("planned",   BEGUN,     "applying"),
        Arrow("planned",   LEFT,      "partial"),
        Arrow("planned",   DROPPED,   "dropped"),
        Arrow("waiting",   BEGUN,     "applying"),
        Arrow("waiting",   DROPPED,   "dropped"),
        Arrow("applying",  BEGUN,     "applying"),
        Arrow("applying",  APPLIED,   "verifying"),
        Arrow("applying",  LEFT,      "partial"),
        Arrow("applying",  FAILED,    "undoing"),
        Arrow("applying",  DROPPED,   "dropped"),
        Arrow("verifying", PROVED,    "fixed"),
        Arrow("verifying", FAILED,    "undoing"),
        Arrow("undoing",   UNDONE,    "undone"),
        Arrow("undoing",   LEFT,      "partial"),
        Arrow("partial",   FINISHED,  "finished"),
    )
    # fmt: on
    return Table(REPAIR, states, arrows, life=True, about="How far is a repair?")


AGAIN = "repaired_again"
"""It was repaired once more."""
TOO_OFTEN = "repaired_too_often"
"""As AGAIN, and that is once too often."""


def repeated_table() -> Table:
    """Whether a concern keeps needing repair."""
    # fmt: off
    states = (
        State("seldom",   OK,      ALL,                            means="Seldom needs repair."),
        State("repeated", WARNING, ALL, issue="repeated_healing",  means="Keeps needing repair, even though each one worked.",
              says="{key} keeps needing repair: look for the cause"),
    )
    arrows = (
        Arrow("seldom",   TOO_OFTEN,          "repeated"),
        Arrow("repeated", (AGAIN, TOO_OFTEN), "repeated"),
        Arrow("repeated", TIME,               "seldom", only_if=held(DAY)),
    )
    # fmt: on
    return Table(REPEATED, states, arrows, life=True, about="Does a concern keep needing repair?")


DUE = "fell_due"
PASSED = "has_passed"

TOKEN_EXPIRING = "token_expiring"  # noqa: S105 - the name of a problem, no secret
QUOTA_LOW = "quota_low"


def foreseen_table() -> Table:
    """Whether something is about to go wrong. The key is the code it bears."""
    # fmt: off
    states = (
        State("clear", OK,   ALL,                means="Nothing of this is to be foreseen."),
        State("due",   INFO, ALL, issue="{key}", means="Will go wrong soon, unless it is prevented.",
              says="{key}: it will soon go wrong unless it is prevented"),
    )
    arrows = (
        Arrow("clear", DUE,    "due"),
        Arrow("due",   PASSED, "clear"),
    )
    # fmt: on
    return Table(FORESEEN, states, arrows, life=True, about="Is something about to go wrong?")


def lives() -> tuple[Life, ...]:
    """The three lives, for the book."""
    both = frozenset({TOKEN_EXPIRING, QUOTA_LOW})
    return (
        Life(repair_table(), "system"),
        Life(repeated_table(), "system"),
        Life(foreseen_table(), "system", fixable=both),
    )
