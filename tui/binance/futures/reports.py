"""What REST says of one order as a report: ordinary and conditional orders, and the two halves of a triggered one."""

from dataclasses import replace
from decimal import Decimal

from tui.binance.futures import wire
from tui.binance.futures.forced import forced_kind
from tui.binance.futures.parse import position_side
from tui.binance.futures.symbols import Names
from tui.binance.futures.words import ALGO_STATUS, ALGO_STATUSES, ORDER_TYPES, POST_ONLY, known
from tui.binance.order_parameters import CONDITIONAL_TYPES
from tui.binance.wire import (
    ZERO,
    name,
    number,
    order_status,
    order_type,
    positive,
    prevention_text,
    time_in_force,
    unfamiliar,
)
from tui.domain.order import Order, OrderReport, OrderStatus
from tui.domain.order_terms import PriceMatch, SelfTradePrevention, Side, Terms, TimeInForce, WorkingType
from tui.domain.text import clean


def report(answer: wire.OrderAnswer, names: Names, asked: Order | None = None) -> OrderReport:
    """An answer about one order, under the client id that we gave it where we asked for it ourselves.

    Raises ValueError for numbers that are none.
    """
    price = positive(answer.price)
    told = order_type(answer.origType or answer.type, ORDER_TYPES, price)
    quantity, filled = number(answer.origQty), number(answer.executedQty)
    prevented = quantity - filled if answer.status == "EXPIRED_IN_MATCH" else ZERO
    found = OrderReport(
        product=names.product,
        symbol=names.program(answer.symbol),
        client_order_id=asked.client_order_id if asked else name(answer.clientOrderId),
        order_id=answer.orderId,
        status=order_status(answer.status),
        side=Side(answer.side),
        type=told,
        time_in_force=expiring(time_in_force(answer.timeInForce), answer.goodTillDate),
        quantity=quantity,
        filled=filled,
        price=price,
        average_price=positive(answer.avgPrice),
        time_ms=answer.updateTime or answer.time or 0,
        post_only=answer.timeInForce in POST_ONLY,
        reduce_only=answer.reduceOnly,
        close_position=answer.closePosition,
        terms=Terms(
            trigger_price=positive(answer.stopPrice),
            working_type=known(WorkingType, answer.workingType) or WorkingType.CONTRACT_PRICE,
            activation_price=positive(answer.activatePrice),
            trailing_bps=basis_points(answer.priceRate),
            price_match=known(PriceMatch, answer.priceMatch),
            self_trade_prevention=known(SelfTradePrevention, answer.selfTradePreventionMode),
            price_protect=answer.priceProtect,
            position_side=position_side(answer.positionSide),
            good_till_ms=answer.goodTillDate or None,
        ),
        reason=prevention_text(answer.status),
        prevented=prevented,
        forced=forced_kind(answer.clientOrderId, "", answer.status, answer.type),
        # Only exchanges that keep conditional orders among the others name an original type beside the present one.
        is_triggered=told in CONDITIONAL_TYPES and answer.type != answer.origType,
        unfamiliar=unfamiliar(answer.status, answer.timeInForce, answer.origType or answer.type, ORDER_TYPES),
    )
    return as_asked(found, asked) if asked is not None else found


def algo_report(answer: wire.AlgoAnswer, names: Names, asked: Order | None = None) -> OrderReport:
    """An answer about one conditional order. Raises ValueError for numbers that are none."""
    price, filled = positive(answer.price), number(answer.actualQty)
    order_id = actual_id(answer.actualOrderId)
    closes = answer.closePosition
    quantity = filled if closes and filled else number(answer.quantity)
    return OrderReport(
        product=names.product,
        symbol=names.program(answer.symbol),
        client_order_id=asked.client_order_id if asked else name(answer.clientAlgoId),
        order_id=order_id,
        status=algo_status(answer.algoStatus, filled, quantity),
        side=Side(answer.side),
        type=order_type(answer.orderType, ORDER_TYPES, price),
        time_in_force=expiring(time_in_force(answer.timeInForce), answer.goodTillDate),
        quantity=quantity,
        filled=filled,
        price=price,
        average_price=positive(answer.actualPrice) if filled else None,
        time_ms=answer.updateTime or answer.createTime or 0,
        post_only=answer.timeInForce in POST_ONLY,
        reduce_only=answer.reduceOnly,
        close_position=closes,
        terms=Terms(
            trigger_price=positive(answer.triggerPrice),
            working_type=known(WorkingType, answer.workingType) or WorkingType.CONTRACT_PRICE,
            activation_price=positive(answer.activatePrice),
            trailing_bps=basis_points(answer.callbackRate),
            price_match=known(PriceMatch, answer.priceMatch),
            self_trade_prevention=known(SelfTradePrevention, answer.selfTradePreventionMode),
            price_protect=answer.priceProtect,
            position_side=position_side(answer.positionSide),
            good_till_ms=answer.goodTillDate or None,
        ),
        reason=finish_text(answer.algoStatus, filled),
        algo_id=answer.algoId,
        is_triggered=bool(order_id),
        unfamiliar=unfamiliar(answer.algoStatus, answer.timeInForce, answer.orderType, ORDER_TYPES, ALGO_STATUSES),
    )


