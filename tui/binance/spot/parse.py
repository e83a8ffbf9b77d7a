"""From spot payloads to the domain: the one step where text becomes numbers and Binance's words ours."""

from decimal import Decimal

from tui.binance.errors import OutcomeUnknownError
from tui.binance.spot.wire import (
    Account,
    Filter,
    OrderAnswer,
    SymbolInfo,
    TradeRow,
)
from tui.binance.wire import increment, listed_name, name, number, order_status, order_type, positive, time_in_force
from tui.domain.account import Balance
from tui.domain.instrument import ContractKind, Instrument, TradingStatus
from tui.domain.order import Fill, Order, OrderReport, OrderStatus, OrderType, Side, Terms
from tui.domain.product import Product
from tui.domain.text import clean

ORDER_TYPES = {
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP_LOSS": OrderType.STOP_MARKET,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.MARKET_IF_TOUCHED,
    "TAKE_PROFIT_LIMIT": OrderType.LIMIT_IF_TOUCHED,
}

_STATUS = {"TRADING": TradingStatus.TRADING, "CANCEL_ONLY": TradingStatus.CANCEL_ONLY}


def instrument(info: SymbolInfo) -> Instrument:
    """One spot symbol with its filters; raises ValueError for numbers that are none."""
    filters = {row.filterType: row for row in info.filters}
    empty = Filter()
    lot = filters.get("LOT_SIZE", empty)
    market_lot = filters.get("MARKET_LOT_SIZE", empty)
    notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL", empty)
    max_quantity = positive(lot.maxQty) or Decimal("9e12")
    price_up, price_down = _price_bounds(filters)
    is_open = info.isSpotTradingAllowed
    return Instrument(
        product=Product.SPOT,
        symbol=listed_name(info.symbol),
        native=listed_name(info.symbol),
        base=listed_name(info.baseAsset),
        quote=listed_name(info.quoteAsset),
        margin_asset=listed_name(info.quoteAsset),
        tick=increment(filters.get("PRICE_FILTER", empty).tickSize, info.quotePrecision),
        step=increment(lot.stepSize, info.baseAssetPrecision),
        min_quantity=number(lot.minQty),
        max_quantity=max_quantity,
        max_market_quantity=min(positive(market_lot.maxQty) or max_quantity, max_quantity),
        min_notional=number(notional.minNotional),
        kind=ContractKind.COIN,
        status=_STATUS.get(info.status, TradingStatus.CLOSED) if is_open else TradingStatus.CLOSED,
        price_up=price_up,
        price_down=price_down,
        quote_quantity_allowed=info.quoteOrderQtyMarketAllowed,
    )


def _price_bounds(filters: dict[str, Filter]) -> tuple[Decimal | None, Decimal | None]:
    """Greatest and least multiple of the reference price; where the sides differ, the wider bound of the two."""
    if (by_side := filters.get("PERCENT_PRICE_BY_SIDE")) is not None:
        ups = [positive(by_side.bidMultiplierUp), positive(by_side.askMultiplierUp)]
        downs = [positive(by_side.bidMultiplierDown), positive(by_side.askMultiplierDown)]
        return (
            max((up for up in ups if up), default=None),
            min((down for down in downs if down), default=None),
        )
    both = filters.get("PERCENT_PRICE", Filter())
    return positive(both.multiplierUp), positive(both.multiplierDown)


def average(quote_quantity: str | None, filled: Decimal) -> Decimal | None:
    """Average price; None while nothing filled, and for very old orders, whose turnover is given as negative."""
    turnover = positive(quote_quantity)
    return turnover / filled if turnover and filled > 0 else None


def report(answer: OrderAnswer, asked: Order | None = None) -> OrderReport:
    """An answer about one order, under the client id that we gave it where we asked for it ourselves.

    A cancel changes the client id that the exchange keeps, so the order that was `asked` for decides. Raises ValueError
    for numbers that are none.
    """
    filled = number(answer.executedQty)
    price = positive(answer.price)
    raw_type = answer.type or (asked.type.value if asked else "")
    quantity = number(answer.origQty)
    if not quantity and asked is not None:
        quantity = asked.quantity
    return OrderReport(
        product=Product.SPOT,
        symbol=name(answer.symbol),
        client_order_id=asked.client_order_id if asked else name(answer.origClientOrderId or answer.clientOrderId),
        order_id=answer.orderId,
        # An acknowledgement has no status: the order was taken.
        status=order_status(answer.status) if answer.status else OrderStatus.NEW,
        side=_side(answer.side, asked),
        type=order_type(raw_type, ORDER_TYPES, price),
        time_in_force=time_in_force(answer.timeInForce),
        quantity=quantity,
        filled=filled,
        price=price,
        average_price=average(answer.cummulativeQuoteQty, filled),
        time_ms=answer.updateTime or answer.transactTime or answer.time or 0,
        post_only=raw_type == "LIMIT_MAKER" or bool(asked and asked.post_only),
        terms=Terms(trigger_price=positive(answer.stopPrice)),
        reason=_reason(answer.expiryReason),
    )


def _side(raw: str | None, asked: Order | None) -> Side:
    if raw is None and asked is not None:
        return asked.side
    return Side(raw or "")


def _reason(raw: str | None) -> str:
    return "" if raw in (None, "", "NONE") else clean(raw or "")


def cancel_report(answer: OrderAnswer, legs: list[OrderAnswer] | None, asked: Order) -> OrderReport:
    """What a cancel did to the order asked for; the answer names every leg where it belonged to a list."""
    if legs is None:
        return report(answer, asked)
    for leg in legs:
        if leg.orderId == asked.order_id or leg.origClientOrderId == asked.client_order_id:
            return report(leg, asked)
    raise OutcomeUnknownError("cancel: the answer does not name the order")


def fill(row: TradeRow) -> Fill:
    """One of our executions; trade lists carry no client id, so it stays empty."""
    return Fill(
        product=Product.SPOT,
        symbol=name(row.symbol),
        trade_id=row.id,
        order_id=row.orderId,
        client_order_id="",
        side=Side.BUY if row.isBuyer else Side.SELL,
        price=number(row.price),
        quantity=number(row.qty),
        commission=number(row.commission),
        commission_asset=name(row.commissionAsset or ""),
        is_maker=row.isMaker,
        time_ms=row.time,
    )


def balances(account: Account) -> list[Balance]:
    """All assets that are not zero."""
    rows = (
        Balance(Product.SPOT, name(row.asset), number(row.free), number(row.locked), account.updateTime)
        for row in account.balances
    )
    return [row for row in rows if row.total]
