"""One product's market: takes orders, keeps books and accounts, tells what happens."""

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from tui.domain.order import Side
from tui.domain.product import Product
from tui.exchange.accounts.futures import FuturesLedger
from tui.exchange.accounts.spot import SpotLedger
from tui.exchange.admission import DEFAULT_PREVENTION, admit_futures, admit_spot, closes, make_client_order_id
from tui.exchange.amending import (
    AmendmentLog,
    Change,
    apply_change,
    changed_order,
    check_change,
    ends_the_order,
    incoming_of,
)
from tui.exchange.clock import Clock
from tui.exchange.conditional_service import AlgoService
from tui.exchange.contract_life import ContractLife
from tui.exchange.deadlines import Deadlines
from tui.exchange.dealing import Dealer, prevention_type
from tui.exchange.delivery import refuse_untradable
from tui.exchange.documents import Documents
from tui.exchange.events import VenueListener
from tui.exchange.filters import MARKET_TAKE_BOUND, Surroundings, check_futures, check_spot
from tui.exchange.funding import FundingLog
from tui.exchange.futures_entry import complete
from tui.exchange.listing import Listing
from tui.exchange.mark import MarkPrice, MarkValues
from tui.exchange.matching.match import Incoming, Stop, crosses, reach
from tui.exchange.order_registry import OrderRegistry
from tui.exchange.orders import ExchangeOrder, OrderEntry, OrderState
from tui.exchange.reduce_only import ReduceOnly
from tui.exchange.rejection import Rejection
from tui.exchange.settlement import FuturesSettlement, Settlement
from tui.exchange.spot.desk import SpotDesk
from tui.exchange.spot.floor import Floor
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
        self.registry = OrderRegistry()
        self.documents = Documents()
        self.life = ContractLife(self.documents)
        self._settlement = self._make_settlement()
        self.dealer = Dealer(clock, self._settlement, self.registry)
        self.books = {listing.symbol: SymbolBook(listing, self.dealer.emit_level) for listing in listings}
        self.last_order_id = 0
        self.spot_orders = self._make_spot_desk()
        self.deadlines = Deadlines(self)
        self.funding = FundingLog(self.documents)
        self.amendments = AmendmentLog(self.documents.put)
        self.algos: AlgoService | None = None
        self.reduce_only: ReduceOnly | None = None
        if self.futures is not None:
            self.reduce_only = ReduceOnly(self.futures, self.registry, self.dealer)
            self.dealer.after_trade = self.reduce_only.trim
            self.algos = AlgoService(self)

    def _make_settlement(self) -> Settlement:
        if self.product.is_futures:
            self.futures = FuturesLedger(self.listings, self.mark_price)
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
        order = self._admit(account_id, entry)
        book = self.books[entry.symbol]
        incoming = self._incoming(order, book)
        self._judge(order, incoming, book)
        self.last_order_id += 1
        order.order_id = self.last_order_id
        self._settlement.reserve(order)
        self.registry.add(order)
        self.dealer.emit_order(order, "NEW")
        accepted(order)
        if self._settlement.tells_reservations and order.price_ticks:
            self.dealer.emit_account(account_id, "ORDER", *self._settlement.touched(order), order.created_ms)
        self._run(order, incoming, book)
        self._settle()
        return order

    def check(self, account_id: str, entry: OrderEntry) -> ExchangeOrder:
        """Take an order through all checks and no further; returns what it would become."""
        if self.spot_orders is not None:
            return self.spot_orders.trading.check(account_id, entry)
        order = self._admit(account_id, entry)
        book = self.books[entry.symbol]
        self._judge(order, self._incoming(order, book), book)
        return order

    def modify(self, account_id: str, change: Change) -> ExchangeOrder:
        """Change price and quantity of an open futures order, which loses its place; raises Binance's refusals."""
        self._listing(change.symbol)
        order = self.registry.find(account_id, change.symbol, change.order_id, change.client_order_id)
        if order is None or not order.state.is_open:
            raise Rejection(-2013, "Order does not exist.")
        check_change(change, order)
        book, now = self.books[change.symbol], self.clock.now_ms()
        wanted = changed_order(change, order, book, self.mark_price(change.symbol), now)
        if ends_the_order(wanted, book):
            self.dealer.end(book, order, OrderState.CANCELED, "CANCELED")
        else:
            self._amend(order, wanted, book)
        self._settle()
        return order

    def _amend(self, order: ExchangeOrder, wanted: ExchangeOrder, book: SymbolBook) -> None:
        if self.reduce_only is not None and order.reduce_only:
            self.reduce_only.fit(wanted)
        rest = replace(wanted, lots=wanted.leaves, filled_lots=0)
        self._settlement.release(order, order.leaves)
        try:
            self._settlement.require(rest, reach(book.book, incoming_of(wanted)))
        except Rejection:
            self._settlement.reserve(order)
            raise
        before = replace(order)
        book.book.remove(book.book.orders[order.order_id])
        apply_change(order, wanted)
        self.amendments.note(before, order)
        self._settlement.reserve(order)
        self.dealer.emit_order(order, "AMENDMENT")
        self._run(order, incoming_of(order), book)

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

        On spot the order takes the cancel's client id and keeps its own as `original_client_order_id`; with a member
        of a list the whole list is cancelled.
        """
        if self.spot_orders is not None:
            found = self.spot_orders.open_order(account_id, symbol, order_id, client_order_id)
            self.spot_orders.cancel(found, new_client_order_id)
            return found
        self._listing(symbol)
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
        self._listing(symbol)
        orders = self.registry.open_orders(account_id, symbol)
        return [self.cancel(account_id, symbol, order.order_id, None) for order in orders]

    def set_hedged(self, account_id: str, hedged: bool) -> None:
        """Change an account's position mode; Rejection -4059, -4067 or -4068 when it cannot be."""
        assert self.futures is not None
        waiting = self.algos.open_orders(account_id) if self.algos is not None else []
        if (account_id in self.futures.hedged) != hedged and (waiting or self.registry.open_orders(account_id)):
            raise Rejection(-4067, "Position side cannot be changed if there exists open orders.")
        self.futures.set_hedged(account_id, hedged)

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
        self.amendments.restore(self.documents.found)
        if self.algos is not None:
            self.algos.restore()

    # Queries

    def order(self, account_id: str, symbol: str, order_id: int | None, client_order_id: str | None) -> ExchangeOrder:
        """One order, open or past; Rejection -2013 when unknown."""
        self._listing(symbol)
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
        """Mark price, index and funding of a contract."""
        return self.marks[symbol].values

    def mark_price(self, symbol: str) -> Decimal:
        """The mark alone; the middle of the book until the mark is known."""
        mark = self.marks.get(symbol)
        return mark.values.mark if mark else self.books[symbol].mid_price

    # One order's way

    def _listing(self, symbol: str) -> Listing:
        listing = self.listings.get(symbol)
        if listing is None:
            raise Rejection(-1121, "Invalid symbol.")
        return listing

    def _admit(self, account_id: str, entry: OrderEntry) -> ExchangeOrder:
        """Shape, filters, duplicates; the order it becomes."""
        listing = self._listing(entry.symbol)
        book = self.books[entry.symbol]
        is_futures, is_buy = self.product.is_futures, entry.side is Side.BUY
        if self.futures is not None:
            admit_futures(entry, is_hedged=account_id in self.futures.hedged)
            reduces = entry.reduce_only or closes(entry.position_side, entry.side)
            refuse_untradable(listing, self.clock.now_ms(), reduces=reduces)
            entry = complete(entry, listing, book.book, is_buy, self.clock.now_ms())
        else:
            admit_spot(entry)
        best = book.book.side(not is_buy).best
        around = Surroundings(
            self.mark_price(entry.symbol) if is_futures else book.average_price,
            len(self.registry.open_orders(account_id, entry.symbol)),
            listing.tick.value(best.price) if best else None,
        )
        (check_futures if is_futures else check_spot)(entry, listing, around)
        self._refuse_duplicate(account_id, entry)
        now = self.clock.now_ms()
        order = ExchangeOrder(
            order_id=0,
            client_order_id=entry.client_order_id or make_client_order_id(),
            account_id=account_id,
            listing=listing,
            side=entry.side,
            type=entry.type,
            time_in_force=entry.time_in_force or "GTC",
            price_ticks=listing.tick.count_of(entry.price) if entry.price is not None else 0,
            lots=listing.step.count_of(entry.quantity) if entry.quantity is not None else 0,
            created_ms=now,
            updated_ms=now,
            quote_budget=entry.quote_quantity,
            reduce_only=is_futures and (entry.reduce_only or closes(entry.position_side, entry.side)),
            position_side=entry.position_side,
            price_match=entry.price_match,
            good_till_ms=entry.good_till_ms,
            self_trade_prevention=entry.self_trade_prevention or DEFAULT_PREVENTION,
        )
        if self.reduce_only is not None and order.reduce_only:
            self.reduce_only.fit(order)
        return order

    def _refuse_duplicate(self, account_id: str, entry: OrderEntry) -> None:
        if entry.client_order_id is None:
            return
        known = self.registry.find(account_id, entry.symbol, None, entry.client_order_id)
        if known is None or not known.state.is_open:
            return
        if self.product.is_futures:
            raise Rejection(-4116, "clientOrderId is duplicated")
        raise Rejection(-2010, "Duplicate order sent.")

    def _incoming(self, order: ExchangeOrder, book: SymbolBook) -> Incoming:
        """The order as the matching sees it; a quote budget becomes the lots it reaches."""
        is_buy = order.side is Side.BUY
        incoming = Incoming(
            order.account_id, is_buy, order.lots, order.price_ticks or None, None, order.self_trade_prevention
        )
        if order.quote_budget is not None:
            incoming.budget = int((order.quote_budget / book.unit).to_integral_value(ROUND_DOWN))
            incoming.lots = _BUDGET_LOTS
            order.lots = reach(book.book, incoming).lots
            incoming.lots = order.lots
        elif self.product.is_futures and not order.price_ticks:
            bound = 1 + MARKET_TAKE_BOUND if is_buy else 1 - MARKET_TAKE_BOUND
            price = self.mark_price(order.listing.symbol) * bound
            incoming.limit = int(price / order.listing.tick.size)
        return incoming

    def _judge(self, order: ExchangeOrder, incoming: Incoming, book: SymbolBook) -> None:
        """What only book and account can tell: liquidity, post-only, fill-or-kill on futures, funds."""
        if order.quote_budget is not None and incoming.lots < order.listing.step.count_of(order.listing.min_quantity):
            raise Rejection(-2010, "Order book liquidity is less than `LOT_SIZE` filter minimum quantity.")
        reached = reach(book.book, incoming)
        self._settlement.require(order, reached)
        if order.price_ticks and crosses(book.book, incoming.is_bid, order.price_ticks):
            if order.type == "LIMIT_MAKER":
                raise Rejection(-2010, "Order would immediately match and take.")
            if order.time_in_force == "GTX":
                raise Rejection(
                    -5022,
                    "Due to the order could not be executed as maker, the Post Only order will be rejected.",
                )
        if self.product.is_futures and order.time_in_force == "FOK" and reached.lots < order.lots:
            raise Rejection(-5021, "Due to the order could not be filled immediately, the FOK order has been rejected.")

    def _run(self, order: ExchangeOrder, incoming: Incoming, book: SymbolBook) -> None:
        """Match, then rest or end what remains."""
        if order.time_in_force == "FOK" and reach(book.book, incoming).lots < order.lots:
            self.dealer.end(book, order, OrderState.EXPIRED, "EXPIRED", "UNFILLED_FOK_ORDER_EXPIRED")
            return
        self.dealer.deal(book, incoming, order)
        if not order.state.is_open or not order.leaves:
            return
        if incoming.stop is Stop.PREVENTED:
            reason = "1" if self.product.is_futures else "NONE"
            self.dealer.end(book, order, OrderState.EXPIRED_IN_MATCH, prevention_type(order), reason)
        elif order.type == "MARKET":
            reason = "9" if self.product.is_futures else "INSUFFICIENT_LIQUIDITY"
            self.dealer.end(book, order, OrderState.EXPIRED, "EXPIRED", reason)
        elif order.time_in_force in ("IOC", "FOK"):
            reason = "2" if self.product.is_futures else "UNFILLED_IOC_QUANTITY_EXPIRED"
            self.dealer.end(book, order, OrderState.EXPIRED, "EXPIRED", reason)
        else:
            self.dealer.rest(book, order)

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

    def _in_usdt(self, asset: str) -> Decimal | None:
        if asset == "USDT":
            return Decimal(1)
        book = self.books.get(f"{asset}USDT")
        return book.last_price if book else None
