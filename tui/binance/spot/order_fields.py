"""What a spot or margin order says on the wire besides symbol, side and size (spot API docs 2026-07-21, "New order").

The same fields, with a prefix, make the legs of an order list. Everything the exchange has no words for is denied here,
with the stable code of `order_parameters.Denial` and a sentence that says what works instead.
"""

from collections.abc import Callable

from tui.binance.order_parameters import LIMIT_TYPES, Denial, DeniedError, limit_price, positive_text
from tui.binance.signing import ParameterValue
from tui.binance.spot.traits import SymbolTraits
from tui.binance.wire import plain
from tui.domain.order import Order
from tui.domain.order_terms import OrderType, PegPrice, PositionSide, Side, TimeInForce, WorkingType
from tui.domain.product import Product

Fields = dict[str, ParameterValue]

#: By order type: the exchange's word at a market and at a limit price, once triggered.
_NATIVE = {
    OrderType.LIMIT: "LIMIT",
    OrderType.MARKET: "MARKET",
    OrderType.STOP_MARKET: "STOP_LOSS",
    OrderType.STOP_LIMIT: "STOP_LOSS_LIMIT",
    OrderType.MARKET_IF_TOUCHED: "TAKE_PROFIT",
    OrderType.LIMIT_IF_TOUCHED: "TAKE_PROFIT_LIMIT",
}
#: Most levels a pegged order may stay behind.
_MOST_PEG_LEVELS = 100
_LARGEST_DELTA = 10_000


def fields(order: Order, traits: SymbolTraits) -> Fields:
    """Type, life time, prices and conditions of an order; raises DeniedError for what cannot be sent."""
    for check in _CHECKS:
        check(order, traits)
    native = native_type(order)
    if traits.order_types and native not in traits.order_types:
        offered = ", ".join(sorted(traits.order_types))
        raise DeniedError(Denial.ORDER_TYPE, f"{order.symbol} does not take {native} orders; it takes {offered}")
    said: Fields = {"type": native}
    if order.type in LIMIT_TYPES:
        if native != "LIMIT_MAKER":
            said["timeInForce"] = _time_in_force(order)
        if order.price is not None or order.terms.peg_price is None:
            said["price"] = limit_price(order)
    return said | _trigger(order, traits) | _display(order, traits) | _peg(order, traits)


def native_type(order: Order) -> str:
    """The exchange's word for the order's type.

    A trailing stop follows the price from its activation on: a SELL from a price at or above it. That is how
    TAKE_PROFIT activates (STOP_LOSS would activate a SELL at or below); without activation both are the same.
    """
    if order.type is OrderType.LIMIT and order.post_only:
        return "LIMIT_MAKER"
    if order.type is OrderType.TRAILING_STOP_MARKET:
        return "STOP_LOSS" if order.terms.activation_price is None else "TAKE_PROFIT"
    return _NATIVE[order.type]


def _time_in_force(order: Order) -> str:
    """GTD does not exist here: the exchange holds the order as GTC, and the engine cancels it when its time is up."""
    return "GTC" if order.time_in_force is TimeInForce.GTD else order.time_in_force.value


def _trigger(order: Order, traits: SymbolTraits) -> Fields:
    terms = order.terms
    if order.type in (OrderType.LIMIT, OrderType.MARKET):
        if terms.trigger_price is not None or terms.activation_price is not None or terms.trailing_bps is not None:
            raise DeniedError(
                Denial.TRIGGER_PRICE, f"a {order.type.value} order has no trigger: use a stop or an if-touched type"
            )
        return {}
    said: Fields = {}
    if order.type is OrderType.TRAILING_STOP_MARKET:
        if terms.trigger_price is not None:
            raise DeniedError(
                Denial.TRIGGER_PRICE, "a trailing stop has no trigger price: give an activation price instead"
            )
        stop_price = terms.activation_price
        if terms.trailing_bps is None:
            raise DeniedError(Denial.TRAILING_OFFSET, "a trailing stop needs its offset in basis points (100 is 1 %)")
    else:
        stop_price = terms.trigger_price
        if terms.activation_price is not None:
            raise DeniedError(
                Denial.TRIGGER_PRICE, f"a {order.type.value} order takes a trigger price, not an activation price"
            )
    if stop_price is not None or terms.trailing_bps is None:
        said["stopPrice"] = positive_text(
            stop_price, Denial.TRIGGER_PRICE, f"a {order.type.value} order needs a trigger price above zero"
        )
    if terms.trailing_bps is not None:
        said["trailingDelta"] = _trailing(order, terms.trailing_bps, traits)
    return said


def _trailing(order: Order, bps: int, traits: SymbolTraits) -> int:
    if not traits.trailing:
        raise DeniedError(Denial.ORDER_TYPE, f"{order.symbol} has no trailing stops: use STOP_MARKET")
    takes_profit = native_type(order).startswith("TAKE_PROFIT")
    is_above = (order.side is Side.BUY) is not takes_profit
    least, most = traits.trailing_above if is_above else traits.trailing_below
    least, most = max(1, least), most or _LARGEST_DELTA
    if not least <= bps <= most:
        raise DeniedError(
            Denial.TRAILING_OFFSET, f"{order.symbol} trails by {least} to {most} basis points, not by {bps}"
        )
    return bps


