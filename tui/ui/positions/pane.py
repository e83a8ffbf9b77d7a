"""The positions pane: closes, turns round, protects and sets up positions, always after a review."""

from collections.abc import Sequence
from decimal import Decimal

from textual import events

from tui.domain.account import Position
from tui.domain.order_terms import PositionSide
from tui.engine.commands import Command, Desk, Origin
from tui.engine.commands.orders import Protect, ReversePosition
from tui.engine.protection import bare
from tui.engine.store import Severity, Store
from tui.ui.lines import Line
from tui.ui.positions.lines import PositionRow, columns_for, protection, size_text, trailing
from tui.ui.positions.protecting import begin_protection, break_even, protect_line, protect_words, protection_of
from tui.ui.row_edit import EditError, RowEdit
from tui.ui.rows_pane import RowsPane
from tui.ui.staleness import mark_age_ms, market_staleness
from tui.ui.view_state import ViewState


class PositionsPane(RowsPane[PositionRow]):
    """Every open position of the account."""

    CONTEXT = "positions"
    NUMBER = "5"
    LABEL = "Positions"
    EMPTY = "flat: no open position"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.edit: RowEdit | None = None

    @property
    def tab_text(self) -> str:
        """Number, name and how many are open."""
        return f"{super().tab_text} ({self.counted(len(self.desk.store.held()), futures_only=True)})"

    @property
    def is_typing(self) -> bool:
        """Whether stop and target are being edited."""
        return self.has_focus and self.edit is not None

    def rows(self) -> Sequence[PositionRow]:
        """Open positions in the order of their symbols; virtual ones below the net that the exchange holds."""
        return [self._row(position) for position in sorted(self._open(), key=lambda each: (each.symbol, _rank(each)))]

    def key_of(self, row: PositionRow) -> object:
        """Positions are known by symbol and, in hedge mode, side."""
        return row.position.key

    def symbol_of(self, row: PositionRow) -> str:
        """The position's symbol."""
        return row.position.symbol

    def is_dim(self, row: PositionRow) -> bool:
        """Of a wallet not heard of lately."""
        return self.is_old(row.position.product)

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment."""
        rows = self.rows()
        if self.edit is not None and all(row.position.key != self.edit.key for row in rows):
            self.edit = None
        count = len(self.desk.store.held())
        empty = self.unknown(futures_only=True)
        state = f"{count} open" if count else "" if empty else "flat"
        self.set_title(state, self.keys_hint("c close  v reverse  m SL/TP  e break-even  ⏎ show", "⏎ show"))
        columns = columns_for(width, has_virtual=bool(self.desk.store.virtual))
        return self.table(columns, rows, width, height, note=self.account_note(), empty=empty)

    def line_instead(self, row: PositionRow) -> Line | None:
        """The row under edit as its stop and its target."""
        if self.edit is None or self.edit.key != row.position.key or row.instrument is None:
            return None
        return protect_line(self.edit, row, row.instrument)

    def take_key(self, event: events.Key) -> bool:
        """While stop and target are edited: numbers, Tab, arrows, Enter for the review, Escape to leave."""
        row = next((row for row in self.rows() if self.edit is not None and row.position.key == self.edit.key), None)
        if self.edit is None or row is None or row.instrument is None:
            return False
        if event.key == "escape":
            self.edit = None
        elif event.key == "enter":
            self._propose_protection(row)
        elif not self.edit.take(event, row.instrument):
            return False
        self.paint()
        return True

    def on_blur(self) -> None:
        """Leaving the pane leaves the edit."""
        self.edit = None

    # actions

    def action_close(self) -> None:
        """Open the command line with the whole position's close, to be cut down, priced, and entered."""
        row = self._tradable()
        if row is not None:
            words = ["close 100%", row.position.symbol, _which(row.position)]
            self.view.intents.type_line(" ".join(word for word in words if word))

    def action_reverse(self) -> None:
        """Propose to turn the position round at market."""
        row = self._tradable()
        if row is None:
            return
        was, then = ("LONG", "SHORT") if row.position.quantity > 0 else ("SHORT", "LONG")
        position, size = row.position, size_text(row)
        words = f"REVERSE {was} {size} {position.symbol} to {then}: closes it and opens as much, at market"
        command = ReversePosition(position.symbol, position.position_side, held=position.quantity)
        self._propose(command, words)

    def action_break_even(self) -> None:
        """Propose to move the stop to where closing costs nothing."""
        row = self._tradable()
        if row is None or row.instrument is None:
            return
        try:
            at = break_even(row, row.instrument)
        except EditError as error:
            self.view.intents.say(str(error), Severity.WARNING)
            return
        position = row.position
        command = Protect(position.symbol, stop_price=at, position_side=position.position_side)
        self._propose(command, protect_words(row, row.instrument, command))

    def action_protect(self) -> None:
        """Edit stop and target where the position stands."""
        row = self._tradable()
        if row is not None and row.instrument is not None:
            self.edit = begin_protection(row, row.instrument)

    def action_leverage(self) -> None:
        """Open the command line with the contract's leverage."""
        row = self._chosen()
        if row is not None:
            self.view.intents.type_line(f"lev {row.position.leverage or 1} {row.position.symbol}")

    def action_margin(self) -> None:
        """Open the command line to add isolated margin."""
        row = self._chosen()
        if row is None:
            return
        if row.position.is_isolated:
            which = "" if row.position.is_virtual else _which(row.position)
            self.view.intents.type_line(f"margin +10 {row.position.symbol} {which}".rstrip())
        else:
            words = "cross margin is shared by all positions: only isolated ones take more"
            self.view.intents.say(words, Severity.WARNING)

    # what they share

    def _propose(self, command: Command, words: str) -> None:
        self.view.intents.propose(command, words, Origin.POSITIONS)

    def _propose_protection(self, row: PositionRow) -> None:
        assert self.edit is not None
        assert row.instrument is not None
        try:
            command = protection_of(self.edit, row, row.instrument)
        except EditError as error:
            self.view.intents.say(str(error), Severity.WARNING)
            return
        self.edit = None
        self._propose(command, protect_words(row, row.instrument, command))

    def _chosen(self) -> PositionRow | None:
        row = self.chosen()
        if row is None:
            self.view.intents.say("no position is chosen", Severity.WARNING)
        return row

    def _tradable(self) -> PositionRow | None:
        """The chosen row, unless it only adds up what stands below it."""
        row = self._chosen()
        if row is None or not row.is_net:
            return row
        words = "the net is what the virtual positions add up to: choose one of those below it"
        self.view.intents.say(words, Severity.WARNING)
        return None

    def _open(self) -> list[Position]:
        """What is held; of virtual positions the net as well, though it be flat."""
        store = self.desk.store
        nets = {one.symbol: _net(store, one) for one in store.virtual.values()}
        return [*store.held(), *nets.values()]

    def _row(self, position: Position) -> PositionRow:
        store, clock, symbol = self.desk.store, self.view.clock, position.symbol
        instrument = store.instruments.get(symbol)
        mark, age = position.mark_price, None
        now_ns = clock.monotonic_ns()
        market = store.market(symbol) if instrument is not None else None
        if market is not None and market.mark is not None:
            mark = market.mark.value.mark
            age = mark_age_ms(store, symbol, now_ns, self.view.stale_after_ms)
        elif instrument is None or market_staleness(store, symbol, now_ns, self.view.stale_after_ms):
            mark = None  # told with the account, nobody knows how long ago
        result = store.results.get(symbol)
        day = None if result is None else result.result
        orders = list(store.orders.values())
        is_net = not position.is_virtual and store.is_virtual(position.product)
        if position.is_virtual:
            day = None  # what the symbol brought is told of the net
        stop, target = protection(orders, position)
        uncovered, trail = bare(orders, position, mark), trailing(orders, position)
        return PositionRow(position, instrument, mark, age, stop, target, clock.now_ms(), day, uncovered, trail, is_net)


def _rank(position: Position) -> int:
    """The net first, then long, short, and what is unassigned."""
    if not position.is_virtual:
        return 0
    return [PositionSide.LONG, PositionSide.SHORT, PositionSide.BOTH].index(position.position_side) + 1


def _net(store: Store, virtual: Position) -> Position:
    """What the exchange holds of a symbol with virtual positions, flat or not."""
    held = store.positions_of(virtual.symbol)
    return held[0] if held else Position(virtual.product, virtual.symbol, Decimal(0), Decimal(0), virtual.time_ms)


def _which(position: Position) -> str:
    """The word that tells positions of one symbol apart."""
    if position.is_unassigned:
        return "unassigned"
    return "" if position.position_side is PositionSide.BOTH else position.position_side.value.lower()
