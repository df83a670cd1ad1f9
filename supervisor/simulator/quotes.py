"""What does each symbol cost right now?

Prices stand still until told otherwise, so that a test knows them; an option's price follows from its underlying by
Black and Scholes with one volatility, so that every valid contract of a known underlying has a quote.
"""

import math
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import attrs

from supervisor.simulator.hours import Session, eastern, session
from supervisor.simulator.occ import Contract, compose, expirations, parse, root_of

CENT = Decimal("0.01")
VOLATILITY = 0.25
RATE = 0.04
STRIKES_EACH_SIDE = 10
_YEAR_DAYS = 365.0


@attrs.frozen
class Listing:
    """One symbol the broker knows: `kind` is stock, etf, index or option."""

    symbol: str
    description: str
    kind: str
    exchange: str


@attrs.frozen
class Price:
    """Bid, ask and last of one symbol, in dollars (per share for options)."""

    bid: Decimal
    ask: Decimal
    last: Decimal


_SEED: tuple[tuple[str, str, str, str, str], ...] = (
    ("AAPL", "Apple Inc", "stock", "Q", "201.44"),
    ("AMD", "Advanced Micro Devices Inc", "stock", "Q", "158.20"),
    ("AMZN", "Amazon.com Inc", "stock", "Q", "228.15"),
    ("BAC", "Bank of America Corp", "stock", "N", "51.32"),
    ("BRK/B", "Berkshire Hathaway Inc Class B", "stock", "N", "489.60"),
    ("F", "Ford Motor Co", "stock", "N", "11.85"),
    ("GOOG", "Alphabet Inc Class C", "stock", "Q", "288.91"),
    ("GOOGL", "Alphabet Inc Class A", "stock", "Q", "288.10"),
    ("INTC", "Intel Corp", "stock", "Q", "36.40"),
    ("IWM", "iShares Russell 2000 ETF", "etf", "P", "241.05"),
    ("META", "Meta Platforms Inc", "stock", "Q", "612.77"),
    ("MSFT", "Microsoft Corp", "stock", "Q", "189.04"),
    ("NVDA", "NVIDIA Corp", "stock", "Q", "182.55"),
    ("PLTR", "Palantir Technologies Inc", "stock", "Q", "172.30"),
    ("QQQ", "Invesco QQQ Trust", "etf", "Q", "608.44"),
    ("SIRI", "Sample Penny Radio Inc", "stock", "Q", "3.12"),
    ("SPX", "S&P 500 Index", "index", "C", "6881.20"),
    ("SPY", "SPDR S&P 500", "etf", "P", "688.12"),
    ("TSLA", "Tesla Inc", "stock", "Q", "402.18"),
    ("XSP", "Mini SPX Index", "index", "C", "688.12"),
)


def cents(amount: Decimal | float) -> Decimal:
    """Rounded to the cent."""
    return Decimal(str(amount)).quantize(CENT, ROUND_HALF_UP)


