"""Whose turn it is to ask for a book: many books starting at once must not use up the request limit."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tui.domain.product import Product


class SnapshotQueue:
    """Lets a few snapshots go at once, and after a burst as many as leave room for all else; first come, first served.

    `burst` and `each_minute` are parts of the weight that may be used in a minute.
    """

    def __init__(self, at_once: int = 3, burst: float = 0.1, each_minute: float = 0.5) -> None:
        self._running = asyncio.Semaphore(at_once)
        self._burst_s = burst / each_minute * 60
        self._each_minute = each_minute
        #: When the burst would be whole again.
        self._whole_at_s = 0.0

    def wait_s(self, now_s: float, cost_s: float) -> float:
        """How long one has to wait that uses up the weight of so many seconds."""
        return max(0.0, max(self._whole_at_s, now_s) + cost_s - now_s - self._burst_s)

    @asynccontextmanager
    async def turn(self, share: float) -> AsyncIterator[None]:
        """Wait for it, and hold it while asking; `share` is the part of a minute's weight that is asked for."""
        async with self._running:
            now_s, cost_s = time.monotonic(), share / self._each_minute * 60
            wait_s = self.wait_s(now_s, cost_s)
            self._whole_at_s = max(self._whole_at_s, now_s) + cost_s
            if wait_s:
                await asyncio.sleep(wait_s)
            yield


class SnapshotQueues:
    """A queue for each pool of limits: both futures wait in one, spot and margin in another."""

    def __init__(self) -> None:
        self._coins, self._contracts = SnapshotQueue(), SnapshotQueue()

    def of(self, product: Product) -> SnapshotQueue:
        """Where the books of a product wait."""
        return self._contracts if product.is_futures else self._coins
