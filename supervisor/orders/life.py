"""What becomes of an order, of a failure, and of a trip? Three lives: tables with many keyed cursors.

Keys say what a cursor is about and how far it reaches:

* `order`: `<our id>|<underlying>`; an order in doubt closes opening on `symbol:<underlying>`, or everywhere where it
  touches several underlyings (`<our id>|`).
* `failure`: the cause; it closes nothing.
* `breaker`: `<cause>|<scope>` with the scope `symbol:XYZ`, `options`, `equities`, or nothing for all openings.
"""

from functools import lru_cache

from supervisor.core.concern import Life
from supervisor.core.guards import held
from supervisor.core.table import Arrow, State, Table
from supervisor.core.words import ALL, CLOSING, ERROR, OK, TIME, WARNING
from supervisor.orders.settings import DEFAULTS, OrderSettings

ORDER, FAILURE, BREAKER = "order", "failure", "breaker"

PREVIEWED = "was_previewed"
DECLINED = "was_declined"
"""By us: it never left."""
SENT = "was_sent"
ACKNOWLEDGED = "was_acknowledged"
"""The broker has it and gave it an id; risk and exchange have not spoken."""
LOST = "lost_sight"
"""It may or may not have been booked."""
WORKS = "seen_working"
PARTLY = "seen_partly_filled"
FILLED = "seen_filled"
CANCELED = "seen_canceled"
REJECTED = "seen_rejected"
EXPIRED = "seen_expired"
ABSENT = "proved_absent"
"""Two proofs agree, or a person says so: the broker never had it."""
LANDED = "said_landed"
"""A person says that the broker has it."""

SEEN = (WORKS, PARTLY, FILLED, CANCELED, REJECTED, EXPIRED)
"""What a reading of the order itself shows."""

FINAL = frozenset({"refused", "filled", "canceled", "rejected", "expired", "absent"})
UNSETTLED = frozenset({"sent", "ambiguous"})
"""The broker may have it, and we don't know."""
LIVE = frozenset({"acknowledged", "working", "partly_filled"})
"""The broker has it, and it may still fill."""


@lru_cache(maxsize=1)
def order_table() -> Table:
    """An order's own table."""
    # fmt: off
    states = (
        State("drafted",       OK,    ALL,                             means="Understood, and not sent."),
        State("refused",       OK,    ALL,                             means="Not sent: we refused it."),
        State("previewed",     OK,    ALL,                             means="Previewed, and not sent."),
        State("sent",          OK,    ALL,                             means="On record and leaving; no answer yet."),
        State("acknowledged",  OK,    ALL,                             means="The broker has it; its verdict is still to come."),
        State("working",       OK,    ALL,                             means="Accepted and waiting to fill."),
        State("partly_filled", OK,    ALL,                             means="Filled in part; the rest works on."),
        State("filled",        OK,    ALL,                             means="Filled whole."),
        State("canceled",      OK,    ALL,                             means="Canceled; what had filled before stays."),
        State("rejected",      OK,    ALL,                             means="Refused by the broker."),
        State("expired",       OK,    ALL,                             means="Ran out unfilled, or filled in part."),
        State("ambiguous",     ERROR, CLOSING, issue="order_ambiguous", means="It may or may not have been booked; nothing opens on its symbol until that is settled.",
              says="Order {key} may or may not have been booked by {broker}"),
        State("absent",        OK,    ALL,                             means="The broker never had it."),
    )
    seen = {WORKS: "working", PARTLY: "partly_filled", FILLED: "filled", CANCELED: "canceled", REJECTED: "rejected", EXPIRED: "expired"}
    arrows = [
        Arrow("drafted",   DECLINED,     "refused"),
        Arrow("drafted",   PREVIEWED,    "previewed"),
        Arrow("drafted",   SENT,         "sent"),
        Arrow("previewed", DECLINED,     "refused"),
        Arrow("previewed", SENT,         "sent"),
        Arrow("sent",      ACKNOWLEDGED, "acknowledged"),
        Arrow("sent",      LOST,         "ambiguous"),
        Arrow("sent",      ABSENT,       "absent"),
        Arrow("ambiguous", ACKNOWLEDGED, "acknowledged"),
        Arrow("ambiguous", LANDED,       "acknowledged"),
        Arrow("ambiguous", ABSENT,       "absent"),
        Arrow("acknowledged", LOST,      "ambiguous"),
    ]
    # fmt: on
    # drafted: an order found that is not ours; absent and rejected: it is there after all
    for source in ("drafted", "previewed", "sent", "acknowledged", "ambiguous", "absent", "rejected"):
        arrows += [Arrow(source, signal, target) for signal, target in seen.items() if target != source]
    arrows += [Arrow("working", signal, target) for signal, target in seen.items() if signal != WORKS]
    arrows += [Arrow("partly_filled", signal, seen[signal]) for signal in (FILLED, CANCELED, REJECTED, EXPIRED)]
    return Table(
        ORDER,
        states,
        tuple(arrows),
        life=True,
        about="What became of an order?",
        words={ACKNOWLEDGED: "it is known what became of the order"},
    )


