"""One spot order's way: through the checks, into the book or among those that wait, and to its end."""

from collections.abc import Callable
from decimal import ROUND_DOWN

from tui.domain.order_terms import Side
from tui.exchange.accounts.spot import InsufficientBalanceError
from tui.exchange.admission import DEFAULT_PREVENTION, make_client_order_id
from tui.exchange.events import AccountChanged, LevelChanged, OrderChanged, PublicTrade
from tui.exchange.matching.match import Incoming, Reach, Stop, crosses, reach
from tui.exchange.orders import ExchangeOrder, OrderEntry, OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.spot.admission import admit
from tui.exchange.spot.filters import check, failure
from tui.exchange.spot.floor import Floor
from tui.exchange.spot.open_orders import OpenCounts
from tui.exchange.spot.order import LIMIT_TYPES, SpotEntry, SpotOrder, spot_order
from tui.exchange.spot.pegging import pegged_ticks
from tui.exchange.spot.prevention import Preventions
from tui.exchange.spot.records import SpotRecords
from tui.exchange.spot.reference_price import ReferencePrices
from tui.exchange.spot.routing import Router
from tui.exchange.spot.triggers import Triggers, passes
from tui.exchange.symbol_book import SymbolBook

_BUDGET_LOTS = 1 << 62
#: The code of refusals that account and book give rise to, not the shape of the order.
REFUSED_BY_ENGINE = -2010


