"""Block trades: large ones, agreed upon beside the book; they move neither it nor the last price."""

from collections import deque
from collections.abc import Callable

import msgspec

from tui.exchange.listing import Listing

#: Block trades kept of a symbol: the longest answer there is.
KEPT_BLOCKS = 1_000


class BlockTrade(msgspec.Struct, frozen=True, gc=False):
    """One block trade."""

    listing: Listing
    block_id: int
    price_ticks: int
    lots: int
    is_buyer_maker: bool
    time_ms: int


class BlockLog:
    """The block trades of one venue, the last ones of every symbol."""

    def __init__(self, now_ms: int) -> None:
        self._log: dict[str, deque[BlockTrade]] = {}
        # Seconds since a fixed moment: numbers go on rising after a restart.
        self._last_id = now_ms // 1_000 - 1_600_000_000
        #: Told of every block trade.
        self.listeners: list[Callable[[BlockTrade], None]] = []

    def print(self, listing: Listing, price_ticks: int, lots: int, is_buyer_maker: bool, time_ms: int) -> BlockTrade:
        """Note a block trade, and tell it."""
        self._last_id += 1
        made = BlockTrade(listing, self._last_id, price_ticks, lots, is_buyer_maker, time_ms)
        self._log.setdefault(listing.symbol, deque(maxlen=KEPT_BLOCKS)).append(made)
        for tell in self.listeners:
            tell(made)
        return made

    def of(self, symbol: str) -> list[BlockTrade]:
        """The kept block trades of a symbol, oldest first."""
        return list(self._log.get(symbol, ()))
