"""What orders say on the wire of futures (derivatives docs, November 2026, "New order", "New algo order", "Modify").

What the wire has no words for is denied here, last of all, with the stable codes of `order_parameters.Denial` and a
sentence that says what works instead.
"""

from decimal import Decimal

import msgspec

from tui.binance.futures.checks import check
from tui.binance.futures.dialect import Dialect
from tui.binance.futures.words import NATIVE_TYPES
from tui.binance.order_parameters import CONDITIONAL_TYPES, LIMIT_TYPES, Denial, DeniedError, limit_price, positive_text
from tui.binance.signing import ParameterValue
from tui.binance.wire import plain
from tui.domain.order import Order, OrderChange
from tui.domain.order_terms import OrderType, PositionSide, TimeInForce

Parameters = dict[str, ParameterValue]


def is_conditional(order: Order) -> bool:
    """Whether an order waits for a price before it works."""
    return order.type in CONDITIONAL_TYPES


def placement(order: Order, dialect: Dialect, now_ms: int) -> Parameters:
    """A new order, for the ordinary address or the one of conditional orders; raises DeniedError."""
    check(order, dialect, now_ms)
    if is_conditional(order):
        return _conditional(order, dialect) if dialect.has_algo_service else _old_conditional(order, dialect)
    said: Parameters = {**_head(order, dialect), **_size(order)}
    if order.type is OrderType.LIMIT:
        said |= _limit(order)
    return {**said, **_manner(order), "newClientOrderId": order.client_order_id, "newOrderRespType": "RESULT"}


def _conditional(order: Order, dialect: Dialect) -> Parameters:
    head = {"algoType": "CONDITIONAL", **_head(order, dialect)}
    return {**head, **_size(order), **_condition(order, "triggerPrice", "activatePrice"), **_manner(order),
            "clientAlgoId": order.client_order_id}  # fmt: skip


def _old_conditional(order: Order, dialect: Dialect) -> Parameters:
    """As exchanges before December 2025 take it: on the ordinary address, with other names."""
    return {**_head(order, dialect), **_size(order), **_condition(order, "stopPrice", "activationPrice"),
            **_manner(order), "newClientOrderId": order.client_order_id, "newOrderRespType": "RESULT"}  # fmt: skip


def _head(order: Order, dialect: Dialect) -> Parameters:
    return {
        "symbol": dialect.names.native(order.symbol),
        "side": order.side.value,
        "positionSide": order.terms.position_side.value,
        "type": NATIVE_TYPES[order.type],
    }


def _size(order: Order) -> Parameters:
    """The quantity, which an order that closes the whole position leaves to the exchange."""
    if order.close_position:
        return {"closePosition": True}
    return {"quantity": positive_text(order.quantity, Denial.QUANTITY, "an order needs a quantity above zero")}


def _limit(order: Order) -> Parameters:
    """Price and life time. With price match the limit price is for our own checks and is not sent."""
    match = order.terms.price_match
    said: Parameters = {"priceMatch": match.value} if match is not None else {"price": limit_price(order)}
    said["timeInForce"] = "GTX" if order.post_only else order.time_in_force.value
    if order.time_in_force is TimeInForce.GTD and order.terms.good_till_ms is not None:
        # Only whole seconds are honoured.
        said["goodTillDate"] = order.terms.good_till_ms // 1_000 * 1_000
    return said


def _condition(order: Order, trigger: str, activation: str) -> Parameters:
    terms = order.terms
    said: Parameters = {"workingType": terms.working_type.value}
    if order.type is OrderType.TRAILING_STOP_MARKET:
        said["callbackRate"] = callback_rate(terms.trailing_bps or 0)
        # Left out, the exchange starts from its own latest price; it is never filled in here.
        if terms.activation_price is not None:
            said[activation] = plain(terms.activation_price)
    elif terms.trigger_price is not None:
        said[trigger] = plain(terms.trigger_price)
        said["timeInForce"] = order.time_in_force.value
    if order.type in LIMIT_TYPES:
        said |= _limit(order)
    if terms.price_protect:
        said["priceProtect"] = True
    return said


def _manner(order: Order) -> Parameters:
    """Reduce-only, which hedge mode and closing orders must not name (-1106), and self-trade prevention."""
    said: Parameters = {}
    if order.terms.position_side is PositionSide.BOTH and not order.close_position:
        said["reduceOnly"] = order.reduce_only
    if order.terms.self_trade_prevention is not None:
        said["selfTradePreventionMode"] = order.terms.self_trade_prevention.value
    return said


def callback_rate(bps: int) -> str:
    """Basis points as the percentage the exchange wants: `0.25`, but whole percents as `1.0`."""
    text = plain(Decimal(bps) / 100)
    return text if "." in text else f"{text}.0"


def modification(order: Order, change: OrderChange, dialect: Dialect) -> Parameters:
    """Another price or total quantity for a limit order; both are always said. Raises DeniedError."""
    price, quantity = change.price or order.price, change.quantity or order.quantity
    return {
        **identity(order, dialect),
        "side": order.side.value,
        "quantity": positive_text(quantity, Denial.QUANTITY, "the new quantity must be above zero"),
        "price": positive_text(price, Denial.PRICE, "the new price must be above zero"),
    }


def check_change(order: Order, change: OrderChange) -> None:
    """Deny what no futures order can be changed in; raises DeniedError."""
    if order.type not in LIMIT_TYPES and not (is_conditional(order) and not order.is_triggered):
        raise DeniedError(Denial.CHANGE, f"a {order.type.value} order cannot be changed: cancel it and send another")
    if change.trigger_price is not None and (not is_conditional(order) or order.is_triggered):
        raise DeniedError(Denial.CHANGE, "the order waits for no trigger (any more): change its price or quantity")
    if change.price is None and change.quantity is None and change.trigger_price is None:
        raise DeniedError(Denial.CHANGE, "nothing is changed: give another price or quantity")


def identity(order: Order, dialect: Dialect) -> Parameters:
    """How an ordinary order is named, by the exchange's number where it is known."""
    named: Parameters = {"symbol": dialect.names.native(order.symbol)}
    if order.order_id:
        return {**named, "orderId": order.order_id}
    return {**named, "origClientOrderId": order.client_order_id}


def algo_identity(order: Order) -> Parameters:
    """How a conditional order is named."""
    return {"algoId": order.algo_id} if order.algo_id else {"clientAlgoId": order.client_order_id}


def batch(items: list[Parameters]) -> Parameters:
    """Several orders in one request: numbers and flags as texts, as Binance's own libraries send them."""
    rows = [{name: _item(value) for name, value in item.items()} for item in items]
    return {"batchOrders": msgspec.json.encode(rows).decode()}


def _item(value: ParameterValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
