"""Spot REST payloads with Binance's own field names (spot API docs 2026-07-21)."""

from typing import Annotated

import msgspec

from tui.binance.bounds import ROWS, Id, Time


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


class OrderAnswer(msgspec.Struct):
    """An order as placed, queried, listed or cancelled; which fields are set depends on which of these it answers."""

    symbol: str
    orderId: Id
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
    transactTime: Time | None = None
    time: Time | None = None
    updateTime: Time | None = None
    expiryReason: str | None = None


class CancelAnswer(OrderAnswer):
    """The answer to a cancel; for a leg of an order list it is the whole list, with a report for each leg."""

    orderId: Id = 0
    orderReports: list[OrderAnswer] | None = None


class TradeRow(msgspec.Struct):
    """One row of `myTrades`; commission fields can be null."""

    symbol: str
    id: Id
    orderId: Id
    price: str
    qty: str
    time: Time
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

    balances: Annotated[list[BalanceRow], msgspec.Meta(max_length=ROWS)]
    updateTime: Time = 0
