"""What must be true of the tables about the account: is it ours, what may it trade, with what, and what does it hold?"""

from supervisor.concerns import account as account_
from supervisor.concerns import approval as approval_
from supervisor.concerns import buying_power as money_
from supervisor.concerns import orders as orders_
from supervisor.concerns import positions as positions_
from supervisor.concerns.common import FAILED, GARBLED
from supervisor.core.words import ALL, CANCELLING, CLOSING, Permit
from supervisor.testing.tales import (
    Battery,
    Bearing,
    Everywhere,
    Tale,
    counted,
    first_miss,
    silence,
    waits,
    waits_anew,
)

F, G = FAILED, GARBLED
MISSES = (FAILED, GARBLED)
EQUITIES = int(CLOSING | Permit.OPEN_EQUITY)
NO_STOCK = int(ALL & ~Permit.OPEN_EQUITY)
NO_OPTION = int(ALL & ~Permit.OPEN_OPTION)

ACTIVE = account_.ACTIVE
UNREADABLE = "account_unreadable"
NOT_SURE = "account_unconfirmed"
# fmt: off
ACCOUNT: Battery = (
    Bearing(("credentials",)),
    Tale("before the account is read nothing opens",    "unknown",     (),          "unknown",    CLOSING),
    Tale("from unknown one good reading suffices",      "unknown",     (ACTIVE,),   "active",     ALL),
    *counted("unknown", MISSES, "unknown", CLOSING, None, ends="unreadable", then=CLOSING, problem=UNREADABLE),
    *first_miss("active", MISSES, "unsteady", CLOSING),
    *silence("silence makes what permits unknown", "active", ACTIVE, ALL, None, to="unknown", then=CLOSING),
    Tale("one good reading steadies it",                "unsteady",    (ACTIVE,),   "active",     ALL),
    *counted("unsteady", MISSES, "unsteady", CLOSING, None, ends="unreadable", then=CLOSING, problem=UNREADABLE),
    *waits((ACTIVE,), "active", ALL, waiting=CLOSING),
    *waits_anew(MISSES, ACTIVE, CLOSING),
    *counted("recovering", MISSES, "recovering", CLOSING, None, ends="unreadable", then=CLOSING, problem=UNREADABLE),
    *counted("unconfirmed", MISSES, "unconfirmed", CLOSING, NOT_SURE, ends="unreadable", then=CLOSING, problem=UNREADABLE),
    *(Tale("a problem ends with one good reading, and opening waits", state, (ACTIVE,), "recovering", CLOSING)
      for state in ("unconfirmed", "unreadable", "restricted", "closed", "missing")),
    Everywhere("an account without a status is doubt",  account_.UNCONFIRMED, "unconfirmed", CLOSING,    NOT_SURE),
    Everywhere("a restricted account acts at once",     account_.RESTRICTED,  "restricted",  CLOSING,    "account_restricted"),
    Everywhere("a closed account acts at once",         account_.CLOSED,      "closed",      CANCELLING, "account_restricted"),
    Everywhere("an account not ours acts at once",      account_.MISSING,     "missing",     CANCELLING, "account_not_found"),
    *(Tale("a failed reading ends no problem", "restricted", (miss,) * 5, "restricted", CLOSING, "account_restricted") for miss in MISSES),
)

APPROVED = approval_.APPROVED
LEVEL, NO_LEVEL = "options_not_approved", "approval_unreadable"
APPROVAL: Battery = (
    Bearing(("account",)),
    Tale("before the level is read nothing opens",      "unknown",     (),          "unknown",    CLOSING),
    Tale("from unknown one good reading suffices",      "unknown",     (APPROVED,), "approved",   ALL),
    *counted("unknown", MISSES, "unknown", CLOSING, None, ends="unreadable", then=CLOSING, problem=NO_LEVEL),
    *first_miss("approved", MISSES, "unsteady", CLOSING),
    *silence("silence makes what permits unknown", "approved", APPROVED, ALL, None, to="unknown", then=CLOSING),
    Tale("one good reading steadies it",                "unsteady",    (APPROVED,), "approved",   ALL),
    *counted("unsteady", MISSES, "unsteady", CLOSING, None, ends="unreadable", then=CLOSING, problem=NO_LEVEL),
    *waits((APPROVED,), "approved", ALL, waiting=EQUITIES),
    *first_miss("recovering", MISSES, "unsettled", CLOSING),
    *silence("silence makes what permits unknown", "recovering", APPROVED, EQUITIES, None, to="unknown", then=CLOSING),
    Tale("one good reading settles it, and waits on",   "unsettled",   (APPROVED,), "recovering", EQUITIES),
    *counted("unsettled", MISSES, "unsettled", CLOSING, None, ends="unreadable", then=CLOSING, problem=NO_LEVEL),
    Tale("a level raised again waits before options",   "low",         (APPROVED,), "recovering", EQUITIES),
    *first_miss("low", MISSES, "unsteady", CLOSING, LEVEL),
    *silence("silence makes what permits unknown", "low", approval_.LOW, EQUITIES, LEVEL, to="unknown", then=CLOSING),
    Tale("what can be read again waits before options", "unreadable",  (APPROVED,), "recovering", EQUITIES),
    Everywhere("a low level leaves equities",           approval_.LOW, "low",       EQUITIES,     LEVEL),
)