class SpotTrading:
    """Spot orders of one venue. Refusals are raised as Rejection in Binance's words.

    What follows from trades (triggers, pending orders) is done by `settle_down`, when no order is half way.
    """

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.records = SpotRecords(floor.documents)
        floor.registry.on_forgotten.append(self.records.forget)
        self.counts = OpenCounts()
        self.triggers = Triggers(self.records.note)
        self.preventions = Preventions(floor)
        self.router = Router(floor)
        self.references = ReferencePrices(floor.listings.values())
        #: What else waits for a quiet moment: does one thing and returns True, or False when there is nothing.
        self.next_task: Callable[[], bool] = lambda: False
        #: Told of triggers, before the order that triggered does anything.
        self.on_trigger: Callable[[SpotOrder], None] = lambda order: None
        #: Told of orders that the engine refused, and of its words; they are numbered and kept nowhere.
        self.on_refusal: list[Callable[[SpotOrder, str], None]] = []
        self._is_settling = False
        floor.dealer.prevent = self.preventions.take
        floor.dealer.number_allocation = lambda listing: floor.books[listing.symbol].number_trade()
        floor.dealer.after_deal = lambda book: self.settle_down()
        floor.dealer.listeners += [self.triggers, self]

    def place(self, account_id: str, entry: OrderEntry) -> SpotOrder:
        """Take an order through all checks into the book; every event is told before this returns."""
        order = self.admit(account_id, SpotEntry.of(entry))
        try:
            self.judge(order)
        except Rejection as rejection:
            self._tell_refusal(order, rejection)
            raise
        self.accept([order])
        self.enter(order)
        self.settle_down()
        return order

    def check(self, account_id: str, entry: OrderEntry) -> SpotOrder:
        """Take an order through all checks and no further; returns what it would become."""
        order = self.admit(account_id, SpotEntry.of(entry))
        self.judge(order)
        return order

    def _tell_refusal(self, order: SpotOrder, rejection: Rejection) -> None:
        if rejection.code != REFUSED_BY_ENGINE:
            return
        order.order_id, order.state = self.floor.next_order_id(), OrderState.REJECTED
        for tell in self.on_refusal:
            tell(order, rejection.msg)

    def end(self, order: SpotOrder, state: OrderState, execution_type: str, reason: str = "NONE") -> None:
        """Close an open order wherever it is, and give back what it holds."""
        self.triggers.forget(order)
        self.floor.settlement.hand_over(order)
        self.floor.dealer.end(self.book(order), order, state, execution_type, reason)

    def cancel(self, order: SpotOrder, new_client_order_id: str) -> None:
        """Cancel an open order; it takes the cancel's client id, and the one it had is free from then on."""
        order.original_client_order_id = order.client_order_id
        self.floor.registry.rename(order, new_client_order_id)
        self.end(order, OrderState.CANCELED, "CANCELED")

    def resume(self, order: ExchangeOrder) -> SpotOrder:
        """Take back an order of a former run; members of lists are reserved for by their list."""
        found = self.records.restore(order)
        self.floor.registry.add(found)
        self.counts.note(found)
        if not found.state.is_open or found.state is OrderState.PENDING_NEW:
            return found
        if found.list_id < 0:
            self.floor.settlement.reserve(found)
        if found.is_waiting:
            self.triggers.wait(found)
        elif not found.is_market:
            self.floor.dealer.rest(self.book(found), found)
        return found

    # The steps

    def book(self, order: SpotOrder) -> SymbolBook:
        """The book of an order."""
        return self.floor.books[order.listing.symbol]

    def admit(self, account_id: str, entry: SpotEntry, count: int = 1, *, is_sized: bool = True) -> SpotOrder:
        """Shape, filters, duplicates; the order it becomes. `count` orders are to come at once."""
        self.check_rules(account_id, entry, count, is_sized=is_sized)
        self._refuse_duplicate(account_id, entry)
        listing, book = self.floor.listing(entry.symbol), self.floor.books[entry.symbol]
        now, tick, step = self.floor.clock.now_ms(), listing.tick, listing.step
        price = tick.count_of(entry.price) if entry.price is not None else 0
        stop = tick.count_of(entry.stop_price) if entry.stop_price is not None else 0
        lots = step.count_of(entry.quantity) if entry.quantity is not None else 0
        shown = step.count_of(entry.iceberg_quantity) if entry.iceberg_quantity is not None else 0
        order = SpotOrder(
            order_id=0,
            client_order_id=entry.client_order_id or make_client_order_id(),
            account_id=account_id,
            listing=listing,
            side=entry.side,
            type=entry.type,
            time_in_force=entry.time_in_force or "GTC",
            price_ticks=price,
            lots=lots,
            created_ms=now,
            updated_ms=now,
            quote_budget=entry.quote_quantity,
            self_trade_prevention=entry.self_trade_prevention or DEFAULT_PREVENTION,
            iceberg_lots=shown if shown < lots or not lots else 0,
            stop_ticks=stop,
            trailing_delta=entry.trailing_delta,
            strategy_id=entry.strategy_id,
            strategy_type=entry.strategy_type,
            peg=entry.peg,
            uses_sor=entry.uses_sor,
            stated_ticks=price,
        )
        order.is_waiting = order.is_stop
        order.lock_ticks = price or (stop or book.last_ticks if order.is_stop else 0)
        return order

    def check_rules(self, account_id: str, entry: SpotEntry, count: int = 1, *, is_sized: bool = True) -> None:
        """Hold an order to its shape and to the filters."""
        listing = self.floor.listing(entry.symbol)
        admit(entry, is_sized=is_sized)
        found = self.counts.of(account_id, listing)
        held = self.floor.settlement.held(account_id, listing.base)
        reference = self.references.reference(self.floor.books[entry.symbol], self.floor.clock.now_ms())
        check(entry, listing, reference, found, count, held=held)
        if entry.uses_sor and not self.router.serves(listing):
            raise Rejection(-1013, "Smart order routing is not supported for this symbol.")

    def _refuse_duplicate(self, account_id: str, entry: SpotEntry) -> None:
        if entry.client_order_id is None:
            return
        known = self.floor.registry.find(account_id, entry.symbol, None, entry.client_order_id)
        if known is not None and known.state.is_open:
            raise Rejection(-2010, "Duplicate order sent.")

    def judge(self, order: SpotOrder, *, with_funds: bool = True) -> None:
        """What only book and account can tell: pegged price, triggers, post-only, liquidity, funds."""
        book = self.book(order)
        if order.peg is not None:
            self.price_by_peg(order)
        if order.is_waiting and order.stop_ticks and passes(order, book.last_ticks):
            raise Rejection(-2010, "Order would trigger immediately.")
        if order.type == "LIMIT_MAKER" and crosses(book.book, order.side is Side.BUY, order.price_ticks):
            raise Rejection(-2010, "Order would immediately match and take.")
        # Only what a market order pays follows from the book; every other has a price.
        takes = order.is_market and not order.is_waiting
        reached = self._reach(order, self.incoming(order)) if takes else Reach(0, 0)
        if order.quote_budget is not None and reached.lots < order.listing.step.count_of(order.listing.min_quantity):
            raise Rejection(-2010, "Order book liquidity is less than `LOT_SIZE` filter minimum quantity.")
        if with_funds:
            self.floor.settlement.require(order, reached)

    def price_by_peg(self, order: SpotOrder) -> None:
        """Take the price from the book; Rejection -2010 or -1013."""
        assert order.peg is not None
        book, listing = self.book(order), order.listing
        ticks = pegged_ticks(book.book, order.side, order.peg)
        price, average = listing.tick.value(ticks), self.references.reference(book, self.floor.clock.now_ms())
        if not listing.min_price <= price <= listing.max_price:
            raise failure("PRICE_FILTER")
        if not average * listing.price_down <= price <= average * listing.price_up:
            raise failure("PERCENT_PRICE_BY_SIDE")
        order.price_ticks = order.lock_ticks = ticks

    def incoming(self, order: SpotOrder) -> Incoming:
        """The order as the matching sees it; a quote budget becomes the lots it reaches."""
        book, is_buy = self.book(order), order.side is Side.BUY
        limit = order.price_ticks if order.type in LIMIT_TYPES else None
        bound = self.references.bound_ticks(order.listing, order.side, self.floor.clock.now_ms())
        if bound is not None and (limit is None or (limit > bound if is_buy else limit < bound)):
            limit = bound
        incoming = Incoming(
            order.account_id,
            is_buy,
            order.leaves,
            limit,
            None,
            order.self_trade_prevention,
            self.floor.dealer.groups.of(order.account_id),
        )
        if order.quote_budget is not None:
            incoming.budget = int((order.quote_budget / book.unit).to_integral_value(ROUND_DOWN))
            incoming.lots = _BUDGET_LOTS
            found = reach(book.book, incoming)
            order.lots = incoming.lots = found.lots + found.lacking
        return incoming

    def accept(self, orders: list[SpotOrder]) -> None:
        """Number orders of one list or a single one, set aside what those that work need, and tell them."""
        for order in orders:
            order.order_id = self.floor.next_order_id()
            if not order.is_waiting and order.state is OrderState.NEW:
                order.working_ms = order.created_ms
        working = [order for order in orders if order.state is OrderState.NEW]
        if len(working) > 1:
            self.floor.settlement.reserve_together(working)
        else:
            self.floor.settlement.reserve(working[0])
        for order in orders:
            self.floor.registry.add(order)
            self.floor.dealer.emit_order(order, "NEW")
        if working[0].hold is not None:
            self.tell_account(working[0])

    def tell_account(self, order: SpotOrder) -> None:
        """Tell that placing or changing an order moved its account."""
        touched = self.floor.settlement.touched(order)
        self.floor.dealer.emit_account(order.account_id, "ORDER", *touched, order.updated_ms)

    def enter(self, order: SpotOrder) -> None:
        """Let an accepted order work: wait for its price, or match and rest or end what remains."""
        if order.is_waiting:
            self.triggers.wait(order)
            return
        book, dealer, incoming = self.book(order), self.floor.dealer, self.incoming(order)
        if order.time_in_force == "FOK" and self._reach(order, incoming).lots < order.leaves:
            self.end(order, OrderState.EXPIRED, "EXPIRED", "UNFILLED_FOK_ORDER_EXPIRED")
            return
        if order.uses_sor:
            self.router.deal(order, incoming)
        else:
            dealer.deal(book, incoming, order)
        if not order.state.is_open:
            return
        if self._is_out_of_range(order, incoming):
            self.end(order, OrderState.EXPIRED, "EXPIRED", "EXECUTION_RULE_PRICE_RANGE_EXCEEDED")
        elif order.is_market:
            self.end(order, OrderState.EXPIRED, "EXPIRED", "INSUFFICIENT_LIQUIDITY")
        elif order.time_in_force in ("IOC", "FOK"):
            self.end(order, OrderState.EXPIRED, "EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED")
        else:
            dealer.rest(book, order)

    def _reach(self, order: SpotOrder, incoming: Incoming) -> Reach:
        return self.router.reach(order, incoming) if order.uses_sor else reach(self.book(order).book, incoming)

    def _is_out_of_range(self, order: SpotOrder, incoming: Incoming) -> bool:
        """Whether the execution rule kept an order from a price that it would have traded at."""
        limit = None if order.is_market else order.price_ticks
        if incoming.stop is not Stop.PRICE or incoming.limit == limit:
            return False
        wanted = Incoming(order.account_id, incoming.is_bid, order.leaves, limit)
        books = self.router.books(order) if order.uses_sor else [self.book(order)]
        levels = [book.book.side(not incoming.is_bid).best for book in books]
        return any(level is not None and wanted.reaches(level.price) for level in levels)

    # What follows

    def settle_down(self) -> None:
        """Carry out what trades have set off, and what that sets off in turn, one after the other."""
        if self._is_settling:
            return
        self._is_settling = True
        try:
            while True:
                order = self.triggers.take_triggered()
                if order is not None:
                    self._fire(order)
                elif not self.next_task():
                    return
        finally:
            self._is_settling = False

    def _fire(self, order: SpotOrder) -> None:
        self.on_trigger(order)
        order.working_ms = order.updated_ms = self.floor.clock.now_ms()
        try:
            self.make_ready(order)
        except (Rejection, InsufficientBalanceError):
            self.end(order, OrderState.EXPIRED, "EXPIRED", "REJECTED")
            return
        self.floor.dealer.emit_order(order, "NEW")
        self.enter(order)

    def make_ready(self, order: SpotOrder) -> None:
        """Price and fund a triggered order anew where the moment decides; Rejection or InsufficientBalanceError."""
        if order.type in LIMIT_TYPES and order.peg is None:
            return
        self.floor.settlement.let_go(order)
        if order.peg is not None:
            self.price_by_peg(order)
            self.floor.settlement.reserve(order)
            return
        order.lock_ticks = 0
        self.floor.settlement.require(order, self._reach(order, self.incoming(order)))

    def place_pending(self, orders: list[SpotOrder]) -> None:
        """Judge and fund pending orders whose turn has come; Rejection or InsufficientBalanceError."""
        for order in orders:
            self.judge(order, with_funds=len(orders) == 1)
        if len(orders) > 1:
            self.floor.settlement.reserve_together(orders)
        else:
            self.floor.settlement.reserve(orders[0])

    # What a venue tells

    def on_order(self, change: OrderChanged) -> None:
        """Keep what the order carries, and count it."""
        order = spot_order(change.order)
        self.counts.note(order)
        self.records.note(order)

    def on_trade(self, trade: PublicTrade) -> None:
        """Trades make the reference price; triggers look at them by themselves."""
        self.references.on_trade(trade)

    def on_level(self, change: LevelChanged) -> None:
        """The book is made anew."""

    def on_account(self, change: AccountChanged) -> None:
        """Accounts are saved elsewhere."""
