"""The chart pane: interval, zoom, pan, pin, cross-hair, studies, and alerts where the trader points."""

from collections.abc import Sequence
from dataclasses import replace

from textual import events

from tui.domain.interval import INTERVALS, OF_PRINTS
from tui.domain.market import Candle
from tui.engine.alerts.alert import AlertKind, AlertRequest
from tui.engine.commands import Desk, Origin
from tui.engine.commands.automation import AddAlert, RemoveAlert
from tui.engine.commands.views import LoadEarlierCandles
from tui.engine.store import Severity
from tui.ui.chart.lines import chart_scale
from tui.ui.chart.marks import moved_price
from tui.ui.chart.own import alert_at
from tui.ui.chart.picture import ZOOMS, CrossHair, visible, window
from tui.ui.chart.series import index_at
from tui.ui.chart.view import ChartView
from tui.ui.figures import price as price_text
from tui.ui.view_state import ViewState

#: Candles left of the screen below which earlier ones are asked for.
_LOAD_BELOW = 60


class ChartPane(ChartView):
    """Takes keys; never sends an order."""

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        #: Opening time of the oldest candle when earlier ones were last asked for.
        self._asked_at: tuple[str, str, int] | None = None

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
            self.look = replace(self.look, studies=self.studies.letters)
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
            self.look = replace(self.look, zoom=min(len(ZOOMS) - 1, self.look.zoom + 1))

    def action_zoom_out(self) -> None:
        """More candles; in the depth curve, farther from the touch."""
        if self._is_depth:
            self._depth.farther()
        else:
            self.look = replace(self.look, zoom=max(0, self.look.zoom - 1))

    def action_style(self) -> None:
        """Candles, or a line of closes."""
        self.look = replace(self.look, is_line=not self.look.is_line)

    def action_depth(self) -> None:
        """The depth of the book as a curve, or the candles."""
        self._is_depth = not self._is_depth

    def action_studies(self) -> None:
        """Choose which averages and bands are drawn."""
        self._is_choosing = True

    def action_pin(self) -> None:
        """Stay with this symbol whatever has the focus, or be linked again."""
        symbol = self.acting_symbol()
        if self.pinned:
            self.view.intents.pin(self.place_id, ())
            self.view.intents.say("the chart follows the focused symbol again")
        elif self._market() is not None:
            self.view.intents.pin(self.place_id, (symbol,))
            self.view.intents.say(f"the chart stays with {symbol}; p links it again")

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
        cross, symbol, store = self._state.cross, self.acting_symbol(), self.desk.store
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
        at = min(len(kept) - 1, max(0, index_at(kept, cross.open_ms) + candles))
        newest = last if not state.back else None
        if rows:
            scale = chart_scale(shown, newest, self._rows, cross.price)
            price = moved_price(cross.price, rows, scale, market.instrument.tick.size)
        else:
            is_seen = chart_scale(shown, newest, self._rows).row(float(cross.price)) is not None
            price = cross.price if is_seen else kept[at].close
        self._state = replace(self._state, cross=CrossHair(kept[at].open_ms, price))
        if kept[at].open_ms < shown[0].open_ms:
            self._pan(1)
        elif kept[at].open_ms > shown[-1].open_ms:
            self._pan(-1)

    # which candles

    def _interval(self, step: int) -> None:
        known = self.look.interval in INTERVALS
        index = INTERVALS.index(self.look.interval) + step if known else 0
        self._until_ms = None
        self._is_depth = False
        self.view.intents.show_interval(INTERVALS[min(len(INTERVALS) - 1, max(0, index))], self.place_id)

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
        """Have candles before the oldest loaded when the screen comes near to it; once for each oldest.

        Whoever goes away and comes back, as after giving it up, asks again.
        """
        first, _ = window(len(kept), self._placed(kept), self._plot)
        asked = (self.acting_symbol(), self.look.interval, kept[0].open_ms)
        if first >= _LOAD_BELOW:
            self._asked_at = None
            return
        if asked == self._asked_at or self.look.interval in OF_PRINTS:
            return
        self._asked_at = asked
        self.desk.send(LoadEarlierCandles(self.acting_symbol(), self.look.interval), Origin.KEY)
