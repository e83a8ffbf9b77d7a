"""Margin's REST addresses; each has a budget of its own, by address or by account (Binance margin docs, 2026)."""

from collections.abc import Callable

from tui.domain.product import Product
from tui.exchange.catalogue import listings
from tui.exchange.server import (
    margin_account,
    margin_debts,
    margin_keys,
    margin_loans,
    margin_market,
    margin_orders,
    margin_users,
    transfers,
)
from tui.exchange.server.endpoints import Endpoint, Handler, Security, Weight
from tui.exchange.server.parameters import Parameters

_LIST_EFFECTS = ("NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_BORROW_REPAY")


def _reads(handler: Handler, weight: Weight, pool: str = "IP") -> Endpoint:
    return Endpoint(handler, weight, Security.SIGNED, pool=pool)


def _market(handler: Handler, weight: Weight) -> Endpoint:
    return Endpoint(handler, weight, Security.KEY, pool="IP")


def _changes(handler: Handler, weight: Weight, pool: str = "UID") -> Endpoint:
    return Endpoint(handler, weight, Security.SIGNED, pool=pool, permission="margin")


def _places(handler: Handler) -> Endpoint:
    return Endpoint(
        handler,
        margin_orders.borrow_weight,
        Security.SIGNED,
        is_order=True,
        pool="UID",
        permission="margin",
    )


def _open_orders_weight(parameters: Parameters) -> int:
    return 10 if parameters.has("symbol") else len(listings(Product.SPOT))


def _one_or_all(name: str, one: int, every: int) -> Callable[[Parameters], int]:
    return lambda parameters: one if parameters.has(name) else every


