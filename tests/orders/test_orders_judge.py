"""Which orders are refused here, so that no round trip is needed to learn it?"""

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from supervisor.concerns.facts import Balances
from supervisor.core.intent import Decision, Intent
from supervisor.core.verdict import Reason
from supervisor.core.words import Permit
from supervisor.orders.build import understand
from supervisor.orders.claims import Claim, closable, of_order
from supervisor.orders.judge import Earlier, Estimate, Scene, judge
from supervisor.orders.order import Order
from supervisor.orders.settings import OrderSettings
from supervisor.orders.stake import bared, cost_at_worst, needs_preview

from orders.orders_room import CALL, HIGHER, PUT
from orders.orders_shapes import SHAPES

TODAY = date(2026, 11, 23)
OPENING = Intent(Permit.OPEN_EQUITY, frozenset({"AAPL"}), "")
RICH = Balances("margin", Decimal(1_000_000), Decimal(1_000_000), Decimal(0), total_cash=Decimal(1_000_000))
SCENE = Scene(
    now=1000.0,
    decision=Decision(allowed=True, intent=OPENING, reasons=()),
    positions={},
    claims=(),
    balances=RICH,
    market="open",
    option_level=4,
    estimate=Estimate(clean=True, order_cost=Decimal(1), margin_change=Decimal(1)),
)
BUY = {"symbol": "AAPL", "side": "buy", "quantity": 10, "type": "limit", "price": 5}


def order(raw: dict[str, Any]) -> Order:
    return understand(raw, None, TODAY)[0]


def causes(raw: dict[str, Any], **changes: Any) -> list[str]:
    return [refusal.cause for refusal in judge(order(raw), attrs.evolve(SCENE, **changes))]


def held(**quantities: int) -> dict[str, Decimal]:
    return {symbol: Decimal(quantity) for symbol, quantity in quantities.items()}


SELL = BUY | {"side": "sell"}


def test_nothing_is_refused_without_a_reason() -> None:
    assert causes(BUY) == []
    assert causes(SELL, positions=held(AAPL=10)) == []


def test_a_closed_gate_refuses_with_its_reasons() -> None:
    why = Reason(1, "connection", "down", 0.0, "Missed.", "when 'answered' is heard")
    shut = Decision(allowed=False, intent=OPENING, reasons=(why,))
    (refusal,) = judge(order(BUY), attrs.evolve(SCENE, decision=shut))
    assert refusal.cause == "gate"
    assert refusal.words == "connection is down: Missed. Opens when 'answered' is heard."


def test_nothing_opens_on_a_symbol_in_doubt_but_closing_goes_on() -> None:
    assert causes(BUY, in_doubt=frozenset({"AAPL"})) == ["duplicate"]
    assert causes(
        {"symbol": "BRK.B"} | {k: v for k, v in BUY.items() if k != "symbol"}, in_doubt=frozenset({"BRKB"})
    ) == ["duplicate"]
    assert causes(SELL, in_doubt=frozenset({"AAPL"}), positions=held(AAPL=10)) == []


@pytest.mark.parametrize(
    ("ago", "intent", "earlier_intent", "refused"),
    [
        (59.0, "", "", True),
        (60.0, "", "", False),
        (1.0, "b", "a", False),
        (1.0, "b", "", False),
        (1.0, "", "a", True),
        (9999.0, "a", "a", True),
    ],
)
def test_the_same_intent_twice_is_refused(ago: float, intent: str, earlier_intent: str, refused: bool) -> None:
    earlier = Earlier("k1", 1000.0 - ago, order(BUY), earlier_intent)
    assert causes(BUY | {"intent_id": intent}, earlier=(earlier,)) == (["duplicate"] if refused else [])


def test_another_price_is_another_order() -> None:
    assert causes(BUY, earlier=(Earlier("k1", 999.0, order(BUY | {"price": 6})),)) == []


def test_a_level_too_low_keeps_from_opening_options_only() -> None:
    option = {"symbol": CALL, "side": "buy_to_open", "quantity": 1, "price": 2}
    assert causes(option, option_level=1) == ["permissions"]
    assert causes(option, option_level=None) == []
    assert causes(BUY, option_level=0) == []
    close = option | {"side": "sell_to_close"}
    assert causes(close, option_level=0, positions=held(**{CALL: 1})) == []


@pytest.mark.parametrize("market", ["closed", "premarket", "postmarket", None])
def test_an_opening_market_order_waits_for_the_market(market: str | None) -> None:
    raw = BUY | {"type": "market", "price": None}
    assert causes(raw, market=market) == ["market_hours"]
    assert causes(raw, market=market, settings=OrderSettings(market_when_closed=True)) == []
    assert causes(raw | {"side": "sell"}, market=market, positions=held(AAPL=10)) == []


def test_extended_hours_orders_need_their_session() -> None:
    assert causes(BUY | {"duration": "pre"}) == ["market_hours"]
    assert causes(BUY | {"duration": "pre"}, market="premarket") == []
    assert causes(BUY | {"duration": "post"}, market="premarket") == ["market_hours"]


def test_closing_more_than_is_held_less_pending_less_ambiguous_is_refused() -> None:
    live = (Claim("AAPL", "sell", Decimal(3)), Claim("AAPL", "sell", Decimal(2)), Claim("MSFT", "sell", Decimal(99)))
    assert causes(SELL, positions=held(AAPL=14), claims=live) == ["position"]
    assert causes(SELL, positions=held(AAPL=15), claims=live) == []
    assert causes(SELL, positions=None, claims=None) == []
    assert causes(BUY, positions=None, claims=None) == ["connection"]


