"""Average prices of executions."""

from collections.abc import Iterable
from decimal import Decimal

from tui.domain.product import Product

_ZERO = Decimal(0)


def average_price(product: Product, executions: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The price at which all sizes together would be worth the same; None where there are none.

    `executions` are sizes and prices. What is counted in contracts is worth coin, `size / price`: so their average is
    the harmonic one (derivatives reference 7.8, entry price).
    """
    total = value = _ZERO
    for size, price in executions:
        total += size
        value += size / price if product is Product.COINM else size * price
    if not total or not value:
        return None
    return total / value if product is Product.COINM else value / total


def price_of_rest(
    product: Product, size: Decimal, average: Decimal, known: Iterable[tuple[Decimal, Decimal]]
) -> Decimal | None:
    """At what price the rest of a size was executed, given the average of all of it and a part; None if at none."""
    price = average_price(product, [(size, average), *((-part, price) for part, price in known)])
    return price if price is not None and price > 0 else None
