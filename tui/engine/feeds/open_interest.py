"""What all traders hold of the contract in focus: no stream tells it, so it is asked for now and then."""

import asyncio
import logging
from collections.abc import Mapping

from tui.binance.client import ProductClient
from tui.binance.errors import BinanceError
from tui.domain.instrument import Instrument
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.store import Link, Stamped, Store

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.5
_ASK_EVERY_NS = 15 * 1_000_000_000
#: An answer that takes longer is given up; room in the limits may be a minute away.
_AT_MOST_S = 10.0


class OpenInterestFeed:
    """Fills `market.open_interest` of the contract in focus, at once when it comes into focus and then every 15 s."""

    def __init__(self, store: Store, clients: Mapping[Product, ProductClient], clock: Clock) -> None:
        self._store, self._clients, self._clock = store, clients, clock
        self._asked: tuple[str, int] | None = None

    async def follow(self) -> None:
        """Ask when it is time, until cancelled."""
        while True:
            await self.bring_up_to_date()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def bring_up_to_date(self) -> None:
        """Ask if it is time."""
        instrument, now_ns = self._contract(), self._clock.monotonic_ns()
        if instrument is None:
            return
        if self._asked is not None and self._asked[0] == instrument.symbol and now_ns - self._asked[1] < _ASK_EVERY_NS:
            return
        self._asked = (instrument.symbol, now_ns)
        try:
            async with asyncio.timeout(_AT_MOST_S):
                told = await self._clients[instrument.product].open_interest(instrument)
        except (BinanceError, TimeoutError) as error:
            logger.info("%s: the open interest is not told: %s", instrument.symbol, error)
            return
        if told is not None:
            market = self._store.market(instrument.symbol)
            revision = market.open_interest.revision + 1 if market.open_interest else 1
            market.open_interest = Stamped(told, revision, told.time_ms, self._clock.monotonic_ns())

    def _contract(self) -> Instrument | None:
        """The contract in focus, while its exchange can be reached."""
        instrument = self._store.instruments.get(self._store.focus or "")
        if instrument is None or not instrument.product.is_futures:
            return None
        link = self._store.links.get(instrument.product)
        return instrument if link is not None and link.market is not Link.DOWN else None
