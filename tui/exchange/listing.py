"""One symbol of the exchange and the rules its orders are held to."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

from tui.domain.increment import Increment
from tui.domain.product import Product

#: Dollars, in name or in coin; they change into each other one to one.
DOLLARS = ("USDT", "USDC", "USD")

#: Decimals kept of what an inverse position is worth; finer than any wallet, so that entry prices read back exactly.
_COIN_UNIT = Decimal("0.0000000000000001")


def worth(quantity: Decimal, price: Decimal, contract_size: Decimal | None) -> Decimal:
    """What a signed quantity is worth at a price, such that profit is worth now less worth at entry.

    Linear: the value. Inverse: less one over the price, because a coin bought with dollars is worth fewer coins the
    dearer it is (Binance futures reference, "Margin maths"); rounded alike for both sides of a trade.
    """
    if contract_size is None:
        return quantity * price
    return -(quantity * contract_size / price).quantize(_COIN_UNIT, ROUND_HALF_EVEN)


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
    #: Inverse contracts only: what one contract is worth in quote units; profit and margin are then in the base coin.
    contract_size: Decimal | None = None
    #: When a quarterly contract is delivered; 0 for everything that never is.
    delivery_ms: int = 0
    #: Value of one tick times one lot in quote units, where the contract is linear.
    unit: Decimal = field(init=False)

    def __post_init__(self) -> None:
        """Reckon what is asked for with every order."""
        object.__setattr__(self, "unit", self.tick.size * self.step.size)

    @property
    def pair(self) -> str:
        """What the contract prices: its symbol without `_PERP` or a delivery date."""
        return self.symbol.partition("_")[0] if self.is_futures else self.symbol

    @property
    def in_dollars(self) -> bool:
        """Whether the quote is a dollar, in name or in coin."""
        return self.quote in DOLLARS

    def worth(self, quantity: Decimal, price: Decimal) -> Decimal:
        """What a signed quantity is worth at a price, such that profit is worth now less worth at entry."""
        return worth(quantity, price, self.contract_size)

    def turnover(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Value of a quantity at a price: in quote units, or in the base coin where the contract is inverse."""
        return quantity * price if self.contract_size is None else quantity * self.contract_size / price

    def filled(self, price_ticks: int, lots: int) -> Decimal:
        """Turnover of lots at a price in ticks."""
        if self.contract_size is None:
            return self.unit * (price_ticks * lots)
        return self.turnover(self.step.value(lots), self.tick.value(price_ticks))

    def average_price(self, quantity: Decimal, value: Decimal) -> Decimal:
        """The price at which a quantity has this value."""
        return value / quantity if self.contract_size is None else quantity * self.contract_size / value

    @property
    def is_futures(self) -> bool:
        """Whether orders change positions instead of balances."""
        return self.product.is_futures
