"""The chart pane: interval, zoom, pan, cross-hair, studies, and where the account is involved."""

from collections.abc import Sequence
from dataclasses import replace

from textual import events

from tui.domain.interval import INTERVALS, OF_PRINTS
from tui.domain.market import Candle
from tui.engine.alerts.alert import AlertKind, AlertRequest
from tui.engine.commands import AddAlert, Desk, LoadEarlierCandles, Origin, RemoveAlert
from tui.engine.store import Market, Severity
from tui.ui.book.depth_view import DepthView
from tui.ui.chart.interval_words import interval_words
from tui.ui.chart.lines import LastDrawn, axis_cells, chart_lines, chart_scale, shares
from tui.ui.chart.marks import moved_price
from tui.ui.chart.own import OwnThings, alert_at
from tui.ui.chart.picture import ZOOMS, ChartPicture, ChartState, CrossHair, visible, window
from tui.ui.chart.series import ChartSeries, index_at
from tui.ui.chart.studies import USUAL, StudyShelf
from tui.ui.figures import price as price_text
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span, fit
from tui.ui.staleness import market_staleness
from tui.ui.state_file import table
from tui.ui.view_state import ViewState

#: Where the state file keeps how charts are drawn.
SECTION = "chart"

#: Candles left of the screen below which earlier ones are asked for.
_LOAD_BELOW = 60

#: The newest bar is drawn no oftener than this: the ladder and the header have the price itself in every frame.
_DRAWN_EVERY_NS = 190_000_000


