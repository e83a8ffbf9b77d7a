"""One product's market: takes orders, keeps books and accounts, tells what happens."""

from collections.abc import Callable
from decimal import Decimal

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.accounts.collateral import Collateral
from tui.exchange.accounts.futures import FuturesLedger
from tui.exchange.accounts.spot import SpotLedger
from tui.exchange.admission import DEFAULT_PREVENTION
from tui.exchange.amending import (
    AmendmentLog,
    Change,
)
from tui.exchange.blocks import BlockLog
from tui.exchange.clock import Clock
from tui.exchange.conditional_service import AlgoService
from tui.exchange.contract_life import ContractLife
from tui.exchange.deadlines import Deadlines
from tui.exchange.dealing import Dealer
from tui.exchange.delivery import contract_status
from tui.exchange.documents import Documents
from tui.exchange.events import VenueListener
from tui.exchange.funding import FundingLog
from tui.exchange.futures_trading import FuturesTrading
from tui.exchange.listing import DOLLARS, Listing
from tui.exchange.mark import MarkPrice, MarkValues
from tui.exchange.matching.match import Incoming
from tui.exchange.order_registry import OrderRegistry
from tui.exchange.orders import ExchangeOrder, OrderEntry, OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.settlement import FuturesSettlement, Settlement
from tui.exchange.spot.desk import SpotDesk
from tui.exchange.spot.floor import Floor, execution_ids
from tui.exchange.spot.order import SpotOrder
from tui.exchange.spot.settlement import SpotSettlement
from tui.exchange.symbol_book import SymbolBook

_BUDGET_LOTS = 1 << 62


def _nothing(order: ExchangeOrder) -> None:
    """Nobody waits for the order to be accepted."""


