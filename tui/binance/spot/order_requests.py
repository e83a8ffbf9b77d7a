"""Requests about one spot order: placing, naming, amending, replacing (spot API docs 2026-07-21, "Trading")."""

from dataclasses import replace
from decimal import Decimal

from tui.binance.order_parameters import CONDITIONAL_TYPES, LIMIT_TYPES, Denial, DeniedError, positive_text
from tui.binance.spot.order_fields import Fields, fields
from tui.binance.spot.traits import SymbolTraits
from tui.binance.wire import plain
from tui.domain.instrument import native_coin_symbol
from tui.domain.order import ChangeKind, Order, OrderChange, OrderReport
from tui.domain.order_terms import OrderType


def order_parameters(order: Order, traits: SymbolTraits) -> Fields:
    """A placement; raises DeniedError for what cannot be sent."""
    said = fields(order, traits)
    return {
        "symbol": native_coin_symbol(order.product, order.symbol),
        "side": order.side.value,
        **said,
        **_amount(order, traits),
        **self_trade_prevention(order),
        "newClientOrderId": order.client_order_id,
        "newOrderRespType": "FULL",
    }


def _amount(order: Order, traits: SymbolTraits) -> Fields:
    if order.quote_quantity is None:
        return {"quantity": quantity_text(order)}
    if order.type is not OrderType.MARKET:
        raise DeniedError(Denial.QUOTE_QUANTITY, "only a MARKET order takes an amount of quote: give a size")
    if not traits.quote_quantity:
        raise DeniedError(Denial.QUOTE_QUANTITY, f"{order.symbol} takes no amount of quote: give a size")
    return {
        "quoteOrderQty": positive_text(order.quote_quantity, Denial.QUANTITY, "an amount of quote must be above zero")
    }


def quantity_text(order: Order) -> str:
    """The order's size as wire text; raises DeniedError when it has none."""
    return positive_text(order.quantity, Denial.QUANTITY, "an order needs a size above zero")


def self_trade_prevention(order: Order) -> Fields:
    """The mode, where one is wished for; else the symbol's own holds."""
    mode = order.terms.self_trade_prevention
    return {} if mode is None else {"selfTradePreventionMode": mode.value}


def identity(order: Order) -> Fields:
    """How an order is named: a cancel changes its client id, never the exchange's."""
    named: Fields = {"symbol": native_coin_symbol(order.product, order.symbol)}
    if order.order_id:
        return {**named, "orderId": order.order_id}
    return {**named, "origClientOrderId": order.client_order_id}


def change_kind(order: Order, change: OrderChange, traits: SymbolTraits) -> ChangeKind:
    """How the change would be made; raises DeniedError for one that cannot be.

    A smaller size alone keeps the order's place; everything else cancels it and places another.
    """
    wanted = changed_order(order, change)
    is_size_alone = (wanted.price, wanted.terms) == (order.price, order.terms)
    if is_size_alone and wanted.quantity < order.quantity and traits.amend:
        return ChangeKind.KEEPS_QUEUE
    if order.list_id is not None:
        works = "only a smaller size can be set" if traits.amend else "nothing can be changed"
        raise DeniedError(
            Denial.CHANGE, f"replacing a leg would cancel its whole list: {works}; or cancel the list and place it anew"
        )
    if not traits.cancel_replace:
        raise DeniedError(Denial.CHANGE, f"{order.symbol} cannot replace orders: cancel this one and place another")
    return ChangeKind.REPLACES


def changed_order(order: Order, change: OrderChange) -> Order:
    """The order as it is wished for, filled part included; raises DeniedError for a change that makes no sense."""
    price = order.price if change.price is None else change.price
    trigger = order.terms.trigger_price if change.trigger_price is None else change.trigger_price
    quantity = order.quantity if change.quantity is None else change.quantity
    if order.type not in LIMIT_TYPES | CONDITIONAL_TYPES:
        raise DeniedError(Denial.CHANGE, f"a {order.type.value} order is over before it could be changed")
    if change.price is not None and order.type not in LIMIT_TYPES:
        raise DeniedError(Denial.CHANGE, f"a {order.type.value} order has no limit price to change")
    if change.trigger_price is not None and order.terms.trigger_price is None:
        raise DeniedError(Denial.CHANGE, f"this {order.type.value} order has no trigger price to change")
    if (price, trigger, quantity) == (order.price, order.terms.trigger_price, order.quantity):
        raise DeniedError(Denial.CHANGE, "the order already has this price and size: nothing would change")
    if quantity <= order.spent:
        raise DeniedError(
            Denial.CHANGE,
            f"{plain(order.spent)} of it has traded, so its size must be larger: cancel it to stop here",
        )
    shown = order.terms.display_quantity
    if shown is not None and shown >= quantity - order.spent:
        shown = None
    terms = replace(order.terms, trigger_price=trigger, display_quantity=shown)
    return replace(order, price=price, quantity=quantity, terms=terms)


def amend_parameters(order: Order, quantity: Decimal) -> Fields:
    """A smaller total size in place; the order keeps its client id."""
    return {**identity(order), "newQty": plain(quantity), "newClientOrderId": order.client_order_id}


def replacement(order: Order, change: OrderChange, new_client_order_id: str) -> Order:
    """The order that takes another's place: every attribute of it, and what is left to trade; raises DeniedError."""
    wanted = changed_order(order, change)
    return replace(
        wanted,
        client_order_id=new_client_order_id,
        quantity=wanted.quantity - order.spent,
        filled=Decimal(0),
        prevented=Decimal(0),
        average_price=None,
        order_id=None,
    )


def spent_meanwhile(order: Order, gone: OrderReport) -> Decimal:
    """What an order still traded, or lost to self-trade prevention, on its way out; not every answer tells of both."""
    return gone.filled - order.filled + max(Decimal(0), gone.prevented - order.prevented)


def replace_parameters(order: Order, wanted: Order, traits: SymbolTraits) -> Fields:
    """Cancel `order` and place `wanted`, the second only where the first succeeded; raises DeniedError.

    An order that nothing of has traded is only cancelled if that is still so: otherwise the replacement would be too
    large by what traded meanwhile.
    """
    placed = {name: value for name, value in order_parameters(wanted, traits).items() if name != "symbol"}
    named = identity(order)
    cancelled: Fields = {"symbol": named["symbol"], "cancelReplaceMode": "STOP_ON_FAILURE"}
    if "orderId" in named:
        cancelled["cancelOrderId"] = named["orderId"]
    else:
        cancelled["cancelOrigClientOrderId"] = named["origClientOrderId"]
    if not order.filled:
        cancelled["cancelRestrictions"] = "ONLY_NEW"
    return {**cancelled, **placed}
