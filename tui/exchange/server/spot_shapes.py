"""What spot's REST and WebSocket API tell of symbols and the market (Binance spot API docs, 2026-07-21)."""

from decimal import Decimal

from tui.exchange.candles import Candle
from tui.exchange.events import PublicTrade
from tui.exchange.listing import Listing
from tui.exchange.matching.match import SPOT_PREVENTION_MODES
from tui.exchange.server.notation import Notation, eight, short
from tui.exchange.spot.filters import (
    EXCHANGE_MAX_NUM_ALGO_ORDERS,
    EXCHANGE_MAX_NUM_ICEBERG_ORDERS,
    EXCHANGE_MAX_NUM_ORDER_LISTS,
    EXCHANGE_MAX_NUM_ORDERS,
    ICEBERG_PARTS,
    MAX_ASSETS,
    MAX_NOTIONAL,
    MAX_NUM_ALGO_ORDERS,
    MAX_NUM_ICEBERG_ORDERS,
    MAX_NUM_ORDER_AMENDS,
    MAX_NUM_ORDER_LISTS,
    MAX_NUM_ORDERS,
    MAX_TRAILING_DELTA,
    MIN_TRAILING_DELTA,
    max_position,
)
from tui.exchange.tape import Aggregate, Day

Body = dict[str, object]

ORDER_TYPES = (
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
)
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
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "opoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": True,
        "filters": filters(listing),
        "permissions": [],
        "permissionSets": [["SPOT", "MARGIN"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": SPOT_PREVENTION_MODES,
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
            "maxNotional": eight(MAX_NOTIONAL),
            "applyMaxToMarket": False,
            "avgPriceMins": _AVERAGE_MINUTES,
        },
        {"filterType": "ICEBERG_PARTS", "limit": ICEBERG_PARTS},
        {
            "filterType": "TRAILING_DELTA",
            "minTrailingAboveDelta": MIN_TRAILING_DELTA,
            "maxTrailingAboveDelta": MAX_TRAILING_DELTA,
            "minTrailingBelowDelta": MIN_TRAILING_DELTA,
            "maxTrailingBelowDelta": MAX_TRAILING_DELTA,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": MAX_NUM_ORDERS},
        {"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": MAX_NUM_ORDER_LISTS},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": MAX_NUM_ALGO_ORDERS},
        {"filterType": "MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders": MAX_NUM_ICEBERG_ORDERS},
        {"filterType": "MAX_POSITION", "maxPosition": eight(max_position(listing))},
        {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": MAX_NUM_ORDER_AMENDS},
    ]


def exchange_filters() -> list[Body]:
    """The rules an account's orders on all symbols together are held to."""
    return [
        {"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": EXCHANGE_MAX_NUM_ORDERS},
        {"filterType": "EXCHANGE_MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": EXCHANGE_MAX_NUM_ALGO_ORDERS},
    ]


def account_filters() -> list[Body]:
    """The rules of `exchange_filters`, and those that `exchangeInfo` keeps to itself: strict clients know no others."""
    return [
        *exchange_filters(),
        {"filterType": "EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders": EXCHANGE_MAX_NUM_ICEBERG_ORDERS},
        {"filterType": "EXCHANGE_MAX_NUM_ORDER_LISTS", "maxNumOrderLists": EXCHANGE_MAX_NUM_ORDER_LISTS},
    ]


def asset_filters(listing: Listing) -> list[Body]:
    """How much of its two assets one order on a symbol may move."""
    return [
        {"filterType": "MAX_ASSET", "asset": asset, "limit": eight(MAX_ASSETS[asset])}
        for asset in (listing.base, listing.quote)
        if asset in MAX_ASSETS
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
        notation.turnover(bar.units, bar.lots),
        bar.trades,
        notation.size(bar.taker_lots),
        notation.turnover(bar.taker_units, bar.taker_lots),
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


def window_row(notation: Notation, day: Day) -> Body:
    """`ticker` and `ticker/tradingDay`, type FULL."""
    return {
        "symbol": notation.listing.symbol,
        "priceChange": notation.price(day.last - day.open),
        "priceChangePercent": change_percent(day),
        "weightedAvgPrice": notation.average(day.units, day.lots),
        **{name: value for name, value in mini_ticker_row(notation, day).items() if name != "symbol"},
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