class Quotes:
    """Every price the simulated market has. Not locked: the simulator's lock covers it."""

    def __init__(self) -> None:
        self.listings = {row[0]: Listing(*row[:4]) for row in _SEED}
        self._prices: dict[str, Price] = {}
        for symbol, *_, last in _SEED:
            self.set(symbol, last=last)

    def set(self, symbol: str, *, last: Any = None, bid: Any = None, ask: Any = None) -> Price:
        """Gives a symbol (stock or option) its price from now on; what is left out lies one cent around `last`."""
        given = [Decimal(str(side)) for side in (last, bid, ask) if side is not None]
        middle = Decimal(str(last)) if last is not None else sum(given, Decimal(0)) / len(given)
        price = Price(
            bid=Decimal(str(bid)) if bid is not None else middle - CENT,
            ask=Decimal(str(ask)) if ask is not None else middle + CENT,
            last=middle,
        )
        self._prices[symbol] = price
        if parse(symbol) is None and symbol not in self.listings:
            self.listings[symbol] = Listing(symbol, f"{symbol} Inc", "stock", "N")
        return price

    def price(self, symbol: str, now: float) -> Price | None:
        """The symbol's price at that instant, or None where the broker does not know it (expired options included)."""
        contract = parse(symbol)
        if contract is None:
            return self._prices.get(symbol)
        if contract.expires < eastern(now).date() or contract.underlying not in self._prices:
            return None
        return self._prices.get(symbol) or self._option_price(contract, now)

    def row(self, symbol: str, now: float, *, greeks: bool = False) -> dict[str, Any] | None:
        """The symbol's quote as `/v1/markets/quotes` has it (FIX AT), or None."""
        price = self.price(symbol, now)
        if price is None:
            return None
        contract = parse(symbol)
        listing = self.listings.get(symbol) or _option_listing(symbol, contract)
        previous = cents(price.last * Decimal("0.9969"))
        stamp = int(now * 1000)
        row: dict[str, Any] = {
            "symbol": symbol,
            "description": listing.description,
            "exch": listing.exchange,
            "type": listing.kind,
            "last": price.last,
            "change": price.last - previous,
            "volume": 812 if contract else 18223011,
            "open": previous,
            "high": cents(price.last * Decimal("1.004")),
            "low": cents(price.last * Decimal("0.992")),
            "close": None if session(now) is Session.OPEN else price.last,
            "bid": price.bid,
            "ask": price.ask,
        }
        if contract is not None:
            row |= {"underlying": contract.underlying, "strike": contract.strike.quantize(Decimal("0.0"))}
            if greeks:
                row["greeks"] = self._greeks(contract, now)
        row |= {
            "change_percentage": Decimal("0.31"),
            "average_volume": 0 if contract else 51200345,
            "last_volume": 1 if contract else 100,
            "trade_date": stamp - 2000,
            "prevclose": previous,
            "week_52_high": Decimal("0.0") if contract else cents(price.last * Decimal("1.2")),
            "week_52_low": Decimal("0.0") if contract else cents(price.last * Decimal("0.8")),
            "bidsize": 3,
            "bidexch": listing.exchange,
            "bid_date": stamp // 1000 * 1000,
            "asksize": 2,
            "askexch": listing.exchange,
            "ask_date": stamp // 1000 * 1000,
        }
        if contract is None:
            return {**row, "root_symbols": "SPX,SPXW" if symbol == "SPX" else root_of(symbol)}
        return {
            **row,
            "open_interest": 20411,
            "contract_size": 100,
            "expiration_date": contract.expires.isoformat(),
            "expiration_type": "standard" if contract.monthly else "weeklys",
            "option_type": "call" if contract.call else "put",
            "root_symbol": contract.root,
        }

    def strikes(self, underlying: str, expires: date, now: float) -> list[Decimal]:
        """The listed strikes of that expiration, around the present price; empty where there is none."""
        spot = self._prices.get(underlying)
        if spot is None or expires not in expirations(eastern(now).date()):
            return []
        step = next(
            step for limit, step in ((25, "0.5"), (200, "2.5"), (1000, "5"), (10**9, "25")) if spot.last < limit
        )
        middle = (spot.last / Decimal(step)).to_integral_value() * Decimal(step)
        around = [middle + Decimal(step) * offset for offset in range(-STRIKES_EACH_SIDE, STRIKES_EACH_SIDE + 1)]
        return [strike.quantize(Decimal("0.0")) for strike in around if strike > 0]

    def chain(self, underlying: str, expires: date, now: float) -> list[str]:
        """The option symbols of that expiration: call and put at each strike."""
        root = root_of(underlying, expires)
        return [
            compose(root, expires, call=call, strike=strike)
            for strike in self.strikes(underlying, expires, now)
            for call in (True, False)
        ]

    def _option_price(self, contract: Contract, now: float) -> Price:
        value, *_ = self._model(contract, now)
        middle = max(cents(value), CENT)
        spread = max(CENT, cents(middle * Decimal("0.01")))
        return Price(bid=max(middle - spread, Decimal("0.00")), ask=middle + spread, last=middle)

    def _greeks(self, contract: Contract, now: float) -> dict[str, Any]:
        _, delta, density, root_time, spot = self._model(contract, now)
        vega = spot * density * root_time / 100
        return {
            "delta": round(delta, 4),
            "gamma": round(density / (spot * VOLATILITY * root_time), 6),
            "theta": round(-spot * density * VOLATILITY / (2 * root_time) / _YEAR_DAYS, 6),
            "vega": round(vega, 6),
            "rho": round(delta * 0.1, 6),
            "phi": round(-delta * 0.1, 6),
            "bid_iv": VOLATILITY - 0.003,
            "mid_iv": VOLATILITY,
            "ask_iv": VOLATILITY + 0.003,
            "smv_vol": VOLATILITY,
            "updated_at": eastern(now).strftime("%Y-%m-%d %H:00:03"),
        }

    def _model(self, contract: Contract, now: float) -> tuple[float, float, float, float, float]:
        """Black and Scholes: value, delta, normal density at d1, root of the years left, spot."""
        spot = float(self._prices[contract.underlying].last)
        days = (contract.expires - eastern(now).date()).days + 0.5
        root_time = math.sqrt(days / _YEAR_DAYS)
        strike = float(contract.strike)
        d1 = (math.log(spot / strike) + (RATE + VOLATILITY**2 / 2) * root_time**2) / (VOLATILITY * root_time)
        discounted = strike * math.exp(-RATE * root_time**2)
        call = spot * _normal(d1) - discounted * _normal(d1 - VOLATILITY * root_time)
        density = math.exp(-(d1**2) / 2) / math.sqrt(2 * math.pi)
        if contract.call:
            return call, _normal(d1), density, root_time, spot
        return call - spot + discounted, _normal(d1) - 1, density, root_time, spot


def _normal(x: float) -> float:
    return (1 + math.erf(x / math.sqrt(2))) / 2


def _option_listing(symbol: str, contract: Contract | None) -> Listing:
    if contract is None:
        return Listing(symbol, symbol, "stock", "N")
    kind = "Call" if contract.call else "Put"
    words = f"{contract.underlying} {contract.expires:%b %d %Y} ${contract.strike:.2f} {kind}"
    return Listing(symbol, words, "option", "Z")
