"""Conditional futures orders: what they wait for and when it has come (futures reference, 6.9)."""

from decimal import Decimal
from enum import StrEnum

import msgspec

from tui.domain.order_terms import Side

ONE = Decimal(1)
STOPS, TAKES, TRAILING = ("STOP", "STOP_MARKET"), ("TAKE_PROFIT", "TAKE_PROFIT_MARKET"), "TRAILING_STOP_MARKET"
PRICED = ("STOP", "TAKE_PROFIT")
CLOSING = ("STOP_MARKET", "TAKE_PROFIT_MARKET")
CONDITIONAL_TYPES = (*STOPS, *TAKES, TRAILING)
MARK, CONTRACT = "MARK_PRICE", "CONTRACT_PRICE"


class AlgoState(StrEnum):
    """Binance's `algoStatus`."""

    NEW = "NEW"
    TRIGGERING = "TRIGGERING"
    TRIGGERED = "TRIGGERED"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"

    @property
    def is_final(self) -> bool:
        """Whether nothing more becomes of the order."""
        return self not in (AlgoState.NEW, AlgoState.TRIGGERING, AlgoState.TRIGGERED)


class AlgoOrder(msgspec.Struct, eq=False):
    """A conditional order with all that became of it.

    `extreme` is the lowest price (BUY) or highest price (SELL) a trailing order has seen since it was placed. The
    actual order is the normal one that the trigger made; it has no id before.
    """

    symbol: str
    side: Side
    type: str
    account_id: str = ""
    algo_id: int = 0
    client_algo_id: str = ""
    position_side: str = "BOTH"
    time_in_force: str = "GTC"
    quantity: Decimal | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    working_type: str = CONTRACT
    price_match: str = "NONE"
    close_position: bool = False
    price_protect: bool = False
    reduce_only: bool = False
    activate_price: Decimal | None = None
    callback_rate: Decimal | None = None
    self_trade_prevention: str = "EXPIRE_MAKER"
    good_till_ms: int = 0
    state: AlgoState = AlgoState.NEW
    created_ms: int = 0
    updated_ms: int = 0
    triggered_ms: int = 0
    is_activated: bool = False
    extreme: Decimal | None = None
    reject_reason: str = ""
    actual_order_id: int = 0
    actual_type: str = ""
    actual_price: Decimal = Decimal(0)
    actual_quantity: Decimal = Decimal(0)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its trigger."""
        return self.state is AlgoState.NEW

    @property
    def is_bound(self) -> bool:
        """Whether it ends with the position it closes."""
        return self.close_position or self.time_in_force == "GTE_GTC"

    @property
    def side_closed(self) -> int:
        """The sign of the position it closes: 1 for a sale, -1 for a purchase."""
        return -1 if self.side is Side.BUY else 1


def is_triggered(order: AlgoOrder, price: Decimal) -> bool:
    """Whether this price is what the order waits for; a trailing order must have seen it by `follow` before."""
    rises = order.side is Side.BUY
    if order.type == TRAILING:
        if not order.is_activated or order.extreme is None or order.callback_rate is None:
            return False
        share = order.callback_rate / 100
        turn = order.extreme * (ONE + share if rises else ONE - share)
        return price >= turn if rises else price <= turn
    assert order.trigger_price is not None
    if order.type in TAKES:
        rises = not rises
    return price >= order.trigger_price if rises else price <= order.trigger_price


def follow(order: AlgoOrder, price: Decimal) -> bool:
    """Let a trailing order see a price; returns whether that activated it."""
    falls = order.side is Side.BUY
    if order.extreme is None or (price < order.extreme if falls else price > order.extreme):
        order.extreme = price
    if order.is_activated:
        return False
    reached = order.activate_price is None or (
        order.extreme <= order.activate_price if falls else order.extreme >= order.activate_price
    )
    order.is_activated = reached
    return reached


def would_trigger(order: AlgoOrder, price: Decimal) -> bool:
    """Whether the order stands on the wrong side of this price when it is placed."""
    if order.type == TRAILING:
        if order.activate_price is None:
            return False
        return order.activate_price >= price if order.side is Side.BUY else order.activate_price <= price
    return is_triggered(order, price)
