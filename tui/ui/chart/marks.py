"""What the chart draws over its candles: own prices, executions, the last price, the cross-hair."""

from collections.abc import Sequence
from decimal import Decimal

from tui.domain.market import Candle
from tui.domain.order_terms import Side
from tui.ui.chart.canvas import Canvas
from tui.ui.chart.picture import ChartPicture, ChartState, Mark
from tui.ui.chart.scale import PriceScale
from tui.ui.figures import near_price, short_duration
from tui.ui.figures import price as price_text


def draw_marks(canvas: Canvas, picture: ChartPicture, scale: PriceScale, plot: int) -> None:
    """Lines of own prices, labels of one row beside each other; those out of sight are named at the edge."""
    tick = picture.instrument.tick
    free: dict[int, int] = {}
    beyond: dict[bool, list[Mark]] = {True: [], False: []}
    for mark in picture.marks:
        row = scale.row(float(mark.price))
        if row is None:
            beyond[float(mark.price) > scale.high].append(mark)
            continue
        label = f" {mark.label} {near_price(tick, mark.price)} "
        start = free.get(row, 1)
        if start + len(label) < plot:
            canvas.write(start, row, label, mark.style)
            free[row] = start + len(label) + 1
        for x in range(plot):
            canvas.under(x, row, mark.dash, mark.style)
    for is_above, marks in beyond.items():
        _edge(canvas, picture, sorted(marks, key=lambda mark: mark.price, reverse=not is_above), plot, scale, is_above)


def _edge(
    canvas: Canvas, picture: ChartPicture, marks: Sequence[Mark], plot: int, scale: PriceScale, is_above: bool
) -> None:
    """Marks above or below the scale at its edge, the nearest first, as far as there is room at the right."""
    labels = [f" {mark.label} {near_price(picture.instrument.tick, mark.price)}" for mark in marks]
    kept: list[tuple[str, str]] = []
    room = plot // 2
    for label, mark in zip(labels, marks, strict=True):
        if len(label) + 2 > room:
            break
        kept.append((label, mark.style))
        room -= len(label)
    if not kept:
        return
    row = 0 if is_above else scale.rows - 1
    x = plot - sum(len(label) for label, _ in kept) - 2
    canvas.write(x, row, "▲" if is_above else "▼", "strong")
    x += 1
    for label, style in kept:
        canvas.write(x, row, label, style)
        x += len(label)


def draw_fills(
    canvas: Canvas, picture: ChartPicture, shown: Sequence[Candle], scale: PriceScale, middles: Sequence[int]
) -> None:
    """Own executions on the candle they happened in: ▲ bought, ▼ sold."""
    if not shown:
        return
    for fill in picture.fills:
        if not shown[0].open_ms <= fill.time_ms <= shown[-1].close_ms:
            continue
        at = _candle_at(shown, fill.time_ms)
        row = scale.row(float(fill.price))
        if row is not None:
            glyph, style = ("▲", "own_buy") if fill.side is Side.BUY else ("▼", "own_sell")
            canvas.put(middles[at], row, glyph, style)


def _candle_at(shown: Sequence[Candle], time_ms: int) -> int:
    low, high = 0, len(shown) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if shown[middle].open_ms <= time_ms else (low, middle - 1)
    return low


def draw_last(canvas: Canvas, picture: ChartPicture, scale: PriceScale, plot: int) -> None:
    """The last price as a line and on the axis, and below it how long the newest bar still takes."""
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
    if picture.left_ms is not None and not picture.note and row + 1 < scale.rows:
        canvas.write(plot, row + 1, " " * (canvas.width - plot), "")
        canvas.write(plot, row + 1, f" {short_duration(picture.left_ms, canvas.width - plot - 1)}", "dim")


def draw_cross(
    canvas: Canvas,
    picture: ChartPicture,
    state: ChartState,
    shown: Sequence[Candle],
    scale: PriceScale,
    middles: Sequence[int],
    plot: int,
) -> int | None:
    """The cross-hair and its price on the axis; the index of its candle, None while there is none in sight."""
    cross = state.cross
    if cross is None or not shown:
        return None
    at = _candle_at(shown, cross.open_ms)
    for y in range(canvas.height):
        canvas.under(middles[at], y, "┊", "cross")
    row = scale.row(float(cross.price))
    if row is None:
        return at
    for x in range(plot):
        canvas.under(x, row, "┈", "cross")
    canvas.put(middles[at], row, "┼", "cross strong")
    canvas.write(plot, row, f"▸{price_text(picture.instrument.tick, cross.price)} ", "cursor")
    return at


def moved_price(price: Decimal, rows: int, scale: PriceScale, tick: Decimal) -> Decimal:
    """A price so many rows of the scale higher, or lower when negative: at least a tick, always whole ticks."""
    row = Decimal((scale.high - scale.low) / scale.rows)
    step = max(tick, (row / tick).to_integral_value() * tick)
    return max(tick, (price / tick).to_integral_value() * tick + rows * step)
