"""Spot's REST and WebSocket API bodies (Binance spot API docs, 2026-07-21)."""

from decimal import Decimal

from tui.domain.order import Side
from tui.exchange.candles import Candle
from tui.exchange.events import PublicTrade
from tui.exchange.listing import Listing
from tui.exchange.orders import ExchangeOrder, Execution
from tui.exchange.server.notation import Notation, eight, short
from tui.exchange.tape import Aggregate, Day

Body = dict[str, object]

ORDER_TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET")
STP_MODES = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH")
_AVERAGE_MINUTES = 5
_ZERO = "0.00000000"


def symbol_info(listing: Listing) -> Body:
    """One symbol of exchangeInfo."""
    return {
        "symbol": listing.symbol,
        "status": "TRADING",
        "baseAsset": listing.base,
        "baseAssetPrecision": 8,
        "quoteAsset": listing.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ORDER_TYPES,
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": False,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": filters(listing),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": STP_MODES,
    }


def filters(listing: Listing) -> list[Body]:
    """The rules orders are held to."""
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": eight(listing.min_price),
            "maxPrice": eight(listing.max_price),
            "tickSize": eight(listing.tick.size),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": eight(listing.min_quantity),
            "maxQty": eight(listing.max_quantity),
            "stepSize": eight(listing.step.size),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": _ZERO,
            "maxQty": eight(listing.max_market_quantity),
            "stepSize": _ZERO,
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": short(listing.price_up),
            "bidMultiplierDown": short(listing.price_down),
            "askMultiplierUp": short(listing.price_up),
            "askMultiplierDown": short(listing.price_down),
            "avgPriceMins": _AVERAGE_MINUTES,
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": eight(listing.min_notional),
            "applyMinToMarket": True,
            "maxNotional": "9000000.00000000",
            "applyMaxToMarket": False,
            "avgPriceMins": _AVERAGE_MINUTES,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
    ]


def trade_row(notation: Notation, trade: PublicTrade) -> Body:
    """One row of `trades`."""
    return {
        "id": trade.trade_id,
        "price": notation.price(trade.price_ticks),
        "qty": notation.size(trade.lots),
        "quoteQty": notation.turnover(trade.price_ticks * trade.lots),
        "time": trade.time_ms,
        "isBuyerMaker": trade.is_buyer_maker,
        "isBestMatch": True,
    }


def aggregate_row(notation: Notation, aggregate: Aggregate) -> Body:
    """One row of `aggTrades`."""
    return {
        "a": aggregate.aggregate_id,
        "p": notation.price(aggregate.price_ticks),
        "q": notation.size(aggregate.lots),
        "f": aggregate.first_id,
        "l": aggregate.last_id,
        "T": aggregate.time_ms,
        "m": aggregate.is_buyer_maker,
        "M": True,
    }


def kline_row(notation: Notation, bar: Candle) -> list[object]:
    """One row of `klines`; futures use the same columns."""
    return [
        bar.open_ms,
        notation.price(bar.open),
        notation.price(bar.high),
        notation.price(bar.low),
        notation.price(bar.close),
        notation.size(bar.lots),
        bar.close_ms,
        notation.turnover(bar.units),
        bar.trades,
        notation.size(bar.taker_lots),
        notation.turnover(bar.taker_units),
        "0",
    ]


def change_percent(day: Day) -> str:
    """The day's change in percent with three decimals."""
    return f"{Decimal(day.last - day.open) / day.open * 100:.3f}" if day.open else "0.000"


def ticker_row(notation: Notation, day: Day, bid: tuple[int, int] | None, ask: tuple[int, int] | None) -> Body:
    """`ticker/24hr`, type FULL."""
    bid_ticks, bid_lots = bid or (0, 0)
    ask_ticks, ask_lots = ask or (0, 0)
    return {
        "symbol": notation.listing.symbol,
        "priceChange": notation.price(day.last - day.open),
        "priceChangePercent": change_percent(day),
        "weightedAvgPrice": notation.average(day.units, day.lots),
        "prevClosePrice": notation.price(day.previous_close),
        "lastPrice": notation.price(day.last),
        "lastQty": notation.size(day.last_lots),
        "bidPrice": notation.price(bid_ticks),
        "bidQty": notation.size(bid_lots),
        "askPrice": notation.price(ask_ticks),
        "askQty": notation.size(ask_lots),
        **_range(notation, day),
        **_window(day),
    }


