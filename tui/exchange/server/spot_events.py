"""Spot's user data events (Binance spot API docs, user data stream, 2026-07-21)."""

from tui.exchange.events import AccountChanged, OrderChanged
from tui.exchange.orders import Execution, OrderState, Prevention
from tui.exchange.server.desk import Desk
from tui.exchange.server.notation import Notation, eight
from tui.exchange.server.spot_order_shapes import MATCH_TYPE, is_allocation, working_floor
from tui.exchange.spot.order import SpotOrder, spot_order
from tui.exchange.spot.order_list import ListChanged

Event = dict[str, object]

_ZERO = "0.00000000"
#: Why the engine refused, by the words it did so with (Binance spot API docs, user data stream, 2026-07-21).
_REASONS = {
    "Account has insufficient balance for requested action.": "INSUFFICIENT_BALANCES",
    "Order would trigger immediately.": "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY",
    "Order would immediately match and take.": "WOULD_MATCH_IMMEDIATELY",
}


def execution_report(desk: Desk, change: OrderChanged, execution_id: int) -> Event:
    """What became of an order."""
    order, execution = spot_order(change.order), change.execution
    notation = desk.notations[order.listing.symbol]
    is_working = order.working_ms >= 0
    event: Event = {
        "e": "executionReport",
        "E": desk.now_ms(),
        "s": order.listing.symbol,
        "c": order.client_order_id,
        "S": order.side.value,
        "o": order.type,
        "f": order.time_in_force,
        "q": notation.size(order.lots),
        "p": notation.price(order.stated_ticks),
        "P": notation.price(order.stop_ticks),
        "F": notation.size(order.iceberg_lots),
        "g": order.list_id,
        "C": _former_id(order, change.execution_type),
        "x": change.execution_type,
        "X": str(change.state),
        "r": "NONE",
        "i": order.order_id,
        **_last_fill(notation, order, execution),
        "z": notation.size(change.filled_lots),
        "T": change.time_ms,
        "I": execution_id,
        "w": is_working and change.state in ("NEW", "PARTIALLY_FILLED"),
        "M": execution is not None,
        "O": order.created_ms,
        "Z": eight(change.filled_quote),
        "Q": eight(order.quote_budget) if order.quote_budget is not None else _ZERO,
        "V": order.self_trade_prevention,
    }
    if is_working:
        event["W"] = order.working_ms
    event |= _conditions(notation, order)
    if change.prevention is not None:
        event |= _prevented(notation, order, change.prevention)
    if change.execution_type == "EXPIRED" and order.expiry_reason != "NONE":
        event["eR"] = order.expiry_reason
    return event


def refusal_report(desk: Desk, order: SpotOrder, words: str) -> Event:
    """That the engine refused an order; such a report has no number."""
    now, state = desk.now_ms(), OrderState.REJECTED
    change = OrderChanged(order, state.value, state, order.filled_lots, order.filled_quote, now)
    return execution_report(desk, change, -1) | {"r": _REASONS.get(words, "NONE")}


def _former_id(order: SpotOrder, execution_type: str) -> str:
    if execution_type == "CANCELED":
        return order.original_client_order_id or ""
    if execution_type == "REPLACED":
        return order.changes[-1].original_client_order_id
    return ""


def _last_fill(notation: Notation, order: SpotOrder, execution: Execution | None) -> Event:
    if execution is None:
        return {"l": _ZERO, "L": _ZERO, "n": "0", "N": None, "t": -1, "m": False, "Y": _ZERO}
    routed = is_allocation(order, execution)
    body: Event = {
        "l": notation.size(execution.lots),
        "L": notation.price(execution.price_ticks),
        "n": eight(execution.commission),
        "N": execution.commission_asset,
        "t": -1 if routed else execution.trade_id,
        "m": execution.is_maker,
        "Y": notation.turnover(execution.price_ticks * execution.lots),
    }
    return body | ({"b": MATCH_TYPE, "a": execution.trade_id} if routed else {})


def _conditions(notation: Notation, order: SpotOrder) -> Event:
    """What only some orders have."""
    event: Event = {}
    if order.trailing_delta is not None:
        event |= {"d": order.trailing_delta, "D": order.trailing_ms}
    if order.strategy_id is not None:
        event["j"] = order.strategy_id
    if order.strategy_type is not None:
        event["J"] = order.strategy_type
    if order.uses_sor:
        event |= {"k": working_floor(order), "uS": True}
    if order.peg is not None:
        event["gP"] = order.peg.price_type
        if order.peg.offset is not None:
            event |= {"gOT": order.peg.offset_type, "gOV": order.peg.offset}
        event["gp"] = notation.price(order.price_ticks)
    return event


def _prevented(notation: Notation, order: SpotOrder, prevention: Prevention) -> Event:
    is_taker = prevention.taker_order_id == order.order_id
    lots = prevention.taker_lots if is_taker else prevention.maker_lots
    return {
        "v": prevention.prevention_id,
        "A": notation.size(order.prevented_lots),
        "B": notation.size(lots),
        "u": prevention.trade_group,
        "U": prevention.maker_order_id if is_taker else prevention.taker_order_id,
        "Cs": prevention.symbol,
        "pl": notation.size(lots),
        "pL": notation.price(prevention.price_ticks),
        "pY": notation.turnover(prevention.price_ticks * lots),
    }


def account_position(desk: Desk, change: AccountChanged) -> Event:
    """Balances that may have changed, absolute."""
    assert desk.venue.spot is not None
    balances = desk.venue.spot.balances(change.account_id)
    return {
        "e": "outboundAccountPosition",
        "E": desk.now_ms(),
        "u": change.time_ms,
        "B": [
            {"a": asset, "f": eight(balances[asset][0]), "l": eight(balances[asset][1])}
            for asset in change.assets
            if asset in balances
        ],
    }


def list_status(desk: Desk, change: ListChanged) -> Event:
    """What became of an order list."""
    found = change.order_list
    return {
        "e": "listStatus",
        "E": desk.now_ms(),
        "s": found.listing.symbol,
        "g": found.list_id,
        "c": found.contingency,
        "l": change.status_type,
        "L": found.status,
        "r": "NONE",
        "C": found.client_list_id,
        "T": change.time_ms,
        "O": [
            {
                "s": order.listing.symbol,
                "i": order.order_id,
                "c": order.original_client_order_id or order.client_order_id,
            }
            for order in found.orders
        ],
    }
