"""What does a good reply say about the market, or about an order just asked for?

As in `shapes`: the value, or a GARBLED failure that names what was seen (tradier-api §7 and §8).
"""

from typing import Any

from supervisor.tradier import records
from supervisor.tradier.bodies import sentences
from supervisor.tradier.fields import (
    Garbled,
    absent,
    day,
    identity,
    instant,
    maybe_money,
    maybe_text,
    obj,
    or_garbled,
    rows,
    several,
    text,
    whole,
    word,
)


def _quote(row: dict[str, Any]) -> records.Quote:
    """One quote (§8): `close` is null during the session, dates are epoch milliseconds. Raises Garbled."""
    return records.Quote(
        symbol=text(row, "symbol", "quote"),
        kind=word(row, "type"),
        description=maybe_text(row, "description"),
        last=maybe_money(row, "last", "quote"),
        bid=maybe_money(row, "bid", "quote"),
        ask=maybe_money(row, "ask", "quote"),
        bid_size=maybe_money(row, "bidsize", "quote"),
        ask_size=maybe_money(row, "asksize", "quote"),
        close=maybe_money(row, "close", "quote"),
        previous_close=maybe_money(row, "prevclose", "quote"),
        volume=maybe_money(row, "volume", "quote"),
        traded_at=instant(row.get("trade_date")),
        bid_at=instant(row.get("bid_date")),
        ask_at=instant(row.get("ask_date")),
        underlying=maybe_text(row, "underlying"),
        root=maybe_text(row, "root_symbol"),
        strike=maybe_money(row, "strike", "quote"),
        right=word(row, "option_type"),
        expires=day(row.get("expiration_date")),
        contract_size=maybe_money(row, "contract_size", "quote"),
    )


def _unmatched(held: Any) -> tuple[str, ...]:
    """The symbols the broker does not know: one as text, several as a list. Raises Garbled."""
    if absent(held) or held == {}:
        return ()
    named = obj(held, "quotes.unmatched_symbols").get("symbol")
    listed = named if isinstance(named, list) else [] if absent(named) else [named]
    return tuple(text({"symbol": symbol}, "symbol", "quotes.unmatched_symbols") for symbol in listed)


@or_garbled
def quotes(answer: dict[str, Any]) -> records.Quotes:
    """Quotes and unmatched symbols; none where the broker says none, as it may for an expired option (§8, §12)."""
    if "quotes" not in answer and answer:
        raise Garbled("no quotes in the answer")
    held = answer.get("quotes")
    if absent(held) or held == {}:
        return records.Quotes((), ())
    held = obj(held, "quotes")
    if not held.keys() & {"quote", "unmatched_symbols"}:
        raise Garbled("quotes hold no quote and no unmatched_symbols")
    found = several(held.get("quote"), "quotes.quote")
    return records.Quotes(tuple(_quote(row) for row in found), _unmatched(held.get("unmatched_symbols")))


@or_garbled
def market_clock(answer: dict[str, Any]) -> records.MarketClock:
    """The market's state and the broker's own clock (§8)."""
    held = obj(answer.get("clock"), "clock")
    stamp = whole(held.get("timestamp"))
    return records.MarketClock(
        state=text(held, "state", "clock").lower(),
        at=None if stamp is None else float(stamp),
        description=maybe_text(held, "description"),
        next_change=maybe_text(held, "next_change"),
        next_state=word(held, "next_state"),
    )


@or_garbled
def securities(answer: dict[str, Any]) -> tuple[records.Security, ...]:
    """What a lookup or a search found (§8)."""
    return tuple(
        records.Security(
            symbol=text(row, "symbol", "security"),
            kind=word(row, "type"),
            exchange=maybe_text(row, "exchange"),
            description=maybe_text(row, "description"),
        )
        for row in rows(answer, "securities", "security")
    )


@or_garbled
def history(answer: dict[str, Any]) -> tuple[records.HistoryEvent, ...]:
    """The account's bookings (§6): details stand under a name that is the event's type."""
    events = []
    for row in rows(answer, "history", "event"):
        kind = text(row, "type", "event").lower()
        details = row.get(kind)
        events.append(
            records.HistoryEvent(
                kind=kind,
                at=instant(row.get("date")),
                amount=maybe_money(row, "amount", "event"),
                details=details if isinstance(details, dict) else {},
            )
        )
    return tuple(events)


@or_garbled
def preview(answer: dict[str, Any]) -> records.Preview:
    """What the order would cost (§7.3). Raises nothing; a preview that says it failed is garbled here, see `refusals`."""
    held = obj(answer.get("order"), "order")
    if held.get("result") is False or (word(held, "status") or "ok") != "ok":
        raise Garbled("the preview's result is not ok")
    if not held.keys() & {"cost", "order_cost", "margin_change", "result"}:
        raise Garbled("the preview holds no cost")
    extended = held.get("extended_hours")
    return records.Preview(
        cost=maybe_money(held, "cost", "preview"),
        order_cost=maybe_money(held, "order_cost", "preview"),
        commission=maybe_money(held, "commission", "preview"),
        fees=maybe_money(held, "fees", "preview"),
        margin_change=maybe_money(held, "margin_change", "preview"),
        day_trades=whole(held.get("day_trades")),
        kind=word(held, "class"),
        strategy=word(held, "strategy"),
        extended_hours=extended if isinstance(extended, bool) else None,
    )


@or_garbled
def acknowledgement(answer: dict[str, Any]) -> records.Acknowledgement:
    """The broker received the request and names the order by its id (§7.2, §7.5, §7.6)."""
    held = obj(answer.get("order"), "order")
    return records.Acknowledgement(
        order_id=identity(held, "id", "order"),
        status=word(held, "status"),
        partner_id=maybe_text(held, "partner_id"),
    )


def refusals(answer: dict[str, Any]) -> tuple[str, ...]:
    """The sentences and codes of an `errors` object, at the top or inside `order`; empty where there is none.

    A preview may also say `result: false` with nothing but a status (legacy, §7.3); then the status is the sentence.
    """
    held = answer.get("order")
    inner = held if isinstance(held, dict) else {}
    told = sentences(answer.get("errors")) or sentences(inner.get("errors"))
    if not told and inner.get("result") is False:
        return sentences(inner.get("status")) or ("the preview's result is false",)
    return told
