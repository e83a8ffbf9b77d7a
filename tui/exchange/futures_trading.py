"""Futures orders on their way: from what a client sent, through every check, into the book."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.domain.order_terms import Side
from tui.exchange.accounts.futures import FuturesLedger
from tui.exchange.admission import DEFAULT_PREVENTION, admit_futures, closes, make_client_order_id
from tui.exchange.amending import Change, apply_change, changed_order, check_change, ends_the_order, incoming_of
from tui.exchange.delivery import refuse_untradable
from tui.exchange.filters import MARKET_TAKE_BOUND, Surroundings, check_futures
from tui.exchange.futures_entry import complete
from tui.exchange.listing import Listing
from tui.exchange.matching.match import Incoming, Stop, crosses, reach
from tui.exchange.orders import ExchangeOrder, OrderEntry, OrderState
from tui.exchange.reduce_only import ReduceOnly
from tui.exchange.rejection import Rejection
from tui.exchange.settlement import FuturesSettlement
from tui.exchange.symbol_book import SymbolBook

if TYPE_CHECKING:
    from tui.exchange.venue import Venue


class FuturesTrading:
    """Takes, changes and forces orders on one futures venue; raises Rejection in Binance's words."""

    def __init__(self, venue: "Venue", ledger: FuturesLedger, settlement: FuturesSettlement) -> None:
        self._venue = venue
        self._ledger = ledger
        self._settlement = settlement
        self.reduce_only = ReduceOnly(ledger, venue.registry, venue.dealer)
        venue.dealer.after_trade = self.reduce_only.trim

    def place(self, account_id: str, entry: OrderEntry, accepted: Callable[[ExchangeOrder], None]) -> ExchangeOrder:
        """Take an order through all checks into the book; `accepted` hears of it before it trades."""
        order = self._admit(account_id, entry)
        book = self._venue.books[entry.symbol]
        incoming = self._incoming(order)
        self._judge(order, incoming, book)
        self._venue.number(order)
        self._settlement.reserve(order)
        self._venue.dealer.emit_order(order, "NEW")
        accepted(order)
        self._run(order, incoming, book)
        return order

    def check(self, account_id: str, entry: OrderEntry) -> ExchangeOrder:
        """Take an order through all checks and no further; returns what it would become."""
        order = self._admit(account_id, entry)
        self._judge(order, self._incoming(order), self._venue.books[entry.symbol])
        return order

    def modify(self, account_id: str, change: Change) -> ExchangeOrder:
        """Change price and quantity of an open order, which loses its place."""
        self._venue.listing(change.symbol)
        order = self._venue.registry.find(account_id, change.symbol, change.order_id, change.client_order_id)
        if order is None or not order.state.is_open:
            raise Rejection(-2013, "Order does not exist.")
        check_change(change, order)
        if not self._venue.is_trading(change.symbol):
            raise Rejection(-5024, "Symbol is not in trading status. Order amendment is not permitted.")
        book, now = self._venue.books[change.symbol], self._venue.clock.now_ms()
        wanted = changed_order(change, order, book, self._venue.mark_price(change.symbol), now)
        if ends_the_order(wanted, book):
            self._venue.dealer.end(book, order, OrderState.CANCELED, "CANCELED")
        else:
            self._amend(order, wanted, book)
        return order

    def _amend(self, order: ExchangeOrder, wanted: ExchangeOrder, book: SymbolBook) -> None:
        if order.reduce_only:
            self.reduce_only.fit(wanted)
        rest = replace(wanted, lots=wanted.leaves, filled_lots=0)
        group = self._venue.dealer.groups.of(order.account_id)
        self._settlement.release(order, order.leaves)
        try:
            self._settlement.require(rest, reach(book.book, incoming_of(wanted, group)))
        except Rejection:
            self._settlement.reserve(order)
            raise
        before = replace(order)
        book.book.remove(book.book.orders[order.order_id])
        apply_change(order, wanted)
        self._venue.amendments.note(before, order)
        self._settlement.reserve(order)
        self._venue.dealer.emit_order(order, "AMENDMENT")
        self._run(order, incoming_of(order, group), book)

    # One order's way

    def _admit(self, account_id: str, entry: OrderEntry) -> ExchangeOrder:
        """Shape, filters, duplicates; the order it becomes."""
        venue, now = self._venue, self._venue.clock.now_ms()
        listing, book, is_buy = venue.listing(entry.symbol), venue.books[entry.symbol], entry.side is Side.BUY
        admit_futures(entry, is_hedged=account_id in self._ledger.hedged)
        reduces = entry.reduce_only or closes(entry.position_side, entry.side)
        refuse_untradable(listing, now, reduces=reduces)
        entry = complete(entry, listing, book.book, is_buy, now)
        best = book.book.side(not is_buy).best
        around = Surroundings(
            venue.mark_price(entry.symbol),
            len(venue.registry.open_orders(account_id, entry.symbol)),
            listing.tick.value(best.price) if best else None,
        )
        check_futures(entry, listing, around)
        self._refuse_duplicate(account_id, entry)
        order = self._order(account_id, entry, listing, now)
        order.reduce_only = reduces
        if reduces:
            self.reduce_only.fit(order)
        return order

    @staticmethod
    def _order(account_id: str, entry: OrderEntry, listing: Listing, now_ms: int) -> ExchangeOrder:
        return ExchangeOrder(
            order_id=0,
            client_order_id=entry.client_order_id or make_client_order_id(),
            account_id=account_id,
            listing=listing,
            side=entry.side,
            type=entry.type,
            time_in_force=entry.time_in_force or "GTC",
            price_ticks=listing.tick.count_of(entry.price) if entry.price is not None else 0,
            lots=listing.step.count_of(entry.quantity) if entry.quantity is not None else 0,
            created_ms=now_ms,
            updated_ms=now_ms,
            position_side=entry.position_side,
            price_match=entry.price_match,
            good_till_ms=entry.good_till_ms,
            self_trade_prevention=entry.self_trade_prevention or DEFAULT_PREVENTION,
        )

    def _refuse_duplicate(self, account_id: str, entry: OrderEntry) -> None:
        if entry.client_order_id is None:
            return
        known = self._venue.registry.find(account_id, entry.symbol, None, entry.client_order_id)
        if known is not None and known.state.is_open:
            raise Rejection(-4116, "clientOrderId is duplicated")

    def _incoming(self, order: ExchangeOrder) -> Incoming:
        """The order as the matching sees it; market orders stop at the bound around the mark price."""
        is_buy, limit = order.side is Side.BUY, order.price_ticks
        if not limit:
            bound = 1 + MARKET_TAKE_BOUND if is_buy else 1 - MARKET_TAKE_BOUND
            limit = int(self._venue.mark_price(order.listing.symbol) * bound / order.listing.tick.size)
        group = self._venue.dealer.groups.of(order.account_id)
        prevention = order.self_trade_prevention
        return Incoming(order.account_id, is_buy, order.lots, limit, prevention=prevention, group=group)

    def _judge(self, order: ExchangeOrder, incoming: Incoming, book: SymbolBook) -> None:
        """What only book and account can tell: margin, post-only, fill-or-kill."""
        reached = reach(book.book, incoming)
        self._settlement.require(order, reached)
        if order.time_in_force == "GTX" and crosses(book.book, incoming.is_bid, order.price_ticks):
            raise Rejection(
                -5022, "Due to the order could not be executed as maker, the Post Only order will be rejected."
            )
        if order.time_in_force == "FOK" and reached.lots < order.lots:
            raise Rejection(-5021, "Due to the order could not be filled immediately, the FOK order has been rejected.")

    def _run(self, order: ExchangeOrder, incoming: Incoming, book: SymbolBook) -> None:
        """Match, then rest or end what remains; the reasons are Binance's `er`."""
        dealer = self._venue.dealer
        dealer.deal(book, incoming, order)
        if not order.state.is_open or not order.leaves:
            return
        takes_only = order.time_in_force in ("IOC", "FOK")
        if incoming.stop is Stop.PREVENTED:
            dealer.end(book, order, OrderState.EXPIRED_IN_MATCH, "EXPIRED", "3" if takes_only else "1")
        elif order.type == "MARKET":
            dealer.end(book, order, OrderState.EXPIRED, "EXPIRED", "9")
        elif takes_only:
            dealer.end(book, order, OrderState.EXPIRED, "EXPIRED", "2")
        else:
            dealer.rest(book, order)
