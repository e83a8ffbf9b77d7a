"""Spot's REST addresses and WebSocket API methods."""

from tui.exchange.server import (
    margin_rest,
    spot_account,
    spot_info,
    spot_lists,
    spot_market,
    spot_orders,
    spot_permissions,
    spot_replace,
)
from tui.exchange.server.endpoints import Endpoint, public, signed, trading

#: Removed on 2026-02-20; they answer 410 with a page of HTML, as Binance's do.
GONE = ("/api/v3/userDataStream", "/sapi/v1/userDataStream", "/sapi/v1/userDataStream/isolated")

_PRIVATE = spot_orders.ENDPOINTS | spot_replace.ENDPOINTS | spot_lists.ENDPOINTS | spot_account.ENDPOINTS

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    **{("GET", f"/api/v3/{name}"): endpoint for name, endpoint in spot_market.ENDPOINTS.items()},
    **{(method, f"/api/v3/{name}"): endpoint for (method, name), endpoint in _PRIVATE.items()},
    ("GET", "/sapi/v1/capital/config/getall"): signed(spot_market.coins, 10),
    **margin_rest.ENDPOINTS,
    ("GET", "/sapi/v1/system/status"): public(lambda desk, call: {"status": 0, "msg": "normal"}),
    ("GET", "/sapi/v1/asset/tradeFee"): signed(spot_account.trade_fee, 1),
    ("GET", "/sapi/v1/account/apiRestrictions"): signed(spot_permissions.api_restrictions, 1),
}

_MARKET_METHODS = {
    "ping": "ping",
    "time": "time",
    "exchangeInfo": "exchangeInfo",
    "depth": "depth",
    "trades.recent": "trades",
    "trades.historical": "historicalTrades",
    "trades.aggregate": "aggTrades",
    "klines": "klines",
    "uiKlines": "uiKlines",
    "avgPrice": "avgPrice",
    "ticker.24hr": "ticker/24hr",
    "blockTrades.historical": "historicalBlockTrades",
    "executionRules": "executionRules",
    "referencePrice": "referencePrice",
    "referencePrice.calculation": "referencePrice/calculation",
    "ticker": "ticker",
    "ticker.tradingDay": "ticker/tradingDay",
    "ticker.price": "ticker/price",
    "ticker.book": "ticker/bookTicker",
}
_ACCOUNT_METHODS = {
    "order.place": ("POST", "order"),
    "order.test": ("POST", "order/test"),
    "order.cancelReplace": ("POST", "order/cancelReplace"),
    "order.amend.keepPriority": ("PUT", "order/amend/keepPriority"),
    "order.amendments": ("GET", "order/amendments"),
    "orderList.place": ("POST", "order/oco"),
    "orderList.place.oco": ("POST", "orderList/oco"),
    "orderList.place.oto": ("POST", "orderList/oto"),
    "orderList.place.otoco": ("POST", "orderList/otoco"),
    "orderList.place.opo": ("POST", "orderList/opo"),
    "orderList.place.opoco": ("POST", "orderList/opoco"),
    "orderList.cancel": ("DELETE", "orderList"),
    "orderList.status": ("GET", "orderList"),
    "openOrderLists.status": ("GET", "openOrderList"),
    "allOrderLists": ("GET", "allOrderList"),
    "sor.order.test": ("POST", "sor/order/test"),
    "order.status": ("GET", "order"),
    "order.cancel": ("DELETE", "order"),
    "openOrders.status": ("GET", "openOrders"),
    "openOrders.cancelAll": ("DELETE", "openOrders"),
    "allOrders": ("GET", "allOrders"),
    "myTrades": ("GET", "myTrades"),
    "myPreventedMatches": ("GET", "myPreventedMatches"),
    "myAllocations": ("GET", "myAllocations"),
    "myFilters": ("GET", "myFilters"),
    "account.status": ("GET", "account"),
    "account.commission": ("GET", "account/commission"),
    "account.rateLimits.orders": ("GET", "rateLimit/order"),
}

METHODS: dict[str, Endpoint] = {
    **{method: spot_market.ENDPOINTS[name] for method, name in _MARKET_METHODS.items()},
    "exchangeInfo": public(spot_info.exchange_info_for_sockets, 20),
    **{method: _PRIVATE[name] for method, name in _ACCOUNT_METHODS.items()},
    "sor.order.place": trading(spot_orders.place_routed_for_sockets, orders=1),
}
