"""Orders as the exchange keeps them: whole ticks and lots, Binance's own words for types and states."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tui.domain.order import Side
from tui.exchange.listing import Listing


class OrderState(StrEnum):
    """Binance's order status, spot and futures together."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade."""
        return self in (OrderState.NEW, OrderState.PARTIALLY_FILLED)


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """A new order as a client sent it, parsed but not yet checked against any rule."""

    symbol: str
    side: Side
    type: str
    time_in_force: str | None = None
    quantity: Decimal | None = None
    quote_quantity: Decimal | None = None
    price: Decimal | None = None
    client_order_id: str | None = None
    reduce_only: bool = False
    position_side: str = "BOTH"
    self_trade_prevention: str | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """One account's half of a trade."""

    trade_id: int
    price_ticks: int
    lots: int
    is_maker: bool
    commission: Decimal
    commission_asset: str
    time_ms: int
    realized_profit: Decimal = Decimal(0)


@dataclass(slots=True, eq=False)
class ExchangeOrder:
    """An order with its state; mutable, owned by its venue. `price_ticks` is 0 for market orders.

    Filled amount in quote units is `filled_quote`. `quote_budget` is what a market order by quote amount may spend.
    """

    order_id: int
    client_order_id: str
    account_id: str
    listing: Listing
    side: Side
    type: str
    time_in_force: str
    price_ticks: int
    lots: int
    created_ms: int
    updated_ms: int
    state: OrderState = OrderState.NEW
    filled_lots: int = 0
    filled_quote: Decimal = Decimal(0)
    quote_budget: Decimal | None = None
    reduce_only: bool = False
    position_side: str = "BOTH"
    self_trade_prevention: str = "EXPIRE_MAKER"
    expiry_reason: str = "NONE"
    #: The client id before a cancel gave the order a new one (spot).
    original_client_order_id: str | None = None
    executions: list[Execution] = field(default_factory=list)

    @property
    def leaves(self) -> int:
        """Lots still to trade."""
        return self.lots - self.filled_lots
