"""Spot's orders, one at a time: placing, testing, amending, cancelling, querying."""

from msgspec.structs import replace

from tui.exchange.orders import ExchangeOrder
from tui.exchange.rejection import Rejection, missing, not_required
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, Security, signed, trading
from tui.exchange.server.order_entry import read_symbol, which_order
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spot_commission import commission_for_order
from tui.exchange.server.spot_entry import read_amount, read_spot_entry, response_type
from tui.exchange.server.spot_order_shapes import amended, amendment_row, cancelled_any, placed, queried
from tui.exchange.spot.desk import SpotDesk
from tui.exchange.spot.order import SpotEntry, spot_order

_RANGE_MS = 24 * 3_600_000
_FULL_BY_DEFAULT = ("LIMIT", "MARKET")
_SOR_TYPES = ("LIMIT", "MARKET")


def spot_desk(desk: Desk) -> SpotDesk:
    """The venue's spot orders."""
    assert desk.venue.spot_orders is not None
    return desk.venue.spot_orders


def place_order(desk: Desk, call: Call) -> object:
    """A new order."""
    return _place(desk, call, read_spot_entry(desk, call.parameters))


def _place(desk: Desk, call: Call, entry: SpotEntry) -> object:
    wanted = response_type(call.parameters, "FULL" if entry.type in _FULL_BY_DEFAULT else "ACK")
    order = spot_desk(desk).trading.place(call.account_id, entry)
    return placed(desk.notations[entry.symbol], order, wanted)


def test_order(desk: Desk, call: Call) -> object:
    """Whether an order would be taken, and what it would pay."""
    return _test(desk, call, read_spot_entry(desk, call.parameters))


def _test(desk: Desk, call: Call, entry: SpotEntry) -> object:
    response_type(call.parameters, "ACK")
    spot_desk(desk).trading.check(call.account_id, entry)
    if not call.parameters.flag("computeCommissionRates"):
        return {}
    return commission_for_order(desk, call.account_id, entry.symbol)


def _routed(desk: Desk, call: Call) -> SpotEntry:
    """An order for the smart order router, which takes fewer kinds."""
    entry = read_spot_entry(desk, call.parameters)
    if entry.type not in _SOR_TYPES:
        raise Rejection(-1116, "Invalid orderType.")
    if entry.quote_quantity is not None:
        raise not_required("quoteOrderQty")
    if entry.peg is not None:
        raise not_required("pegPriceType")
    return replace(entry, uses_sor=True)


def place_routed(desk: Desk, call: Call) -> object:
    """A new order by way of the smart order router."""
    return _place(desk, call, _routed(desk, call))


def place_routed_for_sockets(desk: Desk, call: Call) -> object:
    """The same by the WebSocket API, which tells it as a list of one (Binance's web-socket-api.md, sor.order.place)."""
    return [place_routed(desk, call)]


def test_routed(desk: Desk, call: Call) -> object:
    """Whether the smart order router would take an order."""
    return _test(desk, call, _routed(desk, call))


def get_order(desk: Desk, call: Call) -> object:
    """One order by either id."""
    symbol = read_symbol(desk, call.parameters)
    order = find_order(desk, call, symbol)
    return queried(desk.notations[symbol], order)


def find_order(desk: Desk, call: Call, symbol: str) -> ExchangeOrder:
    """The order asked for; Rejection -2013, or -2039 when its two ids do not belong together."""
    order_id, client_id = which_order(call.parameters)
    if order_id is None:
        return desk.venue.order(call.account_id, symbol, None, client_id)
    order = desk.venue.order(call.account_id, symbol, order_id, None)
    if client_id is not None and client_id != order.client_order_id:
        raise Rejection(-2039, "Client order ID is not correct for this order ID.")
    return order


def check_restriction(desk: Desk, call: Call, symbol: str, order_id: int | None, client_id: str | None) -> None:
    """Refuse to cancel what `cancelRestrictions` spares; Rejection -1145, -2011 or -2039."""
    restriction = call.parameters.get("cancelRestrictions")
    order = desk.venue.registry.find(call.account_id, symbol, order_id, None if order_id is not None else client_id)
    is_open = order is not None and order.state.is_open
    if order is not None and is_open and client_id not in (None, order.client_order_id):
        raise Rejection(-2039, "Client order ID is not correct for this order ID.")
    if not restriction:
        return
    required = {"ONLY_NEW": "NEW", "ONLY_PARTIALLY_FILLED": "PARTIALLY_FILLED"}.get(restriction)
    if required is None:
        raise Rejection(-1145, "Invalid cancelRestrictions")
    if order is not None and is_open and order.state.value != required:
        raise Rejection(-2011, "Order was not canceled due to cancel restrictions.")


