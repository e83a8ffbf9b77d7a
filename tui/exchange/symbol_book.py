"""One symbol as its venue keeps it: the book, its counters, and the prices rules refer to."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.events import LevelChanged
from tui.exchange.listing import Listing
from tui.exchange.matching.book import MatchingBook

_MINUTE_MS = 60_000

#: Minutes of the average price that percent and notional filters refer to (`avgPriceMins`).
AVERAGE_MINUTES = 5


@dataclass(slots=True)
class _Minute:
    start_ms: int
    turnover: int
    lots: int


class AveragePrice:
    """Volume-weighted price in ticks over the last minutes; the last price when nothing traded."""

    def __init__(self, opening_ticks: int) -> None:
        self._minutes: deque[_Minute] = deque(maxlen=AVERAGE_MINUTES)
        self._last = opening_ticks

    def note(self, price_ticks: int, lots: int, time_ms: int) -> None:
        """Count one trade."""
        start = time_ms // _MINUTE_MS
        if not self._minutes or self._minutes[-1].start_ms != start:
            self._minutes.append(_Minute(start, 0, 0))
        self._minutes[-1].turnover += price_ticks * lots
        self._minutes[-1].lots += lots
        self._last = price_ticks

    def ticks(self) -> Decimal:
        """The average in ticks, not rounded."""
        lots = sum(minute.lots for minute in self._minutes)
        return Decimal(sum(minute.turnover for minute in self._minutes)) / lots if lots else Decimal(self._last)


class SymbolBook:
    """A matching book with its listing; numbers every change of a level and every trade."""

    def __init__(self, listing: Listing, emit: Callable[[LevelChanged], None]) -> None:
        self.listing = listing
        self.book = MatchingBook(self._level_changed)
        self.update_id = 0
        self.last_trade_id = 0
        self.last_ticks = listing.tick.count_of(listing.start_price)
        self.average = AveragePrice(self.last_ticks)
        #: Value of one tick times one lot in quote units.
        self.unit = listing.unit
        self._emit = emit

    def number_trade(self) -> int:
        """The number of a trade the market does not see: a takeover, a settlement."""
        self.last_trade_id += 1
        return self.last_trade_id

    def note_trade(self, price_ticks: int, lots: int, time_ms: int) -> int:
        """Count a trade and return its number."""
        self.last_trade_id += 1
        self.last_ticks = price_ticks
        self.average.note(price_ticks, lots, time_ms)
        return self.last_trade_id

    @property
    def last_price(self) -> Decimal:
        """Price of the last trade."""
        return self.listing.tick.value(self.last_ticks)

    @property
    def average_price(self) -> Decimal:
        """Volume-weighted average price of the last minutes."""
        return self.average.ticks() * self.listing.tick.size

    @property
    def mid_price(self) -> Decimal:
        """Middle of the best bid and ask; the last price while a side is empty."""
        bid, ask = self.book.bids.best, self.book.asks.best
        if bid is None or ask is None:
            return self.last_price
        return self.listing.tick.size * (bid.price + ask.price) / 2

    def _level_changed(self, is_bid: bool, price: int, lots: int) -> None:
        self.update_id += 1
        self._emit(LevelChanged(self.listing, self.update_id, Side.BUY if is_bid else Side.SELL, price, lots))
