"""Spot's REST addresses and WebSocket API methods."""

from tui.exchange.server import spot_account, spot_market, spot_permissions
from tui.exchange.server.endpoints import Endpoint, Security, signed

#: Removed on 2026-02-20; they answer 410 with a page of HTML, as Binance's do.
GONE = ("/api/v3/userDataStream", "/sapi/v1/userDataStream", "/sapi/v1/userDataStream/isolated")

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    **{("GET", f"/api/v3/{name}"): endpoint for name, endpoint in spot_market.ENDPOINTS.items()},
    **{(method, f"/api/v3/{name}"): endpoint for (method, name), endpoint in spot_account.ENDPOINTS.items()},
    ("GET", "/sapi/v1/capital/config/getall"): signed(spot_market.coins, 10),
    ("GET", "/sapi/v1/margin/allPairs"): Endpoint(spot_market.all_pairs, 1, Security.KEY),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): signed(spot_market.all_pairs, 10),
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
    "ticker.price": "ticker/price",
    "ticker.book": "ticker/bookTicker",
}
_ACCOUNT_METHODS = {
    "order.place": ("POST", "order"),
    "order.test": ("POST", "order/test"),
    "order.status": ("GET", "order"),
    "order.cancel": ("DELETE", "order"),
    "openOrders.status": ("GET", "openOrders"),
    "openOrders.cancelAll": ("DELETE", "openOrders"),
    "allOrders": ("GET", "allOrders"),
    "myTrades": ("GET", "myTrades"),
    "account.status": ("GET", "account"),
    "account.commission": ("GET", "account/commission"),
    "account.rateLimits.orders": ("GET", "rateLimit/order"),
}

METHODS: dict[str, Endpoint] = {
    **{method: spot_market.ENDPOINTS[name] for method, name in _MARKET_METHODS.items()},
    **{method: spot_account.ENDPOINTS[name] for method, name in _ACCOUNT_METHODS.items()},
}
