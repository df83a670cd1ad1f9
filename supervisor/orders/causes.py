"""Why does the broker refuse an order? Every code and sentence that is documented or was seen, one row each.

Sources: tradier-api §7.4 (families A to D and the code table), §2, §3 and §10. `{}` in a sentence stands for whatever
the broker puts there. Sentences are compared without case, blanks around them, the final point and the contact suffix.
"""

from enum import StrEnum

import attrs

from supervisor.core.reading import Retry


class Cause(StrEnum):
    """What an order failed for."""

    ORDER = "order"
    SYMBOL = "symbol"
    PERMISSIONS = "permissions"
    FUNDS = "funds"
    POSITION = "position"
    MARKET_HOURS = "market_hours"
    PRICE = "price"
    ACCOUNT = "account"
    CONNECTION = "connection"
    RATE_LIMIT = "rate_limit"
    BROKER = "broker"
    DUPLICATE = "duplicate"
    CREDENTIALS = "credentials"
    UNKNOWN = "unknown"


class Whose(StrEnum):
    """Whose move it is."""

    US = "us"
    ACCOUNT = "account"
    MARKET = "market"
    BROKER = "broker"


@attrs.frozen
class Row:
    """One documented refusal: its codes, its sentence ("" where only the code is documented), and what they mean.

    `generic` ones yield to any other.
    """

    codes: tuple[str, ...]
    sentence: str
    cause: Cause
    explanation: str
    whose: Whose | None = None
    retry: Retry | None = None
    generic: bool = False


@attrs.frozen
class Standing:
    """What a cause means unless its row says otherwise: whose move, when again, and the concern it moves."""

    whose: Whose
    retry: Retry
    concern: str | None


_FIX, _TIME, _NEVER, _UNKNOWN = Retry.AFTER_FIX, Retry.AFTER_TIME, Retry.NEVER, Retry.OUTCOME_UNKNOWN

# fmt: off
STANDING: dict[Cause, Standing] = {
    Cause.ORDER:        Standing(Whose.US,      _FIX,     None),
    Cause.SYMBOL:       Standing(Whose.US,      _FIX,     None),
    Cause.PERMISSIONS:  Standing(Whose.ACCOUNT, _FIX,     "approval"),
    Cause.FUNDS:        Standing(Whose.ACCOUNT, _FIX,     "buying_power"),
    Cause.POSITION:     Standing(Whose.US,      _FIX,     "positions"),
    Cause.MARKET_HOURS: Standing(Whose.MARKET,  _TIME,    None),
    Cause.PRICE:        Standing(Whose.US,      _FIX,     None),
    Cause.ACCOUNT:      Standing(Whose.ACCOUNT, _FIX,     "account"),
    Cause.CONNECTION:   Standing(Whose.BROKER,  _UNKNOWN, "connection"),
    Cause.RATE_LIMIT:   Standing(Whose.US,      _TIME,    "connection"),
    Cause.BROKER:       Standing(Whose.BROKER,  _TIME,    "orders"),
    Cause.DUPLICATE:    Standing(Whose.US,      _NEVER,   None),
    Cause.CREDENTIALS:  Standing(Whose.ACCOUNT, _FIX,     "credentials"),
    Cause.UNKNOWN:      Standing(Whose.US,      _NEVER,   None),
}

