"""USD-M futures REST bodies (Binance USD-M futures docs, 2026)."""

from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.delivery import NEVER_MS, contract_status, contract_type
from tui.exchange.events import PublicTrade
from tui.exchange.listing import Listing
from tui.exchange.mark import MarkValues
from tui.exchange.orders import ExchangeOrder, Execution
from tui.exchange.server.notation import Notation, eight, short
from tui.exchange.server.spot_shapes import change_percent
from tui.exchange.tape import Aggregate, Day

Body = dict[str, object]

_ONBOARD_MS = 1_569_398_400_000
#: Dated contracts are listed about half a year before their delivery.
_LISTED_MS = 182 * 86_400_000
_ORDER_TYPES = ("LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")


def symbol_info(listing: Listing, now_ms: int) -> Body:
    """One symbol of exchangeInfo; conditional types are listed although they belong to the algo service."""
    return {
        "symbol": listing.symbol,
        "pair": listing.pair,
        "contractType": contract_type(listing, now_ms),
        "deliveryDate": listing.delivery_ms or NEVER_MS,
        "onboardDate": listing.delivery_ms - _LISTED_MS if listing.delivery_ms else _ONBOARD_MS,
        "status": contract_status(listing, now_ms),
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": listing.base,
        "quoteAsset": listing.quote,
        "marginAsset": listing.margin_asset,
        "pricePrecision": listing.price_precision,
        "quantityPrecision": listing.quantity_precision,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": filters(listing),
        "orderTypes": _ORDER_TYPES,
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "permissionSets": ["GRID", "COPY"],
    }


def filters(listing: Listing) -> list[Body]:
    """The rules orders are held to."""
    step = f"{listing.step.size:f}"
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": listing.tick.format(listing.min_price),
            "maxPrice": short(listing.max_price),
            "tickSize": f"{listing.tick.size:f}",
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": short(listing.min_quantity),
            "maxQty": short(listing.max_quantity),
            "stepSize": step,
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": short(listing.min_quantity),
            "maxQty": short(listing.max_market_quantity),
            "stepSize": step,
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": short(listing.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": f"{listing.price_up:.4f}",
            "multiplierDown": f"{listing.price_down:.4f}",
            "multiplierDecimal": "4",
        },
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ]


def trade_row(notation: Notation, trade: PublicTrade) -> Body:
    """One row of `trades`."""
    return {
        "id": trade.trade_id,
        "price": notation.price(trade.price_ticks),
        "qty": notation.size(trade.lots),
        "quoteQty": notation.turnover(trade.price_ticks * trade.lots, trade.lots),
        "time": trade.time_ms,
        "isBuyerMaker": trade.is_buyer_maker,
        "isRPITrade": False,
    }


def aggregate_row(notation: Notation, aggregate: Aggregate) -> Body:
    """One row of `aggTrades`."""
    quantity = notation.size(aggregate.lots)
    return {
        "a": aggregate.aggregate_id,
        "p": notation.price(aggregate.price_ticks),
        "q": quantity,
        "nq": quantity,
        "f": aggregate.first_id,
        "l": aggregate.last_id,
        "T": aggregate.time_ms,
        "m": aggregate.is_buyer_maker,
    }


def ticker_row(notation: Notation, day: Day) -> Body:
    """`ticker/24hr`; futures have no best prices in it."""
    return {
        "symbol": notation.listing.symbol,
        "priceChange": notation.price(day.last - day.open),
        "priceChangePercent": change_percent(day),
        "weightedAvgPrice": notation.average(day.units, day.lots),
        "lastPrice": notation.price(day.last),
        "lastQty": notation.size(day.last_lots),
        "openPrice": notation.price(day.open),
        "highPrice": notation.price(day.high),
        "lowPrice": notation.price(day.low),
        "volume": notation.size(day.lots),
        "quoteVolume": notation.turnover(day.units, day.lots),
        "openTime": day.open_ms,
        "closeTime": day.close_ms,
        "firstId": day.first_id,
        "lastId": day.last_id,
        "count": day.trades,
    }


def mark_row(symbol: str, values: MarkValues) -> Body:
    """One row of `premiumIndex`; the rate is the one expected next, despite its name. Dated contracts have none."""
    return {
        "symbol": symbol,
        "markPrice": eight(values.mark),
        "indexPrice": eight(values.index),
        "estimatedSettlePrice": eight(values.estimated_settle),
        "lastFundingRate": eight(values.funding_rate),
        "interestRate": eight(values.interest_rate),
        "nextFundingTime": values.next_funding_ms,
        "time": values.time_ms,
    }


def _order(notation: Notation, order: ExchangeOrder) -> Body:
    return {
        "orderId": order.order_id,
        "symbol": order.listing.symbol,
        "status": order.state.value,
        "clientOrderId": order.client_order_id,
        "price": notation.price(order.price_ticks),
        "origQty": notation.size(order.lots),
        "executedQty": notation.size(order.filled_lots),
        "timeInForce": order.time_in_force or "GTC",
        "type": order.type,
        "reduceOnly": order.reduce_only,
        "closePosition": False,
        "side": order.side.value,
        "positionSide": order.position_side,
        "stopPrice": notation.price(0),
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": order.type,
        "priceMatch": order.price_match,
        "selfTradePreventionMode": order.self_trade_prevention,
        "goodTillDate": order.good_till_ms,
        "updateTime": order.updated_ms,
    }


def placed(notation: Notation, order: ExchangeOrder, response_type: str) -> Body:
    """The reply to a new order. An ACK knows no execution, even of an order already filled."""
    body = _order(notation, order)
    if response_type == "ACK":
        body |= {"status": "NEW", "executedQty": notation.size(0), "updateTime": order.created_ms}
    return body | {"cumQty": body["executedQty"]}


def cancelled(notation: Notation, order: ExchangeOrder) -> Body:
    """The reply to a cancel."""
    body = _order(notation, order)
    return body | {"cumQty": body["executedQty"]}


def queried(notation: Notation, order: ExchangeOrder) -> Body:
    """One order as `GET order`, `openOrders` and `allOrders` tell it."""
    return _order(notation, order) | {
        "avgPrice": average_price(notation, order.filled_quote, order.filled_lots),
        "cumQuote": eight(order.filled_quote),
        "time": order.created_ms,
    }


def average_price(notation: Notation, filled_quote: Decimal, filled_lots: int) -> str:
    """Average price of what is filled, exact to eight decimals; zero without fills."""
    if not filled_lots:
        return notation.price(0)
    return eight(notation.listing.average_price(notation.listing.step.value(filled_lots), filled_quote))


def own_trade(notation: Notation, order: ExchangeOrder, execution: Execution) -> Body:
    """One row of `userTrades`."""
    quantity = notation.size(execution.lots)
    return {
        "symbol": order.listing.symbol,
        "pair": order.listing.pair,
        "id": execution.trade_id,
        "orderId": order.order_id,
        "side": order.side.value,
        "price": notation.price(execution.price_ticks),
        "qty": quantity,
        "quoteQty": notation.turnover(execution.price_ticks * execution.lots, execution.lots),
        "baseQty": quantity,
        "marginAsset": order.listing.margin_asset,
        "realizedPnl": eight(execution.realized_profit),
        "commission": eight(execution.commission),
        "commissionAsset": execution.commission_asset,
        "time": execution.time_ms,
        "positionSide": order.position_side,
        "buyer": order.side is Side.BUY,
        "maker": execution.is_maker,
    }
