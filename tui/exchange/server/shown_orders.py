"""Which of an account's futures orders queries still show (Binance USD-M futures docs, "Query order", 2026)."""

from tui.exchange.orders import ExchangeOrder, OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk

_DAY_MS = 86_400_000
_UNFILLED_DAYS, _DAYS = 3, 90


def is_shown(order: ExchangeOrder, now_ms: int) -> bool:
    """Whether an order is open, or young enough: three days where it ended without a fill, ninety otherwise."""
    if order.state.is_open:
        return True
    ended_for_nothing = order.state in (OrderState.CANCELED, OrderState.EXPIRED) and not order.filled_lots
    return now_ms - order.created_ms <= (_UNFILLED_DAYS if ended_for_nothing else _DAYS) * _DAY_MS


def shown_order(
    desk: Desk, account_id: str, symbol: str, order_id: int | None, client_order_id: str | None
) -> ExchangeOrder:
    """An order by either id; Rejection -2013 when unknown or no longer shown."""
    order = desk.venue.order(account_id, symbol, order_id, client_order_id)
    if not is_shown(order, desk.now_ms()):
        raise Rejection(-2013, "Order does not exist.")
    return order


def shown_orders(desk: Desk, account_id: str, symbol: str | None) -> list[ExchangeOrder]:
    """Orders that are still shown, ascending ids."""
    now = desk.now_ms()
    return [order for order in desk.venue.orders(account_id, symbol) if is_shown(order, now)]
