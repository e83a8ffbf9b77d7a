"""An entry with its exits: the orders that take a profit and stop a loss once the entry has filled."""

from dataclasses import replace
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import PLAIN, OrderListRequest, OrderRequest, OrderType, PositionSide


def with_exits(
    entry: OrderRequest, instrument: Instrument, *, stop: Decimal | None = None, target: Decimal | None = None
) -> OrderListRequest:
    """The entry with the exits asked for, profit first; raises ValueError without any, or for prices out of order.

    Futures exits are conditional market orders that only reduce; spot takes the profit with a limit order, because a
    list of the exchange wants one in the book, and stops at market.
    """
    _check(entry, stop, target)
    legs = []
    if target is not None:
        legs.append(_target(entry, instrument, target))
    if stop is not None:
        legs.append(_exit(entry, instrument, OrderType.STOP_MARKET, stop))
    return OrderListRequest(entry, tuple(legs))


def _check(entry: OrderRequest, stop: Decimal | None, target: Decimal | None) -> None:
    if stop is None and target is None:
        raise ValueError("a bracket needs a stop or a target")
    at = entry.price
    is_buy = entry.side == "BUY"
    low, high = (stop, target) if is_buy else (target, stop)
    if low is not None and high is not None and low >= high:
        raise ValueError(f"the stop {stop:f} belongs {'below' if is_buy else 'above'} the target {target:f}")
    if at is not None and low is not None and low >= at:
        raise ValueError(f"the {'stop' if is_buy else 'target'} {low:f} belongs below the entry {at:f}")
    if at is not None and high is not None and high <= at:
        raise ValueError(f"the {'target' if is_buy else 'stop'} {high:f} belongs above the entry {at:f}")


def _target(entry: OrderRequest, instrument: Instrument, price: Decimal) -> OrderRequest:
    if instrument.product.is_futures:
        return _exit(entry, instrument, OrderType.MARKET_IF_TOUCHED, price)
    return OrderRequest(entry.symbol, entry.side.opposite, OrderType.LIMIT, entry.quantity, price, post_only=True)


def _exit(entry: OrderRequest, instrument: Instrument, type_: OrderType, trigger: Decimal) -> OrderRequest:
    side = entry.terms.position_side
    return OrderRequest(
        entry.symbol,
        entry.side.opposite,
        type_,
        entry.quantity,
        reduce_only=instrument.product.is_futures and side is PositionSide.BOTH,
        terms=replace(PLAIN, trigger_price=trigger, position_side=side, margin_effect=entry.terms.margin_effect),
    )
