"""From USD-M payloads to the domain: the one step where text becomes numbers and Binance's words ours."""

from decimal import Decimal

from tui.binance.usdm.symbols import contract_kind, program_name
from tui.binance.usdm.wire import Account, Filter, OrderAnswer, PositionRow, SymbolInfo, TradeRow
from tui.binance.wire import increment, listed_name, name, number, order_status, order_type, positive, time_in_force
from tui.domain.account import Balance, Position
from tui.domain.instrument import Instrument, TradingStatus
from tui.domain.order import Fill, Order, OrderReport, OrderType, Side, Terms
from tui.domain.product import Product

ORDER_TYPES = {
    "LIMIT": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP": OrderType.STOP_LIMIT,
    "STOP_MARKET": OrderType.STOP_MARKET,
    "TAKE_PROFIT": OrderType.LIMIT_IF_TOUCHED,
    "TAKE_PROFIT_MARKET": OrderType.MARKET_IF_TOUCHED,
    "TRAILING_STOP_MARKET": OrderType.TRAILING_STOP_MARKET,
}

_MOST_LEVERAGE = 1_000

POST_ONLY = frozenset({"GTX", "RPI"})

_STATUS = {
    "TRADING": TradingStatus.TRADING,
    "TRADING_CANCEL_ONLY": TradingStatus.CANCEL_ONLY,
}


def instrument(info: SymbolInfo) -> Instrument:
    """One contract with its filters; raises ValueError for numbers that are none."""
    filters = {row.filterType: row for row in info.filters}
    empty = Filter()
    lot, market_lot = filters.get("LOT_SIZE", empty), filters.get("MARKET_LOT_SIZE", empty)
    bounds = filters.get("PERCENT_PRICE", empty)
    max_quantity = positive(lot.maxQty) or Decimal("9e12")
    return Instrument(
        product=Product.USDM,
        symbol=program_name(info.symbol),
        native=listed_name(info.symbol),
        base=listed_name(info.baseAsset),
        quote=listed_name(info.quoteAsset),
        margin_asset=listed_name(info.marginAsset),
        tick=increment(filters.get("PRICE_FILTER", empty).tickSize, info.pricePrecision),
        step=increment(lot.stepSize, info.quantityPrecision),
        min_quantity=number(lot.minQty),
        max_quantity=max_quantity,
        max_market_quantity=min(positive(market_lot.maxQty) or max_quantity, max_quantity),
        min_notional=number(filters.get("MIN_NOTIONAL", empty).notional),
        kind=contract_kind(info.symbol),
        status=_STATUS.get(info.status, TradingStatus.CLOSED),
        price_up=positive(bounds.multiplierUp),
        price_down=positive(bounds.multiplierDown),
    )


def report(answer: OrderAnswer, asked: Order | None = None) -> OrderReport:
    """An answer about one order, under the client id that we gave it where we asked for it ourselves.

    Raises ValueError for numbers that are none.
    """
    price = positive(answer.price)
    return OrderReport(
        product=Product.USDM,
        symbol=program_name(answer.symbol),
        client_order_id=asked.client_order_id if asked else name(answer.clientOrderId),
        order_id=answer.orderId,
        status=order_status(answer.status),
        side=Side(answer.side),
        type=order_type(answer.origType or answer.type, ORDER_TYPES, price),
        time_in_force=time_in_force(answer.timeInForce),
        quantity=number(answer.origQty),
        filled=number(answer.executedQty),
        price=price,
        average_price=positive(answer.avgPrice),
        time_ms=answer.updateTime or answer.time or 0,
        post_only=answer.timeInForce in POST_ONLY,
        reduce_only=answer.reduceOnly,
        close_position=answer.closePosition,
        terms=Terms(trigger_price=positive(answer.stopPrice)),
    )


def fill(row: TradeRow) -> Fill:
    """One of our executions; trade lists carry no client id, so it stays empty."""
    return Fill(
        product=Product.USDM,
        symbol=program_name(row.symbol),
        trade_id=row.id,
        order_id=row.orderId,
        client_order_id="",
        side=Side(row.side),
        price=number(row.price),
        quantity=number(row.qty),
        commission=number(row.commission),
        commission_asset=name(row.commissionAsset or ""),
        is_maker=row.maker,
        time_ms=row.time,
        realized_profit=number(row.realizedPnl),
    )


def balances(account: Account) -> list[Balance]:
    """Assets held: free is what new positions may use, locked is the margin of positions and orders."""
    return [
        Balance(
            product=Product.USDM,
            asset=name(row.asset),
            free=number(row.availableBalance),
            locked=number(row.initialMargin),
            time_ms=row.updateTime,
        )
        for row in account.assets
        if number(row.walletBalance) or number(row.initialMargin)
    ]


def positions(rows: list[PositionRow]) -> list[Position]:
    """Every position that is open; flat rows only carry settings."""
    return [position(row) for row in rows if number(row.positionAmt)]


def leverages(rows: list[PositionRow]) -> dict[str, int]:
    """The leverage set for each symbol that states one, flat or not."""
    return {program_name(row.symbol): _leverage(row.leverage) for row in rows if row.leverage}


def _leverage(raw: str | int) -> int:
    leverage = int(raw)
    if not 0 < leverage <= _MOST_LEVERAGE:
        raise ValueError(f"{leverage} is not a leverage")
    return leverage


def position(row: PositionRow) -> Position:
    """One position; a liquidation price of zero means that there is none."""
    is_isolated = (row.marginType or "").lower() == "isolated"
    leverage = _leverage(row.leverage) if row.leverage else None
    return Position(
        product=Product.USDM,
        symbol=program_name(row.symbol),
        quantity=number(row.positionAmt),
        entry_price=number(row.entryPrice),
        time_ms=row.updateTime,
        mark_price=positive(row.markPrice),
        liquidation_price=positive(row.liquidationPrice),
        leverage=leverage,
        margin=number(row.isolatedMargin) if is_isolated else _cross_margin(row, leverage),
        is_isolated=is_isolated,
    )


def _cross_margin(row: PositionRow, leverage: int | None) -> Decimal | None:
    """Initial margin of a cross position: its notional over the leverage."""
    if not row.notional or not leverage:
        return None
    return abs(number(row.notional)) / leverage