_ORDERS: dict[tuple[str, str], Endpoint] = {
    ("POST", "order"): _places(margin_orders.placing("order")),
    ("POST", "order/oco"): _places(margin_orders.placing("order/oco", orders=2)),
    ("POST", "order/oto"): _places(margin_orders.placing("orderList/oto", _LIST_EFFECTS, 2)),
    ("POST", "order/otoco"): _places(margin_orders.placing("orderList/otoco", _LIST_EFFECTS, 3)),
    ("DELETE", "order"): _changes(margin_orders.cancel_order, 10, "IP"),
    ("DELETE", "openOrders"): _changes(margin_orders.through("DELETE", "openOrders"), 1, "IP"),
    ("DELETE", "orderList"): _changes(margin_orders.through("DELETE", "orderList"), 1),
    ("GET", "order"): _reads(margin_orders.through("GET", "order"), 10),
    ("GET", "openOrders"): _reads(margin_orders.open_orders, _open_orders_weight),
    ("GET", "allOrders"): _reads(margin_orders.through("GET", "allOrders"), 200),
    ("GET", "orderList"): _reads(margin_orders.lists("orderList"), 10),
    ("GET", "allOrderList"): _reads(margin_orders.lists("allOrderList"), 200),
    ("GET", "openOrderList"): _reads(margin_orders.lists("openOrderList"), 10),
    ("GET", "oto/openOrderList"): _reads(margin_orders.open_pending_lists, 10, "UID"),
    ("GET", "myTrades"): _reads(margin_orders.my_trades, 10),
    ("GET", "myPreventedMatches"): _reads(margin_orders.through("GET", "myPreventedMatches"), 10),
    ("GET", "rateLimit/order"): _reads(margin_orders.order_rate_limits, 20),
    ("POST", "manual-liquidation"): _changes(margin_account.manual_liquidation, 3_000),
    ("GET", "exchange-small-liability"): _reads(margin_debts.small_debts, 100),
    ("POST", "exchange-small-liability"): _changes(margin_debts.exchange_small, 3_000),
    ("GET", "exchange-small-liability-history"): _reads(margin_debts.small_history, 100, "UID"),
    ("GET", "liquidation-loan"): _reads(margin_debts.liquidation_loan, 100, "UID"),
    ("POST", "liquidation-loan/repay"): _changes(margin_debts.repay_liquidation_loan, 100),
    ("GET", "liquidation-loan/repay-history"): _reads(margin_debts.liquidation_repayments, 100, "UID"),
}
_KEYS: dict[tuple[str, str], Endpoint] = {
    ("POST", "apiKey"): _changes(margin_keys.create_key, 1),
    ("DELETE", "apiKey"): _changes(margin_keys.delete_keys, 1),
    ("PUT", "apiKey/ip"): _changes(margin_keys.edit_addresses, 1),
    ("GET", "apiKey"): _reads(margin_keys.get_key, 1, "UID"),
    ("GET", "api-key-list"): _reads(margin_keys.list_keys, 1, "UID"),
    ("POST", "exit-special-key-mode"): _changes(margin_keys.exit_mode, 10),
}
_LOANS: dict[tuple[str, str], Endpoint] = {
    ("POST", "borrow-repay"): _changes(margin_loans.borrow_repay, 1_500),
    ("GET", "borrow-repay"): _reads(margin_loans.loan_records, 10),
    ("GET", "maxBorrowable"): _reads(margin_loans.max_borrowable, 750, "UID"),
    ("GET", "maxTransferable"): _reads(margin_loans.max_transferable, 50),
    ("GET", "interestHistory"): _reads(margin_loans.interest_records, 1),
    ("GET", "interestRateHistory"): _reads(margin_loans.rate_history, 1),
    ("GET", "next-hourly-interest-rate"): _reads(margin_loans.next_rates, 100),
    ("GET", "capital-flow"): _reads(margin_loans.capital_flow, 100),
    ("GET", "transfer"): _reads(margin_loans.transfer_records, 1),
}
_ACCOUNTS: dict[tuple[str, str], Endpoint] = {
    ("GET", "account"): _reads(margin_account.cross_account, 10),
    ("GET", "isolated/account"): _reads(margin_account.isolated_accounts, 10),
    ("POST", "isolated/account"): _changes(margin_account.enable_isolated, 300),
    ("DELETE", "isolated/account"): _changes(margin_account.disable_isolated, 300),
    ("GET", "isolated/accountLimit"): _reads(margin_account.isolated_limit, 1),
    ("GET", "tradeCoeff"): _reads(margin_account.trade_coefficients, 10),
    ("POST", "max-leverage"): _changes(margin_account.max_leverage, 3_000),
}
_MARKET: dict[tuple[str, str], Endpoint] = {
    ("GET", "allPairs"): _market(margin_market.cross_pairs, 1),
    ("GET", "isolated/allPairs"): _market(margin_market.isolated_pairs, 10),
    ("GET", "allAssets"): _market(margin_market.assets, 1),
    ("GET", "priceIndex"): _market(margin_market.price_index, 10),
    ("GET", "crossMarginData"): _reads(margin_market.cross_data, _one_or_all("coin", 1, 5)),
    ("GET", "isolatedMarginData"): _reads(margin_market.isolated_data, _one_or_all("symbol", 1, 10)),
    ("GET", "isolatedMarginTier"): _reads(margin_market.isolated_tier, 1),
    ("GET", "crossMarginCollateralRatio"): _market(margin_account.collateral_ratios, 100),
    ("GET", "available-inventory"): _reads(margin_market.inventory, 50, "UID"),
    ("GET", "risk-based-liquidation-ratio"): _market(margin_market.risk_ratios, 1),
    ("GET", "restricted-asset"): _market(margin_market.restricted_assets, 1),
    ("GET", "limit-price-pairs"): _market(margin_market.limit_price_pairs, 1),
    ("GET", "delist-schedule"): _market(margin_market.schedule, 100),
    ("GET", "list-schedule"): _market(margin_market.schedule, 100),
    ("GET", "leverageBracket"): _market(margin_market.schedule, 1),
    ("GET", "forceLiquidationRec"): _reads(margin_market.liquidation_records, 1),
}
_USERS: dict[tuple[str, str], Endpoint] = {
    ("POST", "listen-key"): Endpoint(margin_users.start_key, 1, Security.KEY, pool="UID"),
    ("PUT", "listen-key"): Endpoint(margin_users.renew_key, 1, Security.KEY, pool="UID"),
    ("DELETE", "listen-key"): Endpoint(margin_users.stop_key, 3_000, Security.KEY, pool="UID"),
}

#: Every address below the host.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    **{
        (method, f"/sapi/v1/margin/{name}"): endpoint
        for (method, name), endpoint in {**_ORDERS, **_KEYS, **_LOANS, **_ACCOUNTS, **_MARKET, **_USERS}.items()
    },
    ("POST", "/sapi/v2/margin/listen-key"): Endpoint(margin_users.start_key, 1, Security.KEY, pool="IP"),
    ("PUT", "/sapi/v2/margin/listen-key"): Endpoint(margin_users.renew_key, 1, Security.KEY, pool="IP"),
    ("DELETE", "/sapi/v2/margin/listen-key"): Endpoint(margin_users.stop_key, 1, Security.KEY, pool="IP"),
    ("POST", "/sapi/v1/userListenToken"): Endpoint(margin_users.make_token, 1, Security.KEY, pool="UID"),
    ("POST", "/sapi/v1/asset/transfer"): _changes(transfers.transfer, 900),
    ("GET", "/sapi/v1/asset/transfer"): _reads(transfers.transfer_history, 1),
    ("GET", "/sapi/v1/bnbBurn"): _reads(margin_market.burn_status, 1),
    ("POST", "/sapi/v1/bnbBurn"): _changes(margin_market.set_burn, 1, "IP"),
}
