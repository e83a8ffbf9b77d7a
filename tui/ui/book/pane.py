"""The order book pane: the book of the focused symbol or of a pinned one, and beside it those that were added."""

from collections.abc import Sequence

from tui.domain.instrument import Instrument
from tui.engine.book_keeper import BookKeeper
from tui.engine.commands import Desk
from tui.engine.store import Market, Severity
from tui.ui.book.depth import columns_for, depth_lines, group_for
from tui.ui.book.lines import FIXED_LINES, BookPicture, book_lines
from tui.ui.figures import grouped
from tui.ui.ladder.lines import words_lines
from tui.ui.ladder.picture import OwnLevel, own_levels
from tui.ui.layout.composition import slot_of
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span, fit
from tui.ui.staleness import book_staleness
from tui.ui.view_state import ViewState

#: Cells below which a book is not worth drawing beside others.
_LEAST = 34

#: Cells from which the title says in words what it names.
_WORDY = 44

#: Rows of the curve below a book, and rows of a pane from which there is one.
_CURVE, _WITH_CURVE = 9, 24

#: How far the curve reaches, in hundredths of a percent.
_REACH = 10

#: Groups read for a row, so that the best that hold orders fill the pane.
_DEEPER = 3

#: Books a pane can show beside its own.
MOST_BESIDE = 5


