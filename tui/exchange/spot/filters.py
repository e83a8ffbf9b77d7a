"""The filters of spot symbols, and of the exchange as a whole (Binance spot API docs, "Filters", 2026-07-21)."""

from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.filters import decimals
from tui.exchange.listing import Listing
from tui.exchange.rejection import Rejection
from tui.exchange.spot.open_orders import OpenOrders
from tui.exchange.spot.order import STOP_TYPES, SpotEntry

#: Open orders an account may have on a symbol, by kind.
MAX_NUM_ORDERS = 200
MAX_NUM_ALGO_ORDERS = 5
MAX_NUM_ICEBERG_ORDERS = 10
MAX_NUM_ORDER_LISTS = 20
#: Open orders an account may have on all symbols together.
EXCHANGE_MAX_NUM_ORDERS = 1_000
EXCHANGE_MAX_NUM_ALGO_ORDERS = 200
EXCHANGE_MAX_NUM_ICEBERG_ORDERS = 100
EXCHANGE_MAX_NUM_ORDER_LISTS = 20
#: Changes one order bears.
MAX_NUM_ORDER_AMENDS = 10
#: Parts an iceberg may be cut into.
ICEBERG_PARTS = 100
#: The most one order may be worth.
MAX_NOTIONAL = Decimal(9_000_000)
#: The most of an asset that one order may move, as quantity of its base or as value in its quote.
MAX_ASSETS = {"BNB": Decimal(5_000), "USDT": Decimal(10_000_000)}
#: How many of the largest orders an account may come to hold of a base.
_LARGEST_ORDERS_HELD = 10
#: Basis points a trailing order may trail by, above and below.
MIN_TRAILING_DELTA, MAX_TRAILING_DELTA = 10, 2_000

#: Decimals the spot API reads in any amount.
_PRECISION = 8


def failure(name: str) -> Rejection:
    """-1013 in a filter's name."""
    return Rejection(-1013, f"Filter failure: {name}")


def check(
    entry: SpotEntry, listing: Listing, average: Decimal, open_orders: OpenOrders, count: int = 1, *, held: Decimal
) -> None:
    """Hold an order to its symbol's filters; Rejection -1111 or -1013. `average` is what PERCENT_PRICE refers to.

    `count` orders like it are to be placed at once. The account has `held` of the base, free and locked.
    """
    _precision(entry)
    for price in (entry.price, entry.stop_price):
        if price is not None and not (listing.min_price <= price <= listing.max_price and listing.tick.fits(price)):
            raise failure("PRICE_FILTER")
    if entry.price is not None and not average * listing.price_down <= entry.price <= average * listing.price_up:
        raise failure("PERCENT_PRICE_BY_SIDE")
    if entry.quantity is not None:
        check_quantity(entry.quantity, listing, is_market=entry.type == "MARKET")
    _iceberg(entry, listing)
    price = entry.price or entry.stop_price or average
    notional = entry.quote_quantity if entry.quantity is None else price * entry.quantity
    if notional is not None:
        check_notional(notional, listing, is_market=entry.type == "MARKET")
        quantity = notional / price if entry.quantity is None else entry.quantity
        _assets(quantity, notional, listing)
        if entry.side is Side.BUY and held + open_orders.buying + quantity > max_position(listing):
            raise failure("MAX_POSITION")
    if entry.trailing_delta is not None and not MIN_TRAILING_DELTA <= entry.trailing_delta <= MAX_TRAILING_DELTA:
        raise failure("TRAILING_DELTA")
    if entry.type != "MARKET":
        _counts(entry, open_orders, count)


def _precision(entry: SpotEntry) -> None:
    amounts = (
        ("price", entry.price),
        ("quantity", entry.quantity),
        ("quoteOrderQty", entry.quote_quantity),
        ("stopPrice", entry.stop_price),
        ("icebergQty", entry.iceberg_quantity),
    )
    for name, value in amounts:
        # Trailing zeros are no precision; few numbers have so many decimals that it is worth looking for them.
        if value is not None and -int(value.as_tuple().exponent) > _PRECISION and decimals(value) > _PRECISION:
            raise Rejection(-1111, f"Parameter '{name}' has too much precision.")


def check_quantity(quantity: Decimal, listing: Listing, *, is_market: bool) -> None:
    """LOT_SIZE, and MARKET_LOT_SIZE on market orders."""
    if not listing.min_quantity <= quantity <= listing.max_quantity or not listing.step.fits(quantity):
        raise failure("LOT_SIZE")
    if is_market and quantity > listing.max_market_quantity:
        raise failure("MARKET_LOT_SIZE")


def check_notional(notional: Decimal, listing: Listing, *, is_market: bool) -> None:
    """NOTIONAL; its upper bound spares market orders."""
    if notional < listing.min_notional or (notional > MAX_NOTIONAL and not is_market):
        raise failure("NOTIONAL")


def max_position(listing: Listing) -> Decimal:
    """How much of its base an account's balance and open buys may come to."""
    return listing.max_quantity * _LARGEST_ORDERS_HELD


def _assets(quantity: Decimal, notional: Decimal, listing: Listing) -> None:
    for asset, amount in ((listing.base, quantity), (listing.quote, notional)):
        if amount > MAX_ASSETS.get(asset, amount):
            raise failure("MAX_ASSET")


def _iceberg(entry: SpotEntry, listing: Listing) -> None:
    shown = entry.iceberg_quantity
    if shown is None or not shown:
        return
    check_quantity(shown, listing, is_market=False)
    if entry.quantity is not None and -(-entry.quantity // shown) > ICEBERG_PARTS:
        raise failure("ICEBERG_PARTS")


def _counts(entry: SpotEntry, found: OpenOrders, count: int) -> None:
    if found.symbol + count > MAX_NUM_ORDERS:
        raise failure("MAX_NUM_ORDERS")
    if found.exchange + count > EXCHANGE_MAX_NUM_ORDERS:
        raise failure("EXCHANGE_MAX_NUM_ORDERS")
    if entry.iceberg_quantity and found.symbol_icebergs >= MAX_NUM_ICEBERG_ORDERS:
        raise failure("MAX_NUM_ICEBERG_ORDERS")
    if entry.iceberg_quantity and found.exchange_icebergs >= EXCHANGE_MAX_NUM_ICEBERG_ORDERS:
        raise failure("EXCHANGE_MAX_NUM_ICEBERG_ORDERS")
    if entry.type not in STOP_TYPES:
        return
    if found.symbol_stops >= MAX_NUM_ALGO_ORDERS:
        raise failure("MAX_NUM_ALGO_ORDERS")
    if found.exchange_stops >= EXCHANGE_MAX_NUM_ALGO_ORDERS:
        raise failure("EXCHANGE_MAX_NUM_ALGO_ORDERS")
