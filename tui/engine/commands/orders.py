"""Orders, and everything that sends, changes or cancels them."""

from dataclasses import dataclass
from decimal import Decimal

from tui.domain.order import OrderChange, OrderListRequest, OrderRequest
from tui.domain.order_terms import PositionSide


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """Send an order. `reviewed` says that the trader saw it spelled out and pressed Enter for exactly this.

    `protects` says that it belongs to the position that is held now, and goes with it.
    """

    request: OrderRequest
    reviewed: bool = False
    protects: bool = False


@dataclass(frozen=True, slots=True)
class SubmitOrders:
    """Send several independent orders, in batches where the product has them; each is judged and answered apart."""

    requests: tuple[OrderRequest, ...]
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SubmitOrderList:
    """Send orders that depend on each other: held by the exchange where it can, otherwise by the engine."""

    request: OrderListRequest
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """Change price or total quantity of a working order; the reply says what became of its place in the queue."""

    client_order_id: str
    change: OrderChange
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class ChangeOrders:
    """Change several working orders, in batches where the product has them."""

    changes: tuple[tuple[str, OrderChange], ...]
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Cancel one order."""

    client_order_id: str


@dataclass(frozen=True, slots=True)
class CancelOrders:
    """Cancel exactly these orders, protective ones too."""

    client_order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CancelEntries:
    """Cancel the working orders of a symbol, or of the account when None; protective orders stay unless named."""

    symbol: str | None
    include_protective: bool = False


@dataclass(frozen=True, slots=True)
class ClosePosition:
    """Close a part (0 < fraction <= 1) of a position: a reduce-only market order, or limit at `price`."""

    symbol: str
    fraction: Decimal = Decimal(1)
    price: Decimal | None = None
    reviewed: bool = False
    position_side: PositionSide = PositionSide.BOTH
    #: What no virtual position explains is meant.
    unassigned: bool = False


@dataclass(frozen=True, slots=True)
class ReversePosition:
    """Close a position, and once that has filled open the same size the other way, at market; always reviewed.

    `held` is the signed size that the trader saw; where it has changed since, nothing is sent.
    """

    symbol: str
    position_side: PositionSide = PositionSide.BOTH
    reviewed: bool = False
    held: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Flatten:
    """Close every position of the account at market; the trader typed the word."""

    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Protect:
    """Put a stop and a target on a whole position, replacing what protects it; None leaves one as it is, zero removes.

    `stop_price` or `target_price` in quote units.
    """

    symbol: str
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    position_side: PositionSide = PositionSide.BOTH
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SetCountdown:
    """Dead-man switch of a futures symbol: cancel its orders unless fed within so many ms; zero ends it."""

    symbol: str
    countdown_ms: int


@dataclass(frozen=True, slots=True)
class ResolveOrder:
    """Ask the exchange now what became of an order whose outcome is not known."""

    client_order_id: str


#: Orders and everything that sends, changes or cancels them.
OrderCommand = (
    SubmitOrder
    | SubmitOrders
    | SubmitOrderList
    | ChangeOrder
    | ChangeOrders
    | CancelOrder
    | CancelOrders
    | CancelEntries
    | ClosePosition
    | ReversePosition
    | Flatten
    | Protect
    | SetCountdown
    | ResolveOrder
)
