"""Asking again for what an event leaves out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tui.binance.errors import BinanceError

_log = logging.getLogger(__name__)


class Refetch:
    """Fetches when something changed: soon, at most once in `every_s`, and never two at a time."""

    def __init__(self, fetch: Callable[[], Awaitable[None]], every_s: float) -> None:
        self._fetch = fetch
        self._every_s = every_s
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """Something changed."""
        self._wanted.set()

    async def run(self) -> None:
        """Fetch when wanted, until cancelled; a failed fetch is tried again."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._fetch()
            except BinanceError as error:
                _log.warning("the account could not be read: %s", error)
                self._wanted.set()
            await asyncio.sleep(self._every_s)