FUNDED, LITTLE = money_.FUNDED, money_.LOW
POOR, NONE, NO_MONEY_READ = "low_buying_power", "no_buying_power", "buying_power_unreadable"
BUYING_POWER: Battery = (
    Bearing(("account",)),
    Tale("before balances are read nothing opens", "unknown", (), "unknown", CLOSING),
    Everywhere("money that comes back opens at once",  FUNDED,            "funded",    ALL),
    Everywhere("little money is a warning only",       LITTLE,            "low",       ALL,       POOR),
    Everywhere("no power for options leaves equities", money_.NO_OPTION,  "no_option", NO_OPTION, NONE),
    Everywhere("no power for equities leaves options", money_.NO_STOCK,   "no_stock",  NO_STOCK,  NONE),
    Everywhere("no power at all opens nothing",        money_.EMPTY,      "empty",     CLOSING,   NONE),
    Everywhere("a margin call opens nothing",          money_.CALLED,     "called",    CLOSING,   "margin_call"),
    *counted("unknown", MISSES, "unknown", CLOSING, None, ends="unreadable", then=CLOSING, problem=NO_MONEY_READ),
    *counted("unsteady", MISSES, "unsteady", CLOSING, None, ends="unreadable", then=CLOSING, problem=NO_MONEY_READ),
    *counted("empty", MISSES, "empty", CLOSING, NONE, ends="unreadable", then=CLOSING, problem=NO_MONEY_READ),
    *(tale for state, heard, may, bears in (
        ("funded",    FUNDED,           int(ALL),  None),
        ("low",       LITTLE,           int(ALL),  POOR),
        ("no_option", money_.NO_OPTION, NO_OPTION, NONE),
        ("no_stock",  money_.NO_STOCK,  NO_STOCK,  NONE),
    ) for tale in (
        *first_miss(state, MISSES, "unsteady", CLOSING, bears),
        *silence("silence makes what permits unknown", state, heard, may, bears, to="unknown", then=CLOSING),
    )),
    *(Tale("a margin call ends by no failed reading", "called", (miss, miss, miss, 1e6), "called", CLOSING, "margin_call") for miss in MISSES),
)

NO_LIST = "orders_unreadable"
ORDERS: Battery = (
    Bearing(("account",)),
    Tale("before the list of orders is read nothing opens", "unknown", (), "unknown", CLOSING),
    Everywhere("orders that are taken open",        orders_.FLOWING,   "flowing",   ALL),
    Everywhere("single refusals close nothing",     orders_.REJECTING, "rejecting", ALL),
    Everywhere("a probe may pass",                  orders_.PROBING,   "probing",   ALL),
    Everywhere("one order in doubt closes its symbol only", orders_.AMBIGUOUS, "ambiguous", ALL),
    Everywhere("a trip of all closes opening",      orders_.TRIPPED,   "tripped",   CLOSING),
    *(tale for state in ("flowing", "rejecting", "probing", "ambiguous", "tripped")
      for tale in first_miss(state, MISSES, "unsteady", CLOSING)),
    *counted("unknown", MISSES, "unknown", CLOSING, None, ends="unreadable", then=CLOSING, problem=NO_LIST),
    *counted("unsteady", MISSES, "unsteady", CLOSING, None, ends="unreadable", then=CLOSING, problem=NO_LIST),
)

NOT_READ = "positions_unreadable"
POSITIONS: Battery = (
    Bearing(("account",)),
    Tale("before positions are read nothing opens", "unknown", (), "unknown", CLOSING),
    Everywhere("nothing held opens",                positions_.IDLE,       "idle",       ALL),
    Everywhere("what our orders explain opens",     positions_.EXPECTED,   "known",      ALL),
    Everywhere("what no order explains closes",     positions_.UNEXPECTED, "unexpected", CLOSING, "position_unexpected"),
    *first_miss("idle", MISSES, "unsteady", CLOSING),
    *first_miss("known", MISSES, "unsteady", CLOSING),
    *silence("silence makes what is held unknown", "known", positions_.EXPECTED, ALL, None, to="unknown", then=CLOSING),
    *counted("unknown", MISSES, "unknown", CLOSING, None, ends="unreadable", then=CLOSING, problem=NOT_READ),
    *counted("unsteady", MISSES, "unsteady", CLOSING, None, ends="unreadable", then=CLOSING, problem=NOT_READ),
)
# fmt: on
