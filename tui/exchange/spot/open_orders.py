"""How much every account has open, counted as orders come, trade and go, so that no placement has to count anew."""

from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from tui.domain.order_terms import Side
from tui.exchange.listing import Listing
from tui.exchange.spot.order import STOP_TYPES, SpotOrder


@dataclass(slots=True)
class _Count:
    """Open orders; stops and icebergs among them counted apart. `buying` is in lots, of one symbol."""

    orders: int = 0
    stops: int = 0
    icebergs: int = 0
    buying: int = 0


@dataclass(slots=True)
class _Account:
    every: _Count = field(default_factory=_Count)
    symbols: dict[str, _Count] = field(default_factory=dict)


class OpenOrders(msgspec.Struct, frozen=True, gc=False):
    """What an account has open: on the symbol and on all; stops and icebergs counted apart. `buying` is in base."""

    symbol: int = 0
    symbol_stops: int = 0
    symbol_icebergs: int = 0
    exchange: int = 0
    exchange_stops: int = 0
    exchange_icebergs: int = 0
    buying: Decimal = Decimal(0)


class OpenCounts:
    """The open orders of every account of one venue; `note` is told of every order that is new or changed."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}
        #: Lots that each open order is counted as buying.
        self._counted: dict[int, int] = {}

    def note(self, order: SpotOrder) -> None:
        """Count an order as it stands now."""
        buying = order.leaves if order.side is Side.BUY else 0
        counted = self._counted.get(order.order_id)
        if not order.state.is_open:
            if counted is not None:
                del self._counted[order.order_id]
                self._count(order, -1, -counted)
        elif counted is None:
            self._counted[order.order_id] = buying
            self._count(order, 1, buying)
        elif counted != buying:
            self._counted[order.order_id] = buying
            self._accounts[order.account_id].symbols[order.listing.symbol].buying += buying - counted

    def of(self, account_id: str, listing: Listing) -> OpenOrders:
        """What an account has open, as an order of this symbol is to be judged by."""
        account = self._accounts.get(account_id)
        if account is None:
            return OpenOrders()
        every, here = account.every, account.symbols.get(listing.symbol) or _Count()
        return OpenOrders(
            here.orders,
            here.stops,
            here.icebergs,
            every.orders,
            every.stops,
            every.icebergs,
            listing.step.value(here.buying),
        )

    def _count(self, order: SpotOrder, change: int, buying: int) -> None:
        account = self._accounts.get(order.account_id)
        if account is None:
            account = self._accounts[order.account_id] = _Account()
        here = account.symbols.get(order.listing.symbol)
        if here is None:
            here = account.symbols[order.listing.symbol] = _Count()
        here.buying += buying
        for count in (here, account.every):
            count.orders += change
            if order.type in STOP_TYPES:
                count.stops += change
            if order.iceberg_lots:
                count.icebergs += change
