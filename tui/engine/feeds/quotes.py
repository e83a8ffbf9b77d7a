"""Best bid and ask where no book is followed: what is held, ordered or watched by an alert still has a price."""

from collections.abc import Iterable

from tui.binance.client import StreamKind, Subscription
from tui.domain.instrument import Instrument
from tui.domain.market import BestQuote
from tui.engine.clock import Clock
from tui.engine.store import Stamped, Store


class Quotes:
    """Keeps `Market.quote` of the wanted symbols true, or None."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._wanted: dict[str, Instrument] = {}

    @property
    def subscriptions(self) -> set[Subscription]:
        """The streams they live from."""
        return {Subscription(StreamKind.QUOTE, instrument) for instrument in self._wanted.values()}

    def want(self, instruments: Iterable[Instrument]) -> None:
        """Follow these from now on, the others no more."""
        before, self._wanted = self._wanted, {one.symbol: one for one in instruments}
        for symbol in before.keys() - self._wanted.keys():
            self._store.market(symbol).quote = None

    def take(self, instrument: Instrument, quote: BestQuote) -> None:
        """Take a quote; of two connections the one that lags is not heeded."""
        if instrument.symbol not in self._wanted:
            return
        market = self._store.market(instrument.symbol)
        held = market.quote
        if held is None or quote.update_id >= held.value.update_id:
            revision = held.revision + 1 if held else 1
            market.quote = Stamped(quote, revision, quote.time_ms, self._clock.monotonic_ns())

    def forget(self) -> None:
        """The connection is gone: nothing is known until the next quote."""
        for symbol in self._wanted:
            self._store.market(symbol).quote = None
