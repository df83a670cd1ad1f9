"""Do requests go where the owner intends?

Read from settings and the adapter, never from the network; it never ages. Loopback counts as intended. To a mismatched
host no request leaves.
"""

from supervisor.concerns.common import showing
from supervisor.concerns.facts import Endpoint, Place
from supervisor.config import Settings
from supervisor.core.concern import Concern
from supervisor.core.reading import Round
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, ANY, CANCELLING, CLOSING, CRITICAL, ERROR, KEEP, OK

MATCHED = "read_matched"
LIVE_USED = "read_live_used"
SANDBOX_USED = "read_sandbox_used"
UNLISTED = "read_unlisted"


def endpoint(_: Settings) -> Concern:
    """The concern and its table."""
    # fmt: off
    states = (
        State("unknown",      OK,       CLOSING,    issue=KEEP, means="Where requests go has not been read."),
        State("matched",      OK,       ALL,                    means="Requests go where the owner intends."),
        State("sandbox_used", ERROR,    CANCELLING, issue="endpoint_mismatch", blinds=True,
              means="Live is intended, the sandbox is used.", says="Live trading is intended, but the sandbox is used"),
        State("live_used",    CRITICAL, CANCELLING, issue="endpoint_mismatch", blinds=True,
              means="The sandbox is intended, live is used.", says="The sandbox is intended, but live trading is used"),
        State("unlisted",     CRITICAL, CANCELLING, issue="endpoint_mismatch", blinds=True,
              means="The host is none of the broker's.", says="Requests would go to a host that is not {broker}'s"),
    )
    arrows = (
        Arrow(ANY, MATCHED,      "matched"),
        Arrow(ANY, SANDBOX_USED, "sandbox_used"),
        Arrow(ANY, LIVE_USED,    "live_used"),
        Arrow(ANY, UNLISTED,     "unlisted"),
    )
    # fmt: on
    table = Table(
        "endpoint",
        states,
        arrows,
        about="Do requests go where the owner intends?",
        words={MATCHED: "requests go where the owner intends"},
    )
    return Concern(table, judge, "configuration", showing("endpoint"), flaps=False)


def judge(round_: Round) -> str | None:
    """The round's signal to this concern."""
    reading = round_.get("endpoint")
    if reading is None or not isinstance(reading.value, Endpoint):
        return None
    intended, used = reading.value.intended, reading.value.used
    if used is Place.UNLISTED:
        return UNLISTED
    if used is intended or used is Place.LOOPBACK:
        return MATCHED
    return LIVE_USED if used is Place.LIVE else SANDBOX_USED
