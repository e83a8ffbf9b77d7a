"""One symbol's book in the store: fed by the stream, rebuilt from snapshots."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tui.binance.errors import BinanceError
from tui.domain.book import BookView
from tui.domain.instrument import Instrument
from tui.domain.market import BookChange, BookSnapshot
from tui.engine.book_keeper import BookKeeper
from tui.engine.clock import Clock
from tui.engine.feeds.book_sync import BookSync, Step
from tui.engine.feeds.snapshot_queue import SnapshotQueue
from tui.engine.persistence import pause_s
from tui.engine.tasks import Tasks

logger = logging.getLogger(__name__)

#: By a name of its own, because looking into an enumeration for every message takes longer than the comparison.
_APPLY = Step.APPLY

_RETRY_FIRST_S = 0.25
_RETRY_CAP_S = 3.0
#: How often a book is looked at for crossing: each message of a stream at 100 ms, not each of a flood.
#: Told by the exchange's clock, so that a replay looks where the recorder did.
_LOOK_EVERY_MS = 50
#: A book is asked for again when of the span it was known over less than this is left.
_THIN = 0.25
_WIDEN_EVERY_MS = 10_000


class BookFeed:
    """Keeps one book true, or blank. `on_change_of_state` is called when it becomes either."""

    def __init__(
        self,
        instrument: Instrument,
        keeper: BookKeeper,
        ask: Callable[[Instrument], Awaitable[BookSnapshot]],
        tasks: Tasks,
        clock: Clock,
        on_change_of_state: Callable[[], None],
        queue: SnapshotQueue | None = None,
        share: float = 0.0,
    ) -> None:
        """`ask` gets a snapshot; it raises RefusedError or OutcomeUnknownError.

        `share` is the part of a minute's request weight that it costs.
        """
        self.instrument = instrument
        self.keeper = keeper
        self._ask = ask
        self._tasks = tasks
        self._clock = clock
        self._changed = on_change_of_state
        self._queue = queue or SnapshotQueue()
        self._share = share
        self._sync = BookSync()
        self._rebuilding: asyncio.Task[None] | None = None
        self._looked_ms = -_WIDEN_EVERY_MS - 1
        #: A second book being built beside the first, to see farther; None while that is not needed.
        self._wider: BookSync | None = None
        self._widened_ms = -_WIDEN_EVERY_MS - 1
        self._spans: tuple[int, int] = (0, 0)
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
        if self._wider is not None:
            self._wider.on_change(change)
        step = self._sync.on_change(change)
        if step is _APPLY:
            self.keeper.apply(change)
            if -_LOOK_EVERY_MS <= change.time_ms - self._looked_ms <= _LOOK_EVERY_MS or self._looks_right(
                change.time_ms
            ):
                return
            self._sync.restart()
            step = Step.GAP
        if step is Step.GAP:
            self.gaps += 1
            logger.info("%s: update %d does not follow, rebuilding", self.instrument.symbol, change.first_id)
            self._blank()
            self._rebuild()

    def _looks_right(self, now_ms: int) -> bool:
        """Whether the book is not crossed; one that has moved far from its snapshot is asked for again."""
        self._looked_ms = now_ms
        top = self.keeper.view(1)
        if top.best_bid is not None and top.best_ask is not None and top.best_bid >= top.best_ask:
            return False
        if self._wider is None and abs(now_ms - self._widened_ms) > _WIDEN_EVERY_MS and self._is_thin(top):
            self._widened_ms = now_ms
            self._tasks.spawn(f"wider book of {self.instrument.symbol}", self._widen())
        return True

    def _is_thin(self, top: BookView) -> bool:
        """Whether the touch has come near the price to which a side is known."""
        return any(span and left < span * _THIN for span, left in zip(self._spans, _spans(top), strict=True))

    def _blank(self) -> None:
        self._wider = None
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
                async with self._queue.turn(self._share):
                    snapshot = await self._ask(self.instrument)
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
            self._spans = _spans(self.keeper.view(1))
            self._changed()

    async def _widen(self) -> None:
        """Put a newer snapshot in the place of the book while it stays live."""
        wider = self._wider = BookSync()
        try:
            async with self._queue.turn(self._share):
                snapshot = await self._ask(self.instrument)
        except BinanceError as error:
            logger.info("%s: no wider book: %s", self.instrument.symbol, error)
            self._wider = None
            return
        if self._wider is not wider:
            return
        self._wider = None
        bridge = wider.on_snapshot(snapshot)
        if bridge is not None and wider.update_id >= self._sync.update_id:
            self._sync = wider
            self.keeper.load(bridge.snapshot, bridge.changes)
            self._spans = _spans(self.keeper.view(1))


def _spans(top: BookView) -> tuple[int, int]:
    """Ticks from the touch to where each side ceases to be known; zero where it is known whole."""
    bid, ask = top.best_bid, top.best_ask
    below = bid - top.bids_known_to if bid is not None and top.bids_known_to is not None else 0
    above = top.asks_known_to - ask if ask is not None and top.asks_known_to is not None else 0
    return below, above
