"""Several candle series at once: each asked for and streamed once, those no longer shown let go."""

from dataclasses import replace
from decimal import Decimal

from engine_table import until
from fake_client import SPOT

from tui.binance.client import LinkState, StreamKind
from tui.domain.market import Candle
from tui.engine.commands.answers import Result
from tui.engine.commands.views import FocusSymbol, FollowCandles, LoadEarlierCandles, ShowCandles

ETH = replace(SPOT, symbol="ETHUSDT", native="ETHUSDT", base="ETH")
MINUTE = 60_000


def bar(number, minutes, close="1", closed=True):
    price, at = Decimal(close), number * minutes * MINUTE
    return Candle(at, at + minutes * MINUTE - 1, price, price, price, price, Decimal(1), closed)


def with_past(table):
    """Ether is listed too, and every series has ten bars from the hundredth on; what was asked for."""
    next(desk for desk in table.session._desks if desk.client is table.spot).instruments.take([SPOT, ETH])
    asked = []

    async def candles(one, interval, limit, end_ms=None):
        asked.append((one.symbol, interval, end_ms))
        minutes = {"1m": 1, "15m": 15}[interval]
        first, last = (100, 110) if end_ms is None else (90, 100)
        return [bar(number, minutes) for number in range(first, last)]

    table.spot.candles = candles
    return asked


def streamed(table):
    wanted = table.spot.market_link.wanted
    return {(one.instrument.symbol, one.interval) for one in wanted if one.kind is StreamKind.CANDLES}


def series(table, symbol, interval):
    held = table.store.market(symbol).series.get(interval)
    return held.value.candles if held else ()


async def test_two_series_live_side_by_side_without_moving_the_focus(open_table) -> None:
    async with open_table() as table:
        with_past(table)
        await table.do(ShowCandles("BTCUSDT", "1m"))
        await table.do(FollowCandles((("ETHUSDT", "15m"), ("BTCUSDT", "15m"))))
        assert table.store.focus == "BTCUSDT"
        assert streamed(table) == {("BTCUSDT", "1m"), ("BTCUSDT", "15m"), ("ETHUSDT", "15m")}
        kinds = {one.kind for one in table.spot.market_link.wanted if one.instrument == ETH}
        assert kinds == {StreamKind.CANDLES, StreamKind.TICKER}, "its book is not needed for candles"
        await until(lambda: all(series(table, *each) for each in streamed(table)))
        table.spot.market.on_candle(ETH, "15m", bar(110, 15, "7", closed=False))
        table.spot.market.on_candle(SPOT, "1m", bar(110, 1, "8", closed=False))
        assert series(table, "ETHUSDT", "15m")[-1].close == 7
        assert series(table, "BTCUSDT", "1m")[-1].close == 8
        assert series(table, "BTCUSDT", "15m")[-1].close == 1


async def test_a_series_no_longer_shown_is_dropped_and_the_others_go_on(open_table) -> None:
    async with open_table() as table:
        asked = with_past(table)
        await table.do(ShowCandles("BTCUSDT", "1m"))
        await table.do(FollowCandles((("BTCUSDT", "1m"), ("ETHUSDT", "15m"))))
        await until(lambda: series(table, "BTCUSDT", "1m") and series(table, "ETHUSDT", "15m"))
        await table.do(FollowCandles((("BTCUSDT", "1m"),)))
        assert streamed(table) == {("BTCUSDT", "1m")}
        assert not series(table, "ETHUSDT", "15m"), "what is not followed is soon old"
        table.spot.market.on_candle(ETH, "15m", bar(110, 15))
        assert not series(table, "ETHUSDT", "15m")
        await table.do(FocusSymbol("ETHUSDT"))
        assert series(table, "BTCUSDT", "1m"), "another chart still shows it"
        await table.do(FollowCandles(()))
        assert streamed(table) == {("ETHUSDT", "1m")}
        assert asked.count(("BTCUSDT", "1m", None)) == 1, "nothing is asked for twice"


async def test_each_series_looks_back_for_itself(open_table) -> None:
    async with open_table() as table:
        with_past(table)
        await table.do(ShowCandles("BTCUSDT", "1m"))
        await table.do(FollowCandles((("ETHUSDT", "15m"),)))
        await until(lambda: series(table, "BTCUSDT", "1m") and series(table, "ETHUSDT", "15m"))
        assert "being fetched" in (await table.do(LoadEarlierCandles("ETHUSDT", "15m"))).text
        await until(lambda: len(series(table, "ETHUSDT", "15m")) == 20)
        assert len(series(table, "BTCUSDT", "1m")) == 10
        assert "no earlier" in (await table.do(LoadEarlierCandles("ETHUSDT", "1m"))).text, "it is not shown"


async def test_after_a_cut_every_series_is_asked_for_again(open_table) -> None:
    async with open_table() as table:
        asked = with_past(table)
        await table.do(FollowCandles((("ETHUSDT", "15m"), ("ETHUSDT", "1m"))))
        await until(lambda: series(table, "ETHUSDT", "15m") and series(table, "ETHUSDT", "1m"))
        asked.clear()
        table.spot.market_link.say(LinkState.DOWN, "cut")
        table.spot.market_link.say(LinkState.LIVE, "")
        await until(lambda: {("ETHUSDT", "15m", None), ("ETHUSDT", "1m", None)} <= set(asked))


async def test_after_a_long_cut_no_hole_was_left_between_old_candles_and_new(open_table) -> None:
    async with open_table() as table:
        with_past(table)
        await table.do(ShowCandles("BTCUSDT", "1m"))
        await until(lambda: series(table, "BTCUSDT", "1m"))

        async def much_later(one, interval, limit, end_ms=None):
            return [bar(number, 1) for number in range(700, 710)]

        table.spot.candles = much_later
        table.spot.market_link.say(LinkState.DOWN, "cut")
        table.spot.market_link.say(LinkState.LIVE, "")
        await until(lambda: series(table, "BTCUSDT", "1m")[-1].open_ms == 709 * MINUTE)
        assert [one.open_ms for one in series(table, "BTCUSDT", "1m")] == [n * MINUTE for n in range(700, 710)]


async def test_a_series_that_cannot_be_is_refused(open_table) -> None:
    async with open_table() as table:
        answer = await table.do(FollowCandles((("BTCUSDT", "7m"),)))
        assert answer.result is Result.REFUSED
        assert "choose one of 1m" in answer.text
        assert "NOSUCH" in (await table.do(FollowCandles((("NOSUCH", "1m"),)))).text
        assert ("BTCUSDT", "7m") not in streamed(table)
