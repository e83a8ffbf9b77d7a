"""Orders the exchange makes itself, and trades it makes without asking the market."""

from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.accounts.futures import FuturesLedger, Leg
from tui.exchange.accounts.names import FEES, HOUSE, INSURANCE, ROUNDING
from tui.exchange.orders import ExchangeOrder, Execution, OrderState
from tui.exchange.venue import Venue

#: Accounts of the exchange itself: they have no user and are never liquidated.
OWN_ACCOUNTS = (HOUSE, FEES, INSURANCE, ROUNDING)


def ledger_of(venue: Venue) -> FuturesLedger:
    """The futures ledger of a venue that has one."""
    assert venue.futures is not None
    return venue.futures


def forced_order(
    venue: Venue, account_id: str, leg: Leg, lots: int, price_ticks: int, client_id: str, kind: str = "LIMIT"
) -> ExchangeOrder:
    """An order that reduces a position by these lots; the exchange sends it in the account's name."""
    listing, now = venue.listings[leg[0]], venue.clock.now_ms()
    return ExchangeOrder(
        order_id=0,
        client_order_id=client_id,
        account_id=account_id,
        listing=listing,
        side=Side.SELL if ledger_of(venue).quantity(account_id, *leg) > 0 else Side.BUY,
        type=kind,
        time_in_force="IOC",
        price_ticks=price_ticks,
        lots=lots,
        created_ms=now,
        updated_ms=now,
        reduce_only=True,
        position_side=leg[1],
        is_forced=True,
    )


def calculate(venue: Venue, order: ExchangeOrder, price_ticks: int, lots: int, execution_type: str) -> None:
    """Trade part of a forced order at a price nobody was asked for."""
    listing, now = order.listing, venue.clock.now_ms()
    quantity = listing.step.value(lots if order.side is Side.BUY else -lots)
    price = listing.tick.value(price_ticks)
    ledger = ledger_of(venue)
    profit = ledger.clear(order.account_id, listing.symbol, quantity, price, now, order.position_side)
    trade_id = venue.books[listing.symbol].number_trade()
    execution = Execution(trade_id, price_ticks, lots, False, Decimal(0), listing.margin_asset, now, profit)
    venue.dealer.fill(order, execution, execution_type)


def lots_of(venue: Venue, account_id: str, leg: Leg) -> int:
    """Size of a position in lots."""
    return venue.listings[leg[0]].step.count_of(abs(ledger_of(venue).quantity(account_id, *leg)))


def expire_orders(venue: Venue, account_id: str, symbols: set[str], reason: str) -> None:
    """End an account's open orders on these symbols."""
    for order in venue.open_orders(account_id):
        if order.listing.symbol in symbols:
            venue.dealer.end(venue.books[order.listing.symbol], order, OrderState.EXPIRED, "EXPIRED", reason)
