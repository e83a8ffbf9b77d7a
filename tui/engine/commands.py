"""What may be asked of the engine, and what it answers; the only way in, for keys, command line and scripts alike."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from tui.domain.order import OrderRequest
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


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """Send an order. `reviewed` says that the trader saw it spelled out and pressed Enter for exactly this."""

    request: OrderRequest
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Cancel one order."""

    client_order_id: str


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


Command = (
    SubmitOrder
    | CancelOrder
    | CancelEntries
    | ClosePosition
    | FocusSymbol
    | WatchSymbols
    | ShowCandles
    | Arm
    | Lock
    | Halt
    | ResolveOrder
    | RebuildBook
    | SetLimit
    | ConfirmEnvironment
)

#: What changes the account, or lets something change it.
WRITES = (SubmitOrder, CancelOrder, CancelEntries, ClosePosition, Arm, Halt)


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


class Desk(Protocol):
    """The engine as a screen or script sees it; every method may be called from any thread and returns at once."""

    store: Store

    def send(self, command: Command, origin: Origin) -> int:
        """Queue a command and return its id."""

    def replies(self) -> list[Reply]:
        """Replies not taken yet, oldest first."""

    def preview(self, request: OrderRequest) -> Preview:
        """Judge an order against the guards and the book of this moment, without sending it or asking for review."""
