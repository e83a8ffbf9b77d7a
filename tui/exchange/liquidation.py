"""Liquidation: what happens to a pool of positions whose margin no longer keeps them.

Sequence (Binance futures reference, "Margin maths"): its orders expire; position by position an immediate-or-cancel
order at the price that leaves nothing takes what the book offers; the rest goes to the insurance fund, and where the
fund cannot take it to the traders on the other side. A clearance fee is paid as far as anything is left.
"""

from decimal import Decimal

from tui.exchange.accounts.futures import Leg
from tui.exchange.accounts.names import INSURANCE
from tui.exchange.clearing import OWN_ACCOUNTS, expire_orders, forced_order, ledger_of, lots_of
from tui.exchange.deleveraging import deleverage
from tui.exchange.insurance import can_take, take_over
from tui.exchange.orders import ExchangeOrder
from tui.exchange.venue import Venue

CLEARANCE_RATE = Decimal("0.0125")
#: Beginning of the client ids of liquidation orders.
CLIENT_ID = "autoclose-"

#: Share of the margin that is gone when a margin call is sent, and when one may be sent again.
_CALLED_AT, _CALM_AT = Decimal("0.8"), Decimal("0.7")


def liquidate(venue: Venue) -> None:
    """Close the positions of every account whose margin no longer keeps them; warn those who are near."""
    if venue.futures is None:
        return
    for account_id in venue.futures.accounts():
        if account_id in OWN_ACCOUNTS:
            continue
        for legs in venue.futures.pools(account_id):
            equity, needed = venue.futures.equity(account_id, legs), venue.futures.needed(account_id, legs)
            if equity <= needed:
                _liquidate_pool(venue, account_id, legs)
            else:
                _warn(venue, account_id, legs, needed / equity)


def _warn(venue: Venue, account_id: str, legs: list[Leg], gone: Decimal) -> None:
    key = (account_id, *legs[0])
    if gone < _CALM_AT:
        venue.life.margin_called.discard(key)
    elif gone >= _CALLED_AT and key not in venue.life.margin_called:
        venue.life.margin_called.add(key)
        symbols = tuple(dict.fromkeys(symbol for symbol, _ in legs))
        sides = tuple(dict.fromkeys(side for _, side in legs))
        asset = venue.listings[legs[0][0]].margin_asset
        venue.dealer.emit_account(account_id, "MARGIN_CALL", (asset,), symbols, venue.clock.now_ms(), sides)


def _liquidate_pool(venue: Venue, account_id: str, legs: list[Leg]) -> None:
    """Close positions of a pool, those that need most margin first, until what is left keeps the others."""
    ledger = ledger_of(venue)
    expire_orders(venue, account_id, {symbol for symbol, _ in legs}, "5")
    remaining = sorted(legs, key=lambda leg: ledger.maintenance_margin(account_id, *leg), reverse=True)
    while remaining and ledger.equity(account_id, remaining) <= ledger.needed(account_id, remaining):
        _liquidate_leg(venue, account_id, remaining.pop(0), remaining)


def _liquidate_leg(venue: Venue, account_id: str, leg: Leg, others: list[Leg]) -> None:
    ledger, listing = ledger_of(venue), venue.listings[leg[0]]
    quantity, asset = ledger.quantity(account_id, *leg), listing.margin_asset
    state = ledger.position(account_id, *leg)
    equity = ledger.equity(account_id, [leg, *others])
    limit = bankruptcy_ticks(venue, leg[0], quantity, equity)
    now = venue.clock.now_ms()
    client_id = f"{CLIENT_ID}{now}{venue.last_order_id + 1}"
    order = forced_order(venue, account_id, leg, lots_of(venue, account_id, leg), limit, client_id)
    venue.force(order)
    if order.leaves and can_take(venue, order):
        take_over(venue, order)
    elif order.leaves:
        deleverage(venue, order)
    profit = sum((execution.realized_profit for execution in order.executions), Decimal(0))
    left = state.isolated_wallet + profit
    if not state.is_isolated:
        left = ledger.crossed_wallet(account_id, asset)
        left += sum((ledger.unrealized_profit(account_id, *other) for other in others), Decimal(0))
    _charge_clearance(venue, order, left)


def _charge_clearance(venue: Venue, order: ExchangeOrder, left: Decimal) -> None:
    asset, account_id, ledger = order.listing.margin_asset, order.account_id, ledger_of(venue)
    fee = min((order.filled_quote * CLEARANCE_RATE).quantize(Decimal("0.00000001")), left)
    if fee <= 0:
        return
    ledger.credit(account_id, asset, -fee)
    ledger.credit(INSURANCE, asset, fee)
    now = venue.clock.now_ms()
    venue.life.records.note_income(account_id, order.listing.symbol, "INSURANCE_CLEAR", -fee, asset, now)
    venue.dealer.emit_account(account_id, "INSURANCE_CLEAR", (asset,), (), now)


def bankruptcy_ticks(venue: Venue, symbol: str, quantity: Decimal, equity: Decimal) -> int:
    """The price that leaves a pool nothing once this position is closed at it, rounded in the account's favour."""
    listing, mark = venue.listings[symbol], venue.mark_price(symbol)
    if listing.contract_size is None:
        price = mark - equity / quantity
    else:
        worth = quantity * listing.contract_size / mark + equity
        price = quantity * listing.contract_size / worth if worth else Decimal(0)
    if price <= 0:
        # Nothing to lose at any price, or no price that would lose it.
        price = listing.tick.size if quantity > 0 else mark * 2
    ticks = listing.tick.round(price, "up" if quantity > 0 else "down")
    return max(1, listing.tick.count_of(ticks))
