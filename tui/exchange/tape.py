"""What has traded: recent prints, aggregate trades, candles of every interval and the rolling day, per symbol."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Protocol

from tui.exchange.candles import INTERVALS, MINUTE_MS, Candle, Series, combine
from tui.exchange.events import PublicTrade
from tui.exchange.listing import Listing
from tui.exchange.past import past

_REMEMBERED = 10_000
_DAY_MINUTES = 1_440
_SHORT = ("1m", "3m", "5m", "15m", "30m")


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


@dataclass(slots=True)
class Aggregate:
    """Prints of one taker at one price."""

    aggregate_id: int
    price_ticks: int
    lots: int
    first_id: int
    last_id: int
    time_ms: int
    is_buyer_maker: bool
    taker_order_id: int

    def takes(self, trade: PublicTrade) -> bool:
        """Whether a print belongs here."""
        return (
            self.taker_order_id > 0
            and trade.taker_order_id == self.taker_order_id
            and trade.price_ticks == self.price_ticks
        )


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours; prices in ticks, volume in lots, turnover in ticks times lots, ids -1 when none is known."""

    open: int
    high: int
    low: int
    last: int
    last_lots: int
    previous_close: int
    lots: int
    units: int
    trades: int
    first_id: int
    last_id: int
    open_ms: int
    close_ms: int


class SymbolTape:
    """The tape of one symbol. History is asked for when somebody first looks, so that the exchange starts at once."""

    def __init__(self, listing: Listing, history: Callable[[], Sequence[HistoryBar]], seed: int) -> None:
        self.listing = listing
        self.trades: deque[PublicTrade] = deque(maxlen=_REMEMBERED)
        self.aggregates: deque[Aggregate] = deque(maxlen=_REMEMBERED)
        self._history = history
        self._seed = f"{seed}:{listing.product}:{listing.symbol}"
        self._minutes = Series("1m")
        self._loaded = False
        self._past: tuple[list[Candle], list[Candle], list[Candle]] | None = None
        self._series: dict[str, Series] = {}
        self._closed_day: tuple[int, Day] | None = None

    def record(self, trade: PublicTrade) -> Aggregate:
        """Take one print; returns the aggregate it went into, the very same object while it grows."""
        self.trades.append(trade)
        ticks, lots, taker_buys = trade.price_ticks, trade.lots, not trade.is_buyer_maker
        self._minutes.roll(trade.time_ms, ticks).print(trade.trade_id, ticks, lots, taker_buys)
        for series in self._series.values():
            series.roll(trade.time_ms, ticks).print(trade.trade_id, ticks, lots, taker_buys)
        return self._aggregate(trade)

    def _aggregate(self, trade: PublicTrade) -> Aggregate:
        last = self.aggregates[-1] if self.aggregates else None
        if last is not None and last.takes(trade):
            last.lots += trade.lots
            last.last_id = trade.trade_id
            return last
        made = Aggregate(
            # Continues from the trade counter after a restart, which no earlier aggregate id can have passed.
            last.aggregate_id + 1 if last else trade.trade_id,
            trade.price_ticks,
            trade.lots,
            trade.trade_id,
            trade.trade_id,
            trade.time_ms,
            trade.is_buyer_maker,
            trade.taker_order_id,
        )
        self.aggregates.append(made)
        return made

    def last_price(self) -> int:
        """The price of the last print, or where history ended, in ticks."""
        if self.trades:
            return self.trades[-1].price_ticks
        return self.minutes().bars[-1].close if self.minutes().bars else self._start_ticks()

    def minutes(self) -> Series:
        """One-minute bars, the market's history included."""
        if not self._loaded:
            self._loaded = True
            live = self._minutes.bars
            older = [_candle(bar, self.listing) for bar in self._history()]
            if live:
                older = [bar for bar in older if bar.open_ms < live[0].open_ms]
            series = Series("1m", older)
            if live and older:
                series.roll(live[0].open_ms - 1, older[-1].close)
            series.bars.extend(live)
            self._minutes = series
        return self._minutes

    def candles(
        self, interval: str, now_ms: int, limit: int, start_ms: int | None = None, end_ms: int | None = None
    ) -> list[Candle]:
        """Bars of an interval by Binance's rule for bounds, oldest first, the last one perhaps still open."""
        series = self.series(interval, now_ms)
        found = series.between(start_ms, end_ms, limit)
        is_short = not found or found[0] is series.bars[0]
        if interval == "1m" and is_short and (start_ms is not None or len(found) < limit):
            return Series("1m", self._before()[0] + series.bars).between(start_ms, end_ms, limit)
        return found

    def series(self, interval: str, now_ms: int) -> Series:
        """The kept bars of an interval, rolled to this moment; from the first call on they are kept current."""
        series = self.minutes() if interval == "1m" else self._series.get(interval)
        if series is None:
            assert interval in INTERVALS
            series = self._series[interval] = Series(interval, self._build(interval))
        series.roll(now_ms, self._start_ticks())
        return series

    def _build(self, interval: str) -> list[Candle]:
        if interval == "1s":
            return []
        minutes, hours, days = self._before()
        bars = minutes + self.minutes().bars
        if interval not in _SHORT:
            bars = hours + bars
            if interval in ("1d", "3d", "1w", "1M"):
                bars = days + bars
        return combine(interval, bars)

    def _before(self) -> tuple[list[Candle], list[Candle], list[Candle]]:
        if self._past is None:
            known = self.minutes().bars
            self._past = past(known, self._seed) if known else ([], [], [])
        return self._past

    def _start_ticks(self) -> int:
        return int(self.listing.start_price / self.listing.tick.size)

    def day(self, now_ms: int) -> Day:
        """The rolling day; only the minute in progress is counted afresh."""
        series = self.minutes()
        current = series.roll(now_ms, self._start_ticks())
        if self._closed_day is None or self._closed_day[0] != current.open_ms:
            self._closed_day = current.open_ms, _closed_day(series.bars, now_ms)
        closed = self._closed_day[1]
        traded = current.trades > 0
        return Day(
            open=closed.open,
            high=max(closed.high, current.high) if traded else closed.high,
            low=min(closed.low, current.low) if traded else closed.low,
            last=self.trades[-1].price_ticks if self.trades else closed.last,
            last_lots=self.trades[-1].lots if self.trades else 0,
            previous_close=closed.previous_close,
            lots=closed.lots + current.lots,
            units=closed.units + current.units,
            trades=closed.trades + current.trades,
            first_id=closed.first_id if closed.first_id >= 0 else current.first_id,
            last_id=max(closed.last_id, current.last_id),
            open_ms=now_ms - _DAY_MINUTES * MINUTE_MS,
            close_ms=now_ms,
        )

    def trades_from(self, from_id: int, limit: int) -> list[PublicTrade]:
        """Kept prints with at least this id, oldest first; ids the market never saw are missing."""
        found = (trade for trade in self.trades if trade.trade_id >= from_id)
        return list(islice(found, limit))


