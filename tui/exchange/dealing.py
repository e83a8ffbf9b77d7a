"""Carries incoming orders through the book: trades, settles both halves, tells the listeners in order."""

from collections.abc import Callable

from tui.domain.order_terms import Side
from tui.exchange.accounts.groups import TradeGroups
from tui.exchange.accounts.names import HOUSE
from tui.exchange.clock import Clock
from tui.exchange.events import AccountChanged, LevelChanged, OrderChanged, PublicTrade, VenueListener
from tui.exchange.listing import Listing
from tui.exchange.matching.book import RestingOrder
from tui.exchange.matching.match import Incoming, Match, match
from tui.exchange.order_registry import OrderRegistry
from tui.exchange.orders import ExchangeOrder, Execution, OrderState, Prevention
from tui.exchange.settlement import Settlement
from tui.exchange.symbol_book import SymbolBook


class Dealer:
    """The part of a venue that changes books and accounts; checks nothing."""

    def __init__(self, clock: Clock, settlement: Settlement, registry: OrderRegistry) -> None:
        self.listeners: list[VenueListener] = []
        self._clock = clock
        self._settlement = settlement
        self._registry = registry
        self._takers = 0
        #: Which accounts self-trade prevention takes for one.
        self.groups = TradeGroups()
        #: Called with account and symbol after a trade moved them.
        self.after_trade: Callable[[str, SymbolBook], None] | None = None
        #: Called instead of expiring the maker when self-trade prevention took lots off a maker and perhaps a taker.
        self.prevent: Callable[[SymbolBook, Match, ExchangeOrder | None], None] | None = None
        #: Called with order and execution type after a fill or an end of an order has been told.
        self.after_event: Callable[[ExchangeOrder, str], None] | None = None
        #: Numbers an allocation among a symbol's trades.
        self.number_allocation: Callable[[Listing], int] = lambda listing: 0
        #: Called when the participants have taken and their order rests nowhere.
        self.after_deal: Callable[[SymbolBook], None] | None = None

    def emit_level(self, change: LevelChanged) -> None:
        """Tell a change of the book."""
        for listener in self.listeners:
            listener.on_level(change)

    def emit_order(
        self,
        order: ExchangeOrder,
        execution_type: str,
        execution: Execution | None = None,
        prevention: Prevention | None = None,
    ) -> None:
        """Tell what became of an order."""
        change = OrderChanged(
            order,
            execution_type,
            order.state,
            order.filled_lots,
            order.filled_quote,
            order.updated_ms,
            execution,
            prevention,
        )
        for listener in self.listeners:
            listener.on_order(change)

    def emit_account(
        self,
        account_id: str,
        reason: str,
        assets: tuple[str, ...],
        symbols: tuple[str, ...],
        time_ms: int,
        sides: tuple[str, ...] = ("BOTH",),
        about: str = "",
    ) -> None:
        """Tell that balances or positions moved."""
        change = AccountChanged(account_id, reason, assets, symbols, time_ms, sides, about)
        for listener in self.listeners:
            listener.on_account(change)

    def deal(
        self, book: SymbolBook, incoming: Incoming, taker: ExchangeOrder | None, *, is_routed: bool = False
    ) -> None:
        """Match an incoming order against the book until it stops; `taker` is None for the participants' orders.

        When `is_routed` it is the router who trades, and the taker gets what it traded as allocations.
        """
        self._takers += 1
        for found in match(book.book, incoming):
            maker = found.maker.order
            if found.is_prevented:
                if self.prevent is not None:
                    self.prevent(book, found, taker)
                elif maker is not None and found.maker_lots:
                    self._prevent(maker)
                continue
            self._trade(book, found, incoming, None if is_routed else taker)
            if is_routed and taker is not None:
                self._allocate(taker, found)
            if self.after_trade is not None:
                for order in (maker, taker):
                    if order is not None:
                        self.after_trade(order.account_id, book)
        if taker is None and self.after_deal is not None:
            self.after_deal(book)

    def rest(self, book: SymbolBook, order: ExchangeOrder) -> None:
        """Put what remains of an order on the book."""
        book.book.add(
            RestingOrder(
                order.order_id,
                order.account_id,
                order.side is Side.BUY,
                order.price_ticks,
                order.leaves,
                order,
                order.iceberg_lots,
                self.groups.of(order.account_id),
            )
        )

    def end(
        self, book: SymbolBook, order: ExchangeOrder, state: OrderState, execution_type: str, reason: str = "NONE"
    ) -> None:
        """Close an open order: off the book, its reservation given back, told to all."""
        resting = book.book.orders.get(order.order_id)
        if resting is not None:
            book.book.remove(resting)
        order.state = state
        order.expiry_reason = reason
        self._close(order, execution_type)

    def shrink(self, book: SymbolBook, order: ExchangeOrder, leaves: int) -> None:
        """Cut a resting order down to this many lots still to trade."""
        cut = order.leaves - leaves
        self._settlement.release(order, cut)
        order.lots -= cut
        resting = book.book.orders.get(order.order_id)
        if resting is not None:
            book.book.reduce(resting, cut)

    def _prevent(self, maker: ExchangeOrder) -> None:
        maker.state = OrderState.EXPIRED_IN_MATCH
        maker.expiry_reason = "1" if maker.listing.is_futures else "NONE"
        self._close(maker, prevention_type(maker))

    def _close(self, order: ExchangeOrder, execution_type: str) -> None:
        order.updated_ms = self._clock.now_ms()
        self._settlement.release(order, order.leaves)
        self._registry.close(order)
        self.emit_order(order, execution_type)
        if self._settlement.tells_reservations:
            self.emit_account(order.account_id, "ORDER", *self._settlement.touched(order), order.updated_ms)
        if self.after_event is not None:
            self.after_event(order, execution_type)

    def _trade(self, book: SymbolBook, found: Match, incoming: Incoming, taker: ExchangeOrder | None) -> None:
        now, listing, maker = self._clock.now_ms(), book.listing, found.maker.order
        trade_id = book.note_trade(found.price, found.lots, now)
        trade = PublicTrade(listing, trade_id, found.price, found.lots, not incoming.is_bid, now, self._takers)
        for listener in self.listeners:
            listener.on_trade(trade)
        if maker is None and taker is None and found.maker.owner == incoming.owner == HOUSE:
            return
        for order, is_maker, is_buy in ((taker, False, incoming.is_bid), (maker, True, not incoming.is_bid)):
            if order is None:
                self._settlement.settle_house(listing, is_buy, found.price, found.lots, now)
                continue
            execution = self._settlement.settle(order, found.price, found.lots, trade_id, is_maker, now)
            self.fill(order, execution, "CALCULATED" if order.is_forced else "TRADE")

    def _allocate(self, order: ExchangeOrder, found: Match) -> None:
        """Hand over what the router traded for an order, in the order's own symbol."""
        now, listing, is_buy = self._clock.now_ms(), order.listing, order.side is Side.BUY
        self._settlement.settle_house(listing, not is_buy, found.price, found.lots, now)
        number = self.number_allocation(listing)
        self.fill(order, self._settlement.settle(order, found.price, found.lots, number, False, now))

    def fill(self, order: ExchangeOrder, execution: Execution, execution_type: str = "TRADE") -> None:
        """Count an execution into its order, and tell; `execution_type` is CALCULATED where no market was asked."""
        listing = order.listing
        order.filled_lots += execution.lots
        order.filled_quote += listing.filled(execution.price_ticks, execution.lots)
        order.updated_ms = execution.time_ms
        order.executions.append(execution)
        order.state = OrderState.PARTIALLY_FILLED if order.leaves else OrderState.FILLED
        if not order.leaves:
            self._registry.close(order)
        self.emit_order(order, execution_type, execution)
        moved = self._settlement.touched(order)
        self.emit_account(order.account_id, "ORDER", *moved, execution.time_ms, (order.position_side,))
        if self.after_event is not None:
            self.after_event(order, "TRADE")


def prevention_type(order: ExchangeOrder) -> str:
    """The execution type of an order expired by self-trade prevention."""
    return "EXPIRED" if order.listing.is_futures else "TRADE_PREVENTION"
