"""Several symbols followed in full, books included, without an account and without orders."""

from collections.abc import Sequence
from functools import partial

from tui.binance.client import ProductClient
from tui.domain.book_side import MOST_LEVELS
from tui.domain.increment import Increment
from tui.domain.market import Level, Ticker, Trade
from tui.engine.clock import Clock
from tui.engine.feeds.market_feed import Interest, MarketFeed
from tui.engine.feeds.shared_stream import SharedStream
from tui.engine.feeds.snapshot_queue import SnapshotQueues
from tui.engine.messages import Messages
from tui.engine.status import Json
from tui.engine.store import Market, Stamped, Store
from tui.engine.tasks import Tasks
from tui.engine.work import LongWork


class Observation:
    """The feeds of the chosen symbols, writing to a store. `learn`, then `follow`, then `close`."""

    def __init__(self, clients: Sequence[ProductClient], store: Store) -> None:
        self.store = store
        self._clients = clients
        self._clock = Clock()
        self._tasks = Tasks(Messages(store, self._clock), LongWork(store))
        self._feeds: list[MarketFeed] = []
        self._queues = SnapshotQueues()

    async def learn(self) -> None:
        """Reach every product and learn its instruments; raises RefusedError or OutcomeUnknownError."""
        for client in self._clients:
            await client.open()
            tickers = await client.tickers()
            for instrument in await client.instruments():
                market = self.store.markets.setdefault(instrument.symbol, Market(instrument))
                ticker = tickers.get(instrument.symbol)
                if ticker is not None:
                    market.ticker = Stamped(ticker, 1, ticker.time_ms, self._clock.monotonic_ns())
                self.store.instruments[instrument.symbol] = instrument

    def follow(self, symbols: Sequence[str]) -> None:
        """Keep everything about these symbols true from now on; raises KeyError for one that is not known."""
        for client in self._clients:
            own = [name for name in symbols if self.store.instruments[name].product is client.product]
            if not own:
                continue
            stream = SharedStream(client)
            for symbol in own:
                open_share, queue = partial(stream.share, symbol), self._queues.of(client.product)
                feed = MarketFeed(client, self.store, self._tasks, self._clock, _nothing, open_share, queue)
                feed.follow(Interest(focus=symbol, watched=(symbol,)))
                self._feeds.append(feed)
            self._tasks.keep(f"{client.product.value} market stream", stream.run)

    async def close(self) -> None:
        """Stop every feed and close every connection; the store keeps what it held."""
        await self._tasks.close()
        for client in self._clients:
            await client.close()


def _nothing() -> None:
    """Nobody watches the health of these links."""


def market_document(market: Market) -> Json:
    """One symbol as a plain document: all levels of its book, best first, its ticker, its last trade."""
    instrument, keeper = market.instrument, market.book
    view = keeper.view(MOST_LEVELS)
    trades = market.recent_trades(1)
    return {
        "product": instrument.product.value,
        "book": {
            "live": keeper.is_live,
            "update_id": view.update_id,
            "bids": _levels(view.bids, instrument.tick, instrument.step),
            "asks": _levels(view.asks, instrument.tick, instrument.step),
        },
        "ticker": _ticker(market.ticker.value) if market.ticker else None,
        "last_trade": _trade(trades[0]) if trades else None,
    }


def _levels(levels: Sequence[Level], tick: Increment, step: Increment) -> list[list[str]]:
    return [[f"{tick.value(price):f}", f"{step.value(size):f}"] for price, size in levels]


def _ticker(ticker: Ticker) -> Json:
    names = ("last", "open", "high", "low", "volume", "turnover")
    return {**{name: f"{getattr(ticker, name):f}" for name in names}, "time_ms": ticker.time_ms}


def _trade(trade: Trade) -> Json:
    return {
        "id": trade.trade_id,
        "price": f"{trade.price:f}",
        "quantity": f"{trade.quantity:f}",
        "aggressor": trade.aggressor.value,
        "time_ms": trade.time_ms,
    }
