"""Liquidation: what happens to a pool of positions whose margin no longer keeps them.

Sequence (Binance futures reference, "Margin maths", and Binance's "Liquidation protocols"): its orders expire. A
position above the lowest leverage bracket is first reduced, by one immediate-or-cancel order, to the highest lower
bracket whose maintenance margin would be kept; when the account is compliant then, that was all. Otherwise, position by
position, an order at the price that leaves nothing takes what the book offers; the rest goes to the insurance fund, and
where the fund cannot take it to the traders on the other side. A clearance fee is paid on what was liquidated, as far
as anything is left.
"""

from decimal import Decimal

from tui.exchange.accounts.brackets import bracket_at
from tui.exchange.accounts.futures import Leg
from tui.exchange.accounts.names import INSURANCE
from tui.exchange.auto_exchange import balance_wallets
from tui.exchange.clearing import OWN_ACCOUNTS, expire_orders, forced_order, ledger_of, lots_of
from tui.exchange.deleveraging import deleverage
from tui.exchange.insurance import can_take, take_over
from tui.exchange.orders import ExchangeOrder, OrderState
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
    for leg in list(remaining):
        if ledger.equity(account_id, remaining) > ledger.needed(account_id, remaining):
            break
        _reduce_leg(venue, account_id, leg, remaining)
        remaining = [leg for leg in remaining if ledger.quantity(account_id, *leg)]
    while remaining and ledger.equity(account_id, remaining) <= ledger.needed(account_id, remaining):
        _liquidate_leg(venue, account_id, remaining.pop(0), remaining)
    balance_wallets(venue, account_id, is_liquidated=True)


def _reduce_leg(venue: Venue, account_id: str, leg: Leg, legs: list[Leg]) -> None:
    """Sell as much of a position as brings it into a lower bracket, where that would do; nothing otherwise."""
    lots = lots_to_reduce(venue, account_id, leg, legs)
    if not lots:
        return
    ledger, state = ledger_of(venue), ledger_of(venue).position(account_id, *leg)
    order = _force(venue, account_id, leg, lots, [other for other in legs if other != leg])
    if order.leaves:
        venue.dealer.end(venue.books[leg[0]], order, OrderState.EXPIRED, "EXPIRED", "2")
    left = ledger.equity(account_id, [other for other in legs if ledger.quantity(account_id, *other)])
    _charge_clearance(venue, order, left, leg if state.is_isolated else None)


def lots_to_reduce(venue: Venue, account_id: str, leg: Leg, legs: list[Leg]) -> int:
    """The fewest lots whose sale at the mark leaves a pool compliant in a lower bracket; 0 where there are none."""
    ledger = ledger_of(venue)
    notional, held = abs(ledger.notional(account_id, *leg)), lots_of(venue, account_id, leg)
    equity, needed = ledger.equity(account_id, legs), ledger.needed(account_id, legs)
    needed -= ledger.maintenance_margin(account_id, *leg)
    brackets = ledger.brackets(leg[0])
    for bracket in reversed(brackets[: bracket_at(brackets, notional).bracket - 1]):
        kept = int(held * bracket.notional_cap / notional)
        value = notional * kept / held
        margin = value * bracket.maintenance_rate - bracket.cum
        if kept and equity - (notional - value) * CLEARANCE_RATE > needed + margin:
            return held - kept
    return 0


def _force(venue: Venue, account_id: str, leg: Leg, lots: int, others: list[Leg]) -> ExchangeOrder:
    """Send an order for part of a position at the price that would leave its pool nothing."""
    ledger = ledger_of(venue)
    equity = ledger.equity(account_id, [leg, *others])
    limit = bankruptcy_ticks(venue, leg[0], ledger.quantity(account_id, *leg), equity)
    client_id = f"{CLIENT_ID}{venue.clock.now_ms()}{venue.last_order_id + 1}"
    order = forced_order(venue, account_id, leg, lots, limit, client_id)
    venue.force(order)
    return order


def _liquidate_leg(venue: Venue, account_id: str, leg: Leg, others: list[Leg]) -> None:
    ledger, state = ledger_of(venue), ledger_of(venue).position(account_id, *leg)
    order = _force(venue, account_id, leg, lots_of(venue, account_id, leg), others)
    if order.leaves and can_take(venue, order):
        take_over(venue, order)
    elif order.leaves:
        deleverage(venue, order)
    profit = sum((execution.realized_profit for execution in order.executions), Decimal(0))
    left = state.isolated_wallet + profit
    if not state.is_isolated:
        left = ledger.crossed_equity(account_id, order.listing.margin_asset, others)
    _charge_clearance(venue, order, left)


def _charge_clearance(venue: Venue, order: ExchangeOrder, left: Decimal, isolated: Leg | None = None) -> None:
    """Charge the fee, as far as anything is left; an `isolated` position that goes on pays it from its own margin."""
    asset, account_id, ledger = order.listing.margin_asset, order.account_id, ledger_of(venue)
    fee = min((order.filled_quote * CLEARANCE_RATE).quantize(Decimal("0.00000001")), left)
    if fee <= 0:
        return
    ledger.credit(account_id, asset, -fee)
    ledger.credit(INSURANCE, asset, fee)
    if isolated is not None:
        ledger.held(account_id, *isolated).isolated_wallet -= fee
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