FAILED = "failed_again"
"""An order failed for that cause."""
CLEARED = "was_cleared"
"""Its cause is gone: an order it had hindered landed, or its concern recovered."""


@lru_cache(maxsize=8)
def failure_table(settings: OrderSettings = DEFAULTS) -> Table:
    """The failures of one cause: they end with it, or after a while without another."""
    # fmt: off
    states = (
        State("none",    OK,      ALL,                              means="No order failed for that lately."),
        State("failing", WARNING, ALL, issue="order_failure_{key}", means="An order failed for that lately.",
              says="An order failed: {key}"),
    )
    arrows = (
        Arrow("none",    FAILED,  "failing"),
        Arrow("failing", FAILED,  "failing"),
        Arrow("failing", CLEARED, "none"),
        Arrow("failing", TIME,    "none", only_if=held(settings.failure_expires)),
    )
    # fmt: on
    return Table(FAILURE, states, arrows, life=True, about="Did orders fail lately, and for what?")


TRIPPED = "was_tripped"
"""Too many refusals for one cause within its window, or the probe was refused too."""
TRIPPED_ALL = "was_tripped_for_all"
"""As TRIPPED, where the cause reaches all openings."""
PASSED = "probe_landed"
"""The order that probed it landed."""
HALTED = "preview_was_booked"
"""A preview was answered with an order id: previews can't be trusted, so nothing can probe whether that is over."""
LOOKED = "was_looked_at"
"""A person looked, and acknowledged it."""


@lru_cache(maxsize=8)
def breaker_table(settings: OrderSettings = DEFAULTS) -> Table:
    """A trip: it closes its scope, rests, and is then probed by one previewed opening order.

    A trip of all openings is ERROR, one of a narrower scope WARNING; which of the two is said by the signal.
    """
    rested = held(settings.rest)
    # fmt: off
    states = (
        State("closed",      OK,      ALL,                            means="Orders pass."),
        State("tripped",     WARNING, CLOSING, issue="orders_tripped", means="Refused too often for one cause: nothing opens in its scope.",
              says="Too many orders were refused: {key}"),
        State("tripped_all", ERROR,   CLOSING, issue="orders_tripped", means="Refused too often for one cause: nothing opens at all.",
              says="Too many orders were refused, so nothing opens: {key}"),
        State("probing",     WARNING, ALL,     issue="orders_tripped", means="The next opening order in its scope is previewed and, clean, passes alone.",
              says="Too many orders were refused; the next one probes: {key}"),
        State("halted",      ERROR,   CLOSING, issue="orders_tripped", means="A preview was booked as an order: nothing opens and nothing is previewed until a person acknowledged it.",
              says="{broker} booked a preview as an order, so nothing opens: look at the account, then `supervisor ack` this issue"),
    )
    arrows = (
        Arrow("closed",      TRIPPED,     "tripped"),
        Arrow("closed",      TRIPPED_ALL, "tripped_all"),
        Arrow("tripped",     TIME,        "probing", only_if=rested),
        Arrow("tripped_all", TIME,        "probing", only_if=rested),
        Arrow("probing",     TRIPPED,     "tripped"),
        Arrow("probing",     TRIPPED_ALL, "tripped_all"),
        Arrow("probing",     PASSED,      "closed"),
        Arrow("closed",      HALTED,      "halted"),
        Arrow("tripped_all", HALTED,      "halted"),
        Arrow("probing",     HALTED,      "halted"),
        Arrow("halted",      LOOKED,      "closed"),
    )
    # fmt: on
    return Table(
        BREAKER,
        states,
        arrows,
        life=True,
        about="Are orders refused too often for one cause?",
        words={LOOKED: "a person has looked and acknowledged it"},
    )


def order_key(our_id: str, underlyings: tuple[str, ...]) -> str:
    """The key of an order's life."""
    return f"{our_id}|{underlyings[0] if len(underlyings) == 1 else ''}"


def breaker_key(cause: str, scope: str) -> str:
    """The key of a trip's life."""
    return f"{cause}|{scope}"


PREVIEW_TRIP = breaker_key("preview", "")
"""The key of the trip by a preview that was booked."""


def order_scope(key: str) -> str:
    """How far an order in doubt reaches: its underlying, or everywhere."""
    name = key.partition("|")[2]
    return f"symbol:{name}" if name else ""


def breaker_scope(key: str) -> str:
    """How far a trip reaches."""
    return key.partition("|")[2]


def lives(settings: OrderSettings = DEFAULTS) -> tuple[Life, ...]:
    """The three lives, for the book."""
    return (
        Life(order_table(), "order", order_scope, over=FINAL),
        Life(failure_table(settings), "{key}"),
        Life(breaker_table(settings), "order", breaker_scope),
    )
