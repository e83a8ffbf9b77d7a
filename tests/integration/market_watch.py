"""The feeds of one product over real sockets, beside the exchange itself in the same loop."""

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from functools import cache, partial

import aiohttp

from tui.binance.environment import ProductUrls
from tui.binance.limits import LimitPools
from tui.binance.link import LinkTiming
from tui.binance.market_stream import ProductMarketStream
from tui.binance.products import open_client
from tui.binance.signing import Credentials, signer_for
from tui.config import DataOptions, Options
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.feeds.instrument_feed import InstrumentFeed
from tui.engine.feeds.market_feed import MarketFeed
from tui.engine.messages import Messages
from tui.engine.store import Session, Store
from tui.engine.tasks import Tasks
from tui.engine.work import LongWork
from tui.exchange.exchange import Exchange
from tui.exchange.keys import new_keys
from tui.exchange.run import serving

#: As patient as the program is with an exchange on this machine, except that breaks are noticed sooner.
TIMING = LinkTiming(
    ping_s=0.4,
    silence_s=1.2,
    quiet_s=0.5,
    handover_s=1.0,
    backoff_first_s=0.05,
    backoff_longest_s=0.2,
    overlap_s=0.4,
    tick_s=0.05,
)


@cache
def keys_made_once(account_id):
    """Making an RSA key takes longer than most tests."""
    return new_keys(account_id)


async def until(condition, timeout=30.0):
    deadline = time.monotonic() + timeout
    while not (met := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)
    return met


class Watch:
    """One product's client and feed, and the exchange it looks at."""

    def __init__(self, product, exchange, ready, options):
        self.product, self.exchange, self.options = product, exchange, Options(data=options)
        #: Margin lives on the spot host, and trades spot's books.
        host = product if product.is_futures else Product.SPOT
        self.venue = exchange.venues[host]
        self.urls = ProductUrls(**ready[host.value])
        key = next(key for key in ready["keys"] if key["type"] == "HMAC")
        self.credentials = Credentials(key["api_key"], signer_for(key["api_secret"]))
        self.client = open_client(product, self.urls, self.credentials, self.options, pools=LimitPools())
        self.store = Store(Session("lab", "main", False, True))
        self.clock = Clock()
        self.messages = Messages(self.store, self.clock)
        self.tasks = Tasks(self.messages, LongWork(self.store))
        self.link_states = []
        self.feed = MarketFeed(
            self.client,
            self.store,
            self.tasks,
            self.clock,
            lambda: None,
            partial(self._open_stream),
            options=self.options.data,
        )
        self._market = None

    def _open_stream(self, listener):
        self.stream = ProductMarketStream(self.product, self.urls, listener, self.options.data, TIMING)
        told = listener.on_market_link

        def note(product, state, detail):
            self.link_states.append((state.value, detail))
            told(product, state, detail)

        listener.on_market_link = note
        return self.stream

    async def start(self):
        await self.client.open()
        feed = InstrumentFeed(self.client, self.store, self.clock, self.messages, self.options.data, lambda: None)
        await feed.learn()
        self.tasks.keep("stream", self.feed.run)

    async def close(self):
        await self.stand_still()
        await self.tasks.close()
        await self.client.close()

    def move(self):
        """Let the market live."""
        self._market = asyncio.create_task(self.exchange.run())

    async def stand_still(self):
        if self._market is not None:
            self._market.cancel()
            with suppress(asyncio.CancelledError):
                await self._market
            self._market = None

    def natives(self, count):
        return list(self.venue.listings)[:count]

    def symbols(self, count):
        """Program symbols of the first listings that the product has."""
        by_native = {one.native: one.symbol for one in self.store.instruments.values()}
        return [by_native[native] for native in self.venue.listings if native in by_native][:count]

    def book(self, symbol):
        return self.store.market(symbol).book

    def gaps(self):
        """Gaps found in books so far."""
        return sum(feed.book.gaps for feed in self.feed._symbols.values())

    async def same_books(self, symbols):
        """Hold the market still until every book is, level for level, the exchange's own.

        What was lost last shows only when more follows, so the market goes on a little where they differ.
        """

        def is_same(symbol):
            instrument = self.store.instruments[symbol]
            _, bids, asks = self.venue.depth(instrument.native, 1_000)
            view = self.book(symbol).view(1_000)
            return self.book(symbol).is_live and (list(view.bids), list(view.asks)) == (list(bids), list(asks))

        for _ in range(20):
            await self.stand_still()
            with suppress(AssertionError):
                await until(lambda: all(is_same(symbol) for symbol in symbols), timeout=0.4)
                self.move()
                return
            self.move()
            await asyncio.sleep(0.1)
        raise AssertionError(f"books differ: {[symbol for symbol in symbols if not is_same(symbol)]}")

    async def fault(self, **fault):
        async with aiohttp.ClientSession() as session, session.post(self.urls.rest + "/fault", json=fault) as answer:
            assert answer.status == 200, await answer.text()


@asynccontextmanager
async def watching(product, monkeypatch, options=None):
    monkeypatch.setattr("tui.exchange.exchange.new_keys", lambda account_id: list(keys_made_once(account_id)))
    exchange = Exchange(seed=7)
    async with serving(exchange, with_faults=True) as (ready, _):
        watch = Watch(product, exchange, ready, options or DataOptions())
        try:
            await watch.start()
            watch.move()
            yield watch
        finally:
            await watch.close()
    exchange.close()
