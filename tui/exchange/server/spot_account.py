"""Spot's private REST: orders and the account."""

from decimal import Decimal

from tui.exchange.orders import ExchangeOrder
from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, signed, trading
from tui.exchange.server.notation import eight
from tui.exchange.server.order_entry import read_entry, read_symbol, which_order
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spot_shapes import cancelled, own_trade, placed, queried

_RANGE_MS = 24 * 3_600_000
_FULL_BY_DEFAULT = ("LIMIT", "MARKET")


def place_order(desk: Desk, call: Call) -> object:
    """A new order."""
    entry = read_entry(desk, call.parameters)
    wanted = call.parameters.get("newOrderRespType") or ("FULL" if entry.type in _FULL_BY_DEFAULT else "ACK")
    if wanted not in ("ACK", "RESULT", "FULL"):
        raise Rejection(-1130, "Data sent for parameter 'newOrderRespType' is not valid.")
    order = desk.venue.place(call.account_id, entry)
    return placed(desk.notations[entry.symbol], order, wanted)


def test_order(desk: Desk, call: Call) -> object:
    """Whether an order would be taken."""
    entry = read_entry(desk, call.parameters)
    desk.venue.check(call.account_id, entry)
    if not call.parameters.flag("computeCommissionRates"):
        return {}
    rates = _commission(desk, call, entry.symbol)
    return {
        "standardCommissionForOrder": {"maker": rates["maker"], "taker": rates["taker"]},
        "specialCommissionForOrder": {"maker": eight(Decimal(0)), "taker": eight(Decimal(0))},
        "taxCommissionForOrder": {"maker": eight(Decimal(0)), "taker": eight(Decimal(0))},
        "discount": _discount(desk, call.account_id),
    }


def get_order(desk: Desk, call: Call) -> object:
    """One order by either id."""
    symbol = read_symbol(desk, call.parameters)
    order = desk.venue.order(call.account_id, symbol, *which_order(call.parameters))
    return queried(desk.notations[symbol], order)


def cancel_order(desk: Desk, call: Call) -> object:
    """Take one order off the book."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    order_id, client_id = which_order(parameters)
    restriction = parameters.get("cancelRestrictions")
    if restriction:
        _check_restriction(desk.venue.order(call.account_id, symbol, order_id, client_id), restriction)
    new_id = parameters.get("newClientOrderId") or None
    order = desk.venue.cancel(call.account_id, symbol, order_id, client_id, new_id)
    return cancelled(desk.notations[symbol], order)


def _check_restriction(order: ExchangeOrder, restriction: str) -> None:
    required = {"ONLY_NEW": "NEW", "ONLY_PARTIALLY_FILLED": "PARTIALLY_FILLED"}.get(restriction)
    if required is None:
        raise Rejection(-1145, "Invalid cancelRestrictions")
    if order.state.value != required:
        raise Rejection(-2011, "Order was not canceled due to cancel restrictions.")


def cancel_open_orders(desk: Desk, call: Call) -> object:
    """Take all orders of a symbol off the book."""
    symbol = read_symbol(desk, call.parameters)
    orders = desk.venue.cancel_all(call.account_id, symbol)
    if not orders:
        raise Rejection(-2011, "Unknown order sent.")
    return [cancelled(desk.notations[symbol], order) for order in orders]


def open_orders(desk: Desk, call: Call) -> object:
    """Orders on the book, of one symbol or all."""
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
    start, end = _time_range(parameters)
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


def _time_range(parameters: Parameters) -> tuple[int | None, int | None]:
    start, end = parameters.whole("startTime"), parameters.whole("endTime")
    if start is not None and end is not None and end - start > _RANGE_MS:
        raise Rejection(-1127, "More than 24 hours between startTime and endTime.")
    return start, end


def my_trades(desk: Desk, call: Call) -> object:
    """The account's executions of a symbol."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    limit = parameters.limit(500, 1000)
    start, end = _time_range(parameters)
    from_id, order_id = parameters.whole("fromId"), parameters.whole("orderId")
    if (start is not None or end is not None) and (from_id is not None or order_id is not None):
        raise Rejection(-1128, "Combination of optional parameters invalid.")
    found = [
        (order, execution)
        for order in desk.venue.orders(call.account_id, symbol)
        if order_id is None or order.order_id == order_id
        for execution in order.executions
        if (from_id is None or execution.trade_id >= from_id)
        and (start is None or execution.time_ms >= start)
        and (end is None or execution.time_ms <= end)
    ]
    found.sort(key=lambda pair: pair[1].trade_id)
    chosen = found[:limit] if from_id is not None or start is not None else found[-limit:]
    return [own_trade(desk.notations[symbol], order, execution) for order, execution in chosen]


