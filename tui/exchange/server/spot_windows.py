"""Candles cut by another zone's clock, and windows of the tape that are not the rolling day."""

import re
from dataclasses import replace

from tui.exchange.candles import DAY_MS, MINUTE_MS, Candle, combine, next_opening_ms, opening_ms
from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk
from tui.exchange.server.parameters import Parameters
from tui.exchange.tape import Day

_ZONE = re.compile(r"([+-]?)(\d{1,2})(?::([0-5]\d))?")
_WINDOW = re.compile(r"(\d{1,2})([mhd])")
_HOUR_MS = 60 * MINUTE_MS
_WINDOW_UNITS = {"m": (MINUTE_MS, 59), "h": (_HOUR_MS, 23), "d": (DAY_MS, 7)}


def read_zone(parameters: Parameters) -> int:
    """`timeZone` in milliseconds east of UTC, between -12:00 and +14:00; -1130 otherwise."""
    text = parameters.get("timeZone") or "0"
    found = _ZONE.fullmatch(text)
    if found is None:
        raise Rejection(-1130, "Data sent for parameter 'timeZone' is not valid.")
    sign, hours, minutes = found.groups()
    zone = (int(hours) * _HOUR_MS + int(minutes or 0) * MINUTE_MS) * (-1 if sign == "-" else 1)
    if not -12 * _HOUR_MS <= zone <= 14 * _HOUR_MS:
        raise Rejection(-1130, "Data sent for parameter 'timeZone' is not valid.")
    return zone


def read_window(parameters: Parameters) -> int:
    """`windowSize` in milliseconds: 1m to 59m, 1h to 23h, 1d to 7d; -1130 otherwise."""
    found = _WINDOW.fullmatch(parameters.get("windowSize") or "1d")
    if found is not None:
        unit, most = _WINDOW_UNITS[found[2]]
        if 1 <= int(found[1]) <= most:
            return int(found[1]) * unit
    raise Rejection(-1130, "Data sent for parameter 'windowSize' is not valid.")


def zoned_bars(desk: Desk, symbol: str, interval: str, zone_ms: int, newest: int | None = None) -> list[Candle]:
    """Bars of an interval that open by a zone's clock, oldest first; at least the `newest` of them when given."""
    tape, now = desk.tape[symbol], desk.now_ms()
    length = next_opening_ms(interval, 0) - opening_ms(interval, 0)
    if interval == "1s" or (length <= DAY_MS and zone_ms % length == 0):
        return tape.series(interval, now).bars
    base = "1h" if zone_ms % _HOUR_MS == 0 else "15m" if zone_ms % (15 * MINUTE_MS) == 0 else "1m"
    bars = tape.series(base, now).bars
    if newest is not None:
        since = now - (newest + 1) * 32 * DAY_MS if interval == "1M" else now - (newest + 1) * length
        bars = [bar for bar in bars if bar.close_ms >= since]
    shifted = (replace(bar, open_ms=bar.open_ms + zone_ms, close_ms=bar.close_ms + zone_ms) for bar in bars)
    return [
        replace(bar, open_ms=bar.open_ms - zone_ms, close_ms=bar.close_ms - zone_ms)
        for bar in combine(interval, shifted)
    ]


def window(desk: Desk, symbol: str, start_ms: int, end_ms: int) -> Day:
    """What traded since a moment, which is taken down to its minute; `end_ms` is told as the closing time."""
    tape, now = desk.tape[symbol], desk.now_ms()
    start_ms -= start_ms % MINUTE_MS
    bars = tape.candles("1m", now, (now - start_ms) // MINUTE_MS + 2)
    inside = [bar for bar in bars if bar.open_ms >= start_ms] or bars[-1:]
    ids = [bar for bar in inside if bar.first_id >= 0]
    before = [bar for bar in bars if bar.open_ms < start_ms]
    return Day(
        open=inside[0].open,
        high=max(bar.high for bar in inside),
        low=min(bar.low for bar in inside),
        last=inside[-1].close,
        last_lots=0,
        previous_close=before[-1].close if before else inside[0].open,
        lots=sum(bar.lots for bar in inside),
        units=sum(bar.units for bar in inside),
        trades=sum(bar.trades for bar in inside),
        first_id=ids[0].first_id if ids else -1,
        last_id=ids[-1].last_id if ids else -1,
        open_ms=start_ms,
        close_ms=end_ms,
    )


def average(desk: Desk, symbol: str) -> tuple[str, int]:
    """The volume-weighted price of the last five minutes, and when the last trade was."""
    tape, now = desk.tape[symbol], desk.now_ms()
    bars, notation = tape.candles("1m", now, 5), desk.notations[symbol]
    lots, units = sum(bar.lots for bar in bars), sum(bar.units for bar in bars)
    price = notation.average(units, lots) if lots else notation.price(tape.last_price())
    return price, tape.trades[-1].time_ms if tape.trades else now
