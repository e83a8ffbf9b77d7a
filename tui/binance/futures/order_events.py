"""Events about orders of futures as reports (execution semantics 13, 14.5, 14.6, 16.6)."""

from collections.abc import Callable
from decimal import Decimal

from tui.binance.futures.event_wire import AlgoUpdate, AlgoUpdateOrder, OrderUpdate, TradeLite
from tui.binance.futures.forced import forced_kind
from tui.binance.futures.parse import position_side
from tui.binance.futures.reports import actual_id, algo_status, basis_points, expiring, finish_text
from tui.binance.futures.symbols import Names
from tui.binance.futures.words import ALGO_STATUSES, EXPIRY, ORDER_TYPES, POST_ONLY, known
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
from tui.domain.order import Fill, Forced, OrderReport, OrderStatus
from tui.domain.order_terms import OrderType, PriceMatch, SelfTradePrevention, Side, Terms, TimeInForce, WorkingType
from tui.domain.text import clean

#: What an execution costs where the exchange does not say: by program symbol, price, quantity and whether it was made;
#: the amount and its asset.
Estimate = Callable[[str, Decimal, Decimal, bool], tuple[Decimal, str]]

_EXECUTIONS = frozenset({"TRADE", "CALCULATED"})
_ENDS = frozenset({"EXPIRED", "CANCELED", "REJECTED"})
_NO_REASON = frozenset({"0", "NONE", ""})
#: How a conditional order that keeps its number goes into the book: expired, to be told anew as what it became.
_TRIGGERED_REASONS = frozenset({"0", "8"})


def order_report(order: OrderUpdate, names: Names, estimate: Estimate) -> OrderReport | None:
    """The event as a report; None for an order of the exchange's own of which nothing is executed yet."""
    forced = forced_kind(order.client_id, order.execution, order.status, order.type)
    fill = _fill(order, names, forced, estimate)
    if forced is not None and fill is None and order.execution not in _ENDS:
        return None
    price = positive(order.price)
    kind = order_type(order.original_type or order.type, ORDER_TYPES, price)
    status, would_take, is_triggered = _state(order, kind)
    quantity, filled = number(order.quantity), number(order.filled)
    good_till_ms = order.good_till_ms or 0
    return OrderReport(
        product=names.product,
        symbol=names.program(order.symbol),
        client_order_id=name(order.client_id),
        order_id=order.order_id,
        status=status,
        side=Side(order.side),
        type=OrderType.MARKET if forced in (Forced.LIQUIDATION, Forced.ADL) else kind,
        time_in_force=expiring(time_in_force(order.time_in_force), good_till_ms),
        quantity=quantity,
        filled=filled,
        price=price,
        average_price=positive(order.average_price),
        time_ms=order.time_ms,
        post_only=order.time_in_force in POST_ONLY,
        reduce_only=order.reduce_only,
        close_position=order.close_position,
        terms=_terms(order, kind, good_till_ms),
        reason=_reason(order, forced, status),
        fill=fill,
        is_triggered=is_triggered,
        prevented=quantity - filled if order.status == "EXPIRED_IN_MATCH" else ZERO,
        forced=forced,
        would_take=would_take,
        is_amendment=order.execution == "AMENDMENT",
        unfamiliar=unfamiliar(order.status, order.time_in_force, order.original_type or order.type, ORDER_TYPES),
    )


def _terms(order: OrderUpdate, kind: OrderType, good_till_ms: int) -> Terms:
    trails = kind is OrderType.TRAILING_STOP_MARKET
    return Terms(
        # Binance: the stop price of a trailing order is to be ignored.
        trigger_price=None if trails else positive(order.stop_price),
        working_type=known(WorkingType, order.working_type) or WorkingType.CONTRACT_PRICE,
        activation_price=positive(order.activation_price),
        trailing_bps=basis_points(order.callback_rate) if trails else None,
        price_match=known(PriceMatch, order.price_match),
        self_trade_prevention=known(SelfTradePrevention, order.prevention),
        price_protect=order.price_protect,
        position_side=position_side(order.position_side),
        good_till_ms=good_till_ms or None,
    )


def _state(order: OrderUpdate, kind: OrderType) -> tuple[OrderStatus, bool, bool]:
    """The status; whether a post-only order would have taken; whether a conditional order has triggered."""
    status = order_status(order.status)
    code = str(order.expiry_reason or "0")
    untraded = number(order.filled) == 0
    is_conditional = kind in CONDITIONAL_TYPES
    is_untriggered = is_conditional and order.type == (order.original_type or order.type)
    if is_untriggered and status is OrderStatus.EXPIRED and untraded and code in _TRIGGERED_REASONS:
        # Where conditional orders are ordinary ones, this is how one moves into the book: no end.
        return OrderStatus.NEW, False, True
    never_took = order.time_in_force in POST_ONLY and untraded and order.execution in ("EXPIRED", "REJECTED")
    if never_took and status in (OrderStatus.EXPIRED, OrderStatus.REJECTED) and code in _NO_REASON:
        return OrderStatus.REJECTED, True, False
    return status, False, is_conditional and order.type != order.original_type


