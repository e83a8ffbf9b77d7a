"""The watchlist pane: several named lists, sorted and rearranged; Enter shows the chosen symbol everywhere."""

from collections.abc import Callable, Sequence
from operator import is_

from textual import events

from tui.engine.commands import Desk, Origin
from tui.engine.commands.views import WatchSymbols
from tui.engine.store import Severity
from tui.ui.command.line_edit import LineEdit
from tui.ui.lines import Line, Span, fit
from tui.ui.rows_pane import RowsPane
from tui.ui.view_state import ViewState
from tui.ui.watchlist.lines import WatchCells, WatchRow, account_mark, columns_for, ordered
from tui.ui.watchlist.lists import LONGEST_NAME, Watchlist, WatchlistError, Watchlists
from tui.ui.watchlist.watched import WatchedRows

#: Rows that are sorted by a figure change places no oftener than this, so that they can be read and aimed at.
_SORTED_EVERY_NS = 2_000_000_000

#: Prices are drawn no oftener than this.
_DRAWN_EVERY_NS = 190_000_000


class WatchlistPane(RowsPane[WatchRow]):
    """Symbols kept in view."""

    CONTEXT = "watchlist"
    NUMBER = "1"
    LABEL = "Watchlist"
    EMPTY = "empty; i adds symbols"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.lists = Watchlists(view.state)
        self._watched = WatchedRows(desk.store, view)
        self._cells = WatchCells()
        self._looks: object = None
        self._drawn: Sequence[WatchRow] = ()
        self._drawn_ns = 0
        self._lines: list[Line] = []
        self._sorted: tuple[Watchlist | None, int, list[str]] = (None, 0, [])
        #: The name being typed, and whether it is for a new list.
        self._naming: LineEdit | None = None
        self._is_new = False

    def on_mount(self) -> None:
        """Have the engine watch the list of last time."""
        if self.lists.is_own:
            self._watch()

    @property
    def is_typing(self) -> bool:
        """While a list is named."""
        return self._naming is not None

    def rows(self) -> Sequence[WatchRow]:
        """The symbols of the list shown, in its order."""
        self.lists.adopt(self.desk.store.watched)
        return [self._watched.row(symbol) for symbol in self._in_order()]

    def key_of(self, row: WatchRow) -> object:
        """Rows are known by their symbol."""
        return row.symbol

    def symbol_of(self, row: WatchRow) -> str:
        """The symbol itself."""
        return row.symbol

    def is_dim(self, row: WatchRow) -> bool:
        """Of a market not heard of lately, or that is not listed here."""
        return row.is_stale or row.instrument is None

    def mark_of(self, row: WatchRow) -> Span:
        """Whether the account is involved there."""
        return account_mark(row)

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment, below the name that is being typed."""
        rows, shown = self.rows(), self.lists.current
        many = f" {self.lists.names.index(shown.name) + 1}/{len(self.lists.names)}" if len(self.lists.names) > 1 else ""
        self.set_title(
            f"{shown.name}{many}", f"{shown.order} {'▲' if shown.order == 'symbol' else '▼'}" * bool(shown.order)
        )
        typed = "" if self._naming is None else f"{self._naming.text}|{self._naming.caret}"
        looks = (width, height, shown, typed, self.cursor.key, self.has_focus, self.view.symbol)
        if self._is_due(looks, rows):
            columns = columns_for(width, rows, shown.order, self._cells)
            top = [] if self._naming is None else [self._name_line(self._naming, width)]
            self._lines = [*top, *self.table(columns, rows, width, max(0, height - len(top)))]
            self._heading += len(top)
        return self._lines

    def _is_due(self, looks: object, rows: Sequence[WatchRow]) -> bool:
        """Whether to draw anew: at once when it looks different, else with the market, but not with every frame."""
        now_ns = self.view.clock.monotonic_ns()
        is_same = len(rows) == len(self._drawn) and all(map(is_, rows, self._drawn))
        if looks == self._looks and (is_same or now_ns - self._drawn_ns < _DRAWN_EVERY_NS):
            return False
        # Placing the cursor on its row may give it another key: look again at the next frame.
        self._looks, self._drawn, self._drawn_ns = looks, rows, now_ns
        return True

    def _name_line(self, naming: LineEdit, width: int) -> Line:
        prompt = Span(" new list: " if self._is_new else " name: ", "key")
        return fit((prompt, *naming.spans("strong")), width)

    def take_key(self, event: events.Key) -> bool:
        """While a list is named: letters, Enter to take it, Escape to leave it."""
        if self._naming is None:
            return False
        if event.key == "escape":
            self._naming = None
        elif event.key == "enter":
            self._take_name(self._naming.text)
        elif not self._naming.press(event.key, event.character):
            return event.is_printable
        elif len(self._naming.text) > LONGEST_NAME:
            self._naming.text = self._naming.text[:LONGEST_NAME]
        self.paint()
        return True

    def on_blur(self) -> None:
        """Leaving the pane leaves the name."""
        self._naming = None

    # rows

    def action_choose(self) -> None:
        """Show the symbol under the cursor in every linked pane."""
        self.action_go()

    def action_add(self) -> None:
        """Find a symbol to put on the list."""
        self.view.intents.choose_symbol(f"to add to {self.lists.current.name}", self.add)

    def add(self, symbol: str) -> None:
        """Put a symbol on the list shown, below all others."""
        if self._try(lambda: self.lists.add(symbol)):
            self.cursor.put(symbol)
            self._watch()
            self.view.intents.say(f"{symbol} added to {self.lists.current.name}")

    def action_remove(self) -> None:
        """Take the symbol under the cursor off the list; an empty list goes itself."""
        row = self.chosen()
        if row is not None:
            self.lists.remove(row.symbol)
            self.view.intents.say(f"{row.symbol} removed from {self.lists.current.name}")
        elif not self.lists.current.symbols:
            name = self.lists.current.name
            if not self._try(self.lists.drop):
                return
            self.view.intents.say(f"list {name} is gone")
        self._watch()

    def action_lower(self) -> None:
        """The symbol under the cursor a row down."""
        self._shift(1)

    def action_higher(self) -> None:
        """The symbol under the cursor a row up."""
        self._shift(-1)

    def action_sort(self) -> None:
        """By the next column, then in the trader's own order again."""
        order = self.lists.next_order()
        self.view.intents.say(f"{self.lists.current.name} by {order}" if order else "as arranged: J and K move rows")

    def action_alert(self) -> None:
        """Begin a line that sets an alert on the symbol under the cursor."""
        row = self.chosen()
        if row is None or row.instrument is None:
            self.view.intents.say("no symbol is chosen", Severity.WARNING)
            return
        level = "" if row.last is None else row.instrument.price_text(row.last)
        self.view.intents.type_line(f"alert {row.symbol} > {level}")

    # lists

    def action_next_list(self) -> None:
        """The next list."""
        self._step(1)

    def action_previous_list(self) -> None:
        """The previous list."""
        self._step(-1)

    def action_new_list(self) -> None:
        """Name a new list."""
        self._naming, self._is_new = LineEdit(), True

    def action_rename(self) -> None:
        """Name this list otherwise."""
        self._naming, self._is_new = LineEdit(self.lists.current.name), False
        self._naming.is_selected = True

    def list_name(self) -> str:
        """The list shown; "" while the engine's own choice is."""
        return self.lists.current.name if self.lists.is_own else ""

    def show_list(self, name: str) -> None:
        """Show a list by name, if there still is one."""
        if name != self.lists.current.name and name in self.lists.names:
            self.lists.show(name)
            self._watch()

    def _step(self, by: int) -> None:
        if len(self.lists.names) == 1:
            self.view.intents.say("there is one list; n begins another")
            return
        self.lists.step(by)
        self._watch()

    def _take_name(self, name: str) -> None:
        take = self.lists.begin if self._is_new else self.lists.rename
        if self._try(lambda: take(name)):
            self._naming = None
            self._watch()

    def _try(self, change: Callable[[], None]) -> bool:
        try:
            change()
        except WatchlistError as error:
            self.view.intents.say(str(error), Severity.WARNING)
            return False
        return True

    def _shift(self, by: int) -> None:
        row = self.chosen()
        if row is None:
            return
        if self.lists.current.order:
            self.lists.arrange(self._in_order())
        self.lists.move(row.symbol, by)

    def _watch(self) -> None:
        """Have the engine keep the list's tickers true; what is not listed here cannot be asked for."""
        known = self.desk.store.instruments
        wanted = tuple(each for each in self.lists.current.symbols if not known or each in known)
        self.desk.send(WatchSymbols(wanted), Origin.KEY)

    def _in_order(self) -> list[str]:
        """The symbols as they are shown; sorted anew every other second, and at once when the list changed."""
        shown, now_ns = self.lists.current, self.view.clock.monotonic_ns()
        if not shown.order:
            return list(shown.symbols)
        made_from, at_ns, symbols = self._sorted
        if made_from != shown or now_ns - at_ns >= _SORTED_EVERY_NS:
            rows = ordered((self._watched.row(symbol) for symbol in shown.symbols), shown.order)
            symbols = [row.symbol for row in rows]
            self._sorted = (shown, now_ns, symbols)
        return symbols
