"""Every documented code and sentence is known: alone, in lists, with blanks, with the contact suffix, in any shape."""

from typing import Any

import pytest
from supervisor.core.reading import Retry
from supervisor.orders.causes import ROWS, STANDING, Cause, Row, Whose
from supervisor.orders.diagnose import Diagnoser
from supervisor.orders.match import CONTACT, match, mean

GENERIC = "Backoffice rejected override of the order."
ORDER = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "limit", "price": 5}

# Code, the sentence beside it in the documentation, and the cause; typed off tradier-api 7.4 anew, not off our table.
DOCUMENTED: list[tuple[str, str, str]] = [
    ("AccountDisabled", "Account is disabled for trading. [C]", "account"),
    ("UserDisabled", "Account is disabled for trading. [C]", "account"),
    ("AccountIsNotApproved", "Account is not approved for trading. [C]", "account"),
    ("AccountMarginRuleViolation", "Margin rules prohibit this transaction. [C]", "funds"),
    ("AssetTradingNotConfiguredForAccount", "The order requsted is not availible for your account. [C]", "permissions"),
    ("BuyStopOrderStopPriceLessAsk", "Buy Stop order must have a Stop price greater than the current Ask price", "price"),
    ("SellStopOrderStopPriceGreaterBid", "Sell Stop order must have a Stop price less than the Bid price", "price"),
    ("ContingentOrderExecution", "Placement Condition: when AAPL last is greater than 5", "order"),
    ("DayTraderPatternRestriction", "Your day trade limit exceeded. [C]", "account"),
    ("DayTradingBuyingPowerExceeded", "There is not enough day trading buying power for the requested order", "funds"),
    ("ExpirationDateUndefined", "Expiration date for option is not defined", "symbol"),
    ("StrikePriceUndefined", "Strike price for option leg is not defined", "symbol"),
    ("OptionTypeUndefined", "Type of option (call or put) is not defined", "symbol"),
    ("IncorrectOrderQuantity", "Quantity should be between 1 and 10,000,000", "order"),
    ("OrderQuantity", "You cannot place orders with quantity less than 1", "order"),
    ("IncorrectTimeInForce", "Time In Force (Day or GTC) is not defined", "order"),
    ("IndexOptionsOneExparyDate", "Multi Leg Orders with Index options must have all legs within 1 expiration date. Time spreads are not allowed on Index Options", "order"),
    ("InitialMargin", "You do not have enough buying power for this trade", "funds"),
    ("MaintenanceMargin", "You do not have enough buying power for this trade", "funds"),
    ("TotalInitialMargin", "You do not have enough buying power for this trade", "funds"),
    ("InvalidOrderExpiration", "Expiration date must be greater than the current date", "order"),
    ("LimitPriceUndefined", "Limit price is not valid. Please check the price entered", "price"),
    ("StopPriceUndefined", "Stop price is not defined", "price"),
    ("LongOptionTradingDeniedForAccount", "Account is restricted for option trading. [C]", "permissions"),
    ("ShortOptionTradingDeniedForAccount", "Account is restricted for option trading. [C]", "permissions"),
    ("LongPositionCrossZero", "Sell order is for more shares than your current long position, please review current position quantity along with open orders for security.", "position"),
    ("ShortPositionCrossZero", "Buy order is for more shares than your current short position, please review current position quantity along with open orders for security.", "position"),
    ("MarketOrderIsGtc", "You cannot place market orders with GTC, only day orders are allowed", "order"),
    ("ShortOrderIsGtc", "You cannot place short stock orders with GTC, only day orders are allowed", "order"),
    ("OcoExpirationTypeNotTheSame", "", "order"),
    ("OcoOrderWithOppositeLegs", "", "order"),
    ("OcoPriceDifferenceIsLessThanDelta", "", "price"),
    ("OtoFirstLesIsMarketNotAllowed", "", "order"),
    ("OtoFirstLegIsMarketNotAllowed", "", "order"),
    ("OtoOcoMarketNotAllowed", "", "order"),
    ("OtoOcoTrailingNotAllowed", "", "order"),
    ("OmsInternalError", "Your order could not be processed. [C]", "broker"),
    ("OmsUnavailable", "Trading services are not available online currently, please contact 980-272-3880 for order requests", "broker"),
    ("OptionLevelRestriction", "Your account does not have the option level permission for this trade. [C]", "permissions"),
    ("OrderContingentChangeNotAllowed", "Change of order's contingent is not allowed", "order"),
    ("OrderIsNotAllowedForAccount", "Order is not allowed. Account trading restriction: closing orders only", "account"),
    ("OrderPriceIsInvalid", "Price of BUY LIMIT order is greater than market price", "price"),
    ("OrderWithDifferentSide", "You cannot have pending orders with different sides for selected symbol where one is a MARKET order. You must close another pending order in order to place a SHORT order, or try a limit order instead", "position"),
    ("QuotePriceIsInvalid", "There is no quote for the symbol requested, please contact 980-272-3880 to place the order.", "symbol"),
    ("SecurityUndefined", "Symbol does not exist. [C]", "symbol"),
    ("SellShortOrderLastPriceBelow5", "Sell Short order cannot be placed for stock priced below $5", "price"),
    ("ShortStockTradingDeniedForAccount", "Account is restricted from short sales. [C]", "permissions"),
    ("ShortTradingDeniedForSecurity", "This symbol is not available for short sales. [C]", "symbol"),
    ("SpreadTradingDeniedForAccount", "Account is restricted for spread trading. [C]", "permissions"),
    ("TradingDeniedForAccount", "Account is restricted for trading. [C]", "account"),
    ("TradingDeniedForSecurity", "This asset class is restricted for trading", "symbol"),
    ("TooSmallEquityForDayTrading", "Pattern Day Trader Rule violation: Equity balance fell below $25,000", "funds"),
    ("TradeNonStandartOptions", "You cannot place an order with non standard options", "symbol"),
    ("TradeNonStandardOptions", "You cannot place an order with non standard options", "symbol"),
    ("UnexpectedBuyOrder", "Buy order cannot be placed to cover short position, order must be placed as a Buy to Cover", "position"),
    ("UnexpectedBuyOrderOption", "Buy To Open order cannot be placed to close a short option position, order must be placed as a Buy to Close", "position"),
    ("UnexpectedBuyToCoverOrder", "Buy To Cover order cannot be placed unless closing a short position, please check open orders.", "position"),
    ("UnexpectedBuyToCoverOrderOption", "Buy To Close order cannot be placed unless closing a short option position, please check open orders.", "position"),
    ("UnexpectedSellOrder", "Sell order cannot be placed unless you are closing a long position, please check open orders.", "position"),
    ("UnexpectedSellOrderOption", "Sell to Close order cannot be placed unless you are closing a long option position, please check open orders.", "position"),
    ("UnexpectedSellShortOrder", "Sell short order cannot be placed while you have a current long position, please check open orders.", "position"),
    ("UnexpectedSellShortOrderOption", "Sell to Open order cannot be placed while you have a current long option position, please check open orders.", "position"),
    ("WashTradeAttempt", "You are unable to place orders on the same security and same price in different direction", "duplicate"),
]  # fmt: skip

