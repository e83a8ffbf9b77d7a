"""What the clock does to futures: marks, funding, margin calls, liquidation, delivery, the insurance fund's sales."""

from decimal import Decimal

from tui.exchange.accounts.funding import charge_funding
from tui.exchange.accounts.futures import Leg
from tui.exchange.accounts.names import ROUNDING
from tui.exchange.auto_exchange import balance_all
from tui.exchange.clearing import OWN_ACCOUNTS, calculate, expire_orders, forced_order, ledger_of, lots_of
from tui.exchange.delivery import contract_status
from tui.exchange.insurance import unwind
from tui.exchange.liquidation import liquidate
from tui.exchange.listing import Listing
from tui.exchange.venue import Venue

__all__ = ["deliver", "liquidate", "update_marks", "watch"]


def watch(venue: Venue, now_ms: int) -> list[Listing]:
    """Once a second: everything; returns the contracts that were delivered."""
    update_marks(venue, now_ms)
    if venue.futures is None:
        return []
    liquidate(venue)
    balance_all(venue)
    unwind(venue)
    return _follow_life(venue, now_ms)


def update_marks(venue: Venue, now_ms: int) -> None:
    """Take one second's look at every contract; charge funding that has come due."""
    for symbol, mark in venue.marks.items():
        mark.update(now_ms)
        if mark.is_due(now_ms):
            _charge_funding(venue, symbol, now_ms)
            mark.charged(now_ms)


def _charge_funding(venue: Venue, symbol: str, now_ms: int) -> None:
    ledger, asset, values = ledger_of(venue), venue.listings[symbol].margin_asset, venue.mark(symbol)
    venue.funding.note(symbol, values.funding_rate, values.mark, values.next_funding_ms)
    for account_id, side, payment in charge_funding(ledger, symbol, values.funding_rate):
        if account_id in OWN_ACCOUNTS:
            continue
        is_isolated = ledger.position(account_id, symbol, side).is_isolated
        symbols = (symbol,) if is_isolated else ()
        venue.life.records.note_income(account_id, symbol, "FUNDING_FEE", payment, asset, now_ms)
        venue.dealer.emit_account(account_id, "FUNDING_FEE", (asset,), symbols, now_ms, (side,), symbol)


def _follow_life(venue: Venue, now_ms: int) -> list[Listing]:
    """Tell contracts that have entered another stage; deliver those that are due."""
    delivered = []
    for symbol, listing in list(venue.listings.items()):
        if not listing.delivery_ms:
            continue
        status = contract_status(listing, now_ms)
        before = venue.life.stages.get(symbol)
        if status == before:
            continue
        if status in ("DELIVERING", "DELIVERED") and before not in ("DELIVERING", "DELIVERED"):
            deliver(venue, symbol)
            delivered.append(listing)
        venue.life.stages[symbol] = status
        if before is not None:
            for told in venue.life.on_stage:
                told(listing)
    return delivered


def deliver(venue: Venue, symbol: str) -> None:
    """Settle a contract: orders expire, every position is closed at the index averaged over the last hour."""
    listing, ledger = venue.listings[symbol], ledger_of(venue)
    price = max(1, listing.tick.count_of(listing.tick.round(venue.mark(symbol).estimated_settle)))
    prefix = "delivery_autoclose-" if listing.contract_size is not None else "settlement_autoclose-"
    now = venue.clock.now_ms()
    venue.life.delivery_prices.setdefault(listing.pair, []).append((listing.delivery_ms, listing.tick.value(price)))
    for account_id in venue.registry.accounts():
        expire_orders(venue, account_id, {symbol}, "7")
    if venue.algos is not None:
        venue.algos.expire_all(symbol)
    left = Decimal(0)
    for account_id in ledger.accounts():
        for name, side, state in ledger.positions(account_id):
            if name == symbol:
                left += listing.worth(state.quantity, listing.tick.value(price))
                _settle(venue, account_id, (symbol, side), price, f"{prefix}{now}{venue.last_order_id + 1}")
    if left:
        # What is worth nothing together is worth a trace of a coin when each part is rounded by itself.
        ledger.credit(ROUNDING, listing.margin_asset, -left)


def _settle(venue: Venue, account_id: str, leg: Leg, price_ticks: int, client_id: str) -> None:
    """Close one position at the delivery price; users see an order for it."""
    ledger, listing = ledger_of(venue), venue.listings[leg[0]]
    if account_id in OWN_ACCOUNTS:
        quantity, price = -ledger.quantity(account_id, *leg), listing.tick.value(price_ticks)
        ledger.clear(account_id, leg[0], quantity, price, venue.clock.now_ms(), leg[1])
        return
    lots = lots_of(venue, account_id, leg)
    order = forced_order(venue, account_id, leg, lots, 0, client_id, "MARKET")
    venue.number(order)
    calculate(venue, order, price_ticks, lots, "TRADE")
