"""Orders of margin accounts: those of spot, with what they borrow and pay back (Binance margin docs, trade, 2026)."""

from collections.abc import Mapping
from decimal import ROUND_UP, Decimal
from typing import Any

import msgspec

from tui.exchange.accounts.spot import COMMISSION_UNIT
from tui.exchange.listing import Listing
from tui.exchange.margin import ZERO, Account, SideEffect
from tui.exchange.margin_terms import LIMIT_PRICE_PAIRS, LIMIT_PRICE_RANGE
from tui.exchange.matching.match import PREVENTION_MODES, SPOT_PREVENTION_MODES
from tui.exchange.rejection import Rejection, missing, not_required
from tui.exchange.server import spot_account, spot_lists, spot_orders
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Handler
from tui.exchange.server.margin_account import index_price
from tui.exchange.server.margin_loans import borrow
from tui.exchange.server.margin_wallets import is_isolated, isolated_wallet, margin_of, pair, read_choice, wallet
from tui.exchange.server.notation import short
from tui.exchange.server.parameters import Parameters

Body = dict[str, Any]

SIDE_EFFECTS = ("NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_REPAY", "AUTO_BORROW_REPAY")
_SPOT = {**spot_orders.ENDPOINTS, **spot_lists.ENDPOINTS, **spot_account.ENDPOINTS}
#: A filter that margin looks at itself, and tells otherwise than spot (Binance margin docs, error codes, 2026).
_TOO_SMALL = "Filter failure: NOTIONAL"
_BEYOND_ALL = Decimal(10) ** 15
#: Fields of spot's order replies that margin's do not have.
_NOT_HERE = ("orderListId", "origQuoteOrderQty", "workingTime")


def placing(path: str, effects: tuple[str, ...] = SIDE_EFFECTS, orders: int = 1) -> Handler:
    """A handler that places through spot's of this path, borrowing before when the side effect says so.

    It counts so many `orders` of the margin account, which has windows of its own.
    """
    spot = _SPOT["POST", path].handler

    def place(desk: Desk, call: Call) -> object:
        parameters = call.parameters
        account = wallet(desk, call)
        desk.budget.charge_orders(account.name, orders, desk.now_ms())
        _check_prevention(parameters)
        _check_limit_prices(desk, account, parameters)
        effect = read_choice(parameters, "sideEffectType", effects, "NO_SIDE_EFFECT")
        repays_at_cancel = parameters.flag("autoRepayAtCancel", True)
        margin = margin_of(desk)
        asset, lent = "", ZERO
        if effect in ("MARGIN_BUY", "AUTO_BORROW_REPAY"):
            asset, lent = _borrow_missing(desk, account, parameters)
        margin.start(
            account, SideEffect(0, effect in ("AUTO_REPAY", "AUTO_BORROW_REPAY"), repays_at_cancel, borrowed=lent)
        )
        try:
            body = spot(desk, Call(parameters, account.name))
        except Rejection as rejection:
            if lent:
                margin.ledger.take_back(account.name, asset, lent)
            if rejection.msg == _TOO_SMALL:
                raise Rejection(-20204, f"{_TOO_SMALL}.") from rejection
            raise
        finally:
            margin.finish()
        if not lent:
            return _shaped(body, account)
        # A number for single orders, a text for lists, as Binance has it.
        amount = msgspec.Raw(short(lent).encode()) if path == "order" else short(lent)
        return _shaped(body, account) | {"marginBuyBorrowAmount": amount, "marginBuyBorrowAsset": asset}

    return place


def _check_prevention(parameters: Parameters) -> None:
    """Margin knows fewer modes of self-trade prevention than spot; Rejection -1013."""
    if parameters.get("selfTradePreventionMode") in set(SPOT_PREVENTION_MODES) - set(PREVENTION_MODES):
        raise Rejection(-1013, "This symbol does not allow the specified self-trade prevention mode.")


def _check_limit_prices(desk: Desk, account: Account, parameters: Parameters) -> None:
    """Hold limit prices in a cross account to the index of pairs that have such a bound; Rejection -3064."""
    if account.listing is not None or parameters.get("symbol") not in LIMIT_PRICE_PAIRS:
        return
    index = index_price(margin_of(desk), desk.listing(parameters.required("symbol")))
    for name in ("price", "stopLimitPrice", "workingPrice", "pendingPrice", "pendingAbovePrice", "pendingBelowPrice"):
        price = parameters.decimal(name)
        if price is not None and abs(price - index) >= index * LIMIT_PRICE_RANGE:
            raise Rejection(
                -3064,
                "Limit price needs to be within (-15%,15%) of current index price for this margin trading pair.",
            )


def _borrow_missing(desk: Desk, account: Account, parameters: Parameters) -> tuple[str, Decimal]:
    """Borrow what the order needs beyond what is free; the asset and how much. Rejection -3006."""
    asset, needed = _need(desk, pair(desk, parameters, "symbol"), parameters)
    lacking = needed - margin_of(desk).spot.free(account.name, asset)
    if lacking <= 0:
        return asset, ZERO
    # What nobody could ever borrow need not be exact, and may have more digits than numbers here have.
    amount = min(lacking, _BEYOND_ALL).quantize(COMMISSION_UNIT, ROUND_UP)
    borrow(desk, account, asset, amount, "AUTO")
    return asset, amount


