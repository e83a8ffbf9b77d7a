"""The life of an order: one function from what was known and what is said to what is known.

Total over every report in any order: duplicates change nothing, late reports never move an order backwards, a fill
that arrives after the order closed is still counted.
"""

from dataclasses import replace
from decimal import Decimal

from tui.domain.order import Order, OrderReport, OrderStatus

# How far along each status is; an order never goes back to a smaller number.
_RANK = {
    OrderStatus.INTENT: 0,
    OrderStatus.SUBMITTED: 1,
    OrderStatus.UNKNOWN: 1,
    OrderStatus.NEW: 2,
    OrderStatus.PARTIALLY_FILLED: 3,
    OrderStatus.REJECTED: 4,
    OrderStatus.EXPIRED: 4,
    OrderStatus.CANCELED: 4,
    OrderStatus.FILLED: 5,
}


def apply_report(order: Order, report: OrderReport) -> Order:
    """The order after one statement of the exchange; the very same object when the statement adds nothing."""
    filled, average = _filled(order, report)
    is_newer = report.time_ms >= order.updated_ms or not order.status.is_closed
    quantity = report.quantity if report.quantity > 0 and is_newer else order.quantity
    status = _status(order, report, filled, quantity)
    fill = report.fill
    counted = order.counted_fills | {fill.trade_id} if fill else order.counted_fills
    after = replace(
        order,
        order_id=order.order_id if report.order_id <= 0 else report.order_id,
        status=status,
        filled=filled,
        average_price=average,
        quantity=quantity,
        price=report.price if report.price and is_newer else order.price,
        reason=report.reason or order.reason,
        counted_fills=counted,
        cancel_requested=order.cancel_requested and not status.is_closed,
        updated_ms=max(order.updated_ms, report.time_ms),
    )
    return order if after == order else after


def _filled(order: Order, report: OrderReport) -> tuple[Decimal, Decimal | None]:
    """Cumulative quantity and average price: never less than already known, each execution counted once."""
    if report.filled > order.filled:
        return report.filled, report.average_price or _average(order, report)
    if report.filled == order.filled and report.average_price:
        return order.filled, report.average_price
    return order.filled, order.average_price


def _average(order: Order, report: OrderReport) -> Decimal | None:
    """Average from the last execution where the exchange does not state one."""
    fill = report.fill
    if fill is None or fill.trade_id in order.counted_fills:
        return order.average_price
    known = (order.average_price or Decimal(0)) * order.filled
    quantity = order.filled + fill.quantity
    return (known + fill.price * fill.quantity) / quantity if quantity else None


def _status(order: Order, report: OrderReport, filled: Decimal, quantity: Decimal) -> OrderStatus:
    said = report.status
    # An order for an amount of quote has no quantity of its own: what the exchange calls one may grow as it fills.
    if order.quote_quantity is None and filled >= quantity > 0:
        said = OrderStatus.FILLED
    if said in (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED):
        said = OrderStatus.PARTIALLY_FILLED if filled > 0 else OrderStatus.NEW
    return said if _RANK[said] > _RANK[order.status] else order.status


def order_from_report(report: OrderReport) -> Order:
    """An order first heard of from the exchange, placed elsewhere or before this program's memory begins."""
    return Order(
        product=report.product,
        symbol=report.symbol,
        client_order_id=report.client_order_id,
        side=report.side,
        type=report.type,
        time_in_force=report.time_in_force,
        quantity=report.quantity,
        price=report.price,
        status=report.status,
        created_ms=report.time_ms,
        updated_ms=report.time_ms,
        order_id=report.order_id,
        filled=report.filled,
        average_price=report.average_price,
        post_only=report.post_only,
        reduce_only=report.reduce_only,
        close_position=report.close_position,
        terms=report.terms,
        quote_quantity=report.quote_quantity,
        algo_id=report.algo_id,
        is_triggered=report.is_triggered,
        awaits_entry=report.awaits_entry,
        prevented=report.prevented,
        list_id=report.list_id,
        forced=report.forced,
        would_take=report.would_take,
        reason=report.reason,
        is_foreign=True,
        counted_fills=frozenset({report.fill.trade_id}) if report.fill else frozenset(),
    )