def test_the_legs_of_an_oco_count_once() -> None:
    oco = order(SHAPES["oco close"])
    assert of_order(oco) == (Claim("AAPL", "sell", Decimal(400)),)
    assert judge(oco, attrs.evolve(SCENE, positions=held(AAPL=400))) == []
    assert judge(oco, attrs.evolve(SCENE, positions=held(AAPL=399))) != []


def test_exits_count_against_their_entry() -> None:
    assert causes(SHAPES["otoco open"]) == []
    greedy = SHAPES["oto open"]["legs"][1] | {"quantity": 11}
    assert causes({"class": "oto", "legs": [SHAPES["oto open"]["legs"][0], greedy]}) == ["position"]
    assert closable("AMD", "sell", held(AMD=10), of_order(order(SHAPES["otoco open"]))) == 10


@pytest.mark.parametrize(
    ("side", "have", "pending"),
    [("buy", -1, None), ("sell_short", 1, None), ("sell_short", 0, ("buy", 5)), ("buy", 0, ("sell_short", 5))],
)
def test_a_position_is_never_turned_round(side: str, have: int, pending: tuple[str, int] | None) -> None:
    claims = (Claim("AAPL", pending[0], Decimal(pending[1])),) if pending else ()
    assert "position" in causes(BUY | {"side": side}, positions=held(AAPL=have), claims=claims)


def test_selling_the_shares_under_a_short_call_is_refused() -> None:
    covered = held(AAPL=100, **{HIGHER: -1})
    assert causes(SELL, positions=covered) == ["position"]
    assert causes(SELL, positions=held(AAPL=110, **{HIGHER: -1})) == []
    both = SHAPES["combo close"]
    assert causes(both, positions=covered) == []


def test_a_pending_purchase_is_no_cover_and_a_pending_sale_takes_it_away() -> None:
    write = {"symbol": HIGHER, "side": "sell_to_open", "quantity": 1, "price": 2}
    assert causes(write, positions=held(AAPL=100)) == []
    assert causes(write, positions=held(AAPL=0), claims=(Claim("AAPL", "buy", Decimal(100)),)) == ["position"]
    assert causes(write, positions=held(AAPL=100), claims=(Claim("AAPL", "sell", Decimal(1)),)) == ["position"]
    assert causes(write, positions=held(AAPL=100), claims=(Claim(CALL, "sell_to_open", Decimal(1)),)) == ["position"]


def test_a_put_may_be_written_against_cash_for_every_short_put() -> None:
    write = order({"symbol": PUT, "side": "sell_to_open", "quantity": 1, "price": 2})
    assert bared(write, {}, (), Decimal(19_000)) == []
    assert bared(write, {}, (), Decimal(18_999)) != []
    assert bared(write, held(**{PUT: -1}), (), Decimal(37_999)) != []
    assert bared(write, {}, (), None) != []


def test_what_it_costs_at_worst_is_by_its_limit_and_its_multiplier() -> None:
    assert cost_at_worst(order(BUY)) == 50
    assert cost_at_worst(order({"symbol": CALL, "side": "buy_to_open", "quantity": 2, "price": "1.50"})) == 300
    assert cost_at_worst(order(SELL)) == 0
    assert cost_at_worst(order(SHAPES["oco open"])) == 1800
    assert cost_at_worst(order(BUY | {"type": "market", "price": None})) is None


@pytest.mark.parametrize("shape", ["equity open at market", "equity open short", "multileg open", "combo open"])
def test_what_only_the_broker_can_price_needs_its_preview(shape: str) -> None:
    assert needs_preview(order(SHAPES[shape]))
    positions = held(AMD=0)
    assert "broker" in causes(SHAPES[shape], estimate=None, positions=positions)
    assert "broker" in causes(SHAPES[shape], estimate=Estimate(clean=True), positions=positions)
    assert causes(SHAPES[shape], positions=positions) == []
    dear = Estimate(clean=True, order_cost=Decimal(2_000_000))
    assert causes(SHAPES[shape], estimate=dear, positions=positions) == ["funds"]


def test_closing_never_needs_a_preview_or_money() -> None:
    for shape in ("equity close", "option close", "multileg close", "combo close", "oco close"):
        assert not needs_preview(order(SHAPES[shape]))
        everything = held(AAPL=1000, **{CALL: 10, HIGHER: -5})
        assert causes(SHAPES[shape], estimate=None, balances=None, positions=everything) == []


def test_a_preview_that_refuses_blocks_opening() -> None:
    assert causes(BUY, estimate=Estimate(clean=False, refused=True, words="no", cause="funds")) == ["funds"]
    assert causes(SELL, estimate=Estimate(clean=False, refused=True), positions=held(AAPL=10)) == []


def test_buying_power_is_what_is_there_less_what_orders_in_doubt_may_cost() -> None:
    poor = attrs.evolve(RICH, equity_power=Decimal(60))
    assert causes(BUY, balances=poor) == []
    assert causes(BUY, balances=poor, reserved=Decimal(11)) == ["funds"]
    assert causes(BUY, balances=None) == ["connection"]
