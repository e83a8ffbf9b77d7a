"""A past for charts longer than the market's own history: seeded bars walked backwards from its first price."""

import math
import random
from collections.abc import Iterator, Sequence

from tui.exchange.candles import DAY_MS, MINUTE_MS, Candle, opening_ms

#: Minutes enough for 600 half hours, hours enough for 500 days, days enough for 500 weeks.
_MINUTES, _HOURS, _DAYS = 18_000, 12_000, 3_500
_QUIET_VOLATILITY = 0.0004
_FEWEST_TICKS = 10


def past(known: Sequence[Candle], seed: str) -> Iterator[list[Candle]]:
    """Minutes, then the hours before them, then the days before those, each oldest first and made when asked for.

    Together they lead without a gap to the first of the known one-minute bars.
    """
    volatility, lots = _habits(known)
    walk = _Walk(random.Random(seed), known[0].open, volatility, lots)
    hour_edge = opening_ms("1h", known[0].open_ms - _MINUTES * MINUTE_MS)
    yield walk.back(known[0].open_ms, hour_edge, MINUTE_MS)
    day_edge = opening_ms("1d", hour_edge - _HOURS * 60 * MINUTE_MS)
    yield walk.back(hour_edge, day_edge, 60 * MINUTE_MS)
    yield walk.back(day_edge, day_edge - _DAYS * DAY_MS, DAY_MS)


def _habits(known: Sequence[Candle]) -> tuple[float, float]:
    """How much the price moves in a minute, and how many lots trade."""
    returns = [math.log(bar.close / bar.open) for bar in known if bar.open > 0 and bar.close > 0]
    deviation = math.sqrt(sum(change * change for change in returns) / len(returns)) if returns else 0.0
    lots = sum(bar.lots for bar in known) / len(known)
    return max(deviation, _QUIET_VOLATILITY / 4), max(lots, 1.0)


class _Walk:
    """Walks a price backwards; floats shape the path, what leaves is whole ticks and lots."""

    def __init__(self, chance: random.Random, price: int, volatility: float, lots: float) -> None:
        self._chance = chance
        self._price = price
        self._start = price
        self._volatility = volatility
        self._lots = lots

    def back(self, end_ms: int, start_ms: int, step_ms: int) -> list[Candle]:
        """Bars from `start_ms` to `end_ms`, made newest first."""
        length = step_ms / MINUTE_MS
        # Long bars would wander off at the pace of minutes: markets revert.
        spread = self._volatility * math.sqrt(min(length, 60.0) + max(0.0, length - 60.0) * 0.25)
        made = [
            self._bar(open_ms, step_ms, spread, length) for open_ms in range(end_ms - step_ms, start_ms - 1, -step_ms)
        ]
        made.reverse()
        return made

    def _bar(self, open_ms: int, step_ms: int, spread: float, length: float) -> Candle:
        chance, close = self._chance, self._price
        pull = 0.002 * math.log(self._start / close)
        opened = max(_FEWEST_TICKS, round(close * math.exp(chance.gauss(0.0, spread) + pull)))
        high = round(max(opened, close) * (1 + abs(chance.gauss(0.0, spread * 0.4))))
        low = max(1, round(min(opened, close) * (1 - abs(chance.gauss(0.0, spread * 0.4)))))
        lots = max(1, round(self._lots * length * chance.lognormvariate(0.0, 0.5)))
        taken = round(lots * min(0.9, max(0.1, chance.gauss(0.5, 0.08))))
        middle = (opened + close) // 2
        self._price = opened
        trades = max(1, round(length * 20))
        return Candle(
            open_ms, open_ms + step_ms - 1, opened, max(high, opened, close), min(low, opened, close), close,
            lots, middle * lots, trades, taken, middle * taken,
        )  # fmt: skip
