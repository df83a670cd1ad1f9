"""Is there an order that the agent may send instead?

Only where the refusal itself says what would be right: another name of the same side, a lawful duration or tag, no more
than is held, the order tidied. Never another price, another symbol, or more. The agent decides.
"""

from collections.abc import Mapping
from typing import Any

from supervisor.core.reading import Retry
from supervisor.orders.causes import Cause, Standing
from supervisor.orders.claims import closable
from supervisor.orders.gather import number
from supervisor.orders.match import Meaning
from supervisor.orders.order import Order, Refusal, lawful_tag
from supervisor.orders.tidy import Held

SAID_RIGHT = {
    "UnexpectedBuyOrder": {"side": "buy_to_cover"},
    "UnexpectedBuyOrderOption": {"side": "buy_to_close"},
    "MarketOrderIsGtc": {"duration": "day"},
    "ShortOrderIsGtc": {"duration": "day"},
    "GTC not permitted for sell short orders": {"duration": "day"},
    "Pre-market trading is currently unavailable": {"duration": "day"},
    "Invalid parameter, duration: post market no longer available": {"duration": "day"},
    "Invalid parameter, duration: pre market no longer available": {"duration": "day"},
}
"""By code or sentence: what the refusal says would be right."""
REFUSED_FOR = {Cause.SYMBOL: ("symbol", "option_symbol"), Cause.PRICE: ("price", "stop")}
"""The fields that a refusal for that cause is about; for others, any."""
TOO_MANY = frozenset({"LongPositionCrossZero", "ShortPositionCrossZero"})


def corrected(
    meaning: Meaning,
    given: Any,
    order: Order | None,
    faults: tuple[Refusal, ...],
    held: Held | None,
    standing: Standing,
) -> Mapping[str, Any] | None:
    """An order that the agent may send instead; None where none is known, or the failed one may be booked."""
    if order is None or faults or standing.retry in (Retry.OUTCOME_UNKNOWN, Retry.NEVER) or len(order.legs) > 1:
        return None
    whole = order.as_dict()
    row = meaning.row
    names = (*row.codes, row.sentence) if row else ()
    right = next((SAID_RIGHT[name] for name in names if name in SAID_RIGHT), None)
    if right is not None:
        return whole | right if any(whole.get(name) != value for name, value in right.items()) else None
    if row is not None and TOO_MANY.intersection(row.codes) and held is not None:
        leg = order.legs[0]
        free = int(closable(leg.name, leg.side, held.positions, held.claims))
        return whole | {"quantity": free} if 0 < free < leg.quantity else None
    if row is not None and row.sentence.startswith("Invalid parameter, tag") and order.tag:
        return whole | {"tag": lawful_tag(order.tag)[:200]}
    if (
        meaning.cause in (Cause.ORDER, Cause.SYMBOL, Cause.PRICE)
        and isinstance(given, Mapping)
        and _tidier(given, whole, meaning.cause)
    ):
        return whole
    return None


def _tidier(given: Mapping[Any, Any], whole: Mapping[str, Any], cause: Cause) -> bool:
    """Whether the order as understood says otherwise what was refused: else it would only be refused again."""
    names = REFUSED_FOR.get(cause, tuple(name for name in whole if name != "legs"))
    return any(not _same(given.get(name), whole[name]) for name in names if name in whole)


def _same(given: Any, value: Any) -> bool:
    """Whether both are written alike; numbers of up to two decimals are, however they are written."""
    read = number(given)
    if read is not None and read == number(value):
        return read.as_tuple().exponent >= -2  # type: ignore[operator]  # it is finite, so the exponent is a number
    return str(given) == str(value)
