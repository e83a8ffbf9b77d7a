"""Market data in the store is true or absent."""

from decimal import Decimal

from engine_table import limit, until
from fake_client import BOOK, TICKER

from tui.binance.client import LinkState, StreamKind
from tui.binance.errors import RefusedError
from tui.domain.market import BookChange, BookSnapshot, Candle, Trade
from tui.domain.order_terms import Side
from tui.engine.commands.views import FocusSymbol, ShowCandles, WatchSymbols
from tui.engine.feeds.series import SPARKLINE_POINTS, Sparkline, append_candle, continues, merge_candles
from tui.engine.store import Link

D = Decimal


def bar(minute, close="1", closed=True) -> Candle:
    price = D(close)
    return Candle(minute * 60_000, minute * 60_000 + 59_999, price, price, price, price, D(1), closed)


def trade(number) -> Trade:
    return Trade(number, D(100), D(1), Side.BUY, number)


def test_series_join_by_opening_time_and_closed_bars_win() -> None:
    asked = [bar(1), bar(2), bar(3, "3", closed=False)]
    heard = [bar(2, "9", closed=False), bar(3, "4", closed=False), bar(4)]
    assert merge_candles(asked, heard) == (bar(1), bar(2), bar(3, "4", closed=False), bar(4))


def test_a_bar_replaces_the_open_one_or_follows_it() -> None:
    series = (bar(1), bar(2, closed=False))
    assert append_candle(series, bar(2, "5")) == (bar(1), bar(2, "5"))
    assert append_candle((bar(1), bar(2)), bar(2, "5", closed=False)) == (bar(1), bar(2))
    assert append_candle((bar(1), bar(2)), bar(3)) == (bar(1), bar(2), bar(3))
    assert append_candle((bar(1), bar(3)), bar(2)) == (bar(1), bar(2), bar(3))
    assert continues(series, bar(3))
    assert not continues(series, bar(4))


def test_a_sparkline_keeps_one_price_a_minute() -> None:
    line = Sparkline()
    line.add(D(7), 40 * 60_000)
    line.add(D(8), 40 * 60_000 + 30_000)
    line.seed(bar(minute, str(minute)) for minute in range(1, 41))
    assert len(line.points()) == SPARKLINE_POINTS
    assert line.points()[-2:] == (D(39), D(8))


async def test_focus_subscribes_everything_of_the_symbol_and_tickers_of_the_watched(open_table) -> None:
    async with open_table("BTCUSDT-PERP") as table:
        await table.do(WatchSymbols(("BTCUSDT", "BTCUSDT-PERP")))
        await table.do(ShowCandles("BTCUSDT-PERP", "15m"))
        wanted = {(one.kind, one.interval) for one in table.perp.market_link.wanted}
        assert wanted == {
            (StreamKind.BOOK, ""),
            (StreamKind.TRADES, ""),
            (StreamKind.TICKER, ""),
            (StreamKind.MARK_PRICE, ""),
            (StreamKind.ALL_LIQUIDATIONS, ""),
            (StreamKind.CANDLES, "15m"),
        }
        assert {one.kind for one in table.spot.market_link.wanted} == {StreamKind.TICKER}


async def test_a_gap_blanks_the_book_until_it_is_rebuilt(open_table) -> None:
    async with open_table() as table:
        book, feed = table.store.market("BTCUSDT").book, table.spot.market
        feed.on_book_change(table.spot.one, BookChange(51, 52, None, [(999, 7)], [], 5))
        assert book.view(1).bids == ((999, 7),)
        table.spot.answer_book = _fails_once(BookSnapshot(60, BOOK.bids, BOOK.asks))
        feed.on_book_change(table.spot.one, BookChange(55, 60, None, [], [], 6))
        assert not book.is_live
        assert book.view(1).bids == ()
        assert table.store.links[table.spot.product].market is Link.SYNCING
        await until(lambda: book.is_live)
        assert book.view(1).update_id == 60


