"""What is put right, what is refused, and what is never invented."""

import copy
import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from supervisor.orders import OrderRefused, Refusal
from supervisor.orders.build import build, understand
from supervisor.orders.claims import Claim
from supervisor.orders.order import Order, sent_tag, to_form
from supervisor.orders.tidy import Held, tidy

from orders.orders_shapes import SHAPES

TODAY = date(2026, 11, 23)
OCC = "AAPL261218C00210000"
NOTHING = Held({})


def faults(raw: Any, held: Held | None = None) -> list[str]:
    with pytest.raises(OrderRefused) as refused:
        understand(raw, held, TODAY)
    return [refusal.words for refusal in refused.value.refusals]


def form(raw: dict[str, Any], held: Held | None = None) -> dict[str, str]:
    return dict(to_form(understand(raw, held, TODAY)[0], "t"))


def changed(raw: dict[str, Any], held: Held | None = None) -> dict[str, tuple[str, str]]:
    return {fix.field: (fix.before, fix.after) for fix in tidy(raw, held).fixes}


BUY = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "limit", "price": 5}


def test_case_and_blanks_are_put_right_and_listed() -> None:
    raw = BUY | {"symbol": " aapl ", "side": "Buy", "type": "LIMIT ", "duration": "GTC", "class": "Equity"}
    assert form(raw) | {"price": ""} == {
        "class": "equity",
        "symbol": "AAPL",
        "side": "buy",
        "quantity": "1",
        "type": "limit",
        "duration": "gtc",
        "price": "",
        "tag": "t",
    }
    assert changed(raw)["symbol"] == (" aapl ", "AAPL")
    assert set(changed(raw)) == {"symbol", "side", "type", "duration", "class"}


def test_an_option_code_given_as_symbol_moves_and_keeps_its_underlying() -> None:
    raw = {"symbol": "aapl  261218c00210000", "side": "buy_to_open", "quantity": 1, "price": 2}
    assert form(raw)["option_symbol"] == OCC
    assert form(raw)["symbol"] == "AAPL"
    assert form(raw)["class"] == "option"
    assert form(raw | {"class": "equity"})["class"] == "option"


@pytest.mark.parametrize(
    ("given_as", "underlying", "code"),
    [
        ("BRKB261218C00500000", "BRK/B", "BRKB261218C00500000"),
        ("SPXW  261218P06000000", "SPX", "SPXW261218P06000000"),
        ("AAPL1 261218C00210000", "AAPL", "AAPL1261218C00210000"),
    ],
)
def test_each_root_has_its_underlying(given_as: str, underlying: str, code: str) -> None:
    sent = form({"symbol": given_as, "side": "buy_to_open", "quantity": 1, "price": 2})
    assert (sent["symbol"], sent["option_symbol"]) == (underlying, code)


@pytest.mark.parametrize("spelled", ["BRK.B", "brk b", "BRK/B", " brk.b "])
def test_class_shares_get_their_slash(spelled: str) -> None:
    assert form(BUY | {"symbol": spelled})["symbol"] == "BRK/B"


@pytest.mark.parametrize(
    ("prices", "type_"), [({"price": 5}, "limit"), ({"stop": 5}, "stop"), ({"price": 5, "stop": 4}, "stop_limit")]
)
def test_a_type_follows_from_the_prices_given(prices: dict[str, int], type_: str) -> None:
    raw = {"symbol": "AAPL", "side": "buy", "quantity": 1} | prices
    assert form(raw)["type"] == type_
    assert changed(raw)["type"] == ("", type_)


def test_without_type_and_price_it_is_refused_and_never_a_market_order() -> None:
    assert faults({"symbol": "AAPL", "side": "buy", "quantity": 1}) == [
        "type is missing: say one of limit, market, stop, stop_limit"
    ]


@pytest.mark.parametrize("price", ["3.1", "3.100", 3.1, Decimal("3.10000"), " 3.10 "])
def test_prices_get_two_decimals_where_nothing_is_lost(price: Any) -> None:
    assert form(BUY | {"price": price})["price"] == "3.10"


def test_a_price_that_would_lose_something_is_refused() -> None:
    assert faults(BUY | {"price": "3.125"}) == ["price '3.125' has more than two decimals"]


