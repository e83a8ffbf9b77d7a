"""Asking again for what an event leaves out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tui.binance.errors import CREDENTIAL_CODES, BinanceError

_log = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 30.0


class Refetch:
    """Fetches when something changed: soon, at most once in `every_s`, and never two at a time.

    A key that is refused is not asked with again until something more has changed.
    """

    def __init__(self, fetch: Callable[[], Awaitable[None]], every_s: float) -> None:
        self._fetch = fetch
        self._every_s = every_s
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """Something changed."""
        self._wanted.set()

    async def run(self) -> None:
        """Fetch when wanted, until cancelled; a failed fetch is tried again, ever more slowly."""
        pause_s = self._every_s
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._fetch()
                pause_s = self._every_s
            except BinanceError as error:
                _log.warning("the account could not be read: %s", error)
                if error.code in CREDENTIAL_CODES:
                    # Asking again does not help, and an address that goes on so is banned.
                    continue
                self._wanted.set()
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)
