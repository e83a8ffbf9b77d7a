"""What may be asked of the engine, and what it answers; the only way in, for keys, command line and scripts alike."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from tui.domain.order import OrderChange, OrderListRequest, OrderRequest, PositionSide
from tui.domain.product import Product
from tui.engine.alerts.alert import AlertRequest
from tui.engine.algos.plan import AlgoPlan
from tui.engine.order_history import OrderKey
from tui.engine.store import Store


class Origin(StrEnum):
    """Who asked; kept in the journal."""

    LADDER = "ladder"
    TICKET = "ticket"
    COMMAND_LINE = "command line"
    ORDERS = "orders"
    POSITIONS = "positions"
    KEY = "key"
    SCRIPT = "script"
    #: A client-side algo, a bracket or a timer of the engine itself.
    ALGO = "algo"


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
class SetLeverage:
    """Change the leverage of a contract."""

    symbol: str
    leverage: int
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SetIsolated:
    """Hold a contract's margin isolated, or across positions."""

    symbol: str
    isolated: bool
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class AddMargin:
    """Add to an isolated position's margin, or take from it where negative."""

    symbol: str
    amount: Decimal
    position_side: PositionSide = PositionSide.BOTH
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SetHedgeMode:
    """Hold long and short of one contract apart, or net."""

    product: Product
    hedge: bool
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SetMultiAssets:
    """Let all assets of a futures wallet serve as margin, or each contract's own alone."""

    product: Product
    multi: bool
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Borrow:
    """Borrow an asset on margin; `pair` is the program symbol of an isolated wallet, empty for cross."""

    asset: str
    amount: Decimal
    pair: str = ""
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Repay:
    """Pay back borrowed assets."""

    asset: str
    amount: Decimal
    pair: str = ""
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move an asset between the spot and a margin wallet."""

    asset: str
    amount: Decimal
    into_margin: bool
    pair: str = ""
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SetCountdown:
    """Dead-man switch of a futures symbol: cancel its orders unless fed within so many ms; zero ends it."""

    symbol: str
    countdown_ms: int


@dataclass(frozen=True, slots=True)
class StartAlgo:
    """Begin a client-side algo: scale, chase or TWAP; bound by every guard."""

    plan: AlgoPlan
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class StopAlgo:
    """End an algo and cancel its working orders; an empty name ends all."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class AddAlert:
    """Tell the trader when something happens."""

    request: AlertRequest


@dataclass(frozen=True, slots=True)
class RemoveAlert:
    """Forget an alert by its number; zero forgets all."""

    number: int


@dataclass(frozen=True, slots=True)
class FollowSymbols:
    """Keep the books and trades of these symbols true as well, beside the focused one (replaces the former set)."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadEarlierCandles:
    """Fetch candles before the oldest one held of a series that is shown."""

    symbol: str
    interval: str


@dataclass(frozen=True, slots=True)
class StopWork:
    """Give up long work that `store.work` shows."""

    number: int


@dataclass(frozen=True, slots=True)
class ShowOrderHistory:
    """Read all the journal has of an order into `store.order_history`, and keep it true until another is asked for."""

    which: OrderKey


@dataclass(frozen=True, slots=True)
class FocusSymbol:
    """Keep book, trades, ticker, mark price and candles of this symbol true from now on."""

    symbol: str


@dataclass(frozen=True, slots=True)
class WatchSymbols:
    """Keep the tickers of these symbols true from now on (replaces the former list)."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShowCandles:
    """Load and follow candles of the focused symbol at this interval."""

    symbol: str
    interval: str


@dataclass(frozen=True, slots=True)
class FollowCandles:
    """Load and follow these candles as well, beside those of the focused symbol (replaces the former set).

    Each is a symbol and an interval; the focus stays where it is.
    """

    wanted: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Arm:
    """Let keys send at once until disarmed or idle."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Let nothing be sent without review; `why` is shown."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Halt:
    """Cancel entries everywhere, lock, and refuse new orders until armed again."""


@dataclass(frozen=True, slots=True)
class ResolveOrder:
    """Ask the exchange now what became of an order whose outcome is not known."""

    client_order_id: str


@dataclass(frozen=True, slots=True)
class RebuildBook:
    """Throw the focused book away and fetch it again."""


@dataclass(frozen=True, slots=True)
class SetLimit:
    """Change one guard's number for this session: `max.order.notional`, `price.distance` (see `engine.limit_names`)."""

    name: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class ConfirmEnvironment:
    """Say that real money is meant: `name` must be the environment's own, typed by the trader."""

    name: str


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

