"""May an order be canceled to be replaced, and what then remains to be sent?"""

from datetime import date
from typing import Any

from supervisor.orders.build import understand
from supervisor.orders.handle import Canceled, Cancellation, Outcome, Result
from supervisor.orders.order import OrderRefused
from supervisor.orders.sending import Errand, Sender
from supervisor.orders.settings import OrderSettings


def hopeless(raw: Any, settings: OrderSettings, today: date) -> Result | None:
    """Why the new order could never be sent, so that the old one is left as it is; None where it may. Reads nothing."""
    try:
        understand(raw, None, today, settings)
    except OrderRefused as refused:
        refusals = refused.refusals
    else:
        return None
    if any(r.field == "side" and "not clear" in r.words for r in refusals):
        return None  # positions may settle what a bare side means: it is refused on its own way out if they do not
    words = (*(refusal.words for refusal in refusals), "nothing was canceled")
    return Result(Outcome.REFUSED, status="refused", errors=words, by="us", cause=refusals[0].cause, final=True)


def remaining(errand: Errand, word: Cancellation, sender: Sender) -> Result | None:
    """None where the errand may go, for what remains of it; else the last word, and nothing is sent.

    What had filled before the cancellation is taken off the new quantity. An order that filled whole is not replaced,
    and one that still works, or can't be read, has nothing put beside it.
    """
    if word.outcome is Canceled.FILLED:
        return _told(word, "it was filled before it could be canceled; nothing more was sent")
    if word.outcome in (Canceled.WORKING, Canceled.UNKNOWN):
        state = "still works" if word.outcome is Canceled.WORKING else "could not be read"
        words = (f"order {word.order_id} {state}, so nothing was sent in its place", *word.errors)
        return Result(Outcome.REFUSED, status=word.status, errors=words, by="us", cause="position", final=True)
    if not word.filled:
        return None
    try:
        order, _ = sender.understand(errand.raw)
    except OrderRefused:
        return None  # it is refused with every fault named on its own way out
    if len(order.legs) > 1:
        words = (f"{word.filled} of order {word.order_id} had filled: say the rest as a new order",)
        return Result(Outcome.REFUSED, status=word.status, errors=words, by="us", cause="position", final=True)
    rest = order.legs[0].quantity - int(word.filled)
    if rest <= 0:
        return _told(word, f"{word.filled} had filled before it was canceled; nothing remains to be sent")
    errand.only = rest
    return None


def _told(word: Cancellation, warning: str) -> Result:
    return Result(
        Outcome.LANDED,
        order_id=word.order_id,
        status=word.status,
        warnings=(warning,),
        filled=word.filled,
        final=True,
    )
