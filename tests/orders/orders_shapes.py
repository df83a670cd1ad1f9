"""One order of every class, to open and to close, on the positions of `stocked`."""

from typing import Any

from orders.orders_room import CALL, HIGHER, PUT, Room

SPY_CALL = "SPY261218C00700000"

SHAPES: dict[str, dict[str, Any]] = {
    "equity open": {"symbol": "AMD", "side": "buy", "quantity": 10, "type": "limit", "price": 160},
    "equity open at market": {"symbol": "AMD", "side": "buy", "quantity": 10, "type": "market"},
    "equity open short": {"symbol": "F", "side": "sell_short", "quantity": 10, "type": "limit", "price": 11},
    "equity close": {"symbol": "AAPL", "side": "sell", "quantity": 10, "type": "limit", "price": 200},
    "equity close short": {"symbol": "NVDA", "side": "buy_to_cover", "quantity": 10, "type": "market"},
    "option open": {"option_symbol": PUT, "side": "buy_to_open", "quantity": 1, "type": "limit", "price": 20},
    "option close": {"option_symbol": CALL, "side": "sell_to_close", "quantity": 1, "type": "market"},
    "multileg open": {
        "class": "multileg",
        "type": "debit",
        "price": 10,
        "legs": [
            {"option_symbol": PUT, "side": "buy_to_open", "quantity": 1},
            {"option_symbol": "AAPL261218P00180000", "side": "sell_to_open", "quantity": 1},
        ],
    },
    "multileg close": {
        "class": "multileg",
        "type": "even",
        "legs": [
            {"option_symbol": CALL, "side": "sell_to_close", "quantity": 1},
            {"option_symbol": HIGHER, "side": "buy_to_close", "quantity": 1},
        ],
    },
    "combo open": {
        "class": "combo",
        "symbol": "AMD",
        "type": "market",
        "legs": [
            {"symbol": "AMD", "side": "buy", "quantity": 100},
            {"option_symbol": "AMD261218C00170000", "side": "sell_to_open", "quantity": 1},
        ],
    },
    "combo close": {
        "class": "combo",
        "symbol": "AAPL",
        "type": "market",
        "legs": [
            {"symbol": "AAPL", "side": "sell", "quantity": 100},
            {"option_symbol": HIGHER, "side": "buy_to_close", "quantity": 1},
        ],
    },
    "oto open": {
        "class": "oto",
        "legs": [
            {"symbol": "AMD", "side": "buy", "quantity": 10, "type": "limit", "price": 160},
            {"symbol": "AMD", "side": "sell", "quantity": 10, "type": "limit", "price": 200},
        ],
    },
    "oto close": {
        "class": "oto",
        "legs": [
            {"symbol": "AAPL", "side": "sell", "quantity": 10, "type": "limit", "price": 200},
            {"symbol": "MSFT", "side": "sell", "quantity": 10, "type": "market"},
        ],
    },
    "oco open": {
        "class": "oco",
        "legs": [
            {"symbol": "AMD", "side": "buy", "quantity": 10, "type": "limit", "price": 120},
            {"symbol": "AMD", "side": "buy", "quantity": 10, "type": "stop_limit", "price": 180, "stop": 170},
        ],
    },
    "oco close": {
        "class": "oco",
        "legs": [
            {"symbol": "AAPL", "side": "sell", "quantity": 400, "type": "limit", "price": 250},
            {"symbol": "AAPL", "side": "sell", "quantity": 400, "type": "stop", "stop": 150},
        ],
    },
    "otoco open": {
        "class": "otoco",
        "legs": [
            {"symbol": "AMD", "side": "buy", "quantity": 10, "type": "limit", "price": 160},
            {"symbol": "AMD", "side": "sell", "quantity": 10, "type": "limit", "price": 200},
            {"symbol": "AMD", "side": "sell", "quantity": 10, "type": "stop", "stop": 100},
        ],
    },
    "otoco close": {
        "class": "otoco",
        "legs": [
            {"symbol": "AAPL", "side": "sell", "quantity": 10, "type": "limit", "price": 200},
            {"symbol": "MSFT", "side": "sell", "quantity": 10, "type": "limit", "price": 250},
            {"symbol": "MSFT", "side": "sell", "quantity": 10, "type": "stop", "stop": 100},
        ],
    },
}


def stocked(room: Room) -> Room:
    """Shares, options both ways, and a short."""
    room.hold(**{"AAPL": 1000, "MSFT": 1000, "NVDA": -50, CALL: 10, HIGHER: -5})
    return room
