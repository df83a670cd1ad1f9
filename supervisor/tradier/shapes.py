"""What does a good reply say, as a fact or a record?

Each function takes the decoded JSON object of a 2xx reply and gives the value or a GARBLED failure that names what was
seen: never an exception, and never an emptiness the broker did not state.
"""

from decimal import Decimal
from typing import Any

from supervisor.concerns.facts import Account, Balances, Profile
from supervisor.log import mask_account
from supervisor.tradier import records
from supervisor.tradier.bodies import sentences, tidy
from supervisor.tradier.fields import (
    Garbled,
    absent,
    identity,
    instant,
    maybe_money,
    maybe_text,
    money,
    obj,
    or_garbled,
    rows,
    several,
    text,
    whole,
    word,
)


def _listed(answer: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """The account rows of a profile; none where one that names its user lists none, as XML made JSON would. Raises Garbled."""
    profile = obj(answer.get("profile"), "profile")
    if not profile.keys() & {"account", "id"}:
        raise Garbled("profile holds no account and no id")
    return several(profile.get("account"), "profile.account")


@or_garbled
def accounts(answer: dict[str, Any]) -> tuple[records.ListedAccount, ...]:
    """Every account the token may see, with its full number, for the chooser."""
    listed = []
    for row in _listed(answer):
        number = identity(row, "account_number", "profile.account")
        listed.append(records.ListedAccount(mask_account(number), number, word(row, "type"), word(row, "status")))
    return tuple(listed)


@or_garbled
def profile(answer: dict[str, Any], account_id: str | None) -> Profile:
    """The accounts, ours marked: the configured one, or the only one listed where none is configured (§4)."""
    listed = _listed(answer)
    numbers = [identity(row, "account_number", "profile.account") for row in listed]
    ours = account_id.strip() if account_id else numbers[0] if len(numbers) == 1 else None
    return Profile(
        tuple(
            Account(
                label=mask_account(number),
                ours=number == ours,
                status=_status(row),
                option_level=whole(row.get("option_level")),
                kind=word(row, "type"),
                classification=word(row, "classification"),
            )
            for number, row in zip(numbers, listed, strict=True)
        )
    )


def _status(row: dict[str, Any]) -> str | None:
    """An account's status in lower case; None where there is none. Raises Garbled where it is no text."""
    return None if absent(row.get("status")) else text(row, "status", "profile.account").lower()


def _present(held: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The sub-object that says what kind of account it is; where several are there, the one the label names (§5)."""
    there = {kind: held[kind] for kind in ("cash", "margin", "pdt") if isinstance(held.get(kind), dict) and held[kind]}
    label = word(held, "account_type")
    kind = next(iter(there)) if len(there) == 1 else label if label in there else None
    if kind is None:
        raise Garbled(f"balances hold {' and '.join(there) or 'none'} of cash, margin and pdt")
    return kind, there[kind]


@or_garbled
def balances(answer: dict[str, Any]) -> Balances:
    """Buying power, calls and cash, by the sub-object that is there; `equity` is never read: it is 0 in real replies."""
    held = obj(answer.get("balances"), "balances")
    kind, inner = _present(held)
    where = f"balances.{kind}"
    if kind == "cash":
        equity_power = option_power = money(inner, "cash_available", where)
        calls = Decimal(0)
    else:
        equity_power = money(inner, "stock_buying_power", where)
        option_power = money(inner, "option_buying_power", where)
        calls = max(Decimal(0), money(inner, "maintenance_call", where)) + max(
            Decimal(0), money(inner, "fed_call", where)
        )
    return Balances(
        kind=kind,
        equity_power=equity_power,
        option_power=option_power,
        calls=calls,
        total_equity=maybe_money(held, "total_equity", "balances"),
        total_cash=maybe_money(held, "total_cash", "balances"),
        unsettled=maybe_money(inner, "unsettled_funds", where),
        day_trade_power=maybe_money(inner, "day_trade_buying_power", where) if kind == "pdt" else None,
    )


@or_garbled
def positions(answer: dict[str, Any]) -> tuple[records.Position, ...]:
    """What is held (§6)."""
    return tuple(
        records.Position(
            symbol=text(row, "symbol", "position"),
            quantity=money(row, "quantity", "position"),
            cost_basis=maybe_money(row, "cost_basis", "position"),
            acquired_at=instant(row.get("date_acquired")),
            position_id=None if absent(row.get("id")) else identity(row, "id", "position"),
        )
        for row in rows(answer, "positions", "position")
    )


def _reason(row: dict[str, Any]) -> str | None:
    """Why an order was refused: `reason_description` (DOC), else an `errors` of the order (seen by one client)."""
    told = maybe_text(row, "reason_description") or " ".join(sentences(row.get("errors")))
    return tidy(told) or None


def _order(row: dict[str, Any], *, is_leg: bool = False) -> records.OrderRow:
    """One order row with its legs, which have none of their own. Raises Garbled."""
    legs = several(row.get("leg"), "order.leg")
    if is_leg and legs:
        raise Garbled("a leg has legs")
    return records.OrderRow(
        order_id=identity(row, "id", "order"),
        status=text(row, "status", "order").lower(),
        kind=word(row, "class"),
        type=word(row, "type"),
        symbol=maybe_text(row, "symbol"),
        option_symbol=maybe_text(row, "option_symbol"),
        side=word(row, "side"),
        quantity=maybe_money(row, "quantity", "order"),
        duration=word(row, "duration"),
        price=maybe_money(row, "price", "order"),
        stop=maybe_money(row, "stop_price", "order"),
        avg_fill_price=maybe_money(row, "avg_fill_price", "order"),
        exec_quantity=maybe_money(row, "exec_quantity", "order"),
        last_fill_price=maybe_money(row, "last_fill_price", "order"),
        last_fill_quantity=maybe_money(row, "last_fill_quantity", "order"),
        remaining_quantity=maybe_money(row, "remaining_quantity", "order"),
        created_at=instant(row.get("create_date")),
        changed_at=instant(row.get("transaction_date")),
        strategy=word(row, "strategy"),
        reason=_reason(row),
        tag=maybe_text(row, "tag"),
        legs=tuple(_order(leg, is_leg=True) for leg in legs),
    )


@or_garbled
def orders(answer: dict[str, Any]) -> tuple[records.OrderRow, ...]:
    """The day's orders (§6)."""
    return tuple(_order(row) for row in rows(answer, "orders", "order"))


@or_garbled
def order(answer: dict[str, Any]) -> records.OrderRow:
    """One order by its id (§6)."""
    return _order(obj(answer.get("order"), "order"))
