"""Orders: what is asked for, what the exchange says of it, and what is known about it now."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tui.domain.order_terms import PLAIN, OrderType, PositionSide, Side, Terms, TimeInForce
from tui.domain.product import Product


class Forced(StrEnum):
    """Why the exchange itself made an order for the account."""

    LIQUIDATION = "liquidation"
    ADL = "auto-deleveraging"
    SETTLEMENT = "settlement"
    DELIVERY = "delivery"
    INSURANCE = "insurance fund takeover"


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
    """An order somebody wants: exactly one of `quantity` and `quote_quantity`, and a price only where one belongs.

    `close_position` asks a conditional futures order to close whatever the position is when it triggers; its
    `quantity` then only serves local checks.
    """

    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal | None
    price: Decimal | None = None
    quote_quantity: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    reduce_only: bool = False
    close_position: bool = False
    terms: Terms = PLAIN
    #: The client order id a script wants kept exactly; empty lets the program make one.
    client_order_id: str = ""

    @property
    def only_shrinks(self) -> bool:
        """Whether the order can only shrink a position; in hedge mode the side against the position's says so."""
        return self.reduce_only or self.close_position or self.side is _CLOSING_SIDE.get(self.terms.position_side)


#: The side that closes each position of hedge mode.
_CLOSING_SIDE = {PositionSide.LONG: Side.SELL, PositionSide.SHORT: Side.BUY}


@dataclass(frozen=True, slots=True)
class OrderListRequest:
    """Orders that depend on each other, of one symbol.

    An `entry` with one leg is OTO, with two legs OTOCO (a bracket); two legs without entry are OCO. Legs are given as
    the profit leg first, then the stop. `sized_from_entry` takes the legs' size from what the entry really bought
    (spot OPO and OPOCO).
    """

    entry: OrderRequest | None
    legs: tuple[OrderRequest, ...]
    sized_from_entry: bool = False

    @property
    def symbol(self) -> str:
        """The symbol of all its orders."""
        return self.legs[0].symbol if self.entry is None else self.entry.symbol


class LegRole(StrEnum):
    """What an order is within a list."""

    NONE = ""
    ENTRY = "entry"
    TAKE_PROFIT = "take profit"
    STOP_LOSS = "stop loss"

    @property
    def is_exit(self) -> bool:
        """Whether the order is there to leave a position."""
        return self in (LegRole.TAKE_PROFIT, LegRole.STOP_LOSS)


@dataclass(frozen=True, slots=True)
class OrderChange:
    """A new price and a new total quantity for a working order; None leaves one as it is."""

    price: Decimal | None = None
    quantity: Decimal | None = None
    trigger_price: Decimal | None = None


class ChangeKind(StrEnum):
    """How the exchange changes an order, and what becomes of its place in the queue."""

    KEEPS_QUEUE = "keeps its place in the queue"
    LOSES_QUEUE = "goes to the end of the queue"
    REPLACES = "is cancelled and sent anew, at the end of the queue"


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
    position_side: PositionSide = PositionSide.BOTH
    #: The commission is our estimate, or the execution was inferred because no source tells of it.
    is_estimated: bool = False
    forced: Forced | None = None

    @property
    def key(self) -> tuple[Product, str, int, int]:
        """What tells it apart: the two halves of a trade with oneself have one number, and an order each."""
        return self.product, self.symbol, self.trade_id, self.order_id


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
    terms: Terms = PLAIN
    reason: str = ""
    fill: Fill | None = None
    quote_quantity: Decimal | None = None
    #: Number in the futures service for conditional orders; `order_id` is the triggered order's once there is one.
    algo_id: int | None = None
    is_triggered: bool = False
    #: A trailing order has met the price it begins at and follows the market since.
    is_trailing: bool = False
    #: A leg of a spot list that is not in the book until the entry has filled (PENDING_NEW).
    awaits_entry: bool = False
    #: Quantity taken away by self-trade prevention.
    prevented: Decimal = Decimal(0)
    #: The exchange's number of the list the order belongs to.
    list_id: int | None = None
    forced: Forced | None = None
    #: The rejection says that a post-only order would have taken.
    would_take: bool = False
    #: The order was changed in place (AMENDMENT, REPLACED): `quantity` and `price` are the new ones.
    is_amendment: bool = False
    #: The statement tells of its `fill` alone (TRADE_LITE): status, `filled` and the terms are not in it.
    is_lite: bool = False
    #: The exchange's own words for "status", "type" and "tif" that mean nothing here.
    unfamiliar: tuple[tuple[str, str], ...] = ()


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
    terms: Terms = PLAIN
    reason: str = ""
    is_foreign: bool = False
    cancel_requested: bool = False
    change_requested: bool = False
    counted_fills: frozenset[int] = field(default_factory=frozenset)
    algo_id: int | None = None
    is_triggered: bool = False
    is_trailing: bool = False
    awaits_entry: bool = False
    prevented: Decimal = Decimal(0)
    list_id: int | None = None
    forced: Forced | None = None
    would_take: bool = False
    #: Our own name of the list, bracket or algo the order belongs to; empty when it stands alone.
    group: str = ""
    role: LegRole = LegRole.NONE
    #: The client id of the order whose place this one took, and what had filled of it and of those before.
    replaces: str = ""
    filled_before: Decimal = Decimal(0)
    #: The exchange keeps the order until cancelled; the end of its GTD time is kept here.
    expires_here: bool = False
    #: The exchange's time of the newest statement about price and quantity, and whether it told of a change.
    terms_as_of: tuple[int, bool] = (0, False)
    #: Sum of the executions in `counted_fills`.
    counted_quantity: Decimal = Decimal(0)
    #: See `OrderReport.unfamiliar`.
    unfamiliar: tuple[tuple[str, str], ...] = ()

    def said(self, what: str) -> str:
        """The exchange's own word for the order's "status", "type" or "tif", where it means nothing here; else ""."""
        return dict(self.unfamiliar).get(what, "")

    @property
    def trigger_price(self) -> Decimal | None:
        """The price that makes a conditional order work."""
        return self.terms.trigger_price

    @property
    def position_side(self) -> PositionSide:
        """The position of the contract the order is for."""
        return self.terms.position_side

    @property
    def spent(self) -> Decimal:
        """Quantity that is not to trade any more: filled, or taken away by self-trade prevention (spot, "STP FAQ")."""
        return self.filled + self.prevented

    @property
    def leaves(self) -> Decimal:
        """Quantity still to trade; zero once closed."""
        return Decimal(0) if self.status.is_closed else max(Decimal(0), self.quantity - self.spent)

    @property
    def is_protective(self) -> bool:
        """Whether the order can only shrink a position; cancel-all keeps such orders.

        In hedge mode no order says reduce-only: the side against the position's says it.
        """
        closes = self.side is _CLOSING_SIDE.get(self.terms.position_side)
        return self.reduce_only or self.close_position or closes or self.role.is_exit


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
        close_position=request.close_position,
        terms=request.terms,
    )