def cancel_order(desk: Desk, call: Call) -> object:
    """Take one order off the book, and its whole list with it."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    order_id, client_id = which_order(parameters)
    check_restriction(desk, call, symbol, order_id, client_id)
    orders = spot_desk(desk)
    order = orders.open_order(call.account_id, symbol, order_id, client_id)
    return cancelled_any(desk.notations[symbol], orders.cancel(order, parameters.get("newClientOrderId") or None))


def cancel_open_orders(desk: Desk, call: Call) -> object:
    """Take all orders and lists of a symbol off the book."""
    symbol = read_symbol(desk, call.parameters)
    found = spot_desk(desk).cancel_all(call.account_id, symbol)
    return [cancelled_any(desk.notations[symbol], item) for item in found]


def amend_order(desk: Desk, call: Call) -> object:
    """Make an order smaller without losing its place."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    order_id, client_id = which_order(parameters)
    quantity = read_amount(parameters, "newQty")
    orders = spot_desk(desk)
    order = orders.open_order(call.account_id, symbol, order_id, client_id)
    amendment = orders.amending.amend(order, quantity, parameters.get("newClientOrderId") or None)
    return amended(desk.notations[symbol], order, amendment, orders.lists.of(order))


def order_amendments(desk: Desk, call: Call) -> object:
    """How an order was made smaller."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    order_id = parameters.whole("orderId")
    if order_id is None:
        raise missing("orderId")
    limit, first = parameters.limit(500, 1000), parameters.whole("fromExecutionId") or 0
    order = spot_order(desk.venue.order(call.account_id, symbol, order_id, None))
    rows = [change for change in order.changes if change.execution_id >= first]
    return [amendment_row(desk.notations[symbol], order, change) for change in rows[:limit]]


def open_orders(desk: Desk, call: Call) -> object:
    """Orders that are open, of one symbol or all."""
    symbol = read_symbol(desk, call.parameters) if call.parameters.has("symbol") else None
    return [
        queried(desk.notations[order.listing.symbol], order)
        for order in desk.venue.open_orders(call.account_id, symbol)
    ]


def all_orders(desk: Desk, call: Call) -> object:
    """Orders of a symbol in any state."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    limit = parameters.limit(500, 1000)
    start, end = time_range(parameters)
    from_id = parameters.whole("orderId")
    found = [
        order
        for order in desk.venue.orders(call.account_id, symbol)
        if (from_id is None or order.order_id >= from_id)
        and (start is None or order.created_ms >= start)
        and (end is None or order.created_ms <= end)
    ]
    oldest_first = from_id is not None or start is not None
    return [queried(desk.notations[symbol], order) for order in (found[:limit] if oldest_first else found[-limit:])]


def time_range(parameters: Parameters) -> tuple[int | None, int | None]:
    """Start and end, at most a day apart; Rejection -1127."""
    start, end = parameters.whole("startTime"), parameters.whole("endTime")
    if start is not None and end is not None and end - start > _RANGE_MS:
        raise Rejection(-1127, "More than 24 hours between startTime and endTime.")
    return start, end


def _open_orders_weight(parameters: Parameters) -> int:
    return 6 if parameters.has("symbol") else 80


def _test_weight(parameters: Parameters) -> int:
    return 20 if parameters.get("computeCommissionRates", "").lower() == "true" else 1


def _ended_the_order(answer: object) -> bool:
    """Whether an amendment left its order nothing to trade (Binance spot changelog, 2026-04-02)."""
    amended_order = answer.get("amendedOrder") if isinstance(answer, dict) else None
    return isinstance(amended_order, dict) and amended_order["status"] == "EXPIRED"


#: Binance spot API docs, trading endpoints and their weights, 2026-07-21.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "order"): trading(place_order, orders=1),
    ("POST", "order/test"): Endpoint(test_order, _test_weight, Security.SIGNED, permission="trade"),
    ("POST", "sor/order"): trading(place_routed, orders=1),
    ("POST", "sor/order/test"): Endpoint(test_routed, _test_weight, Security.SIGNED, permission="trade"),
    ("GET", "order"): signed(get_order, 4),
    ("DELETE", "order"): trading(cancel_order),
    ("PUT", "order/amend/keepPriority"): Endpoint(
        amend_order, 4, Security.SIGNED, is_order=True, is_free=_ended_the_order
    ),
    ("GET", "order/amendments"): signed(order_amendments, 4),
    ("GET", "openOrders"): signed(open_orders, _open_orders_weight),
    ("DELETE", "openOrders"): trading(cancel_open_orders),
    ("GET", "allOrders"): signed(all_orders, 20),
}
