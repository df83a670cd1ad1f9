"""Does a callback of the agent's work? A life, one cursor per callback that ever failed."""

from supervisor.core.concern import Life
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, OK, WARNING

RAISED = "raised"
WORKED = "worked"

# fmt: off
STATES = (
    State("working", OK,      ALL,                           means="The callback does what it is called for."),
    State("failing", WARNING, ALL, issue="callback_failing", means="The callback raises, hangs or is too slow.",
          says="Callback {key} raises, hangs or is too slow"),
)
ARROWS = (
    Arrow("working", RAISED, "failing"),
    Arrow("failing", WORKED, "working"),
)
# fmt: on
CALLBACK = Table("callback", STATES, ARROWS, life=True, about="Does a callback of the agent's work?")


def callback() -> Life:
    """The life of each callback."""
    return Life(CALLBACK, "system")
