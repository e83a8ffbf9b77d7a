"""Futures REST payloads with Binance's own field names (derivatives docs, November 2026).

USD-M and COIN-M share them; keys that only one has are optional. What is not needed is not read, so that a new field
or a new word breaks nothing; a field that is needed and missing is named in the error.
"""

from typing import Annotated

import msgspec

from tui.binance.bounds import ROWS, Id, Time

#: A number that comes as text or as a number, depending on the endpoint.
Figure = str | int | float


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
    """One symbol of `exchangeInfo`; the precisions are neither tick nor step.

    USD-M says `status`, COIN-M `contractStatus`; COIN-M's contracts have a size in USD.
    """

    symbol: str
    baseAsset: str
    quoteAsset: str
    marginAsset: str
    contractType: str
    filters: list[Filter]
    status: str | None = None
    contractStatus: str | None = None
    contractSize: int | None = None
    pricePrecision: int = 8
    quantityPrecision: int = 8


class OrderAnswer(msgspec.Struct):
    """An order as placed, changed, cancelled, queried or listed. Placements carry no average price since 2026-07-15."""

    symbol: str
    orderId: Id
    clientOrderId: str
    status: str
    side: str
    type: str
    origQty: str
    executedQty: str
    price: str
    timeInForce: str | None
    positionSide: str
    updateTime: Time
    origType: str | None = None
    avgPrice: str | None = None
    stopPrice: str | None = None
    activatePrice: str | None = None
    priceRate: str | None = None
    workingType: str | None = None
    priceProtect: bool = False
    priceMatch: str | None = None
    selfTradePreventionMode: str | None = None
    goodTillDate: Time = 0
    reduceOnly: bool = False
    closePosition: bool = False
    time: Time | None = None


class AlgoAnswer(msgspec.Struct):
    """A conditional order as placed, queried or listed; it is `orderType` here, not `type`."""

    algoId: Id
    clientAlgoId: str
    orderType: str
    symbol: str
    side: str
    algoStatus: str
    positionSide: str
    timeInForce: str
    updateTime: Time
    quantity: str | None = None
    triggerPrice: str | None = None
    price: str | None = None
    selfTradePreventionMode: str | None = None
    workingType: str | None = None
    priceMatch: str | None = None
    closePosition: bool = False
    priceProtect: bool = False
    reduceOnly: bool = False
    activatePrice: str | None = None
    callbackRate: Figure | None = None
    createTime: Time | None = None
    goodTillDate: Time = 0
    actualOrderId: str | int | None = None
    actualPrice: str | None = None
    actualQty: str | None = None


class AlgoCancelled(msgspec.Struct):
    """The answer to taking back a conditional order; `code` is a text."""

    algoId: Id
    clientAlgoId: str = ""


class Refusal(msgspec.Struct):
    """One element of a batch that was refused."""

    code: int
    msg: str = ""


class Confirmed(msgspec.Struct):
    """What settings and cancel-all answer: 200 in words."""

    code: str | int


class TradeRow(msgspec.Struct):
    """One row of `userTrades`."""

    symbol: str
    id: Id
    orderId: Id
    side: str
    price: str
    qty: str
    time: Time
    maker: bool
    commission: str
    commissionAsset: str
    realizedPnl: str
    positionSide: str


class AssetRow(msgspec.Struct):
    """One asset of `account`."""

    asset: str
    walletBalance: str
    availableBalance: str
    initialMargin: str
    updateTime: Time = 0


class Account(msgspec.Struct):
    """`account`; only COIN-M's says whether the account may trade."""

    assets: Annotated[list[AssetRow], msgspec.Meta(max_length=ROWS)]
    canTrade: bool = True


class FeeTier(msgspec.Struct):
    """The account's tier, in `accountConfig` (USD-M) and `account` (COIN-M)."""

    feeTier: int | None = None


class AccountConfig(msgspec.Struct):
    """`accountConfig` (USD-M)."""

    canTrade: bool = True
    dualSidePosition: bool | None = None
    multiAssetsMargin: bool | None = None


class PositionRow(msgspec.Struct):
    """One row of `positionRisk`: USD-M v3 lacks leverage and margin type, COIN-M margins and the place in the queue."""

    symbol: str
    positionAmt: str
    entryPrice: str
    positionSide: str
    markPrice: str
    liquidationPrice: str
    breakEvenPrice: str | None = None
    leverage: str | int | None = None
    marginType: str | None = None
    isolatedMargin: str | None = None
    isolatedWallet: str | None = None
    unRealizedProfit: str | None = None
    notional: str | None = None
    notionalValue: str | None = None
    maxQty: str | None = None
    positionInitialMargin: str | None = None
    maintMargin: str | None = None
    adl: int | None = None
    updateTime: Time = 0


class SymbolConfigRow(msgspec.Struct):
    """One row of `symbolConfig` (USD-M)."""

    symbol: str
    marginType: str
    leverage: str | int
    maxNotionalValue: str | None = None


class LeverageAnswer(msgspec.Struct):
    """`leverage`; USD-M says the most notional, COIN-M the most coins."""

    symbol: str
    leverage: str | int
    maxNotionalValue: str | None = None
    maxQty: str | None = None


class BracketRow(msgspec.Struct):
    """One tier; COIN-M counts in coin, and writes `qtylFloor` with that letter."""

    initialLeverage: int
    maintMarginRatio: Figure
    cum: Figure = 0
    notionalCap: Figure | None = None
    notionalFloor: Figure | None = None
    qtyCap: Figure | None = None
    qtylFloor: Figure | None = None


class Brackets(msgspec.Struct):
    """The tiers of one symbol."""

    symbol: str
    brackets: Annotated[list[BracketRow], msgspec.Meta(max_length=ROWS)]


class Commission(msgspec.Struct):
    """`commissionRate`."""

    symbol: str
    makerCommissionRate: str
    takerCommissionRate: str


class IncomeRow(msgspec.Struct):
    """One row of `income`; `tranId` is a text on COIN-M."""

    incomeType: str
    income: str
    asset: str
    time: Time
    tranId: str | int
    symbol: str | None = None


class DualSide(msgspec.Struct):
    """`positionSide/dual`."""

    dualSidePosition: bool


class MultiAssets(msgspec.Struct):
    """`multiAssetsMargin`."""

    multiAssetsMargin: bool


class OfSymbol(msgspec.Struct):
    """Any row, where no more is asked than what it is about."""

    symbol: str


class AdlRow(msgspec.Struct):
    """One row of `adlQuantile`: by position side, `HEDGE` for both sides of a cross position."""

    symbol: str
    adlQuantile: dict[str, int]


class ListenKey(msgspec.Struct):
    """`listenKey`."""

    listenKey: str
