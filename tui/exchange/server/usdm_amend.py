"""Futures' private REST: changing orders, the history of changes, and the countdown."""

from functools import partial

from tui.exchange.amending import Amendment, Change
from tui.exchange.orders import ExchangeOrder
from tui.exchange.rejection import Rejection, invalid, missing
from tui.exchange.server.batches import LARGEST_BATCH, items_of, outcome
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, signed, trading
from tui.exchange.server.order_entry import read_symbol, which_order
from tui.exchange.server.usdm_shapes import Body, cancelled


def modify_order(desk: Desk, call: Call) -> object:
    """Another price and quantity for an open limit order."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    order_id, client_id = which_order(parameters)
    modify_id = parameters.whole("modifyId")
    change = Change(
        symbol=symbol,
        order_id=order_id,
        client_order_id=None if order_id is not None else client_id,
        side=parameters.side(),
        quantity=parameters.decimal("quantity"),
        price=parameters.decimal("price"),
        price_match=parameters.get("priceMatch") or "NONE",
        reduce_only=parameters.flag("reduceOnly"),
        modify_id="" if modify_id is None else str(modify_id),
    )
    return modified(desk, desk.venue.modify(call.account_id, change), modify_id)


def modified(desk: Desk, order: ExchangeOrder, modify_id: int | None) -> Body:
    """The reply to a change."""
    body = cancelled(desk.notations[order.listing.symbol], order) | {"pair": order.listing.pair}
    return body if modify_id is None else body | {"modifyId": modify_id}


def modify_batch(desk: Desk, call: Call) -> object:
    """Up to five changes, each with its own outcome."""
    items = items_of(call.parameters)
    if len(items) > LARGEST_BATCH:
        raise Rejection(-4082, f"Invalid number of batch place orders: {len(items)}")
    return [outcome(partial(modify_order, desk, Call(item, call.account_id))) for item in items]


def amendments(desk: Desk, call: Call) -> object:
    """The changes of one order or of all orders of a symbol, newest first."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    order_id, client_id = parameters.whole("orderId"), parameters.get("origClientOrderId") or None
    start, end = parameters.whole("startTime"), parameters.whole("endTime")
    found = [
        entry
        for entry in desk.venue.amendments.of(call.account_id, symbol)
        if (order_id is None or entry.order_id == order_id)
        and (client_id is None or order_id is not None or entry.client_order_id == client_id)
        and (start is None or entry.time_ms >= start)
        and (end is None or entry.time_ms <= end)
    ]
    return [_amendment(desk, entry) for entry in reversed(found[-parameters.limit(50, 100) :])]


def _amendment(desk: Desk, entry: Amendment) -> Body:
    notation = desk.notations[entry.symbol]
    change: Body = {
        "price": {"before": notation.price(entry.price_before), "after": notation.price(entry.price_after)},
        "origQty": {"before": notation.size(entry.lots_before), "after": notation.size(entry.lots_after)},
        "count": entry.count,
    }
    if entry.modify_id:
        change["modifyId"] = int(entry.modify_id)
    return {
        "amendmentId": entry.amendment_id,
        "symbol": entry.symbol,
        "pair": notation.listing.pair,
        "orderId": entry.order_id,
        "clientOrderId": entry.client_order_id,
        "time": entry.time_ms,
        "amendment": change,
    }


def count_down(desk: Desk, call: Call) -> object:
    """Cancel a symbol's orders unless asked again in time; conditional orders are left alone."""
    symbol = read_symbol(desk, call.parameters)
    length = call.parameters.whole("countdownTime")
    if length is None:
        raise missing("countdownTime")
    if length < 0:
        raise invalid("countdownTime")
    desk.venue.deadlines.count_down(call.account_id, symbol, length, desk.now_ms())
    return {"symbol": symbol, "countdownTime": str(length)}


#: Binance USD-M futures docs, trading endpoints and their weights, 2026.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("PUT", "v1/order"): trading(modify_order, orders=1, weight=0),
    ("PUT", "v1/batchOrders"): trading(modify_batch, orders=5, weight=5),
    ("GET", "v1/orderAmendment"): signed(amendments),
    ("POST", "v1/countdownCancelAll"): signed(count_down, 10),
}
