"""Studies against numbers worked out elsewhere, and against themselves bar by bar."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.interval import DAY_MS
from tui.domain.market import Candle
from tui.ui.chart.indicators import (
    Bands,
    Bar,
    ExponentialAverage,
    SimpleAverage,
    Strength,
    Studied,
    Study,
    Values,
    VolumeAverage,
)
from tui.ui.chart.studies import OFFERED


def values_of(study: Study, bars: Iterable[Bar]) -> list[Values | None]:
    """What a study draws at each bar, oldest first."""
    drawn = []
    for bar in bars:
        study, values = study.after(bar)
        drawn.append(values)
    return drawn


def closes(*values: float) -> list[Bar]:
    return [Bar(n * 60_000, value, value, value, 1.0) for n, value in enumerate(values)]


def test_a_simple_average_is_the_mean_of_the_last_closes() -> None:
    assert values_of(SimpleAverage(3), closes(1, 2, 6, 10)) == [None, None, (3.0,), (6.0,)]


def test_an_exponential_average_as_the_chart_school_works_it_out() -> None:
    """StockCharts ChartSchool, "Moving Averages": ten days, seeded with the simple average."""
    prices = (22.27, 22.19, 22.08, 22.17, 22.18, 22.13, 22.23, 22.43, 22.24, 22.29, 22.15, 22.39, 22.38, 22.61, 23.36)
    drawn = values_of(ExponentialAverage(10), closes(*prices))
    assert drawn[:9] == [None] * 9
    assert [round(value[0], 2) for value in drawn[9:] if value] == [22.22, 22.21, 22.24, 22.27, 22.33, 22.52]


def test_strength_as_the_chart_school_works_it_out() -> None:
    """StockCharts ChartSchool, "Relative Strength Index (RSI)": fourteen days, smoothed as Wilder did."""
    prices = (
        *(44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826),
        *(45.8931, 46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439),
    )
    drawn = values_of(Strength(14), closes(*prices))
    assert drawn[:14] == [None] * 14
    assert [round(value[0], 2) for value in drawn[14:] if value] == [70.53, 66.32, 66.55, 69.41, 66.36, 57.97]


def test_strength_of_a_market_that_only_rises_is_a_hundred() -> None:
    drawn = values_of(Strength(2), closes(1, 2, 3, 4))
    assert drawn == [None, None, (100.0,), (100.0,)]


def test_bands_are_two_deviations_of_the_whole_from_the_mean() -> None:
    drawn = values_of(Bands(4), closes(2, 4, 4, 6))
    assert drawn[:3] == [None] * 3
    assert drawn[3] == pytest.approx((4 - 2 * 2**0.5, 4, 4 + 2 * 2**0.5))


def test_the_volume_average_weighs_typical_prices_and_begins_anew_each_day() -> None:
    bars = [Bar(0, 12, 8, 10, 1), Bar(60_000, 22, 18, 20, 3), Bar(DAY_MS, 33, 27, 30, 2), Bar(DAY_MS + 1, 1, 1, 1, 0)]
    assert values_of(VolumeAverage(), bars) == [(10.0,), (17.5,), (30.0,), (30.0,)]
    assert values_of(VolumeAverage(), [Bar(0, 1, 1, 1, 0)]) == [None]


def candle(n: int, close: int) -> Candle:
    at = D(close)
    return Candle(n * 60_000, n * 60_000 + 59_999, at, at + 1, at - 1, at, D(n % 7 + 1), closed=True)


@given(st.lists(st.integers(10, 1_000), min_size=2, max_size=80), st.integers(1, 30), st.integers(10, 1_000))
def test_counting_on_is_the_same_as_counting_anew(prices: list[int], more: int, moved: int) -> None:
    candles = [candle(n, price) for n, price in enumerate(prices)]
    for offered in OFFERED:
        grown = Studied(offered.study)
        grown.values(candles[: max(1, len(candles) // 2)])
        grown.values([*candles[:-1], replace(candles[-1], close=D(moved))])
        assert grown.values(candles) == Studied(offered.study).values(candles)
        earlier = [candle(n - more, 5) for n in range(more)]
        assert grown.values(earlier + candles) == Studied(offered.study).values(earlier + candles)


def test_another_series_is_counted_anew() -> None:
    study = Studied(SimpleAverage(2))
    study.values([candle(n, 10) for n in range(9)])
    assert study.values([candle(n + 100, 20) for n in range(3)]) == [None, (20.0,), (20.0,)]
    assert study.values([]) == []


def test_the_average_of_another_symbol_went_on_where_the_times_were_the_same() -> None:
    study = Studied(SimpleAverage(2))
    bitcoin, ether = [candle(n, 91_000) for n in range(4)], [candle(n, 3_000) for n in range(5)]
    assert study.values(bitcoin)[-1] == (91_000.0,)
    assert study.values(ether)[1:] == [(3_000.0,)] * 4
