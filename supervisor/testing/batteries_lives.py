"""What must be true of the lives: an order, a failure, a trip, a repair, what keeps needing repair, what is foreseen?"""

from supervisor.concerns import repair as repair_
from supervisor.core.words import ALL, CLOSING, WARNING
from supervisor.orders import life as order_
from supervisor.testing.tales import Battery, Bearing, Tale, Ways

SHOWN = {
    order_.WORKS: "working",
    order_.PARTLY: "partly_filled",
    order_.FILLED: "filled",
    order_.CANCELED: "canceled",
    order_.REJECTED: "rejected",
    order_.EXPIRED: "expired",
}
"""What a reading of the order itself shows is so, wherever it may still be."""
ENDED = {signal: state for signal, state in SHOWN.items() if state not in {"working", "partly_filled"}}
DOUBT = "order_ambiguous"

# fmt: off
ORDER: Battery = (
    Bearing(),
    Ways("an order goes one way, and what is over stays over", {
        "drafted":       {order_.DECLINED: "refused", order_.PREVIEWED: "previewed", order_.SENT: "sent", **SHOWN},
        "previewed":     {order_.DECLINED: "refused", order_.SENT: "sent", **SHOWN},
        "sent":          {order_.ACKNOWLEDGED: "acknowledged", order_.LOST: "ambiguous", order_.ABSENT: "absent", **SHOWN},
        "acknowledged":  {order_.LOST: "ambiguous", **SHOWN},
        "working":       {**ENDED, order_.PARTLY: "partly_filled"},
        "partly_filled": ENDED,
        "ambiguous":     {order_.ACKNOWLEDGED: "acknowledged", order_.LANDED: "acknowledged", order_.ABSENT: "absent", **SHOWN},
        "absent":        SHOWN,
        "rejected":      {signal: state for signal, state in SHOWN.items() if state != "rejected"},
    }),
    *(Tale("an order is no problem and closes nothing unless it is in doubt", state, (), state, ALL) for state in (
        "drafted", "refused", "previewed", "sent", "acknowledged", "working", "partly_filled", "filled", "canceled",
        "rejected", "expired", "absent")),
    Tale("an order in doubt closes opening",       "sent",      (order_.LOST, 1e6),          "ambiguous",    CLOSING, DOUBT),
    Tale("only a settled doubt opens again",       "ambiguous", (order_.LOST, order_.SENT),  "ambiguous",    CLOSING, DOUBT),
    Tale("a doubt is over once the broker has it", "ambiguous", (order_.LANDED,),            "acknowledged", ALL),
)

HINDERED = "order_failure_key"
FAILURE: Battery = (
    Bearing(),
    Ways("a failure is over with its cause, and comes again", {
        "none":    {order_.FAILED: "failing"},
        "failing": {order_.FAILED: "failing", order_.CLEARED: "none"},
    }),
    Tale("where nothing failed nothing is wrong",     "none",    (),                                 "none",    ALL),
    Tale("a failure is a warning and closes nothing", "none",    (order_.FAILED,),                   "failing", ALL, HINDERED),
    Tale("a failure is over after half an hour, not sooner", "failing", (1799.0,),                        "failing", ALL, HINDERED),
    Tale("a failure is over after half an hour",           "failing", (1800.0,),                          "none",    ALL),
    Tale("another failure starts the half hour anew",      "failing", (1000.0, order_.FAILED, 1799.0),    "failing", ALL, HINDERED),
    Tale("another failure starts the half hour anew",      "failing", (1000.0, order_.FAILED, 1800.0),    "none",    ALL),
)

