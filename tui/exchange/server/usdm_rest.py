"""USD-M's REST addresses and WebSocket API methods."""

from tui.exchange.server import (
    futures_data,
    futures_risk,
    usdm_account,
    usdm_algo,
    usdm_amend,
    usdm_downloads,
    usdm_market,
    usdm_orders,
    usdm_settings,
    usdm_statistics,
)
from tui.exchange.server.endpoints import Endpoint

_PUBLIC = {**usdm_market.ENDPOINTS, **usdm_statistics.ENDPOINTS}
_PRIVATE = {
    **usdm_orders.ENDPOINTS,
    **usdm_amend.ENDPOINTS,
    **usdm_algo.ENDPOINTS,
    **usdm_account.ENDPOINTS,
    **usdm_settings.ENDPOINTS,
    **usdm_downloads.ENDPOINTS,
    **futures_risk.ENDPOINTS,
}

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    **{("GET", f"/fapi/{name}"): endpoint for name, endpoint in _PUBLIC.items()},
    **{("GET", path): endpoint for path, endpoint in futures_data.ENDPOINTS.items()},
    **{(method, f"/fapi/{name}"): endpoint for (method, name), endpoint in _PRIVATE.items()},
}

METHODS: dict[str, Endpoint] = {
    "ping": usdm_market.ENDPOINTS["v1/ping"],
    "time": usdm_market.ENDPOINTS["v1/time"],
    "depth": usdm_market.ENDPOINTS["v1/depth"],
    "ticker.price": usdm_market.ENDPOINTS["v2/ticker/price"],
    "ticker.book": usdm_market.ENDPOINTS["v1/ticker/bookTicker"],
    "order.place": _PRIVATE["POST", "v1/order"],
    "order.modify": _PRIVATE["PUT", "v1/order"],
    "order.cancel": _PRIVATE["DELETE", "v1/order"],
    "algoOrder.place": _PRIVATE["POST", "v1/algoOrder"],
    "algoOrder.cancel": _PRIVATE["DELETE", "v1/algoOrder"],
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
