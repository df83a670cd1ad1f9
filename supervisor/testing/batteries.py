"""What must be true of our own tables, each with the default settings?"""

from supervisor.concerns import callback as callback_
from supervisor.concerns import clock as clock_
from supervisor.concerns import credentials as token_
from supervisor.concerns import endpoint as endpoint_
from supervisor.concerns import journal as journal_
from supervisor.concerns import operator as operator_
from supervisor.concerns.common import FAILED, GARBLED
from supervisor.concerns.connection import ANSWERED, LAGGED, SLOW, THROTTLED
from supervisor.core import flapping as flapping_
from supervisor.core.words import ALL, CANCELLING, CLOSING, ERROR
from supervisor.testing.batteries_account import ACCOUNT, APPROVAL, BUYING_POWER, ORDERS, POSITIONS
from supervisor.testing.batteries_lives import BREAKER, FAILURE, FORESEEN, ORDER, REPAIR, REPEATED
from supervisor.testing.tales import (
    Battery,
    Bearing,
    Everywhere,
    Tale,
    first_miss,
    silence,
    waits,
    waits_anew,
)

F, G, A, S, Q = FAILED, GARBLED, ANSWERED, SLOW, THROTTLED
MISSES = (FAILED, GARBLED)
HEARD = (ANSWERED, LAGGED, SLOW)
DOWN, NONSENSE, SLUGGISH, LIMITED = "connection_failed", "connection_error", "broker_slow", "rate_limited"

