"""One order book: cheap to change, put in order only when and where it is read.

Most changed levels are never seen, so a change is one `dict.update` and nothing else. Prices and sizes are held as the
doubles nearest to the exchange's text: two spellings of a price are one key, and up to 15 digits a double names its
text exactly. What is read is counted from them in whole ticks and lots, each count proven (`Increment.count_double`);
no double leaves this module.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import accumulate, islice
from typing import NamedTuple

from tui.domain.increment import DOUBLES_COUNT_TO, Increment, OffIncrementError
from tui.domain.market import BookChange, BookSnapshot, Level, Row

#: Levels looked at beyond those asked for, because some of the best are likely to have been taken away; they often come
#: back, so they are forgotten only when there are more of them.
_SPARE = 8

#: More new prices than this between two readings are cheaper to sort in at once than one by one.
_MANY = 24

#: Levels taken away but still in the dict, beyond which they are swept out.
_SWEPT_FROM = 2_000

#: Levels of one side; beyond it the half farthest from the touch is forgotten, which no screen reaches.
MOST_LEVELS = 20_000


class BookView(NamedTuple):
    """A picture of a book for one frame: levels best first, ticks and lots; `update_id` names the moment.

    Beyond `bids_known_to` and `asks_known_to` (ticks; None: no end) only levels that changed since the snapshot are
    known, so that sizes there are the least there may be.
    """

    update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    bids_known_to: int | None = None
    asks_known_to: int | None = None

    @property
    def best_bid(self) -> int | None:
        """Highest bid in ticks."""
        return self.bids[0][0] if self.bids else None

    @property
    def best_ask(self) -> int | None:
        """Lowest ask in ticks."""
        return self.asks[0][0] if self.asks else None


class BookSide:
    """Price levels of one side."""

    __slots__ = (
        "_edge",
        "_held",
        "_increments",
        "_is_bid",
        "_lots_per_unit",
        "_prices",
        "_settled",
        "_swept",
        "_ticks",
    )

    def __init__(self, is_bid: bool) -> None:
        self._is_bid = is_bid
        self._increments: tuple[Increment, Increment] | None = None
        #: By price: the size as it came, or the finished level once it has been read; zero sizes stay until met.
        self._held: dict[float, float | Level] = {}
        #: The farthest price that is known for certain; None where all are.
        self._edge: float | None = None
        #: The first `_settled` prices of the dict, ascending; later ones came since the last reading.
        self._prices: list[float] = []
        self._settled = 0
        self._swept = _SWEPT_FROM
        #: Ticks of prices that have been read.
        self._ticks: dict[float, int] = {}
        #: Lots in a unit; 0 where that is no whole number, and each size has to be counted the long way.
        self._lots_per_unit = 0.0

    def replace(
        self, rows: Iterable[Row], increments: tuple[Increment, Increment] | None, is_whole: bool = True
    ) -> None:
        """Forget everything and take these levels, to be counted in tick and lot; None: they are counts already."""
        self._held = dict(rows)
        self._edge = None if is_whole or not self._held else (min if self._is_bid else max)(self._held)
        self._increments = increments
        self._lots_per_unit = increments[1].per_unit if increments is not None else 0.0
        self._sweep()

    def apply(self, rows: Iterable[Row]) -> None:
        """Set each level to its absolute size; zero removes it, removing an absent level is normal."""
        self._held.update(rows)
        if len(self._held) > self._swept:
            self._sweep()

    def best(self, count: int) -> list[Level]:
        """The `count` best levels, best first."""
        self._settle()
        prices, wanted = self._prices, count + _SPARE
        while True:
            window = prices[: -wanted - 1 : -1] if self._is_bid else prices[:wanted]
            levels = self._counted(window)
            if len(levels) >= count or len(window) < wanted:
                return levels[:count]
            self._forget_gone(window)

    def between(self, low: int, high: int) -> list[Level]:
        """Levels with low <= price < high in ticks, lowest first."""
        self._settle()
        prices = self._prices
        start, stop = bisect_left(prices, self._double(low)), bisect_left(prices, self._double(high))
        return self._counted(prices[start:stop])

    @property
    def known_to(self) -> int | None:
        """The farthest price in ticks up to which every level is known; None where there is no such end."""
        if self._edge is None:
            return None
        if self._increments is None:
            return int(self._edge)
        try:
            return self._increments[0].count_double(self._edge)
        except OffIncrementError:
            return None

    @property
    def sizes(self) -> Mapping[int, int]:
        """Every level: lots by ticks."""
        self._settle()
        return dict(self._counted(self._prices[:]))

    def __len__(self) -> int:
        return len(self.sizes)

    def _settle(self) -> None:
        """Sort prices in that came since the last reading: dicts keep the order of arrival, so they are its last."""
        held = self._held
        fresh = len(held) - self._settled
        if not fresh:
            return
        if fresh > _MANY:
            self._prices.extend(islice(reversed(held), fresh))
            self._prices.sort()
        else:
            for price in islice(reversed(held), fresh):
                insort(self._prices, price)
        self._settled = len(held)

    def _counted(self, window: list[float]) -> list[Level]:
        """The levels at these prices that are there."""
        held, ticks, per_unit = self._held, self._ticks, self._lots_per_unit
        levels: list[Level] = []
        for price in window:
            level = held[price]
            if level.__class__ is tuple:
                levels.append(level)
            elif level:
                # Counted once, when first read; the next change of this price puts a bare size in its place. What
                # `_level` would find, without its calls, where the price has been read before and the lot divides one.
                lots = int(level * per_unit + 0.5)  # type: ignore[operator]
                if price in ticks and 0 < lots < DOUBLES_COUNT_TO and lots / per_unit == level:
                    counted: Level | None = (ticks[price], lots)
                else:
                    counted = self._level(price, level)  # type: ignore[arg-type]
                if counted is None:
                    held[price] = 0
                else:
                    held[price] = counted
                    levels.append(counted)
        return levels

    def _forget_gone(self, window: list[float]) -> None:
        """Make room where the touch has moved and left many levels that were taken away."""
        for price in window:
            if not self._held[price]:
                del self._held[price]
                del self._prices[bisect_left(self._prices, price)]
        self._settled = len(self._held)

    def _level(self, price: float, size: float) -> Level | None:
        """Price and size in ticks and lots; None where there is nothing, or nothing that can be shown.

        Increments can be made coarser while older orders rest: a size between two lots counts as the greater, and a
        price between two ticks is left out.
        """
        if size < 0:
            return None
        if self._increments is None:
            return int(price), int(size)
        tick, step = self._increments
        try:
            ticks = self._ticks[price] = tick.count_double(price)
        except OffIncrementError:
            return None
        try:
            return ticks, step.count_double(size)
        except OffIncrementError as error:
            return ticks, step.count_of(step.round(Decimal(error.value), "up"))

    def _sweep(self) -> None:
        """Drop levels that were taken away where nobody reads, and those beyond the most; put the others in order."""
        held = self._held = {price: size for price, size in self._held.items() if size}
        prices = sorted(held)
        if len(prices) > MOST_LEVELS:
            half = MOST_LEVELS // 2
            kept, gone = (prices[-half:], prices[:-half]) if self._is_bid else (prices[:half], prices[half:])
            prices = kept
            for price in gone:
                del held[price]
            edge = min(kept) if self._is_bid else max(kept)
            self._edge = edge if self._edge is None else (max if self._is_bid else min)(self._edge, edge)
        self._prices = prices
        self._settled = len(prices)
        self._ticks.clear()
        self._swept = min(2 * self._settled, MOST_LEVELS) + _SWEPT_FROM

    def _double(self, ticks: int) -> float:
        return float(ticks if self._increments is None else self._increments[0].value(ticks))


class OrderBook:
    """Both sides of one symbol. Continuity of updates is not judged here; see the feed that keeps the book."""

    __slots__ = ("asks", "bids", "update_id")

    def __init__(self) -> None:
        self.bids = BookSide(is_bid=True)
        self.asks = BookSide(is_bid=False)
        self.update_id = 0

    def load(self, snapshot: BookSnapshot) -> None:
        """Become the snapshot."""
        most = snapshot.levels_asked
        self.bids.replace(snapshot.bids, snapshot.increments, not 0 < most <= len(snapshot.bids))
        self.asks.replace(snapshot.asks, snapshot.increments, not 0 < most <= len(snapshot.asks))
        self.update_id = snapshot.update_id

    def apply(self, change: BookChange) -> None:
        """Take one update; the caller has checked that it follows the last."""
        self.bids.apply(change.bids)
        self.asks.apply(change.asks)
        self.update_id = change.final_id

    def clear(self) -> None:
        """Hold nothing, as after a gap."""
        self.load(BookSnapshot(0, [], []))

    def view(self, count: int) -> BookView:
        """The best `count` levels of each side."""
        bids, asks = tuple(self.bids.best(count)), tuple(self.asks.best(count))
        return BookView(self.update_id, bids, asks, self.bids.known_to, self.asks.known_to)

    def grouped(self, count: int, ticks_per_group: int) -> BookView:
        """The best `count` price groups of each side; a bid belongs to the group below it, an ask to the one above."""
        if ticks_per_group <= 1:
            return self.view(count)
        bids, asks = self.bids.best(1), self.asks.best(1)
        return BookView(
            self.update_id,
            _groups(self.bids, bids[0][0] // ticks_per_group, -1, count, ticks_per_group) if bids else (),
            _groups(self.asks, -(-asks[0][0] // ticks_per_group), 1, count, ticks_per_group) if asks else (),
            self.bids.known_to,
            self.asks.known_to,
        )


def cumulative(levels: Iterable[Level]) -> tuple[int, ...]:
    """The size from the best level to each, in lots."""
    return tuple(accumulate(size for _, size in levels))


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
