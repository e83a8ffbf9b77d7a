"""The price at which a symbol's positions are liquidated (Binance futures reference, "Margin maths", public FAQ)."""

from decimal import Decimal
from itertools import product

from tui.exchange.accounts.brackets import Bracket, brackets_of
from tui.exchange.accounts.positions import Position
from tui.exchange.listing import Listing

ZERO = Decimal(0)


def margin_end(legs: list[Position], equity: Decimal, listing: Listing) -> Decimal:
    """The mark at which equity and profit equal maintenance margin, to the tick; zero when there is none.

    `legs` are the positions of one symbol that share a margin, `equity` all of that margin but their own profit.
    """
    for brackets in product(brackets_of(listing), repeat=len(legs)):
        price = _at(legs, brackets, equity, listing)
        if price > 0:
            return listing.tick.round(price)
    return ZERO


def _at(legs: list[Position], brackets: tuple[Bracket, ...], equity: Decimal, listing: Listing) -> Decimal:
    """The price at which the margin ends, were each leg in that bracket; zero when it is not in it there."""
    both = list(zip(legs, brackets, strict=True))
    left = equity + sum((at.cum - leg.cost for leg, at in both), ZERO)
    if listing.contract_size is None:
        above, below = left, sum((abs(leg.quantity) * at.maintenance_rate - leg.quantity for leg, at in both), ZERO)
    else:
        rates = sum((abs(leg.quantity) * at.maintenance_rate + leg.quantity for leg, at in both), ZERO)
        above, below = listing.contract_size * rates, left
    price = above / below if below else ZERO
    if price <= 0:
        return ZERO
    notionals = [(abs(listing.turnover(leg.quantity, price)), at) for leg, at in both]
    return price if all(at.notional_floor <= value <= at.notional_cap for value, at in notionals) else ZERO