def _need(desk: Desk, listing: Listing, parameters: Parameters) -> tuple[str, Decimal]:
    """What an order, or the working part of a list, spends at most."""
    prefix = "working" if parameters.has("workingSide") else ""
    name = "workingQuantity" if prefix else "quantity"
    side = parameters.get("workingSide") if prefix else parameters.get("side")
    quantity = parameters.decimal(name)
    if side == "SELL":
        if quantity is None:
            raise missing(name)
        return listing.base, quantity
    budget = parameters.decimal("quoteOrderQty")
    if budget is not None:
        return listing.quote, budget
    if quantity is None:
        raise missing(name)
    prices = [
        price
        for name in ("price", "stopPrice", "stopLimitPrice", "workingPrice")
        if (price := parameters.decimal(name)) is not None
    ]
    if prices:
        return listing.quote, max(prices) * quantity
    return listing.quote, _market_cost(desk, listing, quantity)


def _market_cost(desk: Desk, listing: Listing, quantity: Decimal) -> Decimal:
    """What buying at the market costs now."""
    left, cost = int(quantity / listing.step.size), 0
    for price, lots in desk.venue.depth(listing.symbol, 1_000)[2]:
        cost += price * min(left, lots)
        left -= min(left, lots)
        if not left:
            break
    return listing.tick.size * listing.step.size * cost


def _shaped(body: object, account: Account) -> Body:
    """Spot's reply in margin's shape: an order, or a list of orders with its reports."""
    assert isinstance(body, Mapping)
    isolated = account.listing is not None
    if "listStatusType" not in body:
        return {name: value for name, value in body.items() if name not in _NOT_HERE} | {"isIsolated": isolated}
    reports = body.get("orderReports")
    shaped = dict(body) | {"isIsolated": isolated}
    if isinstance(reports, list):
        shaped["orderReports"] = [dict(report) for report in reports]
    return shaped


def through(method: str, path: str, *, needs_symbol: bool = True) -> Handler:
    """A handler that asks spot's of this address for a margin account's orders."""
    spot = _SPOT[method, path].handler

    def ask(desk: Desk, call: Call) -> object:
        account = wallet(desk, call, needs_symbol=needs_symbol)
        body = spot(desk, Call(call.parameters, account.name))
        return [_shaped(row, account) for row in body] if isinstance(body, list) else _shaped(body, account)

    return ask


def cancel_order(desk: Desk, call: Call) -> object:
    """Cancel one order; its id is told as a text here."""
    body = through("DELETE", "order")(desk, call)
    assert isinstance(body, dict)
    return body | {"orderId": str(body["orderId"])} if "orderId" in body else body


def open_orders(desk: Desk, call: Call) -> object:
    """Open orders; isolated accounts must name their pair."""
    if is_isolated(call.parameters):
        call.parameters.required("symbol")
    return through("GET", "openOrders", needs_symbol=False)(desk, call)


def lists(path: str) -> Handler:
    """A query for order lists: isolated accounts must name their pair, the cross account must not."""

    def ask(desk: Desk, call: Call) -> object:
        if not is_isolated(call.parameters) and call.parameters.has("symbol"):
            raise not_required("symbol")
        return through("GET", path, needs_symbol=False)(desk, call)

    return ask


def open_pending_lists(desk: Desk, call: Call) -> object:
    """Executing lists of the kind OTO, of every account of this person."""
    margin = margin_of(desk)
    wanted = call.parameters.get("symbol")
    names = [margin.cross(call.account_id)]
    pairs = margin.setting(call.account_id).pairs
    names += [margin.isolated(call.account_id, desk.venue.listings[symbol]) for symbol in pairs]
    spot = _SPOT["GET", "openOrderList"].handler
    found = []
    for account in names:
        rows = spot(desk, Call(Parameters(), account.name))
        assert isinstance(rows, list)
        found += [
            _shaped(row, account)
            for row in rows
            if row["contingencyType"] == "OTO" and wanted in (None, "", row["symbol"])
        ]
    return found


def my_trades(desk: Desk, call: Call) -> object:
    """The account's executions; they do not tell the quote amount here."""
    rows = through("GET", "myTrades")(desk, call)
    assert isinstance(rows, list)
    return [{name: value for name, value in row.items() if name != "quoteQty"} for row in rows]


def order_rate_limits(desk: Desk, call: Call) -> object:
    """How many orders the account has placed in each window."""
    account = isolated_wallet(desk, call, "symbol") if is_isolated(call.parameters) else None
    name = account.name if account else margin_of(desk).cross(call.account_id).name
    now = desk.now_ms()
    return [window.limit.row() | {"count": window.used(now)} for window in desk.budget.orders(name)]


def borrow_weight(parameters: Parameters) -> int:
    """Orders that may borrow are dear (Binance margin changelog, 2026-05-07)."""
    return 1_500 if parameters.get("sideEffectType") in ("MARGIN_BUY", "AUTO_BORROW_REPAY") else 6
