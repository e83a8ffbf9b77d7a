"""The candles of one symbol: those before the market opened, made when somebody asks, and those its prints make."""

import json
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from decimal import Decimal
from itertools import accumulate
from operator import attrgetter, sub
from typing import Protocol

from tui.exchange.candles import DAY_MS, INTERVALS, MINUTE_MS, Candle, Series, combine, next_opening_ms
from tui.exchange.events import PublicTrade
from tui.exchange.listing import Listing
from tui.exchange.past import past

#: Bars kept of an interval: as many as the longest answer holds (`klines` of futures), and a rolling day of minutes.
#: A series that reaches further back when it is made stays as long as it is.
KEPT_BARS = 1_500
#: Seconds are kept for two hours; there are none from before somebody asked.
KEPT_SECONDS = 7_200
#: Hours and days, which longer bars are made of: what `past` knows, and a year more.
KEPT_HOURS, KEPT_DAYS = 21_000, 4_500

#: Stretches of the past: minutes alone, hours before them, days before those.
_MINUTES, _HOURS, _DAYS = 1, 2, 3
#: For bars shorter than this: the stretches they reach over, and the bars they are made of.
_MADE_OF = ((60 * MINUTE_MS, _MINUTES, "1m"), (DAY_MS, _HOURS, "1h"), (1_000 * DAY_MS, _DAYS, "1d"))


_HOUR = 60
_numbers = attrgetter(*(field.name for field in fields(Candle)))


class HistoryBar(Protocol):
    """A one-minute bar from before the market opened; prices in ticks, `quote` in quote currency."""

    @property
    def open_ms(self) -> int: ...
    @property
    def open(self) -> int: ...
    @property
    def high(self) -> int: ...
    @property
    def low(self) -> int: ...
    @property
    def close(self) -> int: ...
    @property
    def lots(self) -> int: ...
    @property
    def trades(self) -> int: ...
    @property
    def taker_buy_lots(self) -> int: ...
    @property
    def quote(self) -> Decimal: ...


