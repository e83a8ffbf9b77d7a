"""The time ranges that futures history is asked for in."""

from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk
from tui.exchange.server.parameters import Parameters

DAY_MS = 24 * 3_600_000
_WEEK_MS = 7 * DAY_MS


def within(desk: Desk, parameters: Parameters, length_ms: int) -> tuple[int, int]:
    """First and last moment asked for; the last `length_ms` where no start is named. Rejection -1023."""
    start, end = parameters.whole("startTime"), parameters.whole("endTime")
    last = desk.now_ms() + 1_000 if end is None else end
    if start is not None and start > last:
        raise Rejection(-1023, "Start time is greater than end time.")
    return (last - length_ms if start is None else start), last


def within_week(desk: Desk, parameters: Parameters) -> tuple[int, int]:
    """First and last moment asked for: at most seven days, the last seven when none is named. -1023 or -4165."""
    start, end = parameters.whole("startTime"), parameters.whole("endTime")
    if start is not None and end is not None:
        if start > end:
            raise Rejection(-1023, "Start time is greater than end time.")
        if end - start > _WEEK_MS:
            raise Rejection(-4165, "Maximum time interval is 7 days")
    latest = desk.now_ms() + 1_000
    if start is None:
        last = end if end is not None else latest
        return last - _WEEK_MS, last
    return start, end if end is not None else min(latest, start + _WEEK_MS)