def account(desk: Desk, call: Call) -> object:
    """Balances and what the account may do."""
    ledger = desk.venue.spot
    assert ledger is not None
    skip_empty = call.parameters.flag("omitZeroBalances")
    first_symbol = next(iter(desk.venue.listings))
    maker, taker = ledger.commission_rates(call.account_id, first_symbol)
    return {
        "makerCommission": int(maker * 10_000),
        "takerCommission": int(taker * 10_000),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": _rates(maker, taker),
        "canTrade": True,
        "canWithdraw": False,
        "canDeposit": False,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": desk.now_ms(),
        "accountType": "SPOT",
        "balances": [
            {"asset": asset, "free": eight(free), "locked": eight(locked)}
            for asset, (free, locked) in ledger.balances(call.account_id).items()
            if free or locked or not skip_empty
        ],
        "permissions": ["SPOT"],
        "uid": 424242,
    }


def _rates(maker: Decimal, taker: Decimal) -> dict[str, object]:
    zero = eight(Decimal(0))
    return {"maker": eight(maker), "taker": eight(taker), "buyer": zero, "seller": zero}


def _commission(desk: Desk, call: Call, symbol: str) -> dict[str, object]:
    assert desk.venue.spot is not None
    return _rates(*desk.venue.spot.commission_rates(call.account_id, symbol))


def _discount(desk: Desk, account_id: str) -> dict[str, object]:
    assert desk.venue.spot is not None
    pays_in_bnb = account_id in desk.venue.spot.pays_fees_in_bnb
    return {
        "enabledForAccount": pays_in_bnb,
        "enabledForSymbol": True,
        "discountAsset": "BNB",
        "discount": "0.75000000",
    }


def account_commission(desk: Desk, call: Call) -> object:
    """What trading a symbol costs the account."""
    symbol = read_symbol(desk, call.parameters)
    none = _rates(Decimal(0), Decimal(0))
    return {
        "symbol": symbol,
        "standardCommission": _commission(desk, call, symbol),
        "specialCommission": none,
        "taxCommission": none,
        "discount": _discount(desk, call.account_id),
    }


def trade_fee(desk: Desk, call: Call) -> object:
    """Commission rates of one symbol or all, as the wallet service tells them."""
    assert desk.venue.spot is not None
    symbols = [read_symbol(desk, call.parameters)] if call.parameters.has("symbol") else list(desk.venue.listings)
    rows = []
    for symbol in symbols:
        maker, taker = desk.venue.spot.commission_rates(call.account_id, symbol)
        rows.append({"symbol": symbol, "makerCommission": f"{maker:f}", "takerCommission": f"{taker:f}"})
    return rows


def order_rate_limits(desk: Desk, call: Call) -> object:
    """How many orders the account has placed in each window; futures tell the limits alone."""
    now = desk.now_ms()
    return [
        window.limit.row() | ({} if desk.product.is_futures else {"count": window.used(now)})
        for window in desk.budget.orders(call.account_id)
    ]


def open_orders_weight(parameters: Parameters) -> int:
    """Asking for every symbol is dear."""
    return 6 if parameters.has("symbol") else 80


def trades_weight(parameters: Parameters) -> int:
    """Asking for one order is cheap."""
    return 5 if parameters.has("orderId") else 20


#: Binance spot API docs, trading and account endpoints and their weights, 2026-07-21.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "order"): trading(place_order, orders=1),
    ("POST", "order/test"): signed(
        test_order, lambda parameters: 20 if parameters.flag("computeCommissionRates") else 1
    ),
    ("GET", "order"): signed(get_order, 4),
    ("DELETE", "order"): trading(cancel_order),
    ("GET", "openOrders"): signed(open_orders, open_orders_weight),
    ("DELETE", "openOrders"): trading(cancel_open_orders),
    ("GET", "allOrders"): signed(all_orders, 20),
    ("GET", "myTrades"): signed(my_trades, trades_weight),
    ("GET", "account"): signed(account, 20),
    ("GET", "account/commission"): signed(account_commission, 20),
    ("GET", "rateLimit/order"): signed(order_rate_limits, 40),
}
