"""USD-M REST payloads with Binance's own field names (derivatives docs, November 2026)."""

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
    notional: str | None = None
    multiplierUp: str | None = None
    multiplierDown: str | None = None


class SymbolInfo(msgspec.Struct):
    """One symbol of `exchangeInfo`; the precisions are neither tick nor step."""

    symbol: str
    status: str
    baseAsset: str
    quoteAsset: str
    marginAsset: str
    contractType: str = ""
    pricePrecision: int = 8
    quantityPrecision: int = 8
    filters: list[Filter] = []


class OrderAnswer(msgspec.Struct):
    """An order as placed, cancelled, queried or listed. Placements carry no average price since 2026-07-15."""

    symbol: str
    orderId: Id
    clientOrderId: str
    status: str
    side: str
    type: str
    origType: str | None = None
    timeInForce: str | None = None
    price: str | None = None
    avgPrice: str | None = None
    origQty: str | None = None
    executedQty: str | None = None
    stopPrice: str | None = None
    reduceOnly: bool = False
    closePosition: bool = False
    time: Time | None = None
    updateTime: Time | None = None


class TradeRow(msgspec.Struct):
    """One row of `userTrades`."""

    symbol: str
    id: Id
    orderId: Id
    side: str
    price: str
    qty: str
    time: Time
    maker: bool = False
    commission: str | None = None
    commissionAsset: str | None = None
    realizedPnl: str | None = None


class AssetRow(msgspec.Struct):
    """One asset of `account` v3."""

    asset: str
    walletBalance: str | None = None
    availableBalance: str | None = None
    initialMargin: str | None = None
    updateTime: Time = 0


class Account(msgspec.Struct):
    """`account` v3."""

    assets: Annotated[list[AssetRow], msgspec.Meta(max_length=ROWS)]


class PositionRow(msgspec.Struct):
    """One row of `positionRisk` v2, which unlike v3 knows leverage and margin type."""

    symbol: str
    positionAmt: str
    entryPrice: str
    markPrice: str | None = None
    liquidationPrice: str | None = None
    leverage: str | int | None = None
    marginType: str | None = None
    isolatedMargin: str | None = None
    notional: str | None = None
    updateTime: Time = 0


class ListenKey(msgspec.Struct):
    """`listenKey`."""

    listenKey: str
