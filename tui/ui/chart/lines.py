"""The chart as lines: candles, volume, price and time axes, last price, own orders and entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.market import Candle
from tui.ui.chart.candles import draw_candle, draw_line, draw_volume
from tui.ui.chart.canvas import Canvas
from tui.ui.chart.scale import PriceScale, price_scale, round_prices, time_label, time_step_ms
from tui.ui.figures import near_price
from tui.ui.figures import price as price_text
from tui.ui.lines import Line, Span, fit

#: Cells from one candle to the next, and cells of its body, from most candles to fewest.
ZOOMS = ((1, 1), (2, 1), (4, 3), (6, 5))


@dataclass(frozen=True, slots=True)
class Mark:
    """A price with a meaning: own order, entry, stop; drawn as a line with its label."""

    price: Decimal
    label: str
    style: str
    dash: str


@dataclass(frozen=True, slots=True)
class ChartState:
    """How the trader looks at it: `zoom` indexes ZOOMS, `back` is how many candles are hidden to the right."""

    zoom: int = 1
    back: int = 0
    is_line: bool = False
    is_hollow: bool = False


@dataclass(frozen=True, slots=True)
class ChartPicture:
    """Plain values of one frame; `note` says what is wrong with them, "" when nothing is."""

    instrument: Instrument
    candles: Sequence[Candle]
    last: Decimal | None
    marks: Sequence[Mark] = ()
    note: str = ""


def visible(candles: Sequence[Candle], state: ChartState, width: int) -> Sequence[Candle]:
    """The candles that fit, ending `back` before the newest."""
    count = max(1, width // ZOOMS[state.zoom][0])
    stop = max(min(count, len(candles)), len(candles) - state.back)
    return candles[max(0, stop - count) : stop]


def axis_cells(picture: ChartPicture) -> int:
    """Width of the price axis: a mark and the longest price."""
    tick = picture.instrument.tick
    high = max((candle.high for candle in picture.candles), default=Decimal(0))
    return max(len(price_text(tick, high)), len(price_text(tick, picture.last)), 4) + 2


def chart_lines(picture: ChartPicture, state: ChartState, width: int, height: int) -> list[Line]:
    """The whole chart, each line exactly `width` cells; words where there is nothing to draw or no room."""
    axis = axis_cells(picture)
    plot = width - axis
    if height < 4 or plot < 8 or not picture.candles:
        words = picture.note or ("no candles yet" if not picture.candles else "no room for a chart here")
        return [fit((Span(f" {words}", "dim"),), width)]
    shown = visible(picture.candles, state, plot)
    volume_rows = max(1, (height - 1) // 6) if height >= 9 else 0
    rows = height - 1 - volume_rows
    lows, highs = [float(candle.low) for candle in shown], [float(candle.high) for candle in shown]
    if state.back == 0 and picture.last is not None:
        lows.append(float(picture.last))
        highs.append(float(picture.last))
    scale = price_scale(lows, highs, rows)
    canvas = Canvas(width, height - 1)
    pitch, body = ZOOMS[state.zoom]
    xs = [index * pitch + max(0, plot - len(shown) * pitch) for index in range(len(shown))]
    _draw_prices(canvas, picture, state, shown, scale, xs, body)
    draw_volume(
        canvas,
        [float(candle.volume) for candle in shown],
        [candle.close >= candle.open for candle in shown],
        rows,
        xs,
        body,
    )
    _draw_marks(canvas, picture, scale, plot)
    _draw_axis(canvas, picture, scale, plot)
    _draw_last(canvas, picture, scale, plot)
    if picture.note:
        canvas.write(0, 0, f" {picture.note} ", "stale")
    return [*canvas.lines(), _time_axis(shown, xs, pitch, body, width, plot)]


def _draw_prices(
    canvas: Canvas,
    picture: ChartPicture,
    state: ChartState,
    shown: Sequence[Candle],
    scale: PriceScale,
    xs: list[int],
    body: int,
) -> None:
    if state.is_line:
        draw_line(canvas, [float(candle.close) for candle in shown], scale, [x + body // 2 for x in xs])
        return
    for candle, x in zip(shown, xs, strict=True):
        draw_candle(canvas, candle, scale, x, body, is_hollow=state.is_hollow)


def _draw_axis(canvas: Canvas, picture: ChartPicture, scale: PriceScale, plot: int) -> None:
    tick = picture.instrument.tick
    for price in round_prices(scale, tick.size):
        row = scale.row(float(price))
        if row is not None:
            canvas.write(plot, row, f"┤ {price_text(tick, price)}", "dim")
            for x in range(0, plot, 4):
                canvas.under(x, row, "·", "faint")


def _draw_marks(canvas: Canvas, picture: ChartPicture, scale: PriceScale, plot: int) -> None:
    """Lines of own prices; labels of one row stand beside each other."""
    tick = picture.instrument.tick
    free: dict[int, int] = {}
    for mark in picture.marks:
        row = scale.row(float(mark.price))
        if row is None:
            continue
        label = f" {mark.label} {near_price(tick, mark.price)} "
        start = free.get(row, 1)
        if start + len(label) < plot:
            canvas.write(start, row, label, mark.style)
            free[row] = start + len(label) + 1
        for x in range(plot):
            canvas.under(x, row, mark.dash, mark.style)


def _draw_last(canvas: Canvas, picture: ChartPicture, scale: PriceScale, plot: int) -> None:
    tick = picture.instrument.tick
    row = scale.row(float(picture.last)) if picture.last is not None else None
    if row is None:
        return
    is_up = not picture.candles or picture.last is None or picture.last >= picture.candles[-1].open
    style = "dim" if picture.note else "up" if is_up else "down"
    for x in range(plot):
        canvas.under(x, row, "┄", style)
    canvas.write(plot, row, " " * (canvas.width - plot), "")
    canvas.write(plot, row, f"◀{price_text(tick, picture.last)}", style if picture.note else f"{style} last")


def _time_axis(shown: Sequence[Candle], xs: list[int], pitch: int, body: int, width: int, plot: int) -> Line:
    """Times under the candles that open at them."""
    text = [" "] * width
    candle_ms = max(1, shown[-1].open_ms - shown[-2].open_ms if len(shown) > 1 else 60_000)
    step = time_step_ms(candle_ms, pitch, 12)
    free = 0
    for candle, x in zip(shown, xs, strict=True):
        if candle.open_ms % step:
            continue
        label = time_label(candle.open_ms, step)
        start = max(0, x + body // 2 - len(label) // 2)
        if start >= free and start + len(label) <= width:
            text[start : start + len(label)] = label
            free = start + len(label) + 2
    return (Span("".join(text), "dim"),)
