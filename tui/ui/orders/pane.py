"""The orders pane: cancels, changes, nudges and marks; every change says what it does to the order's place."""

from collections.abc import Sequence
from decimal import Decimal

from textual import events

from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderChange
from tui.domain.order_change import is_conditional
from tui.domain.order_terms import OrderType, Side
from tui.engine.commands import Command, Desk, Origin
from tui.engine.commands.orders import CancelOrder, CancelOrders, ChangeOrder
from tui.engine.order_history import OrderKey
from tui.engine.store import Severity
from tui.ui.history.pane import show_history
from tui.ui.lines import Line, Span
from tui.ui.middles import middle
from tui.ui.order_words import cancel_words
from tui.ui.orders.filter import OrderFilter
from tui.ui.orders.lines import OrderRow, columns_for, order_rows
from tui.ui.orders.queue import QueueWatch
from tui.ui.orders.row_edit import begin_edit, change_of, change_words, edit_line
from tui.ui.row_edit import EditError, RowEdit
from tui.ui.rows_pane import RowsPane
from tui.ui.view_state import ViewState

#: Levels of a side looked at for the queue before own orders; farther away nobody waits for his turn.
_LEVELS_SEEN = 60


class OrdersPane(RowsPane[OrderRow]):
    """Open orders of the whole account, and those that ended lately."""

    CONTEXT = "orders"
    NUMBER = "6"
    LABEL = "Orders"
    EMPTY = "no orders; b and s open the ticket, or trade from the ladder"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.edit: RowEdit | None = None
        self.filter = OrderFilter()
        self.marked: set[str] = set()
        self._queue = QueueWatch()

    @property
    def tab_text(self) -> str:
        """Number, name and how many are open."""
        return f"{super().tab_text} ({self.counted(len(self.desk.store.open_orders()))})"

    @property
    def is_typing(self) -> bool:
        """Whether an order is being edited."""
        return self.has_focus and self.edit is not None

    def rows(self) -> Sequence[OrderRow]:
        """Open orders as the command line counts them, then the last ones that ended; those the filter lets through."""
        store, clock = self.desk.store, self.view.clock
        orders = list(store.orders.values())
        opened = [order for order in orders if not order.status.is_closed]
        symbols = {order.symbol for order in opened}
        now_ns = clock.monotonic_ns()
        middles = {symbol: middle(store, symbol, now_ns, self.view.stale_after_ms) for symbol in symbols}
        ahead = self._queue.update(opened, self._levels(opened, middles))
        rows = order_rows(orders, store.instruments, middles, clock.now_ms(), ahead, self.marked)
        return [row for row in rows if self.filter.passes(row.order, self.view.symbol)]

    def key_of(self, row: OrderRow) -> object:
        """Orders are known by their client order id."""
        return row.order.client_order_id

    def symbol_of(self, row: OrderRow) -> str:
        """The order's symbol."""
        return row.order.symbol

    def is_over(self, row: OrderRow) -> bool:
        """Filled, cancelled or refused."""
        return row.order.status.is_closed

    def is_dim(self, row: OrderRow) -> bool:
        """Ended, or of a wallet not heard of lately."""
        return row.order.status.is_closed or self.is_old(row.order.product)

    def mark_of(self, row: OrderRow) -> Span:
        """A star before rows that a group action takes."""
        return Span("*", "accent") if row.is_marked else Span(" ")

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment, with the row under edit turned into its fields."""
        self.marked &= {order.client_order_id for order in self.desk.store.open_orders()}
        marked = f"{len(self.marked)} marked" if self.marked else ""
        keys = self.keys_hint("x cancel  m modify  ⏎ history  F8 entries", "⏎ history")
        self.set_title(self.filter.words or marked, keys)
        order = self._edited()[0]
        if order is None or order.status.is_closed:
            self.edit = None
        note, empty = self.account_note(), self.unknown()
        rows = self.rows()
        return self.table(columns_for(width, rows), rows, width, height, note=note, empty=empty)

    def line_instead(self, row: OrderRow) -> Line | None:
        """The row under edit as its fields."""
        if self.edit is None or row.instrument is None or self.key_of(row) != self.edit.key:
            return None
        return edit_line(self.edit, row.order, row.instrument)

    def take_key(self, event: events.Key) -> bool:
        """While an order is edited: numbers, Tab, arrows, Enter for the review, Escape to leave."""
        instrument = self._edited()[1]
        if self.edit is None or instrument is None:
            return False
        if event.key == "escape":
            self.edit = None
        elif event.key == "enter":
            self._propose_edit()
        elif not self.edit.take(event, instrument):
            return False
        self.paint()
        return True

    def on_blur(self) -> None:
        """Leaving the pane leaves the edit."""
        self.edit = None

    # actions

    def action_cancel(self) -> None:
        """Cancel the marked orders or the one under the cursor: at once when ARMED, but never so what protects."""
        marked = self._marked_orders()
        if marked:
            words = f"CANCEL {len(marked)} marked orders: {', '.join(_short(order) for order in marked[:4])}"
            ids = tuple(order.client_order_id for order in marked)
            self._intend(CancelOrders(ids), words + (" …" if len(marked) > 4 else ""), marked)
            self.marked.clear()
            return
        row = self._working_row()
        if row is None:
            return
        if row.order.cancel_requested:
            self.view.intents.say("the cancel of this order is on its way", Severity.WARNING)
            return
        self._intend(CancelOrder(row.order.client_order_id), cancel_words(row.order, row.instrument), [row.order])

    def action_edit(self) -> None:
        """Edit price and size where the order stands."""
        row = self._working_row()
        if row is None or row.instrument is None:
            return
        try:
            self.edit = begin_edit(row.order, row.instrument)
        except EditError as error:
            self.view.intents.say(str(error), Severity.WARNING)

    def action_nudge(self, ticks: str) -> None:
        """Move the order some ticks; its trigger where it waits for one."""
        row = self._working_row()
        if row is None or row.instrument is None:
            return
        order, by = row.order, row.instrument.tick.size * int(ticks)
        if is_conditional(order) and not order.is_triggered and order.terms.trigger_price is not None:
            change = OrderChange(trigger_price=order.terms.trigger_price + by)
        elif order.price is not None:
            change = OrderChange(price=order.price + by)
        else:
            self.view.intents.say("this order has no price to move", Severity.WARNING)
            return
        self._change(order, change, row.instrument)

    def action_at_best(self) -> None:
        """Replace the order at the best price of its own side."""
        row = self._working_row()
        if row is None or row.instrument is None:
            return
        order = row.order
        bid, ask = self.desk.store.market(order.symbol).touch()
        price = bid if order.side is Side.BUY else ask
        if order.type is not OrderType.LIMIT or price is None:
            why = "only limit orders join the touch" if price is not None else f"no live book of {order.symbol}"
            self.view.intents.say(why, Severity.WARNING)
            return
        if price == order.price:
            self.view.intents.say("the order is at the best price already")
            return
        self._change(order, OrderChange(price=price), row.instrument)

    def action_mark(self) -> None:
        """Mark the order for a group action, or take the mark away; then a row down."""
        row = self._working_row()
        if row is not None:
            self.marked ^= {row.order.client_order_id}
            self.action_down()

    def action_go(self) -> None:
        """Show the order's whole history, and its symbol in every linked pane."""
        row = self.chosen()
        if row is None:
            self.view.intents.say("no order is chosen", Severity.WARNING)
            return
        order = row.order
        show_history(self.desk, self.view, OrderKey(order.symbol, order.client_order_id, order.order_id or 0))

    def action_filter(self) -> None:
        """All orders, this symbol's, buys, sells, protection, open ones."""
        self.filter = self.filter.next()

    # what they share

    def _change(self, order: Order, change: OrderChange, instrument: Instrument) -> None:
        words = change_words(order, change, instrument)
        self._intend(ChangeOrder(order.client_order_id, change), words, [order])

    def _intend(self, command: Command, words: str, orders: Sequence[Order]) -> None:
        """At once when ARMED, but what protects a position is always reviewed."""
        protects = any(order.is_protective for order in orders)
        intents = self.view.intents
        (intents.propose if protects else intents.trade)(command, words, Origin.ORDERS)

    def _propose_edit(self) -> None:
        order, instrument = self._edited()
        if self.edit is None or order is None or instrument is None:
            self.edit = None
            return
        try:
            change = change_of(self.edit, order, instrument)
        except EditError as error:
            self.view.intents.say(str(error), Severity.WARNING)
            return
        self.edit = None
        command = ChangeOrder(order.client_order_id, change)
        self.view.intents.propose(command, change_words(order, change, instrument), Origin.ORDERS)

    def _edited(self) -> tuple[Order | None, Instrument | None]:
        order = self.desk.store.orders.get(self.edit.key) if self.edit is not None else None
        return order, None if order is None else self.desk.store.instruments.get(order.symbol)

    def _working_row(self) -> OrderRow | None:
        """The row under the cursor if its order still works; otherwise says why nothing can be done."""
        row = self.chosen()
        if row is None:
            self.view.intents.say("no order is chosen", Severity.WARNING)
        elif row.order.status.is_closed:
            self.view.intents.say(f"this order has ended already: {row.order.status.value}", Severity.WARNING)
            return None
        return row

    def _marked_orders(self) -> list[Order]:
        return [order for order in self.desk.store.open_orders() if order.client_order_id in self.marked]

    def _levels(self, orders: Sequence[Order], middles: dict[str, Decimal | None]) -> dict[str, Decimal | None]:
        """Size of the book at each working limit order's price, where a live book shows it."""
        found: dict[str, Decimal | None] = {}
        for symbol in {order.symbol for order in orders if order.price is not None}:
            instrument, market = self.desk.store.instruments.get(symbol), self.desk.store.markets.get(symbol)
            if instrument is None or market is None or not market.book.is_live or middles.get(symbol) is None:
                continue
            view = market.book.view(_LEVELS_SEEN)
            sizes = {Side.BUY: dict(view.bids), Side.SELL: dict(view.asks)}
            for order in orders:
                if order.symbol == symbol and order.price is not None and order.status.is_working:
                    lots = sizes[order.side].get(instrument.tick.count_of(order.price))
                    found[order.client_order_id] = None if lots is None else instrument.step.value(lots)
        return found


def _short(order: Order) -> str:
    at = order.price if order.price is not None else order.terms.trigger_price
    return f"{order.side.value} {order.symbol}" + (f" @ {at.normalize():f}" if at is not None else "")