def _display(order: Order, traits: SymbolTraits) -> Fields:
    shown = order.terms.display_quantity
    if shown is None:
        return {}
    if order.type not in LIMIT_TYPES:
        raise DeniedError(
            Denial.DISPLAY_QUANTITY, f"a {order.type.value} order cannot be an iceberg: only limit types can"
        )
    if _time_in_force(order) != "GTC":
        raise DeniedError(Denial.DISPLAY_QUANTITY, f"an iceberg order is GTC, not {order.time_in_force.value}")
    if not traits.iceberg:
        raise DeniedError(Denial.DISPLAY_QUANTITY, f"{order.symbol} takes no iceberg orders")
    text = positive_text(shown, Denial.DISPLAY_QUANTITY, "the visible part of an iceberg must be above zero")
    if shown >= order.quantity:
        raise DeniedError(
            Denial.DISPLAY_QUANTITY,
            f"the visible part {plain(shown)} must be less than the whole {plain(order.quantity)}",
        )
    return {"icebergQty": text}


def _peg(order: Order, traits: SymbolTraits) -> Fields:
    peg, levels = order.terms.peg_price, order.terms.peg_levels
    if peg is None:
        if levels is not None:
            raise DeniedError(Denial.PEG, "levels belong to a peg: say PRIMARY_PEG or MARKET_PEG")
        return {}
    if not traits.peg:
        raise DeniedError(Denial.PEG, f"{order.symbol} takes no pegged orders: give a price")
    if order.type not in LIMIT_TYPES:
        raise DeniedError(Denial.PEG, f"a {order.type.value} order has no price to peg: use a limit type")
    if peg is PegPrice.MARKET_PEG and order.post_only:
        raise DeniedError(Denial.PEG, "a post-only order cannot be pegged to the other side: use PRIMARY_PEG")
    if peg is PegPrice.PRIMARY_PEG and order.type is OrderType.LIMIT and _time_in_force(order) != "GTC":
        raise DeniedError(Denial.PEG, f"an order pegged to its own side is GTC, not {order.time_in_force.value}")
    said: Fields = {"pegPriceType": peg.value}
    if levels is not None:
        if not 1 <= levels <= _MOST_PEG_LEVELS:
            raise DeniedError(Denial.PEG, f"a peg stays 1 to {_MOST_PEG_LEVELS} levels behind, not {levels}")
        said |= {"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": levels}
    return said


def _foreign_to_coins(order: Order, traits: SymbolTraits) -> None:
    """What belongs to contracts."""
    terms = order.terms
    if order.reduce_only:
        raise DeniedError(Denial.REDUCE_ONLY, "reduce-only exists on futures alone: sell what you hold instead")
    if order.close_position:
        raise DeniedError(Denial.CLOSE_POSITION, "close-position exists on futures alone: give a size")
    if terms.position_side is not PositionSide.BOTH:
        raise DeniedError(Denial.POSITION_SIDE, "LONG and SHORT are positions of futures: leave the side out")
    if terms.working_type is not WorkingType.CONTRACT_PRICE:
        raise DeniedError(Denial.TRIGGER_TYPE, "coins trigger on the last price alone: there is no mark price")
    if terms.price_match is not None:
        raise DeniedError(Denial.PRICE_MATCH, "price match exists on futures alone: peg the order instead")
    if terms.margin_effect is not None and order.product is Product.SPOT:
        raise DeniedError(Denial.MARGIN_EFFECT, "spot borrows nothing: use the symbol on margin (-X or -I)")
    if terms.price_protect:
        raise DeniedError(Denial.PRICE_PROTECT, "price protection exists on futures alone")


def _post_only(order: Order, traits: SymbolTraits) -> None:
    if not order.post_only:
        return
    if order.type is not OrderType.LIMIT:
        raise DeniedError(
            Denial.POST_ONLY, f"a {order.type.value} order cannot be post-only: it may take once it works; use LIMIT"
        )
    if order.time_in_force not in (TimeInForce.GTC, TimeInForce.GTD):
        raise DeniedError(Denial.POST_ONLY, f"post-only and {order.time_in_force.value} contradict each other")


def _price(order: Order, traits: SymbolTraits) -> None:
    if order.price is not None and order.type not in LIMIT_TYPES:
        raise DeniedError(
            Denial.PRICE, f"a {order.type.value} order takes whatever the book gives: leave the price out"
        )


def _self_trade_prevention(order: Order, traits: SymbolTraits) -> None:
    mode, allowed = order.terms.self_trade_prevention, traits.self_trade_preventions
    if mode is not None and allowed and mode.value not in allowed:
        raise DeniedError(
            Denial.SELF_TRADE_PREVENTION,
            f"{order.symbol} does not offer {mode.value}; it offers {', '.join(sorted(allowed))}",
        )


_CHECKS: tuple[Callable[[Order, SymbolTraits], None], ...] = (
    _foreign_to_coins,
    _post_only,
    _price,
    _self_trade_prevention,
)
