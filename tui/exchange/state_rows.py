"""Orders and executions as rows of the state file."""

from decimal import Decimal

import msgspec

from tui.domain.order_terms import Side
from tui.exchange.listing import Listing
from tui.exchange.orders import ExchangeOrder, Execution, OrderState

#: Fields that most orders leave as they are; they are kept as JSON in the column `more`.
_SOMETIMES: dict[str, object] = {
    "position_side": "BOTH",
    "price_match": "NONE",
    "good_till_ms": 0,
    "modify_id": "",
    "amendments": 0,
}


def number_of(text: str) -> Decimal:
    """A finite number; ValueError or ArithmeticError when it is none."""
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"{text!r} is not a number")
    return number


def holding_of(text: str) -> Decimal:
    """A number that is not negative; ValueError or ArithmeticError when it is none."""
    number = number_of(text)
    if number < 0:
        raise ValueError(f"{text} is less than nothing")
    return number


def execution_of(
    trade_id: int,
    price_ticks: int,
    lots: int,
    is_maker: int,
    commission: str,
    commission_asset: str,
    time_ms: int,
    realized_profit: str,
) -> Execution:
    """An execution from the columns of its row."""
    return Execution(
        trade_id,
        price_ticks,
        lots,
        bool(is_maker),
        number_of(commission),
        commission_asset,
        time_ms,
        number_of(realized_profit),
    )


def execution_row(execution: Execution) -> tuple[str | int, ...]:
    """The columns of an execution."""
    return (
        execution.trade_id,
        execution.price_ticks,
        execution.lots,
        int(execution.is_maker),
        str(execution.commission),
        execution.commission_asset,
        execution.time_ms,
        str(execution.realized_profit),
    )


def order_row(order: ExchangeOrder) -> tuple[str | int | None, ...]:
    """The columns of an order, in the order of its table."""
    return (
        order.listing.product,
        order.order_id,
        order.client_order_id,
        order.account_id,
        order.listing.symbol,
        order.side,
        order.type,
        order.time_in_force,
        order.price_ticks,
        order.lots,
        order.created_ms,
        order.updated_ms,
        order.state,
        order.filled_lots,
        str(order.filled_quote),
        None if order.quote_budget is None else str(order.quote_budget),
        int(order.reduce_only),
        order.self_trade_prevention,
        order.expiry_reason,
        order.original_client_order_id,
        msgspec.json.encode(_more(order)).decode(),
    )


def _more(order: ExchangeOrder) -> dict[str, object]:
    """What only some orders have."""
    return {name: getattr(order, name) for name, usual in _SOMETIMES.items() if getattr(order, name) != usual}


def order_of(row: tuple[str | int | None, ...], listings: dict[str, Listing]) -> ExchangeOrder:
    """An order from its row; KeyError when its symbol is not listed."""
    _, order_id, client, account, symbol, side, kind, tif, price, lots, created, updated, state, *rest = row
    filled, quote, budget, reduce_only, prevention, reason, original, more = rest
    sometimes = msgspec.json.decode(str(more), type=dict[str, str | int])
    if unknown := set(sometimes) - set(_SOMETIMES):
        raise ValueError(f"orders have no {', '.join(sorted(unknown))}")
    return ExchangeOrder(
        order_id=int(order_id or 0),
        client_order_id=str(client),
        account_id=str(account),
        listing=listings[str(symbol)],
        side=Side(str(side)),
        type=str(kind),
        time_in_force=str(tif),
        price_ticks=int(price or 0),
        lots=int(lots or 0),
        created_ms=int(created or 0),
        updated_ms=int(updated or 0),
        state=OrderState(str(state)),
        filled_lots=int(filled or 0),
        filled_quote=number_of(str(quote)),
        quote_budget=None if budget is None else number_of(str(budget)),
        reduce_only=bool(reduce_only),
        self_trade_prevention=str(prevention),
        expiry_reason=str(reason),
        original_client_order_id=None if original is None else str(original),
        **sometimes,  # type: ignore[arg-type]
    )
