"""Is the order only written badly, or does it lack a price?

What is tidied without loss is offered. A missing limit price is an error, unless a setting names the rule by which it is
filled from a fresh quote; a missing stop is never filled: its level is a decision, not a form.
"""

from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Any

from supervisor.config import Settings
from supervisor.orders.order import SINGLE, OrderRefused
from supervisor.orders.tidy import CENT, tidy
from supervisor.remedies.form import Manner, Outcome, Plan, Scene
from supervisor.remedies.orders import (
    failed_order,
    held,
    is_offered,
    known,
    named,
    offer,
    offering,
    quotes_of,
    understood,
    withdraw,
)
from supervisor.tradier.records import Quote

BUYING = frozenset({"buy", "buy_to_cover", "buy_to_open", "buy_to_close"})


class FormattingRemedy:
    """Symbol formatting and required fields."""

    name = "formatting"
    codes = frozenset({"order_failure_order", "order_failure_price"})
    manner = Manner()

    def plan(self, scene: Scene) -> Plan | None:
        """The order tidied, or with its price filled by the rule set."""
        raw, order = failed_order(scene), understood(scene)
        if raw is None or order is None:
            return None
        if isinstance(order, OrderRefused):
            return _filled(scene, dict(tidy(raw, held(scene)).order), order)
        whole = order.as_dict()
        changed = [name for name, value in whole.items() if name != "legs" and str(raw.get(name)) != str(value)]
        if not changed:
            return None
        return offering(f"write it as the broker wants it ({', '.join(changed)})", whole, symbols=named(order))

    def apply(self, plan: Plan, scene: Scene) -> Outcome:
        """Offers it."""
        return offer(plan, scene)

    def proves(self, plan: Plan, scene: Scene) -> bool:
        """It can be understood, the broker quotes what it names, and a filled price still follows its rule."""
        if not is_offered(plan, scene) or not known(scene, list(plan.data["symbols"])):
            return False
        rule = plan.data.get("rule")
        if rule is None:
            return True
        quote = (quotes_of(scene, [plan.data["symbol"]]) or {}).get(plan.data["symbol"])
        price = Decimal(str(plan.data["order"]["price"]))
        return quote is not None and _still(rule, plan.data["side"], price, quote, scene.settings)

    def undo(self, _: Plan, scene: Scene) -> str | None:
        """Withdraws it."""
        withdraw(scene)
        return None


def _filled(scene: Scene, fields: dict[str, Any], refused: OrderRefused) -> Plan | None:
    """A plan to fill the one thing that is missing; or to say that only a person can."""
    missing = [refusal.field for refusal in refused.refusals]
    if missing == ["stop"]:
        return Plan("its stop is missing", finish="say the stop: no quote can tell where it should lie", acts=False)
    if missing != ["price"] or fields.get("class") not in SINGLE or fields.get("price") is not None:
        return None
    rule = scene.settings.price_rule
    if rule == "off":
        words = "say the price, or name a rule to fill it by (setting price_rule: mid or marketable)"
        return Plan("its price is missing", finish=words, acts=False)
    symbol, side = str(fields.get("option_symbol") or fields.get("symbol")), str(fields.get("side"))
    quote = (quotes_of(scene, [symbol]) or {}).get(symbol)
    price = price_by(rule, side, quote, scene.settings) if quote is not None else None
    if price is None:
        return None
    words = f"fill its price with {price}, by the rule {rule} from a fresh quote ({_bid_ask(quote)})"
    return offering(words, fields | {"price": price}, symbols=[symbol], symbol=symbol, side=side, rule=rule)


def _bid_ask(quote: Quote | None) -> str:
    return f"bid {quote.bid}, ask {quote.ask}" if quote is not None else "no quote"


def price_by(rule: str, side: str, quote: Quote, settings: Settings) -> Decimal | None:
    """The limit price by that rule, never worse than the band allows; None where the quote has not two good sides."""
    bid, ask = quote.bid, quote.ask
    if bid is None or ask is None or not 0 < bid <= ask:
        return None
    buying = side in BUYING
    if rule == "mid":
        return ((bid + ask) / 2).quantize(CENT, rounding=ROUND_DOWN if buying else ROUND_UP)
    band = Decimal(str(settings.price_band))
    return (ask * (1 + band)).quantize(CENT, ROUND_DOWN) if buying else (bid * (1 - band)).quantize(CENT, ROUND_UP)


def _still(rule: str, side: str, price: Decimal, quote: Quote, settings: Settings) -> bool:
    """Whether the price still follows its rule by that quote."""
    if quote.bid is None or quote.ask is None:
        return False
    if rule == "mid":
        return quote.bid <= price <= quote.ask
    worst = price_by(rule, side, quote, settings)
    if worst is None:
        return False
    return quote.ask <= price <= worst if side in BUYING else worst <= price <= quote.bid
