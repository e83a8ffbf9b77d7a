"""Auto-deleveraging: who is next, and closing positions against each other when the insurance fund cannot help.

Ranking (Binance futures reference, "Margin maths", from the public FAQ): profit in percent times effective leverage
where there is profit, divided by it where there is loss; each side of a symbol is cut in quintiles.
"""

from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.accounts.futures import Leg
from tui.exchange.accounts.names import HOUSE, INSURANCE
from tui.exchange.clearing import OWN_ACCOUNTS, calculate, forced_order, ledger_of
from tui.exchange.orders import ExchangeOrder, OrderState
from tui.exchange.venue import Venue

#: Client id of orders that deleverage an account.
CLIENT_ID = "adl_autoclose"

Holder = tuple[str, Leg]


def holders(venue: Venue, symbol: str, *, is_long: bool) -> list[Holder]:
    """Users who hold one side of a symbol, the one to be deleveraged first in front."""
    ledger, found = ledger_of(venue), []
    for account_id in ledger.accounts():
        if account_id in OWN_ACCOUNTS:
            continue
        for name, side, state in ledger.positions(account_id):
            if name == symbol and (state.quantity > 0) == is_long:
                found.append((account_id, (symbol, side)))
    return sorted(found, key=lambda holder: score(venue, *holder), reverse=True)


def score(venue: Venue, account_id: str, leg: Leg) -> Decimal:
    """How much a position calls for being deleveraged."""
    ledger = ledger_of(venue)
    legs = next(pool for pool in ledger.pools(account_id) if leg in pool)
    equity = ledger.equity(account_id, legs)
    notional, profit = abs(ledger.notional(account_id, *leg)), ledger.unrealized_profit(account_id, *leg)
    rate = profit / abs(notional - profit) if notional != profit else profit
    leverage = notional / equity if equity > 0 else Decimal(1_000)
    return rate * leverage if profit > 0 else rate / leverage


def quantile(venue: Venue, account_id: str, leg: Leg) -> int:
    """0 to 4: in which fifth of its side a position stands, 4 being deleveraged first; 0 without a position."""
    quantity = ledger_of(venue).quantity(account_id, *leg)
    if not quantity:
        return 0
    ranked = holders(venue, leg[0], is_long=quantity > 0)
    behind = len(ranked) - 1 - ranked.index((account_id, leg))
    return (2 * behind + 1) * 5 // (2 * len(ranked))


def deleverage(venue: Venue, order: ExchangeOrder) -> None:
    """Fill the rest of a liquidation at its price: against the fund's opposite position, users by rank, the house."""
    venue.announce_taking(order, OrderState.NEW_ADL)
    symbol, price = order.listing.symbol, order.price_ticks
    _against_own(venue, order, INSURANCE)
    for account_id, leg in holders(venue, symbol, is_long=order.side is Side.BUY):
        if not order.leaves:
            return
        if account_id == order.account_id:
            continue
        held = order.listing.step.count_of(abs(ledger_of(venue).quantity(account_id, *leg)))
        lots = min(order.leaves, held)
        other = forced_order(venue, account_id, leg, lots, price, CLIENT_ID)
        venue.number(other)
        calculate(venue, order, price, lots, "CALCULATED")
        calculate(venue, other, price, lots, "CALCULATED")
        if venue.futures_orders is not None:
            venue.futures_orders.reduce_only.trim(account_id, venue.books[symbol])
    _against_own(venue, order, HOUSE, whole=True)


def _against_own(venue: Venue, order: ExchangeOrder, account_id: str, *, whole: bool = False) -> None:
    """Trade with an account of the exchange, as far as that reduces its position, or all that is left."""
    listing = order.listing
    held = ledger_of(venue).quantity(account_id, listing.symbol)
    buys = order.side is Side.BUY
    room = listing.step.count_of(abs(held)) if held and (held > 0) == buys else 0
    lots = order.leaves if whole else min(order.leaves, room)
    if not lots:
        return
    quantity = listing.step.value(-lots if buys else lots)
    calculate(venue, order, order.price_ticks, lots, "CALCULATED")
    price, now = listing.tick.value(order.price_ticks), venue.clock.now_ms()
    ledger_of(venue).clear(account_id, listing.symbol, quantity, price, now)
