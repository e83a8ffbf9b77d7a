"""What may be asked of the engine, and what it answers; the only way in, for keys, command line and scripts alike."""

from enum import StrEnum
from typing import Protocol

from tui.domain.order import OrderListRequest, OrderRequest
from tui.engine.commands.account import (
    AccountCommand,
    AddMargin,
    Borrow,
    Repay,
    SetHedgeMode,
    SetIsolated,
    SetLeverage,
    SetMultiAssets,
    Transfer,
)
from tui.engine.commands.answers import Preview, Reply
from tui.engine.commands.automation import AlertCommand, AlgoCommand, StartAlgo, StopAlgo
from tui.engine.commands.orders import (
    CancelEntries,
    CancelOrder,
    CancelOrders,
    ChangeOrder,
    ChangeOrders,
    ClosePosition,
    Flatten,
    OrderCommand,
    Protect,
    ReversePosition,
    SetCountdown,
    SubmitOrder,
    SubmitOrderList,
    SubmitOrders,
)
from tui.engine.commands.safety import Arm, Halt, SafetyCommand
from tui.engine.commands.views import ShowOrderHistory, ViewCommand
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


Command = OrderCommand | AccountCommand | AlgoCommand | AlertCommand | ViewCommand | SafetyCommand | ShowOrderHistory


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

#: What changes the account, or lets something change it: all that is reviewed, and what takes back or lets go on.
WRITES = (*REVIEWED, CancelOrder, CancelOrders, CancelEntries, SetCountdown, StopAlgo, Arm, Halt)


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
