"""The life of an order: one function from what was known and what is said to what is known.

Total over every statement in any order. Duplicates change nothing; late statements never move an order backwards; an
execution that arrives after the order closed is still counted; of two statements about price and quantity the newer
one holds. So statements that do not contradict each other end in the same order however they are shuffled. `objection`
finds those that do contradict what is known: they are dropped, and the exchange is asked.
"""

from dataclasses import replace
from decimal import Decimal

from tui.domain.average import average_price
from tui.domain.order import Fill, Order, OrderReport, OrderStatus
from tui.domain.order_terms import PLAIN

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

_WORKING = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)


def apply_report(order: Order, report: OrderReport) -> Order:
    """The order after one statement of the exchange; the very same object when the statement adds nothing."""
    counted, counted_quantity = _counted(order, report.fill)
    has_terms = _has_newer_terms(order, report)
    quantity = report.quantity if has_terms and report.quantity > 0 else order.quantity
    filled = max(order.filled, Decimal(0) if report.is_lite else report.filled, counted_quantity)
    status = _status(order, report, filled, quantity)
    after = replace(
        order,
        order_id=order.order_id if report.order_id <= 0 else report.order_id,
        status=status,
        filled=filled,
        average_price=_average(order, report, filled),
        quantity=quantity,
        price=report.price if has_terms and report.price else order.price,
        terms=report.terms if order.is_foreign and has_terms and report.terms != PLAIN else order.terms,
        terms_as_of=_as_of(report) if has_terms else order.terms_as_of,
        reason=_reason(order, report, status),
        counted_fills=counted,
        counted_quantity=counted_quantity,
        cancel_requested=order.cancel_requested and not status.is_closed,
        change_requested=order.change_requested and not status.is_closed,
        updated_ms=max(order.updated_ms, report.time_ms),
        algo_id=order.algo_id if report.algo_id is None else report.algo_id,
        is_triggered=order.is_triggered or report.is_triggered,
        is_trailing=order.is_trailing or report.is_trailing,
        awaits_entry=_awaits_entry(order, report, status),
        prevented=max(order.prevented, report.prevented),
        list_id=order.list_id if report.list_id is None else report.list_id,
        forced=order.forced or report.forced,
        would_take=order.would_take or report.would_take,
        unfamiliar=report.unfamiliar if has_terms else order.unfamiliar,
    )
    return order if after == order else after


def fill_alone(fill: Fill, order: Order) -> OrderReport:
    """An execution of an order, told without saying anything else of it."""
    return OrderReport(
        product=fill.product,
        symbol=fill.symbol,
        client_order_id=order.client_order_id,
        order_id=fill.order_id,
        status=order.status,
        side=fill.side,
        type=order.type,
        time_in_force=order.time_in_force,
        quantity=order.quantity,
        filled=order.filled,
        price=order.price,
        average_price=None,
        time_ms=fill.time_ms,
        fill=fill,
        is_lite=True,
    )


def reopened(order: Order, report: OrderReport) -> Order:
    """The order in flight again, where the exchange states anew that it works although it was taken for closed."""
    if order.status.is_closed and report.status in _WORKING and report.time_ms > order.terms_as_of[0]:
        return replace(order, status=OrderStatus.UNKNOWN, reason="")
    return order


def objection(order: Order, report: OrderReport) -> str | None:
    """What is wrong with a statement that contradicts what is known, or None; late and repeated ones are not wrong."""
    after = apply_report(order, report)
    is_sized = after.quantity > 0 and order.quote_quantity is None
    if is_sized and after.filled > after.quantity and after.filled > order.filled:
        return f"{after.filled:f} filled of {after.quantity:f}"
    if report.is_lite or not order.status.is_closed or report.time_ms <= order.terms_as_of[0]:
        return None
    if report.status is order.status or report.status is OrderStatus.FILLED:
        return None
    if report.status in _WORKING and report.filled > 0 and order.status is not OrderStatus.FILLED:
        return None  # an execution that raced the end
    return f"{order.status.value} and then {report.status.value}"


def order_from_report(report: OrderReport) -> Order:
    """An order first heard of from the exchange, placed elsewhere or before this program's memory begins."""
    unknown = Order(
        product=report.product,
        symbol=report.symbol,
        client_order_id=report.client_order_id,
        side=report.side,
        type=report.type,
        time_in_force=report.time_in_force,
        quantity=report.quantity,
        price=report.price,
        status=OrderStatus.SUBMITTED,
        created_ms=report.time_ms,
        updated_ms=report.time_ms,
        post_only=report.post_only,
        reduce_only=report.reduce_only,
        close_position=report.close_position,
        terms=report.terms,
        quote_quantity=report.quote_quantity,
        is_foreign=True,
    )
    return apply_report(unknown, report)


def _counted(order: Order, fill: Fill | None) -> tuple[frozenset[int], Decimal]:
    """The executions counted and their sum; inferred ones carry negative numbers, their quantity is known already."""
    if fill is None or fill.trade_id in order.counted_fills:
        return order.counted_fills, order.counted_quantity
    quantity = fill.quantity if fill.trade_id >= 0 else Decimal(0)
    return order.counted_fills | {fill.trade_id}, order.counted_quantity + quantity


def _as_of(report: OrderReport) -> tuple[int, bool]:
    return report.time_ms, report.is_amendment


def _has_newer_terms(order: Order, report: OrderReport) -> bool:
    """Whether price and quantity in the statement are newer; within a millisecond a change beats what it changed."""
    return not report.is_lite and _as_of(report) >= order.terms_as_of


def _average(order: Order, report: OrderReport, filled: Decimal) -> Decimal | None:
    """The average the exchange states for the whole, else the mean of the executions."""
    if not report.is_lite and report.average_price and report.filled == filled:
        return report.average_price
    fill = report.fill
    if filled == order.filled or fill is None or fill.trade_id in order.counted_fills:
        return order.average_price
    known = [(order.filled, order.average_price)] if order.average_price else []
    return average_price(order.product, [*known, (fill.quantity, fill.price)])


def _status(order: Order, report: OrderReport, filled: Decimal, quantity: Decimal) -> OrderStatus:
    """How far along the order is; that it has filled is believed of statements about the whole order alone.

    Executions told one by one may belong to a size that has been changed since.
    """
    said = OrderStatus.NEW if report.is_lite else report.status
    # An order for an amount of quote has no quantity of its own: what the exchange calls one may grow as it fills.
    if not report.is_lite and order.quote_quantity is None and report.filled >= (report.quantity or quantity) > 0:
        said = OrderStatus.FILLED
    if said in _WORKING:
        said = OrderStatus.PARTIALLY_FILLED if filled > 0 else OrderStatus.NEW
    return said if _RANK[said] > _RANK[order.status] else order.status


def _awaits_entry(order: Order, report: OrderReport, status: OrderStatus) -> bool:
    """A leg that has once been in the book does not go back to waiting for its entry."""
    if status is not OrderStatus.NEW or report.is_lite:
        return False if status is not OrderStatus.NEW else order.awaits_entry
    return report.awaits_entry and (order.awaits_entry or _RANK[order.status] < _RANK[OrderStatus.NEW])


def _reason(order: Order, report: OrderReport, status: OrderStatus) -> str:
    """The words that came with the statement that made the status; others only where there were none."""
    if report.reason and (not order.reason or (status is report.status and status is not order.status)):
        return report.reason
    return order.reason
