"""COIN-M's REST addresses and WebSocket API methods; orders are USD-M's in other shapes."""

from collections.abc import Callable
from dataclasses import replace

from tui.exchange.rejection import Rejection, missing
from tui.exchange.server import coinm_account, coinm_market, futures_data, usdm_algo, usdm_amend, usdm_orders
from tui.exchange.server.coinm_shapes import Reshape, order_row, own_trade_row, past_order_row, reshaped
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, Handler
from tui.exchange.server.futures_pairs import of_pair
from tui.exchange.server.parameters import Parameters

Table = dict[tuple[str, str], Endpoint]


def _by_pair(handler: Handler, *, exclusive: str = "", is_required: bool = False) -> Handler:
    """A handler by symbol, which takes a pair too; `exclusive` is a parameter that a pair does not go with."""

    def handle(desk: Desk, call: Call) -> object:
        parameters = call.parameters
        if not parameters.has("pair"):
            if is_required and not parameters.has("symbol"):
                raise missing("symbol")
            return handler(desk, call)
        if (is_required and parameters.has("symbol")) or (exclusive and parameters.has(exclusive)):
            raise Rejection(-1128, "Combination of optional parameters invalid.")
        rows: list[object] = []
        for symbol in of_pair(desk, parameters.required("pair")):
            about = Parameters(parameters | {"symbol": symbol}, scientific=True)
            found = handler(desk, Call(about, call.account_id))
            assert isinstance(found, list)
            rows += found
        return rows[-1000:]

    return handle


def _in_coin(endpoints: dict[tuple[str, str], Endpoint], *names: str, reshape: Reshape = order_row) -> Table:
    return {
        key: _with(endpoints[key], lambda handler: reshaped(handler, reshape)) for key in endpoints if key[1] in names
    }


def _with(endpoint: Endpoint, wrap: Callable[[Handler], Handler]) -> Endpoint:
    return replace(endpoint, handler=wrap(endpoint.handler))


_ORDERS = usdm_orders.ENDPOINTS

_PRIVATE: Table = {
    **_in_coin(_ORDERS, "v1/order", "v1/batchOrders", "v1/openOrder"),
    ("DELETE", "v1/allOpenOrders"): _ORDERS["DELETE", "v1/allOpenOrders"],
    ("GET", "v1/openOrders"): _with(
        _ORDERS["GET", "v1/openOrders"], lambda handler: reshaped(_by_pair(handler), order_row)
    ),
    ("GET", "v1/allOrders"): _with(
        _ORDERS["GET", "v1/allOrders"],
        lambda handler: reshaped(_by_pair(handler, exclusive="orderId", is_required=True), past_order_row),
    ),
    ("GET", "v1/userTrades"): _with(
        _ORDERS["GET", "v1/userTrades"],
        lambda handler: reshaped(_by_pair(handler, exclusive="fromId", is_required=True), own_trade_row),
    ),
    **_in_coin(usdm_amend.ENDPOINTS, "v1/order", "v1/batchOrders"),
    **{key: usdm_amend.ENDPOINTS[key] for key in usdm_amend.ENDPOINTS if key[1] not in ("v1/order", "v1/batchOrders")},
    **usdm_algo.ENDPOINTS,
    **coinm_account.ENDPOINTS,
}

ENDPOINTS: Table = {
    **{("GET", f"/dapi/{name}"): endpoint for name, endpoint in coinm_market.ENDPOINTS.items()},
    **{(method, f"/dapi/{name}"): endpoint for (method, name), endpoint in _PRIVATE.items()},
    **{("GET", path): endpoint for path, endpoint in futures_data.ENDPOINTS.items()},
}

METHODS: dict[str, Endpoint] = {
    "ping": coinm_market.ENDPOINTS["v1/ping"],
    "time": coinm_market.ENDPOINTS["v1/time"],
    "order.place": _PRIVATE["POST", "v1/order"],
    "order.modify": _PRIVATE["PUT", "v1/order"],
    "order.cancel": _PRIVATE["DELETE", "v1/order"],
    "order.status": _PRIVATE["GET", "v1/order"],
    "account.balance": _PRIVATE["GET", "v1/balance"],
    "account.status": _PRIVATE["GET", "v1/account"],
    "account.position": _PRIVATE["GET", "v1/positionRisk"],
    "userDataStream.start": _PRIVATE["POST", "v1/listenKey"],
    "userDataStream.ping": _PRIVATE["PUT", "v1/listenKey"],
    "userDataStream.stop": _PRIVATE["DELETE", "v1/listenKey"],
}
