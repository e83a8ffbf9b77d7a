"""Market data of spot, USD-M and COIN-M over sockets, through everything that goes wrong at a real exchange."""

import asyncio
import time

import pytest
from market_watch import TIMING, until, watching

from tui.binance.client import StreamKind, Subscription
from tui.binance.errors import RateLimitedError
from tui.binance.market_stream import ProductMarketStream
from tui.config import DataOptions
from tui.domain.product import Product
from tui.engine.feeds.market_feed import Interest

PRODUCTS = [Product.SPOT, Product.USDM, Product.COINM]
WITH_MARGIN = [*PRODUCTS, Product.MARGIN]
K = StreamKind


class Everything:
    """A listener that counts what it hears, by method."""

    def __init__(self):
        self.heard = {}
        self.links = []

    def __getattr__(self, name):
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda *values: self.heard.setdefault(name, []).append(values)

    def on_market_link(self, product, state, detail):
        self.links.append(state.value)


@pytest.mark.parametrize("product", WITH_MARGIN)
async def test_every_stream_of_a_product_is_heard(product, monkeypatch):
    async with watching(product, monkeypatch) as watch:
        of = watch.store.instruments[watch.symbols(1)[0]]
        every = {Subscription(kind, of) for kind in (K.BOOK, K.TRADES, K.TICKER, K.MINI_TICKER, K.QUOTE)}
        every |= {Subscription(K.PARTIAL_BOOK, of, levels=levels) for levels in (5, 10, 20)}
        every |= {Subscription(K.CANDLES, of, "1m"), Subscription(K.ALL_MINI_TICKERS, None)}
        awaited = {
            "on_book_change", "on_trade", "on_ticker", "on_quote", "on_partial_book", "on_candle", "on_mini_tickers",
        }  # fmt: skip
        if product.is_futures:
            every |= {Subscription(K.MARK_PRICE, of), Subscription(K.LIQUIDATIONS, of)}
            every.add(Subscription(K.ALL_LIQUIDATIONS, None))
            awaited.add("on_mark_price")
        if product is Product.USDM:
            every.add(Subscription(K.RPI_BOOK, of))
            awaited.add("on_rpi_change")
        everything = Everything()
        stream = ProductMarketStream(product, watch.urls, everything, DataOptions(), TIMING)
        stream.subscribe(every)
        running = asyncio.create_task(stream.run())
        try:
            await until(lambda: everything.heard.keys() >= awaited)
            assert stream.malformed == 0
            levels = {len(book.bids) for _, book in everything.heard["on_partial_book"]}
            assert max(levels) <= 20
            natives = {native for _, rows in everything.heard["on_mini_tickers"] for native, _ in rows}
            assert natives <= set(watch.venue.listings), "each product hears its own"
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("product", WITH_MARGIN)
async def test_several_books_stay_the_exchanges_books_through_gaps_and_breaks(product, monkeypatch):
    async with watching(product, monkeypatch) as watch:
        first, second = watch.symbols(2)
        both = [first, second]
        watch.feed.follow(Interest(focus=first, followed=(second,), watched=tuple(both)))
        await until(lambda: all(watch.book(symbol).is_live for symbol in both))
        await watch.same_books(both)

        await watch.fault(drop_depth=3)
        await until(lambda: watch.gaps() > 0)
        await until(lambda: all(watch.book(symbol).is_live for symbol in both))
        await watch.same_books(both)

        await watch.fault(stream=f"{watch.natives(1)[0].lower()}@depth@100ms", duplicate=2, reorder=1)
        await asyncio.sleep(0.3)
        await until(lambda: all(watch.book(symbol).is_live for symbol in both))
        await watch.same_books(both)

        before = len(watch.link_states)
        await watch.fault(cut=True)
        await until(lambda: ("live", "") in watch.link_states[before:])
        await until(lambda: all(watch.book(symbol).is_live for symbol in both))
        await watch.same_books(both)

        # Pongs come, data does not: the connection is replaced, and what was lost meanwhile is asked for again.
        renewals = watch.stream.renewals
        await watch.fault(stall_ms=1_000)
        await until(lambda: watch.stream.renewals > renewals)
        await until(lambda: all(watch.book(symbol).is_live for symbol in both))
        await watch.same_books(both)


@pytest.mark.parametrize("product", PRODUCTS)
async def test_an_announced_restart_leaves_no_hole_in_the_books(product, monkeypatch):
    async with watching(product, monkeypatch) as watch:
        first, second = watch.symbols(2)
        watch.feed.follow(Interest(focus=first, followed=(second,)))
        await until(lambda: all(watch.book(symbol).is_live for symbol in (first, second)))
        states, blanked = len(watch.link_states), []
        for feed in watch.feed._symbols.values():
            feed.book._changed = lambda feed=feed: blanked.append(feed.instrument.symbol)
        await watch.fault(shutdown_ms=1_500)
        await until(lambda: watch.stream.renewals == 1)
        await asyncio.sleep(0.6)
        await watch.same_books([first, second])
        assert watch.link_states[states:] == [], "nobody was told of a break"
        assert blanked == []
        assert [feed.book.gaps for feed in watch.feed._symbols.values()] == [0, 0]


@pytest.mark.parametrize("product", WITH_MARGIN)
async def test_a_clock_half_a_minute_off_is_measured_and_the_question_asked_again(product, monkeypatch):
    async with watching(product, monkeypatch) as watch:
        for skew_ms in (-30_000, 30_000, 0):
            await watch.fault(clock_skew_ms=skew_ms)
            await watch.client.account()
            assert watch.client.clock_offset_ms == pytest.approx(skew_ms, abs=1_000)


@pytest.mark.parametrize("product", WITH_MARGIN)
async def test_a_storm_of_limits_stops_sending_until_it_is_over(product, monkeypatch):
    async with watching(product, monkeypatch) as watch:
        of = watch.store.instruments[watch.symbols(1)[0]]
        await watch.fault(ban_ms=1_200)
        with pytest.raises(RateLimitedError, match="until") as banned:
            await watch.client.book_snapshot(of)
        assert banned.value.http_status == 418
        assert watch.client.blocked.startswith("this address is banned until")
        with pytest.raises(RateLimitedError, match="not sent"):
            await watch.client.book_snapshot(of)
        await until(lambda: time.time() * 1000 > banned.value.until_ms)
        await until(lambda: not watch.client.blocked)
        await watch.client.book_snapshot(of)
        # A book that starts in the middle of it comes when it is over.
        await watch.fault(too_many=1)
        watch.feed.follow(Interest(focus=of.symbol))
        await until(lambda: watch.book(of.symbol).is_live, timeout=20)


async def test_spot_prints_by_taker_order_continue_those_that_were_asked_for(monkeypatch):
    for aggregates in (False, True):
        options = DataOptions(use_agg_trade_ticks=aggregates)
        async with watching(Product.SPOT, monkeypatch, options) as watch:
            symbol = watch.symbols(1)[0]
            of = watch.store.instruments[symbol]
            while len(await watch.client.recent_trades(of, 500)) < 5:  # noqa: ASYNC110 - the exchange tells nobody
                await asyncio.sleep(0.1)
            watch.feed.follow(Interest(focus=symbol))
            market = watch.store.market(symbol)
            await until(lambda market=market: len(market.trades) >= 5)
            newest = market.trades[0].trade_id
            await until(lambda market=market, newest=newest: market.trades[0].trade_id > newest + 3)
            ids = [trade.trade_id for trade in market.trades]
            assert ids == list(range(ids[0], ids[0] - len(ids), -1)), "none is missing where the two meet"