class Venue:
    """The market of one product; synchronous, for one thread. Refusals are raised as Rejection in Binance's words."""

    def __init__(self, product: Product, clock: Clock, listings: list[Listing]) -> None:
        self.product = product
        self.clock = clock
        self.listings = {listing.symbol: listing for listing in listings}
        self.spot: SpotLedger | None = None
        self.futures: FuturesLedger | None = None
        self.marks: dict[str, MarkPrice] = {}
        #: Other futures venues, which share the position mode of every account with this one.
        self.same_mode: list[Venue] = []
        self.registry = OrderRegistry()
        self.documents = Documents()
        self.blocks = BlockLog(clock.now_ms())
        self.life = ContractLife(self.documents)
        self._settlement = self._make_settlement()
        self.dealer = Dealer(clock, self._settlement, self.registry)
        self.books = {listing.symbol: SymbolBook(listing, self.dealer.emit_level) for listing in listings}
        self.last_order_id = 0
        self.spot_orders = self._make_spot_desk()
        self.deadlines = Deadlines(self)
        self.funding = FundingLog(self.documents)
        self.amendments = AmendmentLog(self.documents)
        self.algos: AlgoService | None = None
        self.futures_orders: FuturesTrading | None = None
        if self.futures is not None and isinstance(self._settlement, FuturesSettlement):
            self.futures_orders = FuturesTrading(self, self.futures, self._settlement)
            self.algos = AlgoService(self)

    def _make_settlement(self) -> Settlement:
        if self.product.is_futures:
            self.futures = FuturesLedger(self.listings, self.mark_price)
            if self.product is Product.USDM:
                self.futures.collateral = Collateral(self._index_in_dollars)
            return FuturesSettlement(self.futures, self.mark_price)
        self.spot = SpotLedger()
        return SpotSettlement(self.spot, self._in_bnb)

    def _make_spot_desk(self) -> SpotDesk | None:
        if not isinstance(self._settlement, SpotSettlement):
            return None
        return SpotDesk(
            Floor(
                self.clock,
                self.listings,
                self.books,
                self.registry,
                self.dealer,
                self._settlement,
                self.documents,
                self._next_order_id,
                execution_ids(self.clock.now_ms()),
            )
        )

    def _next_order_id(self) -> int:
        self.last_order_id += 1
        return self.last_order_id

    def add_listener(self, listener: VenueListener) -> None:
        """Tell this listener everything from now on."""
        self.dealer.listeners.append(listener)

    # Trading

    def place(
        self, account_id: str, entry: OrderEntry, accepted: Callable[[ExchangeOrder], None] = _nothing
    ) -> ExchangeOrder:
        """Take an order through all checks into the book; every event is told before this returns.

        `accepted` is called when the order is told as NEW, before it trades.
        """
        if self.spot_orders is not None:
            return self.spot_orders.trading.place(account_id, entry)
        assert self.futures_orders is not None
        order = self.futures_orders.place(account_id, entry, accepted)
        self._settle()
        return order

    def check(self, account_id: str, entry: OrderEntry) -> ExchangeOrder:
        """Take an order through all checks and no further; returns what it would become."""
        if self.spot_orders is not None:
            return self.spot_orders.trading.check(account_id, entry)
        assert self.futures_orders is not None
        return self.futures_orders.check(account_id, entry)

    def modify(self, account_id: str, change: Change) -> ExchangeOrder:
        """Change price and quantity of an open futures order, which loses its place; raises Binance's refusals."""
        assert self.futures_orders is not None
        order = self.futures_orders.modify(account_id, change)
        self._settle()
        return order

    def turn(self) -> None:
        """What time alone does to orders: deadlines pass, conditions come true."""
        if self.product.is_futures:
            self.deadlines.turn(self.clock.now_ms())
            self._settle()

    def _settle(self) -> None:
        if self.algos is not None:
            self.algos.settle()

    def cancel(
        self,
        account_id: str,
        symbol: str,
        order_id: int | None,
        client_order_id: str | None,
        new_client_order_id: str | None = None,
    ) -> ExchangeOrder:
        """Cancel an open order; Rejection -2011 when there is none.

        On spot the order takes the cancel's client id, which frees the one it had; with a member of a list the whole
        list is cancelled.
        """
        if self.spot_orders is not None:
            found = self.spot_orders.open_order(account_id, symbol, order_id, client_order_id)
            self.spot_orders.cancel(found, new_client_order_id)
            return found
        self.listing(symbol)
        order = self.registry.find(account_id, symbol, order_id, client_order_id)
        if order is None or not order.state.is_open:
            raise Rejection(-2011, "Unknown order sent.")
        self.dealer.end(self.books[symbol], order, OrderState.CANCELED, "CANCELED")
        self._settle()
        return order

    def cancel_all(self, account_id: str, symbol: str) -> list[ExchangeOrder]:
        """Cancel every open order of a symbol; spot answers -2011 when there is none."""
        if self.spot_orders is not None:
            found = self.spot_orders.cancel_all(account_id, symbol)
            return [order for item in found for order in ([item] if isinstance(item, SpotOrder) else item.orders)]
        self.listing(symbol)
        orders = self.registry.open_orders(account_id, symbol)
        return [self.cancel(account_id, symbol, order.order_id, None) for order in orders]

    def set_hedged(self, account_id: str, hedged: bool) -> None:
        """Change an account's position mode; Rejection -4059, -4067 or -4068 when it cannot be."""
        assert self.futures is not None
        if (account_id in self.futures.hedged) != hedged:
            for venue in (self, *self.same_mode):
                venue.refuse_mode_change(account_id)
        self.futures.set_hedged(account_id, hedged)

    def refuse_mode_change(self, account_id: str) -> None:
        """Raise Rejection -4067 or -4068 when the account has open orders or positions here."""
        waiting = self.algos.open_orders(account_id) if self.algos is not None else []
        if waiting or self.registry.open_orders(account_id):
            raise Rejection(-4067, "Position side cannot be changed if there exists open orders.")
        if self.futures is not None and self.futures.positions(account_id):
            raise Rejection(-4068, "Position side cannot be changed if there exists position.")

    def resume(self, order: ExchangeOrder) -> None:
        """Take back an order of a former run; an open one is reserved for and queues again."""
        if self.spot_orders is not None:
            self.spot_orders.resume(order)
            return
        self.registry.add(order)
        if order.state.is_open:
            self._settlement.reserve(order)
            self.dealer.rest(self.books[order.listing.symbol], order)

    def restore_documents(self) -> None:
        """Take what the documents of a former run hold, after accounts and orders are back."""
        if self.spot_orders is not None:
            self.spot_orders.resume_lists()
        self.life.records.restore()
        self.deadlines.restore()
        self.funding.restore()
        self.amendments.restore()
        if self.algos is not None:
            self.algos.restore()

    # Queries

    def order(self, account_id: str, symbol: str, order_id: int | None, client_order_id: str | None) -> ExchangeOrder:
        """One order, open or past; Rejection -2013 when unknown."""
        self.listing(symbol)
        order = self.registry.find(account_id, symbol, order_id, client_order_id)
        if order is None:
            raise Rejection(-2013, "Order does not exist.")
        return order

    def open_orders(self, account_id: str, symbol: str | None = None) -> list[ExchangeOrder]:
        """Open orders, oldest first."""
        return self.registry.open_orders(account_id, symbol)

    def orders(self, account_id: str, symbol: str | None = None) -> list[ExchangeOrder]:
        """All remembered orders, ascending order ids."""
        return self.registry.orders(account_id, symbol)

    def depth(self, symbol: str, limit: int) -> tuple[int, list[tuple[int, int]], list[tuple[int, int]]]:
        """Update id, bids and asks of a book: ticks and lots, best first."""
        book = self.books[symbol]
        return book.update_id, book.book.bids.depth(limit), book.book.asks.depth(limit)

    def best(self, symbol: str) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """Best bid and best ask with their sizes."""
        bid, ask = self.books[symbol].book.bids.best, self.books[symbol].book.asks.best
        return (bid.price, bid.lots) if bid else None, (ask.price, ask.lots) if ask else None

    def mark(self, symbol: str) -> MarkValues:
        """Mark price, index and funding of a contract; Rejection -4141 when it has been delivered."""
        mark = self.marks.get(symbol)
        if mark is None:
            raise Rejection(-4141, "Symbol is closed.")
        return mark.values

    def mark_price(self, symbol: str) -> Decimal:
        """The mark alone; the middle of the book until the mark is known."""
        mark = self.marks.get(symbol)
        return mark.values.mark if mark else self.books[symbol].mid_price

    def is_trading(self, symbol: str) -> bool:
        """Whether orders of a contract may be changed."""
        return contract_status(self.listings[symbol], self.clock.now_ms()) == "TRADING"

    def listing(self, symbol: str) -> Listing:
        """The listing of a symbol; Rejection -1121 when there is none."""
        listing = self.listings.get(symbol)
        if listing is None:
            raise Rejection(-1121, "Invalid symbol.")
        return listing

    # The exchange's own doings

    def number(self, order: ExchangeOrder) -> None:
        """Give an order of the exchange's own its number, and remember it."""
        order.order_id = self._next_order_id()
        self.registry.add(order)

    def force(self, order: ExchangeOrder) -> None:
        """Number an order of the exchange's own and match what the book offers within its limit; it never rests."""
        self.number(order)
        limit = order.price_ticks or None
        incoming = Incoming(order.account_id, order.side is Side.BUY, order.lots, limit, None, DEFAULT_PREVENTION)
        self.dealer.deal(self.books[order.listing.symbol], incoming, order)

    def announce_taking(self, order: ExchangeOrder, state: OrderState) -> None:
        """Tell that somebody else than the market takes the rest of a forced order."""
        order.state, order.updated_ms = state, self.clock.now_ms()
        self.dealer.emit_order(order, "CALCULATED")

    def add_listing(self, listing: Listing) -> None:
        """Trade one more symbol from now on."""
        self.listings[listing.symbol] = listing
        self.books[listing.symbol] = SymbolBook(listing, self.dealer.emit_level)
        for listed in self.life.on_listed:
            listed(listing)

    def _in_bnb(self, asset: str) -> Decimal | None:
        """Price of one unit of an asset in BNB."""
        bnb = self._in_usdt("BNB")
        value = self._in_usdt(asset)
        return value / bnb if bnb and value else None

    def _index_in_dollars(self, coin: str) -> Decimal | None:
        """A coin's index, as its perpetual refers to it."""
        symbol = f"{coin}USDT"
        mark = self.marks.get(symbol)
        if mark is not None:
            return mark.values.index
        book = self.books.get(symbol)
        return book.mid_price if book is not None else None

    def _in_usdt(self, asset: str) -> Decimal | None:
        if asset in DOLLARS:
            return Decimal(1)
        book = self.books.get(f"{asset}USDT")
        return book.last_price if book else None
