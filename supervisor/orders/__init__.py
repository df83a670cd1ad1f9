"""How does an order get in, once, and what became of it? Tidied, judged, sent, read back, diagnosed.

`Desk` is the way in; `Diagnoser` explains failures and can't trade; `ports` says what others must provide.
"""

from supervisor.orders.desk import Desk
from supervisor.orders.diagnose import Diagnoser, Diagnosis
from supervisor.orders.handle import Canceled, Cancellation, Handle, Outcome, Result
from supervisor.orders.life import lives
from supervisor.orders.order import Order, OrderRefused, Refusal
from supervisor.orders.records import Intention, Tell
from supervisor.orders.settings import OrderSettings, as_table, order_settings
from supervisor.orders.tidy import Fix

__all__ = [
    "Canceled",
    "Cancellation",
    "Desk",
    "Diagnoser",
    "Diagnosis",
    "Fix",
    "Handle",
    "Intention",
    "Order",
    "OrderRefused",
    "OrderSettings",
    "Outcome",
    "Refusal",
    "Result",
    "Tell",
    "as_table",
    "lives",
    "order_settings",
]
