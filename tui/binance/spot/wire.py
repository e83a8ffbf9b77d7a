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
    minTrailingAboveDelta: int = 0
    maxTrailingAboveDelta: int = 0
    minTrailingBelowDelta: int = 0
    maxTrailingBelowDelta: int = 0
    limit: int = 0
    maxNumAlgoOrders: int = 0
    maxNotional: str | None = None


class SymbolInfo(msgspec.Struct):
    """One symbol of `exchangeInfo`; what came after 2023 is not offered where it is not said (Binance US)."""

    symbol: str
    status: str
    baseAsset: str
    quoteAsset: str
    filters: list[Filter]
    baseAssetPrecision: int = 8
    quotePrecision: int = 8
    isSpotTradingAllowed: bool = True
    isMarginTradingAllowed: bool = False
    quoteOrderQtyMarketAllowed: bool = False
    icebergAllowed: bool = True
    ocoAllowed: bool = True
    otoAllowed: bool = False
    opoAllowed: bool = False
    allowTrailingStop: bool = True
    cancelReplaceAllowed: bool = True
    amendAllowed: bool = False
    pegInstructionsAllowed: bool = False
    orderTypes: list[str] = []
    allowedSelfTradePreventionModes: list[str] = []


class OrderAnswer(msgspec.Struct):
    """An order as placed, queried, listed or cancelled; which fields are set depends on which of these it answers.

    Margin gives some numbers as texts and some texts as numbers, so it is decoded leniently.
    """

    symbol: str
    orderId: Id
    clientOrderId: str = ""
    origClientOrderId: str | None = None
    orderListId: Id = -1
    price: str | None = None
    origQty: str | None = None
    executedQty: str | None = None
    cummulativeQuoteQty: str | None = None
    origQuoteOrderQty: str | None = None
    status: str | None = None
    timeInForce: str | None = None
    type: str | None = None
    side: str | None = None
    stopPrice: str | None = None
    icebergQty: str | None = None
    trailingDelta: Id | None = None
    pegPriceType: str | None = None
    pegOffsetValue: Id | None = None
    peggedPrice: str | None = None
    preventedQuantity: str | None = None
    selfTradePreventionMode: str | None = None
    isWorking: bool | None = None
    workingTime: Time | None = None
    transactTime: Time | None = None
    time: Time | None = None
    updateTime: Time | None = None
    expiryReason: str | None = None


class CancelAnswer(OrderAnswer):
    """The answer to a cancel; for a leg of an order list it is the whole list, with a report for each leg."""

    orderId: Id = 0
    orderReports: list[OrderAnswer] | None = None


class ListAnswer(msgspec.Struct):
    """A list as placed or cancelled."""

    orderListId: Id
    symbol: str
    orderReports: Annotated[list[OrderAnswer], msgspec.Meta(max_length=ROWS)]


class AmendedOrder(msgspec.Struct):
    """The order of an amendment; here it is `qty` and `cumulativeQuoteQty` with one m."""

    symbol: str
    orderId: Id
    qty: str
    orderListId: Id = -1
    price: str | None = None
    executedQty: str | None = None
    preventedQty: str | None = None
    cumulativeQuoteQty: str | None = None
    status: str | None = None
    timeInForce: str | None = None
    type: str | None = None
    side: str | None = None
    stopPrice: str | None = None


class AmendAnswer(msgspec.Struct):
    """`order/amend/keepPriority`."""

    amendedOrder: AmendedOrder
    transactTime: Time = 0


class Refusal(msgspec.Struct):
    """Why one half of a replacement was refused."""

    code: int = 0
    msg: str = ""


class ReplaceAnswer(msgspec.Struct):
    """Both halves of `order/cancelReplace`, each an order or the reason why not."""

    cancelResult: str
    newOrderResult: str
    cancelResponse: msgspec.Raw = msgspec.Raw(b"null")
    newOrderResponse: msgspec.Raw = msgspec.Raw(b"null")


class ReplaceRefusal(msgspec.Struct):
    """A replacement that was refused in whole or in half."""

    data: ReplaceAnswer


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
    canTrade: bool = True


class Rates(msgspec.Struct):
    """One kind of commission, as fractions."""

    maker: str
    taker: str
    buyer: str | None = None
    seller: str | None = None


def _nothing() -> Rates:
    """A kind of commission that is not told of, because there is none."""
    return Rates("0", "0")


class Discount(msgspec.Struct):
    """What paying in BNB leaves of the standard commission."""

    enabledForAccount: bool = False
    enabledForSymbol: bool = False
    discount: str | None = None


class SymbolCommission(msgspec.Struct):
    """`account/commission`."""

    standardCommission: Rates
    taxCommission: Rates = msgspec.field(default_factory=_nothing)
    specialCommission: Rates = msgspec.field(default_factory=_nothing)
    discount: Discount = msgspec.field(default_factory=Discount)


class OrderCommission(msgspec.Struct):
    """`order/test` with `computeCommissionRates`; empty where the exchange does not compute them."""

    standardCommissionForOrder: Rates | None = None
    taxCommissionForOrder: Rates = msgspec.field(default_factory=_nothing)
    specialCommissionForOrder: Rates = msgspec.field(default_factory=_nothing)
    discount: Discount = msgspec.field(default_factory=Discount)


class TradeFeeRow(msgspec.Struct):
    """One row of `tradeFee`; Binance US has the same words in `query/trading-fee`."""

    symbol: str
    makerCommission: str
    takerCommission: str


class OrderCountRow(msgspec.Struct):
    """One row of `rateLimit/order`."""

    rateLimitType: str
    interval: str
    intervalNum: int
    limit: int
    count: int = 0