SENTENCES: list[tuple[str, str]] = [
    ("Pre-market trading is currently unavailable.", "market_hours"),
    ("Tradier Brokerage does not accept opening orders for OTC-BB and Pink Sheet securities, please contact us at (980)-272-3880 if you have any questions.", "symbol"),
    ("Due to price volatility a limit order must be placed.", "price"),
    ("Outside of market hours this order is required to be placed at a limit price.", "market_hours"),
    ("Order failed PriceRange - AGGRESSIVE: OrderPrice 12.5 RefPrice 10.1 Limit 5 aggressive", "price"),
    ("GTC not permitted for sell short orders", "order"),
    ("Undefined symbol: XYZ", "symbol"),
    ("Invalid parameter, class: is required.", "order"),
    ("Invalid parameter, symbol: is not valid.", "symbol"),
    ("Invalid parameter, duration: is not valid.", "order"),
    ("Invalid parameter, duration: post market no longer available.", "market_hours"),
    ("Invalid parameter, duration: pre market no longer available", "market_hours"),
    ("Invalid parameter, quantity: decimal places are not allowed.", "order"),
    ("Invalid parameter, price: must use up to 2 decimal place(s)", "price"),
    ("Invalid parameter, price: must be greater than 0", "price"),
    ("price must be greater than 0", "price"),
    ("Invalid parameter, tag: contains invalid characters.", "order"),
    ("Invalid parameter, tag: contains more than 255 characters.", "order"),
    ("Invalid parameter, start: must be on or after 2024-01-15 00:00:00.", "order"),
    ("Invalid parameter, stop: is not valid.", "price"),
    ("Invalid parameter, option_symbol: is not valid.", "symbol"),
    ("order already in finalized state: filled", "position"),
    ("order already in finalized state: canceled", "order"),
    ("order not available to be canceled", "broker"),
    ("Unauthorized Account: VA12345678", "account"),
    (GENERIC, "broker"),
    ("Invalid Access Token", "credentials"),
    ("Invalid access token", "credentials"),
    ("Access Token expired", "credentials"),
    ("Invalid API call as no apiproduct match found", "credentials"),
    ("Quota Violation 1795444860000", "rate_limit"),
    ("Rate limit quota violation. Quota limit  exceeded. Identifier : app", "rate_limit"),
]  # fmt: skip

