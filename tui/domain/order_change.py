"""What changing a working order does to its place in the queue."""

from tui.domain.order import ChangeKind, Order, OrderChange
from tui.domain.order_terms import OrderType
from tui.domain.product import Product

_CONDITIONAL = frozenset(OrderType) - {OrderType.LIMIT, OrderType.MARKET}


def is_conditional(order: Order) -> bool:
    """Whether an order waits for a trigger before it works."""
    return order.type in _CONDITIONAL


def change_kind(order: Order, change: OrderChange) -> ChangeKind:
    """How the exchange makes a change of an order it holds (spot API docs 2026-07-21, derivatives docs November 2026).

    Spot keeps the place for a smaller quantity at the same price alone, and replaces for all else; futures change
    limit orders in place and send them to the end; margin and conditional orders that have not triggered are replaced.
    """
    if is_conditional(order) and not order.is_triggered:
        return ChangeKind.REPLACES
    if order.product.is_futures:
        return ChangeKind.LOSES_QUEUE
    shrinks = change.quantity is not None and change.quantity < order.quantity
    if order.product is Product.SPOT and shrinks and change.price in (None, order.price):
        return ChangeKind.KEEPS_QUEUE
    return ChangeKind.REPLACES
