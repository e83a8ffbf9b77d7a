"""Reference prices, and the range of prices that takers are held to (Binance spot API docs, FAQ "Price range rule").

The reference price is the mean of the trade prices of a moving window, kept in buckets; the bucket that is half outside
the window counts by the part that is inside.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from tui.domain.order_terms import Side
from tui.exchange.events import PublicTrade
from tui.exchange.listing import Listing
from tui.exchange.symbol_book import SymbolBook

BUCKET_COUNT = 60
BUCKET_WIDTH_MS = 1_000
#: Symbols with a reference price and a range; all others have neither.
RANGED_BASES = ("BTC", "ETH", "BNB")
#: How far from the reference price a taker may trade, on either side.
RANGE_UP_PERCENT, RANGE_DOWN_PERCENT = 105, 95
_UNIT = Decimal("0.00000001")


def has_range(listing: Listing) -> bool:
    """Whether a symbol has a reference price."""
    return listing.base in RANGED_BASES and listing.in_dollars


@dataclass(slots=True)
class _Bucket:
    open_ms: int
    trades: int = 0
    ticks: int = 0


class ReferencePrice:
    """The moving mean of one symbol's prices, in ticks; sums are kept, so that asking costs little."""

    def __init__(self) -> None:
        self._buckets: deque[_Bucket] = deque()
        self._ticks = self._trades = 0

    def note(self, price_ticks: int, time_ms: int) -> None:
        """Count a trade."""
        open_ms = time_ms - time_ms % BUCKET_WIDTH_MS
        if not self._buckets or self._buckets[-1].open_ms != open_ms:
            self._buckets.append(_Bucket(open_ms))
            self._drop(time_ms)
        newest = self._buckets[-1]
        newest.trades += 1
        newest.ticks += price_ticks
        self._trades += 1
        self._ticks += price_ticks

    def mean(self, now_ms: int) -> tuple[int, int]:
        """The mean of the window that ends now, as a fraction; 0 over 0 when nothing traded in it."""
        self._drop(now_ms)
        if not self._buckets:
            return 0, 0
        oldest = self._buckets[0]
        gone = max(0, now_ms - BUCKET_COUNT * BUCKET_WIDTH_MS - oldest.open_ms)
        return (
            self._ticks * BUCKET_WIDTH_MS - oldest.ticks * gone,
            self._trades * BUCKET_WIDTH_MS - oldest.trades * gone,
        )

    def _drop(self, now_ms: int) -> None:
        cutoff = now_ms - BUCKET_COUNT * BUCKET_WIDTH_MS
        while self._buckets and self._buckets[0].open_ms + BUCKET_WIDTH_MS <= cutoff:
            gone = self._buckets.popleft()
            self._trades -= gone.trades
            self._ticks -= gone.ticks


class ReferencePrices:
    """The reference prices of one venue, kept from its trades on."""

    def __init__(self, listings: Iterable[Listing]) -> None:
        self._symbols = {listing.symbol: ReferencePrice() for listing in listings if has_range(listing)}

    def on_trade(self, trade: PublicTrade) -> None:
        """Count a print, of symbols that have a reference price."""
        found = self._symbols.get(trade.listing.symbol)
        if found is not None:
            found.note(trade.price_ticks, trade.time_ms)

    def price(self, listing: Listing, now_ms: int) -> Decimal | None:
        """The reference price to eight decimals, cut; None where there is none now."""
        ticks, trades = self._mean(listing.symbol, now_ms)
        if not trades:
            return None
        return (listing.tick.size * ticks / trades).quantize(_UNIT, ROUND_DOWN)

    def reference(self, book: SymbolBook, now_ms: int) -> Decimal:
        """What PERCENT_PRICE refers to: the reference price, or the average where there is none."""
        ticks, trades = self._mean(book.listing.symbol, now_ms)
        return book.listing.tick.size * ticks / trades if trades else book.average_price

    def bound_ticks(self, listing: Listing, side: Side, now_ms: int) -> int | None:
        """The worst price a taker of this side may trade at; None where no rule says so."""
        ticks, trades = self._mean(listing.symbol, now_ms)
        if not trades:
            return None
        if side is Side.BUY:
            return ticks * RANGE_UP_PERCENT // (trades * 100)
        return -(-ticks * RANGE_DOWN_PERCENT // (trades * 100))

    def _mean(self, symbol: str, now_ms: int) -> tuple[int, int]:
        found = self._symbols.get(symbol)
        return found.mean(now_ms) if found is not None else (0, 0)
