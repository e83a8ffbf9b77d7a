"""One product's instruments: learnt at the start, read again now and then; changes of status are told once."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from tui.binance.client import ProductClient
from tui.binance.errors import BinanceError
from tui.config import DataOptions
from tui.domain.instrument import ContractKind, Instrument, TradingStatus
from tui.engine.clock import Clock
from tui.engine.messages import Messages
from tui.engine.persistence import pause_s
from tui.engine.store import Market, Stamped, Store
from tui.engine.tasks import wait

logger = logging.getLogger(__name__)

_RETRY_S = 30.0
_USUAL_HOURS = 8


class InstrumentFeed:
    """Keeps the instruments of one product in the store true. `on_change` is called when any of them changed."""

    def __init__(
        self,
        client: ProductClient,
        store: Store,
        clock: Clock,
        messages: Messages,
        options: DataOptions,
        on_change: Callable[[], None],
    ) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._messages = messages
        self._on_change = on_change
        self._every_s = _shortest(options.update_instruments_interval_mins * 60, options.instrument_status_poll_secs)
        self._look = asyncio.Event()

    async def learn(self, *, with_tickers: bool = True) -> None:
        """Read instruments and day tickers for the first time, or last prices, which weigh a twentieth.

        Raises RefusedError or OutcomeUnknownError.
        """
        instruments = await self._read()
        if not instruments:
            label = self._client.product.label
            self._messages.warning(f"{label}: no symbol is loaded; load_ids, filters and filter_callable say which are")
        prices = {} if with_tickers else await self._client.last_prices()
        # Markets exist before their symbols are known to readers, so that no other thread makes a second one.
        for instrument in instruments:
            market = self._store.markets.setdefault(instrument.symbol, Market(instrument))
            market.price_at_start = prices.get(instrument.symbol)
        if with_tickers:
            await self.read_tickers()
        self._store.instruments = self._store.instruments | {one.symbol: one for one in instruments}

    async def read_tickers(self) -> None:
        """Read the day of every symbol; streams may have told of it since. Raises as `learn` does."""
        tickers = await self._client.tickers()
        now_ns = self._clock.monotonic_ns()
        for symbol, ticker in tickers.items():
            market = self._store.markets.get(symbol)
            held = market.ticker if market is not None else None
            if market is not None and (held is None or held.value.time_ms < ticker.time_ms):
                market.ticker = Stamped(ticker, held.revision + 1 if held else 1, ticker.time_ms, now_ns)

    def look_now(self) -> None:
        """Read them soon: something said that a market is closed."""
        self._look.set()

    async def run(self) -> None:
        """Read them again at their interval, and when asked to, until cancelled."""
        while True:
            await wait(self._look, self._every_s or None)
            self._look.clear()
            try:
                self.take(await self._read())
            except BinanceError as error:
                logger.info("%s: instruments not read: %s", self._client.product.label, error)
                await asyncio.sleep(pause_s(error, _RETRY_S, self._clock))
                self._look.set()

    def take(self, instruments: Sequence[Instrument]) -> None:
        """Put the instruments as they are now in the place of those known; one that is gone is not available."""
        known = self._store.instruments
        fresh = {one.symbol: one for one in instruments}
        for symbol, old in known.items():
            if old.product is self._client.product and symbol not in fresh:
                fresh[symbol] = replace(old, status=TradingStatus.NOT_AVAILABLE, raw_status="")
        changed = {symbol: one for symbol, one in fresh.items() if known.get(symbol) != one}
        if not changed:
            return
        for symbol, one in changed.items():
            self._store.markets.setdefault(symbol, Market(one)).instrument = one
        self._store.instruments = known | changed
        self._tell(known, changed)
        self._on_change()

    def _tell(self, known: dict[str, Instrument], changed: dict[str, Instrument]) -> None:
        listed = [symbol for symbol in changed if symbol not in known]
        if listed:
            more = f" and {len(listed) - 5} more" if len(listed) > 5 else ""
            self._messages.info(f"{self._client.product.label} lists {', '.join(listed[:5])}{more}")
        for symbol, new in changed.items():
            old = known.get(symbol)
            if old is not None and (old.status, old.raw_status) != (new.status, new.raw_status):
                say = self._messages.info if new.status is TradingStatus.TRADING else self._messages.warning
                say(f"{symbol} was {status_words(old)}, is {status_words(new)}")

    async def _read(self) -> list[Instrument]:
        instruments = await self._client.instruments()
        try:
            hours = await self._client.funding_intervals()
        except BinanceError as error:
            logger.info("%s: funding intervals not read: %s", self._client.product.label, error)
            hours = {one.symbol: one.funding_hours for one in self._store.instruments.values() if one.funding_hours}
        return [replace(one, funding_hours=hours.get(one.symbol, _usual_hours(one))) for one in instruments]


def status_words(instrument: Instrument) -> str:
    """The status in words; one not known here as the exchange says it."""
    if instrument.status is TradingStatus.OTHER:
        return instrument.raw_status or "of unknown status"
    return instrument.status.value.replace("_", " ")


def _usual_hours(instrument: Instrument) -> int | None:
    """What holds for perpetual contracts that the exchange does not list as different."""
    return _USUAL_HOURS if instrument.product.is_futures and instrument.kind is ContractKind.PERPETUAL else None


def _shortest(*seconds: int) -> float:
    """The shorter of the intervals that are not off; zero where all are."""
    return float(min((each for each in seconds if each), default=0))