class BookPane(LinePane):
    """Books side by side; looks only. What its place is pinned to is shared with the ladder of that place."""

    CONTEXT = "book"
    LABEL = "Book"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._is_curved = True
        self._is_cumulative = False
        self._own: dict[str, tuple[object, dict[int, tuple[OwnLevel, ...]]]] = {}

    def symbols(self, width: int) -> list[str]:
        """What is shown: its own symbol first, then those beside it, as many as have room."""
        listed = [symbol for symbol in self._wanted_symbols() if symbol in self.desk.store.instruments]
        return listed[: max(1, (width + 1) // (_LEAST + 1))]

    def _wanted_symbols(self) -> list[str]:
        return list(dict.fromkeys([self.acting_symbol(), *self.view.pinned(self.place_id)]))

    def lines(self, width: int, height: int) -> list[Line]:
        """The books of this moment."""
        symbols = self.symbols(width)
        self._name_state(len(symbols), width)
        if not symbols:
            return words_lines("NO SYMBOL", "press / to choose one", width, height)
        each = (width - len(symbols) + 1) // len(symbols)
        widths = [each] * (len(symbols) - 1) + [width - (each + 1) * (len(symbols) - 1)]
        blocks = [
            self._block(symbol, cells, height, is_named=len(symbols) > 1)
            for symbol, cells in zip(symbols, widths, strict=True)
        ]
        if len(blocks) == 1:
            return blocks[0]
        return [_joined([block[y] for block in blocks]) for y in range(height)]

    def _block(self, symbol: str, width: int, height: int, *, is_named: bool) -> list[Line]:
        """One book with its curve; always `height` lines."""
        store, clock = self.desk.store, self.view.clock
        market = store.market(symbol)
        words = book_staleness(store, symbol, clock.monotonic_ns(), self.view.stale_after_ms)
        if words:
            title = "STALE" if market.book.received_ns else "NO BOOK YET"
            return words_lines(f"{symbol} {title}" if is_named else title, words, width, height)
        self.view.group_usually(market.instrument, market.last_price())
        curve = _CURVE if self._is_curved and height >= _WITH_CURVE else 0
        group = self.view.grouping(symbol)
        rows = height - curve
        book, told = _shown_book(market)
        picture = BookPicture(
            market.instrument,
            group,
            # Groups without an order are not shown: beyond the touch there must be more than there are rows.
            book.view(_DEEPER * max(1, rows - FIXED_LINES), group),
            book.view(10),
            self._own_levels(market, group),
            told,
            self._is_cumulative,
        )
        lines = book_lines(picture, width, rows, is_named=is_named)
        if curve:
            lines += self._curve(market.instrument, book, width, curve)
        return lines + [fit((), width)] * (height - len(lines))

    def _curve(self, instrument: Instrument, book: BookKeeper, width: int, height: int) -> list[Line]:
        touch = book.view(1)
        group = group_for(touch.best_bid or 1, _REACH, columns_for(width))
        view = book.view(max(1, columns_for(width)), group)
        return depth_lines(view, instrument, group, width, height, _REACH)

    def _own_levels(self, market: Market, group: int) -> dict[int, tuple[OwnLevel, ...]]:
        store, symbol = self.desk.store, market.instrument.symbol
        source = (store.revision, group)
        known = self._own.get(symbol)
        if known is None or known[0] != source:
            levels = own_levels(store.orders.values(), symbol, market.instrument.tick, group)
            known = self._own[symbol] = (source, levels)
        return known[1]

    def _name_state(self, shown: int, width: int) -> None:
        symbol = self.acting_symbol()
        instrument = self.desk.store.instruments.get(symbol)
        if instrument is None:
            self.set_title()
            return
        group = grouped(instrument.tick.text(self.view.grouping(symbol)))
        hidden = len(self._wanted_symbols()) - shown
        more = f" · {hidden} more, z zooms" if hidden > 0 else ""
        pinned = "pinned " if self.pinned and width >= _WORDY else ""
        group = f"grp {group}" if width >= _WORDY else group
        summed = " cum" if self._is_cumulative else ""
        self.set_title(f"{pinned}{symbol} {group}{summed}{more}", "n ladder")

    def action_ladder(self) -> None:
        """The ladder in this place again."""
        self.view.intents.show_pane(slot_of(self.place_id))

    def action_coarser(self) -> None:
        """More ticks in a row."""
        self.view.regroup(self.acting_symbol(), coarser=True)

    def action_finer(self) -> None:
        """Fewer ticks in a row."""
        self.view.regroup(self.acting_symbol(), coarser=False)

    def action_curve(self) -> None:
        """The depth curve below the levels, or more levels."""
        self._is_curved = not self._is_curved

    def action_pin(self) -> None:
        """Stay with this symbol whatever has the focus, or be linked again."""
        symbol = self.acting_symbol()
        if self.pinned:
            self.view.intents.pin(slot_of(self.place_id), ())
            self.view.intents.say("the book follows the focused symbol again")
        elif symbol in self.desk.store.instruments:
            self.view.intents.pin(slot_of(self.place_id), (symbol,))
            self.view.intents.say(f"the book stays with {symbol}; p links it again")
        else:
            self.view.intents.say("no symbol to pin: find one with /", Severity.WARNING)

    def action_cumulative(self) -> None:
        """Sizes summed from the touch outwards, as bars and where there is one column, or as they stand."""
        self._is_cumulative = not self._is_cumulative

    def action_beside(self) -> None:
        """Find a symbol whose book is then shown beside this one."""
        if len(self.view.pinned(self.place_id)) >= MOST_BESIDE:
            self.view.intents.say(f"{MOST_BESIDE} books stand beside it already: x leaves one book", Severity.WARNING)
        else:
            self.view.intents.choose_symbol("a book beside this one", self._show_beside)

    def action_alone(self) -> None:
        """Show no books beside its own."""
        self.view.intents.pin(self.place_id, ())

    def _show_beside(self, symbol: str) -> None:
        beside = self.view.pinned(self.place_id)
        if symbol != self.acting_symbol() and symbol not in beside:
            self.view.intents.pin(self.place_id, (*beside, symbol))
        self.view.intents.show_pane(self.place_id)
        hidden = len(self._wanted_symbols()) - len(self.symbols(self.content_size.width))
        if hidden > 0:
            self.view.intents.say(f"the book of {symbol} stands beside it: z zooms to show all")


def _shown_book(market: Market) -> tuple[BookKeeper, str]:
    """The book with retail orders where it is followed, else the ordinary one; and what to call it."""
    if market.rpi_book.is_live:
        return market.rpi_book, "with RPI"
    return market.book, market.book.extent


def _joined(parts: Sequence[Line]) -> Line:
    spans: list[Span] = list(parts[0])
    for part in parts[1:]:
        spans += [Span("┃", "faint"), *part]
    return tuple(spans)