class Unseen:
    """Minutes that have closed while nobody looks, an hour to a packet of a fifteenth of the size.

    Of each symbol a day of minutes is kept, and few symbols are looked at.
    """

    def __init__(self) -> None:
        self._packets: deque[bytes] = deque(maxlen=KEPT_BARS // _HOUR)
        self._loose: list[Candle] = []

    def add(self, bars: Sequence[Candle]) -> None:
        """Take bars that follow those held; the oldest are forgotten when there are more than anybody is told."""
        self._loose += bars
        if len(self._loose) >= _HOUR:
            self._packets.append(_packed(self._loose))
            self._loose = []

    def take(self) -> list[Candle]:
        """All bars, oldest first, which are then held no more."""
        bars = [bar for packet in self._packets for bar in _unpacked(packet)] + self._loose
        self._packets.clear()
        self._loose = []
        return bars


def _packed(bars: Sequence[Candle]) -> bytes:
    """Bars as one packet: of each number its steps from bar to bar, which are alike and short."""
    columns = zip(*map(_numbers, bars), strict=True)
    steps = [[column[0], *map(sub, column[1:], column)] for column in columns]
    return zlib.compress(json.dumps(steps).encode())


def _unpacked(packet: bytes) -> list[Candle]:
    columns = map(accumulate, json.loads(zlib.decompress(packet)))
    return [Candle(*row) for row in zip(*columns, strict=True)]


class CandleMemory:
    """Bars of every interval, each within its limit. History is asked for when somebody first looks.

    An empty `seed` makes up no past before it.
    """

    def __init__(self, listing: Listing, history: Callable[[], Sequence[HistoryBar]], seed: str) -> None:
        self._listing = listing
        self._history = history
        self._seed = seed
        self._minutes = Series("1m", capacity=KEPT_BARS)
        self._unseen = Unseen()
        self._series: dict[str, Series] = {}
        self._is_loaded = False
        self._past: Iterator[list[Candle]] | None = None
        self._stretches = 0

    def print(self, trade: PublicTrade) -> None:
        """Count one print into every kept series."""
        ticks, lots, taker_buys = trade.price_ticks, trade.lots, not trade.is_buyer_maker
        self._minutes.roll(trade.time_ms, ticks).print(trade.trade_id, ticks, lots, taker_buys)
        if not self._is_loaded and len(self._minutes.bars) > 1:
            self._unseen.add(self._minutes.bars[:-1])
            del self._minutes.bars[:-1]
        for series in self._series.values():
            series.roll(trade.time_ms, ticks).print(trade.trade_id, ticks, lots, taker_buys)

    @property
    def start_ticks(self) -> int:
        """The price the market opened at."""
        return int(self._listing.start_price / self._listing.tick.size)

    def minutes(self) -> Series:
        """One-minute bars, the market's history included where it still adjoins them."""
        if not self._is_loaded:
            self._is_loaded = True
            live = [*self._unseen.take(), *self._minutes.bars][-KEPT_BARS:]
            self._minutes = self._with_history(live) if len(live) < KEPT_BARS else Series("1m", live, KEPT_BARS)
        return self._minutes

    def _with_history(self, live: list[Candle]) -> Series:
        older = [_candle(bar, self._listing) for bar in self._history()]
        if live:
            older = [bar for bar in older if bar.open_ms < live[0].open_ms]
        series = Series("1m", older, KEPT_BARS)
        if live and older:
            series.roll(live[0].open_ms - 1, older[-1].close)
        series.bars.extend(live)
        return series

    def candles(
        self, interval: str, now_ms: int, limit: int, start_ms: int | None = None, end_ms: int | None = None
    ) -> list[Candle]:
        """Bars of an interval by Binance's rule for bounds, oldest first, the last one perhaps still open."""
        series = self.series(interval, now_ms)
        found = series.between(start_ms, end_ms, limit)
        if interval == "1m" and not self._stretches:
            is_short = len(found) < limit if start_ms is None else start_ms < series.bars[0].open_ms
            if is_short:
                self._reach(_MINUTES)
                return series.between(start_ms, end_ms, limit)
        return found

    def series(self, interval: str, now_ms: int) -> Series:
        """The kept bars of an interval, rolled to this moment; from the first call on they are kept current."""
        series = self.minutes() if interval == "1m" else self._kept(interval, now_ms)
        series.roll(now_ms, self.start_ticks)
        return series

    def _kept(self, interval: str, now_ms: int) -> Series:
        assert interval in INTERVALS
        if interval == "1s":
            return self._series.setdefault(interval, Series(interval, capacity=KEPT_SECONDS))
        length = next_opening_ms(interval, 0)
        stretches, base = next(row[1:] for row in _MADE_OF if length < row[0])
        self._reach(stretches)
        series = self._series.get(interval)
        if series is None:
            bars = combine(interval, self.series(base, now_ms).bars)
            series = self._series[interval] = Series(interval, bars, max(KEPT_BARS, len(bars)))
        return series

    def _reach(self, stretches: int) -> None:
        """Let the past begin earlier: by minutes first, then by hours, then by days."""
        if self._stretches < _MINUTES <= stretches:
            known = self.minutes()
            self._past = past(known.bars, self._seed) if known.bars and self._seed else iter(([], [], []))
            known.bars[:0] = next(self._past)
            known.capacity = max(KEPT_BARS, len(known.bars))
            self._series["1h"] = Series("1h", combine("1h", known.bars), KEPT_HOURS)
        if self._stretches < _HOURS <= stretches:
            assert self._past is not None
            self._series["1h"].bars[:0] = next(self._past)
        if self._stretches < _DAYS <= stretches:
            assert self._past is not None
            days = combine("1d", [*next(self._past), *self._series["1h"].bars])
            self._series["1d"] = Series("1d", days, KEPT_DAYS)
        self._stretches = max(self._stretches, stretches)


def _candle(bar: HistoryBar, listing: Listing) -> Candle:
    """A bar of the market's history; what takers bought is priced at the bar's average."""
    units = int(bar.quote / (listing.tick.size * listing.step.size))
    taker_units = units * bar.taker_buy_lots // bar.lots if bar.lots else 0
    return Candle(
        bar.open_ms, bar.open_ms + MINUTE_MS - 1, bar.open, bar.high, bar.low, bar.close,
        bar.lots, units, bar.trades, bar.taker_buy_lots, taker_units,
    )  # fmt: skip
