"""Spot's account: balances, commission, trades, and everything else that belongs to it."""

from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, signed
from tui.exchange.server.notation import eight
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spot_commission import commission_of_account, rates
from tui.exchange.server.spot_order_shapes import allocation, is_allocation, own_trade, prevented_match
from tui.exchange.server.spot_orders import spot_desk, time_range
from tui.exchange.server.spot_shapes import account_filters, asset_filters, filters


def my_trades(desk: Desk, call: Call) -> object:
    """The account's executions of a symbol."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    limit = parameters.limit(500, 1000)
    start, end = time_range(parameters)
    from_id, order_id = parameters.whole("fromId"), parameters.whole("orderId")
    if (start is not None or end is not None) and (from_id is not None or order_id is not None):
        raise Rejection(-1128, "Combination of optional parameters invalid.")
    found = [
        (order, execution)
        for order in desk.venue.orders(call.account_id, symbol)
        if order_id is None or order.order_id == order_id
        for execution in order.executions
        if not is_allocation(order, execution)
        and (from_id is None or execution.trade_id >= from_id)
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
    # Special keys read margin accounts here.
    wallet = call.account_id.partition(":")[2]
    kind = "SPOT" if not wallet else "MARGIN" if wallet == "margin" else "ISOLATED_MARGIN"
    group = desk.venue.dealer.groups.of(call.account_id)
    maker, taker = ledger.commission_rates(call.account_id, first_symbol)
    return {
        "makerCommission": int(maker * 10_000),
        "takerCommission": int(taker * 10_000),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": rates(maker, taker),
        "canTrade": True,
        "canWithdraw": False,
        "canDeposit": False,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": desk.now_ms(),
        "accountType": kind,
        "balances": [
            {"asset": asset, "free": eight(free), "locked": eight(locked)}
            for asset, (free, locked) in ledger.balances(call.account_id).items()
            if free or locked or not skip_empty
        ],
        "permissions": [kind],
        "uid": 424242,
        **({"tradeGroupId": group} if group >= 0 else {}),
    }


def account_commission(desk: Desk, call: Call) -> object:
    """What trading a symbol costs the account."""
    return commission_of_account(desk, call.account_id, read_symbol(desk, call.parameters))


def prevented_matches(desk: Desk, call: Call) -> object:
    """What self-trade prevention took off the account's orders, by match or by order."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    match_id, order_id = parameters.whole("preventedMatchId"), parameters.whole("orderId")
    first, limit = parameters.whole("fromPreventedMatchId"), parameters.limit(500, 1000)
    if (match_id is None) == (order_id is None) or (first is not None and order_id is None):
        raise Rejection(-1128, "Combination of optional parameters invalid.")
    found = [
        prevention
        for prevention in spot_desk(desk).trading.preventions.of(call.account_id, symbol)
        if (match_id is None or prevention.prevention_id == match_id)
        and (order_id is None or order_id in (prevention.taker_order_id, prevention.maker_order_id))
        and (first is None or prevention.prevention_id >= first)
    ]
    return [prevented_match(desk.notations[symbol], prevention) for prevention in found[:limit]]


def allocations(desk: Desk, call: Call) -> object:
    """What the smart order router gave the account's orders."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters)
    start, end = time_range(parameters)
    first, order_id = parameters.whole("fromAllocationId"), parameters.whole("orderId")
    found = [
        (order, execution)
        for order in desk.venue.orders(call.account_id, symbol)
        if order_id is None or order.order_id == order_id
        for execution in order.executions
        if is_allocation(order, execution)
        and (first is None or execution.trade_id >= first)
        and (start is None or execution.time_ms >= start)
        and (end is None or execution.time_ms <= end)
    ]
    limit = parameters.limit(500, 1000)
    return [allocation(desk.notations[symbol], order, execution) for order, execution in found[:limit]]


def my_filters(desk: Desk, call: Call) -> object:
    """The filters that concern the account on a symbol."""
    listing = desk.venue.listings[read_symbol(desk, call.parameters)]
    return {
        "exchangeFilters": account_filters(),
        "symbolFilters": filters(listing),
        "assetFilters": asset_filters(listing),
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


def _trades_weight(parameters: Parameters) -> int:
    """Asking for one order is cheap."""
    return 5 if parameters.has("orderId") else 20


def _prevented_weight(parameters: Parameters) -> int:
    """Asking for one match is cheap."""
    return 20 if parameters.has("orderId") else 2


#: Binance spot API docs, account endpoints and their weights, 2026-07-21.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("GET", "myTrades"): signed(my_trades, _trades_weight),
    ("GET", "myPreventedMatches"): signed(prevented_matches, _prevented_weight),
    ("GET", "myAllocations"): signed(allocations, 20),
    ("GET", "myFilters"): signed(my_filters, 40),
    ("GET", "account"): signed(account, 20),
    ("GET", "account/commission"): signed(account_commission, 20),
    ("GET", "rateLimit/order"): signed(order_rate_limits, 40),
}
