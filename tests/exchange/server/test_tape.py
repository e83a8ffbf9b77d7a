"""Candles, aggregates and the rolling day from prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.product import Product
from tui.exchange.candles import INTERVALS, MINUTE_MS, next_opening_ms, opening_ms
from tui.exchange.catalogue import listings
from tui.exchange.events import PublicTrade
from tui.exchange.tape import SymbolTape

LISTING = listings(Product.SPOT)[0]
START = opening_ms("1h", 1_795_400_000_000)
TICKS = int(LISTING.start_price / LISTING.tick.size)


@dataclass
class Bar:
    open_ms: int
    open: int = TICKS
    high: int = TICKS + 10
    low: int = TICKS - 10
    close: int = TICKS
    lots: int = 100
    trades: int = 5
    taker_buy_lots: int = 50
    quote: Decimal = LISTING.tick.size * LISTING.step.size * TICKS * 100


def history() -> Sequence[Bar]:
    return [Bar(START - minutes * MINUTE_MS) for minutes in range(1500, 0, -1)]


def tape() -> SymbolTape:
    return SymbolTape(LISTING, history, 1)


def trade(number: int, ticks: int, lots: int, time_ms: int, taker: int = 0, *, buyer_took: bool = True) -> PublicTrade:
    return PublicTrade(LISTING, number, ticks, lots, not buyer_took, time_ms, taker)


def test_prints_of_one_taker_at_one_price_are_one_aggregate() -> None:
    kept = tape()
    made = [
        kept.record(trade(number, ticks, 5, START, taker))
        for number, (ticks, taker) in enumerate([(100, 1), (100, 1), (101, 1), (101, 2), (101, 0), (101, 0)], start=41)
    ]
    assert [(row.first_id, row.last_id, row.lots) for row in kept.aggregates] == [
        (41, 42, 10), (43, 43, 5), (44, 44, 5), (45, 45, 5), (46, 46, 5),
    ]  # fmt: skip
    assert made[0] is made[1]
    assert [row.aggregate_id for row in kept.aggregates] == [41, 42, 43, 44, 45]


def test_candles_continue_history_and_close_without_trades() -> None:
    kept = tape()
    kept.record(trade(1, TICKS + 7, 3, START + 2 * MINUTE_MS + 5))
    kept.record(trade(2, TICKS - 2, 4, START + 2 * MINUTE_MS + 9, buyer_took=False))
    bars = kept.candles("1m", START + 4 * MINUTE_MS, 6)
    assert [bar.open_ms for bar in bars] == [START + minute * MINUTE_MS for minute in range(-1, 5)]
    traded = bars[3]
    assert (traded.open, traded.high, traded.low, traded.close) == (TICKS + 7, TICKS + 7, TICKS - 2, TICKS - 2)
    assert (traded.lots, traded.taker_lots, traded.trades, traded.first_id, traded.last_id) == (7, 3, 2, 1, 2)
    assert [(bar.close, bar.trades, bar.first_id) for bar in bars[4:]] == [(TICKS - 2, 0, -1)] * 2


@pytest.mark.parametrize("interval", [interval for interval in INTERVALS if interval != "1s"])
def test_longer_candles_hold_what_the_minutes_hold(interval: str) -> None:
    kept = tape()
    kept.candles(interval, START, 10)
    for number in range(1, 200):
        kept.record(trade(number, TICKS + number % 17, number, START + number * 20_000))
    now = START + 200 * 20_000
    bar = kept.series(interval, now).bars[-1]
    minutes = [minute for minute in kept.minutes().bars if minute.open_ms >= bar.open_ms]
    if minutes[0].open_ms == bar.open_ms:
        assert bar.lots == sum(minute.lots for minute in minutes)
        assert bar.high == max(minute.high for minute in minutes)
        assert bar.open == minutes[0].open
    assert bar.close == minutes[-1].close
    whole = kept.candles(interval, now, 100)
    assert all(later.open_ms == earlier.close_ms + 1 for earlier, later in pairwise(whole))


def test_the_past_is_the_same_for_the_same_seed() -> None:
    first, second = (tape().candles("4h", START, 500) for _ in range(2))
    assert first == second
    assert len(first) == 500
    assert SymbolTape(LISTING, history, 2).candles("4h", START, 500) != first


def test_minutes_nobody_looked_at_are_what_they_were_and_no_more_than_a_day_of_them() -> None:
    """Of one symbol the candles are looked at from the start, of the other at the end; one print is beyond 64 bits."""
    seen, unseen = tape(), tape()
    seen.minutes()
    for number in range(1_700):
        moment = START + number * MINUTE_MS * 5 // 4
        lots = 2**62 if number == 1_690 else 3 + number % 7
        print_ = trade(number, TICKS + number % 11, lots, moment, buyer_took=number % 2 == 0)
        seen.record(print_)
        unseen.record(print_)
    held = unseen._candles
    assert (len(held._minutes.bars), len(held._unseen._packets)) == (1, 25)
    assert sum(map(len, held._unseen._packets)) < 50 * 1_500
    now_ms = START + 2_200 * MINUTE_MS
    assert unseen.candles("1m", now_ms, 1_500) == seen.candles("1m", now_ms, 1_500)
    assert unseen.day(now_ms) == seen.day(now_ms)
    unseen.record(trade(1_701, TICKS, 1, now_ms + 3 * MINUTE_MS))
    assert len(unseen.minutes().bars) == 1_500
    assert not held._unseen._packets


def test_bounds_of_candles() -> None:
    kept = tape()
    oldest = kept.candles("1m", START, 3, start_ms=START - 100 * MINUTE_MS)
    assert [bar.open_ms for bar in oldest] == [START - minute * MINUTE_MS for minute in (100, 99, 98)]
    newest = kept.candles("1m", START, 3, end_ms=START - 100 * MINUTE_MS)
    assert newest[-1].open_ms == START - 100 * MINUTE_MS
    assert len(kept.candles("1m", START, 1000, end_ms=START - 1400 * MINUTE_MS)) == 1000
    assert kept.candles("1m", START, 5, start_ms=START + MINUTE_MS) == []


def test_the_rolling_day() -> None:
    kept = tape()
    quiet = kept.day(START)
    assert (quiet.lots, quiet.trades, quiet.last_lots, quiet.first_id) == (1439 * 100, 1439 * 5, 0, -1)
    kept.record(trade(9, TICKS + 50, 8, START + 10))
    day = kept.day(START + 20)
    assert (day.last, day.last_lots, day.high, day.low) == (TICKS + 50, 8, TICKS + 50, TICKS - 10)
    assert (day.lots, day.trades, day.first_id, day.last_id) == (quiet.lots + 8, quiet.trades + 1, 9, 9)
    later = kept.day(START + 2 * MINUTE_MS)
    assert (later.lots, later.high, later.last) == (day.lots - 200, TICKS + 50, TICKS + 50)


def test_trades_by_id() -> None:
    kept = tape()
    for number in range(10, 20):
        kept.record(trade(number, TICKS, 1, START))
    assert [row.trade_id for row in kept.trades_from(13, 3)] == [13, 14, 15]
    assert [row.trade_id for row in kept.trades_from(1, 2)] == [10, 11]
    assert kept.trades_from(20, 5) == []


@given(st.sampled_from(INTERVALS), st.integers(0, 4_000_000_000_000))
def test_every_moment_belongs_to_one_bar(interval: str, time_ms: int) -> None:
    opened = opening_ms(interval, time_ms) if time_ms >= 345_600_000 or interval != "1w" else None
    if opened is None:
        return
    assert opened <= time_ms < next_opening_ms(interval, opened)
    assert opening_ms(interval, opened) == opened
