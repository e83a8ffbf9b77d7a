"""Single candles, the close line and volumes, drawn into a canvas.

Hollow rises and solid falls, as on paper, so that the two differ where colours mean nothing. Solid bodies are exact to
an eighth of a cell, hollow ones and wicks to half of one.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from tui.domain.market import Candle
from tui.ui.chart.canvas import Canvas
from tui.ui.chart.scale import PriceScale

_LOWER = " ▁▂▃▄▅▆▇█"

#: A wick in no half of a cell, in the upper, in the lower, in both; and where it meets a body that is but a line.
_WICK, _FLAT = " ╵╷│", "─┴┬┼"

#: A hollow body too narrow for an outline in the same halves of a cell; a wick in the other half joins it.
_NARROW, _JOINED = " ╹╻┃", " ╿╽┃"

#: The outline of a wide one: left edge, inside, right edge; and the inside where a wick meets it.
_LEFT, _INSIDE, _RIGHT, _MET = " ┗┏┃", " ━━ ", " ┛┓┃", " ┯┷ "

#: Eighths of a cell up to which a rising body is but a line, and which a falling one has at least.
_THIN = 2


class _Part(NamedTuple):
    """From one height to a lower one, counted from the top in halves or eighths of a cell."""

    top: int
    bottom: int

    def halves(self, row: int) -> int:
        """Which halves of a row's cells it covers: 1 for the upper, 2 for the lower, 3 for both."""
        return (self.top <= row * 2 < self.bottom) + 2 * (self.top <= row * 2 + 1 < self.bottom)


def draw_candle(canvas: Canvas, candle: Candle, scale: PriceScale, x: int, width: int, *, is_ascii: bool) -> None:
    """One candle with its body `width` cells wide from column `x`; in ASCII solid bodies are whole cells."""
    opened, closed = scale.at(float(candle.open)), scale.at(float(candle.close))
    top, bottom = min(opened, closed), max(opened, closed)
    style = "up" if candle.close >= candle.open else "down"
    wick = _Part(round(scale.at(float(candle.high)) * 2), round(scale.at(float(candle.low)) * 2))
    for row in (*range(wick.top // 2, int(top) + 1), *range(int(bottom), -(-wick.bottom // 2))):
        if part := wick.halves(row):
            canvas.put(x + width // 2, row, _WICK[part], style)
    first, last = round(top * 8), round(bottom * 8)
    if style == "down":
        body = _whole(top, bottom) if is_ascii else _Part(first, max(last, first + _THIN))
        _draw_solid(canvas, range(x, x + width), body, style)
    elif last - first <= _THIN:
        row = min(canvas.height - 1, (first + last) // 16)
        canvas.write(x, row, _FLAT[0] * width, style)
        canvas.put(x + width // 2, row, _FLAT[wick.halves(row)], style)
    else:
        half = round(top * 2)
        _draw_hollow(canvas, x, width, _Part(half, max(round(bottom * 2), half + 1)), wick, style)


def _whole(top: float, bottom: float) -> _Part:
    """The nearest whole cells in eighths, at least one."""
    row = round(top)
    return _Part(row * 8, max(round(bottom), row + 1) * 8)


def _draw_solid(canvas: Canvas, columns: range, body: _Part, style: str) -> None:
    """A body in eighths of a cell."""
    for row in range(body.top // 8, -(-body.bottom // 8)):
        start, stop = max(body.top, row * 8), min(body.bottom, row * 8 + 8)
        if stop == row * 8 + 8:
            char, drawn = _LOWER[stop - start], style
        elif start == row * 8:
            char, drawn = _LOWER[8 - stop + start], f"{style} reverse"
        else:
            char, drawn = "▄" if start + stop >= row * 16 + 8 else "▀", style
        for x in columns:
            canvas.put(x, row, char, drawn)


def _draw_hollow(canvas: Canvas, x: int, width: int, body: _Part, wick: _Part, style: str) -> None:
    """A body in halves of a cell: its outline, or one thick line where an outline has no room."""
    for row in range(body.top // 2, -(-body.bottom // 2)):
        covered = body.halves(row)
        is_met = covered < 3 and wick.halves(row) == 3
        if width < 3:
            for column in range(x, x + width):
                canvas.put(column, row, (_JOINED if is_met else _NARROW)[covered], style)
            continue
        inside = _INSIDE[covered]
        if covered == 3 and body.top == row * 2:
            inside = "▔"
        elif covered == 3 and body.bottom == row * 2 + 2:
            inside = "▁"
        canvas.write(x, row, f"{_LEFT[covered]}{inside * (width - 2)}{_RIGHT[covered]}", style)
        if is_met:
            canvas.put(x + width // 2, row, _MET[covered], style)


def draw_line(canvas: Canvas, closes: Sequence[float], scale: PriceScale, xs: Sequence[int]) -> None:
    """Closes joined by a line two dots high, eight dots to a cell: studies are one dot high."""
    points = [(x * 2, min(scale.rows * 4 - 1, int(scale.at(close) * 4))) for x, close in zip(xs, closes, strict=True)]
    for (x0, y0), (x1, y1) in pairwise(points):
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            x, y = x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps
            canvas.dot(x, y, "strong")
            canvas.dot(x, y + 1 if y % 4 < 3 else y - 1, "strong")


def draw_volume(
    canvas: Canvas, candles: Sequence[Candle], xs: Sequence[int], width: int, top: int, largest: float
) -> None:
    """Bars from the bottom of the canvas, a volume of `largest` up to row `top`; hollow and solid as the candles."""
    rows = canvas.height - top
    if rows <= 0 or largest <= 0:
        return
    for candle, x in zip(candles, xs, strict=True):
        share = float(candle.volume) / largest * rows
        if candle.volume and candle.close >= candle.open:
            bar = _Part(canvas.height * 2 - max(1, round(share * 2)), canvas.height * 2)
            _draw_hollow(canvas, x, width, bar, _Part(0, 0), "bar_bid")
        elif candle.volume:
            bar = _Part(canvas.height * 8 - max(1, round(share * 8)), canvas.height * 8)
            _draw_solid(canvas, range(x, x + width), bar, "bar_ask")
