"""The history of one order, opened over the chart by Enter on an order or an execution."""

from tui.engine.commands import Desk, Origin
from tui.engine.commands.views import ShowOrderHistory
from tui.engine.order_history import OrderKey
from tui.ui.actions import ROWS
from tui.ui.history.lines import history_lines
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span
from tui.ui.view_state import ViewState


class HistoryPane(LinePane):
    """Shows what the engine has read of the order that was asked for last; grows while that order lives."""

    CONTEXT = "history"
    LABEL = "Order"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._top = 0
        self._rows = 1

    @property
    def contexts(self) -> tuple[str, ...]:
        """Those of rows: there is nothing to do here but to read."""
        return self.CONTEXT, ROWS

    def lines(self, width: int, height: int) -> list[Line]:
        """The story from where it is scrolled to."""
        history = self.desk.store.order_history
        if history is None:
            return [(Span(" Enter on an order or a fill shows its history", "dim"),)]
        symbol = history.wanted.symbol
        self.set_title(symbol, "↑↓ scroll  Esc leave")
        told = history_lines(history, self.desk.store.instruments.get(symbol), width)
        self._rows = height
        self._top = max(0, min(self._top, len(told) - height))
        shown = told[self._top : self._top + height]
        below = len(told) - self._top - height
        return [*shown[:-1], (Span(f" ↓ {below + 1} more", "dim"),)] if below > 0 else shown

    def acting_symbol(self) -> str:
        """The order's symbol."""
        history = self.desk.store.order_history
        return self.view.symbol if history is None else history.wanted.symbol

    def action_up(self) -> None:
        """A line up."""
        self._top -= 1

    def action_down(self) -> None:
        """A line down."""
        self._top += 1

    def action_page_up(self) -> None:
        """A page up."""
        self._top -= self._rows - 1

    def action_page_down(self) -> None:
        """A page down."""
        self._top += self._rows - 1

    def action_first(self) -> None:
        """To the beginning."""
        self._top = 0

    def action_last(self) -> None:
        """To the end."""
        self._top = 10**9


def show_history(desk: Desk, view: ViewState, which: OrderKey) -> None:
    """Have an order's history read and open it; its symbol takes the focus where it is listed."""
    if which.symbol in desk.store.instruments and which.symbol != view.symbol:
        view.intents.focus_symbol(which.symbol)
    desk.send(ShowOrderHistory(which), Origin.KEY)
    view.intents.show_pane(HistoryPane.CONTEXT)
