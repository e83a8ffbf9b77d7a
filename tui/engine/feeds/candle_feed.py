"""The candles of one symbol at one interval: asked for once, then followed."""

import asyncio
import logging

from tui.binance.client import ProductClient
from tui.domain.market import Candle
from tui.engine.clock import Clock
from tui.engine.feeds.series import CANDLES_KEPT, append_candle, continues, merge_candles
from tui.engine.persistence import persist
from tui.engine.store import CandleSeries, Market, Stamped
from tui.engine.tasks import Tasks

logger = logging.getLogger(__name__)

#: Bars asked for when a chart is opened; one more would weigh more than twice as much (futures).
CANDLES_ASKED = 499
#: And when the trader looks farther back.
EARLIER_ASKED = 1_000


class CandleFeed:
    """Keeps one interval of `market.series` true."""

    def __init__(self, market: Market, interval: str, client: ProductClient, tasks: Tasks, clock: Clock) -> None:
        self.market = market
        self.interval = interval
        self._client = client
        self._tasks = tasks
        self._clock = clock
        self._heard: list[Candle] = []
        self._loading: asyncio.Task[None] | None = None
        self._looking_back: asyncio.Task[None] | None = None
        self._is_at_beginning = False

    def load(self) -> None:
        """Ask for the past, at the start and whenever bars may be missing."""
        self.stop()
        self._loading = self._tasks.spawn(f"candles of {self.market.instrument.symbol}", self._load())

    def stop(self) -> None:
        """Ask no more."""
        for task in (self._loading, self._looking_back):
            if task is not None:
                task.cancel()

    def drop(self) -> None:
        """Show them no longer: what is not followed would soon be old, and with a hole when it is followed again."""
        self.stop()
        self.market.series.pop(self.interval, None)

    def load_earlier(self) -> bool:
        """Ask for the bars before the oldest one; says whether there may be any and nothing is being asked for."""
        series = self._series()
        is_busy = any(task is not None and not task.done() for task in (self._loading, self._looking_back))
        if not series or is_busy or self._is_at_beginning or len(series) >= CANDLES_KEPT:
            return False
        name = f"earlier candles of {self.market.instrument.symbol}"
        self._looking_back = self._tasks.spawn(name, self._load_earlier(series[0].open_ms))
        return True

    async def _load_earlier(self, before_ms: int) -> None:
        title = f"earlier candles of {self.market.instrument.symbol}"
        await self._tasks.work.run(title, lambda job: self._fetch_earlier(before_ms))

    async def _fetch_earlier(self, before_ms: int) -> None:
        instrument = self.market.instrument
        past = await persist(
            lambda: self._client.candles(instrument, self.interval, EARLIER_ASKED, before_ms - 1),
            self._clock,
            on_failure=lambda error: logger.info("%s: no earlier candles: %s", instrument.symbol, error),
        )
        earlier = [candle for candle in past if candle.open_ms < before_ms]
        self._is_at_beginning = not earlier
        series = self._series() or ()
        if earlier and series:
            self._show(merge_candles(earlier, series), series[-1].open_ms)

    def on_candle(self, candle: Candle) -> None:
        """Take a bar from the stream."""
        series = self._series()
        if self._loading is not None and not self._loading.done():
            self._heard.append(candle)
        if series is None:
            return
        if continues(series, candle):
            self._show(append_candle(series, candle), candle.open_ms)
        elif self._loading is None or self._loading.done():
            self.load()

    async def _load(self) -> None:
        self._heard.clear()
        instrument = self.market.instrument
        past = await persist(
            lambda: self._client.candles(instrument, self.interval, CANDLES_ASKED),
            self._clock,
            on_failure=lambda error: logger.info("%s: no candles: %s", instrument.symbol, error),
        )
        held = self._series() or ()
        if past and not continues(held, past[0]):  # away for longer than was asked for: what is held ends in a hole
            held, self._is_at_beginning = (), False
        merged = merge_candles(merge_candles(held, past), self._heard)
        if merged:
            self._show(merged, merged[-1].open_ms)

    def _series(self) -> tuple[Candle, ...] | None:
        shown = self.market.series.get(self.interval)
        return shown.value.candles if shown is not None else None

    def _show(self, candles: tuple[Candle, ...], source_ms: int) -> None:
        before = self.market.series.get(self.interval)
        self.market.series[self.interval] = Stamped(
            CandleSeries(self.interval, candles),
            before.revision + 1 if before else 1,
            source_ms,
            self._clock.monotonic_ns(),
        )
