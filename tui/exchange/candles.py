"""Candles in whole ticks and lots: cutting time into intervals, building bars from trades and from smaller bars."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

MINUTE_MS = 60_000
DAY_MS = 86_400_000
#: 1970-01-01 was a Thursday; weeks open on Monday.
_FIRST_MONDAY_MS = 4 * DAY_MS

_FIXED_MS = {
    "1s": 1_000,
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "2h": 120 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
    "6h": 360 * MINUTE_MS,
    "8h": 480 * MINUTE_MS,
    "12h": 720 * MINUTE_MS,
    "1d": DAY_MS,
    "3d": 3 * DAY_MS,
}

#: Every interval spot serves; futures serve all but the first (Binance docs, klines, 2026).
INTERVALS = (*_FIXED_MS, "1w", "1M")


def opening_ms(interval: str, time_ms: int) -> int:
    """When the bar that holds this moment opened."""
    fixed = _FIXED_MS.get(interval)
    if fixed is not None:
        return time_ms - time_ms % fixed
    if interval == "1w":
        return time_ms - (time_ms - _FIRST_MONDAY_MS) % (7 * DAY_MS)
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp() * 1000)


def next_opening_ms(interval: str, open_ms: int) -> int:
    """When the bar after the one opened at `open_ms` opens."""
    fixed = _FIXED_MS.get(interval)
    if fixed is not None:
        return open_ms + fixed
    if interval == "1w":
        return open_ms + 7 * DAY_MS
    return opening_ms("1M", open_ms + 32 * DAY_MS)


@dataclass(slots=True)
class Candle:
    """One bar: prices in ticks, volumes in lots, turnover in ticks times lots; ids are -1 when no print is known."""

    open_ms: int
    close_ms: int
    open: int
    high: int
    low: int
    close: int
    lots: int = 0
    units: int = 0
    trades: int = 0
    taker_lots: int = 0
    taker_units: int = 0
    first_id: int = -1
    last_id: int = -1

    def print(self, trade_id: int, ticks: int, lots: int, buyer_took: bool) -> None:
        """Add one trade."""
        if not self.trades:
            self.open = self.high = self.low = ticks
        self.high, self.low, self.close = max(self.high, ticks), min(self.low, ticks), ticks
        self.lots += lots
        self.units += ticks * lots
        self.trades += 1
        if buyer_took:
            self.taker_lots += lots
            self.taker_units += ticks * lots
        if self.first_id < 0:
            self.first_id = trade_id
        self.last_id = trade_id

    def absorb(self, later: "Candle") -> None:
        """Add a smaller bar that follows what is already held."""
        self.high, self.low, self.close = max(self.high, later.high), min(self.low, later.low), later.close
        self.lots += later.lots
        self.units += later.units
        self.trades += later.trades
        self.taker_lots += later.taker_lots
        self.taker_units += later.taker_units
        if self.first_id < 0:
            self.first_id = later.first_id
        self.last_id = max(self.last_id, later.last_id)


def flat(interval: str, open_ms: int, price: int) -> Candle:
    """A bar without trades at a price."""
    return Candle(open_ms, next_opening_ms(interval, open_ms) - 1, price, price, price, price)


class Series:
    """All bars of one interval, oldest first, without holes; the last one is still open."""

    def __init__(self, interval: str, bars: Iterable[Candle] = (), capacity: int = 100_000) -> None:
        self.interval = interval
        self.bars = list(bars)
        #: Most bars kept; the oldest go first.
        self.capacity = capacity

    def roll(self, now_ms: int, price: int) -> Candle:
        """The bar of this moment; bars nobody traded in are flat at the last close, or at `price` before any."""
        bars = self.bars
        if bars and now_ms <= bars[-1].close_ms:
            return bars[-1]
        start = bars[-1].close_ms + 1 if bars else opening_ms(self.interval, now_ms)
        price = bars[-1].close if bars else price
        while True:
            bars.append(flat(self.interval, start, price))
            if now_ms <= bars[-1].close_ms:
                break
            start = bars[-1].close_ms + 1
        if len(bars) > self.capacity:
            del bars[: len(bars) - self.capacity]
        return bars[-1]

    def between(self, start_ms: int | None, end_ms: int | None, limit: int) -> list[Candle]:
        """Bars opened within the bounds: the oldest when only a start is given or both, else the newest."""
        opens = _Opens(self.bars)
        low = bisect_left(opens, start_ms) if start_ms is not None else 0
        high = bisect_right(opens, end_ms) if end_ms is not None else len(self.bars)
        if start_ms is not None:
            return self.bars[low : min(high, low + limit)]
        return self.bars[max(low, high - limit) : high]


class _Opens:
    """Opening times of bars, as bisect wants to see them."""

    def __init__(self, bars: list[Candle]) -> None:
        self._bars = bars

    def __len__(self) -> int:
        return len(self._bars)

    def __getitem__(self, index: int) -> int:
        return self._bars[index].open_ms


def combine(interval: str, bars: Iterable[Candle]) -> list[Candle]:
    """Bars of a longer interval out of shorter ones, oldest first; the first may be incomplete."""
    combined: list[Candle] = []
    for bar in bars:
        if combined and bar.open_ms <= combined[-1].close_ms:
            combined[-1].absorb(bar)
            continue
        start = opening_ms(interval, bar.open_ms)
        whole = flat(interval, start, bar.open)
        whole.absorb(bar)
        combined.append(whole)
    return combined
