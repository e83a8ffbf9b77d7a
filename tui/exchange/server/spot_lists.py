"""Spot's order lists: OCO, OTO, OTOCO, OPO, OPOCO, and the queries for them (Binance spot API docs, 2026-07-21)."""

from tui.domain.order_terms import Side
from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, signed, trading
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spot_entry import read_amount, read_member, read_side, response_type
from tui.exchange.server.spot_order_shapes import cancelled_list, placed_list, queried_list
from tui.exchange.server.spot_orders import spot_desk, time_range
from tui.exchange.spot.admission import check_client_id
from tui.exchange.spot.order import SpotEntry
from tui.exchange.spot.order_list import OrderList


def place_oco(desk: Desk, call: Call) -> object:
    """Two orders of which one takes profit and one stops a loss."""
    parameters = call.parameters
    side, quantity = read_side(parameters, "side"), read_amount(parameters, "quantity")
    entries = [read_member(desk, parameters, prefix, side, quantity) for prefix in ("above", "below")]
    return _place(desk, call, "OCO", entries)


def place_old_oco(desk: Desk, call: Call) -> object:
    """The deprecated way to place an OCO: a limit order and a stop, whose sides follow from `side`."""
    parameters = call.parameters
    side, quantity = read_side(parameters, "side"), read_amount(parameters, "quantity")
    read_amount(parameters, "price"), read_amount(parameters, "stopPrice")
    renamed = Parameters({"symbol": parameters.required("symbol"), "limitType": "LIMIT_MAKER"})
    renamed["selfTradePreventionMode"] = parameters.get("selfTradePreventionMode", "")
    renamed["limitPrice"] = parameters["price"]
    renamed["stopStopPrice"] = parameters["stopPrice"]
    renamed["stopTrailingDelta"] = parameters.get("trailingDelta", "")
    renamed["stopType"] = "STOP_LOSS"
    if parameters.has("stopLimitPrice"):
        if not parameters.has("stopLimitTimeInForce"):
            raise Rejection(
                -1128,
                "Combination of optional parameters invalid. Recommendation: 'stopLimitTimeInForce' should also be "
                "sent.",
            )
        renamed |= {"stopType": "STOP_LOSS_LIMIT", "stopPrice": parameters["stopLimitPrice"]}
        renamed["stopTimeInForce"] = parameters["stopLimitTimeInForce"]
    for name in ("ClientOrderId", "StrategyId", "StrategyType", "IcebergQty"):
        for prefix in ("limit", "stop"):
            renamed[prefix + name] = parameters.get(prefix + name, "")
    limit = read_member(desk, renamed, "limit", side, quantity)
    stop = read_member(desk, renamed, "stop", side, quantity)
    return _place(desk, call, "OCO", [limit, stop] if side is Side.SELL else [stop, limit])


def place_oto(desk: Desk, call: Call) -> object:
    """An order that waits for another one to be filled."""
    parameters = call.parameters
    side, quantity = read_side(parameters, "pendingSide"), read_amount(parameters, "pendingQuantity")
    pending = [read_member(desk, parameters, "pending", side, quantity)]
    return _place(desk, call, "OTO", [_working(desk, parameters), *pending])


def place_otoco(desk: Desk, call: Call) -> object:
    """A pair of orders that waits for another one to be filled."""
    parameters = call.parameters
    side, quantity = read_side(parameters, "pendingSide"), read_amount(parameters, "pendingQuantity")
    prefixes = ["pendingAbove"] + (["pendingBelow"] if parameters.has("pendingBelowType") else [])
    pending = [read_member(desk, parameters, prefix, side, quantity) for prefix in prefixes]
    return _place(desk, call, "OTOCO", [_working(desk, parameters), *pending])


def place_opo(desk: Desk, call: Call) -> object:
    """An order that sells what another one has bought."""
    parameters = call.parameters
    _without_quantity(parameters)
    pending = [read_member(desk, parameters, "pending", read_side(parameters, "pendingSide"), None)]
    return _place(desk, call, "OPO", [_working(desk, parameters), *pending])