@pytest.mark.parametrize(
    ("side", "have", "becomes"),
    [
        ("sell", 2, "sell_to_close"),
        ("buy", -2, "buy_to_close"),
        ("buy", 0, "buy_to_open"),
        ("buy", 3, "buy_to_open"),
        ("sell", 0, None),
        ("sell", -2, None),
        ("sell", 1, None),
        ("buy", -1, None),
    ],
)
def test_a_bare_side_on_an_option_is_settled_only_beyond_doubt(side: str, have: int, becomes: str | None) -> None:
    raw = {"symbol": OCC, "side": side, "quantity": 2, "price": 2}
    held = Held({OCC: Decimal(have)})
    if becomes is None:
        assert "is not clear" in faults(raw, held)[0]
    else:
        assert form(raw, held)["side"] == becomes
    assert "is not clear" in faults(raw, None)[0]
    live = Held(held.positions, (Claim(OCC, "sell_to_close", Decimal(1)),))
    assert "is not clear" in faults(raw, live)[0]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (BUY | {"quantity": 1.5}, "quantity 1.5 is not whole"),
        (BUY | {"quantity": -1}, "quantity -1 is not between 1 and 10,000,000"),
        (BUY | {"quantity": True}, "quantity True is no number"),
        (BUY | {"price": float("nan")}, "price nan is no number"),
        (BUY | {"price": 0}, "price 0.00 is not above zero"),
        (BUY | {"type": "market"}, "a market order has no price: leave it out, or say another type"),
        (BUY | {"type": "stop_limit"}, "a stop_limit order needs a stop"),
        (BUY | {"order_type": "market"}, "type 'limit' and order_type 'market' contradict each other"),
        (BUY | {"preview": "true"}, "preview: it asks for a preview: preview it instead of submitting it"),
        (BUY | {"trail_percent": 3}, "trail_percent: trailing stops are not sent"),
        (BUY | {"side": "buy_to_open"}, "side 'buy_to_open' is none of buy, buy_to_cover, sell, sell_short"),
        (BUY | {"duration": "ioc"}, "duration 'ioc' is none of day, gtc, post, pre"),
        (BUY | {"type": "stop", "price": None, "stop": 4, "duration": "pre"}, "duration pre needs a limit order"),
        (
            BUY | {"symbol": "AAPL261318C00210000"},
            "symbol 'AAPL261318C00210000' is an option code in a place for shares",
        ),
        (BUY | {"symbol": OCC, "side": "buy_to_open", "class": "option", "option_symbol": "MSFT261218C00210000"}, ""),
        (
            BUY | {"symbol": "MSFT", "option_symbol": OCC, "side": "buy_to_open"},
            f"symbol MSFT is not the underlying of {OCC}",
        ),
        (
            BUY | {"symbol": "AAPL240119C00150000", "side": "buy_to_open"},
            "option AAPL240119C00150000 expired on 2024-01-19",
        ),
        (BUY | {"class": "future"}, "class 'future' is none of equity, option, multileg, combo, oto, oco, otoco"),
        (BUY | {"side": "sell_short", "duration": "gtc"}, "a short sale can't be gtc, only day"),
        ({"legs": 3} | BUY, "legs is no list of legs"),
        ([], "an order is a mapping of fields, not list"),
    ],
)
def test_each_fault_is_named(raw: Any, words: str) -> None:
    assert any(words in said for said in faults(raw))


def test_every_fault_is_named_at_once() -> None:
    said = faults({"side": "hold", "quantity": 0, "type": "stop", "price": -1})
    assert [words.split(" ")[0] for words in said] == ["symbol", "side", "quantity", "price", "a"]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_survives_being_written_and_read(shape: str) -> None:
    order, _ = understand(SHAPES[shape], None, TODAY)
    assert build(order.as_dict(), TODAY) == order


def test_legs_may_come_as_indexed_fields() -> None:
    listed = SHAPES["multileg open"]
    flat = {"class": "multileg", "symbol": "AAPL", "type": "debit", "price": "10"}
    for i, leg in enumerate(listed["legs"]):
        flat |= {f"{name}[{i}]": value for name, value in leg.items()}
    assert understand(flat, None, TODAY)[0] == understand(listed, None, TODAY)[0]


def test_the_exits_of_an_oco_must_fit_each_other() -> None:
    legs = [
        {"symbol": "AAPL", "side": "sell", "quantity": 1, "type": "limit", "price": 5},
        {"symbol": "MSFT", "side": "buy", "quantity": 1, "type": "limit", "price": 5, "duration": "gtc"},
    ]
    assert faults({"class": "oco", "legs": legs}) == [
        "the two exits are on AAPL and MSFT; they must be on one",
        "the two exits are sell and buy; they must be on one side",
        "the two exits are both limit; their types must differ",
        "the two exits must last equally long",
    ]


def test_the_tag_that_is_sent_is_lawful_and_ours() -> None:
    assert sent_tag("k71", "my strategy_7: §") == "k71-my-strategy-7---"
    assert sent_tag("k71", "") == "k71"
    assert len(sent_tag("k71", "x" * 400)) == 255


# ------------------------------------------------------------------------------------------------ at random

