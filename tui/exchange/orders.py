"""Orders as the exchange keeps them: whole ticks and lots, Binance's own words for types and states."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import msgspec

from tui.domain.order_terms import Side
from tui.exchange.listing import Listing


class OrderState(StrEnum):
    """Binance's order status, spot and futures together."""

    NEW = "NEW"
    PENDING_NEW = "PENDING_NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"
    #: Futures: a liquidation that the insurance fund takes over, or the traders on the other side.
    NEW_INSURANCE = "NEW_INSURANCE"
    NEW_ADL = "NEW_ADL"

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade, now or when its list gets to it."""
        return self in _OPEN


#: Looked up on every event of every order, which is faster than the members of the class.
_OPEN = (OrderState.NEW, OrderState.PARTIALLY_FILLED, OrderState.PENDING_NEW)


class OrderEntry(msgspec.Struct, frozen=True, gc=False):
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
    price_match: str = "NONE"
    good_till_ms: int = 0


class Execution(msgspec.Struct, frozen=True, gc=False):
    """One account's half of a trade."""

    trade_id: int
    price_ticks: int
    lots: int
    is_maker: bool
    commission: Decimal
    commission_asset: str
    time_ms: int
    realized_profit: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Prevention:
    """Lots that two orders of one account, or trade group, lost instead of trading; either may have lost none."""

    prevention_id: int
    account_id: str
    symbol: str
    taker_order_id: int
    maker_order_id: int
    mode: str
    price_ticks: int
    taker_lots: int
    maker_lots: int
    time_ms: int
    #: Whose the resting order was; empty when it was the same account's.
    maker_account_id: str = ""
    trade_group: int = -1


class ExchangeOrder(msgspec.Struct, eq=False):
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
    #: Futures: how the price was matched to the book, when the order is to expire, and its last change and their count.
    price_match: str = "NONE"
    good_till_ms: int = 0
    modify_id: str = ""
    amendments: int = 0
    #: Futures: made by the exchange, to liquidate or settle a position.
    is_forced: bool = False
    executions: list[Execution] = []
    #: Spot: what an iceberg shows at a time, and lots lost to self-trade prevention.
    iceberg_lots: int = 0
    prevented_lots: int = 0

    @property
    def leaves(self) -> int:
        """Lots still to trade."""
        return self.lots - self.filled_lots - self.prevented_lots
