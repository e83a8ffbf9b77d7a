"""The chart as it is looked at: one symbol's candles at one interval, or its depth, and what is the trader's in it."""

from collections.abc import Sequence
from dataclasses import replace

from tui.domain.market import Candle
from tui.engine.commands import Desk
from tui.engine.store import Market
from tui.ui.book.depth_view import DepthView
from tui.ui.chart.interval_words import interval_words
from tui.ui.chart.lines import LastDrawn, axis_cells, chart_lines, shares
from tui.ui.chart.look import MAIN_CHART, ChartLook
from tui.ui.chart.own import OwnThings
from tui.ui.chart.picture import ZOOMS, ChartPicture, ChartState
from tui.ui.chart.series import ChartSeries, index_at
from tui.ui.chart.studies import StudyShelf
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span, fit
from tui.ui.staleness import market_staleness
from tui.ui.view_state import ViewState

#: The newest bar is drawn no oftener than this: the ladder and the header have the price itself in every frame.
_DRAWN_EVERY_NS = 190_000_000


class ChartView(LinePane):
    """Candles of the focused symbol, or of the one it is pinned to, or their depth."""

    CONTEXT = "chart"
    NUMBER = "2"
    LABEL = "Chart"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._state = ChartState()
        self._symbol = ""
        self._series = ChartSeries()
        self.studies = StudyShelf(self.look.studies)
        self._is_choosing = False
        self._is_depth = False
        self._depth = DepthView()
        #: Opening time of the last candle shown while panned back; None follows the newest.
        self._until_ms: int | None = None
        self._plot = 80
        self._rows = 20
        self._own = OwnThings()
        self._looks: object = None
        self._drawn_from: object = None
        self._drawn_ns = 0
        self._last_drawn = LastDrawn()
        self._lines: list[Line] = []

    @property
    def is_main(self) -> bool:
        """Whether its interval is the one of the focused symbol's candles."""
        return self.place_id == MAIN_CHART

    @property
    def look(self) -> ChartLook:
        """How it is drawn."""
        return self.view.look(self.place_id)

    @look.setter
    def look(self, look: ChartLook) -> None:
        self.view.charts[self.place_id] = look

    def lines(self, width: int, height: int) -> list[Line]:
        """The chart of this moment; drawn anew only when something on it changed."""
        store, symbol, look = self.desk.store, self.acting_symbol(), self.look
        instrument = store.instruments.get(symbol)
        if instrument is None:
            return [fit((Span(" no symbol", "dim"),), width)]
        self._notice_symbol()
        self._name_view(width)
        self.studies.letters = look.studies
        market = store.market(symbol)
        if self._is_depth:
            return self._depth.lines(store, self.view, symbol, width, height)
        candles, revision = self._candles(market)
        state = self._placed(candles)
        words = market_staleness(store, symbol, self.view.clock.monotonic_ns(), self.view.stale_after_ms)
        note = f"STALE {words}" if words else "" if candles else f"loading {look.interval} candles"
        last = market.last_price()
        self._own.collect(store, instrument)
        marks, fills = self._own.marks, self._own.fills
        left_ms = self._left_ms(candles) if not words else None
        menu = [self.studies.menu(width)] if self._is_choosing else []
        looks = (width, height, state, symbol, look.interval, note, len(candles), marks, fills)
        key = (*looks, self.studies.letters, self._is_choosing)
        if self._is_due(key, (revision, last, left_ms)):
            drawn = self.studies.drawn(candles)
            picture = ChartPicture(instrument, candles, last, marks, note, drawn, fills, left_ms)
            self._plot = width - axis_cells(picture, state)
            self._rows = shares(picture, width, height - len(menu)).rows
            body = chart_lines(picture, state, width, height - len(menu), self._last_drawn)
            self._lines = [*(fit(line, width) for line in menu), *body]
        return self._lines

    def _is_due(self, looks: object, market: object) -> bool:
        """Whether to draw anew: at once when it looks different, else with the market, but not with every frame."""
        now_ns = self.view.clock.monotonic_ns()
        is_other = looks != self._looks
        if not is_other and (market == self._drawn_from or now_ns - self._drawn_ns < _DRAWN_EVERY_NS):
            return False
        self._looks, self._drawn_from, self._drawn_ns = looks, market, now_ns
        return True

    # the candles

    def _market(self) -> Market | None:
        store = self.desk.store
        symbol = self.acting_symbol()
        return store.market(symbol) if symbol in store.instruments else None

    def _notice_symbol(self) -> None:
        if self.acting_symbol() != self._symbol:
            self._symbol = self.acting_symbol()
            self._series, self._until_ms = ChartSeries(), None
            self._state = replace(self._state, cross=None)

    def _candles(self, market: Market) -> tuple[Sequence[Candle], int]:
        """The bars of the interval shown, and a number that rises with each change of them."""
        return self._series.candles(market, self.look.interval)

    def _left_ms(self, candles: Sequence[Candle]) -> int | None:
        if not candles or self._until_ms is not None:
            return None
        left = candles[-1].close_ms + 1 - self.view.clock.now_ms()
        return left // 1_000 * 1_000 if left >= 0 else None

    def _fitting(self) -> int:
        return max(1, self._plot // ZOOMS[self.look.zoom][0])

    def _placed(self, candles: Sequence[Candle]) -> ChartState:
        """The state with `back` counted for these candles, so that new ones do not move a past picture."""
        back = 0
        if self._until_ms is not None and candles:
            back = len(candles) - 1 - index_at(candles, self._until_ms)
        look = self.look
        return replace(self._state, zoom=look.zoom, is_line=look.is_line, back=back, is_ascii=self.view.is_ascii)

    def _name_view(self, width: int) -> None:
        name = f"{self.pinned} pinned" if self.pinned else self.view.symbol
        if self._is_depth:
            self.set_title(f"{name} depth", "d candles")
            return
        past = " past · 0 live" if self._until_ms is not None else ""
        interval = self.look.interval
        self.set_title(f"{name}{past}", interval_words(interval, width - (38 if self.pinned else 30)), f"[{interval}]")