TRIP, REST = "orders_tripped", 60.0
BREAKER: Battery = (
    Bearing(),
    Ways("a trip rests, is probed, and closes only once a probe landed", {
        "closed":      {order_.TRIPPED: "tripped", order_.TRIPPED_ALL: "tripped_all", order_.HALTED: "halted"},
        "tripped":     {},
        "tripped_all": {order_.HALTED: "halted"},
        "probing":     {order_.TRIPPED: "tripped", order_.TRIPPED_ALL: "tripped_all", order_.PASSED: "closed", order_.HALTED: "halted"},
        "halted":      {order_.LOOKED: "closed"},
    }),
    Tale("untripped, orders pass",                   "closed",      (1e6,),                  "closed",      ALL),
    Tale("a trip closes opening in its scope",       "closed",      (order_.TRIPPED,),       "tripped",     CLOSING, TRIP, WARNING),
    Tale("a trip of all closes all opening",         "closed",      (order_.TRIPPED_ALL,),   "tripped_all", CLOSING, TRIP),
    *(Tale("a trip rests its time, not less",        state,         (REST - 1,),             state,         CLOSING, TRIP, milder)
      for state, milder in (("tripped", WARNING), ("tripped_all", None))),
    *(Tale("a trip that rested is probed",           state,         (REST,),                 "probing",     ALL,     TRIP, WARNING)
      for state in ("tripped", "tripped_all")),
    Tale("time alone does not end it",               "tripped",     (1e6,),                  "probing",     ALL,     TRIP, WARNING),
    Tale("a probe that landed ends it",              "probing",     (order_.PASSED,),        "closed",      ALL),
    Tale("a booked preview closes all opening",      "closed",      (order_.HALTED,),        "halted",      CLOSING, TRIP),
    Tale("no time ends it, and no probe",            "halted",      (1e6, order_.PASSED),    "halted",      CLOSING, TRIP),
    Tale("a person who looked ends it",              "halted",      (order_.LOOKED,),        "closed",      ALL),
)

REPAIR: Battery = (
    Bearing(),
    Ways("a repair goes through its steps, and begins anew only once it ended", {
        **{ended: {repair_.PLANNED: "planned"} for ended in ("idle", "rehearsed", "fixed", "undone", "finished", "dropped")},
        "planned":   {repair_.REHEARSED: "rehearsed", repair_.ASKED: "waiting", repair_.BEGUN: "applying", repair_.LEFT: "partial", repair_.DROPPED: "dropped"},
        "waiting":   {repair_.BEGUN: "applying", repair_.DROPPED: "dropped"},
        "applying":  {repair_.BEGUN: "applying", repair_.APPLIED: "verifying", repair_.LEFT: "partial", repair_.FAILED: "undoing", repair_.DROPPED: "dropped"},
        "verifying": {repair_.PROVED: "fixed", repair_.FAILED: "undoing"},
        "undoing":   {repair_.UNDONE: "undone", repair_.LEFT: "partial"},
        "partial":   {repair_.PLANNED: "planned", repair_.FINISHED: "finished"},
    }),
    *(Tale("a repair closes nothing and is no problem of its own", state, (), state, ALL) for state in (
        "idle", "planned", "rehearsed", "waiting", "applying", "verifying", "undoing", "fixed", "undone", "partial",
        "finished", "dropped")),
)

AGAIN, DAY = "repeated_healing", 86400.0
REPEATED: Battery = (
    Bearing(),
    Ways("a concern repaired too often is told", {
        "seldom":   {repair_.TOO_OFTEN: "repeated"},
        "repeated": {repair_.AGAIN: "repeated", repair_.TOO_OFTEN: "repeated"},
    }),
    Tale("what seldom needs repair is fine", "seldom",   (repair_.AGAIN,),     "seldom",   ALL),
    Tale("too often is a warning",           "seldom",   (repair_.TOO_OFTEN,), "repeated", ALL, AGAIN),
    *(tale for signal in (repair_.AGAIN, repair_.TOO_OFTEN) for tale in (
        Tale("it is over after a day without repair, not sooner", "repeated", (5000.0, signal, DAY - 1), "repeated", ALL, AGAIN),
        Tale("it is over after a day without repair",             "repeated", (5000.0, signal, DAY),     "seldom",   ALL),
    )),
)

FORESEEN: Battery = (
    Bearing(),
    Ways("what is foreseen comes and passes", {"clear": {repair_.DUE: "due"}, "due": {repair_.PASSED: "clear"}}),
    Tale("nothing is foreseen unless it is told", "clear", (1e6,),           "clear", ALL),
    Tale("what is foreseen is told mildly",       "clear", (repair_.DUE, 1e6), "due", ALL, "key"),
)
# fmt: on
