"""The bars a chart draws: the exchange's own, or bars of seconds made of prints."""

from bisect import bisect_right
from collections.abc import Sequence

from tui.domain.interval import OF_PRINTS, interval_ms
from tui.domain.market import Candle
from tui.engine.store import TRADES_KEPT, Market
from tui.ui.chart.seconds import SecondBars


class ChartSeries:
    """Bars of one market at any interval; begin a new one for another symbol."""

    def __init__(self) -> None:
        self._seconds = SecondBars()
        self._counted = -1

    def candles(self, market: Market, interval: str) -> tuple[Sequence[Candle], int]:
        """The bars, oldest first, and a number that rises with each change of them."""
        if interval in OF_PRINTS:
            return self._of_prints(market, interval)
        series = market.series.get(interval)
        return ((), -1) if series is None else (series.value.candles, series.revision)

    def _of_prints(self, market: Market, interval: str) -> tuple[Sequence[Candle], int]:
        revision = market.trades_revision
        if revision != self._counted:
            is_known = self._counted >= 0 and market.trades is self._seconds.source
            fresh = min(TRADES_KEPT, revision - self._counted + 8) if is_known else TRADES_KEPT
            self._seconds.take(market.trades, market.recent_trades(max(1, fresh)))
            self._counted = revision
        return self._seconds.candles(interval_ms(interval)), revision


def index_at(candles: Sequence[Candle], open_ms: int) -> int:
    """The candle that opened at this moment, or the last before it; the first when none did."""
    return max(0, bisect_right(candles, open_ms, key=lambda candle: candle.open_ms) - 1)
