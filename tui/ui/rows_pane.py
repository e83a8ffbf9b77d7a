"""A pane of rows with a cursor: the part that orders, positions, fills, watchlist and account share."""

import re
from collections.abc import Sequence
from typing import Generic, TypeVar

from tui.domain.product import Product
from tui.engine.commands import Desk
from tui.engine.store import Severity
from tui.ui.actions import ROWS
from tui.ui.figures import UNKNOWN
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span, plain
from tui.ui.staleness import link_staleness
from tui.ui.table import Column, RowCursor, TableState, body_rows, table_lines
from tui.ui.view_state import ViewState

R = TypeVar("R")


class RowsPane(LinePane, Generic[R]):
    """Lists rows; subclasses say which rows, how each is known again, and its symbol."""

    EMPTY = ""

    @property
    def contexts(self) -> tuple[str, ...]:
        """The pane's own actions, then those of rows."""
        return self.CONTEXT, ROWS

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.cursor = RowCursor()
        #: Lines above the first row, as last drawn.
        self._heading = 0

    def rows(self) -> Sequence[R]:
        """The rows of this moment, top first."""
        raise NotImplementedError

    def key_of(self, row: R) -> object:
        """What tells a row from all others for as long as it lives."""
        raise NotImplementedError

    def symbol_of(self, row: R) -> str:
        """The symbol a row is about; "" where it is about none."""
        raise NotImplementedError

    def chosen(self) -> R | None:
        """The row under the cursor, None when that row is gone; never its neighbour."""
        for row in self.rows():
            if self.cursor.key is None or self.key_of(row) == self.cursor.key:
                return row
        return None

    def acting_symbol(self) -> str:
        """The symbol that the pane's keys are about."""
        row = self.chosen()
        symbol = "" if row is None else self.symbol_of(row)
        return symbol or self.view.symbol

    def action_up(self) -> None:
        """A row up."""
        self.cursor.move(self._keys(), -1)

    def action_down(self) -> None:
        """A row down."""
        self.cursor.move(self._keys(), 1)

    def action_page_up(self) -> None:
        """A page up."""
        self.cursor.page(self._keys(), -1)

    def action_page_down(self) -> None:
        """A page down."""
        self.cursor.page(self._keys(), 1)

    def action_first(self) -> None:
        """To the first row."""
        self.cursor.first(self._keys())

    def action_last(self) -> None:
        """To the last row."""
        self.cursor.last(self._keys())

    def action_go(self) -> None:
        """Show the row's symbol in every linked pane."""
        row = self.chosen()
        if row is None:
            self.view.intents.say("no row is chosen", Severity.WARNING)
        elif self.symbol_of(row) in self.desk.store.instruments:
            self.view.intents.focus_symbol(self.symbol_of(row))
        else:
            self.view.intents.say(f"{self.symbol_of(row) or 'this row'} has no market here", Severity.WARNING)

    def table(
        self,
        columns: Sequence[Column[R]],
        rows: Sequence[R],
        width: int,
        height: int,
        *,
        note: str = "",
        empty: str = "",
    ) -> list[Line]:
        """The rows as a table with the cursor where it belongs; the mark is only drawn while the pane has the focus.

        `empty` is said instead of EMPTY where there are no rows.
        """
        self._heading = height - body_rows(width, height, note)
        if not self.has_focus and self._is_left_behind(rows):
            self.cursor.release()
        placed = self.cursor.place([self.key_of(row) for row in rows], height - self._heading)
        state = placed if self.has_focus else TableState(None, placed.top)
        return table_lines(
            columns,
            rows,
            state,
            width,
            height,
            empty=empty or self.EMPTY,
            note=note,
            is_dim=self.is_dim,
            mark=self.mark_of,
            instead=self.line_instead,
        )

    def is_over(self, row: R) -> bool:
        """Whether nothing can be done with a row any more."""
        return False

    def _is_left_behind(self, rows: Sequence[R]) -> bool:
        """Whether nobody put the cursor where it is, or its row is over: the first rows are what matters then."""
        return not self.cursor.is_led or any(self.is_over(row) for row in rows if self.key_of(row) == self.cursor.key)

    def line_instead(self, row: R) -> Line | None:
        """What is shown in place of a row's columns, None for the columns."""
        return None

    def point(self, x: int, y: int) -> None:
        """The cursor on the row that was clicked."""
        self.cursor.point(self._keys(), y - self._heading)

    def copied(self) -> str:
        """The row under the cursor as it is shown, its columns divided by tabs."""
        size = self.content_size
        shown = [plain(line) for line in self.lines(size.width, size.height)]
        row = next((text for text in shown if text.startswith("▶")), "")
        return "\t".join(re.split(r"\s{2,}", row[2:].strip()))

    def mark_of(self, row: R) -> Span:
        """One cell before the columns."""
        return Span(" ")

    def is_dim(self, row: R) -> bool:
        """Whether a row matters less or can no longer be believed."""
        return False

    def account_note(self) -> str:
        """What is wrong with the links that orders and positions come by, "" when nothing is."""
        store = self.desk.store
        if store.links and not store.accounts:
            return ""
        for product, health in store.links.items():
            words = link_staleness(health, "user", self.view.clock.monotonic_ns(), self.view.stale_after_ms)
            if words and product in store.accounts:
                return f"{'STALE' if store.accounts[product] else 'NOT READ'} {product.label}: {words}"
        return "" if store.links else "STALE: no link"

    def unknown(self, *, futures_only: bool = False) -> str:
        """Why no row does not mean that there is nothing: what has not been read yet; "" once all is known."""
        store = self.desk.store
        if not store.accounts:
            return "market data only: no account is followed here" if store.links else "connecting …"
        wanted = [product for product in store.accounts if product.is_futures or not futures_only]
        unread = [product.label for product in wanted if not store.accounts[product]]
        return f"not known yet: {', '.join(unread)}" if unread else ""

    def keys_hint(self, keys: str, looking_on: str) -> str:
        """The keys that the border names: those that only look in a session that may do no more."""
        return looking_on if self.desk.store.session.read_only else keys

    def counted(self, count: int, *, futures_only: bool = False) -> str:
        """A number of rows for the border; a dash where none is known and some may be there."""
        return UNKNOWN if not count and self.unknown(futures_only=futures_only) else str(count)

    def is_old(self, product: Product) -> bool:
        """Whether the account's state of this product may be old."""
        health = self.desk.store.links.get(product)
        return bool(link_staleness(health, "user", self.view.clock.monotonic_ns(), self.view.stale_after_ms))

    def _keys(self) -> list[object]:
        return [self.key_of(row) for row in self.rows()]
