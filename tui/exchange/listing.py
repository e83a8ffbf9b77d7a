"""One symbol of the exchange and the rules its orders are held to."""

from dataclasses import dataclass
from decimal import Decimal

from tui.domain.increment import Increment
from tui.domain.product import Product


@dataclass(frozen=True, slots=True)
class Listing:
    """A tradable symbol: `symbol` is Binance's own name; sizes are in base units, or contracts where inverse."""

    product: Product
    symbol: str
    base: str
    quote: str
    margin_asset: str
    tick: Increment
    step: Increment
    min_price: Decimal
    max_price: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    max_market_quantity: Decimal
    min_notional: Decimal
    price_up: Decimal
    price_down: Decimal
    start_price: Decimal
    #: Futures only: the largest number of decimals accepted in text, which may exceed those of tick and step.
    price_precision: int = 8
    quantity_precision: int = 8

    @property
    def is_futures(self) -> bool:
        """Whether orders change positions instead of balances."""
        return self.product.is_futures
