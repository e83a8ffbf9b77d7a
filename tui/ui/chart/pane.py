"""The chart pane: interval, zoom, pan, and where the account is involved."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from tui.domain.instrument import Instrument
from tui.domain.market import Candle
from tui.domain.order import Side
from tui.engine.commands import Desk
from tui.ui.actions import bindings
from tui.ui.chart.lines import ZOOMS, ChartPicture, ChartState, Mark, axis_cells, chart_lines, visible
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span
from tui.ui.staleness import market_staleness
from tui.ui.view_state import INTERVALS, ViewState


class ChartPane(LinePane):
    """Candles of the focused symbol."""

    CONTEXT = "chart"
    NUMBER = "2"
    LABEL = "Chart"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("chart")]

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._state = ChartState()
        #: Opening time of the last candle shown while panned back; None follows the newest.
        self._until_ms: int | None = None
        self._page = 20
        self._drawn_from: object = None
        self._lines: list[Line] = []

    def lines(self, width: int, height: int) -> list[Line]:
        """The chart of this moment; drawn anew only when something on it changed."""
        store, symbol = self.desk.store, self.view.symbol
        instrument = store.instruments.get(symbol)
        if instrument is None:
            return [(Span(" no symbol", "dim"),)]
        series = store.market(symbol).candles
        candles = series.value.candles if series and series.value.interval == self.view.interval else ()
        state = self._placed(candles)
        self._name_view()
        words = market_staleness(store, symbol, self.view.clock.monotonic_ns(), self.view.stale_after_ms)
        note = f"STALE {words}" if words else "" if candles else f"loading {self.view.interval} candles"
        last, marks = store.market(symbol).last_price(), tuple(self._marks(instrument))
        source = (width, height, state, instrument, series, last, marks, note)
        if source != self._drawn_from:
            picture = ChartPicture(instrument, candles, last, marks, note)
            self._page = max(1, len(visible(candles, state, width - axis_cells(picture))) // 4)
            self._drawn_from, self._lines = source, chart_lines(picture, state, width, height)
        return self._lines

    def action_shorter(self) -> None:
        """The next shorter interval."""
        self._interval(-1)

    def action_longer(self) -> None:
        """The next longer interval."""
        self._interval(1)

    def action_zoom_in(self) -> None:
        """Wider candles."""
        self._state = replace(self._state, zoom=min(len(ZOOMS) - 1, self._state.zoom + 1))

    def action_zoom_out(self) -> None:
        """More candles."""
        self._state = replace(self._state, zoom=max(0, self._state.zoom - 1))

    def action_older(self) -> None:
        """A quarter of the screen into the past."""
        self._pan(self._page)

    def action_newer(self) -> None:
        """A quarter of the screen towards now."""
        self._pan(-self._page)

    def action_live(self) -> None:
        """Back to the newest candle."""
        self._until_ms = None

    def action_style(self) -> None:
        """Candles, or a line of closes."""
        self._state = replace(self._state, is_line=not self._state.is_line)

    def _interval(self, step: int) -> None:
        known = self.view.interval in INTERVALS
        index = INTERVALS.index(self.view.interval) + step if known else 0
        self._until_ms = None
        self.view.intents.show_interval(INTERVALS[min(len(INTERVALS) - 1, max(0, index))])

    def _pan(self, candles: int) -> None:
        series = self.desk.store.market(self.view.symbol).candles
        if series is None or not series.value.candles:
            return
        kept = series.value.candles
        back = min(len(kept) - 1, max(0, self._placed(kept).back + candles))
        self._until_ms = kept[len(kept) - 1 - back].open_ms if back else None

    def _placed(self, candles: Sequence[Candle]) -> ChartState:
        """The state with `back` counted for these candles, so that new ones do not move a past picture."""
        back = 0
        if self._until_ms is not None:
            back = sum(1 for candle in candles if candle.open_ms > self._until_ms)
        return replace(self._state, back=back, is_hollow=bool(self.app.no_color))

    def _name_view(self) -> None:
        intervals = " ".join(f"[{each}]" if each == self.view.interval else each for each in INTERVALS)
        past = "past · 0 live" if self._until_ms is not None else ""
        self.set_title(f"{self.view.symbol} {past}".strip(), intervals)

    def _marks(self, instrument: Instrument) -> list[Mark]:
        """Entry, working orders and protective triggers of the symbol."""
        store, symbol = self.desk.store, self.view.symbol
        marks = []
        position = store.positions.get(symbol)
        if position is not None and position.quantity:
            direction = "LONG" if position.quantity > 0 else "SHORT"
            size = instrument.quantity_text(abs(position.quantity))
            marks.append(Mark(position.entry_price, f"entry {direction} {size}", "entry", "╌"))
        for order in store.open_orders(symbol):
            price = order.price if order.trigger_price is None else order.trigger_price
            if price is None:
                continue
            side, style = ("B", "bid") if order.side is Side.BUY else ("S", "ask")
            size = "position" if order.close_position else instrument.quantity_text(order.leaves)
            is_trigger = order.trigger_price is not None
            label = f"{'stop ' if is_trigger else ''}{side} {size}"
            marks.append(Mark(price, label, "warn" if is_trigger else style, "·" if is_trigger else "╌"))
        return marks
