"""Prices beside the focus, over sockets: quotes of what is held, tops of books, a book with retail orders."""

import asyncio

import pytest
from market_watch import until, watching

from tui.config import DataOptions
from tui.domain.product import Product
from tui.engine.feeds.market_feed import Interest

PRODUCTS = [Product.SPOT, Product.USDM, Product.COINM]


async def same_as_the_exchange(watch, is_same) -> None:
    """Hold the market still until what is shown is the exchange's own, going on a little where it is not."""
    for _ in range(40):
        await watch.stand_still()
        try:
            await until(is_same, timeout=0.4)
        except AssertionError:
            watch.move()
            await asyncio.sleep(0.1)
            continue
        watch.move()
        return
    raise AssertionError("never the same")


def counted(watch, symbol, count):
    """The exchange's own best levels of a symbol, in ticks and lots."""
    _, bids, asks = watch.venue.depth(watch.store.instruments[symbol].native, count)
    return list(bids), list(asks)


@pytest.mark.parametrize("product", PRODUCTS)
async def test_what_is_held_has_its_best_prices_though_its_book_is_not_followed(product, monkeypatch) -> None:
    async with watching(product, monkeypatch) as watch:
        first, second = watch.symbols(2)
        market = watch.store.market(second)
        watch.feed.follow(Interest(focus=first, held=frozenset({first, second})))
        await until(lambda: market.quote is not None)
        assert not market.book.is_live
        assert watch.store.market(first).quote is None, "its book says it"

        def is_same():
            (bid, bid_lots), (ask, ask_lots) = (side[0] for side in counted(watch, second, 1))
            one, quote = watch.store.instruments[second], market.quote.value
            sizes = one.step.value(bid_lots), one.step.value(ask_lots)
            prices = one.tick.value(bid), one.tick.value(ask)
            return market.touch() == prices and (quote.bid_quantity, quote.ask_quantity) == sizes

        await same_as_the_exchange(watch, is_same)
        touches = []
        watch.feed._on_health = lambda: touches.append(market.touch())
        await watch.fault(cut=True)
        await until(lambda: (None, None) in touches)  # of a lost connection nothing is shown as live
        await until(lambda: market.quote is not None)
        watch.feed.follow(Interest(focus=second))
        assert market.quote is None
        await until(lambda: market.book.is_live)


@pytest.mark.parametrize("product", PRODUCTS)
async def test_books_beside_the_focus_may_be_their_top_alone(product, monkeypatch) -> None:
    async with watching(product, monkeypatch, DataOptions(levels_beside=10)) as watch:
        first, second = watch.symbols(2)
        asked, snapshot = [], watch.client.book_snapshot

        async def noted(of):
            asked.append(of.symbol)
            return await snapshot(of)

        watch.client.book_snapshot = noted
        watch.feed.follow(Interest(focus=first, followed=(second,)))
        top = watch.book(second)
        await until(lambda: top.is_live and watch.book(first).is_live)
        assert (watch.book(first).only_best, top.only_best) == (0, 10)
        assert set(asked) == {first}, "the top of a book needs no snapshot"

        def is_same():
            view = top.view(1_000)
            return (list(view.bids), list(view.asks)) == counted(watch, second, 10)

        await same_as_the_exchange(watch, is_same)
        view = top.view(1_000)
        assert (view.bids_known_to, view.asks_known_to) == (view.bids[-1][0], view.asks[-1][0]), "no more is known"
        watch.feed.follow(Interest(focus=second, followed=(second, first)))
        await until(lambda: watch.book(second).is_live and watch.book(first).is_live)
        assert (watch.book(first).only_best, watch.book(second).only_best) == (10, 0)
        watch.feed.follow(Interest(focus=second, followed=(first,), traded=frozenset({first})))
        await until(lambda: watch.book(first).is_live)
        assert watch.book(first).only_best == 0, "what an algo trades is kept whole"
        await watch.same_books([first, second])


async def test_the_book_with_retail_orders_stands_beside_the_ordinary_one(monkeypatch) -> None:
    async with watching(Product.USDM, monkeypatch, DataOptions(rpi_book=True)) as watch:
        first, second = watch.symbols(2)
        market = watch.store.market(first)
        watch.feed.follow(Interest(focus=first, followed=(second,)))
        await until(lambda: market.rpi_book.is_live and market.book.is_live and watch.book(second).is_live)
        assert not watch.store.market(second).rpi_book.is_live

        def is_same():
            view = market.rpi_book.view(1_000)
            return (list(view.bids), list(view.asks)) == counted(watch, first, 1_000)

        await same_as_the_exchange(watch, is_same)
        before = market.rpi_book.revision
        await watch.fault(cut=True)
        await until(lambda: market.rpi_book.revision > before and market.rpi_book.is_live)
        await same_as_the_exchange(watch, is_same)
        assert not watch.messages._store.messages


async def test_products_without_retail_orders_have_no_such_book(monkeypatch) -> None:
    async with watching(Product.COINM, monkeypatch, DataOptions(rpi_book=True)) as watch:
        first = watch.symbols(1)[0]
        watch.feed.follow(Interest(focus=first))
        await until(lambda: watch.book(first).is_live)
        assert watch.feed._symbols[first].rpi is None
