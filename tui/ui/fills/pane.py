"""The fills pane."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tui.engine.commands import Desk
from tui.engine.fills_export import write_fills
from tui.engine.order_history import OrderKey
from tui.engine.store import Severity
from tui.ui.fills.lines import COLUMNS, DAY_MS, EVERYTHING, FILTERS, FillRow, passes
from tui.ui.history.pane import show_history
from tui.ui.lines import Line
from tui.ui.rows_pane import RowsPane
from tui.ui.view_state import ViewState


class FillsPane(RowsPane[FillRow]):
    """Own executions, newest first."""

    CONTEXT = "fills"
    NUMBER = "7"
    LABEL = "Fills"
    EMPTY = "no fills yet"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.filter = EVERYTHING

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
        now_ms = self.view.clock.now_ms()
        day_ms = now_ms // DAY_MS * DAY_MS
        listed = [fill for fill in fills if passes(self.filter, fill, self.view.symbol, day_ms)]
        return [FillRow(fill, store.instruments.get(fill.symbol), now_ms) for fill in listed]

    def key_of(self, row: FillRow) -> object:
        """Trade ids are unique in one symbol of one product."""
        return row.fill.product, row.fill.symbol, row.fill.trade_id, row.fill.client_order_id

    def symbol_of(self, row: FillRow) -> str:
        """The fill's symbol."""
        return row.fill.symbol

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment."""
        self.set_title(self.filter, "f filter  e export  ⏎ history")
        note, empty = self.account_note() or self._unread_note(), self.unknown()
        return self.table(COLUMNS, self.rows(), width, height, note=note, empty=empty)

    def _unread_note(self) -> str:
        """What is missing because the trader gave up reading it."""
        unread = list(self.desk.store.unread)
        more = f" +{len(unread) - 1}" if len(unread) > 1 else ""
        return f"NOT READ: fills of {unread[0]}{more}" if unread else ""

    def action_filter(self) -> None:
        """All fills, this symbol's, today's, buys, sells."""
        self.filter = FILTERS[(FILTERS.index(self.filter) + 1) % len(FILTERS)]

    def action_export(self) -> None:
        """Write the listed fills to a CSV file and say where."""
        fills = [row.fill for row in self.rows()]
        if not fills:
            self.view.intents.say("no fill is listed, so there is nothing to write", Severity.WARNING)
            return
        if self.view.exports_folder is None:
            self.view.intents.say(
                "this session has no folder to write to: binance-tui fills --csv FILE", Severity.WARNING
            )
            return
        now = datetime.fromtimestamp(self.view.clock.now_ms() / 1000, UTC)
        path = self.view.exports_folder / f"fills-{now:%Y%m%d-%H%M%S}.csv"
        try:
            count = write_fills(path, fills, self.desk.store.session.venue)
        except OSError as error:
            self.view.intents.say(f"{path} cannot be written: {error.strerror}", Severity.ERROR)
        else:
            what = "1 fill" if count == 1 else f"{count} fills"
            self.view.intents.say(f"{what} written to {path}", Severity.SUCCESS)

    def action_order(self) -> None:
        """Show the whole history of the order this execution belongs to, and its symbol in every linked pane."""
        row = self.chosen()
        if row is None:
            self.view.intents.say("no fill is chosen", Severity.WARNING)
            return
        fill = row.fill
        show_history(self.desk, self.view, OrderKey(fill.symbol, fill.client_order_id, fill.order_id))