_C = Cause
ROWS: tuple[Row, ...] = (
    # The code table (DOC D1 overview/errors, D2 error-responses)
    Row(("AccountDisabled", "UserDisabled"), "Account is disabled for trading", _C.ACCOUNT, "The broker has disabled the account for trading."),
    Row(("AccountIsNotApproved",), "Account is not approved for trading", _C.ACCOUNT, "The account is not yet approved for trading."),
    Row(("AccountMarginRuleViolation",), "Margin rules prohibit this transaction", _C.FUNDS, "Margin rules do not allow this order in the account as it stands."),
    Row(("AssetTradingNotConfiguredForAccount",), "The order requsted is not availible for your account", _C.PERMISSIONS, "The account is not set up for this kind of order or asset."),
    Row(("BuyStopOrderStopPriceLessAsk",), "Buy Stop order must have a Stop price greater than the current Ask price", _C.PRICE, "A buy stop must lie above the ask."),
    Row(("SellStopOrderStopPriceGreaterBid",), "Sell Stop order must have a Stop price less than the Bid price", _C.PRICE, "A sell stop must lie below the bid."),
    Row(("ContingentOrderExecution",), "Placement Condition: when {} {} is {} than {}", _C.ORDER, "The order waits for a condition and is not placed yet."),
    Row(("DayTraderPatternRestriction",), "Your day trade limit exceeded", _C.ACCOUNT, "The account has used up its day trades.", retry=_TIME),
    Row(("DayTradingBuyingPowerExceeded",), "There is not enough day trading buying power for the requested order", _C.FUNDS, "Not enough day-trading buying power for this order."),
    Row(("ExpirationDateUndefined",), "Expiration date for option is not defined", _C.SYMBOL, "The option's expiration is missing or wrong."),
    Row(("StrikePriceUndefined",), "Strike price for option leg is not defined", _C.SYMBOL, "The option's strike is missing or wrong."),
    Row(("OptionTypeUndefined",), "Type of option (call or put) is not defined", _C.SYMBOL, "The option is neither named a call nor a put."),
    Row(("IncorrectOrderQuantity",), "Quantity should be between 1 and 10,000,000", _C.ORDER, "The quantity must be a whole number from 1 to 10,000,000."),
    Row(("OrderQuantity",), "You cannot place orders with quantity less than 1", _C.ORDER, "The quantity must be at least 1."),
    Row(("IncorrectTimeInForce",), "Time In Force (Day or GTC) is not defined", _C.ORDER, "The duration must be day or gtc."),
    Row(("IndexOptionsOneExparyDate",), "Multi Leg Orders with Index options must have all legs within 1 expiration date. Time spreads are not allowed on Index Options", _C.ORDER, "All legs on index options must expire on one day."),
    Row(("InitialMargin", "MaintenanceMargin", "TotalInitialMargin"), "You do not have enough buying power for this trade", _C.FUNDS, "Not enough buying power for this order."),
    Row(("InvalidOrderExpiration",), "Expiration date must be greater than the current date", _C.ORDER, "The order would expire before it begins."),
    Row(("LimitPriceUndefined",), "Limit price is not valid. Please check the price entered", _C.PRICE, "The limit price is missing or wrong."),
    Row(("StopPriceUndefined",), "Stop price is not defined", _C.PRICE, "The stop price is missing or wrong."),
    Row(("LongOptionTradingDeniedForAccount", "ShortOptionTradingDeniedForAccount"), "Account is restricted for option trading", _C.PERMISSIONS, "The account may not trade options."),
    Row(("LongPositionCrossZero",), "Sell order is for more shares than your current long position, please review current position quantity along with open orders for security", _C.POSITION, "The sale is for more than is held, less what open orders already sell."),
    Row(("ShortPositionCrossZero",), "Buy order is for more shares than your current short position, please review current position quantity along with open orders for security", _C.POSITION, "The purchase is for more than is held short, less what open orders already buy."),
    Row(("MarketOrderIsGtc",), "You cannot place market orders with GTC, only day orders are allowed", _C.ORDER, "Market orders last for the day only."),
    Row(("ShortOrderIsGtc",), "You cannot place short stock orders with GTC, only day orders are allowed", _C.ORDER, "Short sales last for the day only."),
    Row(("OcoExpirationTypeNotTheSame",), "", _C.ORDER, "Both legs of an OCO must last equally long."),
    Row(("OcoOrderWithOppositeLegs",), "", _C.ORDER, "Both legs of an OCO must be on one side."),
    Row(("OcoPriceDifferenceIsLessThanDelta",), "", _C.PRICE, "The two prices of an OCO are too close to each other."),
    Row(("OtoFirstLesIsMarketNotAllowed", "OtoFirstLegIsMarketNotAllowed"), "", _C.ORDER, "The entry of an OTO can't be a market order."),
    Row(("OtoOcoMarketNotAllowed",), "", _C.ORDER, "No leg of an OTOCO can be a market order."),
    Row(("OtoOcoTrailingNotAllowed",), "", _C.ORDER, "No leg of an OTOCO can be a trailing order."),
    Row(("OmsInternalError",), "Your order could not be processed", _C.BROKER, "The broker's order system failed on it."),
    Row(("OmsUnavailable",), "Trading services are not available online currently, please contact 980-272-3880 for order requests", _C.BROKER, "The broker's order system is not available."),
    Row(("OptionLevelRestriction",), "Your account does not have the option level permission for this trade", _C.PERMISSIONS, "The account's option level is too low for this order."),
    Row(("OrderContingentChangeNotAllowed",), "Change of order's contingent is not allowed", _C.ORDER, "The condition of an order can't be changed."),
    Row(("OrderIsNotAllowedForAccount",), "Order is not allowed. Account trading restriction: closing orders only", _C.ACCOUNT, "The broker lets the account only close positions."),
    Row(("OrderPriceIsInvalid",), "Price of {} {} order is {} than market price", _C.PRICE, "The order's price is on the wrong side of the market."),
    Row(("OrderWithDifferentSide",), "You cannot have pending orders with different sides for selected symbol where one is a MARKET order. You must close another pending order in order to place a SHORT order, or try a limit order instead", _C.POSITION, "An order on the other side of the same symbol is still pending."),
    Row(("QuotePriceIsInvalid",), "There is no quote for the symbol requested, please contact 980-272-3880 to place the order", _C.SYMBOL, "The broker has no quote for the symbol."),
    Row(("SecurityUndefined",), "Symbol does not exist", _C.SYMBOL, "The broker does not know the symbol."),
    Row(("SellShortOrderLastPriceBelow5",), "Sell Short order cannot be placed for stock priced below $5", _C.PRICE, "Shares below 5 dollars can't be sold short.", whose=Whose.MARKET),
    Row(("ShortStockTradingDeniedForAccount",), "Account is restricted from short sales", _C.PERMISSIONS, "The account may not sell short."),
    Row(("ShortTradingDeniedForSecurity",), "This symbol is not available for short sales", _C.SYMBOL, "The symbol can't be sold short.", whose=Whose.BROKER),
    Row(("SpreadTradingDeniedForAccount",), "Account is restricted for spread trading", _C.PERMISSIONS, "The account may not trade spreads."),
    Row(("TradingDeniedForAccount",), "Account is restricted for trading", _C.ACCOUNT, "The broker restricts the account."),
    Row(("TradingDeniedForSecurity",), "This asset class is restricted for trading", _C.SYMBOL, "The broker does not trade this kind of security.", whose=Whose.BROKER),
    Row(("TooSmallEquityForDayTrading",), "Pattern Day Trader Rule violation: Equity balance fell below $25,000", _C.FUNDS, "Too little equity for a pattern day trader."),
    Row(("TradeNonStandartOptions", "TradeNonStandardOptions"), "You cannot place an order with non standard options", _C.SYMBOL, "Adjusted options can't be traded here."),
    Row(("UnexpectedBuyOrder",), "Buy order cannot be placed to cover short position, order must be placed as a Buy to Cover", _C.POSITION, "The symbol is held short: buying it must be said as buy_to_cover."),
    Row(("UnexpectedBuyOrderOption",), "Buy To Open order cannot be placed to close a short option position, order must be placed as a Buy to Close", _C.POSITION, "The option is held short: buying it must be said as buy_to_close."),
    Row(("UnexpectedBuyToCoverOrder",), "Buy To Cover order cannot be placed unless closing a short position, please check open orders", _C.POSITION, "There is no short position to cover, less what open orders cover."),
    Row(("UnexpectedBuyToCoverOrderOption",), "Buy To Close order cannot be placed unless closing a short option position, please check open orders", _C.POSITION, "There is no short option to close, less what open orders close."),
    Row(("UnexpectedSellOrder",), "Sell order cannot be placed unless you are closing a long position, please check open orders", _C.POSITION, "There is nothing held to sell, less what open orders sell."),
    Row(("UnexpectedSellOrderOption",), "Sell to Close order cannot be placed unless you are closing a long option position, please check open orders", _C.POSITION, "There is no long option to close, less what open orders close."),
    Row(("UnexpectedSellShortOrder",), "Sell short order cannot be placed while you have a current long position, please check open orders", _C.POSITION, "The symbol is held long or being bought: a short sale can't go beside it."),
    Row(("UnexpectedSellShortOrderOption",), "Sell to Open order cannot be placed while you have a current long option position, please check open orders", _C.POSITION, "The option is held long: opening a short one can't go beside it."),
    Row(("WashTradeAttempt",), "You are unable to place orders on the same security and same price in different direction", _C.DUPLICATE, "An order of ours at that price stands on the other side.", retry=_FIX),
    # Sentences without a code (DOC, FIX, MEAS)
    Row((), "Pre-market trading is currently unavailable", _C.MARKET_HOURS, "The premarket session is not available."),
    Row((), "Tradier Brokerage does not accept opening orders for OTC-BB and Pink Sheet securities, please contact us at (980)-272-3880 if you have any questions", _C.SYMBOL, "The broker opens nothing in over-the-counter shares.", whose=Whose.BROKER),
    Row((), "Due to price volatility a limit order must be placed", _C.PRICE, "The broker takes only limit orders while the price moves so much.", whose=Whose.MARKET),
    Row((), "Outside of market hours this order is required to be placed at a limit price", _C.MARKET_HOURS, "While the market is closed only a limit order is taken."),
    Row((), "Order failed PriceRange - AGGRESSIVE: OrderPrice {} RefPrice {} Limit {} aggressive", _C.PRICE, "The price is too far from the market."),
    Row((), "GTC not permitted for sell short orders", _C.ORDER, "Short sales last for the day only."),
    Row((), "Undefined symbol: {}", _C.SYMBOL, "The broker does not know the symbol."),
    Row((), "You do not have enough buying power for this trade", _C.FUNDS, "Not enough buying power for this order."),
    Row((), "closing a long", _C.POSITION, "There is nothing held to sell, less what open orders sell."),
    # Family A: HTTP 400, one bare sentence
    Row((), "Invalid parameter, class: {}", _C.ORDER, "The order's class is missing or wrong."),
    Row((), "Invalid parameter, symbol: {}", _C.SYMBOL, "The symbol is wrong, or stands where it does not belong."),
    Row((), "Invalid parameter, option_symbol: {}", _C.SYMBOL, "The option's code is wrong, or stands where it does not belong."),
    Row((), "Invalid parameter, duration: post market no longer available", _C.MARKET_HOURS, "The postmarket session is not available now."),
    Row((), "Invalid parameter, duration: pre market no longer available", _C.MARKET_HOURS, "The premarket session is not available now."),
    Row((), "Invalid parameter, duration: {}", _C.ORDER, "The duration must be day, gtc, pre or post."),
    Row((), "Invalid parameter, quantity: {}", _C.ORDER, "The quantity must be a whole number from 1 to 10,000,000."),
    Row((), "Invalid parameter, price: {}", _C.PRICE, "The price must be above zero with two decimals at most."),
    Row((), "Invalid parameter, stop: {}", _C.PRICE, "The stop must be above zero with two decimals at most."),
    Row((), "price must be greater than 0", _C.PRICE, "The price must be above zero."),
    Row((), "Invalid parameter, tag: {}", _C.ORDER, "The tag may hold letters, digits and dashes, 255 at most."),
    Row((), "Invalid parameter, {}: {}", _C.ORDER, "The broker does not accept this field."),
    # Family C: cancelling and looking up
    Row((), "order already in finalized state: filled", _C.POSITION, "The order was filled already: it is a position now.", retry=_NEVER),
    Row((), "order already in finalized state: {}", _C.ORDER, "The order is over already.", retry=_NEVER),
    Row((), "order not available to be canceled", _C.BROKER, "The broker does not let go of the order."),
    Row((), "Unauthorized Account: {}", _C.ACCOUNT, "The token does not own the account."),
    # Family D and the outages (§10): whether the order was booked is not known
    Row((), "An error occurred while communicating with the backend", _C.BROKER, "The broker's own machinery failed; whether it has the order must be read back.", retry=_UNKNOWN),
    Row((), "Unexpected server error", _C.BROKER, "The broker's own machinery failed; whether it has the order must be read back.", retry=_UNKNOWN),
    Row((), "An error occurred while processing your request", _C.BROKER, "The broker's own machinery failed; whether it has the order must be read back.", retry=_UNKNOWN, generic=True),
    Row((), "502 Bad Gateway", _C.BROKER, "The broker's gateway failed; whether it has the order must be read back.", retry=_UNKNOWN),
    Row((), "503 Service {}", _C.BROKER, "The broker's service is down; whether it has the order must be read back.", retry=_UNKNOWN),
    Row((), "504 Gateway {}", _C.BROKER, "The broker's gateway timed out; whether it has the order must be read back.", retry=_UNKNOWN),
    Row(("messaging.adaptors.http.flow.GatewayTimeout",), "Gateway Timeout", _C.BROKER, "The broker's gateway timed out; whether it has the order must be read back.", retry=_UNKNOWN),
    Row(("ServiceUnavailable",), "Service Unavailable", _C.BROKER, "The broker's service is down; whether it has the order must be read back.", retry=_UNKNOWN),
    Row(("steps.servicecallout.ExecutionFailed",), "Datastore Error", _C.BROKER, "The broker's own machinery failed; whether it has the order must be read back.", retry=_UNKNOWN),
    Row(("protocol.http.TooBigBody",), "Body buffer overflow", _C.BROKER, "The reply was too large for the broker's gateway; whether it has the order must be read back.", retry=_UNKNOWN),
    Row((), "<!DOCTYPE html", _C.CONNECTION, "A web page came in place of an answer; whether the broker has the order must be read back.", generic=True),
    Row((), "<html", _C.CONNECTION, "A web page came in place of an answer; whether the broker has the order must be read back.", generic=True),
    # Quota (§3)
    Row((), "Quota Violation", _C.RATE_LIMIT, "Asked too often; the window is one minute."),
    Row(("policies.ratelimit.QuotaViolation",), "Rate limit quota violation", _C.RATE_LIMIT, "Asked too often; the window is one minute."),
    Row((), "Too Many Requests", _C.RATE_LIMIT, "Asked too often; the window is one minute."),
    # Credentials (§2)
    Row(("keymanagement.service.invalid_access_token", "oauth.v2.InvalidAccessToken", "oauth.v2.InvalidApiKey"), "Invalid Access Token", _C.CREDENTIALS, "The broker does not accept our token."),
    Row(("keymanagement.service.access_token_expired",), "Access Token expired", _C.CREDENTIALS, "Our token has expired."),
    Row(("keymanagement.service.InvalidAPICallAsNoApiProductMatchFound",), "Invalid API call as no apiproduct match found", _C.CREDENTIALS, "The token is for the other environment, or not for this service."),
    Row(("InsufficientScope",), "Insufficient scope", _C.CREDENTIALS, "The token is not allowed to trade."),
    # The generic first element of lists
    Row((), "Backoffice rejected override of the order", _C.BROKER, "The broker's back office refused it without saying why.", generic=True),
)
# fmt: on
