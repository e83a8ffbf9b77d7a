"""The symbols of the exchange and their trading rules, sized like Binance's own (exchangeInfo, November 2026)."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import cache

from tui.domain.increment import Increment
from tui.domain.product import Product
from tui.exchange.delivery import deliveries, delivery_of, delivery_suffix
from tui.exchange.listing import Listing

# base, quote, opening price, tick, step, largest quantity, largest market quantity, minimum notional
_SPOT = """
BTC  USDT 91234.50   0.01       0.00001 9000       120       5
ETH  USDT 3118.40    0.01       0.0001  9000       2500      5
BNB  USDT 884.20     0.01       0.001   9000       3500      5
SOL  USDT 141.85     0.01       0.001   90000      20000     5
XRP  USDT 2.2140     0.0001     0.1     9222449    2500000   5
DOGE USDT 0.15840    0.00001    1       9000000    5000000   5
ADA  USDT 0.4835     0.0001     0.1     900000     700000    5
LINK USDT 14.12      0.01       0.01    90000      40000     5
AVAX USDT 15.37      0.01       0.01    90000      40000     5
LTC  USDT 92.41      0.01       0.001   90000      9000      5
DOT  USDT 2.614      0.001      0.01    90000      80000     5
TRX  USDT 0.2907     0.0001     0.1     9000000    5000000   5
SUI  USDT 1.6120     0.0001     0.1     900000     500000    5
PEPE USDT 0.00001134 0.00000001 1       9222449000 900000000 1
ETH  BTC  0.03418    0.00001    0.0001  100000     1500      0.0001
BTC  USDC 91234.50   0.01       0.00001 9000       120       5
ETH  USDC 3118.40    0.01       0.0001  9000       2500      5
"""

# base, opening price, tick, step, largest quantity, largest market quantity, minimum notional, price precision
_PERPETUALS = """
BTC      91220.10  0.10      0.001 1000      120      50 2
ETH      3117.95   0.01      0.001 10000     2000     20 2
BNB      884.05    0.01      0.01  10000     2000     5  3
SOL      141.82    0.01      0.01  1000000   5000     5  4
XRP      2.2136    0.0001    0.1   10000000  2000000  5  4
DOGE     0.15837   0.00001   1     50000000  30000000 5  6
ADA      0.4834    0.0001    1     2000000   300000   5  5
LINK     14.117    0.001     0.01  20000     20000    5  3
AVAX     15.366    0.001     1     100000    5000     5  4
LTC      92.39     0.01      0.001 10000     5000     5  2
1000PEPE 0.0113382 0.0000001 1     100000000 75000000 5  7
"""

# base, opening price, tick, dollars a contract, largest quantity, largest market quantity, price precision
_INVERSE = """
BTC  91218.40 0.1     100 1000000 60000 1
ETH  3117.88  0.01    10  1000000 60000 2
BNB  884.02   0.01    10  1000000 30000 2
SOL  141.81   0.01    10  1000000 30000 2
XRP  2.2135   0.0001  10  1000000 30000 4
DOGE 0.15836  0.00001 10  1000000 30000 5
ADA  0.4833   0.0001  10  1000000 20000 4
LINK 14.116   0.001   10  1000000 20000 3
"""

#: Coins with quarterly contracts, and what a year of holding one costs above spot.
_DELIVERED = ("BTC", "ETH")
_CARRY = Decimal("0.05")
_YEAR_MS = 365 * 86_400_000


@cache
def _catalogue(product: Product) -> tuple[Listing, ...]:
    if product is Product.SPOT:
        return tuple(_spot(*line.split()) for line in _SPOT.strip().splitlines())
    if product is Product.USDM:
        return tuple(_perpetual(*line.split()) for line in _PERPETUALS.strip().splitlines())
    if product is Product.COINM:
        return tuple(_inverse(*line.split()) for line in _INVERSE.strip().splitlines())
    return ()


def listings(product: Product, now_ms: int | None = None, known: Iterable[str] = ()) -> list[Listing]:
    """Every symbol of a product, the busiest first; empty for products the exchange does not carry.

    With a time, futures have the quarterly contracts of that time too, and those among the `known` symbols that have
    been delivered meanwhile.
    """
    found = list(_catalogue(product))
    if now_ms is None or not product.is_futures:
        return found
    past = {delivery_of(symbol) for symbol in known} - {0}
    times = sorted({*deliveries(now_ms), *(time for time in past if time <= now_ms)})
    quarterly = [listing for listing in found if listing.base in _DELIVERED]
    return found + [_delivered(listing, time, now_ms) for listing in quarterly for time in times]


def _delivered(perpetual: Listing, delivery_ms: int, now_ms: int) -> Listing:
    """The contract of one delivery date, priced above its perpetual by what holding it until then costs."""
    carry = 1 + _CARRY * max(0, delivery_ms - now_ms) / _YEAR_MS
    return replace(
        perpetual,
        symbol=f"{perpetual.pair}_{delivery_suffix(delivery_ms)}",
        start_price=perpetual.tick.round(perpetual.start_price * carry),
        delivery_ms=delivery_ms,
    )


def coin_of(listing: Listing) -> tuple[str, int]:
    """The coin a symbol prices, and how many coins one base unit is: `1000PEPE` is a thousand PEPE."""
    return (listing.base[4:], 1000) if listing.base.startswith("1000") else (listing.base, 1)


def _spot(
    base: str, quote: str, price: str, tick: str, step: str, largest: str, largest_market: str, notional: str
) -> Listing:
    return Listing(
        product=Product.SPOT,
        symbol=base + quote,
        base=base,
        quote=quote,
        margin_asset=quote,
        tick=Increment(Decimal(tick)),
        step=Increment(Decimal(step)),
        min_price=Decimal(tick),
        max_price=Decimal(1_000_000) if Decimal(price) > 1000 else Decimal(100_000),
        min_quantity=Decimal(step),
        max_quantity=Decimal(largest),
        max_market_quantity=Decimal(largest_market),
        min_notional=Decimal(notional),
        price_up=Decimal(5),
        price_down=Decimal("0.2"),
        start_price=Decimal(price),
    )


def _perpetual(
    base: str, price: str, tick: str, step: str, largest: str, largest_market: str, notional: str, precision: str
) -> Listing:
    lot = Increment(Decimal(step))
    return Listing(
        product=Product.USDM,
        symbol=base + "USDT",
        base=base,
        quote="USDT",
        margin_asset="USDT",
        tick=Increment(Decimal(tick)),
        step=lot,
        min_price=Decimal(tick),
        max_price=Decimal(9_000_000) if base == "BTC" else Decimal(1_000_000),
        min_quantity=Decimal(step),
        max_quantity=Decimal(largest),
        max_market_quantity=Decimal(largest_market),
        min_notional=Decimal(notional),
        price_up=Decimal("1.05"),
        price_down=Decimal("0.95"),
        start_price=Decimal(price),
        price_precision=int(precision),
        quantity_precision=lot.decimals,
    )


def _inverse(
    base: str, price: str, tick: str, dollars: str, largest: str, largest_market: str, precision: str
) -> Listing:
    return Listing(
        product=Product.COINM,
        symbol=base + "USD_PERP",
        base=base,
        quote="USD",
        margin_asset=base,
        tick=Increment(Decimal(tick)),
        step=Increment(Decimal(1)),
        min_price=Decimal(tick),
        max_price=Decimal(4_520_958) if base == "BTC" else Decimal(1_000_000),
        min_quantity=Decimal(1),
        max_quantity=Decimal(largest),
        max_market_quantity=Decimal(largest_market),
        # The smallest order is one contract; no filter says so.
        min_notional=Decimal(0),
        price_up=Decimal("1.05"),
        price_down=Decimal("0.95"),
        start_price=Decimal(price),
        price_precision=int(precision),
        quantity_precision=0,
        contract_size=Decimal(dollars),
    )
