"""One symbol that is looked at in full: its book and its prints."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tui.binance.client import ProductClient, StreamKind, Subscription
from tui.binance.errors import BinanceError
from tui.domain.instrument import Instrument
from tui.domain.market import BookSnapshot
from tui.engine.book_keeper import BookKeeper
from tui.engine.clock import Clock
from tui.engine.feeds.book_feed import BookFeed
from tui.engine.feeds.partial_book import PartialBookFeed
from tui.engine.feeds.series import merge_trades
from tui.engine.feeds.snapshot_queue import SnapshotQueue
from tui.engine.persistence import persist
from tui.engine.store import Store
from tui.engine.tasks import Tasks

logger = logging.getLogger(__name__)

#: Prints asked for when a symbol comes into view.
TRADES_ASKED = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is followed of a symbol: `levels` a side of its book, 0 for the whole.

    `rpi` adds the book that has retail price improvement orders in it.
    """

    instrument: Instrument
    levels: int = 0
    rpi: bool = False


class SymbolFeed:
    """Keeps one symbol's market in the store true from `restart` to `stop`, candles apart."""

    def __init__(
        self,
        wanted: Wanted,
        client: ProductClient,
        store: Store,
        tasks: Tasks,
        clock: Clock,
        queue: SnapshotQueue,
        on_health: Callable[[], None],
    ) -> None:
        instrument = wanted.instrument
        self.instrument = instrument
        self._wanted = wanted
        self._market = store.market(instrument.symbol)

        def book_of(keeper: BookKeeper, ask: Callable[[Instrument], Awaitable[BookSnapshot]]) -> BookFeed:
            return BookFeed(instrument, keeper, ask, tasks, clock, on_health, queue, client.snapshot_share)

        self.book: BookFeed | PartialBookFeed
        if wanted.levels:
            self.book = PartialBookFeed(instrument, self._market.book, wanted.levels, on_health)
        else:
            self.book = book_of(self._market.book, client.book_snapshot)
        self.rpi = book_of(self._market.rpi_book, client.rpi_snapshot) if wanted.rpi else None
        self._client = client
        self._tasks = tasks
        self._clock = clock
        self._filling: asyncio.Task[None] | None = None

    @property
    def subscriptions(self) -> set[Subscription]:
        """The streams it lives from."""
        of, levels = self.instrument, self._wanted.levels
        kinds = {Subscription(StreamKind.TRADES, of)}
        kinds.add(
            Subscription(StreamKind.PARTIAL_BOOK, of, levels=levels) if levels else Subscription(StreamKind.BOOK, of)
        )
        return kinds | {Subscription(StreamKind.RPI_BOOK, of)} if self.rpi is not None else kinds

    def is_other(self, wanted: Wanted) -> bool:
        """Whether prices or sizes are counted otherwise since this feed began, or another book is wanted."""
        was, now = self._wanted, wanted
        counts = (now.instrument.tick, now.instrument.step) == (was.instrument.tick, was.instrument.step)
        return not counts or (now.levels, now.rpi) != (was.levels, was.rpi)

    def restart(self) -> None:
        """After each connection everything may have a hole."""
        self.book.restart()
        if self.rpi is not None:
            self.rpi.restart()
        if self._filling is not None:
            self._filling.cancel()
        self._filling = self._tasks.spawn(f"trades of {self.instrument.symbol}", self._ask_trades())

    def stop(self) -> None:
        """Look at it no longer."""
        self.stop_books()
        if self._filling is not None:
            self._filling.cancel()

    def stop_books(self) -> None:
        """No change is heard any more: the books become blank."""
        self.book.stop()
        if self.rpi is not None:
            self.rpi.stop()

    async def _ask_trades(self) -> None:
        def note(error: BinanceError) -> None:
            logger.info("%s: no prints: %s", self.instrument.symbol, error)

        past = await persist(
            lambda: self._client.recent_trades(self.instrument, TRADES_ASKED), self._clock, on_failure=note
        )
        self._market.trades = merge_trades(past, self._market.trades)
        self._market.trades_revision += 1
