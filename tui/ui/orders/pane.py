"""The orders pane: cancels the order under the cursor."""

from collections.abc import Sequence

from tui.engine.commands import CancelOrder, Origin
from tui.engine.store import Severity
from tui.ui.lines import Line
from tui.ui.middles import middle
from tui.ui.order_words import cancel_words
from tui.ui.orders.lines import OrderRow, columns_for, order_rows
from tui.ui.rows_pane import RowsPane


class OrdersPane(RowsPane[OrderRow]):
    """Open orders of the whole account, and those that ended lately."""

    CONTEXT = "orders"
    NUMBER = "6"
    LABEL = "Orders"
    EMPTY = "no orders; b and s open the ticket, or trade from the ladder"

    @property
    def tab_text(self) -> str:
        """Number, name and how many are open."""
        return f"{super().tab_text} ({len(self.desk.store.open_orders())})"

    def rows(self) -> Sequence[OrderRow]:
        """Open orders as the command line counts them, then the last ones that ended."""
        store, clock = self.desk.store, self.view.clock
        orders = list(store.orders.values())
        symbols = {order.symbol for order in orders if not order.status.is_closed}
        now_ns = clock.monotonic_ns()
        middles = {symbol: middle(store, symbol, now_ns, self.view.stale_after_ms) for symbol in symbols}
        return order_rows(orders, store.instruments, middles, clock.now_ms())

    def key_of(self, row: OrderRow) -> object:
        """Orders are known by their client order id."""
        return row.order.client_order_id

    def symbol_of(self, row: OrderRow) -> str:
        """The order's symbol."""
        return row.order.symbol

    def is_dim(self, row: OrderRow) -> bool:
        """Ended, or of a wallet not heard of lately."""
        return row.order.status.is_closed or self.is_old(row.order.product)

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment."""
        self.set_title("", "x cancel  ⏎ show  F8 entries")
        return self.table(columns_for(width), self.rows(), width, height, note=self.account_note())

    def action_cancel(self) -> None:
        """Cancel the order under the cursor: at once when ARMED, except orders that protect a position."""
        row, say = self.chosen(), self.view.intents.say
        if row is None:
            say("no order is chosen", Severity.WARNING)
            return
        order = row.order
        if order.status.is_closed:
            say(f"this order has ended already: {order.status.value}", Severity.WARNING)
        elif order.cancel_requested:
            say("the cancel of this order is on its way", Severity.WARNING)
        else:
            intend = self.view.intents.propose if order.is_protective else self.view.intents.trade
            intend(CancelOrder(order.client_order_id), cancel_words(order, row.instrument), Origin.ORDERS)
