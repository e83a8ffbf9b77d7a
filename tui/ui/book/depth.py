"""Depth as a curve: how much would have to be traded to move the price so far, bids to the left, asks to the right."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from tui.domain.book import BookView
from tui.domain.instrument import Instrument
from tui.domain.market import Level
from tui.ui.chart.canvas import Canvas
from tui.ui.figures import compact, near_price
from tui.ui.lines import Line, Span, fit

_LOWER = " ▁▂▃▄▅▆▇█"

#: Widths of the curve to each side of the middle, in hundredths of a percent of the price.
REACHES = (5, 10, 25, 50, 100, 200, 500, 1_000)


def group_for(middle_ticks: int, reach: int, columns: int) -> int:
    """Ticks in one column so that `columns` of them reach so far from the middle."""
    return max(1, -(-middle_ticks * reach // (10_000 * max(1, columns))))


def columns_for(width: int) -> int:
    """Columns of each side in a curve of this width."""
    return max(0, (width - 9) // 2)


def depth_lines(
    view: BookView, instrument: Instrument, ticks_per_group: int, width: int, height: int, reach: int
) -> list[Line]:
    """The curve above its prices, each line exactly `width` cells; `view` is grouped by `ticks_per_group`.

    It ends where the book is not known any farther.
    """
    columns = columns_for(width)
    if columns < 4 or height < 3:
        return [fit((Span(" no room for a curve here", "dim"),), width)]
    bid, ask = view.best_bid, view.best_ask
    if bid is None or ask is None:
        return [fit((Span(" no orders on one side", "dim"),), width)]
    bids, asks = heights(view.bids, ticks_per_group, columns, -1), heights(view.asks, ticks_per_group, columns, 1)
    largest = max(bids[-1], asks[-1], 1)
    canvas = Canvas(width, height - 1)
    bids_end, asks_end = _known_columns(view, ticks_per_group, columns)
    for x, lots in enumerate(bids[:bids_end]):
        _column(canvas, columns - 1 - x, lots, largest, "bar_bid")
    for x, lots in enumerate(asks[:asks_end]):
        _column(canvas, columns + x, lots, largest, "bar_ask")
    _axis(canvas, instrument, largest, 2 * columns)
    least = ["≥" if end < columns else "" for end in (bids_end, asks_end)]
    room = columns - 2
    sums = [
        f"{sign}{compact(instrument.step.value(side[-1]), min(6, room - len(sign)))}"
        for sign, side in zip(least, (bids, asks), strict=True)
    ]
    is_named = max(map(len, sums)) + len("bids ") <= room
    told = [f"{name}{text}" for name, text in zip(("bids ", "asks ") if is_named else ("", ""), sums, strict=True)]
    canvas.write(1, 0, told[0], "bid")
    canvas.write(2 * columns - len(told[1]) - 1, 0, told[1], "ask")
    return [*canvas.lines(), _prices(instrument, bid, ask, ticks_per_group * columns, width, columns, reach)]


def heights(levels: Sequence[Level], ticks_per_group: int, columns: int, direction: int) -> list[int]:
    """Lots from the touch outwards, summed, one figure a column of so many ticks."""
    sums = [0] * columns
    start = levels[0][0] // ticks_per_group
    for price, lots in levels:
        column = (price // ticks_per_group - start) * direction
        if column < columns:
            sums[column] += lots
    return list(accumulate(sums))


def _known_columns(view: BookView, ticks_per_group: int, columns: int) -> tuple[int, int]:
    """How many columns of each side hold all that is in the book: a bid's group reaches up, an ask's down."""
    bids = asks = columns
    if view.bids_known_to is not None:
        bids = view.bids[0][0] // ticks_per_group + view.bids_known_to // -ticks_per_group + 1
    if view.asks_known_to is not None:
        asks = view.asks_known_to // ticks_per_group - view.asks[0][0] // ticks_per_group + 1
    return max(0, min(columns, bids)), max(0, min(columns, asks))


def _column(canvas: Canvas, x: int, lots: int, largest: int, style: str) -> None:
    eighths = lots * canvas.height * 8 // largest
    for row in range(canvas.height):
        part = min(8, eighths - row * 8)
        if part <= 0:
            return
        canvas.put(x, canvas.height - 1 - row, _LOWER[part], style)


def _axis(canvas: Canvas, instrument: Instrument, largest: int, at: int) -> None:
    step = max(3, canvas.height // 4)
    for row in range(0, canvas.height, step):
        lots = largest * (canvas.height - row) // canvas.height
        canvas.write(at, row, f"┤ {compact(instrument.step.value(lots))}", "dim")


def _prices(instrument: Instrument, bid: int, ask: int, reach_ticks: int, width: int, columns: int, reach: int) -> Line:
    """The outermost prices, and the middle between best bid and best ask."""
    tick = instrument.tick
    low, high = near_price(tick, tick.value(max(0, bid - reach_ticks))), near_price(tick, tick.value(ask + reach_ticks))
    middle = near_price(tick, (tick.value(bid) + tick.value(ask)) / 2)
    share = f"{Decimal(reach) / 100:f}%"
    centre = f"−{share}  {middle}  +{share}"
    if 2 * columns < len(low) + len(centre) + len(high) + 4:
        centre = middle
    left = max(len(low) + 1, columns - len(centre) // 2)
    text = f"{low:<{left}}{centre}"
    text += high.rjust(max(len(high) + 1, 2 * columns - len(text)))
    return fit((Span(text, "dim"),), width)
