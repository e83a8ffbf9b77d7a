"""Trading rules of futures symbols: what Binance refuses, with error codes -1111 and -40xx of the USD-M docs."""

from dataclasses import dataclass
from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.admission import closes
from tui.exchange.listing import Listing
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection

#: Open orders an account may have on a symbol.
MAX_NUM_ORDERS = 200

#: The most a futures market order may move away from the mark price (`marketTakeBound`).
MARKET_TAKE_BOUND = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the filters look at besides the order: average or mark price, best opposite price, open orders."""

    reference_price: Decimal
    open_orders: int
    best_opposite: Decimal | None = None


def decimals(value: Decimal) -> int:
    """Decimals a number needs, trailing zeros apart."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def check_futures(entry: OrderEntry, listing: Listing, around: Surroundings) -> None:
    """Hold a futures order to its symbol's filters; `reference_price` is the mark price."""
    is_market = entry.type == "MARKET"
    _futures_precision(entry, listing)
    if entry.price is not None:
        _futures_price(entry.price, entry.side, listing, around.reference_price)
    if entry.quantity is not None:
        futures_quantity(entry.quantity, listing.max_market_quantity if is_market else listing.max_quantity, listing)
        price = entry.price if entry.price is not None else around.reference_price
        if not entry.reduce_only and not closes(entry.position_side, entry.side):
            futures_notional(price * entry.quantity, listing)
    if is_market:
        _market_bound(entry.side, listing, around)
    elif around.open_orders >= MAX_NUM_ORDERS:
        raise Rejection(-2025, "Reach max open order limit.")


def _futures_precision(entry: OrderEntry, listing: Listing) -> None:
    for value, allowed in ((entry.price, listing.price_precision), (entry.quantity, listing.quantity_precision)):
        if value is not None and decimals(value) > allowed:
            raise Rejection(-1111, "Precision is over the maximum defined for this asset.")


def _futures_price(price: Decimal, side: Side, listing: Listing, mark: Decimal) -> None:
    if price <= 0:
        raise Rejection(-4001, "Price less than 0.")
    if price < listing.min_price:
        raise Rejection(-4013, "Price less than min price.")
    if price > listing.max_price:
        raise Rejection(-4002, "Price greater than max price.")
    if not listing.tick.fits(price):
        raise Rejection(-4014, "Price not increased by tick size.")
    ceiling = listing.tick.round(mark * listing.price_up, "down")
    floor = listing.tick.round(mark * listing.price_down, "up")
    if side is Side.BUY and price > ceiling:
        raise Rejection(-4016, f"Limit price can't be higher than {listing.tick.format(ceiling)}.")
    if side is Side.SELL and price < floor:
        raise Rejection(-4024, f"Limit price can't be lower than {listing.tick.format(floor)}.")


def futures_quantity(quantity: Decimal, largest: Decimal, listing: Listing) -> None:
    """Hold a quantity to its symbol's lots: Rejection -4003, -4004, -4005 or -4023."""
    if quantity <= 0:
        raise Rejection(-4003, "Quantity less than or equal to zero.")
    if quantity < listing.min_quantity:
        raise Rejection(-4004, "Quantity less than min quantity.")
    if quantity > largest:
        raise Rejection(-4005, "Quantity greater than max quantity.")
    if not listing.step.fits(quantity):
        raise Rejection(-4023, "Qty not increased by step size.")


def futures_trigger(price: Decimal, listing: Listing) -> None:
    """Hold a trigger price to its symbol's ticks: Rejection -4006, -4007 or -4014."""
    if price <= 0:
        raise Rejection(-4006, "Stop price less than zero.")
    if price > listing.max_price:
        raise Rejection(-4007, "Stop price greater than max price.")
    if not listing.tick.fits(price):
        raise Rejection(-4014, "Price not increased by tick size.")


def futures_notional(value: Decimal, listing: Listing) -> None:
    """Hold an order's value to the least its symbol takes: Rejection -4164."""
    if value < listing.min_notional:
        smallest = f"{listing.min_notional:f}"
        raise Rejection(-4164, f"Order's notional must be no smaller than {smallest} (unless you choose reduce only)")


def _market_bound(side: Side, listing: Listing, around: Surroundings) -> None:
    best = around.best_opposite
    if best is None:
        return
    too_far = best > around.reference_price * listing.price_up
    if side is Side.SELL:
        too_far = best < around.reference_price * listing.price_down
    if too_far:
        raise Rejection(-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit")
