"""Spot orders with all that Binance lets one carry."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tui.domain.order_terms import Side
from tui.exchange.orders import ExchangeOrder, OrderEntry, Prevention

if TYPE_CHECKING:
    from tui.exchange.spot.settlement import Hold

#: Types that wait for the last price, and those of them that then become a limit order.
STOP_TYPES = ("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
LIMIT_TYPES = ("LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")


@dataclass(frozen=True, slots=True)
class Peg:
    """A price that follows from the book when the order enters it: PRIMARY_PEG own side, MARKET_PEG the other."""

    price_type: str
    offset_type: str | None = None
    offset: int | None = None


class SpotEntry(OrderEntry, frozen=True):
    """A new spot order as a client sent it. `trailing_delta` is in basis points."""

    stop_price: Decimal | None = None
    trailing_delta: int | None = None
    iceberg_quantity: Decimal | None = None
    strategy_id: int | None = None
    strategy_type: int | None = None
    peg: Peg | None = None
    uses_sor: bool = False

    @classmethod
    def of(cls, entry: OrderEntry) -> "SpotEntry":
        """The same order, where it is none of spot's own yet."""
        if isinstance(entry, SpotEntry):
            return entry
        return cls(
            entry.symbol,
            entry.side,
            entry.type,
            entry.time_in_force,
            entry.quantity,
            entry.quote_quantity,
            entry.price,
            entry.client_order_id,
            self_trade_prevention=entry.self_trade_prevention,
        )


@dataclass(frozen=True, slots=True)
class Amendment:
    """One reduction of an order that kept its place."""

    execution_id: int
    original_client_order_id: str
    new_client_order_id: str
    old_lots: int
    new_lots: int
    time_ms: int


class SpotOrder(ExchangeOrder, eq=False):
    """A spot order with its state; prices in ticks.

    `working_ms` is -1 until the order is on the book or matching. `is_waiting` while a stop has not triggered.
    `stated_ticks` is the price as sent, which pegged orders may lack. `lock_ticks` prices what a buy sets aside.
    """

    stop_ticks: int = 0
    trailing_delta: int | None = None
    trailing_ms: int = -1
    #: The highest (selling) or lowest (buying) trade since a trailing order became active; 0 before.
    extreme_ticks: int = 0
    strategy_id: int | None = None
    strategy_type: int | None = None
    peg: Peg | None = None
    uses_sor: bool = False
    stated_ticks: int = 0
    lock_ticks: int = 0
    list_id: int = -1
    working_ms: int = -1
    is_waiting: bool = False
    #: Whether the pending order of an OPO list still has no quantity.
    lacks_quantity: bool = False
    hold: "Hold | None" = None
    #: Where the working order of an OPO list collects what it buys.
    proceeds: "Hold | None" = None
    preventions: list[Prevention] = msgspec.field(default_factory=list)
    changes: list[Amendment] = msgspec.field(default_factory=list)

    @property
    def is_stop(self) -> bool:
        """Whether the order waits, or waited, for a price."""
        return self.type in STOP_TYPES

    @property
    def is_market(self) -> bool:
        """Whether the order takes at any price once it works."""
        return self.type not in LIMIT_TYPES

    @property
    def triggers_above(self) -> bool:
        """Whether a rising price triggers it (or, for trailing ones, activates it)."""
        return self.type.startswith("STOP_LOSS") == (self.side is Side.BUY)


def spot_order(order: ExchangeOrder) -> SpotOrder:
    """The order as the spot order it is."""
    assert isinstance(order, SpotOrder)
    return order
