"""Candle intervals: their names in Binance's words, their lengths, and which of them are made here of prints."""

from datetime import UTC, datetime

SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000

#: Shorter than a minute: futures have none of them and spot the first alone, so they are made of prints.
OF_PRINTS = ("1s", "5s", "15s", "30s")

#: What the exchange makes itself (kline intervals, spot and futures API docs).
OF_EXCHANGE = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")

#: Every interval a chart can have, shortest first.
INTERVALS = (*OF_PRINTS, *OF_EXCHANGE)

_UNITS = {"s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS, "M": 30 * DAY_MS}


def interval_ms(interval: str) -> int:
    """The length of an interval in milliseconds; a month counts thirty days."""
    return int(interval[:-1]) * _UNITS[interval[-1]]


def named_interval(text: str) -> str | None:
    """The interval somebody means: `5m`, `1H`, `1M`; None when there is none. Only `m` and `M` differ by case."""
    wanted = text if text[-1:] in ("m", "M") else text.lower()
    return wanted if wanted in INTERVALS else None


def opening_ms(time_ms: int, length_ms: int) -> int:
    """When the bar of a fixed length opened that holds this moment, counted from the epoch."""
    return time_ms - time_ms % length_ms


def day_of(time_ms: int) -> int:
    """The number of the day in UTC, by which session averages begin anew."""
    return datetime.fromtimestamp(time_ms / 1_000, UTC).toordinal()