# fmt: off
CONNECTION: Battery = (
    Bearing(("endpoint",)),
    Tale("before the first look nothing opens",              "unknown",   (),                    "unknown",    CLOSING),
    *(Tale("from unknown one answer suffices",               "unknown",   (heard,),              "up",         ALL) for heard in HEARD),
    Tale("a quota fault is an answer",                       "unknown",   (Q,),                  "throttled",  ALL,     LIMITED),
    *(Tale("two misses settle nothing",                      "unknown",   (F, miss),             "unknown",    CLOSING) for miss in MISSES),
    Tale("three misses in a row are an outage",              "unknown",   (F, F, F),             "down",       CLOSING, DOWN),
    Tale("the last miss names the problem",                  "unknown",   (F, F, G),             "nonsense",   CLOSING, NONSENSE),
    *first_miss("up", MISSES, "unsteady", CLOSING),
    *(Tale("two misses are no outage yet",                   "up",        (F, miss),             "unsteady",   CLOSING) for miss in MISSES),
    Tale("three misses in a row are an outage",              "up",        (F, F, F),             "down",       CLOSING, DOWN),
    Tale("misses of both kinds count together",              "up",        (G, G, F),             "down",       CLOSING, DOWN),
    Tale("misses of both kinds count together",              "up",        (F, F, G),             "nonsense",   CLOSING, NONSENSE),
    Tale("an answer between misses starts the count anew",   "up",        (F, F, A, F, F),       "unsteady",   CLOSING),
    Tale("quota neither counts nor resets",                  "unknown",   (F, F, Q, A, F),       "unsteady",   CLOSING),
    Tale("quota neither counts nor resets",                  "up",        (F, F, Q, F),          "down",       CLOSING, DOWN),
    Tale("quota neither counts nor resets",                  "up",        (F, F, Q, G),          "nonsense",   CLOSING, NONSENSE),
    Tale("quota neither counts nor resets",                  "up",        (F, Q, F),             "unsteady",   CLOSING, LIMITED),
    Tale("quota neither counts nor resets",                  "up",        (F, Q, G),             "unsteady",   CLOSING, LIMITED),
    Tale("quota is no round of the last five",               "up",        (S, S, Q, Q, Q, A, S), "slow",       ALL,     SLUGGISH),
    Tale("quota neither counts nor resets",                  "down",      (A, Q, A),             "recovering", CLOSING),
    *(Tale("any answer steadies it",                         "up",        (F, heard),            "up",         ALL) for heard in HEARD),
    Tale("a quota fault is an answer",                       "up",        (F, Q),                "throttled",  ALL,     LIMITED),
    Tale("a quota fault is told",                            "up",        (Q,),                  "throttled",  ALL,     LIMITED),
    *silence("silence makes what permits unknown", "up", A, ALL, None, to="unknown", then=CLOSING),
    Tale("two slow rounds are not slowness",                 "up",        (S, S),                "up",         ALL),
    Tale("slow is three of the last five",                   "up",        (S, A, S, A, S),       "slow",       ALL,     SLUGGISH),
    Tale("slow is three of the last five, not of six",       "up",        (S, A, A, A, S, S),    "up",         ALL),
    Tale("slow is three of the last five, also after a miss", "up",       (S, A, S, F, S),       "slow",       ALL,     SLUGGISH),
    Tale("slow is three of the last five, also after a miss", "up",       (S, F, S),             "up",         ALL),
    Tale("slow is three of the last five, not of six",       "up",        (S, A, A, S, F, S),    "up",         ALL),
    Tale("slowness ends with three prompt answers",          "slow",      (A, A),                "slow",       ALL,     SLUGGISH),
    Tale("slowness ends with three prompt answers",          "slow",      (A, A, A),             "up",         ALL),
    Tale("slowness ends with three prompt answers in a row", "slow",      (A, LAGGED, A, A),     "slow",       ALL,     SLUGGISH),
    Tale("quota takes the place of slowness",                "slow",      (Q,),                  "throttled",  ALL,     LIMITED),
    *first_miss("slow", MISSES, "unsteady", CLOSING, SLUGGISH),
    *silence("silence makes what permits unknown", "slow", S, ALL, SLUGGISH, to="unknown", then=CLOSING),
    *(Tale("any answer ends the quota fault",                "throttled", (heard,),              "up",         ALL) for heard in HEARD),
    *first_miss("throttled", MISSES, "unsteady", CLOSING, LIMITED),
    *silence("silence makes what permits unknown", "throttled", Q, ALL, LIMITED, to="unknown", then=CLOSING),
    *(Tale("one answer does not end an outage",              "down",      (heard,),              "down",       CLOSING, DOWN) for heard in HEARD),
    *(Tale("two answers in a row end an outage",             "down",      (A, heard),            "recovering", CLOSING) for heard in HEARD),
    Tale("an outage never turns milder by a miss or by time", "down",     (G, G, G, G, 1e6),     "down",       CLOSING, DOWN),
    *(Tale("one answer does not end nonsense",               "nonsense",  (heard,),              "nonsense",   CLOSING, NONSENSE) for heard in HEARD),
    *(Tale("two answers in a row end nonsense",              "nonsense",  (A, heard),            "recovering", CLOSING) for heard in HEARD),
    Tale("nonsense turns into an outage by three misses",    "nonsense",  (F, F),                "nonsense",   CLOSING, NONSENSE),
    Tale("nonsense turns into an outage by three misses",    "nonsense",  (F, F, F),             "down",       CLOSING, DOWN),
    Tale("nonsense stays by more of it and by time",         "nonsense",  (G, G, G, G, 1e6),     "nonsense",   CLOSING, NONSENSE),
    *waits(HEARD, "up", ALL, waiting=CLOSING),
    *waits_anew(MISSES, A, CLOSING),
    *(Tale("two misses while recovering are no outage",      "recovering", (F, miss),            "recovering", CLOSING) for miss in MISSES),
    Tale("three misses while recovering are an outage",      "recovering", (F, F, F),            "down",       CLOSING, DOWN),
    Tale("three misses while recovering are an outage",      "recovering", (F, F, G),            "nonsense",   CLOSING, NONSENSE),
    Tale("answers of all kinds count together",              "recovering", (118.0, A, LAGGED, S), "up",        ALL),
)

