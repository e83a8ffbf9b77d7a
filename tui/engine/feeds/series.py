"""Joining what was asked for with what streamed in: candles by opening time, prints by id."""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal

from tui.domain.market import Candle, Trade
from tui.engine.store import TRADES_KEPT

#: Bars kept of one interval, those asked for later included.
CANDLES_KEPT = 10_000

#: Points of a sparkline, one a minute.
SPARKLINE_POINTS = 30


def merge_candles(known: Iterable[Candle], heard: Iterable[Candle]) -> tuple[Candle, ...]:
    """Both series as one, oldest first; of two bars of one time the closed one counts, else the later heard."""
    bars = {candle.open_ms: candle for candle in known}
    for candle in heard:
        held = bars.get(candle.open_ms)
        if held is None or candle.closed or not held.closed:
            bars[candle.open_ms] = candle
    return tuple(bars[open_ms] for open_ms in sorted(bars)[-CANDLES_KEPT:])


def continues(series: tuple[Candle, ...], candle: Candle) -> bool:
    """Whether no bar is missing between the end of the series and the candle."""
    return not series or candle.open_ms <= series[-1].close_ms + 1


def append_candle(series: tuple[Candle, ...], candle: Candle) -> tuple[Candle, ...]:
    """The series after one streamed bar, which nearly always is the last or the next."""
    if series and candle.open_ms == series[-1].open_ms:
        return series if series[-1].closed and not candle.closed else (*series[:-1], candle)
    if not series or candle.open_ms > series[-1].open_ms:
        return (*series[-(CANDLES_KEPT - 1) :], candle)
    return merge_candles(series, [candle])


def merge_trades(*sources: Iterable[Trade]) -> deque[Trade]:
    """All prints once, newest first."""
    prints = {trade.trade_id: trade for source in sources for trade in source}
    newest = sorted(prints, reverse=True)[:TRADES_KEPT]
    return deque((prints[trade_id] for trade_id in newest), maxlen=TRADES_KEPT)


class Sparkline:
    """Closing prices of the last minutes, the present one last."""

    def __init__(self) -> None:
        self._closes: dict[int, Decimal] = {}

    def seed(self, candles: Iterable[Candle]) -> None:
        """Take the past from one-minute bars; minutes already heard of stay."""
        for candle in candles:
            self._closes.setdefault(candle.open_ms // 60_000, candle.close)

    def add(self, price: Decimal, time_ms: int) -> None:
        """Take one price."""
        self._closes[time_ms // 60_000] = price

    def points(self) -> tuple[Decimal, ...]:
        """Prices, oldest first."""
        minutes = sorted(self._closes)
        for minute in minutes[:-SPARKLINE_POINTS]:
            del self._closes[minute]
        return tuple(self._closes[minute] for minute in minutes[-SPARKLINE_POINTS:])
