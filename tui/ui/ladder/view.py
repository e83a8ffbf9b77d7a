"""The ladder as it is looked at: one symbol's book by price, the cursor, grouping, pinning, holding."""

from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.engine.commands import Desk
from tui.engine.store import Market, Severity
from tui.ui.actions import Situation
from tui.ui.figures import grouped
from tui.ui.ladder.columns import columns, price_rows
from tui.ui.ladder.lines import RowsDrawn, ladder_lines, words_lines
from tui.ui.ladder.picture import LadderPicture, group_price
from tui.ui.ladder.sight import Pictures, Sight, cursor_group
from tui.ui.ladder.window import touch_groups
from tui.ui.layout.composition import BOOK_OF
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line
from tui.ui.staleness import book_staleness
from tui.ui.view_state import ViewState

#: Cells from which the title says that the ladder is pinned; otherwise the symbol that it names says so.
_WORDY = 44


class LadderView(LinePane):
    """Shows the focused symbol's book, or that of a symbol it is pinned to."""

    CONTEXT = "ladder"
    NUMBER = "3"
    LABEL = "Ladder"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._symbol = ""
        #: The cursor while pinned: the shared one belongs to the focused symbol.
        self._pinned_cursor: Decimal | None = None
        self._is_cumulative = False
        self._has_changes = False
        self._sight = Sight()
        self._pictures = Pictures()
        self._drawn = RowsDrawn()
        self._held: LadderPicture | None = None
        self._columns = columns(45, 8)

    @property
    def cursor_price(self) -> Decimal | None:
        """The price under the cursor; None while following the touch."""
        return self._pinned_cursor if self.pinned else self.view.cursor_price

    @cursor_price.setter
    def cursor_price(self, price: Decimal | None) -> None:
        if self.pinned:
            self._pinned_cursor = price
        else:
            self.view.cursor_price = price

    def situation(self) -> Situation:
        """As for any pane; positions of hedge mode count as well."""
        store, symbol = self.desk.store, self.acting_symbol()
        instrument = store.instruments.get(symbol)
        product = instrument.product if instrument else None
        return Situation(store.session, product, bool(store.held(symbol)))

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
        self._sight.rows = max(1, price_rows(height))
        picture = self._held or self._picture(market)
        cursor = cursor_group(self.cursor_price, market.instrument, picture.ticks_per_group)
        state = self._sight.place(picture, cursor, is_cumulative=self._is_cumulative)
        top = market.instrument.tick.text(max(1, state.window.top) * picture.ticks_per_group)
        cells = max(5, len(grouped(top)))
        self._columns = columns(width, cells, has_changes=picture.changes is not None)
        return ladder_lines(picture, state, width, height, self._drawn)

    def _staleness(self) -> str:
        clock = self.view.clock
        return book_staleness(self.desk.store, self._symbol, clock.monotonic_ns(), self.view.stale_after_ms)

    def _notice_symbol(self) -> None:
        symbol = self.acting_symbol()
        market = self.desk.store.markets.get(symbol)
        if market is not None:
            self.view.group_usually(market.instrument, market.last_price())
        if symbol != self._symbol:
            if self._symbol:
                self.cursor_price = None
            self._symbol, self._held = symbol, None
            self._sight, self._pictures = Sight(), Pictures()

    def _market(self) -> Market | None:
        return self.desk.store.market(self._symbol) if self._symbol in self.desk.store.instruments else None

    @property
    def _group(self) -> int:
        return self.view.grouping(self._symbol)

    def _picture(self, market: Market) -> LadderPicture:
        now_ns = self.view.clock.monotonic_ns()
        return self._pictures.take(
            self.desk.store, market, self._group, self._sight, with_changes=self._has_changes, now_ns=now_ns
        )

    def _name_state(self, width: int) -> None:
        market = self._market()
        if market is None:
            self.set_title()
            return
        group = grouped(market.instrument.tick.text(self._group))
        words = [f"pinned {self.pinned}" if width >= _WORDY else self.pinned] if self.pinned else []
        words += [market.book.extent] if market.book.extent else []
        words += [f"grp {group}" if width >= 40 else group]
        words += ["cum"] * self._is_cumulative + ["PO"] * self.view.post_only + ["RO"] * self.view.reduce_only
        is_following = self.cursor_price is None and not self._sight.is_scrolled
        right = "follow ●" if is_following else "␣ centre"
        held = ("HELD · h lets go", "HELD") if self._held else (right, "")
        self.set_title(" ".join(words), *held)

    # looking

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
        self.cursor_price = None
        self._sight.centre()

    def action_coarser(self) -> None:
        """More ticks in a row."""
        self.view.regroup(self._symbol, coarser=True)
        self._regrouped()

    def action_finer(self) -> None:
        """Fewer ticks in a row."""
        self.view.regroup(self._symbol, coarser=False)
        self._regrouped()

    def action_cumulative(self) -> None:
        """Sizes summed from the touch outwards, or as they stand."""
        self._is_cumulative = not self._is_cumulative

    def action_changes(self) -> None:
        """Sizes pulled and stacked lately beside those that stand, or not."""
        self._has_changes = not self._has_changes
        if not self._has_changes:
            self.view.intents.say("pulled and stacked sizes are hidden")
        elif not columns(self.content_size.width, self._columns.price, has_changes=True).change:
            self.view.intents.say("no room for pulled and stacked sizes: z zooms the ladder", Severity.WARNING)
        else:
            self.view.intents.say("± shows sizes pulled ▽ and stacked △ at each level")

    def action_hold(self) -> None:
        """Freeze the picture, or let it live again."""
        market = self._market()
        if self._held is not None or market is None or self._staleness():
            self._held = None
        else:
            self._held = self._picture(market)

    def action_book(self) -> None:
        """The order book side by side in the ladder's place."""
        self.view.intents.show_pane(BOOK_OF[self.place_id])

    def action_pin(self) -> None:
        """Stay with this symbol whatever has the focus, or be linked again."""
        if self.pinned:
            self._pinned_cursor = None
            self.view.intents.pin(self.place_id, ())
            self.view.intents.say("the ladder follows the focused symbol again")
        elif self._market() is not None:
            self._pinned_cursor, self._symbol = self.view.cursor_price, self.view.symbol
            self.view.intents.pin(self.place_id, (self.view.symbol,))
            self.view.intents.say(f"the ladder stays with {self.view.symbol}; p links it again")

    def action_size(self, number: str = "1") -> None:
        """Choose a size preset."""
        count = self.view.preset_count(self._symbol)
        if int(number) <= count:
            self.view.preset = int(number) - 1
        else:
            self.view.intents.say(f"there are only {count} size presets", Severity.WARNING)

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
        cursor = cursor_group(self.cursor_price, market.instrument, self._group)
        if cursor is None:
            bid, ask = touch_groups(market.book.view(1, self._group), self._group)
            start = ask if levels > 0 else bid
            if start is None:
                return
            cursor, levels = start, levels - (1 if levels > 0 else -1)
        self._put_cursor(cursor + levels, market.instrument)

    def _put_cursor(self, group: int, instrument: Instrument) -> None:
        self._sight.is_scrolled = False
        self.cursor_price = group_price(max(1, group), instrument.tick, self._group)

    def _regrouped(self) -> None:
        """A held picture is of the old grouping; the cursor stays at the price its row now carries."""
        self._held = None
        market = self._market()
        cursor = None if market is None else cursor_group(self.cursor_price, market.instrument, self._group)
        if market is not None and cursor is not None:
            self._put_cursor(cursor, market.instrument)

    def _why_not(self) -> str:
        """Why nothing may be meant by what is seen, "" when something may."""
        if self._held is not None:
            return "the picture is held, h lets go"
        words = self._staleness()
        return f"STALE, {words}" if words else ""
