"""Are quotes, options, clock and calendar what a client may rely on?"""

from datetime import date
from decimal import Decimal

import pytest
from supervisor.simulator import hours
from supervisor.simulator.occ import parse
from supervisor.simulator.quotes import Quotes

from simulator.asking import NOON, OPTION, Desk, at


def test_a_price_is_what_it_was_set_to() -> None:
    desk = Desk()
    desk.simulator.quotes.set("AAPL", last="150.00", bid="149.90", ask="150.10")
    desk.simulator.quotes.set("NEWCO", last=7)
    quotes = desk.get("markets/quotes?symbols=aapl,NEWCO")["quotes"]["quote"]
    assert [(quote["bid"], quote["ask"]) for quote in quotes] == [
        (Decimal("149.90"), Decimal("150.10")),
        (Decimal("6.99"), Decimal("7.01")),
    ]


def test_several_unmatched_symbols_are_a_list() -> None:
    assert desk_quotes("ZZZ,YYY") == {"unmatched_symbols": {"symbol": ["ZZZ", "YYY"]}}


def desk_quotes(symbols: str, now: float = NOON) -> object:
    return Desk(now=now).get(f"markets/quotes?symbols={symbols}")["quotes"]


def test_the_close_is_null_only_while_the_market_is_open() -> None:
    assert Desk().get("markets/quotes?symbols=F")["quotes"]["quote"]["close"] is None
    assert Desk(now=at("17:00")).get("markets/quotes?symbols=F")["quotes"]["quote"]["close"] == Decimal("11.85")


@pytest.mark.parametrize("symbol", [OPTION, "SPXW261204P06800000", "BRKB261218C00490000", "AAPL1261218C00200000"])
def test_every_valid_contract_of_a_known_underlying_has_a_quote(symbol: str) -> None:
    quote = Desk().get(f"markets/quotes?symbols={symbol}&greeks=TRUE")["quotes"]["quote"]
    assert 0 <= quote["bid"] < quote["ask"]
    assert quote["type"] == "option"
    assert set(quote["greeks"]) >= {"delta", "gamma", "theta", "vega", "mid_iv", "updated_at"}


@pytest.mark.parametrize(
    "symbol",
    ["SPY261120C00690000", "SPY260231C00690000", "SPY   261218C00690000", "ZZZZ261218C00690000", "SPY261218C00000000"],
)
def test_expired_impossible_padded_or_unknown_contracts_have_none(symbol: str) -> None:
    assert Desk().get(f"markets/quotes?symbols={symbol}")["quotes"]["unmatched_symbols"]["symbol"] == symbol


def test_an_option_is_worth_at_least_its_exercise_and_more_with_more_time() -> None:
    quotes = Quotes()
    near, far = (quotes.price(f"SPY26{day}C00650000", NOON) for day in ("1204", "1218"))
    assert near is not None
    assert far is not None
    assert Decimal("38.12") < near.last < far.last


def test_a_chain_lists_calls_and_puts_whose_symbols_parse() -> None:
    desk = Desk()
    days = desk.get("markets/options/expirations?symbol=SPY")["expirations"]["date"]
    assert "2026-12-18" in days
    assert "2026-12-24" in days  # the 25th is a holiday
    chain = desk.get(f"markets/options/chains?symbol=SPY&expiration={days[0]}")["options"]["option"]
    assert {row["option_type"] for row in chain} == {"call", "put"}
    assert all(parse(row["symbol"]) for row in chain)
    assert "greeks" not in chain[0]
    strikes = desk.get(f"markets/options/strikes?symbol=SPY&expiration={days[0]}")["strikes"]["strike"]
    assert sorted({row["strike"] for row in chain}) == strikes


def test_expirations_have_rows_as_soon_as_any_extra_is_wanted() -> None:
    desk = Desk()
    row = desk.get("markets/options/expirations?symbol=F&expirationType=true&contractSize=true&strikes=true")
    first = row["expirations"]["expiration"][0]
    assert set(first) == {"date", "contract_size", "expiration_type", "strikes"}
    assert desk.get("markets/options/expirations?symbol=ZZZ") == {"expirations": None}


def test_option_lookup_is_a_true_list_even_of_one_root() -> None:
    symbols = Desk().get("markets/options/lookup?underlying=BRK/B")["symbols"]
    assert [one["rootSymbol"] for one in symbols] == ["BRKB"]
    assert symbols[0]["options"][0].startswith("BRKB")


