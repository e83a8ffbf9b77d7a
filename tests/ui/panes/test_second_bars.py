"""Bars of seconds against the prints they are made of."""

from collections import deque
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from tui.domain.interval import INTERVALS, interval_ms, named_interval
from tui.domain.market import Trade
from tui.domain.order_terms import Side
from tui.ui.chart.seconds import SECONDS_KEPT, SecondBars


def trade(number: int, time_ms: int, price: int, quantity: str = "1") -> Trade:
    return Trade(number, D(price), D(quantity), Side.BUY, time_ms)


def taken(bars: SecondBars, kept: deque[Trade], *trades: Trade) -> None:
    for each in trades:
        kept.appendleft(each)
    bars.take(kept, list(kept))


def test_prints_become_bars_and_silent_seconds_stay_flat() -> None:
    bars, kept = SecondBars(), deque[Trade]()
    taken(bars, kept, trade(1, 1_000, 10), trade(2, 1_900, 14, "2"), trade(3, 1_950, 9), trade(4, 4_100, 11))
    first, *flat, last = bars.candles(1_000)
    assert (first.open, first.high, first.low, first.close, first.volume) == (10, 14, 9, 9, 4)
    assert [(each.open_ms, each.close, each.volume) for each in flat] == [(2_000, 9, 0), (3_000, 9, 0)]
    assert (last.open_ms, last.close_ms, last.open, last.closed) == (4_000, 4_999, 11, False)
    assert all(each.closed for each in (first, *flat))


def test_bars_of_five_seconds_are_the_same_seconds_joined() -> None:
    bars, kept = SecondBars(), deque[Trade]()
    taken(bars, kept, *(trade(n, 900 * n, 10 + n % 4) for n in range(1, 12)))
    fives = bars.candles(5_000)
    assert [each.open_ms for each in fives] == [0, 5_000]
    assert sum(each.volume for each in fives) == 11
    taken(bars, kept, trade(12, 9_999, 99))
    assert bars.candles(5_000)[-1].high == 99
    assert bars.candles(5_000)[-1].volume == sum(each.volume for each in bars.candles(1_000)[-5:])


@given(st.lists(st.tuples(st.integers(0, 2_500), st.integers(1, 50)), min_size=1, max_size=60), st.integers(1, 59))
def test_taking_prints_bit_by_bit_makes_the_same_bars(steps: list[tuple[int, int]], cut: int) -> None:
    time_ms, trades = 0, []
    for number, (gap, price) in enumerate(steps):
        time_ms += gap
        trades.append(trade(number, time_ms, price))
    whole, parts, kept, other = SecondBars(), SecondBars(), deque[Trade](), deque[Trade]()
    taken(whole, kept, *trades)
    taken(parts, other, *trades[:cut])
    for length in (1_000, 5_000, 15_000):
        parts.candles(length)
    for each in trades[cut:]:
        taken(parts, other, each)
    for length in (1_000, 5_000, 15_000):
        assert parts.candles(length) == whole.candles(length)


def test_after_missing_prints_bars_begin_anew_instead_of_being_drawn_of_half_their_prints() -> None:
    bars, kept = SecondBars(), deque[Trade]()
    taken(bars, kept, trade(1, 1_000, 10), trade(2, 2_000, 11))
    taken(bars, kept, trade(40, 3_000, 12))
    assert [each.open_ms for each in bars.candles(1_000)] == [3_000]


def test_prints_that_were_filled_in_later_are_counted() -> None:
    bars, kept = SecondBars(), deque[Trade]()
    taken(bars, kept, trade(5, 5_000, 10))
    filled = deque([trade(5, 5_000, 10), trade(4, 4_000, 8), trade(3, 3_000, 7)])
    bars.take(filled, list(filled))
    assert [each.close for each in bars.candles(1_000)] == [7, 8, 10]
    shorter = deque([trade(6, 6_000, 12), trade(5, 5_000, 10)])
    bars.take(shorter, list(shorter))
    assert [each.close for each in bars.candles(1_000)] == [7, 8, 10, 12]


def test_only_so_many_seconds_are_kept() -> None:
    bars, kept = SecondBars(), deque[Trade](maxlen=2_000)
    for number in range(0, SECONDS_KEPT + 2_000, 500):
        taken(bars, kept, *(trade(n, n * 1_000, 10) for n in range(number, number + 500)))
    assert SECONDS_KEPT <= len(bars.candles(1_000)) <= SECONDS_KEPT + 600


def test_intervals_are_named_by_case_only_where_it_matters() -> None:
    assert named_interval("1m") == "1m"
    assert named_interval("1M") == "1M"
    assert named_interval("4H") == "4h"
    assert named_interval("7m") is None
    assert named_interval("") is None
    lengths = [interval_ms(each) for each in INTERVALS]
    assert lengths == sorted(lengths)