#: How the account is set up, and loans.
AccountCommand = SetLeverage | SetIsolated | AddMargin | SetHedgeMode | SetMultiAssets | Borrow | Repay | Transfer

AlgoCommand = StartAlgo | StopAlgo

AlertCommand = AddAlert | RemoveAlert

#: What is looked at.
ViewCommand = (
    FocusSymbol
    | FollowSymbols
    | WatchSymbols
    | ShowCandles
    | FollowCandles
    | LoadEarlierCandles
    | StopWork
    | RebuildBook
)

#: Whether, and within which limits, anything may be sent.
SafetyCommand = Arm | Lock | Halt | SetLimit | ConfirmEnvironment

Command = OrderCommand | AccountCommand | AlgoCommand | AlertCommand | ViewCommand | SafetyCommand | ShowOrderHistory

#: What changes the account, or lets something change it.
WRITES = (
    SubmitOrder,
    SubmitOrders,
    SubmitOrderList,
    ChangeOrder,
    ChangeOrders,
    CancelOrder,
    CancelOrders,
    CancelEntries,
    ClosePosition,
    ReversePosition,
    Flatten,
    Protect,
    SetLeverage,
    SetIsolated,
    AddMargin,
    SetHedgeMode,
    SetMultiAssets,
    Borrow,
    Repay,
    Transfer,
    SetCountdown,
    StartAlgo,
    StopAlgo,
    Arm,
    Halt,
)


#: What says whether the trader saw it spelled out before it was sent.
REVIEWED = (
    SubmitOrder,
    SubmitOrders,
    SubmitOrderList,
    ChangeOrder,
    ChangeOrders,
    ClosePosition,
    ReversePosition,
    Flatten,
    Protect,
    SetLeverage,
    SetIsolated,
    AddMargin,
    SetHedgeMode,
    SetMultiAssets,
    Borrow,
    Repay,
    Transfer,
    StartAlgo,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was not sent: the rule's stable name, a sentence with the value and the remedy."""

    rule: str
    text: str
    #: The same order made acceptable, where there is one obvious correction (rounded price, size).
    offer: OrderRequest | None = None


class Result(StrEnum):
    """How a command ended."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the command with the same id; `text` is one line for the trader."""

    command_id: int
    result: Result
    text: str
    refusal: Refusal | None = None
    client_order_id: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would mean if it were sent now; amounts in the instrument's quote asset, None where not known."""

    request: OrderRequest
    price: Decimal | None
    quantity: Decimal | None
    notional: Decimal | None
    fee: Decimal | None
    margin: Decimal | None
    refusal: Refusal | None
    #: Names of the guards it passed, in order.
    passed: tuple[str, ...]
    text: str
    #: What is lost if the stop of its bracket is hit, and what is won at the target; fees included.
    risk: Decimal | None = None
    reward: Decimal | None = None
    #: Where the position it makes would be liquidated.
    liquidation_price: Decimal | None = None
    #: The order's own answer to things to know that stop nothing (would trigger at once, GTD converted, …).
    notes: tuple[str, ...] = ()


class Desk(Protocol):
    """The engine as a screen or script sees it; every method may be called from any thread and returns at once."""

    store: Store

    def send(self, command: Command, origin: Origin) -> int:
        """Queue a command and return its id."""

    def replies(self) -> list[Reply]:
        """Replies not taken yet, oldest first."""

    def preview(self, request: OrderRequest | OrderListRequest) -> Preview:
        """Judge an order against the guards and the book of this moment, without sending it or asking for review.

        For orders that depend on each other the entry is judged with risk and reward of its legs.
        """
