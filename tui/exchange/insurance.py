"""The insurance fund: takes over what a liquidation could not sell, and sells it when it can."""

from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.accounts.brackets import bracket_at
from tui.exchange.accounts.names import INSURANCE
from tui.exchange.clearing import calculate, forced_order, ledger_of, lots_of
from tui.exchange.orders import ExchangeOrder, OrderState
from tui.exchange.venue import Venue

#: How far from the mark the fund sells.
_PATIENCE = Decimal("0.005")


def can_take(venue: Venue, order: ExchangeOrder) -> bool:
    """Whether the fund would still keep all it holds after taking over the rest of a liquidation."""
    ledger, listing = ledger_of(venue), order.listing
    quantity = listing.step.value(order.leaves if order.side is Side.SELL else -order.leaves)
    price, mark = listing.tick.value(order.price_ticks), venue.mark_price(listing.symbol)
    gained = listing.worth(quantity, mark) - listing.worth(quantity, price)
    value = listing.turnover(abs(quantity), mark)
    bracket = bracket_at(ledger.brackets(listing.symbol), value)
    summary = ledger.summary(INSURANCE, listing.margin_asset)
    needed = summary.maintenance_margin + value * bracket.maintenance_rate - bracket.cum
    return summary.margin_balance + gained >= needed


def take_over(venue: Venue, order: ExchangeOrder) -> None:
    """Fill the rest of a liquidation at its bankruptcy price, against the fund."""
    venue.announce_taking(order, OrderState.NEW_INSURANCE)
    lots, listing = order.leaves, order.listing
    quantity = listing.step.value(lots if order.side is Side.SELL else -lots)
    calculate(venue, order, order.price_ticks, lots, "CALCULATED")
    price, now = listing.tick.value(order.price_ticks), venue.clock.now_ms()
    ledger_of(venue).clear(INSURANCE, listing.symbol, quantity, price, now)


def unwind(venue: Venue) -> None:
    """Sell what the fund holds, as far as the book takes it near the mark."""
    for symbol, side, state in ledger_of(venue).positions(INSURANCE):
        listing, leg = venue.listings[symbol], (symbol, side)
        patience = 1 - _PATIENCE if state.quantity > 0 else 1 + _PATIENCE
        limit = listing.tick.count_of(listing.tick.round(venue.mark_price(symbol) * patience))
        order = forced_order(venue, INSURANCE, leg, lots_of(venue, INSURANCE, leg), limit, "insurance_fund")
        venue.force(order)
        if order.leaves:
            venue.dealer.end(venue.books[symbol], order, OrderState.EXPIRED, "EXPIRED", "2")