def test_search_hides_indexes_unless_wanted() -> None:
    desk = Desk()
    assert desk.get("markets/search?q=mini spx") == {"securities": None}
    assert desk.get("markets/search?q=mini spx&indexes=true")["securities"]["security"]["symbol"] == "XSP"
    found = desk.get("markets/lookup?q=s&types=etf&exchanges=P")["securities"]["security"]
    assert found["symbol"] == "SPY"


@pytest.mark.parametrize("path", ["markets/quotes", "markets/options/chains?symbol=SPY", "markets/history"])
def test_a_missing_parameter_is_named_in_a_400(path: str) -> None:
    reply = Desk().ask("GET", path)
    assert reply.status == 400
    assert reply.body.decode().endswith("is required.")


def test_bars_are_there_for_trading_days_only() -> None:
    desk = Desk()
    bars = desk.get("markets/history?symbol=F&start=2026-11-16&end=2026-11-23")["history"]["day"]
    assert [bar["date"][-2:] for bar in bars] == ["16", "17", "18", "19", "20"]
    minutes = desk.get("markets/timesales?symbol=F&interval=15min&start=2026-11-20 09:00&end=2026-11-20 10:00")
    assert [bar["time"][-8:] for bar in minutes["series"]["data"]] == ["09:30:00", "09:45:00"]
    assert desk.get("markets/timesales?symbol=F&start=2026-11-21 09:30&end=2026-11-21 10:00") == {"series": None}


@pytest.mark.parametrize(
    ("instant", "state", "change", "after"),
    [
        ("2026-11-23 06:59:59", "closed", "07:00", "premarket"),
        ("2026-11-23 07:00:00", "premarket", "09:24", "open"),
        ("2026-11-23 09:25:00", "premarket", "09:30", "open"),
        ("2026-11-23 09:30:00", "open", "16:00", "postmarket"),
        ("2026-11-23 16:00:00", "postmarket", "20:00", "closed"),
        ("2026-11-23 20:00:00", "closed", "07:00", "premarket"),
        ("2026-11-21 12:00:00", "closed", "07:00", "premarket"),
        ("2026-11-26 12:00:00", "closed", "07:00", "premarket"),
        ("2026-11-27 12:59:59", "open", "13:00", "postmarket"),
        ("2026-11-27 13:00:00", "postmarket", "17:00", "closed"),
        ("2026-03-09 09:30:00", "open", "16:00", "postmarket"),
    ],
)
def test_the_clock_follows_eastern_sessions_holidays_and_half_days(
    instant: str, state: str, change: str, after: str
) -> None:
    clock = hours.clock(at(instant))["clock"]
    assert (clock["state"], clock["next_change"], clock["next_state"]) == (state, change, after)


def test_the_holidays_of_known_years_are_right() -> None:
    assert sorted(hours.holidays(2026)) == [
        date(2026, *day)
        for day in ((1, 1), (1, 19), (2, 16), (4, 3), (5, 25), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25))
    ]
    assert date(2021, 12, 31) not in hours.holidays(2021)  # Saturday's New Year is not moved back
    assert hours.holidays(2023)[date(2023, 1, 2)] == "New Years Day"
    assert hours.holidays(2024)[date(2024, 3, 29)] == "Good Friday"
    assert hours.hours(date(2026, 12, 24)).close.hour == 13
    assert hours.hours(date(2026, 7, 3)).holiday == "Independence Day"


def test_the_calendar_gives_no_sessions_on_closed_days() -> None:
    desk = Desk()
    days = {day["date"]: day for day in desk.get("markets/calendar?month=11&year=2026")["calendar"]["days"]["day"]}
    assert len(days) == 30
    assert days["2026-11-26"] == {
        "date": "2026-11-26",
        "status": "closed",
        "description": "Market is closed for Thanksgiving Day",
    }
    assert days["2026-11-27"]["open"] == {"start": "09:30", "end": "13:00"}
    assert desk.get("markets/calendar")["calendar"]["month"] == 11
    assert desk.ask("GET", "markets/calendar?month=13").status == 400


def test_the_next_open_skips_weekends_holidays_and_the_night() -> None:
    assert hours.next_open(at("2026-11-25 17:00")) == at("2026-11-27 09:30")
    assert hours.next_open(at("2026-11-20 16:00")) == at("2026-11-23 09:30")
    assert hours.next_open(NOON) == NOON
