"""The ladder as a widget: takes the picture, keeps the window still under the cursor, turns keys into intents."""

from collections.abc import Mapping
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderRequest, OrderType, Side
from tui.engine.commands import CancelOrder, ClosePosition, Desk, Origin, SubmitOrder
from tui.engine.store import TRADES_KEPT, Market, Severity
from tui.ui.figures import grouped
from tui.ui.ladder.lines import LadderState, ladder_lines, price_rows, words_lines
from tui.ui.ladder.picture import (
    LadderPicture,
    OwnLevel,
    TradedSizes,
    entry,
    group_of,
    group_price,
    last_print,
    own_levels,
)
from tui.ui.ladder.window import (
    LadderWindow,
    centred,
    following,
    pin_between,
    regrouped,
    showing,
    touch_groups,
)
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line
from tui.ui.order_words import cancel_words, request_words
from tui.ui.staleness import book_staleness
from tui.ui.view_state import ViewState

#: No ladder looks farther from the touch than this many groups.
_FARTHEST = 2_000


class LadderPane(LinePane):
    """Shows one symbol's book by price and acts on the level under the cursor."""

    CONTEXT = "ladder"
    NUMBER = "3"
    LABEL = "Ladder"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._symbol = ""
        self._is_cumulative = False
        self._window: LadderWindow | None = None
        self._window_group = 1
        self._cursor_drawn: int | None = None
        self._held: LadderPicture | None = None
        self._rows = 1
        self._traded = TradedSizes()
        self._trades_revision = 0
        self._own: Mapping[int, tuple[OwnLevel, ...]] = {}
        self._own_source: tuple[object, str, int] = (None, "", 0)

    def lines(self, width: int, height: int) -> list[Line]:
        """The ladder of this moment, or words where the book cannot be believed."""
        self._notice_symbol()
        self._name_state(width)
        market = self._market()
        if market is None:
            return words_lines("NO SYMBOL", "press / to choose one", width, height)
        words = self._staleness()
        if words:
            title = "STALE" if market.book.received_ns else "NO BOOK YET"
            return words_lines(title, words, width, height)
        self._rows = max(1, price_rows(height))
        picture = self._held or self._picture(market)
        state = self._state(picture, self._rows)
        return ladder_lines(picture, state, width, height)

    def _staleness(self) -> str:
        clock = self.view.clock
        return book_staleness(self.desk.store, self._symbol, clock.monotonic_ns(), self.view.stale_after_ms)

    def _notice_symbol(self) -> None:
        if self.view.symbol == self._symbol:
            return
        self._symbol = self.view.symbol
        self._window = self._held = None
        self._traded, self._trades_revision = TradedSizes(), 0
        self.view.cursor_price = None

    def _market(self) -> Market | None:
        return self.desk.store.market(self._symbol) if self._symbol in self.desk.store.instruments else None

    def _picture(self, market: Market) -> LadderPicture:
        store, instrument, group = self.desk.store, market.instrument, self.view.ticks_per_group
        touch = market.book.view(10)
        trades = market.recent_trades(1)
        self._count_trades(market)
        entry_group, entry_text = entry(store.positions.get(self._symbol), instrument, group)
        return LadderPicture(
            instrument,
            group,
            market.book.view(self._depth(touch.best_bid, touch.best_ask, group), group),
            touch,
            self._own_levels(instrument, group),
            last_print(trades[0] if trades else None, instrument.tick, group),
            self._traded.by_group(group),
            entry_group,
            entry_text,
        )

    def _depth(self, bid: int | None, ask: int | None, group: int) -> int:
        """Groups a side that reach from the touch to the far end of the window."""
        window, rows = self._window, self._rows
        if window is None:
            return rows + 2
        above = 0 if ask is None else window.top - ask // group
        below = 0 if bid is None else bid // group - (window.top - rows)
        return min(_FARTHEST, max(rows, above, below) + 2)

    def _own_levels(self, instrument: Instrument, group: int) -> Mapping[int, tuple[OwnLevel, ...]]:
        orders = self.desk.store.orders
        source = (orders, self._symbol, group)
        before = self._own_source
        if before[0] is not orders or before[1:] != source[1:]:
            self._own = own_levels(orders.values(), self._symbol, instrument.tick, group)
            self._own_source = source
        return self._own

    def _count_trades(self, market: Market) -> None:
        revision = market.trades_revision
        if revision != self._trades_revision:
            fresh = min(TRADES_KEPT, max(0, revision - self._trades_revision)) or TRADES_KEPT
            self._traded.take(market.recent_trades(fresh + 8), market.instrument)
            self._trades_revision = revision

    def _state(self, picture: LadderPicture, rows: int) -> LadderState:
        """Where the window is now: at the touch while following, still while the cursor has a price of its own."""
        group = picture.ticks_per_group
        pin = pin_between(*touch_groups(picture.levels, group))
        cursor = self._cursor(picture.instrument, group)
        window = self._window
        if pin is None:
            pin = window.pin if window else 0
        if window is None or (cursor is None and self._window_group != group):
            window = centred(pin, rows)
        if cursor is None:
            window = following(window, pin, rows)
        elif self._window_group != group:
            before = cursor * group // self._window_group if self._cursor_drawn is None else self._cursor_drawn
            window = regrouped(window, pin, cursor, before, rows)
        else:
            window = showing(window, cursor, rows)
        self._window, self._window_group, self._cursor_drawn = window, group, cursor
        return LadderState(window, cursor, self._is_cumulative)

    def _cursor(self, instrument: Instrument, group: int) -> int | None:
        price = self.view.cursor_price
        return None if price is None else group_of(price, Side.BUY, instrument.tick, group)

    def _name_state(self, width: int) -> None:
        market = self._market()
        if market is None:
            self.set_title()
            return
        tick = market.instrument.tick
        group = grouped(tick.text(self.view.ticks_per_group))
        words = [f"grp {group}" if width >= 40 else group]
        words += ["cum"] * self._is_cumulative + ["PO"] * self.view.post_only + ["RO"] * self.view.reduce_only
        right = "follow ●" if self.view.cursor_price is None else "␠ centre"
        self.set_title(" ".join(words), "HELD · h lets go" if self._held else right)

    def action_up(self) -> None:
        """Cursor a level up; from the touch it starts at the best ask."""
        self._move(1)

    def action_down(self) -> None:
        """Cursor a level down; from the touch it starts at the best bid."""
        self._move(-1)

    def action_page_up(self) -> None:
        """Cursor ten levels up."""
        self._move(10)

    def action_page_down(self) -> None:
        """Cursor ten levels down."""
        self._move(-10)

    def action_centre(self) -> None:
        """Centre on the touch and follow it."""
        self.view.cursor_price = None
        self._window = None

    def action_coarser(self) -> None:
        """More ticks in a row."""
        self.view.coarser()
        self._regroup()

    def action_finer(self) -> None:
        """Fewer ticks in a row."""
        self.view.finer()
        self._regroup()

    def action_cumulative(self) -> None:
        """Sizes summed from the touch outwards, or as they stand."""
        self._is_cumulative = not self._is_cumulative

    def action_hold(self) -> None:
        """Freeze the picture, or let it live again."""
        market = self._market()
        if self._held is not None or market is None or self._staleness():
            self._held = None
        else:
            self._held = self._picture(market)

    def action_size(self, number: str = "1") -> None:
        """Choose a size preset."""
        index = int(number) - 1
        if index < len(self.view.size_presets):
            self.view.preset = index
        else:
            self.view.intents.say(f"there are only {len(self.view.size_presets)} size presets", Severity.WARNING)

    def action_reduce_only(self) -> None:
        """Reduce-only for the orders that follow, or not."""
        market = self._market()
        if market is not None and market.instrument.product.is_futures:
            self.view.reduce_only = not self.view.reduce_only
        else:
            self.view.intents.say("spot has no positions to reduce", Severity.WARNING)

    def action_post_only(self) -> None:
        """Post-only for the orders that follow, or not."""
        self.view.post_only = not self.view.post_only

    def _move(self, levels: int) -> None:
        market = self._market()
        if market is None or self._staleness():
            return
        group, tick = self.view.ticks_per_group, market.instrument.tick
        cursor = self._cursor(market.instrument, group)
        if cursor is None:
            bid, ask = touch_groups(market.book.view(1, group), group)
            start = ask if levels > 0 else bid
            if start is None:
                return
            cursor, levels = start, levels - (1 if levels > 0 else -1)
        self.view.cursor_price = group_price(max(1, cursor + levels), tick, group)

    def _regroup(self) -> None:
        """A held picture is of the old grouping; the cursor stays at the price its row now carries."""
        self._held = None
        market, group = self._market(), self.view.ticks_per_group
        if market is None or self.view.cursor_price is None:
            return
        cursor = self._cursor(market.instrument, group)
        if cursor is not None:
            self.view.cursor_price = group_price(max(1, cursor), market.instrument.tick, group)

    def action_buy(self) -> None:
        """Buy at the cursor; at the best bid while following."""
        self._trade(Side.BUY, self.view.cursor_price)

    def action_sell(self) -> None:
        """Sell at the cursor; at the best ask while following."""
        self._trade(Side.SELL, self.view.cursor_price)

    def action_join_bid(self) -> None:
        """Buy at the best bid."""
        self._trade(Side.BUY, None)

    def action_join_ask(self) -> None:
        """Sell at the best ask."""
        self._trade(Side.SELL, None)

    def action_ticket(self) -> None:
        """Open the ticket at the cursor, buying below the middle of the book and selling above; never sends."""
        market = self._market()
        if market is None:
            return
        touch = market.book.view(1)
        price = self.view.cursor_price
        tick = market.instrument.tick
        if price is None:
            price = None if touch.best_bid is None else tick.value(touch.best_bid)
        is_sell = price is not None and touch.best_ask is not None and price >= tick.value(touch.best_ask)
        quantity = self.view.preset_quantity(market.instrument, price)
        self.view.intents.open_ticket(Side.SELL if is_sell else Side.BUY, price, quantity)

    def action_cancel(self) -> None:
        """Cancel own orders at the cursor's level."""
        orders = self._orders_at_cursor()
        say, store = self.view.intents.say, self.desk.store
        if not orders:
            where = "at this level" if self.view.cursor_price is not None else "chosen: move the cursor to its level"
            say(f"no own order {where}", Severity.WARNING)
            return
        instrument = store.instruments[self._symbol]
        if not self.view.is_armed(store):
            count = f" (1 of {len(orders)} at this level)" if len(orders) > 1 else ""
            text = cancel_words(orders[0], instrument) + count
            self.view.intents.trade(CancelOrder(orders[0].client_order_id), text, Origin.LADDER)
            return
        for order in orders:
            intend = self.view.intents.propose if order.is_protective else self.view.intents.trade
            intend(CancelOrder(order.client_order_id), cancel_words(order, instrument), Origin.LADDER)

    def action_close(self) -> None:
        """Close the symbol's whole position at market, reduce-only."""
        position = self.desk.store.positions.get(self._symbol)
        if position is None or not position.quantity:
            self.view.intents.say(f"no position in {self._symbol}", Severity.WARNING)
            return
        instrument = self.desk.store.instruments[self._symbol]
        direction = "LONG" if position.quantity > 0 else "SHORT"
        size = instrument.quantity_text(abs(position.quantity))
        text = f"CLOSE {direction} {size} {self._symbol} at market, reduce-only"
        self.view.intents.trade(ClosePosition(self._symbol), text, Origin.LADDER)

    def _orders_at_cursor(self) -> list[Order]:
        market = self._market()
        if market is None or self.view.cursor_price is None:
            return []
        tick, group = market.instrument.tick, self.view.ticks_per_group
        cursor = self._cursor(market.instrument, group)
        return [
            order
            for order in self.desk.store.open_orders(self._symbol)
            if order.price is not None
            and order.trigger_price is None
            and not order.cancel_requested
            and group_of(order.price, order.side, tick, group) == cursor
        ]

    def _trade(self, side: Side, price: Decimal | None) -> None:
        """Intend a limit order at a price, or at the best price of its own side when None."""
        market = self._market()
        words = self._why_not() if market is not None else "no symbol"
        if market is None or words:
            self.view.intents.say(f"nothing sent: {words}", Severity.WARNING)
            return
        instrument = market.instrument
        if price is None:
            touch = market.book.view(1)
            ticks = touch.best_bid if side is Side.BUY else touch.best_ask
            price = None if ticks is None else instrument.tick.value(ticks)
        quantity = self.view.preset_quantity(instrument, price)
        if price is None or quantity is None:
            self.view.intents.say("nothing sent: this side of the book is empty", Severity.WARNING)
            return
        request = OrderRequest(
            self._symbol,
            side,
            OrderType.LIMIT,
            quantity,
            price,
            post_only=self.view.post_only,
            reduce_only=self.view.reduce_only and instrument.product.is_futures,
        )
        self.view.intents.trade(SubmitOrder(request), request_words(request, instrument), Origin.LADDER)

    def _why_not(self) -> str:
        if self._held is not None:
            return "the picture is held, h lets go"
        words = self._staleness()
        return f"STALE, {words}" if words else ""
