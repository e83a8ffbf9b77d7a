"""Averages and bands over candles, each a value that takes one bar after another; floats, for no order uses them.

A study's `after(bar)` returns the study as it stands after that bar and what it draws there (None while it has seen too
few), and leaves itself as it was. So closed bars are counted once, and the open one as often as it changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import NamedTuple, Protocol, Self

from tui.domain.interval import day_of
from tui.domain.market import Candle


class Bar(NamedTuple):
    """A candle in floats."""

    open_ms: int
    high: float
    low: float
    close: float
    volume: float


def bar_of(candle: Candle) -> Bar:
    """The figures of a candle that studies use."""
    return Bar(candle.open_ms, float(candle.high), float(candle.low), float(candle.close), float(candle.volume))


#: What a study draws at one bar: one value a line.
Values = tuple[float, ...]


class Study(Protocol):
    """Something counted from one bar to the next."""

    def after(self, bar: Bar) -> tuple[Self, Values | None]:
        """The study after one more bar, and its values there."""


@dataclass(frozen=True, slots=True)
class SimpleAverage:
    """Mean of the last `period` closes."""

    period: int
    closes: tuple[float, ...] = ()

    def after(self, bar: Bar) -> tuple["SimpleAverage", Values | None]:
        """One more close."""
        closes = (*self.closes, bar.close)[-self.period :]
        study = replace(self, closes=closes)
        return study, (sum(closes) / self.period,) if len(closes) == self.period else None


@dataclass(frozen=True, slots=True)
class ExponentialAverage:
    """Weighs the newest close by 2 / (period + 1); begins with the mean of the first `period` closes."""

    period: int
    seen: int = 0
    value: float = 0.0

    def after(self, bar: Bar) -> tuple["ExponentialAverage", Values | None]:
        """One more close."""
        seen = self.seen + 1
        if seen <= self.period:
            value = self.value + bar.close / self.period
            return replace(self, seen=seen, value=value), (value,) if seen == self.period else None
        value = self.value + (bar.close - self.value) * 2 / (self.period + 1)
        return replace(self, seen=seen, value=value), (value,)


@dataclass(frozen=True, slots=True)
class VolumeAverage:
    """VWAP: mean of (high + low + close) / 3 weighted by volume, begun anew each day (UTC)."""

    day: int = -1
    worth: float = 0.0
    volume: float = 0.0

    def after(self, bar: Bar) -> tuple["VolumeAverage", Values | None]:
        """One more bar."""
        day = day_of(bar.open_ms)
        worth, volume = (self.worth, self.volume) if day == self.day else (0.0, 0.0)
        worth += (bar.high + bar.low + bar.close) / 3 * bar.volume
        volume += bar.volume
        return VolumeAverage(day, worth, volume), (worth / volume,) if volume else None


@dataclass(frozen=True, slots=True)
class Bands:
    """Bollinger: the mean of `period` closes, and `width` standard deviations (of the whole) below and above it."""

    period: int = 20
    width: float = 2.0
    closes: tuple[float, ...] = ()

    def after(self, bar: Bar) -> tuple["Bands", Values | None]:
        """One more close; values are lower, middle, upper."""
        closes = (*self.closes, bar.close)[-self.period :]
        study = replace(self, closes=closes)
        if len(closes) < self.period:
            return study, None
        middle = sum(closes) / self.period
        away = self.width * sqrt(sum((close - middle) ** 2 for close in closes) / self.period)
        return study, (middle - away, middle, middle + away)


@dataclass(frozen=True, slots=True)
class Strength:
    """RSI as Wilder counts it: rises against falls, each smoothed by 1 / period; from 0 to 100."""

    period: int = 14
    seen: int = 0
    close: float = 0.0
    rise: float = 0.0
    fall: float = 0.0

    def after(self, bar: Bar) -> tuple["Strength", Values | None]:
        """One more close."""
        if not self.seen:
            return replace(self, seen=1, close=bar.close), None
        change, period = bar.close - self.close, self.period
        up, down = max(0.0, change), max(0.0, -change)
        if self.seen <= period:
            rise, fall = self.rise + up / period, self.fall + down / period
        else:
            rise, fall = self.rise + (up - self.rise) / period, self.fall + (down - self.fall) / period
        study = replace(self, seen=self.seen + 1, close=bar.close, rise=rise, fall=fall)
        if self.seen < period:
            return study, None
        return study, (100.0 if not fall else 100 - 100 / (1 + rise / fall),)


class Studied:
    """A study along a series that grows at its end, counted anew only from where the series differs."""

    def __init__(self, study: Study) -> None:
        self._fresh = study
        self._after_closed = study
        self._closed: list[Values | None] = []
        #: The first and the last candle counted as closed: times alone are those of every symbol.
        self._ends: tuple[Candle, Candle] | None = None

    def values(self, candles: Sequence[Candle]) -> list[Values | None]:
        """What the study draws at each candle; the last candle is taken for open."""
        if not candles:
            return []
        counted = len(self._closed)
        is_same = 0 < counted < len(candles) and self._ends == (candles[0], candles[counted - 1])
        if not is_same:
            self._after_closed, self._closed, counted = self._fresh, [], 0
        for candle in candles[counted:-1]:
            self._after_closed, drawn = self._after_closed.after(bar_of(candle))
            self._closed.append(drawn)
        if self._closed:
            self._ends = candles[0], candles[-2]
        return [*self._closed, self._after_closed.after(bar_of(candles[-1]))[1]]
