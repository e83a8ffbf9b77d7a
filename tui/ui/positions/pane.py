"""The positions pane: closes the position under the cursor after a review."""

from collections.abc import Sequence

from tui.domain.account import Position
from tui.engine.commands import ClosePosition, Origin
from tui.engine.store import Severity
from tui.ui.lines import Line
from tui.ui.positions.lines import COLUMNS, PositionRow, protection
from tui.ui.rows_pane import RowsPane
from tui.ui.staleness import market_staleness


class PositionsPane(RowsPane[PositionRow]):
    """Every open position of the account."""

    CONTEXT = "positions"
    NUMBER = "5"
    LABEL = "Positions"
    EMPTY = "flat: no open position"

    @property
    def tab_text(self) -> str:
        """Number, name and how many are open."""
        return f"{super().tab_text} ({len(self._open())})"

    def rows(self) -> Sequence[PositionRow]:
        """Open positions in the order of their symbols."""
        return [self._row(position) for position in sorted(self._open(), key=lambda each: each.symbol)]

    def key_of(self, row: PositionRow) -> object:
        """Positions are known by their symbol."""
        return row.position.symbol

    def symbol_of(self, row: PositionRow) -> str:
        """The position's symbol."""
        return row.position.symbol

    def is_dim(self, row: PositionRow) -> bool:
        """Of a wallet not heard of lately."""
        return self.is_old(row.position.product)

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment."""
        rows = self.rows()
        self.set_title(f"{len(rows)} open" if rows else "flat", "c close  ⏎ show")
        return self.table(COLUMNS, rows, width, height, note=self.account_note())

    def action_close(self) -> None:
        """Propose to close the whole position at market."""
        row = self.chosen()
        if row is None:
            self.view.intents.say("no position is chosen", Severity.WARNING)
            return
        position = row.position
        direction = "LONG" if position.quantity > 0 else "SHORT"
        size = abs(position.quantity)
        text = row.instrument.quantity_text(size) if row.instrument else f"{size:f}"
        words = f"CLOSE {direction} {text} {position.symbol} at market, reduce-only"
        self.view.intents.propose(ClosePosition(position.symbol), words, Origin.POSITIONS)

    def _open(self) -> list[Position]:
        return [position for position in self.desk.store.positions.values() if position.quantity]

    def _row(self, position: Position) -> PositionRow:
        store, clock, symbol = self.desk.store, self.view.clock, position.symbol
        instrument = store.instruments.get(symbol)
        mark, age = position.mark_price, None
        stop, target = protection(store.orders.values(), symbol)
        now_ns = clock.monotonic_ns()
        market = store.market(symbol) if instrument is not None else None
        if market is not None and market.mark is not None:
            mark = market.mark.value.mark
            if market_staleness(store, symbol, now_ns, self.view.stale_after_ms):
                age = market.mark.age_ms(now_ns)
        return PositionRow(position, instrument, mark, age, stop, target, clock.now_ms())
