"""What must have happened where no source tells of it; made up so that making it up again gives the same."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from tui.domain.account import Position
from tui.domain.average import price_of_rest
from tui.domain.order import Fill, LegRole, Order, OrderStatus
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms, TimeInForce

#: Stands in the reason of orders that explain a difference between the positions here and at the exchange.
RECONCILIATION = "RECONCILIATION"


def inferred_fill(order: Order, time_ms: int, known: Iterable[Fill] = ()) -> Fill | None:
    """The executions of an order that nobody listed, as one, at the price that makes its average right.

    `known` are those that were listed; where they are not all there, the average stands for the price.
    """
    missing = order.filled - order.counted_quantity
    if missing <= 0 or order.order_id is None:
        return None
    price = order.average_price or order.price
    if price is None:
        return None
    listed = [(fill.quantity, fill.price) for fill in known if fill.trade_id >= 0]
    if order.average_price and order.counted_quantity and sum(size for size, _ in listed) == order.counted_quantity:
        price = price_of_rest(order.product, order.filled, order.average_price, listed) or price
    return Fill(
        product=order.product,
        symbol=order.symbol,
        trade_id=-_number(order.product, order.symbol, order.order_id, order.counted_quantity, order.filled),
        order_id=order.order_id,
        client_order_id=order.client_order_id,
        side=order.side,
        price=price,
        quantity=missing,
        commission=Decimal(0),
        commission_asset="",
        is_maker=False,
        time_ms=time_ms,
        position_side=order.position_side,
        is_estimated=True,
        forced=order.forced,
    )


def signed(fill: Fill) -> Decimal:
    """What an execution adds to a position."""
    return fill.quantity if fill.side is Side.BUY else -fill.quantity


def expected_quantity(
    base: Decimal, fills: Iterable[Fill], symbol: str, side: PositionSide, after_ms: int, until_ms: int
) -> Decimal:
    """A position as the executions of a time make it out of what it was."""
    mine = (fill for fill in fills if fill.symbol == symbol and fill.position_side is side)
    return base + sum((signed(fill) for fill in mine if after_ms < fill.time_ms <= until_ms), Decimal(0))


def explanation(
    position: Position, expected: Decimal, price: Decimal, since_ms: int, as_of_ms: int
) -> tuple[Order, Fill]:
    """One order with one execution that turns what was expected into what the exchange says is held."""
    difference = position.quantity - expected
    number = _number(position.product, position.key, since_ms, expected, position.quantity)
    side = Side.BUY if difference > 0 else Side.SELL
    order = Order(
        product=position.product,
        symbol=position.symbol,
        client_order_id=f"reconciliation-{number:x}",
        side=side,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=abs(difference),
        price=price,
        status=OrderStatus.FILLED,
        created_ms=as_of_ms,
        updated_ms=as_of_ms,
        order_id=-number,
        filled=abs(difference),
        average_price=price,
        terms=replace(Terms(), position_side=position.position_side),
        reason=f"{RECONCILIATION}: the position changed by orders that nobody listed",
        is_foreign=True,
        role=LegRole.NONE,
    )
    fill = Fill(
        product=position.product,
        symbol=position.symbol,
        trade_id=-number,
        order_id=-number,
        client_order_id=order.client_order_id,
        side=side,
        price=price,
        quantity=abs(difference),
        commission=Decimal(0),
        commission_asset="",
        is_maker=False,
        time_ms=as_of_ms,
        position_side=position.position_side,
        is_estimated=True,
    )
    return order, fill


def _number(*parts: object) -> int:
    """A number of 48 bits from what was found, the same whenever the same is found."""
    return int.from_bytes(hashlib.sha256("/".join(str(part) for part in parts).encode()).digest()[:6]) or 1
