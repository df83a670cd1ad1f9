"""Which fields does an agent's dict hold, by whatever names it uses?

Several names of one field may stand side by side as long as they agree. Fields that would change the order's meaning
and that we can't honour (`preview`, trailing stops, notionals) are faults: ignoring them would send another order.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from supervisor.orders.order import Refusal

NAMES = {
    "class": ("class", "order_class"),
    "symbol": ("symbol", "underlying"),
    "option_symbol": ("option_symbol",),
    "side": ("side", "action"),
    "quantity": ("quantity", "qty"),
    "type": ("type", "order_type"),
    "duration": ("duration", "time_in_force", "tif"),
    "price": ("price", "limit_price"),
    "stop": ("stop", "stop_price"),
    "tag": ("tag", "client_order_id"),
    "intent_id": ("intent_id",),
}
"""Our name of a field, and every name agents use for it."""
OF_LEG = ("symbol", "option_symbol", "side", "quantity", "type", "duration", "price", "stop")
WORDS = ("class", "side", "type", "duration")
NUMBERS = ("quantity", "price", "stop")
LEGS = ("legs", "leg", "orders")

UNHONOURED = {
    "preview": "it asks for a preview: preview it instead of submitting it",
    "dry_run": "it asks for a dry run: preview it instead of submitting it",
    "notional": "amounts in dollars are not orders here: say a quantity",
    "dollar_amount": "amounts in dollars are not orders here: say a quantity",
    "trail": "trailing stops are not sent",
    "trail_price": "trailing stops are not sent",
    "trail_percent": "trailing stops are not sent",
    "trailing_percent": "trailing stops are not sent",
    "stop_loss": "say the exits as an otoco order",
    "take_profit": "say the exits as an otoco order",
    "extended_hours": "say duration pre or post",
}
"""Fields we can't honour, and what to say instead."""

MOST = Decimal(10) ** 9
LONGEST_SHOWN = 60
_INDEXED = re.compile(r"([a-z_]+)\[(\d{1,3})\]")
_FALSE_WORDS = frozenset({"", "false", "no", "0", "none", "null"})


@attrs.frozen
class Gathered:
    """The fields by our names (absent ones left out), the legs likewise, and what was wrong already."""

    fields: dict[str, Any]
    legs: list[dict[str, Any]]
    faults: tuple[Refusal, ...]


def given(value: Any) -> bool:
    """Whether a field says anything: None and blank text do not."""
    return value is not None and not (isinstance(value, str) and not value.strip())


def shown(value: Any) -> str:
    """A value as it is shown in a fault: short, whatever it is."""
    try:
        text = repr(value) if isinstance(value, str) else str(value)
    except Exception:  # noqa: BLE001 - an agent may hand in anything, even what can't be printed
        text = f"a {type(value).__name__}"
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def number(value: Any) -> Decimal | None:
    """The finite number that a value writes, below a thousand million; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        found = Decimal(str(value).strip())
    except (InvalidOperation, ValueError):  # ValueError: an int too long to be written out
        return None
    return found if found.is_finite() and abs(found) < MOST else None


def gather(raw: Any) -> Gathered:
    """The fields of an agent's order dict by our names. Never raises: what is wrong is listed."""
    if not isinstance(raw, Mapping):
        return Gathered({}, [], (Refusal("order", f"an order is a mapping of fields, not {type(raw).__name__}"),))
    faults: list[Refusal] = []
    fields = _one(raw, tuple(NAMES), "", faults)
    for name, why in UNHONOURED.items():
        if name in raw and _asked(raw[name]):
            faults.append(Refusal("order", f"{name}: {why}", name))
    legs = [
        _one(row, OF_LEG, f"leg {i} ", faults) if isinstance(row, Mapping) else _no_leg(i, faults)
        for i, row in enumerate(_legs(raw, faults))
    ]
    return Gathered(fields, legs, tuple(faults))


def _asked(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in _FALSE_WORDS
    return value is not None and value is not False and value != 0


def _no_leg(i: int, faults: list[Refusal]) -> dict[str, Any]:
    faults.append(Refusal("order", f"leg {i} is no mapping of fields", "legs"))
    return {}


def _one(raw: Mapping[Any, Any], wanted: tuple[str, ...], where: str, faults: list[Refusal]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in wanted:
        values = [(alias, raw[alias]) for alias in NAMES[name] if alias in raw and given(raw[alias])]
        if not values:
            continue
        if len({_plainly(name, value) for _, value in values}) > 1:
            said = " and ".join(f"{alias} {shown(value)}" for alias, value in values)
            faults.append(Refusal("order", f"{where}{said} contradict each other", name))
        found[name] = values[0][1]
    return found


def _plainly(name: str, value: Any) -> str:
    """A value such that two spellings of the same compare equal."""
    if name in NUMBERS:
        read = number(value)
        return shown(value) if read is None else str(read.normalize())
    return shown(value.strip().lower() if isinstance(value, str) else value)


def _legs(raw: Mapping[Any, Any], faults: list[Refusal]) -> list[Any]:
    listed = [(name, raw[name]) for name in LEGS if raw.get(name)]
    if len(listed) > 1:
        faults.append(Refusal("order", " and ".join(name for name, _ in listed) + " are both given", "legs"))
    rows: list[Any] = []
    for name, value in listed[:1]:
        if isinstance(value, Mapping):
            rows = [value]
        elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
            rows = list(value)
        else:
            faults.append(Refusal("order", f"{name} is no list of legs", "legs"))
    indexed: dict[int, dict[str, Any]] = {}
    for name, value in raw.items():
        found = _INDEXED.fullmatch(name) if isinstance(name, str) else None
        if found:
            indexed.setdefault(int(found[2]), {})[found[1]] = value
    if indexed and rows:
        faults.append(Refusal("order", "legs are given both as a list and as indexed fields", "legs"))
    return rows or [indexed[i] for i in sorted(indexed)]
