"""Single candles and the close line, drawn into a canvas with eighths of a cell for bodies and halves for wicks."""

from collections.abc import Sequence
from itertools import pairwise

from tui.domain.market import Candle
from tui.ui.chart.canvas import Canvas
from tui.ui.chart.scale import PriceScale

_LOWER = " ▁▂▃▄▅▆▇█"


def draw_candle(canvas: Canvas, candle: Candle, scale: PriceScale, x: int, width: int, *, is_hollow: bool) -> None:
    """One candle with its body `width` cells wide from column `x`; falling ones are shaded where colour cannot tell."""
    opened, closed = scale.at(float(candle.open)), scale.at(float(candle.close))
    top, bottom = min(opened, closed), max(opened, closed)
    style = "up" if candle.close >= candle.open else "down"
    _wick(canvas, x + width // 2, scale.at(float(candle.high)), top, style)
    _wick(canvas, x + width // 2, bottom, scale.at(float(candle.low)), style)
    full = "░" if is_hollow and style == "down" else "█"
    for column in range(x, x + width):
        is_middle = column == x + width // 2
        _body(canvas, column, top, bottom, style, full, has_wick=is_middle)


def _wick(canvas: Canvas, x: int, top: float, bottom: float, style: str) -> None:
    """A thin line between two heights, exact to half a cell."""
    first, last = round(top * 2), round(bottom * 2)
    for row in range(first // 2, -(-last // 2)):
        upper, lower = first <= row * 2 < last, first <= row * 2 + 1 < last
        char = "│" if upper and lower else "╵" if upper else "╷" if lower else ""
        if char:
            canvas.put(x, row, char, style)


def _body(canvas: Canvas, x: int, top: float, bottom: float, style: str, full: str, *, has_wick: bool) -> None:
    first, last = round(top * 8), round(bottom * 8)
    if last - first <= 2:
        char = "┼" if has_wick else "─"
        canvas.put(x, min(canvas.height - 1, (first + last) // 16), char, style)
        return
    for row in range(first // 8, -(-last // 8)):
        start, stop = max(first, row * 8), min(last, row * 8 + 8)
        filled = stop - start
        if filled == 8 or (full == "░" and filled >= 4):
            canvas.put(x, row, full, style)
        elif stop == row * 8 + 8:
            canvas.put(x, row, _LOWER[filled], style)
        elif start == row * 8:
            canvas.put(x, row, _LOWER[8 - filled], f"{style} reverse")
        else:
            canvas.put(x, row, "▄" if start + stop >= row * 16 + 8 else "▀", style)


def draw_line(canvas: Canvas, closes: Sequence[float], scale: PriceScale, xs: Sequence[int]) -> None:
    """Closes joined by a line of dots, eight to a cell."""
    points = [(x * 2, min(scale.rows * 4 - 1, int(scale.at(close) * 4))) for x, close in zip(xs, closes, strict=True)]
    for (x0, y0), (x1, y1) in pairwise(points):
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            canvas.dot(x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps, "accent")


def draw_volume(
    canvas: Canvas, candles: Sequence[Candle], xs: Sequence[int], width: int, top: int, largest: float
) -> None:
    """Bars from the bottom of the canvas, a volume of `largest` up to row `top`."""
    rows = canvas.height - top
    if rows <= 0 or largest <= 0:
        return
    for candle, x in zip(candles, xs, strict=True):
        style = "bar_bid" if candle.close >= candle.open else "bar_ask"
        height = max(1, round(float(candle.volume) / largest * rows * 8)) if candle.volume else 0
        for row in range(rows):
            part = min(8, height - row * 8)
            if part <= 0:
                break
            for column in range(x, x + width):
                canvas.put(column, canvas.height - 1 - row, _LOWER[part], style)
