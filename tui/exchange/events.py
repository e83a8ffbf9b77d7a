"""What a venue tells its listeners, in the order it happens."""

from decimal import Decimal
from typing import Protocol

import msgspec

from tui.domain.order_terms import Side
from tui.exchange.listing import Listing
from tui.exchange.orders import ExchangeOrder, Execution, Prevention


class PublicTrade(msgspec.Struct, frozen=True, gc=False):
    """One print of the tape; `is_buyer_maker` as Binance defines it."""

    listing: Listing
    trade_id: int
    price_ticks: int
    lots: int
    is_buyer_maker: bool
    time_ms: int
    #: Numbers the takers; prints of one taker at one price make one aggregate trade. 0 when there was none.
    taker_order_id: int = 0


class LevelChanged(msgspec.Struct, frozen=True, gc=False):
    """One price level now has this absolute size; `update_id` rises by one with every change of the symbol's book."""

    listing: Listing
    update_id: int
    side: Side
    price_ticks: int
    lots: int


class OrderChanged(msgspec.Struct, frozen=True, gc=False):
    """An account's order was accepted, traded, cancelled, expired or rejected.

    `execution_type` is Binance's `x` (NEW, TRADE, CANCELED, EXPIRED, ...); `state`, `filled_lots` and `filled_quote`
    are copied here because the order itself goes on changing.
    """

    order: ExchangeOrder
    execution_type: str
    state: str
    filled_lots: int
    filled_quote: Decimal
    time_ms: int
    execution: Execution | None = None
    prevention: Prevention | None = None


class AccountChanged(msgspec.Struct, frozen=True, gc=False):
    """Balances or positions of an account moved; `reason` is Binance's `m` (ORDER, FUNDING_FEE, ...).

    `assets`, `symbols` and their position `sides` name what moved; the values are read from the account.
    """

    account_id: str
    reason: str
    assets: tuple[str, ...]
    symbols: tuple[str, ...]
    time_ms: int
    sides: tuple[str, ...] = ("BOTH",)
    #: The symbol a funding fee was for.
    about: str = ""


class VenueListener(Protocol):
    """Called synchronously by the venue, in order; must not call back into it."""

    def on_trade(self, trade: PublicTrade) -> None: ...
    def on_level(self, change: LevelChanged) -> None: ...
    def on_order(self, change: OrderChanged) -> None: ...
    def on_account(self, change: AccountChanged) -> None: ...