OUTAGES: list[tuple[int, str]] = [
    (500, "An error occurred while communicating with the backend."),
    (400, '{"message":"An error occurred while processing your request","error":"Unexpected server error"}'),
    (502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><hr><center>nginx</center></body>\r\n</html>"),
    (504, "<?xml version='1.0'?><fault><faultstring>Gateway Timeout</faultstring><detail><errorcode>messaging.adaptors.http.flow.GatewayTimeout</errorcode></detail></fault>"),
    (503, ""),
    (500, '{"fault":{"faultstring":"Datastore Error","detail":{"errorcode":"steps.servicecallout.ExecutionFailed"}}}'),
    (200, "<!DOCTYPE html><html><head><title>Tradier API</title></head></html>"),
    (500, '{"fault":{"faultstring":"Body buffer overflow","detail":{"errorcode":"protocol.http.TooBigBody"}}}'),
    (408, ""),
]  # fmt: skip


def cause(error: Any) -> str:
    return str(Diagnoser(lambda: 1795446000.0).diagnose(ORDER, error).cause)


@pytest.mark.parametrize(("code", "sentence", "expected"), DOCUMENTED, ids=[row[0] for row in DOCUMENTED])
def test_every_documented_code_and_its_sentence_is_known_in_every_form(code: str, sentence: str, expected: str) -> None:
    forms: list[Any] = [
        code,
        [GENERIC, code],
        {"errors": {"error": [GENERIC, code]}},
        {"status": "rejected", "reason_description": f"{code} "},
        ValueError(f"order failed: {code}"),
    ]
    if sentence:
        said = sentence.replace("[C]", f"{CONTACT}.")
        bare = sentence.replace(" [C]", "")
        for text in (said, bare, said + "  ", bare.upper(), bare.rstrip(".")):
            forms += [text, [text], {"errors": {"error": text}}, {"reason_description": text}, [GENERIC, text]]
    assert {cause(form) for form in forms} == {expected}


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES, ids=[row[0][:40] for row in SENTENCES])
def test_every_sentence_without_a_code_is_known_in_every_form(sentence: str, expected: str) -> None:
    forms: list[Any] = [
        sentence,
        sentence + " ",
        [sentence],
        f"HTTP 400: {sentence}",
        {"errors": {"error": [sentence]}},
    ]
    assert {cause(form) for form in forms} == {expected}


class Reply:
    """As `requests` has it: falsy where it is an error."""

    def __init__(self, status_code: int, text: str) -> None:
        self.status_code = status_code
        self.text = text

    def __bool__(self) -> bool:
        return self.status_code < 400

    def json(self) -> Any:
        import json

        return json.loads(self.text)


@pytest.mark.parametrize(("status", "body"), OUTAGES, ids=[f"{row[0]} {row[1][:20]}" for row in OUTAGES])
def test_every_outage_is_the_brokers_and_leaves_the_outcome_open(status: int, body: str) -> None:
    found = Diagnoser(lambda: 1795446000.0).diagnose(ORDER, Reply(status, body))
    assert found.cause in (Cause.BROKER, Cause.CONNECTION)
    assert found.standing.retry is Retry.OUTCOME_UNKNOWN
    assert found.standing.whose is Whose.BROKER
    assert found.corrected is None


def test_the_generic_sentence_alone_is_the_brokers() -> None:
    assert cause([GENERIC]) == "broker"


@pytest.mark.parametrize("odd", ["FatFingersCheck", "PositionLocked", "something new", "", "Order said no."])
def test_what_is_not_known_is_passed_on_verbatim_as_unknown(odd: str) -> None:
    found = Diagnoser(lambda: 1795446000.0).diagnose(ORDER, [GENERIC, odd] if odd == "PositionLocked" else odd)
    assert found.cause is Cause.UNKNOWN
    assert odd in found.message


@pytest.mark.parametrize("row", ROWS, ids=[(row.codes or (row.sentence,))[0][:40] for row in ROWS])
def test_every_row_of_the_table_is_found_by_its_own_words(row: Row) -> None:
    for words in (*row.codes, row.sentence.replace("{}", "X")):
        found = match(words)
        assert not words or (found is not None and (found is row or found.cause is row.cause)), words


def test_every_cause_says_whose_move_it_is_and_when_again() -> None:
    assert set(STANDING) == set(Cause)


def test_a_specific_word_outweighs_a_generic_one_whichever_came_first() -> None:
    assert mean(["InitialMargin", GENERIC]).cause is mean([GENERIC, "InitialMargin"]).cause is Cause.FUNDS
