"""Spot REST payloads with Binance's own field names (spot API docs 2026-07-21)."""

import msgspec


class RateLimitRow(msgspec.Struct):
    """One entry of `rateLimits`."""

    rateLimitType: str
    interval: str
    intervalNum: int
    limit: int


class Filter(msgspec.Struct):
    """Any symbol filter; only the fields of its `filterType` are set."""

    filterType: str = ""
    tickSize: str | None = None
    minQty: str | None = None
    maxQty: str | None = None
    stepSize: str | None = None
    minNotional: str | None = None
    multiplierUp: str | None = None
    multiplierDown: str | None = None
    bidMultiplierUp: str | None = None
    bidMultiplierDown: str | None = None
    askMultiplierUp: str | None = None
    askMultiplierDown: str | None = None


class SymbolInfo(msgspec.Struct):
    """One symbol of `exchangeInfo`."""

    symbol: str
    status: str
    baseAsset: str
    quoteAsset: str
    baseAssetPrecision: int = 8
    quotePrecision: int = 8
    isSpotTradingAllowed: bool = True
    quoteOrderQtyMarketAllowed: bool = False
    filters: list[Filter] = []


class ExchangeInfo(msgspec.Struct):
    """`exchangeInfo`; symbols stay raw so that one that cannot be read does not hide the others."""

    symbols: list[msgspec.Raw]
    rateLimits: list[RateLimitRow] = []


class DayTickerRow(msgspec.Struct):
    """One row of `ticker/24hr`."""

    symbol: str
    lastPrice: str
    openPrice: str
    highPrice: str
    lowPrice: str
    volume: str
    quoteVolume: str
    closeTime: int


class Depth(msgspec.Struct):
    """`depth`."""

    lastUpdateId: int
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]


class AggregateTradeRow(msgspec.Struct):
    """One row of `aggTrades`."""

    a: int
    p: str
    q: str
    T: int
    m: bool


class KlineRow(msgspec.Struct, array_like=True):
    """One row of `klines`; further columns are not read."""

    openTime: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    closeTime: int


class OrderAnswer(msgspec.Struct):
    """An order as placed, queried, listed or cancelled; which fields are set depends on which of these it answers."""

    symbol: str
    orderId: int
    clientOrderId: str = ""
    origClientOrderId: str | None = None
    price: str | None = None
    origQty: str | None = None
    executedQty: str | None = None
    cummulativeQuoteQty: str | None = None
    status: str | None = None
    timeInForce: str | None = None
    type: str | None = None
    side: str | None = None
    stopPrice: str | None = None
    transactTime: int | None = None
    time: int | None = None
    updateTime: int | None = None
    expiryReason: str | None = None


class CancelAnswer(OrderAnswer):
    """The answer to a cancel; for a leg of an order list it is the whole list, with a report for each leg."""

    orderId: int = 0
    orderReports: list[OrderAnswer] | None = None


class TradeRow(msgspec.Struct):
    """One row of `myTrades`; commission fields can be null."""

    symbol: str
    id: int
    orderId: int
    price: str
    qty: str
    time: int
    isBuyer: bool
    isMaker: bool
    commission: str | None = None
    commissionAsset: str | None = None


class BalanceRow(msgspec.Struct):
    """One asset of `account`."""

    asset: str
    free: str
    locked: str


class Account(msgspec.Struct):
    """`account`."""

    balances: list[BalanceRow]
    updateTime: int = 0
