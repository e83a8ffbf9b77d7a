"""An order as the request that would make it again, with something about it changed."""

from dataclasses import replace

from tui.domain.order import Order, OrderChange, OrderRequest


def changed_request(order: Order, change: OrderChange) -> OrderRequest:
    """The order as it would stand after a change in place: its total quantity, filled or not."""
    request = OrderRequest(
        symbol=order.symbol,
        side=order.side,
        type=order.type,
        quantity=order.quantity if change.quantity is None else change.quantity,
        price=order.price if change.price is None else change.price,
        time_in_force=order.time_in_force,
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        close_position=order.close_position,
        terms=order.terms,
    )
    if change.trigger_price is not None:
        request = replace(request, terms=replace(order.terms, trigger_price=change.trigger_price))
    if change.price is not None and order.terms.price_match is not None:
        request = replace(request, terms=replace(request.terms, price_match=None))
    return request


def replacing_request(order: Order, change: OrderChange) -> OrderRequest:
    """The order that takes the place of another: every attribute of it, and what is left to trade."""
    request = changed_request(order, change)
    if request.quantity is None or order.close_position:
        return request
    return replace(request, quantity=request.quantity - order.spent)
