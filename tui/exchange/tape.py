"""What has traded: recent prints, aggregate trades, candles of every interval and the rolling day, per symbol."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from tui.exchange.candle_memory import CandleMemory, HistoryBar
from tui.exchange.candles import MINUTE_MS, Candle, Series
from tui.exchange.events import PublicTrade
from tui.exchange.listing import Listing

#: Prints, and aggregates, kept of a symbol: the longest answer (1,000 rows) and another page to go back by. Binance
#: keeps aggregates of futures for two days and their prints for a month.
KEPT_PRINTS = 2_000
_DAY_MINUTES = 1_440


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

    def __init__(self, listing: Listing, history: Callable[[], Sequence[HistoryBar]], seed: str) -> None:
        self.listing = listing
        self.trades: deque[PublicTrade] = deque(maxlen=KEPT_PRINTS)
        self.aggregates: deque[Aggregate] = deque(maxlen=KEPT_PRINTS)
        self._candles = CandleMemory(listing, history, seed)
        self._closed_day: tuple[int, Day] | None = None

    def record(self, trade: PublicTrade) -> Aggregate:
        """Take one print; returns the aggregate it went into, the very same object while it grows."""
        self.trades.append(trade)
        self._candles.print(trade)
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
        bars = self.minutes().bars
        return bars[-1].close if bars else self._candles.start_ticks

    def minutes(self) -> Series:
        """One-minute bars, the market's history included."""
        return self._candles.minutes()

    def candles(
        self, interval: str, now_ms: int, limit: int, start_ms: int | None = None, end_ms: int | None = None
    ) -> list[Candle]:
        """Bars of an interval by Binance's rule for bounds, oldest first, the last one perhaps still open."""
        return self._candles.candles(interval, now_ms, limit, start_ms, end_ms)

    def series(self, interval: str, now_ms: int) -> Series:
        """The kept bars of an interval, rolled to this moment; from the first call on they are kept current."""
        return self._candles.series(interval, now_ms)

    def day(self, now_ms: int) -> Day:
        """The rolling day; only the minute in progress is counted afresh."""
        series = self.series("1m", now_ms)
        current = series.bars[-1]
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


class Tape:
    """The tapes of one venue; without a `made_up_past` charts end where history does."""

    def __init__(
        self,
        listings: dict[str, Listing],
        history: Callable[[str], Sequence[HistoryBar]],
        seed: int,
        *,
        made_up_past: bool = True,
    ) -> None:
        self.seed = seed
        self._made_up_past = made_up_past
        self._history = history
        self.symbols: dict[str, SymbolTape] = {}
        for listing in listings.values():
            self.add(listing)

    def add(self, listing: Listing) -> None:
        """Keep the tape of one more symbol."""
        seed = f"{self.seed}:{listing.product}:{listing.symbol}" if self._made_up_past else ""
        self.symbols[listing.symbol] = SymbolTape(listing, lambda: self._history(listing.symbol), seed)

    def __getitem__(self, symbol: str) -> SymbolTape:
        return self.symbols[symbol]

    def record(self, trade: PublicTrade) -> Aggregate:
        """Take one print."""
        return self.symbols[trade.listing.symbol].record(trade)
