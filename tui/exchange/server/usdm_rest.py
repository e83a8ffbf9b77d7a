"""USDⓈ-M's REST addresses and WebSocket API methods."""

from tui.exchange.server import usdm_account, usdm_market, usdm_orders
from tui.exchange.server.endpoints import Endpoint

_PRIVATE = {**usdm_orders.ENDPOINTS, **usdm_account.ENDPOINTS}

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    **{("GET", f"/fapi/{name}"): endpoint for name, endpoint in usdm_market.ENDPOINTS.items()},
    **{(method, f"/fapi/{name}"): endpoint for (method, name), endpoint in _PRIVATE.items()},
}

METHODS: dict[str, Endpoint] = {
    "ping": usdm_market.ENDPOINTS["v1/ping"],
    "time": usdm_market.ENDPOINTS["v1/time"],
    "depth": usdm_market.ENDPOINTS["v1/depth"],
    "ticker.price": usdm_market.ENDPOINTS["v2/ticker/price"],
    "ticker.book": usdm_market.ENDPOINTS["v1/ticker/bookTicker"],
    "order.place": _PRIVATE["POST", "v1/order"],
    "order.cancel": _PRIVATE["DELETE", "v1/order"],
    "order.status": _PRIVATE["GET", "v1/order"],
    "account.balance": _PRIVATE["GET", "v2/balance"],
    "account.status": _PRIVATE["GET", "v2/account"],
    "account.position": _PRIVATE["GET", "v2/positionRisk"],
    "v2/account.balance": _PRIVATE["GET", "v3/balance"],
    "v2/account.status": _PRIVATE["GET", "v3/account"],
    "v2/account.position": _PRIVATE["GET", "v3/positionRisk"],
    "userDataStream.start": _PRIVATE["POST", "v1/listenKey"],
    "userDataStream.ping": _PRIVATE["PUT", "v1/listenKey"],
    "userDataStream.stop": _PRIVATE["DELETE", "v1/listenKey"],
}
