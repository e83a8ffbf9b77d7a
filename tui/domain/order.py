"""Orders: what is asked for, what the exchange says of it, and what is known about it now."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tui.domain.product import Product


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """Order types in the trader's words; each product client turns them into its own."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    STOP_MARKET = "STOP_MARKET"
    STOP_LIMIT = "STOP_LIMIT"
    MARKET_IF_TOUCHED = "MARKET_IF_TOUCHED"
    LIMIT_IF_TOUCHED = "LIMIT_IF_TOUCHED"
    TRAILING_STOP_MARKET = "TRAILING_STOP_MARKET"


class TimeInForce(StrEnum):
    """How long an order may work."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTD = "GTD"


class OrderStatus(StrEnum):
    """Where an order stands. UNKNOWN means: sent, outcome not known, being resolved; it is never resent."""

    INTENT = "INTENT"
    SUBMITTED = "SUBMITTED"
    UNKNOWN = "UNKNOWN"
    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"

    @property
    def is_closed(self) -> bool:
        """Whether nothing more can happen to the order, late fills apart."""
        return self in _CLOSED

    @property
    def is_working(self) -> bool:
        """Whether the exchange is known to hold the order open."""
        return self in (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)


_CLOSED = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED},
)


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order somebody wants: exactly one of `quantity` and `quote_quantity`, and a price only where one belongs."""

    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal | None
    price: Decimal | None = None
    quote_quantity: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    reduce_only: bool = False


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of one of our orders; commission is positive when paid."""

    product: Product
    symbol: str
    trade_id: int
    order_id: int
    client_order_id: str
    side: Side
    price: Decimal
    quantity: Decimal
    commission: Decimal
    commission_asset: str
    is_maker: bool
    time_ms: int
    realized_profit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderReport:
    """One statement of the exchange about one order: a reply, an event of the user stream, or the answer to a query.

    `filled` and `quantity` are cumulative and absolute. `fill` is set when the statement is about one execution.
    """

    product: Product
    symbol: str
    client_order_id: str
    order_id: int
    status: OrderStatus
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal
    filled: Decimal
    price: Decimal | None
    average_price: Decimal | None
    time_ms: int
    post_only: bool = False
    reduce_only: bool = False
    close_position: bool = False
    trigger_price: Decimal | None = None
    reason: str = ""
    fill: Fill | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is known about one order now; `created_ms` is our clock's, `counted_fills` the trade ids already counted."""

    product: Product
    symbol: str
    client_order_id: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal
    price: Decimal | None
    status: OrderStatus
    created_ms: int
    updated_ms: int
    quote_quantity: Decimal | None = None
    order_id: int | None = None
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    post_only: bool = False
    reduce_only: bool = False
    close_position: bool = False
    trigger_price: Decimal | None = None
    reason: str = ""
    is_foreign: bool = False
    cancel_requested: bool = False
    counted_fills: frozenset[int] = field(default_factory=frozenset)

    @property
    def leaves(self) -> Decimal:
        """Quantity still to trade; zero once closed."""
        return Decimal(0) if self.status.is_closed else max(Decimal(0), self.quantity - self.filled)

    @property
    def is_protective(self) -> bool:
        """Whether the order can only shrink a position; cancel-all keeps such orders."""
        return self.reduce_only or self.close_position


def order_from_request(request: OrderRequest, product: Product, client_order_id: str, now_ms: int) -> Order:
    """The order a request becomes when it is written down, before anything is sent."""
    return Order(
        product=product,
        symbol=request.symbol,
        client_order_id=client_order_id,
        side=request.side,
        type=request.type,
        time_in_force=request.time_in_force,
        quantity=request.quantity or Decimal(0),
        quote_quantity=request.quote_quantity,
        price=request.price,
        status=OrderStatus.INTENT,
        created_ms=now_ms,
        updated_ms=now_ms,
        post_only=request.post_only,
        reduce_only=request.reduce_only,
    )