async def test_a_reconnect_rebuilds_and_a_cut_blanks(open_table) -> None:
    async with open_table() as table:
        book = table.store.market("BTCUSDT").book
        table.spot.market_link.say(LinkState.DOWN, "cut")
        assert not book.is_live
        assert table.store.links[table.spot.product].market is Link.DOWN
        before = table.spot.snapshots
        table.spot.market_link.say(LinkState.LIVE, "")
        await until(lambda: book.is_live)
        assert table.spot.snapshots == before + 1
        assert table.spot.clocks == 1, "whoever lost a connection may have slept"


async def test_a_crossed_book_is_not_believed(open_table) -> None:
    async with open_table() as table:
        before = table.spot.snapshots
        table.spot.market.on_book_change(table.spot.one, BookChange(51, 51, None, [(1005, 1)], [], 5))
        assert not table.store.market("BTCUSDT").book.is_live
        await until(lambda: table.store.market("BTCUSDT").book.is_live)
        assert table.spot.snapshots == before + 1


async def test_prints_are_kept_once_newest_first(open_table) -> None:
    async with open_table() as table:
        market = table.store.market("BTCUSDT")
        await until(lambda: market.trades_revision == 1)
        for number in (1, 3, 3, 2, 4, 1):
            table.spot.market.on_trade(table.spot.one, trade(number))
        assert [one.trade_id for one in market.trades] == [4, 3, 2, 1]
        assert market.trades_revision == 5


async def test_silence_is_shown_as_stale(open_table) -> None:
    async with open_table() as table:
        table.spot.market_link.silent_since_ns = 1
        await until(lambda: table.store.links[table.spot.product].market is Link.STALE)
        table.spot.market_link.silent_since_ns = 0
        await until(lambda: table.store.links[table.spot.product].market is Link.LIVE)


async def test_a_ban_is_shown_with_its_end(open_table) -> None:
    async with open_table() as table:
        table.spot.blocked = "this address is banned until 12:00:00 UTC"
        await until(lambda: "banned until 12:00:00" in table.store.links[table.spot.product].detail)
        table.spot.blocked = ""
        await until(lambda: table.said("Spot takes requests again"))
        assert [one.text for one in table.store.messages if "banned" in one.text] == [
            "Spot: this address is banned until 12:00:00 UTC; nothing is sent before"
        ]


async def test_tickers_carry_their_time_and_feed_the_sparkline(open_table) -> None:
    async with open_table() as table:
        table.spot.market.on_ticker(table.spot.one, TICKER)
        market = table.store.market("BTCUSDT")
        assert market.ticker.source_ms == TICKER.time_ms
        assert market.sparkline == (TICKER.last,)


def _fails_once(snapshot):
    answers = [RefusedError("busy"), snapshot]

    async def ask(_):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask


async def test_a_product_without_keys_still_shows_its_market(open_table, monkeypatch) -> None:
    def no_keys(self, listener):
        raise RefusedError("no API key")

    monkeypatch.setattr("fake_client.FakeClient.user_stream", no_keys)
    async with open_table(start=False) as table:
        await table.session.start()
        await until(lambda: table.store.focus is not None)
        await table.focus("BTCUSDT")
        assert table.said("market data only")
        assert (await table.submit(limit())).refusal.rule == "stale-account"


async def test_what_is_asked_for_before_the_exchange_is_reached_is_shown_then(open_table) -> None:
    async with open_table(start=False) as table:
        await table.session.start()
        await table.do(FocusSymbol("BTCUSDT-PERP"))
        await table.do(WatchSymbols(("BTCUSDT-PERP",)))
        await until(lambda: table.store.focus == "BTCUSDT-PERP")
        assert table.store.watched == ("BTCUSDT-PERP",)
        assert "NOSUCH" in (await table.do(FocusSymbol("NOSUCH"))).text


async def test_an_interval_that_does_not_exist_is_refused(open_table) -> None:
    async with open_table() as table:
        assert "choose one of 1m" in (await table.do(ShowCandles("BTCUSDT", "7m"))).text
