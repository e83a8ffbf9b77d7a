"""What an order becomes on the wire, the part that products share."""

from tui.binance.errors import RefusedError
from tui.binance.wire import plain
from tui.domain.order import Order, OrderType, TimeInForce


def limit_price(order: Order) -> str:
    """The price of a limit order as wire text; raises RefusedError when it has none."""
    if order.price is None:
        raise RefusedError("a limit order needs a price")
    return plain(order.price)


def check_type(order: Order) -> None:
    """Refuse what this client cannot send, before anything is sent; raises RefusedError."""
    if order.type not in (OrderType.LIMIT, OrderType.MARKET):
        raise RefusedError(f"{order.type} orders are not supported yet")
    if order.time_in_force is TimeInForce.GTD:
        raise RefusedError("GTD orders are not supported yet")
    if order.post_only and order.type is not OrderType.LIMIT:
        raise RefusedError("only a limit order can be post-only")
    if order.post_only and order.time_in_force is not TimeInForce.GTC:
        raise RefusedError("a post-only order is good till cancelled")
