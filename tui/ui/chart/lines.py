"""The chart as lines: a legend, candles with studies and marks, strength, volume, price and time axes."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from tui.domain.market import Candle
from tui.ui.chart.candles import draw_candle, draw_line, draw_volume
from tui.ui.chart.canvas import Canvas
from tui.ui.chart.legend import candle_legend
from tui.ui.chart.marks import draw_cross, draw_fills, draw_last, draw_marks
from tui.ui.chart.picture import ZOOMS, ChartPicture, ChartState, window
from tui.ui.chart.scale import PriceScale, moment_text, price_scale, round_prices, time_label, time_step_ms
from tui.ui.chart.studies import draw_study, fitting_legend
from tui.ui.figures import compact, near_price
from tui.ui.figures import price as price_text
from tui.ui.lines import Line, Span, fit

#: Rows that hold a legend as well, a second line of it for studies, and a panel for those from 0 to 100.
_WITH_LEGEND, _WITH_SECOND, _WITH_PANEL = 12, 18, 20

#: Cells from which one line holds the whole legend.
_ONE_LINE = 120

#: How much higher than all that it must hold a scale ends at most.
_AIR = Decimal("1.05")


def axis_cells(picture: ChartPicture, state: ChartState) -> int:
    """Width of the price axis: a mark and the longest price that the scale can reach."""
    known = [picture.last or Decimal(0), state.cross.price if state.cross is not None else Decimal(0)]
    high = max(*known, *(candle.high for candle in picture.candles))
    return max(len(near_price(picture.instrument.tick, high * _AIR)), 4) + 2


class LastDrawn:
    """What is left of the frame before: its closed candles, and its rows where they are the same again."""

    def __init__(self) -> None:
        self.canvas: Canvas | None = None
        self._closed: tuple[object, Canvas] | None = None

    def closed(self, source: object, draw: Callable[[], Canvas]) -> Canvas:
        """A copy of what was drawn from this source, drawn only when it is another one."""
        if self._closed is None or self._closed[0] != source:
            self._closed = (source, draw())
        return self._closed[1].copy()


def chart_lines(
    picture: ChartPicture, state: ChartState, width: int, height: int, last: LastDrawn | None = None
) -> list[Line]:
    """The whole chart, each line exactly `width` cells; words where there is nothing to draw or no room."""
    plot = width - axis_cells(picture, state)
    if height < 4 or plot < 8 or not picture.candles:
        words = picture.note or ("no candles yet" if not picture.candles else "no room for a chart here")
        return [fit((Span(f" {words}", "dim"),), width)]
    return _Drawing(picture, state, width, height, plot).lines(last or LastDrawn())


class Shares(NamedTuple):
    """Rows of each part of the chart; the legend and the time axis have one each."""

    head: int
    rows: int
    panel: int
    volume: int


def shares(picture: ChartPicture, width: int, height: int) -> Shares:
    """How the height is shared out: small charts have prices alone."""
    needs_second = bool(picture.studies) and width < _ONE_LINE and height >= _WITH_SECOND
    head = 1 + needs_second if height >= _WITH_LEGEND else 0
    body = height - 1 - head
    has_panel = body >= _WITH_PANEL and any(study.is_panel for study in picture.studies)
    panel = max(3, body // 7) if has_panel else 0
    volume = max(1, body // 6) if body >= 8 else 0
    return Shares(head, body - volume - panel, panel, volume)


def chart_scale(shown: Sequence[Candle], last: Decimal | None, rows: int, cross: Decimal | None = None) -> PriceScale:
    """A scale that holds the candles, the last price unless that is None, and a cross-hair not too far away."""
    lows, highs = [float(c.low) for c in shown], [float(c.high) for c in shown]
    if last is not None:
        lows.append(float(last))
        highs.append(float(last))
    scale = price_scale(lows, highs, rows)
    at, height = float(cross or 0), scale.high - scale.low
    if cross is None or scale.row(at) is not None or not scale.low - height <= at <= scale.high + height:
        return scale
    return price_scale([*lows, at], [*highs, at], rows)


def candle_ms(candles: Sequence[Candle]) -> int:
    """The length of the newest candle."""
    return max(1, candles[-1].close_ms - candles[-1].open_ms + 1)


class _Drawing:
    """One frame: how the rows are shared out, and what is drawn into them."""

    def __init__(self, picture: ChartPicture, state: ChartState, width: int, height: int, plot: int) -> None:
        self.picture, self.state, self.width, self.plot = picture, state, width, plot
        self.first, self.stop = window(len(picture.candles), state, plot)
        self.shown = picture.candles[self.first : self.stop]
        self.pitch, self.body = ZOOMS[state.zoom]
        left = max(0, plot - len(self.shown) * self.pitch)
        self.xs = [left + index * self.pitch for index in range(len(self.shown))]
        self.middles = [x + self.body // 2 for x in self.xs]
        self.head, self.rows, self.panel_rows, self.volume_rows = shares(picture, width, height)
        self.canvas = Canvas(width, height - 1 - self.head)
        self.largest = max((float(candle.volume) for candle in self.shown), default=0.0)
        cross = state.cross.price if state.cross is not None else None
        self.scale = chart_scale(self.shown, picture.last if state.back == 0 else None, self.rows, cross)

    def lines(self, last: LastDrawn) -> list[Line]:
        """Legend, plot and time axis."""
        before = len(self.shown) - 1
        self.canvas = last.closed(self._closed_source(), lambda: self._closed_candles(before))
        self._candles(before, before + 1)
        if self.panel_rows:
            self._panel_axis()
        if self.volume_rows > 1 and self.largest:
            text = compact(max(candle.volume for candle in self.shown), min(6, self.width - self.plot - 2))
            self.canvas.write(self.plot, self.rows + self.panel_rows, f"┤ {text}", "dim")
        draw_fills(self.canvas, self.picture, self.shown, self.scale, self.middles)
        draw_marks(self.canvas, self.picture, self.scale, self.plot)
        self._axis()
        draw_last(self.canvas, self.picture, self.scale, self.plot)
        cross = draw_cross(self.canvas, self.picture, self.state, self.shown, self.scale, self.middles, self.plot)
        note = Span(f" {self.picture.note} ", "stale")
        if self.picture.note and not self.head:
            self.canvas.write(0, 0, *note)
        head = [fit((note,), self.width)] if self.picture.note else self._legend(cross)
        rows = self.canvas.lines(last.canvas)
        last.canvas = self.canvas
        head += [fit((), self.width)] * (self.head - len(head))
        return [*head[: self.head], *rows, self._times(cross)]

    def _closed_source(self) -> object:
        """All that decides how the closed candles look."""
        studies = [(study.label, study.values[self.first : self.stop - 1]) for study in self.picture.studies]
        scales = (self.scale, self.largest, self.rows, self.panel_rows, self.volume_rows)
        state = (self.state.zoom, self.state.is_line, self.state.is_ascii)
        return (self.width, self.plot, scales, state, studies, tuple(self.shown[:-1]))

    def _closed_candles(self, before: int) -> Canvas:
        self._candles(0, before)
        return self.canvas

    def _candles(self, first: int, stop: int) -> None:
        """Some of the candles with their studies and volumes; lines begin at the candle before them."""
        canvas, joined = self.canvas, max(0, first - 1)
        shown, xs, middles = self.shown[first:stop], self.xs[first:stop], self.middles[joined:stop]
        if self.state.is_line:
            draw_line(canvas, [float(candle.close) for candle in self.shown[joined:stop]], self.scale, middles)
        else:
            for candle, x in zip(shown, xs, strict=True):
                draw_candle(canvas, candle, self.scale, x, self.body, is_ascii=self.state.is_ascii)
        for study in self.picture.studies:
            values = study.values[self.first + joined : self.first + stop]
            if not study.is_panel:
                draw_study(canvas, study, values, self.scale, middles, 0)
            elif self.panel_rows:
                draw_study(canvas, study, values, PriceScale(0, 100, self.panel_rows), middles, self.rows)
        if self.volume_rows:
            draw_volume(canvas, shown, xs, self.body, self.rows + self.panel_rows, self.largest)

    def _panel_axis(self) -> None:
        for level in (70, 30):
            row = self.rows + PriceScale(0, 100, self.panel_rows).at(level)
            self.canvas.write(self.plot, int(row), f"┤ {level}", "dim")
            for x in range(0, self.plot, 2):
                self.canvas.under(x, int(row), "╌", "faint")

    def _axis(self) -> None:
        tick = self.picture.instrument.tick
        for price in round_prices(self.scale, tick.size):
            row = self.scale.row(float(price))
            if row is not None:
                self.canvas.write(self.plot, row, f"┤ {price_text(tick, price)}", "dim")
                for x in range(0, self.plot, 4):
                    self.canvas.under(x, row, "·", "faint")

    def _legend(self, cross: int | None) -> list[Line]:
        """When the candle at the cross-hair (or the last) opened, what it did, and where the studies are there."""
        at = len(self.shown) - 1 if cross is None else cross
        length, tick = candle_ms(self.picture.candles), self.picture.instrument.tick
        spans = candle_legend(self.shown[at], length, tick, self.width, is_pointed=cross is not None)
        room = self.width if self.head > 1 else self.width - sum(len(span.text) for span in spans)
        named = fitting_legend(self.picture.studies, self.first + at, self.picture.instrument, room)
        return (
            [fit(spans, self.width), fit(named, self.width)] if self.head > 1 else [fit([*spans, *named], self.width)]
        )

    def _times(self, cross: int | None) -> Line:
        """Times under the candles that open a round span; the cross-hair's own laid over them."""
        text = [" "] * self.width
        length = candle_ms(self.picture.candles)
        step = time_step_ms(length, self.pitch, 12)
        free, before = 0, self.shown[0].open_ms - length
        for candle, middle in zip(self.shown, self.middles, strict=True):
            begins, before = candle.open_ms // step != before // step, candle.open_ms
            if not begins or middle < free:
                continue
            label = time_label(candle.open_ms, step)
            start = max(0, middle - len(label) // 2)
            if start >= free and start + len(label) <= self.plot:
                text[start : start + len(label)] = label
                free = start + len(label) + 2
        line = "".join(text)
        if cross is None:
            return (Span(line, "dim"),)
        label = f" {moment_text(self.shown[cross].open_ms, length)} "
        start = max(0, min(self.width - len(label), self.middles[cross] - len(label) // 2))
        spans = Span(line[:start], "dim"), Span(label, "cursor"), Span(line[start + len(label) :], "dim")
        return tuple(span for span in spans if span.text)
