"""Whose turn it is to ask for a book: many books starting at once must not use up the request limit."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class SnapshotQueue:
    """Lets a few snapshots go at once, and after a burst one each `every_s`; first come, first served."""

    def __init__(self, at_once: int = 3, burst: int = 10, every_s: float = 1.0) -> None:
        self._running = asyncio.Semaphore(at_once)
        self._burst = burst
        self._every_s = every_s
        #: When the burst would be whole again.
        self._whole_at_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """How long the next one has to wait."""
        return max(0.0, self._whole_at_s - now_s - (self._burst - 1) * self._every_s)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for it, and hold it while asking."""
        async with self._running:
            now_s = time.monotonic()
            wait_s = self.wait_s(now_s)
            self._whole_at_s = max(self._whole_at_s, now_s) + self._every_s
            if wait_s:
                await asyncio.sleep(wait_s)
            yield
