"""What a conditional order may be: parameters that belong together, and its symbol's filters."""

from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.admission import check_position_side, closes, is_futures_client_id
from tui.exchange.conditional import CLOSING, CONDITIONAL_TYPES, PRICED, TRAILING, AlgoOrder
from tui.exchange.filters import decimals, futures_notional, futures_quantity, futures_trigger
from tui.exchange.futures_entry import check_good_till, check_price_match
from tui.exchange.listing import Listing
from tui.exchange.matching.match import PREVENTION_MODES
from tui.exchange.rejection import Rejection, missing, not_required

_TIMES_IN_FORCE = ("GTC", "IOC", "FOK", "GTX", "GTD", "GTE_GTC")
#: How many times the market, or which part of it, a trigger may be: wide enough for any stop that is meant.
_HIGHEST_TRIGGER, _LOWEST_TRIGGER = Decimal(5), Decimal("0.2")
_LEAST_CALLBACK, _MOST_CALLBACK = Decimal("0.1"), Decimal(20)


def admit_conditional(order: AlgoOrder, listing: Listing, *, is_hedged: bool, now_ms: int) -> None:
    """Check a conditional order's shape and filters; raises Binance's refusals. Completes its expiry."""
    if order.client_algo_id and not is_futures_client_id(order.client_algo_id):
        raise Rejection(-4015, "Client order id is not valid.")
    if order.type not in CONDITIONAL_TYPES:
        raise Rejection(-1116, "Invalid orderType.")
    check_position_side(order.position_side, is_hedged=is_hedged)
    if order.working_type not in ("MARK_PRICE", "CONTRACT_PRICE"):
        raise Rejection(-4031, f"Invalid parameter working type: `{order.working_type}`")
    if order.time_in_force not in _TIMES_IN_FORCE:
        raise Rejection(-1115, "Invalid timeInForce.")
    if order.self_trade_prevention not in PREVENTION_MODES:
        raise Rejection(-5039, "Invalid self trade prevention mode")
    if order.reduce_only and (is_hedged or order.close_position):
        raise not_required("reduceonly")
    check_price_match(order.price_match, has_price=order.price is not None, is_priced_type=order.type in PRICED)
    _prices(order)
    _size(order)
    order.good_till_ms = check_good_till(order.time_in_force, order.good_till_ms, now_ms)
    _filters(order, listing)


def _prices(order: AlgoOrder) -> None:
    if order.type in PRICED and order.price is None and order.price_match == "NONE":
        raise missing("price")
    if order.type not in PRICED and order.price is not None:
        raise not_required("price")
    if order.type != TRAILING:
        if order.trigger_price is None:
            raise missing("triggerPrice")
        for name, value in (("activatePrice", order.activate_price), ("callbackRate", order.callback_rate)):
            if value is not None:
                raise not_required(name)
        return
    if order.trigger_price is not None:
        raise not_required("triggerPrice")
    if order.callback_rate is None:
        raise missing("callbackRate")
    if not _LEAST_CALLBACK <= order.callback_rate <= _MOST_CALLBACK:
        raise Rejection(-2007, "Invalid callBack rate.")
    if order.activate_price is not None and order.activate_price <= 0:
        raise Rejection(-4135, "Invalid activation price")


def _size(order: AlgoOrder) -> None:
    if not order.close_position:
        if order.quantity is None:
            raise missing("quantity")
        return
    if order.type not in CLOSING:
        raise Rejection(-4136, f"Target strategy invalid for orderType {order.type},closePosition true")
    if order.quantity is not None:
        raise Rejection(-4137, "Quantity must be zero with closePosition equals true")
    if order.position_side != "BOTH" and not closes(order.position_side, order.side):
        raise Rejection(-4136, f"Target strategy invalid for orderType {order.type},closePosition true")


def _filters(order: AlgoOrder, listing: Listing) -> None:
    for value in (order.price, order.trigger_price, order.activate_price):
        if value is not None:
            if decimals(value) > listing.price_precision:
                raise _too_precise()
            futures_trigger(value, listing)
    if order.quantity is not None and decimals(order.quantity) > listing.quantity_precision:
        raise _too_precise()
    if order.trigger_price is not None and order.price is not None:
        _limit_near_trigger(order, order.price, order.trigger_price, listing)
    if order.quantity is None:
        return
    is_market = order.type not in PRICED
    futures_quantity(order.quantity, listing.max_market_quantity if is_market else listing.max_quantity, listing)
    price = order.price or order.trigger_price or order.activate_price
    if price is not None and not order.reduce_only and not closes(order.position_side, order.side):
        futures_notional(price * order.quantity, listing)


def check_distance(order: AlgoOrder, price: Decimal, listing: Listing) -> None:
    """Hold a trigger to the market at this price: Rejection -4210 or -4211."""
    if order.trigger_price is None:
        return
    ceiling = listing.tick.round(price * _HIGHEST_TRIGGER, "down")
    floor = listing.tick.round(price * _LOWEST_TRIGGER, "up")
    if order.trigger_price > ceiling:
        raise Rejection(-4210, f"Stop price can't be higher than {listing.tick.format(ceiling)}.")
    if order.trigger_price < floor:
        raise Rejection(-4211, f"Stop price can't be lower than {listing.tick.format(floor)}.")


def _limit_near_trigger(order: AlgoOrder, price: Decimal, trigger: Decimal, listing: Listing) -> None:
    ceiling = listing.tick.round(trigger * listing.price_up, "down")
    floor = listing.tick.round(trigger * listing.price_down, "up")
    if order.side is Side.BUY and price > ceiling:
        raise Rejection(-4183, f"Limit price can't be higher than {listing.tick.format(ceiling)}.")
    if order.side is Side.SELL and price < floor:
        raise Rejection(-4184, f"Limit price can't be lower than {listing.tick.format(floor)}.")


def _too_precise() -> Rejection:
    return Rejection(-1111, "Precision is over the maximum defined for this asset.")
