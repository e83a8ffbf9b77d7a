"""The watchlist pane: Enter shows the symbol under the cursor everywhere."""

from collections.abc import Sequence

from tui.ui.lines import Line, Span
from tui.ui.rows_pane import RowsPane
from tui.ui.staleness import market_staleness
from tui.ui.watchlist.lines import WatchRow, account_mark, columns_for


class WatchlistPane(RowsPane[WatchRow]):
    """Symbols kept in view."""

    CONTEXT = "watchlist"
    NUMBER = "1"
    LABEL = "Watchlist"
    EMPTY = "empty; / finds symbols"

    def rows(self) -> Sequence[WatchRow]:
        """The watched symbols in their order."""
        store = self.desk.store
        with_orders = {order.symbol for order in store.open_orders()}
        return [self._row(symbol, symbol in with_orders) for symbol in store.watched]

    def key_of(self, row: WatchRow) -> object:
        """Rows are known by their symbol."""
        return row.symbol

    def symbol_of(self, row: WatchRow) -> str:
        """The symbol itself."""
        return row.symbol

    def is_dim(self, row: WatchRow) -> bool:
        """Of a market not heard of lately."""
        return row.is_stale

    def mark_of(self, row: WatchRow) -> Span:
        """Whether the account is involved there."""
        return account_mark(row)

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment."""
        rows = self.rows()
        return self.table(columns_for(width, rows), rows, width, height)

    def action_choose(self) -> None:
        """Show the symbol under the cursor in every linked pane."""
        self.action_go()

    def _row(self, symbol: str, has_order: bool) -> WatchRow:
        store, is_shown = self.desk.store, symbol == self.view.symbol
        instrument = store.instruments.get(symbol)
        position = store.positions.get(symbol)
        has_position = position is not None and bool(position.quantity)
        if instrument is None:
            return WatchRow(symbol, None, None, None, (), is_shown, has_position, has_order, is_stale=False)
        market = store.market(symbol)
        now_ns = self.view.clock.monotonic_ns()
        is_stale = bool(market_staleness(store, symbol, now_ns, self.view.stale_after_ms))
        ticker = market.ticker.value if market.ticker else None
        return WatchRow(
            symbol,
            instrument,
            market.last_price(),
            ticker.change_percent if ticker else None,
            market.sparkline,
            is_shown,
            has_position,
            has_order,
            is_stale,
        )
