"""What the account holds."""

from dataclasses import dataclass
from decimal import Decimal

from tui.domain.order import Side
from tui.domain.product import Product


@dataclass(frozen=True, slots=True)
class Balance:
    """One asset in one wallet; on futures `free` is what new positions may use and `locked` what margin holds."""

    product: Product
    asset: str
    free: Decimal
    locked: Decimal
    time_ms: int

    @property
    def total(self) -> Decimal:
        """Free and locked together."""
        return self.free + self.locked


@dataclass(frozen=True, slots=True)
class Position:
    """One open contract position; `quantity` is signed, negative when short."""

    product: Product
    symbol: str
    quantity: Decimal
    entry_price: Decimal
    time_ms: int
    mark_price: Decimal | None = None
    liquidation_price: Decimal | None = None
    leverage: int | None = None
    margin: Decimal | None = None
    is_isolated: bool = False

    @property
    def side(self) -> Side:
        """BUY when long, SELL when short."""
        return Side.BUY if self.quantity > 0 else Side.SELL

    def profit(self, mark_price: Decimal) -> Decimal:
        """Unrealised profit in quote units at a mark price; linear contracts only."""
        return (mark_price - self.entry_price) * self.quantity