def place_opoco(desk: Desk, call: Call) -> object:
    """A pair of orders of which one sells what another one has bought."""
    parameters = call.parameters
    _without_quantity(parameters)
    side = read_side(parameters, "pendingSide")
    prefixes = ["pendingAbove"] + (["pendingBelow"] if parameters.has("pendingBelowType") else [])
    pending = [read_member(desk, parameters, prefix, side, None) for prefix in prefixes]
    return _place(desk, call, "OPOCO", [_working(desk, parameters), *pending])


def _without_quantity(parameters: Parameters) -> None:
    if parameters.has("pendingQuantity"):
        raise Rejection(-1225, "Parameter 'pendingQuantity' sent when not required: the working order decides it.")


def _working(desk: Desk, parameters: Parameters) -> SpotEntry:
    side, quantity = read_side(parameters, "workingSide"), read_amount(parameters, "workingQuantity")
    return read_member(desk, parameters, "working", side, quantity)


def _place(desk: Desk, call: Call, kind: str, entries: list[SpotEntry]) -> object:
    parameters = call.parameters
    client_list_id = parameters.get("listClientOrderId") or None
    check_client_id(client_list_id, "listClientOrderId")
    wanted = response_type(parameters, "RESULT")
    found = spot_desk(desk).lists.place(call.account_id, kind, client_list_id, entries)
    return placed_list(desk.notations[found.listing.symbol], found, wanted)


def _which_list(desk: Desk, call: Call, client_name: str) -> OrderList | None:
    parameters = call.parameters
    list_id, client_id = parameters.whole("orderListId"), parameters.get(client_name) or None
    if list_id is None and client_id is None:
        raise Rejection(-1102, f"Param 'orderListId' or '{client_name}' must be sent, but both were empty/null!")
    return spot_desk(desk).lists.memory.find(call.account_id, list_id, client_id)


def cancel_list(desk: Desk, call: Call) -> object:
    """Take every order of a list off the book."""
    symbol = read_symbol(desk, call.parameters)
    found = _which_list(desk, call, "listClientOrderId")
    if found is None or found.is_done or found.listing.symbol != symbol:
        raise Rejection(-2011, "Unknown order list sent.")
    orders = spot_desk(desk)
    orders.cancel(found.orders[0], call.parameters.get("newClientOrderId") or None)
    return cancelled_list(desk.notations[symbol], found)


def get_list(desk: Desk, call: Call) -> object:
    """One list by either id; the client's comes under the name of an order's."""
    found = _which_list(desk, call, "origClientOrderId")
    if found is None:
        raise Rejection(-2018, "Order list does not exist.")
    return queried_list(found)


def all_lists(desk: Desk, call: Call) -> object:
    """Lists in any state, by id or by time."""
    parameters = call.parameters
    limit, from_id = parameters.limit(500, 1000), parameters.whole("fromId")
    start, end = time_range(parameters)
    if from_id is not None and (start is not None or end is not None):
        raise Rejection(-1128, "Combination of optional parameters invalid.")
    found = [
        item
        for item in spot_desk(desk).lists.memory.lists(call.account_id)
        if (from_id is None or item.list_id >= from_id)
        and (start is None or item.time_ms >= start)
        and (end is None or item.time_ms <= end)
    ]
    oldest_first = from_id is not None or start is not None
    return [queried_list(item) for item in (found[:limit] if oldest_first else found[-limit:])]


def open_lists(desk: Desk, call: Call) -> object:
    """Lists that are not done."""
    return [queried_list(item) for item in spot_desk(desk).lists.memory.lists(call.account_id) if not item.is_done]


#: Binance spot API docs, order lists, their weights and order counts, 2026-07-21.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "order/oco"): trading(place_old_oco, orders=2),
    ("POST", "orderList/oco"): trading(place_oco, orders=2),
    ("POST", "orderList/oto"): trading(place_oto, orders=2),
    ("POST", "orderList/otoco"): trading(place_otoco, orders=3),
    ("POST", "orderList/opo"): trading(place_opo, orders=2),
    ("POST", "orderList/opoco"): trading(place_opoco, orders=3),
    ("DELETE", "orderList"): trading(cancel_list),
    ("GET", "orderList"): signed(get_list, 4),
    ("GET", "allOrderList"): signed(all_lists, 20),
    ("GET", "openOrderList"): signed(open_lists, 6),
}
