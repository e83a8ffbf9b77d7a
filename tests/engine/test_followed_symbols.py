"""Several symbols looked at in full at once: each book with a state of its own, streams shared and let go."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from engine_table import until
from fake_client import BOOK, PERP, SPOT, TICKER

from tui.binance.client import LinkState, StreamKind
from tui.domain.market import BookChange, BookSnapshot, Candle, Liquidation, MarkPrice, Trade
from tui.domain.order_terms import Side
from tui.engine.commands.views import FocusSymbol, FollowSymbols, LoadEarlierCandles, ShowCandles
from tui.engine.feeds.market_feed import Interest
from tui.engine.feeds.snapshot_queue import SnapshotQueue
from tui.engine.store import Link

D = Decimal
ETH = replace(SPOT, symbol="ETHUSDT", native="ETHUSDT", base="ETH")


async def with_ether(table) -> None:
    desk = next(desk for desk in table.session._desks if desk.client is table.spot)
    desk.instruments.take([SPOT, ETH])


def kinds_of(client, symbol):
    return {one.kind for one in client.market_link.wanted if one.instrument and one.instrument.symbol == symbol}


FULL = {StreamKind.BOOK, StreamKind.TRADES, StreamKind.TICKER}


async def test_a_followed_symbol_has_a_book_of_its_own(open_table) -> None:
    async with open_table() as table:
        await with_ether(table)
        await table.do(FollowSymbols(("ETHUSDT", "BTCUSDT-PERP")))
        assert table.store.followed == ("ETHUSDT", "BTCUSDT-PERP")
        for symbol in ("BTCUSDT", "ETHUSDT", "BTCUSDT-PERP"):
            await until(lambda symbol=symbol: table.store.market(symbol).book.is_live)
        assert kinds_of(table.spot, "ETHUSDT") == FULL
        assert kinds_of(table.spot, "BTCUSDT") == FULL | {StreamKind.CANDLES}
        assert kinds_of(table.perp, "BTCUSDT-PERP") == FULL | {StreamKind.MARK_PRICE}


async def test_a_gap_in_one_book_leaves_the_others_alone(open_table) -> None:
    async with open_table() as table:
        await with_ether(table)
        await table.do(FollowSymbols(("ETHUSDT",)))
        bitcoin, ether = (table.store.market(symbol).book for symbol in ("BTCUSDT", "ETHUSDT"))
        await until(lambda: bitcoin.is_live and ether.is_live)
        asked = []

        async def snapshot(one):
            asked.append(one.symbol)
            return BookSnapshot(95, BOOK.bids, BOOK.asks)

        table.spot.answer_book = snapshot
        table.spot.market.on_book_change(ETH, BookChange(90, 95, None, [], [], 1))
        assert (bitcoin.is_live, ether.is_live) == (True, False)
        assert table.store.links[SPOT.product].market is Link.LIVE, "the link is judged by the book in focus"
        await until(lambda: ether.is_live)
        assert asked == ["ETHUSDT"]


async def test_a_symbol_in_focus_and_followed_goes_on_when_one_of_the_two_ends(open_table) -> None:
    async with open_table() as table:
        await with_ether(table)
        await table.do(FollowSymbols(("ETHUSDT",)))
        await until(lambda: table.store.market("ETHUSDT").book.is_live)
        before = table.spot.snapshots
        await table.do(FocusSymbol("ETHUSDT"))
        await table.do(FollowSymbols(()))
        assert table.store.market("ETHUSDT").book.is_live, "nothing is built twice"
        assert table.spot.snapshots == before
        assert not table.store.market("BTCUSDT").book.is_live
        assert kinds_of(table.spot, "BTCUSDT") <= {StreamKind.TICKER}


async def test_a_cut_blanks_every_book_and_the_next_connection_builds_them_again(open_table) -> None:
    async with open_table() as table:
        await with_ether(table)
        await table.do(FollowSymbols(("ETHUSDT",)))
        books = [table.store.market(symbol).book for symbol in ("BTCUSDT", "ETHUSDT")]
        await until(lambda: all(book.is_live for book in books))
        table.spot.market_link.say(LinkState.DOWN, "cut")
        assert not any(book.is_live for book in books)
        table.spot.market_link.say(LinkState.LIVE, "")
        await until(lambda: all(book.is_live for book in books))


async def test_an_unknown_symbol_is_refused_and_one_of_a_product_still_starting_is_kept(open_table) -> None:
    async with open_table() as table:
        assert "NOSUCH" in (await table.do(FollowSymbols(("NOSUCH",)))).text
    async with open_table(start=False) as table:
        await table.session.start()
        await table.do(FollowSymbols(("BTCUSDT-PERP",)))
        await until(lambda: table.store.followed == ("BTCUSDT-PERP",))
        await until(lambda: table.store.market("BTCUSDT-PERP").book.is_live)


async def test_duplicates_of_two_connections_change_nothing(open_table) -> None:
    """While one connection takes over from another, everything comes twice."""
    async with open_table() as table:
        market, feed = table.store.market("BTCUSDT"), table.spot.market
        late = replace(TICKER, time_ms=5, last=D(200))
        for one in (late, replace(TICKER, time_ms=4)):
            feed.on_ticker(SPOT, one)
        assert market.ticker.value is late
        perp = table.store.market("BTCUSDT-PERP")
        for time_ms in (5, 4):
            table.perp.market.on_mark_price(PERP, MarkPrice(D(time_ms), D(1), None, 0, time_ms))
        assert perp.mark.value.mark == 5
        for number in (1, 2, 1, 2):
            feed.on_trade(SPOT, Trade(number, D(1), D(1), Side.BUY, number))
        assert [one.trade_id for one in market.trades] == [2, 1]
        for _ in range(2):
            feed.on_book_change(SPOT, BookChange(51, 51, None, [(999, 7)], [], 5))
        assert market.book.is_live


async def test_all_tickers_and_liquidations_reach_the_store_when_wanted(open_table) -> None:
    async with open_table() as table:
        await with_ether(table)
        spot, perp = table.spot.market, table.perp.market
        for feed in (spot, perp):
            feed.follow(Interest(focus="BTCUSDT", all_tickers=True, liquidations=True))
        assert StreamKind.ALL_MINI_TICKERS in {one.kind for one in table.spot.market_link.wanted}
        assert StreamKind.ALL_LIQUIDATIONS in {one.kind for one in table.perp.market_link.wanted}
        assert StreamKind.ALL_LIQUIDATIONS not in {one.kind for one in table.spot.market_link.wanted}
        spot.on_mini_tickers(SPOT.product, [("ETHUSDT", replace(TICKER, time_ms=9)), ("NOTLOADED", TICKER)])
        assert table.store.market("ETHUSDT").ticker.value.time_ms == 9
        forced = Liquidation(Side.SELL, D(1), D(2), D(2), D(1), 5)
        for _ in range(2):
            perp.on_liquidation(PERP.product, "BTCUSDT", forced)
        assert list(table.store.liquidations) == [("BTCUSDT-PERP", forced)]


def cut_snapshot(update_id, best_bid=999, levels=100):
    bids = [(best_bid - n, 1000) for n in range(levels)]
    return BookSnapshot(update_id, bids, BOOK.asks, 1, levels_asked=levels)


async def test_a_book_that_has_moved_far_from_its_snapshot_is_asked_for_again_and_stays_live(open_table) -> None:
    async with open_table() as table:
        book, feed = table.store.market("BTCUSDT").book, table.spot.market
        answers = [cut_snapshot(50), cut_snapshot(53, 920)]

        async def snapshot(_):
            return answers.pop(0)

        table.spot.answer_book = snapshot
        feed.rebuild_book()
        await until(lambda: book.is_live)
        assert book.view(1).bids_known_to == 900
        symbol_feed = feed._symbols["BTCUSDT"]
        symbol_feed.book._looked_ns = 0
        gone = [(price, 0) for price in range(915, 1_000)]
        states = []
        symbol_feed.book._changed = lambda: states.append(book.is_live)
        feed.on_book_change(SPOT, BookChange(51, 51, None, gone, [], 5))
        feed.on_book_change(SPOT, BookChange(52, 53, None, [(914, 5)], [], 5))
        await until(lambda: not answers)
        feed.on_book_change(SPOT, BookChange(54, 54, None, [(913, 8)], [], 5))
        await until(lambda: book.view(1).bids_known_to == 821)
        assert book.is_live
        assert states == [], "it never went blank"
        assert (913, 8) in book.view(50).bids


async def test_many_snapshots_at_once_wait_their_turn() -> None:
    # A fifth of a burst each, which comes back within 20 ms.
    queue, running, most = SnapshotQueue(at_once=2, burst=5 / 3_000, each_minute=1.0), 0, 0
    loop = asyncio.get_running_loop()

    async def ask():
        nonlocal running, most
        async with queue.turn(1 / 3_000):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    started = loop.time()
    await asyncio.gather(*(ask() for _ in range(5)))
    assert loop.time() - started < 0.02, "a few go at once"
    await asyncio.gather(*(ask() for _ in range(10)))
    assert loop.time() - started >= 0.15
    assert most == 2


async def test_earlier_candles_go_in_front_until_there_are_no_more(open_table) -> None:
    async with open_table() as table:
        asked = []

        def bars(first, last):
            return [
                Candle(n * 60_000, n * 60_000 + 59_999, D(1), D(1), D(1), D(1), D(1), True) for n in range(first, last)
            ]

        async def candles(one, interval, limit, end_ms=None):
            asked.append(end_ms)
            if end_ms is None:
                return bars(100, 110)
            return bars(90, 100) if end_ms >= 90 * 60_000 else []

        table.spot.candles = candles
        await table.do(ShowCandles("BTCUSDT", "1m"))
        market = table.store.market("BTCUSDT")
        await until(lambda: "1m" in market.series)
        assert "being fetched" in (await table.do(LoadEarlierCandles("BTCUSDT", "1m"))).text
        await until(lambda: len(market.series["1m"].value.candles) == 20)
        assert asked[-1] == 100 * 60_000 - 1
        await table.do(LoadEarlierCandles("BTCUSDT", "1m"))
        await until(lambda: asked[-1] == 90 * 60_000 - 1)
        await until(lambda: not table.spot.market.load_earlier("BTCUSDT", "1m"))
        assert "no earlier candles" in (await table.do(LoadEarlierCandles("BTCUSDT", "1m"))).text
        assert [one.open_ms for one in market.series["1m"].value.candles] == [n * 60_000 for n in range(90, 110)]
