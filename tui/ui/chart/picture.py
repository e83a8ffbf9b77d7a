"""What the chart draws at one moment, and how the trader looks at it, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from tui.domain.instrument import Instrument
from tui.domain.market import Candle
from tui.domain.order_terms import Side
from tui.ui.chart.indicators import Values

#: Cells from one candle to the next, and cells of its body, from most candles to fewest.
ZOOMS = ((1, 1), (2, 1), (4, 3), (6, 5))


@dataclass(frozen=True, slots=True)
class Mark:
    """A price with a meaning: own order, entry, stop, alert; drawn as a line with its label."""

    price: Decimal
    label: str
    style: str
    dash: str


class FillMark(NamedTuple):
    """An own execution: when, where, and which way."""

    time_ms: int
    price: Decimal
    side: Side


@dataclass(frozen=True, slots=True)
class DrawnStudy:
    """A study along all candles; lines are told apart by which dots of a cell they use, not by colour alone.

    `is_panel` has rows of its own below the prices, from 0 to 100.
    """

    label: str
    style: str
    #: Of four columns of dots, those that are drawn.
    pattern: str
    values: Sequence[Values | None]
    is_panel: bool = False


class CrossHair(NamedTuple):
    """A moment and a price the trader points at."""

    open_ms: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class ChartState:
    """How the trader looks at it: `zoom` indexes ZOOMS, `back` is how many candles are hidden to the right."""

    zoom: int = 1
    back: int = 0
    is_line: bool = False
    is_ascii: bool = False
    cross: CrossHair | None = None


@dataclass(frozen=True, slots=True)
class ChartPicture:
    """Plain values of one frame; `note` says what is wrong with them, "" when nothing is.

    `left_ms` is the time until the newest bar closes, None where that is not shown.
    """

    instrument: Instrument
    candles: Sequence[Candle]
    last: Decimal | None
    marks: Sequence[Mark] = ()
    note: str = ""
    studies: Sequence[DrawnStudy] = ()
    fills: Sequence[FillMark] = ()
    left_ms: int | None = None


def window(count: int, state: ChartState, width: int) -> tuple[int, int]:
    """First candle drawn and the one after the last, of `count` candles, ending `back` before the newest."""
    room = max(1, width // ZOOMS[state.zoom][0])
    stop = max(min(room, count), count - state.back)
    return max(0, stop - room), stop


def visible(candles: Sequence[Candle], state: ChartState, width: int) -> Sequence[Candle]:
    """The candles that fit."""
    first, stop = window(len(candles), state, width)
    return candles[first:stop]