ACCEPTED, REFUSED = token_.ACCEPTED, token_.REFUSED
REJECTED = "credentials_rejected"
CREDENTIALS: Battery = (
    Bearing(("connection",)),
    Tale("before a token is tried nothing opens",            "unknown",    (),                   "unknown",    CLOSING),
    Tale("a token accepted once is accepted",                "unknown",    (ACCEPTED,),          "accepted",   ALL),
    Tale("a token refused once is doubted",                  "unknown",    (REFUSED,),           "doubted",    CLOSING),
    Tale("a token refused once is doubted",                  "accepted",   (REFUSED,),           "doubted",    CLOSING),
    Tale("a doubt is over by one acceptance",                "accepted",   (REFUSED, ACCEPTED),  "accepted",   ALL),
    Tale("a token refused twice is rejected",                "accepted",   (REFUSED, REFUSED),   "rejected",   CANCELLING, REJECTED),
    Tale("after a long stop two fresh refusals are needed",  "doubted",    (REFUSED,),           "doubted",    CLOSING),
    *silence("silence makes what permits unknown", "accepted", ACCEPTED, ALL, None, to="unknown", then=CLOSING),
    Tale("a rejected token stays so by time",                "rejected",   (REFUSED, 1e6),       "rejected",   CANCELLING, REJECTED),
    Tale("a rejection ends with one acceptance, and waits",  "rejected",   (ACCEPTED,),          "recovering", CLOSING),
    *waits((ACCEPTED,), "accepted", ALL, waiting=CLOSING),
    *waits_anew((REFUSED,), ACCEPTED, CLOSING),
    Tale("two refusals while recovering reject it again",    "recovering", (REFUSED, REFUSED),   "rejected",   CANCELLING, REJECTED),
)

MISMATCH = "endpoint_mismatch"
ENDPOINT: Battery = (
    Bearing(),
    Tale("before the place is read nothing opens", "unknown", (), "unknown", CLOSING),
    Everywhere("the intended place is right",      endpoint_.MATCHED,      "matched",      ALL),
    Everywhere("the sandbox for live is wrong",    endpoint_.SANDBOX_USED, "sandbox_used", CANCELLING, MISMATCH, ERROR),
    Everywhere("live for the sandbox is critical", endpoint_.LIVE_USED,    "live_used",    CANCELLING, MISMATCH),
    Everywhere("a host of no one's is critical",   endpoint_.UNLISTED,     "unlisted",     CANCELLING, MISMATCH),
)

AGREED, SKEWED = clock_.AGREED, clock_.SKEWED
SKEW = "clock_skew"
CLOCK: Battery = (
    Bearing(("connection",)),
    Tale("no date is no sign of skew",                       "undated",    (),                   "undated",    ALL),
    Tale("clocks that agree agree",                          "undated",    (AGREED,),            "agreed",     ALL),
    Tale("one difference is a doubt",                        "undated",    (SKEWED,),            "doubted",    CLOSING),
    Tale("one difference is a doubt",                        "agreed",     (SKEWED,),            "doubted",    CLOSING),
    Tale("a doubt is over once they agree",                  "agreed",     (SKEWED, AGREED),     "agreed",     ALL),
    Tale("two differences are skew",                         "agreed",     (SKEWED, SKEWED),     "skewed",     CLOSING, SKEW),
    Tale("after a long stop two fresh differences are needed", "doubted",  (SKEWED,),            "doubted",    CLOSING),
    *silence("silence leaves nothing to compare", "agreed", AGREED, ALL, None, to="undated", then=ALL),
    Tale("skew stays by time",                               "skewed",     (SKEWED, 1e6),        "skewed",     CLOSING, SKEW),
    Tale("skew ends once they agree, and waits",             "skewed",     (AGREED,),            "recovering", CLOSING),
    *waits((AGREED,), "agreed", ALL, waiting=CLOSING),
    *waits_anew((SKEWED,), AGREED, CLOSING),
    Tale("two differences while recovering are skew again",  "recovering", (SKEWED, SKEWED),     "skewed",     CLOSING, SKEW),
)

