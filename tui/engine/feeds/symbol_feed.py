"""One symbol that is looked at in full: its book and its prints."""

import asyncio
import logging
from collections.abc import Callable

from tui.binance.client import ProductClient, StreamKind, Subscription
from tui.binance.errors import BinanceError
from tui.domain.instrument import Instrument
from tui.engine.clock import Clock
from tui.engine.feeds.book_feed import BookFeed
from tui.engine.feeds.series import merge_trades
from tui.engine.feeds.snapshot_queue import SnapshotQueue
from tui.engine.persistence import persist
from tui.engine.store import Store
from tui.engine.tasks import Tasks

logger = logging.getLogger(__name__)

#: Prints asked for when a symbol comes into view.
TRADES_ASKED = 500


class SymbolFeed:
    """Keeps one symbol's market in the store true from `restart` to `stop`, candles apart."""

    def __init__(
        self,
        instrument: Instrument,
        client: ProductClient,
        store: Store,
        tasks: Tasks,
        clock: Clock,
        queue: SnapshotQueue,
        on_health: Callable[[], None],
    ) -> None:
        self.instrument = instrument
        self._market = store.market(instrument.symbol)
        self.book = BookFeed(instrument, self._market.book, client, tasks, clock, on_health, queue)
        self._client = client
        self._tasks = tasks
        self._clock = clock
        self._filling: asyncio.Task[None] | None = None

    @property
    def subscriptions(self) -> set[Subscription]:
        """The streams it lives from."""
        return {Subscription(StreamKind.BOOK, self.instrument), Subscription(StreamKind.TRADES, self.instrument)}

    def has_other_steps(self, instrument: Instrument) -> bool:
        """Whether prices or sizes are counted otherwise since this feed began."""
        return (instrument.tick, instrument.step) != (self.instrument.tick, self.instrument.step)

    def restart(self) -> None:
        """After each connection everything may have a hole."""
        self.book.restart()
        if self._filling is not None:
            self._filling.cancel()
        self._filling = self._tasks.spawn(f"trades of {self.instrument.symbol}", self._ask_trades())

    def stop(self) -> None:
        """Look at it no longer."""
        self.book.stop()
        if self._filling is not None:
            self._filling.cancel()

    async def _ask_trades(self) -> None:
        def note(error: BinanceError) -> None:
            logger.info("%s: no prints: %s", self.instrument.symbol, error)

        past = await persist(
            lambda: self._client.recent_trades(self.instrument, TRADES_ASKED), self._clock, on_failure=note
        )
        self._market.trades = merge_trades(past, self._market.trades)
        self._market.trades_revision += 1