def _reason(order: OrderUpdate, forced: Forced | None, status: OrderStatus) -> str:
    if forced is not None:
        return forced.value
    code = str(order.expiry_reason or "0")
    if not status.is_closed or status is OrderStatus.FILLED:
        return ""
    if code in _NO_REASON:
        return prevention_text(order.status)
    return EXPIRY.get(code, clean(f"expiry reason {code}"))


def _fill(order: OrderUpdate, names: Names, forced: Forced | None, estimate: Estimate) -> Fill | None:
    """The execution that the event tells of; without size or price it is none. The exchange's own orders take."""
    if order.execution not in _EXECUTIONS or order.trade_id <= 0:
        return None
    quantity, price = number(order.last_quantity), number(order.last_price)
    if quantity <= 0 or price <= 0:
        return None
    symbol, is_maker = names.program(order.symbol), order.is_maker and forced is None
    is_told = order.commission is not None and bool(order.commission_asset)
    if is_told:
        paid, asset = number(order.commission), name(order.commission_asset or "")
    else:
        paid, asset = estimate(symbol, price, quantity, is_maker)
    return Fill(
        product=names.product,
        symbol=symbol,
        trade_id=order.trade_id,
        order_id=order.order_id,
        client_order_id=name(order.client_id),
        side=Side(order.side),
        price=price,
        quantity=quantity,
        commission=paid,
        commission_asset=asset,
        is_maker=is_maker,
        time_ms=order.time_ms,
        realized_profit=number(order.realized_profit),
        position_side=position_side(order.position_side),
        is_estimated=not is_told,
        forced=forced,
    )


def lite_report(event: TradeLite, names: Names, estimate: Estimate) -> OrderReport | None:
    """An execution told alone: neither state nor sums nor terms are in it. None where it has no size or price."""
    quantity, price = number(event.last_quantity), number(event.last_price)
    if quantity <= 0 or price <= 0 or event.trade_id <= 0:
        return None
    symbol, limit = names.program(event.symbol), positive(event.price)
    paid, asset = estimate(symbol, price, quantity, event.is_maker)
    fill = Fill(
        product=names.product,
        symbol=symbol,
        trade_id=event.trade_id,
        order_id=event.order_id,
        client_order_id=name(event.client_id),
        side=Side(event.side),
        price=price,
        quantity=quantity,
        commission=paid,
        commission_asset=asset,
        is_maker=event.is_maker,
        time_ms=event.time_ms,
        is_estimated=True,
    )
    return OrderReport(
        product=names.product,
        symbol=symbol,
        client_order_id=fill.client_order_id,
        order_id=event.order_id,
        status=OrderStatus.PARTIALLY_FILLED,
        side=fill.side,
        type=OrderType.LIMIT if limit else OrderType.MARKET,
        time_in_force=TimeInForce.GTC,
        quantity=number(event.quantity),
        filled=quantity,
        price=limit,
        average_price=None,
        time_ms=event.time_ms,
        fill=fill,
        is_lite=True,
    )


def _end_of(order: AlgoUpdateOrder, status: OrderStatus, filled: Decimal) -> str:
    if not status.is_closed or status is OrderStatus.FILLED:
        return ""
    return clean(order.reason or "") or finish_text(order.status, filled)


def algo_report(event: AlgoUpdate, names: Names) -> OrderReport | None:
    """A change of a conditional order; None for TRIGGERING, after which it has either triggered or been rejected.

    What a finished one has executed is told here without its executions; they come as events of the order it became,
    or are asked for.
    """
    order = event.order
    if order.status == "TRIGGERING":
        return None
    price, filled, order_id = positive(order.price), number(order.actual_quantity), actual_id(order.actual_id)
    quantity = filled if order.close_position and filled else number(order.quantity)
    status = algo_status(order.status, filled, quantity)
    good_till_ms = order.good_till_ms or 0
    return OrderReport(
        product=names.product,
        symbol=names.program(order.symbol),
        client_order_id=name(order.client_id),
        order_id=order_id,
        status=status,
        side=Side(order.side),
        type=order_type(order.type, ORDER_TYPES, price),
        time_in_force=expiring(time_in_force(order.time_in_force), good_till_ms),
        quantity=quantity,
        filled=filled,
        price=price,
        average_price=positive(order.actual_price) if filled else None,
        time_ms=event.time_ms,
        post_only=order.time_in_force in POST_ONLY,
        reduce_only=order.reduce_only,
        close_position=order.close_position,
        terms=Terms(
            trigger_price=positive(order.trigger_price),
            working_type=known(WorkingType, order.working_type) or WorkingType.CONTRACT_PRICE,
            activation_price=positive(order.activation_price),
            trailing_bps=basis_points(order.callback_rate),
            price_match=known(PriceMatch, order.price_match),
            self_trade_prevention=known(SelfTradePrevention, order.prevention),
            price_protect=order.price_protect,
            position_side=position_side(order.position_side),
            good_till_ms=good_till_ms or None,
        ),
        # The reason may be a stale one while the order works.
        reason=_end_of(order, status, filled),
        algo_id=order.algo_id,
        is_triggered=bool(order_id),
        is_trailing=order.is_activated,
        unfamiliar=unfamiliar(order.status, order.time_in_force, order.type, ORDER_TYPES, ALGO_STATUSES),
    )