OPERATOR: Battery = (
    Bearing(),
    Tale("no one holds trading unless a person said so", "free", (1e6,), "free", ALL),
    Everywhere("a hold allows closing only",   operator_.REDUCE,  "reduce", CLOSING,    "operator_hold"),
    Everywhere("a halt allows cancelling only", operator_.HALT,   "halt",   CANCELLING, "operator_halt"),
    Everywhere("only a release ends either",   operator_.RELEASE, "free",   ALL),
    Tale("a hold never ages", "reduce", (1e6,), "reduce", CLOSING,    "operator_hold"),
    Tale("a halt never ages", "halt",   (1e6,), "halt",   CANCELLING, "operator_halt"),
)

WRITTEN, RESUMED, UNWRITABLE = journal_.WRITTEN, journal_.RESUMED, journal_.UNWRITABLE
LOST = "journal_unwritable"
JOURNAL: Battery = (
    Bearing(),
    Tale("before anything is written nothing opens",  "unknown",    (),                 "unknown",    CLOSING),
    Tale("what is written is kept",                   "unknown",    (WRITTEN,),         "kept",       ALL),
    Everywhere("after a stop nothing opens",          RESUMED,      "resumed",          CLOSING,      but=("unwritable",)),
    Tale("after a stop opening waits for two rounds", "kept",       (RESUMED, WRITTEN), "resumed",    CLOSING),
    Tale("after a stop opening waits for two rounds", "resumed",    (WRITTEN, WRITTEN), "kept",       ALL),
    Everywhere("what can't be written closes opening", UNWRITABLE,  "unwritable",       CLOSING,      LOST),
    Tale("a stop does not mend a journal",            "unwritable", (RESUMED,),         "unwritable", CLOSING, LOST),
    Tale("once it is written again it is kept",       "unwritable", (WRITTEN,),         "kept",       ALL),
)

RATTLED, CHANGED, SETTLED = flapping_.RATTLED, flapping_.CHANGED, flapping_.SETTLED
OFTEN = "key_flapping"
FLAPPING: Battery = (
    Bearing(),
    Tale("what changes seldom is believed",           "quiet",    (CHANGED, SETTLED),               "quiet",    ALL),
    Tale("what changes too often closes opening",     "quiet",    (RATTLED,),                       "flapping", CLOSING, OFTEN),
    Tale("it ends after ten calm minutes, not sooner", "flapping", (598.0, SETTLED),                "flapping", CLOSING, OFTEN),
    Tale("it ends after ten calm minutes",            "flapping", (599.0, SETTLED),                 "quiet",    ALL),
    Tale("time alone does not end it",                "flapping", (1e6,),                           "flapping", CLOSING, OFTEN),
    Tale("a change starts the calm anew",             "flapping", (100.0, CHANGED, 598.0, SETTLED), "flapping", CLOSING, OFTEN),
    Tale("one change too many starts the calm anew",  "flapping", (100.0, RATTLED, 598.0, SETTLED), "flapping", CLOSING, OFTEN),
)

CALLBACK: Battery = (
    Bearing(),
    Tale("a callback works until it does not",     "working", (callback_.WORKED,), "working", ALL),
    Tale("a callback that raises is told",         "working", (callback_.RAISED,), "failing", ALL, "callback_failing"),
    Tale("a callback that works again is mended",  "failing", (callback_.WORKED,), "working", ALL),
)
# fmt: on

BATTERIES: dict[str, Battery] = {
    "account": ACCOUNT,
    "approval": APPROVAL,
    "breaker": BREAKER,
    "buying_power": BUYING_POWER,
    "callback": CALLBACK,
    "clock": CLOCK,
    "connection": CONNECTION,
    "credentials": CREDENTIALS,
    "endpoint": ENDPOINT,
    "failure": FAILURE,
    "flapping": FLAPPING,
    "foreseen": FORESEEN,
    "journal": JOURNAL,
    "operator": OPERATOR,
    "order": ORDER,
    "orders": ORDERS,
    "positions": POSITIONS,
    "repair": REPAIR,
    "repeated": REPEATED,
}
"""By table."""
