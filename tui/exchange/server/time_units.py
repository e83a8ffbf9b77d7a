"""Microseconds for clients that ask for them."""

from tui.exchange.rejection import Rejection

#: Whole numbers between these are milliseconds since the epoch: 2014 to 2128. No id of the exchange is as large.
_EARLIEST, _LATEST = 1_400_000_000_000, 5_000_000_000_000
#: Names whose numbers are the client's own.
_NOT_TIMES = ("strategyId", "j", "id")
_KLINE_COLUMNS = 12
_KLINE_CLOSE = 6


def reads_microseconds(text: str | None) -> bool:
    """Whether a header or query option asks for microseconds; Rejection -1194 when it is neither unit."""
    unit = (text or "MILLISECOND").upper()
    if unit not in ("MICROSECOND", "MILLISECOND"):
        raise Rejection(-1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.")
    return unit == "MICROSECOND"


def in_microseconds(body: object) -> object:
    """The same body with every time in microseconds; a candle closes one microsecond before the next opens."""
    if isinstance(body, dict):
        return {
            name: value
            if name in _NOT_TIMES
            else _closing(value)
            if name == "T" and "x" in body
            else in_microseconds(value)
            for name, value in body.items()
        }
    if isinstance(body, (list, tuple)):
        rows = [in_microseconds(value) for value in body]
        if len(body) == _KLINE_COLUMNS and isinstance(body[0], int):
            rows[_KLINE_CLOSE] = _closing(body[_KLINE_CLOSE])
        return rows
    if isinstance(body, int) and _EARLIEST < body < _LATEST:
        return body * 1_000
    return body


def _closing(value: object) -> object:
    return (value + 1) * 1_000 - 1 if isinstance(value, int) and value % 1_000 == 999 else in_microseconds(value)
