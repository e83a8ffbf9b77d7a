"""One symbol's book in the store: fed by the stream, rebuilt from snapshots."""

import asyncio
import logging
from collections.abc import Callable

from tui.binance.client import ProductClient
from tui.binance.errors import BinanceError
from tui.domain.instrument import Instrument
from tui.domain.market import BookChange
from tui.engine.clock import Clock
from tui.engine.feeds.book_sync import BookSync, Step
from tui.engine.persistence import pause_s
from tui.engine.store import BookKeeper
from tui.engine.tasks import Tasks

logger = logging.getLogger(__name__)

_RETRY_FIRST_S = 0.25
_RETRY_CAP_S = 3.0
#: How often a book is looked at for crossing: each message of a stream at 100 ms, not each of a flood.
_LOOK_EVERY_NS = 50_000_000


class BookFeed:
    """Keeps one book true, or blank. `on_change_of_state` is called when it becomes either."""

    def __init__(
        self,
        instrument: Instrument,
        keeper: BookKeeper,
        client: ProductClient,
        tasks: Tasks,
        clock: Clock,
        on_change_of_state: Callable[[], None],
    ) -> None:
        self.instrument = instrument
        self.keeper = keeper
        self._client = client
        self._tasks = tasks
        self._clock = clock
        self._changed = on_change_of_state
        self._sync = BookSync()
        self._rebuilding: asyncio.Task[None] | None = None
        self._looked_ns = 0
        #: Books rebuilt after a gap, for those who watch the health of a link.
        self.gaps = 0

    @property
    def is_live(self) -> bool:
        """Whether the book is known to be true."""
        return self.keeper.is_live

    def restart(self) -> None:
        """Blank the book and build it afresh, as after a reconnect."""
        self._sync.restart()
        self._blank()
        self._rebuild()

    def stop(self) -> None:
        """Follow the symbol no longer; the book becomes blank."""
        if self._rebuilding is not None:
            self._rebuilding.cancel()
        self._sync.restart()
        self._blank()

    def on_change(self, change: BookChange) -> None:
        """Take what the stream says."""
        step = self._sync.on_change(change)
        if step is Step.APPLY:
            keeper = self.keeper
            keeper.apply(change)
            if keeper.received_ns - self._looked_ns > _LOOK_EVERY_NS and self._is_crossed():
                self._sync.restart()
                step = Step.GAP
        if step is Step.GAP:
            self.gaps += 1
            logger.info("%s: update %d does not follow, rebuilding", self.instrument.symbol, change.first_id)
            self._blank()
            self._rebuild()

    def _is_crossed(self) -> bool:
        self._looked_ns = self.keeper.received_ns
        top = self.keeper.view(1)
        return top.best_bid is not None and top.best_ask is not None and top.best_bid >= top.best_ask

    def _blank(self) -> None:
        self.keeper.blank()
        self._changed()

    def _rebuild(self) -> None:
        if self._rebuilding is not None:
            self._rebuilding.cancel()
        self._rebuilding = self._tasks.spawn(f"book of {self.instrument.symbol}", self._fetch())

    async def _fetch(self) -> None:
        """Ask for snapshots until one bridges to the buffered changes."""
        delay = _RETRY_FIRST_S
        while self._sync.needs_snapshot:
            try:
                snapshot = await self._client.book_snapshot(self.instrument)
            except BinanceError as error:
                logger.info("%s: no snapshot: %s", self.instrument.symbol, error)
                await asyncio.sleep(pause_s(error, delay, self._clock))
                delay = min(delay * 2, _RETRY_CAP_S)
                continue
            bridge = self._sync.on_snapshot(snapshot)
            if bridge is None:
                await asyncio.sleep(delay)
                delay = min(delay * 2, _RETRY_CAP_S)
                continue
            self.keeper.load(bridge.snapshot, bridge.changes)
            self._changed()
