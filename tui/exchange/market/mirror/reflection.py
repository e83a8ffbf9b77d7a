"""One symbol's live book as it is to be reflected here: a snapshot, the changes after it, and what is known of neither.

Changes join as Binance's docs say for local books: those the snapshot holds already are dropped, a gap throws the book
away until the next snapshot.
"""

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from tui.exchange.listing import Listing

_BUFFERED = 2_000
_KEPT = 3_000


class Reflection:
    """Levels in ticks and lots, rounded so that no price is better here than there; synchronous and pure."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.bids: dict[int, int] = {}
        self.asks: dict[int, int] = {}
        #: Prices whose size is new since `take_changed`, bids and asks apart.
        self._changed: tuple[set[int], set[int]] = (set(), set())
        self._update_id: int | None = None
        self._buffer: list[Any] = []
        self.needs_snapshot = True

    def on_depth(self, event: Any) -> None:
        """Take one change event."""
        if self._update_id is None:
            self._buffer = [*self._buffer[-_BUFFERED:], event]
        elif event["u"] > self._update_id:
            follows = event["pu"] == self._update_id if "pu" in event else event["U"] <= self._update_id + 1
            if follows:
                self._apply(event["b"], event["a"])
                self._update_id = event["u"]
            else:
                self.blank()
                self._buffer = [event]

    def on_snapshot(self, snapshot: Any) -> None:
        """Become a snapshot with the changes heard since; a snapshot older than all of them is of no use."""
        last = snapshot["lastUpdateId"]
        waiting = [event for event in self._buffer if event["u"] > last]
        if waiting and waiting[0]["U"] > last + 1:
            return
        self._replace(snapshot["bids"], snapshot["asks"])
        self._buffer, self.needs_snapshot, self._update_id = [], False, last
        for event in waiting:
            self._apply(event["b"], event["a"])
            self._update_id = event["u"]

    def blank(self) -> None:
        """Know nothing: the link is gone, or there was a gap."""
        self._changed[0].update(self.bids)
        self._changed[1].update(self.asks)
        self.bids, self.asks = {}, {}
        self._update_id, self._buffer, self.needs_snapshot = None, [], True

    def touch(self, count: int) -> None:
        """Look again at the best levels of both sides: somebody here may have traded against them."""
        self._changed[0].update(sorted(self.bids, reverse=True)[:count])
        self._changed[1].update(sorted(self.asks)[:count])

    def take_changed(self) -> tuple[list[int], list[int]]:
        """Prices to look at again, best first, bids and asks; each is handed out once."""
        bids, asks = sorted(self._changed[0], reverse=True), sorted(self._changed[1])
        self._changed[0].clear()
        self._changed[1].clear()
        return bids, asks

    def print_of(self, event: Any) -> tuple[bool, int, int]:
        """Whether the taker bought, price in ticks, lots; of a trade event."""
        tick, step = self.listing.tick.size, self.listing.step.size
        return not event["m"], round(Decimal(event["p"]) / tick), int(Decimal(event["q"]) / step)

    def _replace(self, bids: Iterable[Any], asks: Iterable[Any]) -> None:
        self._changed[0].update(self.bids)
        self._changed[1].update(self.asks)
        self.bids, self.asks = {}, {}
        self._apply(bids, asks)

    def _apply(self, bids: Iterable[Any], asks: Iterable[Any]) -> None:
        tick, step = self.listing.tick.size, self.listing.step.size
        for is_bid, rows, side in ((True, bids, self.bids), (False, asks, self.asks)):
            changed = self._changed[0 if is_bid else 1]
            for price, quantity in rows:
                ticks = int((Decimal(price) / tick).to_integral_value(ROUND_FLOOR if is_bid else ROUND_CEILING))
                lots = int(Decimal(quantity) / step)
                if lots > 0:
                    side[ticks] = lots
                else:
                    side.pop(ticks, None)
                changed.add(ticks)
            self._trim(side, changed, is_bid)

    @staticmethod
    def _trim(side: dict[int, int], changed: set[int], is_bid: bool) -> None:
        """Forget the farthest levels: what was outside the snapshot is only known in part."""
        if len(side) > _KEPT:
            for price in sorted(side, reverse=is_bid)[_KEPT * 2 // 3 :]:
                del side[price]
                changed.add(price)
