"""The fills pane."""

from collections.abc import Sequence

from tui.ui.fills.lines import COLUMNS, FillRow
from tui.ui.lines import Line
from tui.ui.rows_pane import RowsPane


class FillsPane(RowsPane[FillRow]):
    """Own executions, newest first."""

    CONTEXT = "fills"
    NUMBER = "7"
    LABEL = "Fills"
    EMPTY = "no fills yet"

    def rows(self) -> Sequence[FillRow]:
        """The fills kept, newest first."""
        store = self.desk.store
        for _ in range(8):
            try:
                fills = list(store.fills)
                break
            except RuntimeError:  # the engine's thread added one meanwhile
                continue
        else:
            return []
        return [FillRow(fill, store.instruments.get(fill.symbol)) for fill in fills]

    def key_of(self, row: FillRow) -> object:
        """Trade ids are unique in one symbol of one product."""
        return row.fill.product, row.fill.symbol, row.fill.trade_id, row.fill.client_order_id

    def symbol_of(self, row: FillRow) -> str:
        """The fill's symbol."""
        return row.fill.symbol

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment."""
        self.set_title("", "⏎ show")
        return self.table(COLUMNS, self.rows(), width, height, note=self.account_note())
