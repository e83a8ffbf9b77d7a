"""One order book in whole ticks and lots."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass

from tui.domain.market import BookChange, BookSnapshot, Level

#: Levels of one side; beyond it the half farthest from the touch is forgotten, which no screen reaches.
MOST_LEVELS = 20_000


@dataclass(frozen=True, slots=True)
class BookView:
    """A picture of a book for one frame: levels best first, ticks and lots; `update_id` names the moment."""

    update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]

    @property
    def best_bid(self) -> int | None:
        """Highest bid in ticks."""
        return self.bids[0][0] if self.bids else None

    @property
    def best_ask(self) -> int | None:
        """Lowest ask in ticks."""
        return self.asks[0][0] if self.asks else None


class BookSide:
    """Price levels of one side: exact sizes in a dict, prices kept sorted for reading."""

    __slots__ = ("_prices", "sizes")

    def __init__(self) -> None:
        self.sizes: dict[int, int] = {}
        self._prices: list[int] = []

    def replace(self, levels: Iterable[Level]) -> None:
        """Forget everything and take these levels."""
        self.sizes = {price: size for price, size in levels if size > 0}
        self._prices = sorted(self.sizes)

    def apply(self, levels: Iterable[Level]) -> None:
        """Set each level to its absolute size; zero removes it, removing an absent level is normal."""
        sizes, prices = self.sizes, self._prices
        for price, size in levels:
            if size > 0:
                if price not in sizes:
                    insort(prices, price)
                sizes[price] = size
            elif price in sizes:
                del sizes[price]
                del prices[bisect_left(prices, price)]

    def ascending(self, count: int) -> list[Level]:
        """The `count` lowest levels, lowest first."""
        sizes = self.sizes
        return [(price, sizes[price]) for price in self._prices[:count]]

    def descending(self, count: int) -> list[Level]:
        """The `count` highest levels, highest first."""
        sizes = self.sizes
        return [(price, sizes[price]) for price in self._prices[: -count - 1 : -1]]

    def between(self, low: int, high: int) -> list[Level]:
        """Levels with low <= price < high, lowest first."""
        sizes, prices = self.sizes, self._prices
        start, stop = bisect_left(prices, low), bisect_left(prices, high)
        return [(price, sizes[price]) for price in prices[start:stop]]

    def keep(self, count: int, *, highest: bool) -> None:
        """Forget all but the `count` highest or lowest levels."""
        gone = self._prices[:-count] if highest else self._prices[count:]
        self._prices = self._prices[-count:] if highest else self._prices[:count]
        for price in gone:
            del self.sizes[price]

    def __len__(self) -> int:
        return len(self._prices)


class OrderBook:
    """Both sides of one symbol. Continuity of updates is not judged here; see the feed that keeps the book."""

    __slots__ = ("asks", "bids", "update_id")

    def __init__(self) -> None:
        self.bids = BookSide()
        self.asks = BookSide()
        self.update_id = 0

    def load(self, snapshot: BookSnapshot) -> None:
        """Become the snapshot."""
        self.bids.replace(snapshot.bids)
        self.asks.replace(snapshot.asks)
        self.update_id = snapshot.update_id

    def apply(self, change: BookChange) -> None:
        """Take one update; the caller has checked that it follows the last."""
        self.bids.apply(change.bids)
        self.asks.apply(change.asks)
        self.update_id = change.final_id
        if len(self.bids) > MOST_LEVELS:
            self.bids.keep(MOST_LEVELS // 2, highest=True)
        if len(self.asks) > MOST_LEVELS:
            self.asks.keep(MOST_LEVELS // 2, highest=False)

    def clear(self) -> None:
        """Hold nothing, as after a gap."""
        self.load(BookSnapshot(0, [], []))

    def view(self, count: int) -> BookView:
        """The best `count` levels of each side."""
        return BookView(self.update_id, tuple(self.bids.descending(count)), tuple(self.asks.ascending(count)))

    def grouped(self, count: int, ticks_per_group: int) -> BookView:
        """The best `count` price groups of each side; a bid belongs to the group below it, an ask to the one above."""
        if ticks_per_group <= 1:
            return self.view(count)
        bids, asks = self.bids.descending(1), self.asks.ascending(1)
        return BookView(
            self.update_id,
            _groups(self.bids, bids[0][0] // ticks_per_group, -1, count, ticks_per_group) if bids else (),
            _groups(self.asks, -(-asks[0][0] // ticks_per_group), 1, count, ticks_per_group) if asks else (),
        )


def _groups(side: BookSide, first: int, direction: int, count: int, width: int) -> tuple[Level, ...]:
    """Sum levels into `count` neighbouring groups from `first` outwards; empty groups are left out."""
    low, high = (first - count + 1, first + 1) if direction < 0 else (first, first + count)
    sums: dict[int, int] = {}
    if direction < 0:
        for price, size in side.between(low * width, high * width):
            group = price // width
            sums[group] = sums.get(group, 0) + size
    else:
        for price, size in side.between((low - 1) * width + 1, (high - 1) * width + 1):
            group = -(-price // width)
            sums[group] = sums.get(group, 0) + size
    return tuple((group * width, sums[group]) for group in sorted(sums, reverse=direction < 0))
