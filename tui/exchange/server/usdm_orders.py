"""USD-M's private REST: orders."""

from functools import partial

from tui.exchange.orders import ExchangeOrder
from tui.exchange.rejection import Rejection, missing
from tui.exchange.server.batches import LARGEST_BATCH, items_of, outcome
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, signed, trading
from tui.exchange.server.order_entry import read_entry, read_symbol, which_order
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.shown_orders import shown_order, shown_orders
from tui.exchange.server.spans import within_week
from tui.exchange.server.spot_account import order_rate_limits
from tui.exchange.server.usdm_shapes import cancelled, own_trade, placed, queried

_LARGEST_CANCEL_BATCH = 10


def place_order(desk: Desk, call: Call) -> object:
    """A new order."""
    parameters = call.parameters
    wanted = parameters.get("newOrderRespType") or "ACK"
    if wanted not in ("ACK", "RESULT"):
        raise Rejection(-1136, "Invalid newOrderRespType.")
    entry = read_entry(desk, parameters)
    order = desk.venue.place(call.account_id, entry)
    return placed(desk.notations[entry.symbol], order, wanted)


def test_order(desk: Desk, call: Call) -> object:
    """Whether an order would be taken."""
    entry = read_entry(desk, call.parameters)
    return placed(desk.notations[entry.symbol], desk.venue.check(call.account_id, entry), "ACK")


def place_batch(desk: Desk, call: Call) -> object:
    """Up to five orders, each with its own outcome."""
    items = items_of(call.parameters)
    if len(items) > LARGEST_BATCH:
        raise Rejection(-4082, f"Invalid number of batch place orders: {len(items)}")
    return [outcome(partial(place_order, desk, Call(item, call.account_id))) for item in items]


def get_order(desk: Desk, call: Call) -> object:
    """One order by either id."""
    symbol = read_symbol(desk, call.parameters)
    order = shown_order(desk, call.account_id, symbol, *which_order(call.parameters))
    return queried(desk.notations[symbol], order)


def get_open_order(desk: Desk, call: Call) -> object:
    """One order that still works; raises -2013 for a closed one."""
    symbol = read_symbol(desk, call.parameters)
    order = shown_order(desk, call.account_id, symbol, *which_order(call.parameters))
    if not order.state.is_open:
        raise Rejection(-2013, "Order does not exist.")
    return queried(desk.notations[symbol], order)


def cancel_order(desk: Desk, call: Call) -> object:
    """Take one order off the book."""
    symbol = read_symbol(desk, call.parameters)
    order = desk.venue.cancel(call.account_id, symbol, *which_order(call.parameters))
    return cancelled(desk.notations[symbol], order)


def cancel_batch(desk: Desk, call: Call) -> object:
    """Up to ten cancels, each with its own outcome; some clients write the list's name in lower case."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    lists = {name.lower(): parameters.texts(name) for name in parameters if name.lower().endswith("idlist")}
    order_ids, client_ids = lists.get("orderidlist"), lists.get("origclientorderidlist")
    if not order_ids and not client_ids:
        raise missing("orderIdList")
    meant: list[tuple[int | None, str | None]] = (
        [(int(text), None) for text in order_ids if text.isdigit()]
        if order_ids
        else [(None, text) for text in client_ids or ()]
    )
    if len(meant) > _LARGEST_CANCEL_BATCH:
        raise Rejection(-4032, "Exceed maximum cancel order size.")
    notation = desk.notations[symbol]

    def cancel(order_id: int | None, client_id: str | None) -> object:
        return cancelled(notation, desk.venue.cancel(call.account_id, symbol, order_id, client_id))

    return [outcome(partial(cancel, *ids)) for ids in meant]


def cancel_open_orders(desk: Desk, call: Call) -> object:
    """Take all orders of a symbol off the book; there may be none."""
    desk.venue.cancel_all(call.account_id, read_symbol(desk, call.parameters))
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def open_orders(desk: Desk, call: Call) -> object:
    """Orders on the book, of one symbol or all."""
    symbol = read_symbol(desk, call.parameters) if call.parameters.has("symbol") else None
    return [
        queried(desk.notations[order.listing.symbol], order)
        for order in desk.venue.open_orders(call.account_id, symbol)
    ]


def _own_orders(desk: Desk, call: Call) -> list[ExchangeOrder]:
    symbol = read_symbol(desk, call.parameters) if call.parameters.has("symbol") else None
    return shown_orders(desk, call.account_id, symbol)


def all_orders(desk: Desk, call: Call) -> object:
    """Orders in any state."""
    parameters = call.parameters
    limit, from_id = parameters.limit(500, 1000), parameters.whole("orderId")
    if from_id is not None:
        chosen = [order for order in _own_orders(desk, call) if order.order_id >= from_id][:limit]
    else:
        start, end = within_week(desk, parameters)
        found = [order for order in _own_orders(desk, call) if start <= order.created_ms <= end]
        chosen = found[:limit] if parameters.has("startTime") else found[-limit:]
    return [_past(desk, order) for order in chosen]


def _past(desk: Desk, order: ExchangeOrder) -> object:
    notation = desk.notations[order.listing.symbol]
    extra = {"pair": order.listing.pair, "cumBase": notation.size(order.filled_lots)}
    return queried(notation, order) | extra


def user_trades(desk: Desk, call: Call) -> object:
    """The account's executions of a symbol."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    limit = parameters.limit(500, 1000)
    from_id, order_id = parameters.whole("fromId"), parameters.whole("orderId")
    if from_id is not None and (parameters.has("startTime") or parameters.has("endTime")):
        raise Rejection(-1128, "Combination of optional parameters invalid.")
    start, end = within_week(desk, parameters) if from_id is None else (0, desk.now_ms() + 1_000)
    found = [
        (order, execution)
        for order in shown_orders(desk, call.account_id, symbol)
        if order_id is None or order.order_id == order_id
        for execution in order.executions
        if start <= execution.time_ms <= end and (from_id is None or execution.trade_id >= from_id)
    ]
    found.sort(key=lambda pair: pair[1].trade_id)
    chosen = found[:limit] if from_id is not None or parameters.has("startTime") else found[-limit:]
    return [own_trade(desk.notations[symbol], order, execution) for order, execution in chosen]


def _open_weight(parameters: Parameters) -> int:
    return 1 if parameters.has("symbol") else 40


#: Binance USD-M futures docs, trading endpoints and their weights, 2026.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "v1/order"): trading(place_order, orders=1, weight=0),
    ("POST", "v1/order/test"): signed(test_order, 0),
    ("GET", "v1/order"): signed(get_order),
    ("DELETE", "v1/order"): trading(cancel_order),
    ("POST", "v1/batchOrders"): trading(place_batch, orders=5, weight=5),
    ("DELETE", "v1/batchOrders"): trading(cancel_batch),
    ("GET", "v1/openOrder"): signed(get_open_order),
    ("GET", "v1/openOrders"): signed(open_orders, _open_weight),
    ("DELETE", "v1/allOpenOrders"): trading(cancel_open_orders),
    ("GET", "v1/allOrders"): signed(all_orders, 5),
    ("GET", "v1/userTrades"): signed(user_trades, 5),
    ("GET", "v1/rateLimit/order"): signed(order_rate_limits),
}
