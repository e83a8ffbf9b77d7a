"""Prices to rows and times to columns: chart geometry, in floats because nothing is traded by it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

_NICE = (1.0, 2.0, 5.0, 10.0)

_MINUTE, _DAY = 60_000, 86_400_000
_STEPS = (
    *(1_000 * n for n in (5, 10, 15, 30)),
    *(_MINUTE * n for n in (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720)),
    *(_DAY * n for n in (1, 2, 5, 10, 30, 60, 90, 180, 365, 730, 1_825)),
)


@dataclass(frozen=True, slots=True)
class PriceScale:
    """`high` is at the top edge of row 0, `low` at the bottom edge of the last of `rows`."""

    low: float
    high: float
    rows: int

    def at(self, price: float) -> float:
        """Rows from the top edge, with fractions."""
        return (self.high - price) / (self.high - self.low) * self.rows

    def row(self, price: float) -> int | None:
        """The row a price lies in; None when it is outside."""
        at = self.at(price)
        return min(self.rows - 1, int(at)) if 0 <= at <= self.rows else None


def price_scale(lows: list[float], highs: list[float], rows: int) -> PriceScale:
    """A scale that holds all candles with a little air."""
    low, high = min(lows), max(highs)
    air = (high - low) * 0.04 or abs(high) * 0.001 or 1.0
    return PriceScale(low - air, high + air, rows)


def round_prices(scale: PriceScale, tick: Decimal) -> list[Decimal]:
    """Round prices, whole ticks, about one for each four rows."""
    wanted = (scale.high - scale.low) / max(2, scale.rows / 4)
    step = float(tick)
    power = step
    while power * 10 <= wanted:
        power *= 10
    step = next((power * nice for nice in _NICE if power * nice >= wanted), power * 10)
    exact = tick * max(1, round(step / float(tick)))
    first = int(Decimal(scale.low) / exact) + 1
    count = int((scale.high - scale.low) / float(exact)) + 1
    return [exact * n for n in range(first, first + count) if scale.low <= float(exact * n) <= scale.high]


def time_step_ms(candle_ms: int, cells_per_candle: int, label_cells: int) -> int:
    """The round time between labels that leaves room for each of them."""
    least = candle_ms * -(-label_cells // cells_per_candle)
    return next((step for step in _STEPS if step >= least), least)


def time_label(open_ms: int, step_ms: int) -> str:
    """`14:05`, with seconds where labels are closer; the day where they are days apart or at midnight: `21 Jul`."""
    moment = datetime.fromtimestamp(open_ms / 1000, UTC)
    if step_ms >= 30 * _DAY:
        return f"{moment:%b %Y}"
    if step_ms >= _DAY or open_ms % _DAY == 0:
        return f"{moment:%d %b}"
    return f"{moment:%H:%M:%S}" if step_ms < _MINUTE else f"{moment:%H:%M}"


def moment_text(open_ms: int, candle_ms: int) -> str:
    """When a candle opened, as exactly as its length asks: `21 Jul 14:05`, `14:05:20`, `21 Jul 2026`."""
    moment = datetime.fromtimestamp(open_ms / 1000, UTC)
    if candle_ms >= _DAY:
        return f"{moment:%d %b %Y}"
    return f"{moment:%H:%M:%S}" if candle_ms < _MINUTE else f"{moment:%d %b %H:%M}"
