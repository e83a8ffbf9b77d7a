"""Instruments in the store follow the exchange: statuses, new listings, symbols that vanish."""

from dataclasses import replace
from decimal import Decimal

from engine_table import limit, until
from fake_client import PERP, SPOT

from tui.binance.errors import RefusedError
from tui.config import DataOptions
from tui.domain.increment import Increment
from tui.domain.instrument import TradingStatus
from tui.engine.feeds.instrument_feed import InstrumentFeed, status_words

S = TradingStatus


def feed_of(table, client):
    desk = next(desk for desk in table.session._desks if desk.client is client)
    return desk.instruments


async def test_a_change_of_status_is_told_once_and_shown(open_table) -> None:
    async with open_table() as table:
        feed = feed_of(table, table.spot)
        halted = replace(SPOT, status=S.HALT, raw_status="HALT")
        for _ in range(3):
            feed.take([halted])
        told = [one.text for one in table.store.messages if "BTCUSDT was" in one.text]
        assert told == ["BTCUSDT was trading, is halted"]
        assert table.store.instruments["BTCUSDT"].status is S.HALT
        assert table.store.market("BTCUSDT").instrument.status is S.HALT
        feed.take([SPOT])
        assert table.said("BTCUSDT was halted, is trading")


async def test_a_symbol_that_vanishes_is_not_available_and_others_stay(open_table) -> None:
    async with open_table() as table:
        other = replace(SPOT, symbol="ETHUSDT", native="ETHUSDT")
        feed = feed_of(table, table.spot)
        feed.take([SPOT, other])
        assert table.said("Spot lists ETHUSDT")
        feed.take([other])
        assert table.store.instruments["BTCUSDT"].status is S.NOT_AVAILABLE
        assert table.store.instruments[PERP.symbol].status is S.TRADING
        feed.take([other])
        assert len([one for one in table.store.messages if "not available" in one.text]) == 1


def test_an_unknown_status_is_shown_as_the_exchange_says_it() -> None:
    assert status_words(replace(SPOT, status=S.OTHER, raw_status="A_WORD_OF_2027")) == "A_WORD_OF_2027"


async def test_another_tick_starts_the_book_afresh(open_table) -> None:
    async with open_table() as table:
        await table.focus("BTCUSDT")
        before = table.spot.snapshots
        feed_of(table, table.spot).take([replace(SPOT, tick=Increment(Decimal("0.01")))])
        await until(lambda: table.spot.snapshots > before and table.store.market("BTCUSDT").book.is_live)


async def test_funding_intervals_are_eight_hours_unless_the_exchange_says_otherwise(open_table) -> None:
    async with open_table(start=False) as table:

        async def said():
            return {PERP.symbol: 4}

        table.perp.funding_intervals = said
        await table.session.start()
        await until(lambda: PERP.symbol in table.store.instruments)
        assert table.store.instruments[PERP.symbol].funding_hours == 4
        assert feed_of(table, table.spot)._store.instruments["BTCUSDT"].funding_hours is None


async def test_instruments_are_read_again_when_something_says_that_a_market_is_closed(open_table) -> None:
    async with open_table() as table:

        async def closed():
            return [replace(SPOT, status=S.PAUSE, raw_status="BREAK")]

        table.spot.instruments = closed
        feed_of(table, table.spot).look_now()
        await until(lambda: table.store.instruments["BTCUSDT"].status is S.PAUSE)


def test_the_shorter_interval_counts_and_none_is_never(monkeypatch) -> None:
    def every_s(**options):
        return InstrumentFeed(None, None, None, None, DataOptions(**options), lambda: None)._every_s

    assert every_s() == 3_600
    assert every_s(update_instruments_interval_mins=1) == 60
    assert every_s(update_instruments_interval_mins=0, instrument_status_poll_secs=30) == 30
    assert every_s(update_instruments_interval_mins=0, instrument_status_poll_secs=0) == 0


async def test_an_order_refused_because_the_market_is_closed_has_the_instruments_read_again(open_table) -> None:
    async with open_table() as table:

        async def closed():
            return [replace(SPOT, status=S.PAUSE, raw_status="BREAK")]

        table.spot.instruments = closed
        table.spot.place_script.append(RefusedError("Market is closed.", -1013, 400))
        await table.submit(limit())
        await until(lambda: table.store.instruments["BTCUSDT"].status is S.PAUSE)
        assert table.said("BTCUSDT was trading, is paused")