WORDS = [
    "buy",
    "sell",
    " BUY",
    "buy_to_open",
    "Sell_To_Close",
    "sell_short",
    "limit",
    "market",
    "stop",
    "DAY",
    "gtc",
    "pre",
]
SYMBOLS = [
    "AAPL",
    "brk.b",
    OCC,
    "aapl  261218p00190000",
    "AAPL240119C00150000",
    "???",
    "",
    "X" * 40,
    "AAPL261318C00210000",
]
ODD: list[Any] = [
    None,
    "",
    " ",
    0,
    -1,
    1,
    10,
    2.5,
    1e300,
    float("inf"),
    "12",
    "3.10",
    "3.1234",
    True,
    [],
    {},
    b"x",
    object(),
    10**5000,
]
KEYS = [
    "class", "order_class", "symbol", "option_symbol", "side", "action", "quantity", "qty", "type", "order_type", "duration",
    "time_in_force", "price", "limit_price", "stop", "stop_price", "tag", "intent_id", "preview", "legs", "symbol[0]", "side[1]",
]  # fmt: skip
CLASSES = ["equity", "option", "multileg", "combo", "oto", "oco", "otoco", "fund"]


def anything(chance: random.Random, depth: int = 0) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key in chance.sample(KEYS, chance.randint(0, 10)):
        pools: list[list[Any]] = [WORDS, SYMBOLS, ODD, CLASSES, [1, 5, "7.50", 100]]
        likely = {"class": 3, "symbol": 1, "option_symbol": 1, "side": 0, "type": 0, "price": 4, "quantity": 4}
        pool = pools[likely[key] if key in likely and chance.random() < 0.8 else chance.randrange(5)]
        found[key] = chance.choice(pool)
    if depth == 0 and chance.random() < 0.4:
        found["legs"] = [anything(chance, 1) for _ in range(chance.randint(0, 5))]
    return found


def nearly(chance: random.Random) -> dict[Any, Any]:
    """A good order with a field or two gone wrong."""
    raw: dict[Any, Any] = copy.deepcopy(chance.choice(list(SHAPES.values())))
    for target in chance.sample([raw, *raw.get("legs", [])], 1) * chance.randint(0, 2):
        key = chance.choice([*target, *KEYS])
        target[key] = chance.choice(chance.choice([WORDS, SYMBOLS, ODD, CLASSES, [target.get(key)]]))
        if chance.random() < 0.3:
            target.pop(chance.choice(list(target)))
    return raw


def said_market(raw: Any) -> bool:
    if isinstance(raw, dict):
        return any(said_market(value) for value in raw.values())
    if isinstance(raw, list):
        return any(said_market(value) for value in raw)
    return isinstance(raw, str) and raw.strip().lower() == "market"


def words_of(raw: Any) -> set[str]:
    """Every value in it, as it may come out again."""
    if isinstance(raw, dict):
        return {word for value in raw.values() for word in words_of(value)}
    if isinstance(raw, list):
        return {word for value in raw for word in words_of(value)}
    return {"".join(raw.split()).upper().replace(".", "/")} if isinstance(raw, str) else set()


def test_ten_thousand_random_orders_are_understood_or_refused_with_every_fault_named() -> None:
    chance = random.Random(4)
    held = Held({OCC: Decimal(10)})
    understood: list[tuple[Any, Order]] = []
    named: list[tuple[Refusal, ...]] = []
    for _ in range(10_000):
        raw = chance.choice([anything, nearly])(chance)
        try:
            understood.append((raw, understand(raw, chance.choice([None, held, NOTHING]), TODAY)[0]))
        except OrderRefused as refused:
            named.append(refused.refusals)
    assert all(refusals and all(refusal.words for refusal in refusals) for refusals in named)
    assert len(understood) > 1000
    for raw, order in understood:
        given_words = words_of(raw)
        for leg in order.priced():
            assert leg.type != "market" or said_market(raw)
            assert leg.side != "sell_to_open" or "SELL_TO_OPEN" in given_words
            assert any(leg.symbol in word or leg.name in word for word in given_words)


numbers = st.one_of(st.integers(-5, 50), st.decimals(-5, 500, places=3), st.floats(-5, 500), st.none())


@settings(max_examples=300, deadline=None)
@given(
    price=numbers, stop=numbers, count=numbers, type_=st.sampled_from(["market", "limit", "stop", "stop_limit", None])
)
def test_no_price_and_no_quantity_is_ever_changed(price: Any, stop: Any, count: Any, type_: str | None) -> None:
    raw = {"symbol": "AAPL", "side": "buy", "quantity": count, "type": type_, "price": price, "stop": stop}
    try:
        order, _ = understand(raw, None, TODAY)
    except OrderRefused:
        return
    assert Decimal(str(count)) == order.legs[0].quantity
    assert (order.price is None) == (price is None)
    assert (order.stop is None) == (stop is None)
    assert price is None or order.price == Decimal(str(price))
    assert stop is None or order.stop == Decimal(str(stop))
    assert (order.type == "market") == (type_ == "market")