def algo_status(raw: str, filled: Decimal, quantity: Decimal) -> OrderStatus:
    """The state of a conditional order; a finished one is judged by what was executed."""
    if raw != "FINISHED":
        return ALGO_STATUS.get(raw, OrderStatus.UNKNOWN)
    if filled <= 0:
        return OrderStatus.CANCELED
    return OrderStatus.FILLED if filled >= quantity else OrderStatus.PARTIALLY_FILLED


def finish_text(raw: str, filled: Decimal) -> str:
    """Why a conditional order that triggered came to nothing; "" for every other."""
    return "it triggered and ended without trading" if raw == "FINISHED" and filled <= 0 else ""


def actual_id(raw: str | int | None) -> int:
    """The number of the order that a triggered one has become; zero before."""
    return int(raw) if raw else 0


def joined(algo: OrderReport, child: OrderReport) -> OrderReport:
    """A triggered conditional order and the order it became, as one: terms of the first, life of the second."""
    return replace(
        child,
        client_order_id=algo.client_order_id,
        type=algo.type,
        close_position=algo.close_position,
        terms=replace(algo.terms, price_match=child.terms.price_match or algo.terms.price_match),
        algo_id=algo.algo_id,
        is_triggered=True,
    )


def merged(ordinary: list[OrderReport], conditional: list[OrderReport], *, keep_lonely: bool) -> list[OrderReport]:
    """Both lists as one, a triggered order once; one whose other half is not listed stays only with `keep_lonely`."""
    children = {report.order_id: report for report in ordinary}
    found = []
    for algo in conditional:
        child = children.pop(algo.order_id, None) if algo.order_id else None
        if child is not None:
            found.append(joined(algo, child))
        elif not algo.order_id or keep_lonely:
            found.append(algo)
    return [*children.values(), *found]


def as_asked(found: OrderReport, asked: Order) -> OrderReport:
    """A report about an order that we know to be a conditional one, of the order it became."""
    if asked.type not in CONDITIONAL_TYPES or found.type in CONDITIONAL_TYPES:
        return found
    return replace(
        found, type=asked.type, terms=asked.terms, close_position=asked.close_position, algo_id=asked.algo_id,
        is_triggered=True,
    )  # fmt: skip


def cancelled(order: Order, time_ms: int) -> OrderReport:
    """A conditional order that was taken back: the exchange answers with its number alone."""
    return of_order(order, OrderStatus.CANCELED, time_ms)


def of_order(order: Order, status: OrderStatus, time_ms: int, reason: str = "") -> OrderReport:
    """What we know of an order, with a state the exchange has told without anything else."""
    return OrderReport(
        product=order.product,
        symbol=order.symbol,
        client_order_id=order.client_order_id,
        order_id=order.order_id or 0,
        status=status,
        side=order.side,
        type=order.type,
        time_in_force=order.time_in_force,
        quantity=order.quantity,
        filled=order.filled,
        price=order.price,
        average_price=order.average_price,
        time_ms=time_ms,
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        close_position=order.close_position,
        terms=order.terms,
        reason=clean(reason),
        algo_id=order.algo_id,
        is_triggered=order.is_triggered,
    )


def basis_points(rate: wire.Figure | None) -> int | None:
    """A callback rate in percent as basis points; None where there is none."""
    value = positive(str(rate)) if rate is not None else None
    return round(value * 100) if value is not None else None


def expiring(told: TimeInForce, good_till_ms: int) -> TimeInForce:
    """GTD without a date is no GTD."""
    return TimeInForce.GTC if told is TimeInForce.GTD and good_till_ms <= 0 else told
