"""What have the remedies for failed orders in common? They offer another order; the agent sends it or does not."""

import json
from collections.abc import Mapping
from typing import Any

from supervisor.orders.build import understand
from supervisor.orders.order import Order, OrderRefused
from supervisor.orders.tidy import Held
from supervisor.remedies.form import Applied, Nothing, Outcome, Plan, Scene
from supervisor.tradier.records import Quote, Quotes

DEADLINE = 5.0


def failed_order(scene: Scene) -> Mapping[str, Any] | None:
    """The order that failed, as the agent gave it."""
    return scene.ports.failed.order(scene.issue.issue_id) if scene.ports.failed is not None else None


def held(scene: Scene) -> Held | None:
    """What is held and live, where that is freshly known."""
    found = scene.ports.failed.held() if scene.ports.failed is not None else None
    return found if isinstance(found, Held) else None


def understood(scene: Scene) -> Order | OrderRefused | None:
    """The order that failed, tidied and typed; or why it can't be; None where it is not known."""
    raw = failed_order(scene)
    if raw is None:
        return None
    try:
        return understand(raw, held(scene))[0]
    except OrderRefused as refused:
        return refused


def quotes_of(scene: Scene, symbols: list[str]) -> dict[str, Quote] | None:
    """Fresh quotes by symbol, without those the broker does not know; None where they can't be read."""
    reading = scene.ports.market.quotes(symbols, DEADLINE) if scene.ports.market is not None else None
    if reading is None or not isinstance(reading.value, Quotes):
        return None
    return {quote.symbol: quote for quote in reading.value.quotes}


def known(scene: Scene, symbols: list[str]) -> bool:
    """Whether a fresh quote of each of them came."""
    found = quotes_of(scene, symbols)
    return found is not None and bool(symbols) and all(symbol in found for symbol in symbols)


def named(order: Order) -> list[str]:
    """Every instrument an order names, each once."""
    return list(dict.fromkeys(name for leg in order.legs for name in (leg.symbol, leg.name)))


def offering(words: str, order: Mapping[str, Any], **more: Any) -> Plan:
    """A plan to offer that order."""
    return Plan(words, {"order": json.loads(json.dumps(dict(order), default=str)), **more})


def offer(plan: Plan, scene: Scene) -> Outcome:
    """The planned order is offered."""
    if scene.ports.failed is None:
        return Nothing("there is no one to offer an order to")
    scene.insist()
    scene.ports.failed.offer(scene.issue.issue_id, plan.data["order"])
    return Applied(f"offered to the agent, not sent: {plan.words}", clears=True)


def is_offered(plan: Plan, scene: Scene) -> bool:
    """Whether the planned order is what is offered, and can be understood."""
    failed = scene.ports.failed
    if failed is None or failed.offered(scene.issue.issue_id) != plan.data["order"]:
        return False
    try:
        understand(plan.data["order"])
    except OrderRefused:
        return False
    return True


def withdraw(scene: Scene) -> None:
    """Nothing is offered any longer."""
    if scene.ports.failed is not None:
        scene.ports.failed.withdraw(scene.issue.issue_id)
