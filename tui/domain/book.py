"""One order book: two sides, and the pictures of them that are read."""

from collections.abc import Iterable
from itertools import accumulate

import msgspec

from tui.domain.book_side import BookSide
from tui.domain.market import BookChange, BookSnapshot, Level


class BookView(msgspec.Struct, frozen=True, gc=False):
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

    def view(self, count: int, ticks_per_group: int = 1) -> BookView:
        """The best `count` levels of each side, or price groups: a bid belongs to the group below it, an ask above."""
        bids, asks = self.bids, self.asks
        if ticks_per_group <= 1:
            return BookView(self.update_id, bids.best(count), asks.best(count), bids.known_to, asks.known_to)
        best_bid, best_ask = bids.best(1), asks.best(1)
        return BookView(
            self.update_id,
            _groups(bids, best_bid[0][0] // ticks_per_group, -1, count, ticks_per_group) if best_bid else (),
            _groups(asks, -(-best_ask[0][0] // ticks_per_group), 1, count, ticks_per_group) if best_ask else (),
            bids.known_to,
            asks.known_to,
        )


def cumulative(levels: Iterable[Level]) -> tuple[int, ...]:
    """The size from the best level to each, in lots."""
    return tuple(accumulate(size for _, size in levels))


def _groups(side: BookSide, first: int, direction: int, count: int, width: int) -> tuple[Level, ...]:
    """Sum levels into `count` neighbouring groups from `first` outwards; empty groups are left out."""
    to_group = 0 if direction < 0 else width - 1
    low, high = sorted((first, first + direction * (count - 1)))
    groups: list[Level] = []
    group, total = first, 0
    # Levels come best first, so that each group is finished when the next begins.
    for price, size in side.between(low * width - to_group, (high + 1) * width - to_group):
        belongs_to = (price + to_group) // width
        if belongs_to != group:
            if total:
                groups.append((group * width, total))
            group, total = belongs_to, 0
        total += size
    if total:
        groups.append((group * width, total))
    return tuple(groups)