def _closed_day(bars: Sequence[Candle], now_ms: int) -> Day:
    """The closed minutes of the last 24 hours, without the last bar, which is still open."""
    window = bars[-_DAY_MINUTES:-1] or bars[-1:]
    before = bars[-_DAY_MINUTES - 1] if len(bars) > _DAY_MINUTES else None
    alone = len(bars) == 1
    return Day(
        open=window[0].open,
        high=max(bar.high for bar in window),
        low=min(bar.low for bar in window),
        last=window[-1].close,
        last_lots=0,
        previous_close=before.close if before else window[0].open,
        lots=0 if alone else sum(bar.lots for bar in window),
        units=0 if alone else sum(bar.units for bar in window),
        trades=0 if alone else sum(bar.trades for bar in window),
        first_id=next((bar.first_id for bar in window if bar.first_id >= 0), -1),
        last_id=max(bar.last_id for bar in window),
        open_ms=0,
        close_ms=now_ms,
    )


def _candle(bar: HistoryBar, listing: Listing) -> Candle:
    """A bar of the market's history; what takers bought is priced at the bar's average."""
    units = int(bar.quote / (listing.tick.size * listing.step.size))
    taker_units = units * bar.taker_buy_lots // bar.lots if bar.lots else 0
    return Candle(
        bar.open_ms, bar.open_ms + MINUTE_MS - 1, bar.open, bar.high, bar.low, bar.close,
        bar.lots, units, bar.trades, bar.taker_buy_lots, taker_units,
    )  # fmt: skip


class Tape:
    """The tapes of one venue."""

    def __init__(self, listings: dict[str, Listing], history: Callable[[str], Sequence[HistoryBar]], seed: int) -> None:
        self.seed = seed
        self._history = history
        self.symbols: dict[str, SymbolTape] = {}
        for listing in listings.values():
            self.add(listing)

    def add(self, listing: Listing) -> None:
        """Keep the tape of one more symbol."""
        self.symbols[listing.symbol] = SymbolTape(listing, lambda: self._history(listing.symbol), self.seed)

    def __getitem__(self, symbol: str) -> SymbolTape:
        return self.symbols[symbol]

    def record(self, trade: PublicTrade) -> Aggregate:
        """Take one print."""
        return self.symbols[trade.listing.symbol].record(trade)