class ChartPane(LinePane):
    """Candles of the focused symbol, or its depth."""

    CONTEXT = "chart"
    NUMBER = "2"
    LABEL = "Chart"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self._state = ChartState()
        self._symbol = ""
        self._series = ChartSeries()
        remembered = table(view.state.section(SECTION))
        letters = remembered.get("studies")
        self.studies = StudyShelf(letters if isinstance(letters, str) else USUAL)
        self._state = replace(self._state, is_line=remembered.get("line") is True)
        self._is_choosing = False
        self._is_depth = False
        self._depth = DepthView()
        #: Opening time of the last candle shown while panned back; None follows the newest.
        self._until_ms: int | None = None
        #: Opening time of the oldest candle when earlier ones were last asked for.
        self._asked_at: tuple[str, str, int] | None = None
        self._plot = 80
        self._rows = 20
        self._own = OwnThings()
        self._looks: object = None
        self._drawn_from: object = None
        self._drawn_ns = 0
        self._last_drawn = LastDrawn()
        self._lines: list[Line] = []

    def lines(self, width: int, height: int) -> list[Line]:
        """The chart of this moment; drawn anew only when something on it changed."""
        store, symbol = self.desk.store, self.view.symbol
        instrument = store.instruments.get(symbol)
        if instrument is None:
            return [fit((Span(" no symbol", "dim"),), width)]
        self._notice_symbol()
        self._name_view(width)
        market = store.market(symbol)
        if self._is_depth:
            return self._depth.lines(self.desk.store, self.view, width, height)
        candles, revision = self._candles(market)
        state = self._placed(candles)
        words = market_staleness(store, symbol, self.view.clock.monotonic_ns(), self.view.stale_after_ms)
        note = f"STALE {words}" if words else "" if candles else f"loading {self.view.interval} candles"
        last = market.last_price()
        self._own.collect(store, instrument)
        marks, fills = self._own.marks, self._own.fills
        left_ms = self._left_ms(candles) if not words else None
        menu = [self.studies.menu(width)] if self._is_choosing else []
        looks = (width, height, state, symbol, self.view.interval, note, len(candles), marks, fills)
        key = (*looks, self.studies.letters, self._is_choosing)
        if self._is_due(key, (revision, last, left_ms)):
            drawn = self.studies.drawn(candles)
            picture = ChartPicture(instrument, candles, last, marks, note, drawn, fills, left_ms)
            self._plot = width - axis_cells(picture)
            self._rows = shares(picture, width, height - len(menu)).rows
            body = chart_lines(picture, state, width, height - len(menu), self._last_drawn)
            self._lines = [*(fit(line, width) for line in menu), *body]
        return self._lines

    def _remember(self) -> None:
        """Draw the same way at the next start."""
        self.view.state.put(SECTION, {"studies": self.studies.letters, "line": self._state.is_line})

    def _is_due(self, looks: object, market: object) -> bool:
        """Whether to draw anew: at once when it looks different, else with the market, but not with every frame."""
        now_ns = self.view.clock.monotonic_ns()
        is_other = looks != self._looks
        if not is_other and (market == self._drawn_from or now_ns - self._drawn_ns < _DRAWN_EVERY_NS):
            return False
        self._looks, self._drawn_from, self._drawn_ns = looks, market, now_ns
        return True

    def take_key(self, event: events.Key) -> bool:
        """While studies are chosen letters switch them; Escape ends choosing, then the cross-hair."""
        if event.key == "escape" and not self._is_choosing and self._state.cross is not None:
            self._state = replace(self._state, cross=None)
            self.paint()
            return True
        if not self._is_choosing:
            return False
        if event.key in ("enter", "escape", "i"):
            self._is_choosing = False
        elif self.studies.toggle(event.character or ""):
            self._remember()
        else:
            self._is_choosing = False
            return False
        self.paint()
        return True

    def on_blur(self) -> None:
        """Leaving the pane ends choosing."""
        self._is_choosing = False

    # what is shown

    def action_shorter(self) -> None:
        """The next shorter interval."""
        self._interval(-1)

    def action_longer(self) -> None:
        """The next longer interval."""
        self._interval(1)

    def action_zoom_in(self) -> None:
        """Wider candles; in the depth curve, nearer to the touch."""
        if self._is_depth:
            self._depth.nearer()
        else:
            self._state = replace(self._state, zoom=min(len(ZOOMS) - 1, self._state.zoom + 1))

    def action_zoom_out(self) -> None:
        """More candles; in the depth curve, farther from the touch."""
        if self._is_depth:
            self._depth.farther()
        else:
            self._state = replace(self._state, zoom=max(0, self._state.zoom - 1))

    def action_style(self) -> None:
        """Candles, or a line of closes."""
        self._state = replace(self._state, is_line=not self._state.is_line)
        self._remember()

    def action_depth(self) -> None:
        """The depth of the book as a curve, or the candles."""
        self._is_depth = not self._is_depth

    def action_studies(self) -> None:
        """Choose which averages and bands are drawn."""
        self._is_choosing = True

    # where in time

    def action_older(self) -> None:
        """A quarter of the screen into the past."""
        self._pan(max(1, self._fitting() // 4))

    def action_newer(self) -> None:
        """A quarter of the screen towards now."""
        self._pan(-max(1, self._fitting() // 4))

    def action_live(self) -> None:
        """Back to the newest candle, without a cross-hair."""
        self._until_ms = None
        self._state = replace(self._state, cross=None)

    # the cross-hair

    def action_left(self) -> None:
        """The cross-hair a candle back."""
        self._step(-1, 0)

    def action_right(self) -> None:
        """The cross-hair a candle on."""
        self._step(1, 0)

    def action_up(self) -> None:
        """The cross-hair a row higher."""
        self._step(0, 1)

    def action_down(self) -> None:
        """The cross-hair a row lower."""
        self._step(0, -1)

    def action_alert(self) -> None:
        """Put an alert at the cross-hair's price, or take the one there away; the first press shows the cross-hair."""
        cross, symbol, store = self._state.cross, self.view.symbol, self.desk.store
        if cross is None or self._is_depth or symbol not in store.instruments:
            self._is_depth = False
            self._step(0, 0)
            return
        at = price_text(store.instruments[symbol].tick, cross.price)
        alert = alert_at(store, symbol, cross.price)
        if alert is not None:
            self.desk.send(RemoveAlert(alert.number), Origin.KEY)
            self.view.intents.say(f"alert at {at} removed")
            return
        last = store.market(symbol).last_price()
        kind = AlertKind.PRICE_BELOW if last is not None and cross.price < last else AlertKind.PRICE_ABOVE
        self.desk.send(AddAlert(AlertRequest(kind, symbol, cross.price)), Origin.KEY)
        word = "at or below" if kind is AlertKind.PRICE_BELOW else "at or above"
        self.view.intents.say(f"alert: {symbol} {word} {at}", Severity.SUCCESS)

    def _step(self, candles: int, rows: int) -> None:
        market = self._market()
        if market is None:
            return
        kept, _ = self._candles(market)
        last = market.last_price()
        if not kept or last is None:
            return
        cross, state = self._state.cross, self._placed(kept)
        shown = visible(kept, state, self._plot)
        if cross is None:
            price = shown[-1].close if state.back else last
            self._state = replace(self._state, cross=CrossHair(shown[-1].open_ms, price))
            return
        scale = chart_scale(shown, last if not state.back else None, self._rows)
        price = moved_price(cross.price, rows, scale, market.instrument.tick.size) if rows else cross.price
        at = min(len(kept) - 1, max(0, index_at(kept, cross.open_ms) + candles))
        self._state = replace(self._state, cross=CrossHair(kept[at].open_ms, price))
        if kept[at].open_ms < shown[0].open_ms:
            self._pan(1)
        elif kept[at].open_ms > shown[-1].open_ms:
            self._pan(-1)

    # the candles

    def _market(self) -> Market | None:
        store = self.desk.store
        return store.market(self.view.symbol) if self.view.symbol in store.instruments else None

    def _notice_symbol(self) -> None:
        if self.view.symbol != self._symbol:
            self._symbol = self.view.symbol
            self._series, self._until_ms = ChartSeries(), None
            self._state = replace(self._state, cross=None)

    def _candles(self, market: Market) -> tuple[Sequence[Candle], int]:
        """The bars of the interval shown, and a number that rises with each change of them."""
        return self._series.candles(market, self.view.interval)

    def _left_ms(self, candles: Sequence[Candle]) -> int | None:
        if not candles or self._until_ms is not None:
            return None
        left = candles[-1].close_ms + 1 - self.view.clock.now_ms()
        return left // 1_000 * 1_000 if left >= 0 else None

    def _fitting(self) -> int:
        return max(1, self._plot // ZOOMS[self._state.zoom][0])

    def _interval(self, step: int) -> None:
        known = self.view.interval in INTERVALS
        index = INTERVALS.index(self.view.interval) + step if known else 0
        self._until_ms = None
        self._is_depth = False
        self.view.intents.show_interval(INTERVALS[min(len(INTERVALS) - 1, max(0, index))])

    def _pan(self, candles: int) -> None:
        market = self._market()
        kept = self._candles(market)[0] if market is not None else ()
        if not kept:
            return
        back = min(len(kept) - 1, max(0, self._placed(kept).back + candles))
        self._until_ms = kept[len(kept) - 1 - back].open_ms if back else None
        if candles > 0:
            self._ask_for_earlier(kept)

    def _ask_for_earlier(self, kept: Sequence[Candle]) -> None:
        """Have candles before the oldest loaded when the screen comes near to it; once for each oldest."""
        first, _ = window(len(kept), self._placed(kept), self._plot)
        asked = (self.view.symbol, self.view.interval, kept[0].open_ms)
        if first >= _LOAD_BELOW or asked == self._asked_at or self.view.interval in OF_PRINTS:
            return
        self._asked_at = asked
        self.desk.send(LoadEarlierCandles(self.view.symbol, self.view.interval), Origin.KEY)

    def _placed(self, candles: Sequence[Candle]) -> ChartState:
        """The state with `back` counted for these candles, so that new ones do not move a past picture."""
        back = 0
        if self._until_ms is not None and candles:
            back = len(candles) - 1 - index_at(candles, self._until_ms)
        return replace(self._state, back=back, is_hollow=bool(self.app.no_color) or self.view.is_ascii)

    # words and marks

    def _name_view(self, width: int) -> None:
        past = "past · 0 live" if self._until_ms is not None and not self._is_depth else ""
        if self._is_depth:
            self.set_title(f"{self.view.symbol} depth", "d candles")
            return
        self.set_title(f"{self.view.symbol} {past}".strip(), interval_words(self.view.interval, width - 30))