def mini_ticker_row(notation: Notation, day: Day) -> Body:
    """`ticker/24hr`, type MINI."""
    prices = _range(notation, day)
    return {
        "symbol": notation.listing.symbol,
        "openPrice": prices["openPrice"],
        "highPrice": prices["highPrice"],
        "lowPrice": prices["lowPrice"],
        "lastPrice": notation.price(day.last),
        "volume": prices["volume"],
        "quoteVolume": prices["quoteVolume"],
        **_window(day),
    }


def _range(notation: Notation, day: Day) -> Body:
    return {
        "openPrice": notation.price(day.open),
        "highPrice": notation.price(day.high),
        "lowPrice": notation.price(day.low),
        "volume": notation.size(day.lots),
        "quoteVolume": notation.turnover(day.units),
    }


def _window(day: Day) -> Body:
    return {
        "openTime": day.open_ms,
        "closeTime": day.close_ms,
        "firstId": day.first_id,
        "lastId": day.last_id,
        "count": day.trades,
    }


def _amounts(notation: Notation, order: ExchangeOrder) -> Body:
    return {
        "price": notation.price(order.price_ticks),
        "origQty": notation.size(order.lots),
        "executedQty": notation.size(order.filled_lots),
        "origQuoteOrderQty": eight(order.quote_budget or Decimal(0)),
        "cummulativeQuoteQty": eight(order.filled_quote),
        "status": order.state.value,
        "timeInForce": order.time_in_force or "GTC",
        "type": order.type,
        "side": order.side.value,
    }


def _expiry(order: ExchangeOrder) -> Body:
    return {"expiryReason": order.expiry_reason} if order.expiry_reason != "NONE" else {}


def placed(notation: Notation, order: ExchangeOrder, response_type: str) -> Body:
    """The reply to a new order: ACK, RESULT or FULL."""
    body: Body = {
        "symbol": order.listing.symbol,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "transactTime": order.updated_ms,
    }
    if response_type == "ACK":
        return body
    body |= _amounts(notation, order)
    body["workingTime"] = order.created_ms
    if response_type == "FULL":
        body["fills"] = [_fill(notation, execution) for execution in order.executions]
    return body | {"selfTradePreventionMode": order.self_trade_prevention} | _expiry(order)


def _fill(notation: Notation, execution: Execution) -> Body:
    return {
        "price": notation.price(execution.price_ticks),
        "qty": notation.size(execution.lots),
        "commission": eight(execution.commission),
        "commissionAsset": execution.commission_asset,
        "tradeId": execution.trade_id,
    }


def queried(notation: Notation, order: ExchangeOrder) -> Body:
    """One order as `GET order`, `openOrders` and `allOrders` tell it."""
    return {
        "symbol": order.listing.symbol,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.original_client_order_id or order.client_order_id,
        **_amounts(notation, order),
        "stopPrice": _ZERO,
        "icebergQty": _ZERO,
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "isWorking": True,
        "workingTime": order.created_ms,
        "selfTradePreventionMode": order.self_trade_prevention,
        **_expiry(order),
    }


def cancelled(notation: Notation, order: ExchangeOrder) -> Body:
    """The reply to a cancel; `clientOrderId` is the id of the cancel."""
    return {
        "symbol": order.listing.symbol,
        "origClientOrderId": order.original_client_order_id or order.client_order_id,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "transactTime": order.updated_ms,
        **_amounts(notation, order),
        "selfTradePreventionMode": order.self_trade_prevention,
    }


def own_trade(notation: Notation, order: ExchangeOrder, execution: Execution) -> Body:
    """One row of `myTrades`."""
    return {
        "symbol": order.listing.symbol,
        "id": execution.trade_id,
        "orderId": order.order_id,
        "orderListId": -1,
        "price": notation.price(execution.price_ticks),
        "qty": notation.size(execution.lots),
        "quoteQty": notation.turnover(execution.price_ticks * execution.lots),
        "commission": eight(execution.commission),
        "commissionAsset": execution.commission_asset,
        "time": execution.time_ms,
        "isBuyer": order.side is Side.BUY,
        "isMaker": execution.is_maker,
        "isBestMatch": True,
    }
