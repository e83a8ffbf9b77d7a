"""The candle series of one product that are shown, each asked for and streamed once however many charts show it."""

from collections.abc import Iterable

from tui.binance.client import ProductClient, StreamKind, Subscription
from tui.domain.instrument import Instrument
from tui.engine.clock import Clock
from tui.engine.feeds.candle_feed import CandleFeed
from tui.engine.store import Store
from tui.engine.tasks import Tasks


class ChartFeeds:
    """Candle feeds by symbol and interval."""

    def __init__(self, client: ProductClient, store: Store, tasks: Tasks, clock: Clock) -> None:
        self._client = client
        self._store = store
        self._tasks = tasks
        self._clock = clock
        self._feeds: dict[tuple[str, str], CandleFeed] = {}

    @property
    def symbols(self) -> set[str]:
        """Those with a series."""
        return {symbol for symbol, _ in self._feeds}

    @property
    def subscriptions(self) -> set[Subscription]:
        """The streams they live from."""
        return {
            Subscription(StreamKind.CANDLES, feed.market.instrument, interval)
            for (_, interval), feed in self._feeds.items()
        }

    def show(self, wanted: Iterable[tuple[Instrument, str]]) -> None:
        """Follow these from now on and no others; those that are followed already go on."""
        charted = {(instrument.symbol, interval) for instrument, interval in wanted}
        for gone in self._feeds.keys() - charted:
            self._feeds.pop(gone).drop()
        for symbol, interval in charted - self._feeds.keys():
            market = self._store.market(symbol)
            feed = CandleFeed(market, interval, self._client, self._tasks, self._clock)
            self._feeds[symbol, interval] = feed
            feed.load()

    def feed(self, symbol: str, interval: str) -> CandleFeed | None:
        """The feed of one series; None when it is not shown."""
        return self._feeds.get((symbol, interval))

    def restart(self) -> None:
        """After each connection everything may have a hole."""
        for feed in self._feeds.values():
            feed.load()
