"""Orders that belong together: one cancels the other, one waits for the other, or both."""

from dataclasses import dataclass, field

import msgspec

from tui.exchange.listing import Listing
from tui.exchange.spot.order import SpotOrder


@dataclass(slots=True, eq=False)
class OrderList:
    """A list with its orders, the working one first; `kind` is OCO, OTO, OTOCO, OPO or OPOCO."""

    list_id: int
    account_id: str
    listing: Listing
    kind: str
    client_list_id: str
    time_ms: int
    orders: list[SpotOrder] = field(default_factory=list)
    is_done: bool = False
    #: While the list itself ends its orders, their ends have no further consequences.
    is_closing: bool = False

    @property
    def contingency(self) -> str:
        """Binance's `contingencyType`: everything that begins with a working order is an OTO."""
        return "OCO" if self.kind == "OCO" else "OTO"

    @property
    def status(self) -> str:
        """Binance's `listOrderStatus`."""
        return "ALL_DONE" if self.is_done else "EXECUTING"

    @property
    def working(self) -> SpotOrder | None:
        """The order the others wait for."""
        return None if self.kind == "OCO" else self.orders[0]

    @property
    def pending(self) -> list[SpotOrder]:
        """The orders that wait for the working one; none in an OCO."""
        return [] if self.kind == "OCO" else self.orders[1:]

    @property
    def pair(self) -> list[SpotOrder]:
        """The orders of which only one may trade."""
        return self.orders if self.kind == "OCO" else self.orders[1:]

    @property
    def sizes_by_proceeds(self) -> bool:
        """Whether what the working order buys decides the size of the pending ones."""
        return self.kind in ("OPO", "OPOCO")


@dataclass(frozen=True, slots=True)
class ListChanged:
    """A list was accepted, changed or done; `status_type` is Binance's `l`."""

    order_list: OrderList
    status_type: str
    time_ms: int


class ListRecord(msgspec.Struct):
    """A list as its document keeps it."""

    list_id: int
    account_id: str
    symbol: str
    kind: str
    client_list_id: str
    time_ms: int
    order_ids: list[int]
    is_done: bool
    proceeds: str
