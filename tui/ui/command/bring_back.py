"""The last order that came to nothing, as the line that asks for it again."""

from collections.abc import Iterable
from dataclasses import replace

from tui.domain.order import Order, OrderStatus
from tui.ui.command.resolve import line_of
from tui.ui.order_words import request_of

_CAME_TO_NOTHING = (OrderStatus.CANCELED, OrderStatus.REJECTED, OrderStatus.EXPIRED)


def last_ended(orders: Iterable[Order]) -> Order | None:
    """The newest order that was cancelled, rejected or expired before all of it was filled; None where none was."""
    ended = [order for order in orders if order.status in _CAME_TO_NOTHING and order.quantity > order.filled]
    return max(ended, key=lambda order: order.updated_ms, default=None)


def line_again(order: Order) -> str:
    """The line that asks for what was not filled of an order; "" where no line says all that it said.

    How trades with oneself are prevented is left to the exchange, which writes it on every order.
    """
    terms = replace(order.terms, self_trade_prevention=None)
    return line_of(replace(request_of(order), quantity=order.quantity - order.filled, terms=terms))
